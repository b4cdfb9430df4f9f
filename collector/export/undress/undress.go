// Package undress takes JSON out of the clothes that it may stand in: Python's objects as print writes them, server-sent events, answers of
// HTTP with their headers, and lines of a log that end in an object.
package undress

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
)

// maxDress is the longest thing before the JSON on a line that is taken off it.
const maxDress = 200

// Undress answers what head is, behind or in place of plain JSON, and a reader of the JSON: nil where head is nothing of the kind.
// Lines stay lines; offsets then count the bytes of what the reader gives.
func Undress(head []byte) (what string, reader func(io.Reader) io.Reader) {
	switch {
	case pythonStart.Match(head):
		return "Python objects as print writes them", func(r io.Reader) io.Reader { return newPythonReader(r) }
	case shellStart.Match(head):
		return "documents as MongoDB's shell shows them", func(r io.Reader) io.Reader { return newPythonReader(r) }
	case eventStart.Match(head):
		return "server-sent events", func(r io.Reader) io.Reader { return &lineReader{r: bufio.NewReader(r), strip: (&events{}).strip} }
	case httpStart.Match(head):
		return "an answer of HTTP with its headers", func(r io.Reader) io.Reader {
			return &lineReader{r: bufio.NewReader(r),
				strip: (&headers{}).strip}
		}
	case isLog(head):
		return "JSON behind other words on its lines", func(r io.Reader) io.Reader { return &lineReader{r: bufio.NewReader(r), strip: stripLog} }
	}
	return "", nil
}

var (
	shellStart = regexp.MustCompile(`^\[?\s*\{\s*(?:"\w+"|\w+)\s*:\s*(?:"[^"\n]{0,80}",\s*"?\w+"?\s*:\s*)?(?:new )?(?:ObjectId|NumberLong|NumberInt|ISODate|Timestamp)\(`)
	eventStart = regexp.MustCompile(`^(?::[^\n]*\n|(?:event|id|retry):[^\n]*\n)*(?:event: ?[\w.]+\r?\n|data: ?\{)`)
	eventName  = regexp.MustCompile(`^[\w.]*`)
	httpStart  = regexp.MustCompile(`^HTTP/[\d.]+ \d{3}`)
)

// isLog tells whether the lines of head end in a JSON object that begins in them, behind the same kind of words.
func isLog(head []byte) bool {
	for range 2 {
		line, rest, more := bytes.Cut(head, []byte("\n"))
		if stripped, _, _ := stripLog(line[:min(len(line), maxDress+2)]); stripped == 0 ||
			!bytes.HasSuffix(bytes.TrimRight(line, "\r "), []byte("}")) {
			return false
		}
		if head = bytes.TrimLeft(rest, "\r\n"); !more || len(head) == 0 {
			break
		}
	}
	return true
}

// stripLog finds where the object begins, which no quote and no tab may come before: that would be a table.
func stripLog(start []byte) (strip int, open, shut string) {
	i := bytes.Index(start, []byte(`{"`))
	if i <= 0 || bytes.HasPrefix(start[i:], []byte(`{""`)) || bytes.ContainsAny(start[:i], "\"\t{") {
		return 0, "", ""
	}
	return i, "", ""
}

// events takes the fields of server-sent events off, as Mastodon's streams send them. The event's name goes into the object, as it does
// in the messages of Mastodon's WebSockets.
type events struct{ name string }

func (e *events) strip(start []byte) (strip int, open, shut string) {
	field, value, ok := bytes.Cut(start, []byte(":"))
	if !ok || len(field) > 0 && field[0] == '{' {
		return 0, "", ""
	}
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(field) {
	case "event":
		e.name = string(eventName.Find(value))
		return len(start), "", ""
	case "data":
		if e.name == "" || e.name == "message" {
			return len(start) - len(value), "", ""
		}
		open = `{"event":"` + e.name + `","payload":`
		e.name = ""
		return len(start) - len(value), open, "}"
	case "", "id", "retry":
		return len(start), "", ""
	}
	return 0, "", ""
}

// headers takes off everything up to the blank line that ends the headers.
type headers struct{ past bool }

func (h *headers) strip(start []byte) (strip int, open, shut string) {
	if h.past = h.past && !httpStart.Match(start); h.past { // answers may follow one another
		return 0, "", ""
	}
	h.past = len(bytes.TrimRight(start, "\r")) == 0
	return len(start), "", ""
}

// lineReader takes something off the beginning of each line.
type lineReader struct {
	r     *bufio.Reader
	strip func(start []byte) (strip int, open, shut string) // of a line's first bytes; all of them: of the whole line
	shut  string                                            // to stand before the end of the present line
	in    bool                                              // inside a line
	drop  bool                                              // the rest of the line
	out   []byte
	err   error
}

func (l *lineReader) Read(b []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		l.more()
	}
	n := copy(b, l.out)
	l.out = l.out[n:]
	return n, nil
}

// more reads a line, or a piece of one.
func (l *lineReader) more() {
	piece, err := l.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		err = nil
	}
	l.err = err
	text := bytes.TrimSuffix(piece, []byte("\n"))
	ends := len(text) < len(piece)
	l.out = nil
	if !l.in {
		start := text[:min(len(text), maxDress)]
		n, open, shut := l.strip(start)
		l.out, l.shut, l.drop = append(l.out, open...), shut, n == len(start) && n > 0
		text = text[n:]
	}
	if l.in = !ends; l.drop {
		text = nil
	}
	l.out = append(l.out, text...)
	if ends || err != nil {
		l.out = append(bytes.TrimSuffix(l.out, []byte("\r")), l.shut...)
		l.shut = ""
	}
	if ends {
		l.out = append(l.out, '\n')
	}
}

package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// framer cuts a stream of JSON into values: one value, one a line, an array's elements, values one behind the other,
// indented or not, and all of these in one file.
//
// A value that is broken costs its line. Where values span lines it costs all up to the next line that begins with a
// brace as far in as the broken value did; inside an array on one line, up to the next element that begins with the same
// key as the one before.
type framer struct {
	w        *window
	member   string
	yield    func(Value) bool
	near     *neighbours
	inArray  bool   // between the brackets of a top-level array
	within   bool   // the array lies in an object: framing ends with it
	lines    bool   // the values seen so far were lines of their own
	seen     bool   // a first value has been framed
	col      int    // blanks and commas before the present place in its line, -1 when something else is there
	lineLen  int    // of the line that line returned, with its end
	firstKey []byte // of the last sound element, as {"key"
	extended bool   // the values are MongoDB's Extended JSON
	told     bool   // a broken value has been reported that went on to the end
	warn     func(string)
}

// run frames everything; false: yield wanted no more.
func (f *framer) run() bool {
	for {
		c, ok := f.skip()
		switch {
		case !ok:
			return f.finish()
		case f.inArray && c == ']':
			f.inArray = false
			f.w.take(1)
			f.col = -1
			if f.within {
				return true
			}
		case !f.inArray && c == '[':
			if !f.openArray() {
				return false
			}
		case c == '{' || f.inArray || c == '"' && f.atEncoded():
			if !f.value() {
				return false
			}
		default:
			if !f.garbage() {
				return false
			}
		}
	}
}

// skip consumes what may stand between values: white space, NULs, byte order marks, record separators, commas, and the
// semicolon that ends a JavaScript assignment.
func (f *framer) skip() (c byte, ok bool) {
	for {
		if _, ok := f.w.at(0); !ok {
			return 0, false
		}
		b := f.w.rest()
		n := 0
		for n < len(b) && between(b[n]) {
			n++
		}
		f.pass(b[:n])
		switch {
		case n == len(b):
			continue
		case b[n] != bom8[0]:
			return b[n], true
		}
		f.w.at(2)
		if !bytes.HasPrefix(f.w.rest(), bom8) {
			return bom8[0], true
		}
		f.w.take(3)
	}
}

// encoded is how an object begins that has been written into a string.
var encoded = []byte(`"{\"`)

func (f *framer) atEncoded() bool {
	f.w.at(len(encoded) - 1)
	return bytes.HasPrefix(f.w.rest(), encoded)
}

func between(c byte) bool {
	switch c {
	case '\n', ' ', '\t', '\r', 0, 0x1e, ',', ';':
		return true
	}
	return false
}

// pass consumes what stands between values and keeps account of the column.
func (f *framer) pass(b []byte) {
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		f.col = len(b) - i - 1
	} else if f.col >= 0 {
		f.col += len(b)
	}
	f.w.take(len(b))
}

var bom8 = []byte("\xef\xbb\xbf")

func (f *framer) openArray() bool {
	start := f.here()
	f.w.take(1)
	f.inArray, f.col = true, -1
	if c, ok := f.skip(); ok && c == ']' {
		start.Raw = []byte("[]")
		return f.yield(start)
	}
	return true
}

// here is an empty value at the present place.
func (f *framer) here() Value {
	return Value{Member: f.member, Line: f.w.line, Offset: f.w.offset, near: f.near, extended: f.extended}
}

// finish reports a stream that broke, or an array that was not closed.
func (f *framer) finish() bool {
	v := f.here()
	switch {
	case f.w.err != nil && f.w.err != io.EOF:
		v.Err = f.w.err
	case f.inArray && !f.told:
		v.Err = errors.New("the file ends inside an array: it was cut")
	default:
		return true
	}
	return f.yield(v)
}

// garbage consumes a line that begins no value.
func (f *framer) garbage() bool {
	v := f.here()
	n, _ := f.w.lineEnd(0)
	v.Err = fmt.Errorf("no JSON value begins with %q", excerpt(f.w.rest()[:n]))
	f.w.dropLine()
	f.col = 0
	return f.yield(v)
}

// excerpt is enough of a line to find it again, and too little to publish it.
func excerpt(b []byte) string { return string(bytes.TrimRight(b[:min(len(b), 24)], "\r\n")) }

// value frames the value that begins here.
func (f *framer) value() bool {
	if raw, ok := f.line(); ok {
		v := f.here()
		v.Raw, v.block = raw, f.w.hold()
		f.w.takeLine(f.lineLen)
		return f.yield(v)
	}
	s := scanner{w: f.w, pause: f.w.max / 4}
	n, err := s.value()
	for ; err == errLarge || err == errTooLarge; n, err = s.value() {
		if more, ok := f.list(err == errTooLarge); ok {
			return more
		}
		if s.pause = 0; err == errTooLarge {
			break
		}
	}
	if err != nil {
		return f.broken(err, s.i)
	}
	v := f.here()
	v.Raw, v.block = f.w.take(n), f.w.hold()
	f.col = -1
	f.learn(v.Raw)
	return f.yield(v)
}

// line is the short way for JSONL: a line that ends in a brace is taken for one value, and the decoder finds out.
func (f *framer) line() (raw []byte, ok bool) {
	if !f.lines || f.inArray {
		return nil, false
	}
	n, ok := f.w.lineEnd(0)
	b := f.w.rest()[:n]
	if !ok || b[n-1] != '\n' && f.w.err != io.EOF {
		return nil, false
	}
	for between(b[len(b)-1]) { // bytes.TrimRight makes a set of its cutset each time; the value's first byte stops this
		b = b[:len(b)-1]
	}
	f.lineLen = n
	return b[:len(b):len(b)], b[len(b)-1] == '}'
}

// learn remembers what sound values look like here.
func (f *framer) learn(raw []byte) {
	if f.inArray {
		if k := skipKey(raw); k > 0 {
			f.firstKey = append(f.firstKey[:0], raw[:k]...)
		}
	}
	if !f.seen {
		f.seen = true
		c, ok := f.w.at(0)
		f.lines = !f.inArray && bytes.IndexByte(raw, '\n') < 0 && (!ok || c == '\n' || c == '\r')
	}
}

// skipKey returns the length of {"key" at the start of a compact object, 0 if there is none.
func skipKey(raw []byte) int {
	if len(raw) < 4 || raw[0] != '{' || raw[1] != '"' {
		return 0
	}
	if i := bytes.IndexByte(raw[2:], '"'); i >= 0 {
		return i + 3
	}
	return 0
}

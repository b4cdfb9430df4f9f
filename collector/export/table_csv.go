package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxField is the longest quoted cell. A longer one is a quote that was never closed.
const maxField = 1 << 20

var errQuote = errors.New("a quote is opened and never closed")

// delimiters in the order in which ties are resolved.
var delimiters = []byte{',', '\t', ';', '|'}

// sniffDelimiter counts candidates outside quotes in the header record; 0 when there is none.
func sniffDelimiter(head []byte) byte {
	var n [256]int
	quoted := false
	for _, c := range head {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			if c == '\n' {
				break
			}
			n[c]++
		}
	}
	var best byte
	for _, d := range delimiters {
		if n[d] > n[best] || best == 0 && n[d] > 0 {
			best = d
		}
	}
	return best
}

// csvReader cuts a stream into records. It forgives what encoding/csv refuses: quotes inside unquoted cells, quotes
// inside quoted cells that nobody doubled, rows of any length. A quote that is never closed costs its record: reading
// goes on at the next line.
type csvReader struct {
	w       *window
	delim   byte
	width   int              // columns of the header, 0 while unknown
	need    int              // cells without which a row is cut, 0 while unknown
	escapes bool             // a backslash before a quote makes it a letter, as Spark and MySQL write it
	dump    bool             // quotes are letters, and backslashes stand for line ends and tabs, as PostgreSQL's COPY writes it
	charset *charmap.Charmap // of the cells that are not UTF-8
	guessed func(string)     // told of a charset that was guessed; may be nil
}

// next returns the cells and bytes of one record, io.EOF after the last. Blank lines are no records.
func (c *csvReader) next() (fields []string, raw []byte, err error) {
	fields, raw, err = c.record()
	if err == nil && !utf8.Valid(raw) {
		c.decode(fields, raw)
	}
	return fields, raw, err
}

func (c *csvReader) record() (fields []string, raw []byte, err error) {
	for {
		n, ok := c.w.lineEnd(0)
		if !ok {
			size := c.w.dropLine()
			return nil, nil, fmt.Errorf("the record is larger than %d MiB: %d bytes were passed over", maxValue>>20, size)
		}
		if n == 0 {
			return nil, nil, c.end()
		}
		line := c.w.rest()[:n]
		if body := trimEnd(line); len(body) == 0 {
			c.w.take(n)
			continue
		} else if c.dump || bytes.IndexByte(body, '"') < 0 {
			c.w.take(n)
			return c.split(body), line[:n:n], nil
		}
		return c.quoted(n)
	}
}

func (c *csvReader) end() error {
	if c.w.err != nil && c.w.err != io.EOF {
		err := c.w.err
		c.w.err = io.EOF
		return err
	}
	return io.EOF
}

func trimEnd(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// split cuts a line that holds no quotes, or whose quotes are letters.
func (c *csvReader) split(body []byte) []string {
	fields := strings.Split(string(body), string(rune(c.delim)))
	if c.dump {
		for i, f := range fields {
			if f != `\N` { // nothing, as blank knows
				fields[i] = dumped.Replace(f)
			}
		}
	}
	return fields
}

// dumped undoes the escapes of PostgreSQL's COPY.
var dumped = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t")

// quoted reads a record that has quotes and may have line ends inside them. line is the length of its first line.
func (c *csvReader) quoted(line int) (fields []string, raw []byte, err error) {
	fields, n, err := c.parse(line, c.escapes)
	if b := c.w.rest()[:max(n, line)]; c.width > 0 && bytes.Contains(b, []byte(`\"`)) {
		misfit := err != nil || len(fields) != c.width
		if misfit || !c.escapes && escapesQuote(b, c.delim) {
			other, m, e := c.parse(line, !c.escapes)
			if e == nil && len(other) == c.width && !slices.Equal(other, fields) {
				fields, n, err = other, m, nil
				c.escapes = true
			}
		}
	}
	if err == nil {
		return fields, c.w.take(n), nil
	}
	raw = c.w.take(line)
	if c.delim == '\t' {
		return c.split(trimEnd(raw)), raw, nil // tab-separated files often mean quotes as letters
	}
	return nil, raw, err
}

// parse cuts the record that begins here, and returns how long it is, or how far it was followed until it failed.
func (c *csvReader) parse(line int, escapes bool) (fields []string, n int, err error) {
	for {
		p := cellParser{b: c.w.rest(), delim: c.delim, escapes: escapes, eof: c.w.err != nil}
		fields, n, err := p.record()
		if err == nil && n == len(p.b) && n <= maxField && c.w.fill() {
			continue // what looked like the end may be the end of the buffer only
		}
		if errors.Is(err, errMore) && len(p.b) <= c.w.max && c.w.fill() {
			continue
		}
		if err != nil {
			return nil, min(p.i, len(p.b)), errQuote
		}
		if n > line && !c.fits(len(fields), p.b[line:n]) {
			return nil, n, errQuote
		}
		return fields, n, nil
	}
}

// fits tells whether a record over several lines has as many cells as the header, or one more, which some writers leave
// unnamed, or fewer where spreadsheets leave out empty ones at the end. If not, the lines were joined by a quote that was
// never closed; and so they were where one that follows the first is a row of its own.
func (c *csvReader) fits(n int, following []byte) bool {
	if c.width == 0 || n == c.width || n == c.width+1 {
		return true
	}
	if c.need == 0 || n < c.need || n > c.width {
		return false
	}
	for line := range bytes.Lines(following) {
		inside, _, _ := bytes.Cut(line, []byte{'"'})
		if bytes.Count(inside, []byte{c.delim})+1 >= c.need {
			return false
		}
	}
	return true
}

// escapesQuote tells whether a backslash in b can only be there to make a letter of the quote behind it: by the rules of CSV
// that quote would have to end its cell or be doubled.
func escapesQuote(b []byte, delim byte) bool {
	for i := 0; ; i += 2 {
		j := bytes.Index(b[i:], []byte(`\"`))
		if j < 0 || i+j+2 >= len(b) {
			return false
		}
		i += j
		if c := b[i+2]; c != '"' && c != delim && c != '\r' && c != '\n' {
			return true
		}
	}
}

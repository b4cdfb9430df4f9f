package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"stallwatch/collector"
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
	w     *window
	delim byte
	width int // columns of the header, 0 while unknown
}

// next returns the cells and bytes of one record, io.EOF after the last. Blank lines are no records.
func (c *csvReader) next() (fields []string, raw []byte, err error) {
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
		} else if bytes.IndexByte(body, '"') < 0 {
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
	return strings.Split(decodeCell(body), string(rune(c.delim)))
}

// quoted reads a record that has quotes and may have line ends inside them. line is the length of its first line.
func (c *csvReader) quoted(line int) (fields []string, raw []byte, err error) {
	for {
		p := cellParser{b: c.w.rest(), delim: c.delim, eof: c.w.err != nil}
		fields, n, err := p.record()
		if err == nil && n == len(p.b) && n <= maxField && c.w.fill() {
			continue // what looked like the end may be the end of the buffer only
		}
		if errors.Is(err, errMore) {
			if len(p.b) <= c.w.max && c.w.fill() {
				continue
			}
			err = errQuote
		}
		if err == nil && (n <= line || c.fits(len(fields))) {
			return fields, c.w.take(n), nil
		}
		if err == nil {
			err = errQuote
		}
		raw := c.w.take(line)
		if c.delim == '\t' {
			return c.split(trimEnd(raw)), raw, nil // tab-separated files often mean quotes as letters
		}
		return nil, raw, err
	}
}

// fits tells whether a record over several lines has as many cells as the header, or one more, which some writers leave
// unnamed. If not, the lines were joined by a quote that was never closed.
func (c *csvReader) fits(n int) bool { return c.width == 0 || n == c.width || n == c.width+1 }

var errMore = errors.New("the record goes on")

// cellParser reads one record from the start of b.
type cellParser struct {
	b     []byte
	delim byte
	eof   bool // nothing follows b
	i     int
}

func (p *cellParser) record() (fields []string, n int, err error) {
	for {
		cell, err := p.cell()
		if err != nil {
			return nil, 0, err
		}
		fields = append(fields, cell)
		if p.i >= len(p.b) {
			return fields, p.i, nil
		}
		c := p.b[p.i]
		p.i++
		if c == '\r' && p.i < len(p.b) {
			p.i++
		}
		if c != p.delim {
			return fields, p.i, nil
		}
	}
}

// atEnd tells whether a delimiter or a line end is at index i.
func (p *cellParser) atEnd(i int) bool {
	if i >= len(p.b) || p.b[i] == p.delim || p.b[i] == '\n' {
		return true
	}
	return p.b[i] == '\r' && (i+1 < len(p.b) && p.b[i+1] == '\n' || i+1 == len(p.b) && p.eof)
}

// cell reads up to a delimiter or a line end, which it leaves.
func (p *cellParser) cell() (string, error) {
	if p.i < len(p.b) && p.b[p.i] == '"' {
		return p.quotedCell()
	}
	start := p.i
	for !p.atEnd(p.i) {
		p.i++
	}
	return decodeCell(p.b[start:p.i]), nil
}

// quotedCell reads "…". A quote inside that is neither doubled nor the last is a letter, as long as the cell has stayed
// on its line; behind a line end it is the sign that the opening quote was never closed.
func (p *cellParser) quotedCell() (string, error) {
	p.i++
	start, lines, doubled := p.i, false, false
	for {
		rest := p.b[p.i:]
		q := bytes.IndexByte(rest, '"')
		if q < 0 && len(p.b)-start > maxField || p.i-start > maxField {
			return "", errQuote
		}
		if q < 0 {
			return "", errMore
		}
		lines = lines || bytes.IndexByte(rest[:q], '\n') >= 0
		p.i += q + 1
		switch {
		case p.i < len(p.b) && p.b[p.i] == '"':
			doubled = true
			p.i++
		case p.atEnd(p.i):
			cell := decodeCell(p.b[start : p.i-1])
			if doubled {
				cell = strings.ReplaceAll(cell, `""`, `"`)
			}
			return cell, nil
		case p.i+1 == len(p.b) && p.b[p.i] == '\r' && !p.eof:
			return "", errMore
		case lines:
			return "", errQuote
		}
	}
}

// decodeCell makes a string of a cell. A cell that is not UTF-8 is taken for Windows-1252, which western spreadsheets
// write: the bytes are letters there, never damage.
func decodeCell(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		if 0x80 <= c && c < 0xa0 {
			s.WriteRune(windows1252[c-0x80])
		} else {
			s.WriteRune(rune(c))
		}
	}
	return s.String()
}

// windows1252 are its letters from 0x80 to 0x9f; above that it is Latin-1.
var windows1252 = [32]rune{'€', '\uFFFD', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\uFFFD', 'Ž', '\uFFFD',
	'\uFFFD', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\uFFFD', 'ž', 'Ÿ'}

// tableFramer hands on the records of a table whose header it has read.
type tableFramer struct {
	csv    *csvReader
	member string
	yield  func(Value) bool
	table  *table
	first  *Value // a record that has been read already, because the table has no header
}

func (f *tableFramer) run() bool {
	if f.first != nil {
		f.first.table, f.first.Err = f.table, nil
		if !f.yield(*f.first) {
			return false
		}
	}
	for {
		v := Value{Member: f.member, Line: f.csv.w.line, Offset: f.csv.w.offset, table: f.table}
		fields, raw, err := f.csv.next()
		if err == io.EOF {
			return true
		}
		v.Fields, v.Raw, v.Err = fields, raw, err
		if err == nil && f.table.isHeader(fields) {
			v.skip = collector.SkipHeader
		}
		if !f.yield(v) {
			return false
		}
	}
}

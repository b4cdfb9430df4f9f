package export

import (
	"bytes"
	"errors"
	"strings"
)

var errMore = errors.New("the record goes on")

// cellParser reads one record from the start of b.
type cellParser struct {
	b       []byte
	delim   byte
	escapes bool // a backslash before a quote makes it a letter
	eof     bool // nothing follows b
	i       int
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
	return string(p.b[start:p.i]), nil
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
		case p.escapes && backslashes(p.b[start:p.i-1])%2 == 1:
		case p.i < len(p.b) && p.b[p.i] == '"':
			doubled = true
			p.i++
		case p.atEnd(p.i):
			cell := p.b[start : p.i-1]
			if p.escapes && bytes.IndexByte(cell, '\\') >= 0 {
				return unescapeQuotes(cell), nil
			}
			if doubled {
				return strings.ReplaceAll(string(cell), `""`, `"`), nil
			}
			return string(cell), nil
		case p.i+1 == len(p.b) && p.b[p.i] == '\r' && !p.eof:
			return "", errMore
		case lines:
			return "", errQuote
		}
	}
}

// backslashes counts those that b ends in.
func backslashes(b []byte) int { return len(b) - len(bytes.TrimRight(b, `\`)) }

// unescapeQuotes takes the backslashes off that are there for a quote. Any other is a letter.
func unescapeQuotes(cell []byte) string {
	var s strings.Builder
	for i := 0; i < len(cell); i++ {
		n := len(cell[i:]) - len(bytes.TrimLeft(cell[i:], `\`))
		if i += n; i == len(cell) || cell[i] == '"' {
			s.WriteString(strings.Repeat(`\`, n/2))
		} else {
			s.WriteString(strings.Repeat(`\`, n))
		}
		if i < len(cell) {
			s.WriteByte(cell[i])
			if n == 0 && cell[i] == '"' && i+1 < len(cell) && cell[i+1] == '"' {
				i++ // doubled
			}
		}
	}
	return s.String()
}

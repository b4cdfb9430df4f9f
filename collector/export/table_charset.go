package export

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decode makes text of the cells of raw that are not UTF-8. They are taken for Windows-1252, which
// western spreadsheets write, and from the first Cyrillic word on for Windows-1251.
func (c *csvReader) decode(fields []string, raw []byte) {
	if c.charset == nil {
		c.charset = charmap.Windows1252
	}
	if hasCyrillic(raw) {
		c.charset = charmap.Windows1251
	}
	for i, f := range fields {
		if utf8.ValidString(f) {
			continue
		}
		if isDamaged(f) {
			fields[i] = strings.ToValidUTF8(f, "\uFFFD")
			continue
		}
		fields[i] = text(c.charset, f)
		if c.guessed != nil {
			c.guessed(c.charset.String())
		}
	}
}

// decodeCell makes text of a cell that stands alone.
func decodeCell(b []byte) string {
	c := csvReader{}
	fields := []string{string(b)}
	if !utf8.Valid(b) {
		c.decode(fields, b)
	}
	return fields[0]
}

// isDamaged tells whether a cell is UTF-8 of which a byte was lost, as when a text is cut by its bytes: it has more
// characters of several bytes than bytes that belong to none.
func isDamaged(s string) bool {
	sound, lost := 0, 0
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			lost++
		case r >= utf8.RuneSelf:
			sound++
		}
	}
	return sound > lost
}

// hasCyrillic tells whether four letters of Windows-1251 that are not ASCII follow each other. In Windows-1252 such bytes are
// letters with accents, which stand alone or in pairs; every longer word of Russian is made of them.
func hasCyrillic(b []byte) bool {
	run := 0
	for _, c := range b {
		if c >= 0xc0 || bytes.IndexByte(cyrillicBelow, c) >= 0 {
			if run++; run == 4 {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// cyrillicBelow are the letters Ё Є Ї І і ё є ї, which stand apart from the others.
var cyrillicBelow = []byte{0xa8, 0xaa, 0xaf, 0xb2, 0xb3, 0xb8, 0xba, 0xbf}

// text reads bytes as letters, never as damage.
func text(c *charmap.Charmap, s string) string {
	var out strings.Builder
	for i := range len(s) {
		out.WriteRune(c.DecodeByte(s[i]))
	}
	return out.String()
}

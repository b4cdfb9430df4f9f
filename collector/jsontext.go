package collector

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text is the string that a sound JSON value is, escapes undone, and cleaned as by Clean; "" when it is no string. Half a
// surrogate pair becomes U+FFFD.
func Text(raw []byte) string {
	var t Texts
	return t.Text(raw)
}

// Texts makes strings as Text and ID do, and puts many into one piece of memory: whoever keeps one of them keeps its piece. It
// must not be copied once it has been used.
type Texts struct {
	Piece int // the least size of a piece
	b     strings.Builder
}

// Grow sees to it that n bytes fit into the piece at hand.
func (t *Texts) Grow(n int) {
	if t.b.Cap()-t.b.Len() < n {
		t.b = strings.Builder{} // the old one belongs to its strings
		t.b.Grow(max(n, t.Piece))
	}
}

// Text is the string that a sound JSON value is, as Text.
func (t *Texts) Text(raw []byte) string {
	if len(raw) < 3 || raw[0] != '"' {
		return ""
	}
	raw = raw[1 : len(raw)-1]
	t.Grow(len(raw)) // no escape stands for more bytes than it has
	start := t.b.Len()
	t.unescape(raw)
	return Clean(t.b.String()[start:])
}

// add is a string of bytes that need no cleaning.
func (t *Texts) add(b []byte) string {
	t.Grow(len(b))
	start := t.b.Len()
	t.b.Write(b)
	return t.b.String()[start:]
}

func (t *Texts) unescape(raw []byte) {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 >= len(raw) {
			t.b.Write(raw)
			return
		}
		t.b.Write(raw[:i])
		if c := raw[i+1]; c == 'u' {
			r, end := unicodeEscape(raw, i)
			t.b.WriteRune(r)
			raw = raw[end:]
			continue
		} else if named := namedEscapes[c]; named != 0 {
			t.b.WriteByte(named)
		} else {
			t.b.WriteByte(c)
		}
		raw = raw[i+2:]
	}
}

// ID is the identifier that a JSON value is, as ID.
func (t *Texts) ID(raw []byte) string {
	if len(raw) > 0 && raw[0] == '"' {
		return t.Text(raw)
	}
	for _, c := range raw {
		if c-'0' >= 10 {
			return ""
		}
	}
	return t.add(raw)
}

// Link is an identifier and the link that is prefix and identifier: one string, and a part of it.
func (t *Texts) Link(prefix string, v JSON) (link, id string) {
	t.Grow(len(prefix) + v.Len())
	start := t.b.Len()
	t.b.WriteString(prefix)
	id = v.ID(t)
	if link = t.b.String()[start:]; link[len(prefix):] != id { // it had to be cleaned
		link = prefix + id
	}
	return link, id
}

// namedEscapes is what stands behind a backslash for something else than itself.
var namedEscapes = [256]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unicodeEscape reads the \uXXXX at i, or the pair of them, and returns the index behind it.
func unicodeEscape(b []byte, i int) (rune, int) {
	if i+6 > len(b) {
		return utf8.RuneError, len(b)
	}
	r := hex4(b[i+2:])
	i += 6
	if utf16.IsSurrogate(r) {
		if i+6 <= len(b) && b[i] == '\\' && b[i+1] == 'u' {
			if pair := utf16.DecodeRune(r, hex4(b[i+2:])); pair != utf8.RuneError {
				return pair, i + 6
			}
		}
		return utf8.RuneError, i
	}
	return max(r, 0), i
}

// ID is an identifier out of a JSON value: a string as it stands, or the digits of an integer. A number with a fraction or
// an exponent has lost its last digits: "".
func ID(raw []byte) string {
	var t Texts
	return t.ID(raw)
}

package export

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Order finds UTF-16 by its mark, or by two ASCII letters or brackets it begins with. It answers 'l' or 'b', 0 for other text.
func utf16Order(b []byte) byte {
	ascii := func(c byte) bool { return ' ' <= c && c < 0x7f }
	switch {
	case len(b) < 4:
		return 0
	case b[0] == 0xff && b[1] == 0xfe, ascii(b[0]) && b[1] == 0 && ascii(b[2]) && b[3] == 0:
		return 'l'
	case b[0] == 0xfe && b[1] == 0xff, b[0] == 0 && ascii(b[1]) && b[2] == 0 && ascii(b[3]):
		return 'b'
	}
	return 0
}

// utf16Reader turns UTF-16 into UTF-8. Offsets then count the bytes of the result.
type utf16Reader struct {
	r   io.Reader
	big bool
	in  []byte // an odd byte or a high surrogate, left from the last read
	out []byte
	err error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.more()
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) more() {
	buf := make([]byte, 32<<10)
	n := copy(buf, u.in)
	m, err := u.r.Read(buf[n:])
	u.err = err
	buf = buf[:n+m]
	var out []byte
	i := 0
	for ; i+1 < len(buf); i += 2 {
		c := u.unit(buf[i:])
		if utf16.IsSurrogate(c) {
			if i+3 >= len(buf) && err == nil {
				break
			}
			if i+3 < len(buf) {
				if r := utf16.DecodeRune(c, u.unit(buf[i+2:])); r != utf8.RuneError {
					out = utf8.AppendRune(out, r)
					i += 2
					continue
				}
			}
			c = utf8.RuneError
		}
		out = utf8.AppendRune(out, c)
	}
	u.in, u.out = bytes.Clone(buf[i:]), out
	if u.err == io.EOF && len(u.in) > 0 {
		u.err = fmt.Errorf("UTF-16 text ends in half a character: %w", io.ErrUnexpectedEOF)
	}
}

func (u *utf16Reader) unit(b []byte) rune {
	if u.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

package export

import (
	"bytes"
	"errors"
	"fmt"
)

var (
	errCut      = errors.New("the value has no end: the file was cut, or a brace or a quote is missing")
	errTooLarge = fmt.Errorf("the value is larger than %d MiB", maxValue>>20)
	errNewline  = errors.New("a line ends inside a string: the value was cut")
)

// scanner finds the end of one JSON value in a window and checks the order of its tokens, so that a value cut at the
// end of its line is noticed there and does not swallow what follows. Numbers and literals are left to the decoder.
type scanner struct {
	w     *window
	i     int    // index in w.rest()
	stack []byte // '{' or '['
}

// What may come next.
type want uint8

const (
	wantValue want = iota
	wantValueOrEnd
	wantKey
	wantKeyOrEnd
	wantColon
	wantComma
)

// value returns the length of the value at the start of the window's rest.
func (s *scanner) value() (n int, err error) {
	next := wantValue
	for {
		c, err := s.token()
		if err != nil {
			return 0, err
		}
		if next, err = s.step(next, c); err != nil {
			return 0, err
		}
		if len(s.stack) == 0 {
			return s.i, nil
		}
	}
}

// token skips white space and returns the next byte, which it leaves unread.
func (s *scanner) token() (byte, error) {
	for {
		b := s.w.rest()
		for ; s.i < len(b); s.i++ {
			if c := b[s.i]; c > ' ' {
				return c, nil
			}
		}
		if s.i > s.w.max {
			return 0, errTooLarge
		}
		if !s.w.fill() {
			return 0, errCut
		}
	}
}

// step consumes the token that begins with c, if it may stand where next is wanted, and says what is wanted then.
func (s *scanner) step(next want, c byte) (want, error) {
	switch next {
	case wantColon:
		if c == ':' {
			s.i++
			return wantValue, nil
		}
	case wantComma:
		return s.afterValue(c)
	case wantKey, wantKeyOrEnd:
		if c == '"' {
			return wantColon, s.str()
		}
		if c == '}' && next == wantKeyOrEnd {
			return s.pop(), nil
		}
	case wantValue, wantValueOrEnd:
		return s.begin(next, c)
	}
	return 0, s.unexpected(c)
}

func (s *scanner) begin(next want, c byte) (want, error) {
	switch {
	case c == '{':
		s.push(c)
		return wantKeyOrEnd, nil
	case c == '[':
		s.push(c)
		return wantValueOrEnd, nil
	case c == '"':
		return wantComma, s.str()
	case c == ']' && next == wantValueOrEnd:
		return s.pop(), nil
	case c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		return wantComma, s.word()
	}
	return 0, s.unexpected(c)
}

func (s *scanner) afterValue(c byte) (want, error) {
	open := s.stack[len(s.stack)-1]
	switch {
	case c == ',' && open == '{':
		s.i++
		return wantKey, nil
	case c == ',':
		s.i++
		return wantValue, nil
	case c == '}' && open == '{', c == ']' && open == '[':
		return s.pop(), nil
	}
	return 0, s.unexpected(c)
}

func (s *scanner) push(c byte) {
	s.stack = append(s.stack, c)
	s.i++
}

func (s *scanner) pop() want {
	s.stack = s.stack[:len(s.stack)-1]
	s.i++
	return wantComma
}

func (s *scanner) unexpected(c byte) error {
	return fmt.Errorf("not well-formed JSON: unexpected %q at byte %d of the value", c, s.i)
}

// str consumes a string.
func (s *scanner) str() error {
	start := s.i
	s.i++
	for {
		b := s.w.rest()
		q := bytes.IndexByte(b[s.i:], '"')
		seg := b[s.i:]
		if q >= 0 {
			seg = seg[:q]
		}
		if bytes.IndexByte(seg, '\n') >= 0 {
			return errNewline
		}
		s.i += len(seg)
		if q >= 0 {
			s.i++
			back := s.i - 1
			for back > start+1 && b[back-1] == '\\' {
				back--
			}
			if (s.i-1-back)%2 == 0 {
				return nil
			}
			continue
		}
		if s.i > s.w.max {
			return errTooLarge
		}
		if !s.w.fill() {
			return errCut
		}
	}
}

// word consumes a number or a literal, without looking into it.
func (s *scanner) word() error {
	for {
		b := s.w.rest()
		for ; s.i < len(b); s.i++ {
			switch b[s.i] {
			case ',', '}', ']', ':', '"', '{', '[', ' ', '\n', '\r', '\t':
				return nil
			}
		}
		if s.i > s.w.max {
			return errTooLarge
		}
		if !s.w.fill() {
			return nil
		}
	}
}

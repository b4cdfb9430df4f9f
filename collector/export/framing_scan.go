package export

import (
	"errors"
	"fmt"
)

var (
	errCut      = errors.New("the value has no end: the file was cut, or a brace or a quote is missing")
	errTooLarge = fmt.Errorf("the value is larger than %d MiB", maxValue>>20)
	errLarge    = errors.New("the value is large") // not a fault: value may be called again
	errNewline  = errors.New("a line ends inside a string: the value was cut")
)

// maxNesting is deeper than any post, and keeps a file in which every line was cut behind a bracket from being read as
// one value from each of its lines on.
const maxNesting = 500

// scanner finds the end of one JSON value in a window and checks the order of its tokens, so that a value cut at the
// end of its line is noticed there and does not swallow what follows. Numbers and literals are left to the decoder.
type scanner struct {
	w     *window
	i     int    // index in w.rest(): everything before it is understood
	next  want   // what may come next, or what i stands inside of
	stack []byte // '{' or '[', the outermost first
	done  bool
	pause int // where to stop with errLarge, 0 for nowhere
}

// What may come next, or what is being read.
type want uint8

const (
	wantValue want = iota
	wantValueOrEnd
	wantKey
	wantKeyOrEnd
	wantColon
	wantComma
	inKey
	inString
	inWord
)

// value returns the length of the value at the start of the window's rest.
func (s *scanner) value() (n int, err error) {
	for {
		if err := s.run(s.w.rest()); err != nil {
			return 0, err
		}
		switch {
		case s.i > s.w.max:
			return 0, errTooLarge
		case s.done:
			return s.i, nil
		case s.pause > 0 && s.i > s.pause:
			return 0, errLarge
		case s.w.fill():
		case s.next == inWord && len(s.stack) == 0:
			return s.i, nil
		default:
			return 0, errCut
		}
	}
}

// run reads on in b until the value is done or b is at its end.
func (s *scanner) run(b []byte) error {
	for s.i < len(b) && !s.done {
		switch s.next {
		case inKey, inString:
			end, closed := stringEnd(b, s.i)
			if s.i = end; closed {
				s.i++
				s.closed()
			} else if end < len(b) && b[end] == '\n' {
				return errNewline
			} else {
				return nil // a backslash at the very end waits for what it escapes
			}
		case inWord:
			if s.i = wordEnd(b, s.i); s.i < len(b) {
				s.leave()
			}
		default:
			c := b[s.i]
			if c <= ' ' {
				s.i++
				continue
			}
			if !s.step(c) {
				return fmt.Errorf("not well-formed JSON: unexpected %q at byte %d of the value", c, s.i)
			}
			s.i++
		}
	}
	return nil
}

// stringEnd returns the index of the quote that ends a string, or of the line end, the last backslash or the end of b
// that comes before it.
func stringEnd(b []byte, i int) (end int, closed bool) {
	for i < len(b) {
		switch b[i] {
		case '"':
			return i, true
		case '\n':
			return i, false
		case '\\':
			if i+1 == len(b) {
				return i, false
			}
			i++
			if b[i] == '\n' {
				return i, false
			}
		}
		i++
	}
	return i, false
}

func wordEnd(b []byte, i int) int {
	for ; i < len(b); i++ {
		switch b[i] {
		case ',', '}', ']', ':', '"', '{', '[', ' ', '\n', '\r', '\t':
			return i
		}
	}
	return i
}

// closed is the end of a string.
func (s *scanner) closed() {
	if s.next == inKey {
		s.next = wantColon
		return
	}
	s.leave()
}

// leave is the end of a value inside another, or of the value itself.
func (s *scanner) leave() {
	s.next = wantComma
	s.done = len(s.stack) == 0
}

// step takes the first byte of a token, if that may stand here.
func (s *scanner) step(c byte) bool {
	switch s.next {
	case wantComma:
		return s.afterValue(c)
	case wantColon:
		s.next = wantValue
		return c == ':'
	case wantKey, wantKeyOrEnd:
		if c == '"' {
			s.next = inKey
			return true
		}
		return c == '}' && s.next == wantKeyOrEnd && s.pop()
	}
	switch {
	case c == '"':
		s.next = inString
	case (c == '{' || c == '[') && len(s.stack) == maxNesting:
		return false
	case c == '{':
		s.stack = append(s.stack, c)
		s.next = wantKeyOrEnd
	case c == '[':
		s.stack = append(s.stack, c)
		s.next = wantValueOrEnd
	case c == ']' && s.next == wantValueOrEnd:
		return s.pop()
	case c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		s.next = inWord
	default:
		return false
	}
	return true
}

func (s *scanner) afterValue(c byte) bool {
	open := s.stack[len(s.stack)-1]
	switch {
	case c == ',' && open == '{':
		s.next = wantKey
	case c == ',':
		s.next = wantValue
	case c == '}' && open == '{', c == ']' && open == '[':
		return s.pop()
	default:
		return false
	}
	return true
}

func (s *scanner) pop() bool {
	s.stack = s.stack[:len(s.stack)-1]
	s.leave()
	return true
}

package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// broken reports the value that begins here, which is understood up to at, and looks for the next one.
func (f *framer) broken(err error, at int) bool {
	v := f.here()
	v.Err = err
	if f.w.err != nil && f.w.err != io.EOF && errors.Is(err, errCut) {
		v.Err = fmt.Errorf("the last value is incomplete: %w", f.w.err)
		f.w.err = io.EOF // reported here, once
	} else {
		f.quote(&v)
	}
	v.mended = mend(f.w.rest()[:at])
	indent := max(f.col, 0)
	if f.inArray && f.firstKey != nil && f.resyncKey() {
		v.mended = nil
		return f.yield(v)
	}
	f.w.dropLine()
	for !f.told && !f.atValue(indent) {
		f.w.dropLine()
		_, ok := f.w.at(0)
		f.told = !ok
	}
	f.col = 0
	if !f.told { // what follows is framed by itself
		v.mended = nil
	}
	return f.yield(v)
}

// quote adds the beginning of the broken value, so that it can be set aside and looked at.
func (f *framer) quote(v *Value) {
	b := f.w.rest()
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i]
	}
	v.Raw = bytes.Clone(b[:min(len(b), 64<<10)])
}

// mend closes an object that the file ends in, or that goes wrong there, behind the last whole element of the outermost list
// that is cut: a page of which most is there. It is nil where there is no such list.
func mend(b []byte) []byte {
	stack := openBrackets(b)
	for n, s := range stack {
		if s.open != '[' || s.end == 0 {
			continue
		}
		out := bytes.Clone(b[:s.end])
		for _, s := range slices.Backward(stack[:n+1]) {
			out = append(out, s.open+2) // ] is two behind [, and } behind {
		}
		return out
	}
	return nil
}

// bracket is one that is open where some JSON ends.
type bracket struct {
	at   int
	open byte
	end  int // of the last whole object or list in it, 0 for none
}

// openBrackets are those that b, the beginning of a value, leaves open, the outermost first; none where the value is whole.
func openBrackets(b []byte) (stack []bracket) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end, closed := stringEnd(b, i+1)
			if i = end; !closed {
				i = len(b)
			}
		case '{', '[':
			stack = append(stack, bracket{at: i, open: b[i]})
		case '}', ']':
			if len(stack) <= 1 {
				return nil
			}
			stack = stack[:len(stack)-1]
			stack[len(stack)-1].end = i + 1
		}
	}
	return stack
}

// atValue tells whether the line that begins here begins a value as far in as the broken one began, or ends the array.
func (f *framer) atValue(indent int) bool {
	for i := 0; ; i++ {
		c, ok := f.w.at(i)
		switch {
		case !ok:
			return false
		case c == '{':
			return i == indent
		case c == '[':
			return i == indent && !f.inArray
		case c == ']' && f.inArray:
			return i < indent || i == 0
		case c != ' ' && c != '\t' && c != ',':
			return false
		}
	}
}

// resyncKey moves to the next ,{"key" on the line whose key is that of the last sound element; false: there is none.
func (f *framer) resyncKey() bool {
	end, _ := f.w.lineEnd(0)
	b := f.w.rest()[:end]
	for from := 1; ; {
		i := bytes.Index(b[from:], f.firstKey)
		if i < 0 {
			return false
		}
		i += from
		before := bytes.TrimRight(b[:i], " ")
		if bytes.HasSuffix(before, []byte(",")) && bytes.HasSuffix(bytes.TrimRight(before[:len(before)-1], " "), []byte("}")) {
			f.w.take(i)
			return true
		}
		from = i + 1
	}
}

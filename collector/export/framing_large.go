package export

import (
	"errors"
	"fmt"
	"regexp"
)

var (
	errRest     = errors.New("the file ends inside an object: it was cut")
	largeObject = fmt.Sprintf("an object is larger than %d MiB: the elements of the first list in it are read one by one, and nothing else of it", maxValue>>20)

	// saysMore is a string before the list, which may say something of its elements; a page's includes do, behind data.
	saysMore = regexp.MustCompile(`:\s*"|"data"\s*:\s*$`)
)

// list reads an object that is large, or too large to be read whole, but for one list of objects in it, element by element: no more of
// it is understood. ok is false, and nothing consumed, where there is no such list in what has been read of it, or where the object may
// be read whole and the list might need that.
func (f *framer) list(tooLarge bool) (more, ok bool) {
	b := f.w.rest()
	if f.inArray || b[0] != '{' {
		return true, false
	}
	begin, depth := openList(b)
	if begin < 0 {
		return true, false
	}
	if tooLarge {
		if f.warn != nil {
			f.warn(largeObject)
		}
	} else if begin > 1<<10 || saysMore.Match(b[:begin]) {
		return true, false
	}
	f.w.take(begin)
	inner := &framer{w: f.w, member: f.member, near: f.near, extended: f.extended, within: true, yield: f.yield}
	if !inner.openArray() || !inner.run() {
		return false, true
	}
	f.col, f.lines = -1, false
	if !inner.inArray && !f.leave(depth) {
		v := f.here()
		v.Err = errRest
		return f.yield(v), true
	}
	return true, true
}

// openList finds the outermost list of objects that b ends in. depth is how many brackets are open around it.
func openList(b []byte) (begin, depth int) {
	stack := openBrackets(b)
	for n, s := range stack {
		if s.open == '[' && n+1 < len(stack) && stack[n+1].open == '{' {
			return s.at, n
		}
	}
	return -1, 0
}

// leave consumes what is left of the depth brackets that are open here. false: the stream ends before they do.
func (f *framer) leave(depth int) bool {
	for quoted := false; depth > 0; {
		if _, ok := f.w.at(0); !ok {
			return false
		}
		b := f.w.rest()
		i := 0
		for ; i < len(b) && depth > 0; i++ {
			switch c := b[i]; {
			case c == '"':
				quoted = !quoted
			case quoted && c == '\\':
				i++
			case quoted:
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				depth--
			}
		}
		if i > len(b) { // what the backslash escapes is not read yet
			i -= 2
			if f.w.take(i); !f.w.fill() {
				f.w.take(1)
				return false
			}
			continue
		}
		f.w.take(i)
	}
	return true
}

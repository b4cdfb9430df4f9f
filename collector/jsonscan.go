package collector

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// Entry is one member of a JSON object: the key as written, without its quotes, and the bytes of the value.
type Entry struct{ Key, Value []byte }

// Object is the members of one JSON object in their order. It points into the bytes it was read from.
type Object []Entry

// Get returns the value of the first member of that name, nil when there is none.
func (o Object) Get(name string) []byte {
	for i := range o {
		if string(o[i].Key) == name {
			return o[i].Value
		}
	}
	return nil
}

// maxDepth is the deepest nesting that is read. Posts stay below 30.
const maxDepth = 500

// MaxMembers is as many members or elements as an object or array may have to be read: a map of a million posts by their id has so many.
// Fifty million, which fit into a value of 128 MiB, would take gigabytes.
const MaxMembers = 1 << 20

// ErrMany says that there are more.
var ErrMany = fmt.Errorf("an object or array of more than %d values", MaxMembers)

// ParseObject appends to o the members of the object that raw begins with and returns what follows it. Unlike Members
// it checks everything, as strictly as encoding/json does, in one pass: whoever reads its values need not check again. The
// error is ErrJSON for anything that is no sound object, or ErrMany. x, which may be nil, becomes the index of a sound one.
func ParseObject(raw []byte, o Object, x *Index) (obj Object, rest []byte, err error) {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return o, raw, ErrJSON
	}
	s := checker{b: raw}
	if x != nil && len(raw) <= math.MaxUint32 {
		s.tokens, s.made = append(x.tokens[:0], token{start: uint32(i)}), 1
		s.tokens = s.tokens[:cap(s.tokens)]
	}
	end := s.object(i, 0, &o)
	switch {
	case s.many:
		return o, raw, ErrMany
	case end < 0:
		return o, raw, ErrJSON
	case x != nil:
		s.close(0, end, false)
		x.b, x.tokens = raw[:end], s.tokens[:s.made]
	}
	return o, raw[end:], nil
}

// Valid tells whether raw is one sound JSON value with nothing but white space around it, of which no part is ErrMany.
func Valid(raw []byte) bool {
	s := checker{b: raw}
	end, _ := s.value(skipSpace(raw, 0), 0)
	return end >= 0 && skipSpace(raw, end) == len(raw)
}

// checker walks over JSON and checks it. Every method takes the index of what it reads and returns the index behind it,
// -1 when it is not sound.
type checker struct {
	b      []byte
	tokens []token // of an Index in the making, and room for more; none when no index is wanted
	made   int     // so many
	many   bool    // an object or array has more than MaxMembers
}

// open adds a token, if an index is made, and returns its number.
func (s *checker) open(key, keyEnd, start int) int {
	n := s.made
	if n == len(s.tokens) {
		if !s.grow() {
			return n
		}
	}
	t := &s.tokens[n]
	t.key, t.keyEnd, t.start = uint32(key), uint32(keyEnd), uint32(start)
	s.made++
	return n
}

// close completes token n, of a value that ends before i.
func (s *checker) close(n, i int, plain bool) {
	if n < len(s.tokens) {
		t := &s.tokens[n]
		t.end, t.next, t.plain = uint32(i), uint32(s.made), plain
	}
}

// grow makes room for more tokens; false: no index is made, or none any more.
func (s *checker) grow() bool {
	if s.made == 0 {
		return false
	}
	if s.made >= maxTokens {
		s.tokens, s.made = nil, 0
		return false
	}
	s.tokens = slices.Grow(s.tokens, s.made)
	s.tokens = s.tokens[:cap(s.tokens)]
	return true
}

// tooMany reports whether there are more than MaxMembers, of which n have been read.
func (s *checker) tooMany(n int) bool {
	s.many = s.many || n >= MaxMembers
	return s.many
}

// value passes over a value. plain says that it is a string without escapes and of ASCII only.
func (s *checker) value(i, depth int) (end int, plain bool) {
	if i >= len(s.b) || depth > maxDepth {
		return -1, false
	}
	if s.b[i] == '"' {
		return s.text(i)
	}
	return s.other(i, depth), false
}

// other passes over a value that is no string.
func (s *checker) other(i, depth int) int {
	switch s.b[i] {
	case '{':
		return s.object(i, depth, nil)
	case '[':
		return s.array(i, depth)
	case 't':
		return s.word(i, "true")
	case 'f':
		return s.word(i, "false")
	case 'n':
		return s.word(i, "null")
	default:
		return s.number(i)
	}
}

func (s *checker) object(i, depth int, into *Object) int {
	b := s.b
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for n := 0; ; n++ {
		if i >= len(b) || b[i] != '"' || s.tooMany(n) {
			return -1
		}
		k := i + 1
		if i, _ = s.text(i); i < 0 {
			return -1
		}
		end := i - 1
		if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
			return -1
		}
		v := skipSpace(b, i+1)
		t := s.open(k, end, v)
		var plain bool
		if i, plain = s.value(v, depth+1); i < 0 {
			return -1
		}
		s.close(t, i, plain)
		if into != nil {
			*into = append(*into, Entry{b[k:end], b[v:i:i]})
		}
		if i = skipSpace(b, i); i >= len(b) {
			return -1
		}
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1
		}
	}
}

func (s *checker) array(i, depth int) int {
	b := s.b
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for n := 0; ; n++ {
		if s.tooMany(n) {
			return -1
		}
		t := s.open(0, 0, i)
		var plain bool
		if i, plain = s.value(i, depth+1); i < 0 {
			return -1
		}
		s.close(t, i, plain)
		if i = skipSpace(b, i); i >= len(b) {
			return -1
		}
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1
		}
	}
}

func (s *checker) word(i int, w string) int {
	if end := i + len(w); end <= len(s.b) && string(s.b[i:end]) == w {
		return end
	}
	return -1
}

func (s *checker) number(i int) int {
	b := s.b
	if i < len(b) && b[i] == '-' {
		i++
	}
	start := i
	for i < len(b) && b[i]-'0' < 10 {
		i++
	}
	if i == start || b[start] == '0' && i > start+1 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		start = i + 1
		for i++; i < len(b) && b[i]-'0' < 10; i++ {
		}
		if i == start {
			return -1
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		for start = i; i < len(b) && b[i]-'0' < 10; i++ {
		}
		if i == start {
			return -1
		}
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// text passes over a string, eight bytes at a time: it stops at the first that is a quote, a backslash or a control
// character. (x-ones)&^x has the high bit of every zero byte set, and of no byte before the first zero.
func (s *checker) text(i int) (end int, plain bool) {
	b := s.b
	i++
	plain = true
	var seen uint64 // all bytes in one
	for {
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			q := x ^ (ones * '"')
			e := x ^ (ones * '\\')
			stop := ((q-ones)&^q | (e-ones)&^e | (x-ones*0x20)&^x) & highs
			if stop != 0 {
				seen |= x & (stop ^ (stop - 1))
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			seen |= x
			i += 8
		}
		if i >= len(b) {
			return -1, false
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, plain && seen&highs == 0
		case c == '\\':
			plain = false
			if i = s.escape(i); i < 0 {
				return -1, false
			}
		case c < 0x20:
			return -1, false
		default:
			seen |= uint64(c)
			i++
		}
	}
}

func (s *checker) escape(i int) int {
	if i+1 >= len(s.b) {
		return -1
	}
	switch s.b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 <= len(s.b) && hex4(s.b[i+2:]) >= 0 {
			return i + 6
		}
	}
	return -1
}

// hex4 is the value of four hexadecimal digits, -1 when they are none.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c-'0' < 10:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}

// Time is the time that a JSON string holds in the form of RFC 3339, in UTC.
func Time(raw []byte) (t time.Time, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return t, false
	}
	if t.UnmarshalText(raw[1:len(raw)-1]) == nil { // needs no string
		return t.UTC(), true
	}
	t, err := time.Parse(time.RFC3339, Text(raw))
	return t.UTC(), err == nil
}

// Count is a number out of a JSON value, as Number reads it.
func Count(raw []byte) Number {
	if len(raw) > 1 && raw[0] == '"' {
		raw = raw[1 : len(raw)-1]
	}
	if len(raw) == 0 || raw[0] > '9' { // null, true, …
		return Number{}
	}
	if len(raw) < 19 {
		var n int64
		for i, c := range raw {
			if c-'0' >= 10 {
				break
			}
			if n = n*10 + int64(c-'0'); i == len(raw)-1 {
				return Number{n, true}
			}
		}
	}
	return ParseNumber(string(raw))
}

// IsNull tells whether a JSON value is missing or null.
func IsNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

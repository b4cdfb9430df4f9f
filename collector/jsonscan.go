package collector

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
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
		s.spans = append(x.spans[:0], span{})
	}
	end := s.object(i, 0, &o)
	if s.many {
		return o, raw, ErrMany
	}
	if end < 0 {
		return o, raw, ErrJSON
	}
	if len(s.spans) > 0 {
		s.spans[0] = span{uint32(end), uint32(len(s.spans))}
	}
	if x != nil {
		x.b, x.spans = raw[:end], s.spans
	}
	return o, raw[end:], nil
}

// Index knows where the objects and arrays inside an object end, so that a Reader need not look for it.
type Index struct {
	b     []byte
	spans []span // of the object and of the objects and arrays inside, in the order in which they begin
}

// span is where an object or array ends, and the number of the first that begins behind it.
type span struct{ end, next uint32 }

// maxSpans is as many as are kept, a megabyte of them: a page of 500 posts has some 30,000. What begins later is looked
// through like a value without an index.
const maxSpans = 1 << 17

// Read begins to read the object.
func (x *Index) Read() *Reader { return &Reader{b: x.b, spans: x.spans} }

// Valid tells whether raw is one sound JSON value with nothing but white space around it, of which no part is ErrMany.
func Valid(raw []byte) bool {
	s := checker{b: raw}
	end := s.value(skipSpace(raw, 0), 0)
	return end >= 0 && skipSpace(raw, end) == len(raw)
}

// checker walks over JSON and checks it. Every method takes the index of what it reads and returns the index behind it,
// -1 when it is not sound.
type checker struct {
	b     []byte
	spans []span // an Index in the making; nil when none is wanted
	many  bool   // an object or array has more than MaxMembers
}

// tooMany reports whether there are more than MaxMembers, of which n have been read.
func (s *checker) tooMany(n int) bool {
	s.many = s.many || n >= MaxMembers
	return s.many
}

func (s *checker) value(i, depth int) int {
	if i >= len(s.b) || depth > maxDepth {
		return -1
	}
	switch c := s.b[i]; c {
	case '"':
		return s.text(i)
	case '{', '[':
		n := len(s.spans)
		if n > 0 && n < maxSpans {
			s.spans = append(s.spans, span{})
		}
		if c == '{' {
			i = s.object(i, depth, nil)
		} else {
			i = s.array(i, depth)
		}
		if n < len(s.spans) { // it has been kept
			s.spans[n] = span{uint32(i), uint32(len(s.spans))}
		}
		return i
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
		if i = s.text(i); i < 0 {
			return -1
		}
		key := b[k : i-1]
		if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
			return -1
		}
		v := skipSpace(b, i+1)
		if depth < maxDepth && v < len(b) && b[v] == '"' { // most are strings
			i = s.text(v)
		} else {
			i = s.value(v, depth+1)
		}
		if i < 0 {
			return -1
		}
		if into != nil {
			*into = append(*into, Entry{key, b[v:i:i]})
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
		if i = s.value(i, depth+1); i < 0 {
			return -1
		}
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
func (s *checker) text(i int) int {
	b := s.b
	i++
	for {
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			q := x ^ (ones * '"')
			e := x ^ (ones * '\\')
			stop := ((q-ones)&^q | (e-ones)&^e | (x-ones*0x20)&^x) & highs
			if stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			return -1
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			if i = s.escape(i); i < 0 {
				return -1
			}
		case c < 0x20:
			return -1
		default:
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

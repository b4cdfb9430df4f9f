package collector

import (
	"bytes"
	"encoding/binary"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"time"

	"github.com/goccy/go-json"
)

// ErrJSON is wrapped by every error of Members and Elements: the bytes are not well-formed JSON.
var ErrJSON = errors.New("not well-formed JSON")

// Members calls f with every top-level key of the object that raw begins with and the bytes of its value, until f
// returns false, and returns what follows the object. The key is as written, without its quotes. It scans at memory
// speed and checks brackets and commas only: whether a value is sound is found out by whoever decodes it.
func Members(raw []byte, f func(key, value []byte) bool) (rest []byte, err error) {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return raw, fmt.Errorf("%w: no object at byte %d", ErrJSON, i)
	}
	i = skipSpace(raw, i+1)
	if i < len(raw) && raw[i] == '}' {
		return raw[i+1:], nil
	}
	for {
		if i >= len(raw) || raw[i] != '"' {
			return nil, fmt.Errorf("%w: no key at byte %d", ErrJSON, i)
		}
		k := skipString(raw, i)
		if k < 0 {
			return nil, fmt.Errorf("%w: the key at byte %d has no end", ErrJSON, i)
		}
		key := raw[i+1 : k-1]
		i = skipSpace(raw, k)
		if i >= len(raw) || raw[i] != ':' {
			return nil, fmt.Errorf("%w: no colon at byte %d", ErrJSON, i)
		}
		v := skipSpace(raw, i+1)
		end := skipValue(raw, v)
		if end < 0 {
			return nil, fmt.Errorf("%w: the value at byte %d has no end", ErrJSON, v)
		}
		if !f(key, raw[v:end]) {
			return nil, nil
		}
		i = skipSpace(raw, end)
		if i >= len(raw) || raw[i] != ',' && raw[i] != '}' {
			return nil, fmt.Errorf("%w: no comma or closing brace at byte %d", ErrJSON, i)
		}
		if raw[i] == '}' {
			return raw[i+1:], nil
		}
		i = skipSpace(raw, i+1)
	}
}

// Elements calls f with the bytes of every element of the array that raw begins with, until f returns false, and
// returns what follows the array. It checks as little as Members does.
func Elements(raw []byte, f func(element []byte) bool) (rest []byte, err error) {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		return raw, fmt.Errorf("%w: no array at byte %d", ErrJSON, i)
	}
	i = skipSpace(raw, i+1)
	if i < len(raw) && raw[i] == ']' {
		return raw[i+1:], nil
	}
	for {
		end := skipValue(raw, i)
		if end < 0 {
			return nil, fmt.Errorf("%w: the element at byte %d has no end", ErrJSON, i)
		}
		if !f(raw[i:end]) {
			return nil, nil
		}
		i = skipSpace(raw, end)
		if i >= len(raw) || raw[i] != ',' && raw[i] != ']' {
			return nil, fmt.Errorf("%w: no comma or closing bracket at byte %d", ErrJSON, i)
		}
		if raw[i] == ']' {
			return raw[i+1:], nil
		}
		i = skipSpace(raw, i+1)
	}
}

// Member returns the bytes of one top-level member of an object, nil when there is none.
func Member(raw []byte, name string) (value []byte) {
	Members(raw, func(k, v []byte) bool {
		if string(k) == name {
			value = v
		}
		return value == nil
	})
	return value
}

// Unmarshal decodes one JSON value. Where a member does not fit its field (a number where a string was, after the
// source changed), that field alone stays empty and the rest is kept: X alone has moved or retyped members four times
// in two years, and a lost count is better than a lost post. Malformed JSON is an error.
func Unmarshal[T any](raw []byte, v *T) error {
	if json.Unmarshal(raw, v) == nil {
		return nil
	}
	var fresh T
	err := stdjson.Unmarshal(raw, &fresh)
	*v = fresh
	var misfit *stdjson.UnmarshalTypeError
	if errors.As(err, &misfit) {
		return nil
	}
	return err
}

// spaces has the bit of every byte that is white space.
const spaces = 1<<' ' | 1<<'\n' | 1<<'\r' | 1<<'\t'

func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && spaces>>b[i]&1 != 0 {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i, -1 when it does not end.
func skipString(b []byte, i int) int {
	i++
	for {
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			q, e := x^(ones*'"'), x^(ones*'\\')
			if stop := ((q-ones)&^q | (e-ones)&^e) & highs; stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			return -1
		}
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
		i++
	}
}

// skipValue returns the index after the value that begins at i, -1 when it does not end.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	start := i
	for i < len(b) {
		switch b[i] {
		case ',', ']', '}', ' ', '\n', '\r', '\t', ':', '"', '{', '[':
			if i == start {
				return -1
			}
			return i
		}
		i++
	}
	return i
}

// skipNested returns the index after the object or array that begins at i, -1 when it does not end.
func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch nests[b[i]] {
		case 0:
			i++
		case quotes:
			if i = skipString(b, i); i < 0 {
				return -1
			}
		case opens:
			depth++
			i++
		default:
			i++
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

const (
	quotes = iota + 1
	opens
	closes
)

// nests is what a byte means to skipNested.
var nests = [256]uint8{'"': quotes, '{': opens, '[': opens, '}': closes, ']': closes}

// Number is a count as sources write it: 3, "3", 3.0, null. Whatever is no number leaves it unset rather than 0.
type Number struct {
	n   int64
	set bool
}

// UnmarshalJSON reads the number; it never fails.
func (n *Number) UnmarshalJSON(b []byte) error {
	*n = ParseNumber(string(bytes.Trim(b, `"`)))
	return nil
}

// ParseNumber reads a count out of text, unset when it is none.
func ParseNumber(s string) Number {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Number{i, true}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return Number{int64(f), true}
	}
	return Number{}
}

// Set sets *p to the number, at the place that is kept for it, or leaves it when the number is unset.
func (n Number) Set(p **int64, at *int64) {
	if n.set {
		*at = n.n
		*p = at
	}
}

// Ptr is the number as Counts hold it: nil when it is unset.
func (n Number) Ptr() *int64 {
	if !n.set {
		return nil
	}
	return &n.n
}

// Time is the moment that is the number of seconds after 1970, zero where the number is unset or not above 0.
func (n Number) Time() time.Time {
	if n.n <= 0 {
		return time.Time{}
	}
	return time.Unix(n.n, 0).UTC()
}

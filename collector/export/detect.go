package export

import (
	"fmt"
	"sync"

	"stallwatch/collector"
)

// decodeJSON decodes one framed value, which may be several behind one another on a line, or an array of values.
func (f *File) decodeJSON(raw []byte, near *neighbours) Result {
	var res Result
	for {
		one, rest := f.decodeOne(raw, near, 0)
		if res.Format == "" {
			res = one
		} else {
			res.join(one)
		}
		if raw = trimJSON(rest); len(raw) == 0 {
			return res
		}
	}
}

func trimJSON(b []byte) []byte {
	for len(b) > 0 && (b[0] <= ' ' || b[0] == ',' || b[0] == ';') {
		b = b[1:]
	}
	return b
}

// maxRoom is as many members as a room is kept for: a post has up to a hundred.
const maxRoom = 1 << 12

// room is what one value is decoded in, to be used again: no decoder keeps it.
type room struct {
	members collector.Object
	index   collector.Index
	texts   collector.Texts
	value   jsonValue
}

var rooms = sync.Pool{New: func() any { return &room{texts: collector.Texts{Piece: 4 << 10}} }}

func (r *room) leave() {
	r.value = jsonValue{}
	if cap(r.members) > maxRoom {
		r.members = nil
	}
	rooms.Put(r)
}

// decodeOne decodes the value that raw begins with and returns what follows it.
func (f *File) decodeOne(raw []byte, near *neighbours, depth int) (Result, []byte) {
	switch {
	case len(raw) > 0 && raw[0] == '[' && depth < maxNested:
		return f.decodeArray(raw, near, depth)
	case isEncoded(raw) && depth < maxNested:
		res, _ := f.decodeOne([]byte(collector.Text(raw)), near, depth+1)
		return res, nil
	case len(raw) == 0 || raw[0] != '{':
		return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}, nil
	}
	at := rooms.Get().(*room)
	defer at.leave()
	v := &at.value
	obj, rest, err := collector.ParseObject(raw, at.members[:0], &at.index)
	if err == nil {
		v.obj = obj
	} else {
		many := err == collector.ErrMany
		obj = obj[:0]
		if rest, err = collector.Members(raw, func(key, value []byte) bool {
			obj = append(obj, collector.Entry{Key: key, Value: value})
			return true
		}); err != nil {
			return Result{"json broken", failed(err)}, nil
		}
		if many {
			return Result{"json unknown", failed(collector.ErrMany)}, rest
		}
	}
	at.members = obj
	v.raw, v.room, v.near, v.file = raw[:len(raw)-len(rest)], at, near, f
	return f.decodeObject(v, obj, depth), rest
}

// decodeObject decodes an object by the first format that makes something of it. What no format does may be a post of no
// known form, or hold posts; where that gives nothing either, what the first format said stands. What lies in a broken post
// is not that post.
func (f *File) decodeObject(v *jsonValue, o collector.Object, depth int) Result {
	k := bits(o)
	if k.all(kIndex | kSource) {
		return f.decodeElastic(v.raw, depth)
	}
	named := f.decodeNamed(v, o, k)
	if named.settled() {
		return named
	}
	if isTyped(o) {
		if plain := plainJSON(v.raw); !fits(plain, isTyped) {
			res, _ := f.decodeOne(plain, v.near, depth)
			return res
		}
	}
	if len(named.Failures) > 0 {
		depth = maxNested
	}
	res := f.decodeUnnamed(v, o, depth)
	if named.Format != "" && !res.settled() {
		return named
	}
	return res
}

// decodeNamed decodes an object of a known form. Where no format makes something of it the answer is that of the first, and
// has no Format where there is none.
func (f *File) decodeNamed(v *jsonValue, o collector.Object, k keys) (first Result) {
	for _, formats := range [...][]jsonFormat{jsonFormats, networks} {
		for i := range formats {
			d := &formats[i]
			if !d.is(k) || d.fits != nil && !d.fits(o) {
				continue
			}
			res := f.with(d, v)
			if res.settled() {
				return res
			}
			if first.Format == "" {
				first = res
			}
		}
	}
	return first
}

func (f *File) with(d *jsonFormat, v *jsonValue) Result {
	v.format = d.name
	b, err := d.decode(v)
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Err: err})
	}
	return Result{v.format, b}
}

// maxNested is how deep values inside others are looked into.
const maxNested = 10

func (f *File) decodeArray(raw []byte, near *neighbours, depth int) (Result, []byte) {
	res := Result{Format: "json array"}
	n := 0
	rest, err := collector.Elements(raw, func(el []byte) bool {
		one, tail := f.decodeOne(el, near, depth+1)
		if len(tail) > 0 {
			one.Failures = append(one.Failures, collector.Failure{Err: fmt.Errorf("%w: bytes after element %d", collector.ErrJSON, n)})
		}
		if n == 0 {
			res.Format = one.Format
		}
		res.join(one)
		n++
		return true
	})
	if err != nil {
		res.Failures = append(res.Failures, collector.Failure{Index: n, Err: err})
	} else if n == 0 {
		res = Result{"json empty", collector.Skipped(collector.SkipEmptyPage)}
	}
	return res, rest
}

package collector

import "iter"

// Index is an object that has been checked, with the place of everything in it, so that whoever reads it looks at no byte that
// he does not ask for. It is to be used again: what was read with it is then gone.
type Index struct {
	b      []byte
	tokens []token // none: there would be more than maxTokens
}

// token is one value: where its key begins and ends, without the quotes, if it has one, where it begins and ends itself, and
// the number of the first token behind all that is inside it.
type token struct {
	key, keyEnd uint32
	start, end  uint32
	next        uint32
	plain       bool // a string without escapes and of ASCII only
}

// maxTokens is as many as are kept, 6 MB of them: a page of 500 posts has some 50,000.
const maxTokens = 1 << 18

// Value is the object itself; ok is false when it has too many values for an index.
func (x *Index) Value() (v JSON, ok bool) {
	if len(x.tokens) == 0 {
		return JSON{}, false
	}
	return JSON{x, 0}, true
}

// Bytes are those of the object.
func (x *Index) Bytes() []byte { return x.b }

// JSON is a value inside an object that has been checked. The zero value is one that is missing.
type JSON struct {
	x *Index
	n uint32 // of its token
}

func (v JSON) token() *token { return &v.x.tokens[v.n] }

// Raw is the value as it stands in the object, nil when it is missing.
func (v JSON) Raw() []byte {
	if v.x == nil {
		return nil
	}
	t := v.token()
	return v.x.b[t.start:t.end:t.end]
}

// Len is how many bytes the value has.
func (v JSON) Len() int {
	if v.x == nil {
		return 0
	}
	t := v.token()
	return int(t.end - t.start)
}

// is tells whether the value begins with a byte.
func (v JSON) is(c byte) bool { return v.x != nil && v.x.b[v.token().start] == c }

// IsSet tells a value from one that is missing.
func (v JSON) IsSet() bool { return v.x != nil }

// IsNull tells whether a value is missing or null.
func (v JSON) IsNull() bool { return IsNull(v.Raw()) }

// IsObject tells an object from other values.
func (v JSON) IsObject() bool { return v.is('{') }

// IsArray tells an array from other values.
func (v JSON) IsArray() bool { return v.is('[') }

// IsText tells a string from other values.
func (v JSON) IsText() bool { return v.is('"') }

// Members are the keys, as they stand there, and values of an object; none of another value.
func (v JSON) Members() iter.Seq2[[]byte, JSON] {
	return func(yield func(key []byte, value JSON) bool) {
		if !v.is('{') {
			return
		}
		for i, end := v.n+1, v.token().next; i < end; {
			t := &v.x.tokens[i]
			if !yield(v.x.b[t.key:t.keyEnd], JSON{v.x, i}) {
				return
			}
			i = t.next
		}
	}
}

// Elements are those of an array; none of another value.
func (v JSON) Elements() iter.Seq[JSON] {
	return func(yield func(JSON) bool) {
		if !v.is('[') {
			return
		}
		for i, end := v.n+1, v.token().next; i < end; i = v.x.tokens[i].next {
			if !yield(JSON{v.x, i}) {
				return
			}
		}
	}
}

// Count is how many elements an array has.
func (v JSON) Count() (n int) {
	for range v.Elements() {
		n++
	}
	return n
}

// Get is the first member of that name, missing when there is none.
func (v JSON) Get(name string) JSON {
	for key, value := range v.Members() {
		if string(key) == name {
			return value
		}
	}
	return JSON{}
}

// Text is the string that the value is, as Text.
func (v JSON) Text(texts *Texts) string {
	if v.x == nil {
		return ""
	}
	if v.token().plain {
		return texts.add(v.Raw()[1 : v.Len()-1])
	}
	return texts.Text(v.Raw())
}

// ID is the identifier that the value is, as ID.
func (v JSON) ID(texts *Texts) string {
	if v.IsText() {
		return v.Text(texts)
	}
	return texts.ID(v.Raw())
}

// Number is the count that the value is, as Count.
func (v JSON) Number() Number { return Count(v.Raw()) }

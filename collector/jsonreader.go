package collector

// Reader reads sound JSON once from front to back: what nobody asks for is passed over, nothing is looked at twice. Make one
// only of bytes that ParseObject or Valid has found sound. On other bytes it ends early, and never panics. A copy reads on
// from where it was made.
type Reader struct {
	b     []byte
	i     int
	spans []span // of the objects and arrays in b, as far as they are known
	n     int    // the number of the one that begins next
}

// Read begins to read a value.
func Read(raw []byte) *Reader { return &Reader{b: raw} }

// Object calls f with every key of the object that comes next. f reads the value with a method of r, or leaves it. A value
// that is no object is passed over.
func (r *Reader) Object(f func(key []byte)) {
	if !r.enter('{') {
		return
	}
	for r.i < len(r.b) && r.b[r.i] == '"' {
		k := r.i + 1
		end := skipString(r.b, r.i)
		if end < 0 {
			r.i = len(r.b)
			return
		}
		r.i = skipSpace(r.b, end)
		if r.i >= len(r.b) {
			return
		}
		r.i = skipSpace(r.b, r.i+1) // the colon
		value := r.i
		f(r.b[k : end-1])
		if r.i == value {
			r.skip()
		}
		if !r.comma() {
			return
		}
	}
	r.i = min(r.i+1, len(r.b)) // the brace of an empty object
}

// Array calls f for every element of the array that comes next, as Object does.
func (r *Reader) Array(f func()) {
	if !r.enter('[') {
		return
	}
	for r.i < len(r.b) && r.b[r.i] != ']' {
		value := r.i
		f()
		if r.i == value {
			r.skip()
		}
		if !r.comma() {
			return
		}
	}
	r.i = min(r.i+1, len(r.b))
}

// Members takes the object that comes next and appends its members to o; ok is false for another value, which is passed
// over.
func (r *Reader) Members(o Object) (obj Object, ok bool) {
	r.i = skipSpace(r.b, r.i)
	ok = r.i < len(r.b) && r.b[r.i] == '{'
	r.Object(func(key []byte) { o = append(o, Entry{key, r.Raw()}) })
	return o, ok
}

// enter takes an opening bracket, and the value if it is none.
func (r *Reader) enter(open byte) bool {
	r.i = skipSpace(r.b, r.i)
	if r.i >= len(r.b) || r.b[r.i] != open {
		r.skip()
		return false
	}
	r.i = skipSpace(r.b, r.i+1)
	r.n++
	return true
}

// comma takes what follows a value; false: the closing bracket has come.
func (r *Reader) comma() bool {
	r.i = skipSpace(r.b, r.i)
	if r.i < len(r.b) && r.b[r.i] == ',' {
		r.i = skipSpace(r.b, r.i+1)
		return true
	}
	r.i = min(r.i+1, len(r.b))
	return false
}

func (r *Reader) skip() {
	if r.n < len(r.spans) && r.i < len(r.b) && (r.b[r.i] == '{' || r.b[r.i] == '[') {
		s := r.spans[r.n]
		r.i, r.n = int(s.end), int(s.next)
		return
	}
	if r.i = skipValue(r.b, r.i); r.i < 0 {
		r.i = len(r.b)
	}
}

// Raw takes the value that comes next and returns its bytes.
func (r *Reader) Raw() []byte {
	start := r.i
	r.skip()
	return r.b[start:r.i:r.i]
}

// Text takes the value that comes next as Text reads it.
func (r *Reader) Text() string { return Text(r.Raw()) }

// ID takes the value that comes next as ID reads it.
func (r *Reader) ID() string { return ID(r.Raw()) }

// Number takes the value that comes next as Count reads it.
func (r *Reader) Number() Number { return Count(r.Raw()) }

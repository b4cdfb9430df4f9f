package store

import "encoding/binary"

// The records that there are millions of are encoded here and not by reflection, which took a fifth of an import. What
// comes out is what cbor.Marshal makes of the same struct, byte for byte; decoding is left to it.

// Major types of CBOR (RFC 8949, section 3.1).
const (
	cborUint  = 0 << 5
	cborNeg   = 1 << 5
	cborBytes = 2 << 5
	cborText  = 3 << 5
	cborArray = 4 << 5
	cborMap   = 5 << 5
	cborTrue  = 0xf5
)

// appendHead appends a major type with its argument.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

func appendInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, cborNeg, uint64(-1-n))
	}
	return appendHead(b, cborUint, uint64(n))
}

// fields appends the fields of a map with up to 23 small keys, in order of the keys; what is empty is left out.
type fields struct {
	b     []byte
	start int
	n     byte
}

func newFields(b []byte) fields { return fields{append(b, cborMap), len(b), 0} }

func (f *fields) key(k byte) {
	f.b = append(f.b, k)
	f.n++
}

func (f *fields) text(k byte, s string) {
	if s != "" {
		f.key(k)
		f.b = append(appendHead(f.b, cborText, uint64(len(s))), s...)
	}
}

func (f *fields) bytes(k byte, s []byte) {
	if len(s) > 0 {
		f.key(k)
		f.b = append(appendHead(f.b, cborBytes, uint64(len(s))), s...)
	}
}

func (f *fields) flag(k byte, set bool) {
	if set {
		f.key(k)
		f.b = append(f.b, cborTrue)
	}
}

func (f *fields) count(k byte, n *int64) {
	if n != nil {
		f.key(k)
		f.b = appendInt(f.b, *n)
	}
}

func (f *fields) number(k byte, n int64) {
	if n != 0 {
		f.key(k)
		f.b = appendInt(f.b, n)
	}
}

func (f *fields) unsigned(k byte, n uint64) {
	if n != 0 {
		f.key(k)
		f.b = appendHead(f.b, cborUint, n)
	}
}

func (f *fields) texts(k byte, list []string) {
	if len(list) == 0 {
		return
	}
	f.key(k)
	f.b = appendHead(f.b, cborArray, uint64(len(list)))
	for _, s := range list {
		f.b = append(appendHead(f.b, cborText, uint64(len(s))), s...)
	}
}

func (f *fields) numbers(k byte, list []int64) {
	if len(list) == 0 {
		return
	}
	f.key(k)
	f.b = appendHead(f.b, cborArray, uint64(len(list)))
	for _, n := range list {
		f.b = appendInt(f.b, n)
	}
}

// end writes how many fields there were.
func (f *fields) end() []byte {
	f.b[f.start] = cborMap | f.n
	return f.b
}

// seal encodes and seals the post at key.
func (s *storedPost) seal(key []byte) []byte {
	f := newFields(make([]byte, 0, s.size()))
	f.text(1, s.Text)
	f.flag(2, s.Truncated)
	f.text(3, s.Lang)
	f.text(4, s.Kind)
	f.text(5, s.ReplyTo)
	f.text(6, s.Quoted)
	f.text(7, s.Reposted)
	f.text(8, s.Conversation)
	f.bytes(9, s.Author)
	f.count(10, s.Likes)
	f.count(11, s.Reposts)
	f.count(12, s.Replies)
	f.count(13, s.Quotes)
	f.count(14, s.Views)
	f.texts(15, s.URLs)
	f.texts(16, s.Hashtags)
	f.text(17, s.Permalink)
	f.unsigned(18, s.Entry)
	f.number(19, s.Observed)
	f.number(20, s.TextObserved)
	f.numbers(21, s.Counted)
	return seal(key, f.end())
}

// size is about how many bytes seal makes, and seldom less.
func (s *storedPost) size() int {
	n := 96 + len(s.Text) + len(s.Lang) + len(s.Kind) + len(s.ReplyTo) + len(s.Quoted) + len(s.Reposted) + len(s.Conversation) + len(s.Author) + len(s.Permalink)
	for _, u := range s.URLs {
		n += 3 + len(u)
	}
	for _, h := range s.Hashtags {
		n += 3 + len(h)
	}
	return n
}

// seal encodes and seals the verdict on the post at key.
func (s *storedVerdict) seal(key []byte) []byte {
	f := newFields(make([]byte, 0, 48+len(s.Abstain)+len(s.Model)+len(s.Cluster)))
	f.key(1)
	f.b = appendHead(f.b, cborUint, uint64(s.Stance))
	f.key(2)
	f.b = appendHead(f.b, cborArray, uint64(len(s.P)))
	for _, p := range s.P {
		f.b = appendHead(f.b, cborUint, uint64(p))
	}
	f.text(3, s.Abstain)
	f.key(4)
	f.b = append(appendHead(f.b, cborText, uint64(len(s.Model))), s.Model...)
	f.bytes(5, s.Cluster)
	f.unsigned(6, uint64(s.Tier))
	f.flag(7, s.Cut)
	f.unsigned(8, s.Head)
	return seal(key, f.end())
}

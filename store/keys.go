package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
)

var errBadKey = errors.New("damaged key")

// postKey is time ms, platform, 00, id. Neither platform nor id may hold a NUL: Add refuses such posts.
func postKey(t time.Time, platform, id string) []byte {
	k := make([]byte, 8, 8+len(platform)+1+len(id))
	putInt64(k, t.UnixMilli())
	return append(append(append(k, platform...), 0), id...)
}

func splitPostKey(k []byte) (t time.Time, platform, id string, err error) {
	i := -1
	if len(k) > 8 {
		i = bytes.IndexByte(k[8:], 0)
	}
	if i < 0 {
		return t, "", "", errBadKey
	}
	return time.UnixMilli(getInt64(k)).UTC(), string(k[8 : 8+i]), string(k[8+i+1:]), nil
}

func putInt64(b []byte, v int64) { binary.BigEndian.PutUint64(b, uint64(v)^1<<63) }
func getInt64(b []byte) int64    { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) }

// tallyKey is what one count is of.
type tallyKey struct {
	day      int32 // days since 1970-01-01 UTC
	author   authorHash
	platform string
	kind     string
	lang     string
	model    string
	outcome  string // stance, or "-" and the abstention
}

func (k tallyKey) bytes() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(k.day)^1<<31)
	b = append(b, k.author[:]...)
	for _, s := range []string{k.platform, k.kind, k.lang, k.model} {
		b = append(append(b, s...), 0)
	}
	return append(b, k.outcome...)
}

func parseTallyKey(b []byte) (k tallyKey, err error) {
	if len(b) < 4+len(k.author) {
		return k, errBadKey
	}
	k.day = int32(binary.BigEndian.Uint32(b) ^ 1<<31)
	b = b[4:]
	b = b[copy(k.author[:], b):]
	for _, f := range []*string{&k.platform, &k.kind, &k.lang, &k.model} {
		i := bytes.IndexByte(b, 0)
		if i < 0 {
			return k, errBadKey
		}
		*f, b = string(b[:i]), b[i+1:]
	}
	k.outcome = string(b)
	return k, nil
}

// dayOf is the number of whole days from 1970-01-01 UTC to t.
func dayOf(t time.Time) int32 {
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return int32(d)
}

func dayStart(d int32) time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

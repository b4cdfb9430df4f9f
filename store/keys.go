package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"time"
)

// idKey is platform, 00, id. Neither may hold a NUL: checkRef refuses such posts.
func idKey(platform, id string) []byte {
	k := make([]byte, 0, len(platform)+1+len(id))
	return append(append(append(k, platform...), 0), id...)
}

func checkRef(platform, id string) error {
	if platform == "" || id == "" || strings.IndexByte(platform, 0) >= 0 || strings.IndexByte(id, 0) >= 0 {
		return fmt.Errorf("post %q of %q: no id or platform, or one with a NUL", id, platform)
	}
	if len(platform)+len(id) > maxID {
		return fmt.Errorf("post %.40q… of %.40q: an id of %d bytes, %d are the most", id, platform, len(id), maxID)
	}
	return nil
}

// maxID bounds platform and id together: bbolt takes keys of up to 32768 bytes.
const maxID = 4096

// indexKey is a post's key in ids: platform, 00, what follows the last slash of the id, 00, what goes before. The last
// part grows with time on X, Bluesky (TID) and Mastodon (snowflake), whoever wrote the post: in this order new posts come
// near the end, which bbolt writes several times faster than keys in random order.
func indexKey(id []byte) []byte {
	n := bytes.IndexByte(id, 0) + 1
	cut := n + bytes.LastIndexByte(id[n:], '/') + 1
	k := make([]byte, 0, len(id)+1)
	return append(append(append(append(k, id[:n]...), id[cut:]...), 0), id[n:cut]...)
}

func splitID(k []byte) (platform, id string, err error) {
	p, i, ok := bytes.Cut(k, []byte{0})
	if !ok {
		return "", "", fmt.Errorf("%w: key %q", ErrDamaged, k)
	}
	return string(p), string(i), nil
}

// postKey is time ms (8), platform, 00, id.
func postKey(t time.Time, platform, id string) []byte {
	k := make([]byte, 8, 8+len(platform)+1+len(id))
	putInt64(k, t.UnixMilli())
	return append(append(append(k, platform...), 0), id...)
}

func splitPostKey(k []byte) (t time.Time, platform, id string, err error) {
	if len(k) < 8 {
		return t, "", "", fmt.Errorf("%w: key %q", ErrDamaged, k)
	}
	platform, id, err = splitID(k[8:])
	return time.UnixMilli(getInt64(k)).UTC(), platform, id, err
}

// timeKey is the smallest post key at t; the zero time is before all.
func timeKey(t time.Time) []byte {
	if t.IsZero() {
		return nil
	}
	b := make([]byte, 8)
	putInt64(b, t.UnixMilli())
	return b
}

func putInt64(b []byte, v int64) { binary.BigEndian.PutUint64(b, uint64(v)^1<<63) }
func getInt64(b []byte) int64    { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) }

func putInt32(b []byte, v int32) { binary.BigEndian.PutUint32(b, uint32(v)^1<<31) }
func getInt32(b []byte) int32    { return int32(binary.BigEndian.Uint32(b) ^ 1<<31) }

// facet is what a tally counts apart from hour and author.
type facet struct {
	later                       bool // a near-duplicate of an earlier post: not the first of its cluster
	platform, kind, lang, model string
	outcome                     string // name of the stance, or "-" and the reason of the abstention
}

// appendFacet writes a facet as the tail of a tally's key.
func appendFacet(b []byte, f *facet) []byte {
	if f.later {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	for _, s := range [...]string{f.platform, f.kind, f.lang, f.model} {
		b = append(append(b, s...), 0)
	}
	return append(b, f.outcome...)
}

func parseFacet(b []byte) (f facet, err error) {
	bad := fmt.Errorf("%w: tally key %q", ErrDamaged, b)
	if len(b) == 0 || b[0] > 1 {
		return f, bad
	}
	f.later, b = b[0] == 1, b[1:]
	for _, s := range [...]*string{&f.platform, &f.kind, &f.lang, &f.model} {
		head, rest, ok := bytes.Cut(b, []byte{0})
		if !ok {
			return f, bad
		}
		*s, b = string(head), rest
	}
	f.outcome = string(b)
	return f, nil
}

// appendHourKey is hour (4) and facet; appendAuthorKey is hour (4), author (16) and facet, the model left empty.
func appendHourKey(b []byte, hour int32, f *facet) []byte {
	b = append(b, 0, 0, 0, 0)
	putInt32(b[len(b)-4:], hour)
	return appendFacet(b, f)
}

func appendAuthorKey(b []byte, hour int32, a authorHash, f facet) []byte {
	b = append(b, 0, 0, 0, 0)
	putInt32(b[len(b)-4:], hour)
	f.model = ""
	return appendFacet(append(b, a[:]...), &f)
}

// hourOf is the number of whole hours from 1970-01-01 UTC to t.
func hourOf(t time.Time) int32 {
	s := t.Unix()
	h := s / 3600
	if s%3600 < 0 {
		h--
	}
	return int32(h)
}

func hourStart(h int32) time.Time { return time.Unix(int64(h)*3600, 0).UTC() }

// noNUL drops NULs from what goes into tally keys.
func noNUL(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// castagnoli is CRC-32C, which the processor computes.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal appends a checksum of key and value, so that a damaged record is told from a good one.
func seal(key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value, checksum(key, value))
}

// unseal checks a sealed value and returns what was sealed: bytes of the mapped file, valid within the transaction.
func unseal(key, sealed []byte) ([]byte, error) {
	n := len(sealed) - 4
	if n < 0 || binary.BigEndian.Uint32(sealed[n:]) != checksum(key, sealed[:n]) {
		return nil, fmt.Errorf("%w: the record at key %q fails its checksum", ErrDamaged, key)
	}
	return sealed[:n], nil
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// refName writes an id key as people and addresses do: platform:id.
func refName(id []byte) string {
	p, i, _ := bytes.Cut(id, []byte{0})
	return string(p) + ":" + string(i)
}

// refKey reads what refName writes; nil when it is no such name.
func refKey(name string) []byte {
	p, i, ok := strings.Cut(name, ":")
	if !ok || checkRef(p, i) != nil {
		return nil
	}
	return idKey(p, i)
}

package store

import (
	"bytes"
	"maps"
	"slices"

	"go.etcd.io/bbolt"
)

// table holds back the writes to a bucket until flush, which makes them in the order of keys: bbolt inserts sorted keys
// several times faster. Reads see the writes. A nil bucket is an empty one that is never written.
type table struct {
	bucket *bbolt.Bucket
	writes map[string][]byte // nil value: deleted
}

func newTable(b *bbolt.Bucket) table { return table{b, map[string][]byte{}} }

// get returns the value, nil when there is none; it is valid within the transaction.
func (t *table) get(k []byte) []byte {
	if v, ok := t.writes[string(k)]; ok {
		return v
	}
	return t.bucket.Get(k)
}

func (t *table) put(k, v []byte)   { t.writes[string(k)] = v }
func (t *table) delete(k []byte)   { t.writes[string(k)] = nil }
func (t *table) has(k []byte) bool { return t.get(k) != nil }
func (t *table) changed() bool     { return len(t.writes) > 0 }

func (t *table) flush() error {
	for _, k := range slices.Sorted(maps.Keys(t.writes)) {
		var err error
		if v := t.writes[k]; v != nil {
			err = t.bucket.Put([]byte(k), v)
		} else {
			err = t.bucket.Delete([]byte(k))
		}
		if err != nil {
			return err
		}
	}
	clear(t.writes)
	return nil
}

// keys lists the keys that begin with prefix, the writes made first.
func (t *table) keys(prefix []byte) (out [][]byte, err error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	c := t.bucket.Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		out = append(out, bytes.Clone(k))
	}
	return out, nil
}

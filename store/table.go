package store

import (
	"bytes"
	"cmp"
	"slices"
	"unsafe"

	"go.etcd.io/bbolt"
)

// table holds back the writes to a bucket until flush, which makes them in the order of keys: bbolt inserts sorted keys
// several times faster. Reads see the writes. A nil bucket is an empty one that is never written.
type table struct {
	bucket  *bbolt.Bucket
	cursor  *bbolt.Cursor // of reads; nil while the bucket is empty
	writes  []write       // in the order in which they came
	index   map[string]int
	indexed int // that many writes are in index: a bulk import never reads most of its tables
}

// write is one change; a nil value deletes. Neither slice may be changed any more.
type write struct {
	key, value []byte
	at         int
}

func newTable(b *bbolt.Bucket) table {
	t := table{bucket: b}
	t.look()
	return t
}

// look opens the cursor if there is anything to read.
func (t *table) look() {
	if t.bucket == nil || t.cursor != nil {
		return
	}
	if c := t.bucket.Cursor(); !isEmpty(c) {
		t.cursor = c
	}
}

func isEmpty(c *bbolt.Cursor) bool {
	k, _ := c.First()
	return k == nil
}

// expect makes room for n more writes.
func (t *table) expect(n int) { t.writes = slices.Grow(t.writes, n) }

// get returns the value, nil when there is none; it is valid within the transaction.
func (t *table) get(k []byte) []byte {
	if len(t.writes) > 0 {
		if i, ok := t.last(k); ok {
			return t.writes[i].value
		}
	}
	if t.cursor == nil {
		return nil
	}
	if found, v := t.cursor.Seek(k); bytes.Equal(found, k) {
		return v
	}
	return nil
}

// last is the place of the last write to k.
func (t *table) last(k []byte) (i int, ok bool) {
	if t.index == nil {
		t.index = make(map[string]int, cap(t.writes))
	}
	for ; t.indexed < len(t.writes); t.indexed++ {
		key := t.writes[t.indexed].key
		t.index[unsafe.String(unsafe.SliceData(key), len(key))] = t.indexed // not copied: it does not change
	}
	i, ok = t.index[string(k)]
	return i, ok
}

func (t *table) put(k, v []byte)   { t.writes = append(t.writes, write{k, v, len(t.writes)}) }
func (t *table) delete(k []byte)   { t.put(k, nil) }
func (t *table) has(k []byte) bool { return t.get(k) != nil }
func (t *table) changed() bool     { return len(t.writes) > 0 }

// flush makes the last write to each key.
func (t *table) flush() error {
	slices.SortFunc(t.writes, func(a, b write) int { return cmp.Or(bytes.Compare(a.key, b.key), a.at-b.at) })
	for i, w := range t.writes {
		if i+1 < len(t.writes) && bytes.Equal(w.key, t.writes[i+1].key) {
			continue
		}
		var err error
		if w.value != nil {
			err = t.bucket.Put(w.key, w.value)
		} else {
			err = t.bucket.Delete(w.key)
		}
		if err != nil {
			return err
		}
	}
	clear(t.writes)
	clear(t.index)
	t.writes, t.indexed = t.writes[:0], 0
	t.look()
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

package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// schemaVersion is the schema this package writes. Older ones are to be migrated, newer ones refused.
const schemaVersion = 2

var (
	metaBucket       = []byte("meta")
	postsBucket      = []byte("posts")
	idsBucket        = []byte("ids")
	tombstonesBucket = []byte("tombstones")
	stateBucket      = []byte("state")
	ledgerBucket     = []byte("ledger")
	thesesBucket     = []byte("theses")
	topBuckets       = [][]byte{metaBucket, postsBucket, idsBucket, tombstonesBucket, stateBucket, ledgerBucket, thesesBucket}

	verdictsBucket = []byte("verdicts")
	hoursBucket    = []byte("hours")
	authorsBucket  = []byte("authors")
	headsBucket    = []byte("heads")
	membersBucket  = []byte("members")
	codingsBucket  = []byte("codings")
	drawsBucket    = []byte("draws")
	thesisBuckets  = [][]byte{verdictsBucket, hoursBucket, authorsBucket, headsBucket, membersBucket, codingsBucket, drawsBucket}

	schemaKey = []byte("schema")
)

// errEmpty says that a file holds no store yet.
var errEmpty = errors.New("empty")

// checkSchema reports whether the file is a store of this version.
func checkSchema(tx *bbolt.Tx) error {
	v, err := schemaOf(tx)
	if err == nil {
		err = compareSchema(v)
	}
	if err != nil {
		return err
	}
	for _, name := range topBuckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrDamaged, name)
		}
	}
	return nil
}

func compareSchema(v int) error {
	switch {
	case v > schemaVersion:
		return fmt.Errorf("%w: schema %d, this program knows %d; use the Stallwatch that wrote it, or a later one", ErrNewer, v, schemaVersion)
	case v < schemaVersion:
		return fmt.Errorf("%w: schema %d, this program needs %d; run: stallwatch migrate", ErrOlder, v, schemaVersion)
	}
	return nil
}

func schemaOf(tx *bbolt.Tx) (int, error) {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		if k, _ := tx.Cursor().First(); k == nil {
			return 0, errEmpty
		}
		return 0, errNotOurs
	}
	v := meta.Get(schemaKey)
	if len(v) != 4 {
		return 0, errNotOurs
	}
	return int(binary.BigEndian.Uint32(v)), nil
}

var errNotOurs = errors.New("not a Stallwatch store")

// createSchema makes the buckets of an empty store.
func createSchema(tx *bbolt.Tx) error {
	for _, name := range topBuckets {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	return tx.Bucket(metaBucket).Put(schemaKey, binary.BigEndian.AppendUint32(nil, schemaVersion))
}

// thesisBucket is one bucket of a thesis; nil when there is none.
func thesisBucket(tx *bbolt.Tx, thesis string, name []byte) *bbolt.Bucket {
	if t := tx.Bucket(thesesBucket).Bucket([]byte(thesis)); t != nil {
		return t.Bucket(name)
	}
	return nil
}

// each calls fn for all keys of a bucket that begin with prefix; k and v are valid until it returns. A nil bucket is empty.
func each(b *bbolt.Bucket, prefix []byte, fn func(k, v []byte) error) error {
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"
)

// migrations lead from each older schema to the next: they read an old file and fill a new store.
var migrations = map[int]func(ctx context.Context, old *bbolt.Tx, into *Store, progress Progress) error{
	1: migrate1,
}

// migrateBatch is how many posts one transaction of a migration holds.
const migrateBatch = 5000

// Migrate brings a store of an older schema to this one and reports which it had; a store that is current is left alone.
// The new file is made beside the old one (FILE.migrating) and takes its place when it is complete; the old one stays as
// FILE.schema1. Interrupted, it leaves the old file untouched and can be run again. version goes to the ledger.
func Migrate(ctx context.Context, path, version string, progress Progress) (from int, err error) {
	if _, err := os.Stat(path); err != nil {
		return 0, fmt.Errorf("%w at %s", ErrNoStore, path)
	}
	db, err := openFile(path, false)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	old := &Store{db: db, path: path}
	err = old.view(func(tx *bbolt.Tx) (err error) {
		from, err = schemaOf(tx)
		return err
	})
	switch {
	case err != nil:
		return from, old.wrap("migrate", err)
	case from == schemaVersion:
		return from, nil
	case migrations[from] == nil:
		return from, old.wrap("migrate", compareSchema(from))
	}
	started := time.Now().UTC()
	err = rebuild(old, ".migrating", fmt.Sprintf(".schema%d", from), func(into *Store) error {
		if err := old.view(func(tx *bbolt.Tx) error { return migrations[from](ctx, tx, into, progress) }); err != nil {
			return err
		}
		r := into.Begin(Entry{Action: "migrate", Version: version, Started: started, Note: fmt.Sprintf("schema %d to %d", from, schemaVersion)})
		_, err := r.Finish(time.Now().UTC())
		return err
	})
	return from, old.wrap("migrate", err)
}

// Schema is the version of the schema that a store has.
func Schema(path string) (version int, err error) {
	if _, err := os.Stat(path); err != nil {
		return 0, fmt.Errorf("%w at %s", ErrNoStore, path)
	}
	db, err := openFile(path, true)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	s := &Store{db: db, path: path}
	err = s.view(func(tx *bbolt.Tx) (err error) {
		version, err = schemaOf(tx)
		return err
	})
	return version, s.wrap("schema", err)
}

// migrate1 brings schema 1, which had tallies by day and author and neither checksums nor clusters, to schema 2. Posts
// come in order of time, so that of near-duplicates the earliest leads.
func migrate1(ctx context.Context, old *bbolt.Tx, into *Store, progress Progress) error {
	if err := into.update(func(tx *bbolt.Tx) error { return ledger1(old, tx) }); err != nil {
		return err
	}
	theses := thesisNames(old)
	posts := old.Bucket(postsBucket)
	total := posts.Stats().KeyN
	c := posts.Cursor()
	k, v := c.First()
	for done := 0; k != nil; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := into.write(func(w *writer) error {
			for range migrateBatch {
				if k == nil {
					break
				}
				if err := post1(old, w, theses, k, v); err != nil {
					return err
				}
				done++
				k, v = c.Next()
			}
			return nil
		})
		if err != nil {
			return err
		}
		progress.at(done, total)
	}
	return nil
}

func post1(old *bbolt.Tx, w *writer, theses []string, k, raw []byte) error {
	p := version{key: bytes.Clone(k)}
	if err := cbor.Unmarshal(raw, &p.post); err != nil {
		return fmt.Errorf("%w: post %q: %v", ErrDamaged, k, err)
	}
	w.putPost(p)
	for _, name := range theses {
		raw := thesisBucket(old, name, verdictsBucket).Get(k)
		if raw == nil {
			continue
		}
		var v storedVerdict
		if err := cbor.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("%w: verdict %q: %v", ErrDamaged, k, err)
		}
		t, err := w.thesis(name)
		if err != nil {
			return err
		}
		if err := t.attach(p, &v); err != nil {
			return err
		}
	}
	return nil
}

func ledger1(old, tx *bbolt.Tx) error {
	from := old.Bucket(ledgerBucket)
	err := each(from, nil, func(k, v []byte) error {
		var e Entry
		if err := cbor.Unmarshal(v, &e); err != nil || len(k) != 8 {
			return fmt.Errorf("%w: ledger entry %x: %v", ErrDamaged, k, err)
		}
		e.Seq = binary.BigEndian.Uint64(k)
		return putEntry(tx, &e)
	})
	if err != nil {
		return err
	}
	return tx.Bucket(ledgerBucket).SetSequence(from.Sequence())
}

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// ErrNoSpace is wrapped when a file system has no room for a copy of the store.
var ErrNoSpace = errors.New("not enough space")

// compactTx bounds the bytes of one transaction of Compact.
const compactTx = 32 << 20

// Compact rewrites the store without the free space in it and returns its size before and after. The new file takes the
// place of the old one when it is complete. It needs room for a second copy and refuses to begin without; interrupted, it
// changes nothing.
func Compact(ctx context.Context, path string, progress Progress) (before, after int64, err error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return 0, 0, fmt.Errorf("%w at %s", ErrNoStore, path)
	}
	s, err := Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer s.Close()
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	before = info.Size()
	if free, ok := freeSpace(filepath.Dir(path)); ok && free < before {
		return before, before, fmt.Errorf("store %s: compact: %w: the copy may need %d bytes, %d are free", path, ErrNoSpace, before, free)
	}
	err = rebuild(s, ".compacting", "", func(into *Store) error {
		return s.view(func(tx *bbolt.Tx) error {
			c := &copier{ctx: ctx, into: into, progress: progress, total: int(before)}
			return c.run(tx)
		})
	})
	if err == nil {
		info, err = os.Stat(path)
	}
	if err != nil {
		return before, before, s.wrap("compact", err)
	}
	return before, info.Size(), nil
}

// copier copies all buckets of a store, in order, in transactions of bounded size.
type copier struct {
	ctx               context.Context
	into              *Store
	tx                *bbolt.Tx
	size, done, total int
	progress          Progress
}

func (c *copier) run(from *bbolt.Tx) (err error) {
	c.into.db.AllocSize = growStep(0)
	if c.tx, err = c.into.db.Begin(true); err != nil {
		return err
	}
	defer func() { c.tx.Rollback() }() // after Commit it does nothing
	for _, name := range topBuckets {
		if err := c.bucket(from.Bucket(name), [][]byte{name}); err != nil {
			return err
		}
	}
	return c.tx.Commit()
}

func (c *copier) bucket(from *bbolt.Bucket, path [][]byte) error {
	to, err := c.at(path)
	if err != nil {
		return err
	}
	if err := to.SetSequence(from.Sequence()); err != nil {
		return err
	}
	return from.ForEach(func(k, v []byte) error {
		if v == nil {
			err := c.bucket(from.Bucket(k), append(path[:len(path):len(path)], bytes.Clone(k)))
			if err == nil {
				to, err = c.at(path)
			}
			return err
		}
		if c.size += len(k) + len(v); c.size > compactTx {
			if to, err = c.nextTx(path); err != nil {
				return err
			}
		}
		return to.Put(k, v)
	})
}

// nextTx commits what was copied and returns the bucket in a new transaction.
func (c *copier) nextTx(path [][]byte) (*bbolt.Bucket, error) {
	if err := errors.Join(c.ctx.Err(), c.tx.Commit()); err != nil {
		return nil, err
	}
	c.done, c.size = c.done+c.size, 0
	c.progress.at(min(c.done, c.total), c.total)
	var err error
	if c.tx, err = c.into.db.Begin(true); err != nil {
		return nil, err
	}
	return c.at(path)
}

func (c *copier) at(path [][]byte) (*bbolt.Bucket, error) {
	b, err := c.tx.CreateBucketIfNotExists(path[0])
	for _, name := range path[1:] {
		if err != nil {
			return nil, err
		}
		b, err = b.CreateBucketIfNotExists(name)
	}
	if err == nil {
		b.FillPercent = appendFill // keys come in order
	}
	return b, err
}

package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.etcd.io/bbolt"

	"stallwatch/collector"
)

// Run is one import, collection or other change under way. It belongs to one goroutine.
type Run struct {
	store *Store
	Entry Entry
	begun bool // the entry is in the ledger
}

// Begin starts a run. Its ledger entry is written with the first batch that changes something, or by Finish.
func (s *Store) Begin(e Entry) *Run {
	if e.Totals.Skipped == nil {
		e.Totals.Skipped = map[collector.Reason]int{}
	}
	if e.Formats == nil {
		e.Formats = map[string]int{}
	}
	return &Run{store: s, Entry: e}
}

// errUnchanged rolls back a transaction that would write nothing.
var errUnchanged = errors.New("unchanged")

// Add commits a batch with its tallies, tombstones, state and the ledger entry in one transaction; a batch that changes
// nothing writes nothing. Of a post that is in the store already the better text stays, with the verdict on it, and the
// later counts, see version.join; if it has no verdict on the run's thesis yet it gets this one. The caller counts what was read, skipped and failed in
// r.Entry.Totals before the call; Add counts Stored, Duplicate, Updated, Removed and the posts skipped as deleted. After
// an error, as of a full disk, the store and r.Entry are as before and Add may be tried again.
func (r *Run) Add(b Batch) error {
	if len(b.Items)+len(b.Forget)+len(b.ForgetAuthors)+len(b.State) == 0 {
		return nil
	}
	return r.change(fmt.Sprintf("add %d posts", len(b.Items)), func(w *writer) error {
		for _, ref := range b.Forget {
			if err := w.forget(ref, r.Entry.Seq, r.Entry.Started, &r.Entry.Totals); err != nil {
				return err
			}
		}
		if err := w.forgetAuthors(b.ForgetAuthors, r.Entry.Seq, r.Entry.Started, &r.Entry.Totals); err != nil {
			return err
		}
		if len(b.Items) > 0 {
			t, err := w.thesis(r.Entry.Thesis)
			if err != nil {
				return err
			}
			w.expect(len(b.Items), t)
			for i := range b.Items {
				if err := w.put(&b.Items[i], t, r.Entry.Seq, &r.Entry.Totals); err != nil {
					return err
				}
			}
		}
		return w.setState(b.State)
	})
}

// change runs work in one transaction and writes the ledger entry with it, unless nothing changes.
func (r *Run) change(what string, work func(*writer) error) error {
	before := r.Entry
	before.Totals.Skipped = maps.Clone(before.Totals.Skipped)
	err := r.store.write(func(w *writer) (err error) {
		if !r.begun {
			if r.Entry.Seq, err = w.tx.Bucket(ledgerBucket).NextSequence(); err != nil {
				return err
			}
		}
		if err := work(w); err != nil || !w.changed() {
			return err
		}
		return putEntry(w.tx, &r.Entry)
	})
	switch {
	case err == nil:
		r.begun = true
	case errors.Is(err, errUnchanged):
		r.Entry.Seq = before.Seq
	default:
		r.Entry = before
		return r.store.wrap(what, err)
	}
	return nil
}

// Finish completes the run's ledger entry. A file that a complete run on the same thesis has brought in before, and that
// changed nothing now, leaves no second entry: again is then that run.
func (r *Run) Finish(at time.Time) (again *Entry, err error) {
	before := r.Entry
	r.Entry.Finished, r.Entry.Complete = at, true
	err = r.store.update(func(tx *bbolt.Tx) error {
		if !r.begun {
			if again, err = sameInput(tx.Bucket(ledgerBucket), &r.Entry); err != nil {
				return err
			} else if again != nil {
				return errUnchanged
			}
		}
		return putEntry(tx, &r.Entry)
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		r.Entry = before
		return nil, r.store.wrap("finish run", err)
	}
	r.begun = again == nil
	return again, nil
}

func sameInput(ledger *bbolt.Bucket, e *Entry) (*Entry, error) {
	if e.SHA256 == "" {
		return nil, nil
	}
	c := ledger.Cursor()
	for k, v := c.Last(); k != nil; k, v = c.Prev() {
		old, err := readEntry(k, v)
		if err != nil {
			return nil, err
		}
		if old.Complete && old.SHA256 == e.SHA256 && old.Thesis == e.Thesis {
			return &old, nil
		}
	}
	return nil, nil
}

func readEntry(k, v []byte) (e Entry, err error) {
	if len(k) != 8 {
		return e, fmt.Errorf("%w: ledger key %x", ErrDamaged, k)
	}
	err = decode(k, v, &e)
	e.Seq = binary.BigEndian.Uint64(k)
	return e, err
}

// Ledger lists the entries, newest first.
func (s *Store) Ledger() (out []Entry, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(ledgerBucket).Cursor()
		for k, v := c.Last(); k != nil; k, v = c.Prev() {
			e, err := readEntry(k, v)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, s.wrap("ledger", err)
}

// State returns what a collector has kept under key; nil when there is nothing.
func (s *Store) State(key string) (value []byte, err error) {
	all, err := s.States(key)
	return all[key], err
}

// States returns what collectors have kept under all keys that begin with prefix.
func (s *Store) States(prefix string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := s.view(func(tx *bbolt.Tx) error {
		return each(tx.Bucket(stateBucket), []byte(prefix), func(k, v []byte) error {
			raw, err := unseal(k, v)
			out[string(k)] = append([]byte{}, raw...)
			return err
		})
	})
	return out, s.wrap("state", err)
}

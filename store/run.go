package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
	"stallwatch/collector"
)

// Item is a post with the verdict on it.
type Item struct {
	Post    collector.Post
	Verdict classify.Verdict
}

// Run is one import or collection under way. It belongs to one goroutine.
type Run struct {
	store *Store
	Entry Entry
	begun bool // the entry is in the ledger
}

// Begin starts a run. Its ledger entry is written with the first batch that stores something, or by Finish.
func (s *Store) Begin(e Entry) *Run {
	if e.Totals.Skipped == nil {
		e.Totals.Skipped = map[collector.Reason]int{}
	}
	if e.Formats == nil {
		e.Formats = map[string]int{}
	}
	return &Run{store: s, Entry: e}
}

// Add commits items with their verdicts, tallies and the ledger entry in one transaction. A post that is in the store
// already is a duplicate; if it has no verdict on the run's thesis yet, it gets this one. The caller counts what was
// read, skipped and failed in r.Entry.Totals before the call; Add counts Stored and Duplicate.
func (r *Run) Add(items []Item) error {
	if len(items) == 0 {
		return nil
	}
	before := r.Entry
	begun := r.begun
	err := r.store.db.Update(func(tx *bbolt.Tx) error { return r.add(tx, items) })
	if err != nil {
		r.Entry, r.begun = before, begun
		return fmt.Errorf("store %s: add %d posts: %w", r.store.path, len(items), err)
	}
	return nil
}

func (r *Run) add(tx *bbolt.Tx, items []Item) error {
	b, err := openBuckets(tx, r.Entry.Thesis)
	if err != nil {
		return err
	}
	keyed, err := r.inOrder(items)
	if err != nil {
		return err
	}
	if !r.begun {
		if r.Entry.Seq, err = b.ledger.NextSequence(); err != nil {
			return err
		}
	}
	tallies := map[tallyKey]uint64{}
	changed := false
	for _, k := range keyed {
		wrote, err := r.put(b, k, tallies)
		if err != nil {
			return err
		}
		changed = changed || wrote
	}
	if err := addTallies(b.tallies, tallies); err != nil {
		return err
	}
	if !changed && !r.begun {
		return nil // nothing but duplicates so far: Finish decides whether the run is worth an entry
	}
	r.begun = true
	return putEntry(b.ledger, &r.Entry)
}

type keyedItem struct {
	key  []byte
	item *Item
}

// inOrder sorts items by key. Of several with one id the first to arrive stays; the others are duplicates.
func (r *Run) inOrder(items []Item) ([]keyedItem, error) {
	keyed := make([]keyedItem, 0, len(items))
	seen := make(map[string]bool, len(items))
	for i := range items {
		p := &items[i].Post
		if p.ID == "" || strings.ContainsRune(p.Platform+p.ID, 0) {
			return nil, fmt.Errorf("post %q of %q: no id, or one with a NUL", p.ID, p.Platform)
		}
		k := keyedItem{postKey(p.CreatedAt, p.Platform, p.ID), &items[i]}
		if seen[string(k.key[8:])] {
			r.Entry.Totals.Duplicate++
			continue
		}
		seen[string(k.key[8:])] = true
		keyed = append(keyed, k)
	}
	slices.SortFunc(keyed, func(a, b keyedItem) int { return bytes.Compare(a.key, b.key) })
	return keyed, nil
}

// put stores one post and verdict, and reports whether it wrote anything.
func (r *Run) put(b buckets, k keyedItem, tallies map[tallyKey]uint64) (wrote bool, err error) {
	p := &k.item.Post
	id := k.key[8:]
	author := r.store.hashAuthor(p.Platform, p.Author.Key())
	if at := b.ids.Get(id); at != nil {
		r.Entry.Totals.Duplicate++
		k.key = append(slices.Clone(at), id...)
		if b.verdicts.Get(k.key) != nil {
			return false, nil
		}
		// The stored post, not this copy of it, is what the tallies are of.
		var s storedPost
		if err := decode(b.posts.Get(k.key), &s); err != nil {
			return false, err
		}
		stored := s.unpack(time.UnixMilli(getInt64(at)).UTC(), p.Platform, p.ID)
		p, author = &stored, authorHash(append(slices.Clone(s.Author), make([]byte, 16)...)[:16])
	} else {
		r.Entry.Totals.Stored++
		raw, err := encode(packPost(p, author, r.Entry.Seq))
		if err != nil {
			return false, err
		}
		if err := errors.Join(b.posts.Put(k.key, raw), b.ids.Put(id, k.key[:8])); err != nil {
			return false, err
		}
	}
	raw, err := encode(packVerdict(k.item.Verdict))
	if err != nil {
		return false, err
	}
	tallies[tallyOf(p, author, k.item.Verdict)]++
	return true, b.verdicts.Put(k.key, raw)
}

func tallyOf(p *collector.Post, author authorHash, v classify.Verdict) tallyKey {
	clean := func(s string) string { return strings.ReplaceAll(s, "\x00", "") }
	return tallyKey{day: dayOf(p.CreatedAt), author: author, platform: p.Platform, kind: string(p.Kind), lang: clean(p.Lang),
		model: clean(v.Model), outcome: outcome(v)}
}

func addTallies(b *bbolt.Bucket, tallies map[tallyKey]uint64) error {
	keys := make([][]byte, 0, len(tallies))
	counts := make(map[string]uint64, len(tallies))
	for k, n := range tallies {
		raw := k.bytes()
		keys = append(keys, raw)
		counts[string(raw)] = n
	}
	slices.SortFunc(keys, func(a, b []byte) int { return strings.Compare(string(a), string(b)) })
	for _, k := range keys {
		n, _ := binary.Uvarint(b.Get(k))
		if err := b.Put(k, binary.AppendUvarint(nil, n+counts[string(k)])); err != nil {
			return err
		}
	}
	return nil
}

// Finish completes the run's ledger entry. A file that a complete run on the same thesis has brought in before, and that
// stored nothing now, leaves no second entry: again is then that run.
func (r *Run) Finish(at time.Time) (again *Entry, err error) {
	r.Entry.Finished, r.Entry.Complete = at, true
	err = r.store.db.Update(func(tx *bbolt.Tx) error {
		b, err := openBuckets(tx, r.Entry.Thesis)
		if err != nil {
			return err
		}
		if !r.begun {
			if again, err = sameInput(b.ledger, &r.Entry); err != nil || again != nil {
				return err
			}
			if r.Entry.Seq, err = b.ledger.NextSequence(); err != nil {
				return err
			}
		}
		return putEntry(b.ledger, &r.Entry)
	})
	if err != nil {
		return nil, fmt.Errorf("store %s: finish run: %w", r.store.path, err)
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

func putEntry(b *bbolt.Bucket, e *Entry) error {
	raw, err := encode(e)
	if err != nil {
		return err
	}
	return b.Put(binary.BigEndian.AppendUint64(nil, e.Seq), raw)
}

func readEntry(k, v []byte) (e Entry, err error) {
	if len(k) != 8 {
		return e, errBadKey
	}
	if err := decode(v, &e); err != nil {
		return e, fmt.Errorf("ledger entry %x: %w", k, err)
	}
	e.Seq = binary.BigEndian.Uint64(k)
	return e, nil
}

// buckets are those a run writes.
type buckets struct{ posts, ids, ledger, verdicts, tallies *bbolt.Bucket }

func openBuckets(tx *bbolt.Tx, thesis string) (b buckets, err error) {
	if thesis == "" {
		return b, errors.New("no thesis")
	}
	t, err := tx.Bucket(thesesBucket).CreateBucketIfNotExists([]byte(thesis))
	if err != nil {
		return b, err
	}
	b = buckets{posts: tx.Bucket(postsBucket), ids: tx.Bucket(idsBucket), ledger: tx.Bucket(ledgerBucket)}
	if b.verdicts, err = t.CreateBucketIfNotExists(verdictsBucket); err != nil {
		return b, err
	}
	b.tallies, err = t.CreateBucketIfNotExists(talliesBucket)
	b.posts.FillPercent, b.verdicts.FillPercent = 0.9, 0.9 // keys come nearly in order of time: fewer page splits, a smaller file
	return b, err
}

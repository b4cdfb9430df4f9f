package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"stallwatch/collector"
)

// writer makes the changes of one transaction, one after the other as they came, so that the same posts give the same
// store wherever the batches are cut. Nothing reaches the file before flush.
type writer struct {
	store                         *Store
	tx                            *bbolt.Tx
	id                            int // of the transaction
	posts, ids, tombstones, state table
	theses                        map[string]*thesisWriter
	touched                       bool // something beside the tables has changed
	looked                        int  // posts read from anywhere in the file
}

func newWriter(s *Store, tx *bbolt.Tx) *writer {
	w := &writer{store: s, tx: tx, id: tx.ID(), posts: newTable(tx.Bucket(postsBucket)), ids: newTable(tx.Bucket(idsBucket)),
		tombstones: newTable(tx.Bucket(tombstonesBucket)), state: newTable(tx.Bucket(stateBucket)), theses: map[string]*thesisWriter{}}
	w.posts.bucket.FillPercent, w.ids.bucket.FillPercent = appendFill, appendFill
	return w
}

// expect makes room for n posts with verdicts of t.
func (w *writer) expect(n int, t *thesisWriter) {
	for _, x := range []*table{&w.posts, &w.ids, &t.verdicts} {
		x.expect(n)
	}
}

// appendFill is how full pages get whose keys come nearly in order of time: fewer pages, a smaller file.
const appendFill = 0.9

// thesis returns the writer of a thesis's buckets, which are created where there are none.
func (w *writer) thesis(name string) (*thesisWriter, error) {
	if t := w.theses[name]; t != nil {
		return t, nil
	}
	t, err := newThesisWriter(w, name)
	if err == nil {
		w.theses[name] = t
	}
	return t, err
}

// allTheses returns the writers of all theses in the store.
func (w *writer) allTheses() ([]*thesisWriter, error) {
	var out []*thesisWriter
	for _, name := range thesisNames(w.tx) {
		t, err := w.thesis(name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// thesisNames lists the theses in the store, in order.
func thesisNames(tx *bbolt.Tx) (names []string) {
	c := tx.Bucket(thesesBucket).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil {
			names = append(names, string(k))
		}
	}
	return names
}

// put stores an item and counts it in t.
func (w *writer) put(it *Item, t *thesisWriter, entry uint64, n *Totals) error {
	p := &it.Post
	if err := checkRef(p.Platform, p.ID); err != nil {
		return err
	}
	author := w.store.authors.hash(p.Platform, p.Author.Key())
	in := version{postKey(p.CreatedAt, p.Platform, p.ID), packPost(p, author, entry)}
	id := in.key[8:]
	gone := w.tombstones.has(id)
	if !gone {
		var err error
		if gone, err = w.authorGone(p, author); err != nil {
			return err
		}
	}
	if gone {
		n.Skipped[collector.SkipDeleted]++
		return nil
	}
	verdict := packVerdict(it.Verdict)
	old, err := w.stored(id)
	switch {
	case err != nil:
		return err
	case old == nil:
		n.Stored++
		return w.insert(in, t, &verdict)
	}
	n.Duplicate++
	if old.clashes(&in) {
		n.Clashing++
	}
	out, newText, changed := old.join(&in)
	judged := t.verdicts.has(old.key)
	switch {
	case changed && judged && !newText:
		n.Updated++
		return w.replace(*old, out, t, nil)
	case changed:
		n.Updated++
		return w.replace(*old, out, t, &verdict)
	case judged:
		return nil
	}
	return t.attach(*old, &verdict)
}

// releaseReads is how many posts are read here and there in the file before its pages are let go: the system maps 64 KiB around
// each that is looked at.
const releaseReads = 256

// look counts such a post.
func (w *writer) look() {
	if w.looked++; w.looked%releaseReads == 0 {
		w.store.letGo(w.tx)
	}
}

// stored is the version of a post that the store has; nil when it has none.
func (w *writer) stored(id []byte) (*version, error) {
	at := w.ids.get(indexKey(id))
	if at == nil {
		return nil, nil
	}
	w.look()
	v := version{key: append(slices.Clone(at), id...)}
	raw := w.posts.get(v.key)
	if raw == nil {
		return nil, fmt.Errorf("%w: the id index leads to no post at key %q", ErrDamaged, v.key)
	}
	return &v, decode(v.key, raw, &v.post)
}

func (w *writer) insert(v version, t *thesisWriter, verdict *storedVerdict) error {
	w.putPost(v)
	return t.attach(v, verdict)
}

func (w *writer) putPost(v version) {
	w.posts.put(v.key, v.post.seal(v.key))
	w.ids.put(indexKey(v.key[8:]), v.key[:8])
}

// replace puts a version of a post in place of another, with a verdict on the thesis of t; nil keeps the one that is there.
// What other theses' verdicts say of the old text stays until they are made anew.
func (w *writer) replace(old, in version, t *thesisWriter, verdict *storedVerdict) error {
	if bytes.Equal(old.key, in.key) && old.post.Text == in.post.Text && old.post.Kind == in.post.Kind {
		return w.refresh(old, in, t, verdict)
	}
	kept, err := w.remove(old)
	if err != nil {
		return err
	}
	if verdict == nil {
		v := kept[t]
		verdict = &v
	}
	delete(kept, t)
	if err := w.insert(in, t, verdict); err != nil {
		return err
	}
	for other, v := range kept {
		v.Cluster = nil
		if err := other.attach(in, &v); err != nil {
			return err
		}
	}
	return nil
}

// refresh is replace for a version that says the same at the same time, as when only the counts have grown: the post stays
// in its clusters.
func (w *writer) refresh(old, in version, t *thesisWriter, verdict *storedVerdict) error {
	theses, err := w.allTheses()
	if err != nil {
		return err
	}
	for _, other := range theses {
		v, err := other.verdict(old.key)
		if err != nil {
			return err
		}
		now := v
		if other == t && verdict != nil {
			now = verdict
		}
		if now != nil {
			if err := other.rejudge(old, in, v, now); err != nil {
				return err
			}
		}
	}
	w.putPost(in)
	return nil
}

// remove takes a post out with all that is counted of it, and returns the verdicts on it.
func (w *writer) remove(old version) (map[*thesisWriter]storedVerdict, error) {
	theses, err := w.allTheses()
	if err != nil {
		return nil, err
	}
	verdicts := map[*thesisWriter]storedVerdict{}
	for _, t := range theses {
		v, err := t.verdict(old.key)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		if err := t.detach(old, v); err != nil {
			return nil, err
		}
		verdicts[t] = *v
	}
	w.posts.delete(old.key)
	w.ids.delete(indexKey(old.key[8:]))
	return verdicts, nil
}

// tombstone is what stays of a post that was removed, or of an account.
type tombstone struct {
	Entry uint64 `cbor:"1,keyasint,omitempty"` // ledger entry that removed it
	At    int64  `cbor:"2,keyasint,omitempty"` // when, Unix ms
	Until int64  `cbor:"3,keyasint,omitempty"` // of an account: what it made until then is gone, Unix ms
}

// forget removes a post and leaves a tombstone, so that it does not come back.
func (w *writer) forget(ref collector.Ref, entry uint64, at time.Time, n *Totals) error {
	if err := checkRef(ref.Platform, ref.ID); err != nil {
		return err
	}
	id := idKey(ref.Platform, ref.ID)
	old, err := w.stored(id)
	if err != nil {
		return err
	}
	if old != nil {
		if _, err := w.remove(*old); err != nil {
			return err
		}
		n.Removed++
	}
	if w.tombstones.has(id) {
		return nil
	}
	raw, err := encode(id, tombstone{Entry: entry, At: at.UnixMilli()})
	w.tombstones.put(id, raw)
	return err
}

// setState changes the collectors' state; what stays the same is not written.
func (w *writer) setState(state map[string][]byte) error {
	for name, value := range state {
		if name == "" {
			return fmt.Errorf("state without a key")
		}
		key := []byte(name)
		old := w.state.get(key)
		switch {
		case value == nil && old != nil:
			w.state.delete(key)
		case value != nil:
			if now := seal(key, slices.Clone(value)); string(now) != string(old) {
				w.state.put(key, now)
			}
		}
	}
	return nil
}

// changed reports whether flush would write anything.
func (w *writer) changed() bool {
	for _, t := range w.theses {
		if t.changed() {
			return true
		}
	}
	return w.touched || w.posts.changed() || w.tombstones.changed() || w.state.changed()
}

// flush writes everything to the transaction.
func (w *writer) flush() error {
	for _, t := range []*table{&w.posts, &w.ids, &w.tombstones, &w.state} {
		if err := t.flush(); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.theses)) {
		if err := w.theses[name].flush(); err != nil {
			return fmt.Errorf("thesis %s: %w", name, err)
		}
	}
	return nil
}

// putEntry writes a ledger entry; one without a number gets the next.
func putEntry(tx *bbolt.Tx, e *Entry) (err error) {
	b := tx.Bucket(ledgerBucket)
	if e.Seq == 0 {
		if e.Seq, err = b.NextSequence(); err != nil {
			return err
		}
	}
	key := binary.BigEndian.AppendUint64(nil, e.Seq)
	raw, err := encode(key, e)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

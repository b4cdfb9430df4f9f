package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
	"stallwatch/collector"
)

// reclassifyBatch is how many posts one transaction of Reclassify judges.
const reclassifyBatch = 2000

// Reclassified says what Reclassify did, all interruptions together.
type Reclassified struct {
	Entry   uint64 `json:"entry"`   // of the ledger
	Judged  int    `json:"judged"`  // posts that had no verdict of this model
	Changed int    `json:"changed"` // of these, posts whose stance or abstention is another now
	Resumed bool   `json:"resumed"` // an interrupted run was gone on with
}

// Reclassify puts the verdicts of a new model in the place of those of other models, and on posts that have none on the
// thesis yet. judge gets posts without author, in order of time, and answers with as many verdicts by the model named; it
// may be slow: it runs outside of any transaction. Each transaction replaces some thousand verdicts with their tallies, so
// that others may read and write meanwhile, and counts always add up, partly of the old and partly of the new model. The
// ledger says where the break is. Interrupted, it goes on where it was; run again when done it does nothing but look.
func (s *Store) Reclassify(ctx context.Context, thesis, model, version string, judge func([]collector.Post) []classify.Verdict, progress Progress) (out Reclassified, err error) {
	rc := &reclassifier{store: s, thesis: thesis, model: model, judge: judge}
	if err := rc.begin(version); err != nil {
		return out, s.wrap("reclassify", err)
	}
	out.Resumed = rc.at != nil
	total := 0
	if err := s.view(func(tx *bbolt.Tx) error { total = tx.Bucket(postsBucket).Stats().KeyN; return nil }); err != nil {
		return out, s.wrap("reclassify", err)
	}
	for done := rc.skipped; ; {
		if err := ctx.Err(); err != nil {
			return rc.result(out), err
		}
		n, err := rc.step()
		if err != nil {
			return rc.result(out), s.wrap("reclassify", err)
		}
		if n == 0 {
			break
		}
		done += n
		progress.at(min(done, total), total)
	}
	return rc.result(out), s.wrap("reclassify", rc.finish())
}

// reclassifier is one run of Reclassify. Its ledger entry and its place are written with every step.
type reclassifier struct {
	store         *Store
	thesis, model string
	judge         func([]collector.Post) []classify.Verdict
	entry         Entry
	at            []byte // key of the last post judged
	skipped       int
}

// reclassifyState is what lies in state while a run is under way.
type reclassifyState struct {
	Entry uint64 `cbor:"1,keyasint"`
	At    []byte `cbor:"2,keyasint"`
	Done  int    `cbor:"3,keyasint"`
}

func (rc *reclassifier) stateKey() []byte {
	return []byte("reclassify/" + rc.thesis + "/" + rc.model)
}

func (rc *reclassifier) begin(version string) error {
	rc.entry = Entry{Action: "reclassify", Thesis: rc.thesis, Model: rc.model, Version: version, Started: time.Now().UTC(),
		Totals: Totals{Skipped: map[collector.Reason]int{}}, Formats: map[string]int{}}
	return rc.store.view(func(tx *bbolt.Tx) error {
		raw := tx.Bucket(stateBucket).Get(rc.stateKey())
		if raw == nil {
			return nil
		}
		var st reclassifyState
		if err := decode(rc.stateKey(), raw, &st); err != nil {
			return err
		}
		rc.at, rc.skipped = st.At, st.Done
		key := binary.BigEndian.AppendUint64(nil, st.Entry)
		e, err := readEntry(key, tx.Bucket(ledgerBucket).Get(key))
		rc.entry = e
		return err
	})
}

// step judges the next posts and returns how many it looked at.
func (rc *reclassifier) step() (n int, err error) {
	var keys [][]byte
	var posts []collector.Post
	err = rc.store.view(func(tx *bbolt.Tx) error {
		verdicts := thesisBucket(tx, rc.thesis, verdictsBucket)
		c := tx.Bucket(postsBucket).Cursor()
		k, raw := c.Seek(rc.at)
		if k != nil && slices.Equal(k, rc.at) {
			k, raw = c.Next()
		}
		for ; k != nil && n < reclassifyBatch; k, raw = c.Next() {
			n++
			rc.at = append(rc.at[:0:0], k...)
			judged, err := rc.judged(verdicts, k)
			if err != nil {
				return err
			}
			if judged {
				continue
			}
			at, platform, id, err := splitPostKey(k)
			var p storedPost
			if err == nil {
				err = decode(k, raw, &p)
			}
			if err != nil {
				return err
			}
			keys, posts = append(keys, rc.at), append(posts, p.unpack(at, platform, id))
		}
		return nil
	})
	if err != nil || n == 0 {
		return 0, err
	}
	verdicts := rc.judge(posts)
	if len(verdicts) != len(posts) {
		return 0, fmt.Errorf("the judge gave %d verdicts on %d posts", len(verdicts), len(posts))
	}
	rc.skipped += n
	return n, rc.commit(keys, posts, verdicts)
}

// judged reports whether the post at key has a verdict of the model.
func (rc *reclassifier) judged(verdicts *bbolt.Bucket, key []byte) (bool, error) {
	if verdicts == nil {
		return false, nil
	}
	sealed := verdicts.Get(key)
	if sealed == nil {
		return false, nil
	}
	raw, err := unseal(key, sealed)
	return err == nil && string(textIn(field(raw, 4))) == rc.model, err
}

func (rc *reclassifier) commit(keys [][]byte, posts []collector.Post, verdicts []classify.Verdict) error {
	if len(keys) == 0 && rc.entry.Seq == 0 {
		return nil // nothing to replace so far: nothing to write
	}
	before := rc.entry.Totals
	err := rc.store.write(func(w *writer) error {
		w.touched = true
		for i, key := range keys {
			if err := rc.replace(w, key, posts[i].Text, verdicts[i]); err != nil {
				return err
			}
		}
		if err := putEntry(w.tx, &rc.entry); err != nil {
			return err
		}
		raw, err := encode(rc.stateKey(), reclassifyState{rc.entry.Seq, rc.at, rc.skipped})
		w.state.put(rc.stateKey(), raw)
		return err
	})
	if err != nil {
		rc.entry.Totals = before
	}
	return err
}

// replace puts one verdict in the place of another. A post that went, or changed its text, since it was judged is left to
// whoever changed it.
func (rc *reclassifier) replace(w *writer, key []byte, text string, verdict classify.Verdict) error {
	raw := w.posts.get(key)
	if raw == nil {
		return nil
	}
	p := version{key: key}
	if err := decode(key, raw, &p.post); err != nil || p.post.Text != text {
		return err
	}
	t, err := w.thesis(rc.thesis)
	if err != nil {
		return err
	}
	was, err := t.verdict(key)
	if err != nil {
		return err
	}
	now := packVerdict(verdict)
	rc.entry.Totals.Read++
	if was == nil {
		rc.entry.Totals.Stored++
		return t.attach(p, &now)
	}
	rc.entry.Totals.Duplicate++
	if was.outcome() != now.outcome() {
		rc.entry.Totals.Updated++
	}
	return t.rejudge(p, p, was, &now)
}

// finish completes the ledger entry, if there is one.
func (rc *reclassifier) finish() error {
	if rc.entry.Seq == 0 {
		return nil
	}
	rc.entry.Complete, rc.entry.Finished = true, time.Now().UTC()
	rc.entry.Note = fmt.Sprintf("verdicts of %s from here on; %d changed", rc.model, rc.entry.Totals.Updated)
	err := rc.store.write(func(w *writer) error {
		w.state.delete(rc.stateKey())
		w.touched = true
		return putEntry(w.tx, &rc.entry)
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

func (rc *reclassifier) result(out Reclassified) Reclassified {
	out.Entry, out.Judged, out.Changed = rc.entry.Seq, rc.entry.Totals.Read, rc.entry.Totals.Updated
	return out
}

package store

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"time"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
	"stallwatch/collector"
)

// Ledger lists the entries, newest first.
func (s *Store) Ledger() (out []Entry, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
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

func (s *Store) wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("store %s: %s: %w", s.path, what, err)
	}
	return nil
}

// Summary counts the posts of a thesis that the filter chooses. It reads the tallies, not the posts.
func (s *Store) Summary(thesis string, f Filter) (Summary, error) {
	b := newSummaryBuilder(thesis, f)
	err := s.db.View(func(tx *bbolt.Tx) error {
		t := tx.Bucket(thesesBucket).Bucket([]byte(thesis))
		if t == nil {
			return nil
		}
		c := t.Bucket(talliesBucket).Cursor()
		for k, v := c.Seek(firstDay(f.Since)); k != nil; k, v = c.Next() {
			key, err := parseTallyKey(k)
			if err != nil {
				return err
			}
			if !f.Until.IsZero() && !dayStart(key.day).Before(f.Until) {
				break
			}
			n, w := binary.Uvarint(v)
			if w <= 0 {
				return fmt.Errorf("tally %x: damaged count", k)
			}
			b.add(key, int(n))
		}
		return nil
	})
	if err != nil {
		return Summary{}, s.wrap("summary", err)
	}
	return b.finish(), nil
}

func firstDay(since time.Time) []byte {
	if since.IsZero() {
		return nil
	}
	return binary.BigEndian.AppendUint32(nil, uint32(dayOf(since))^1<<31)
}

// match reports whether the filter chooses posts with these properties; time is the caller's matter.
func (f *Filter) match(platform, kind, lang string) bool {
	return (len(f.Platforms) == 0 || slices.Contains(f.Platforms, platform)) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, collector.Kind(kind))) &&
		(len(f.Langs) == 0 || slices.Contains(f.Langs, lang))
}

// Top lists up to n records of one stance, the most probable first; equals are in order of the key. keep
// is asked, in that order, which to take; nil takes all. It reads every verdict in the filter's period.
func (s *Store) Top(thesis string, f Filter, stance classify.Stance, n int, keep func(Record) bool) (out []Record, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		t := tx.Bucket(thesesBucket).Bucket([]byte(thesis))
		if t == nil {
			return nil
		}
		type candidate struct {
			key []byte // of the mapped file: valid within the transaction
			p   uint16
			v   storedVerdict
		}
		var all []candidate
		c := t.Bucket(verdictsBucket).Cursor()
		for k, raw := c.Seek(firstTime(f.Since)); k != nil && beforeTime(k, f.Until); k, raw = c.Next() {
			var v storedVerdict
			if err := decode(raw, &v); err != nil {
				return err
			}
			if v.Abstain == "" && v.Stance == uint8(stance) {
				all = append(all, candidate{k, v.P[stance], v})
			}
		}
		sort.SliceStable(all, func(i, j int) bool { return all[i].p > all[j].p })
		posts := tx.Bucket(postsBucket)
		for _, a := range all {
			if len(out) == n {
				break
			}
			r, err := readRecord(a.key, posts.Get(a.key), &a.v)
			if err != nil {
				return err
			}
			if f.match(r.Post.Platform, string(r.Post.Kind), r.Post.Lang) && (keep == nil || keep(r)) {
				out = append(out, r)
			}
		}
		return nil
	})
	return out, s.wrap("posts", err)
}

func firstTime(since time.Time) []byte {
	if since.IsZero() {
		return nil
	}
	b := make([]byte, 8)
	putInt64(b, since.UnixMilli())
	return b
}

func beforeTime(k []byte, until time.Time) bool {
	return until.IsZero() || bytes.Compare(k, firstTime(until)) < 0
}

func readRecord(key, raw []byte, v *storedVerdict) (r Record, err error) {
	at, platform, id, err := splitPostKey(key)
	if err != nil {
		return r, err
	}
	var p storedPost
	if err := decode(raw, &p); err != nil {
		return r, fmt.Errorf("post %s %s: %w", platform, id, err)
	}
	r = Record{Post: p.unpack(at, platform, id), Author: hex.EncodeToString(p.Author), Entry: p.Entry}
	r.Verdict, err = v.unpack()
	return r, err
}

// Check recounts every tally from posts and verdicts and compares. It returns one sentence for each difference.
func (s *Store) Check() (problems []string, err error) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	err = s.db.View(func(tx *bbolt.Tx) error {
		posts, ids := tx.Bucket(postsBucket), tx.Bucket(idsBucket)
		c := posts.Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if len(k) < 9 || !bytes.Equal(ids.Get(k[8:]), k[:8]) {
				report("post %q: the id index does not lead to it", k)
			}
		}
		if n, m := ids.Stats().KeyN, posts.Stats().KeyN; n != m {
			report("%d posts, %d ids", m, n)
		}
		return tx.Bucket(thesesBucket).ForEachBucket(func(name []byte) error {
			return checkThesis(tx.Bucket(thesesBucket).Bucket(name), posts, string(name), report)
		})
	})
	return problems, s.wrap("check", err)
}

func checkThesis(t, posts *bbolt.Bucket, name string, report func(string, ...any)) error {
	count := map[string]uint64{}
	err := t.Bucket(verdictsBucket).ForEach(func(k, raw []byte) error {
		var v storedVerdict
		var p storedPost
		if err := decode(raw, &v); err != nil {
			return err
		}
		if err := decode(posts.Get(k), &p); err != nil {
			report("thesis %s: verdict without a readable post: %q", name, k)
			return nil
		}
		r, err := readRecord(k, posts.Get(k), &v)
		if err != nil {
			return err
		}
		var author authorHash
		copy(author[:], p.Author)
		count[string(tallyOf(&r.Post, author, r.Verdict).bytes())]++
		return nil
	})
	if err != nil {
		return err
	}
	err = t.Bucket(talliesBucket).ForEach(func(k, v []byte) error {
		n, _ := binary.Uvarint(v)
		if n != count[string(k)] {
			report("thesis %s: tally %x says %d, a recount %d", name, k, n, count[string(k)])
		}
		delete(count, string(k))
		return nil
	})
	for k, n := range count {
		report("thesis %s: tally %x is missing, a recount gives %d", name, k, n)
	}
	return err
}

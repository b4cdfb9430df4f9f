package store

import (
	"bytes"
	"container/heap"
	"math"
	"slices"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
)

// Top lists up to n records of one stance that the filter chooses, the most probable first; equals are in order of the
// key. keep is asked, in that order, which to take; nil takes all. It reads the most promising hours of the filter's
// period until no other can hold anything better; the first call on an open store reads all posts.
func (s *Store) Top(thesis string, f Filter, stance classify.Stance, n int, keep func(Record) bool) (out []Record, err error) {
	f.Stances, f.Abstained = []classify.Stance{stance}, false
	t := &topSearch{scan: scan{store: s, thesis: thesis, filter: f}, stance: stance}
	if err := t.plan(); err != nil {
		return nil, s.wrap("posts", err)
	}
	err = s.view(func(tx *bbolt.Tx) error {
		t.rd = newReader(tx, thesis)
		for len(out) < n && t.Len() > 0 {
			if t.places[0].isHour() {
				if err := t.openHour(heap.Pop(t).(place)); err != nil {
					return err
				}
				continue
			}
			r, ok, err := t.record(heap.Pop(t).(place).key)
			if err != nil {
				return err
			}
			if ok && (keep == nil || keep(r)) {
				out = append(out, r)
			}
		}
		return nil
	})
	return out, s.wrap("posts", err)
}

// topSearch is a search of the best first: a heap of hours, by what they can hold at most, and of posts in the hours that
// were opened.
type topSearch struct {
	scan
	stance classify.Stance
	rd     *reader
	places []place
}

// place is a post, or an hour: its key is then the beginning of the keys in it.
type place struct {
	key []byte
	p   uint16
}

func (p place) isHour() bool { return len(p.key) == 8 }

func (t *topSearch) Len() int      { return len(t.places) }
func (t *topSearch) Swap(i, j int) { t.places[i], t.places[j] = t.places[j], t.places[i] }
func (t *topSearch) Push(x any)    { t.places = append(t.places, x.(place)) }
func (t *topSearch) Pop() any {
	last := t.places[len(t.places)-1]
	t.places = t.places[:len(t.places)-1]
	return last
}
func (t *topSearch) Less(i, j int) bool {
	a, b := &t.places[i], &t.places[j]
	return a.p > b.p || a.p == b.p && bytes.Compare(a.key, b.key) < 0
}

// plan puts the hours on the heap that hold posts which the filter chooses.
func (t *topSearch) plan() error {
	t.prepare()
	return t.store.withMarks(t.thesis, func(k *marks) {
		t.search = k.search(&t.filter)
		tops := k.tops(t.search)
		keys := make([]byte, 8*len(tops))
		t.places = make([]place, 0, len(tops))
		for _, h := range tops {
			key := keys[:8:8]
			keys = keys[8:]
			putInt64(key, hourMS(h.hour))
			t.places = append(t.places, place{key, h.p})
		}
		heap.Init(t)
	})
}

// openHour puts the posts of an hour on the heap.
func (t *topSearch) openHour(hour place) error {
	c := t.rd.verdicts.Cursor()
	from, end := hour.key, make([]byte, 8)
	if bytes.Compare(from, t.since) < 0 {
		from = t.since
	}
	putInt64(end, getInt64(hour.key)+hourMillis)
	for k, raw := c.Seek(from); k != nil && bytes.Compare(k, end) < 0 && t.inPeriod(k); k, raw = c.Next() {
		g, err := glanceAt(k, raw)
		if err != nil {
			return err
		}
		p := g.p[t.stance]
		if g.stance == uint8(t.stance) && t.filter.matchVerdict(t.stance, g.abstained, float64(p)/math.MaxUint16) {
			heap.Push(t, place{k, p}) // a key of the mapped file: valid within the transaction
		}
	}
	return nil
}

// record reads the post at key if the filter chooses it.
func (t *topSearch) record(key []byte) (r Record, ok bool, err error) {
	if ok, err := t.matchPost(t.rd, key); err != nil || !ok {
		return r, false, err
	}
	var v storedVerdict
	if err := decode(key, t.rd.verdicts.Get(key), &v); err != nil {
		return r, false, err
	}
	r, err = t.rd.record(slices.Clone(key), &v)
	return r, err == nil, err
}

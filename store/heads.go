package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"go.etcd.io/bbolt"
)

// heads finds the clusters that a post may belong to, in memory: in the file the hashes would be keys in random order,
// which cost bbolt a page each. It takes some 40 bytes a cluster, and is loaded when the first post on topic is added.
//
// Each band of a sketch is an entry: the first half of its hash says in which list, the second half where in it. Another
// band has the same by chance, and leads to a cluster that is then found to be unlike: with three million clusters for one
// post in forty.
type heads struct {
	lists []headList
	read  map[uint32]firstPost // some by their numbers
	held  int                  // shingles in read
}

// firstPost is the first post of a cluster, whose key and text stay as long as its number.
type firstPost struct {
	key []byte
	set []uint64 // shingles of the text
}

// maxHeld is how many shingles of first posts are kept, 2 MB of them: those of some ten thousand posts. New posts are compared with the
// same few again and again.
const maxHeld = 1 << 18

func (h *heads) keep(number uint32, f firstPost) {
	if h.held += len(f.set); h.held > maxHeld {
		clear(h.read)
		h.held = len(f.set)
	}
	h.read[number] = f
}

// headList is in order of the tails, and of equal ones in that of the numbers.
type headList []headEntry

// headEntry leads to a cluster; its number lies in two halves, so that an entry has six bytes.
type headEntry struct{ tail, high, low uint16 }

func (e headEntry) number() uint32 { return uint32(e.high)<<16 | uint32(e.low) }

// bandLimit bounds the clusters that one band leads to, and so the comparisons that one post costs. Where so many texts
// share a band and are no near-duplicates, later ones are found by their other bands.
const bandLimit = 16

func newHeads() *heads { return &heads{lists: make([]headList, 1<<16), read: map[uint32]firstPost{}} }

// place is the list of a band's hash, 16 bits, and the tail.
func place(band int, hash uint32) uint32 { return uint32(mix(uint64(band)<<32 | uint64(hash))) }

// of is the list of a band's hash, and the entries in it that have the hash.
func (h *heads) of(band int, hash uint32) (l *headList, tail uint16, from, to int) {
	at := place(band, hash)
	l, tail = &h.lists[at>>16], uint16(at)
	from = len(*l) * int(tail) >> 16 // nearly: hashes are spread evenly
	for from < len(*l) && (*l)[from].tail < tail {
		from++
	}
	for from > 0 && (*l)[from-1].tail >= tail {
		from--
	}
	for to = from; to < len(*l) && (*l)[to].tail == tail; {
		to++
	}
	return l, tail, from, to
}

// matches calls fn with the number of every cluster that shares a band, as often as it shares bands.
func (h *heads) matches(k *sketch, fn func(number uint32)) {
	for band, hash := range k {
		l, _, from, to := h.of(band, hash)
		for _, e := range (*l)[from:to] {
			fn(e.number())
		}
	}
}

func (h *heads) add(number uint32, k *sketch) {
	for band, hash := range k {
		l, tail, from, to := h.of(band, hash)
		if to-from == bandLimit {
			continue
		}
		for to > from && (*l)[to-1].number() > number {
			to-- // only where it was there before
		}
		l.grow(1)
		*l = slices.Insert(*l, to, headEntry{tail, uint16(number >> 16), uint16(number)})
	}
}

// grow makes room for n entries, and where there is none for seven and a sixteenth more: append would double the list.
func (l *headList) grow(n int) {
	if old := *l; len(old)+n > cap(old) {
		*l = append(slices.Grow(headList(nil), len(old)+len(old)/16+7+n), old...)
	}
}

// headRow is an entry and where it belongs: place and number. Their order is that of the lists.
type headRow uint64

// addAll is add of many: it takes each list in hand once.
func (h *heads) addAll(rows []headRow) {
	slices.Sort(rows)
	var merged headList
	for len(rows) > 0 {
		list := rows[0] >> 48
		l := &h.lists[list]
		old := *l
		merged = merged[:0]
		for ; len(rows) > 0 && rows[0]>>48 == list; rows = rows[1:] {
			e := headEntry{uint16(rows[0] >> 32), uint16(rows[0] >> 16), uint16(rows[0])}
			for len(old) > 0 && old[0].tail <= e.tail {
				merged, old = append(merged, old[0]), old[1:]
			}
			if n := len(merged); n < bandLimit || merged[n-bandLimit].tail != e.tail {
				merged = append(merged, e)
			}
		}
		merged = append(merged, old...)
		l.grow(len(merged) - len(*l))
		*l = append((*l)[:0], merged...)
	}
}

func (h *heads) remove(number uint32, k *sketch) {
	for band, hash := range k {
		l, _, from, to := h.of(band, hash)
		for i := from; i < to; i++ {
			if (*l)[i].number() == number {
				*l = slices.Delete(*l, i, i+1)
				break
			}
		}
	}
}

// headChange is a cluster that begins or ends in a transaction.
type headChange struct {
	number uint32
	sketch sketch
	gone   bool
}

func (h *heads) change(c *headChange, gone bool) {
	if gone {
		h.remove(c.number, &c.sketch)
	} else {
		h.add(c.number, &c.sketch)
	}
}

// headKey and headValue are how a cluster's first post lies in the bucket: number; sketch (24) and key in posts.
func headKey(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }

func headValue(k *sketch, key []byte) []byte {
	b := make([]byte, 0, 4*bandCount+len(key))
	for _, hash := range k {
		b = binary.BigEndian.AppendUint32(b, hash)
	}
	return append(b, key...)
}

func readHead(v []byte) (k sketch, key []byte, err error) {
	if len(v) < 4*bandCount+8 {
		return k, nil, fmt.Errorf("%w: cluster head %x", ErrDamaged, v)
	}
	for i := range k {
		k[i] = binary.BigEndian.Uint32(v[4*i:])
	}
	return k, v[4*bandCount:], nil
}

// loadedRows is how many rows are gathered before they are added.
const loadedRows = 1 << 20

func loadHeads(b *bbolt.Bucket) (*heads, error) {
	h := newHeads()
	full, empty := make(chan []headRow), make(chan []headRow, 2)
	var adding sync.WaitGroup
	adding.Go(func() {
		for rows := range full {
			h.addAll(rows)
			empty <- rows[:0]
		}
	})
	defer adding.Wait()
	defer close(full)
	empty <- nil
	var rows []headRow
	err := each(b, nil, func(k, v []byte) error {
		s, _, err := readHead(v)
		if err != nil || len(k) != 8 || binary.BigEndian.Uint64(k) > maxHead {
			return fmt.Errorf("%w: cluster head %x", ErrDamaged, k)
		}
		for band, hash := range s {
			rows = append(rows, headRow(place(band, hash))<<32|headRow(binary.BigEndian.Uint64(k)))
		}
		if len(rows) > loadedRows {
			full <- rows
			rows = <-empty
		}
		return nil
	})
	full <- rows
	return h, err
}

const maxHead = 1<<32 - 2

// clusters are the heads of the theses that were written to, known to the one writer only.
type clusters struct {
	byThesis map[string]*heads
}

// knownHeads are the clusters that there are, in the file and by this transaction.
func (t *thesisWriter) knownHeads() (*heads, error) {
	c := &t.w.store.clusters
	if h := c.byThesis[t.name]; h != nil {
		return h, nil
	}
	h, err := loadHeads(t.heads.bucket)
	if err != nil {
		return nil, err
	}
	for i := range t.headChanges {
		h.change(&t.headChanges[i], t.headChanges[i].gone)
	}
	if c.byThesis == nil {
		c.byThesis = map[string]*heads{}
	}
	c.byThesis[t.name] = h
	return h, nil
}

// changeHead notes that a cluster begins or ends.
func (t *thesisWriter) changeHead(c headChange) {
	t.headChanges = append(t.headChanges, c)
	if h := t.w.store.clusters.byThesis[t.name]; h != nil {
		h.change(&c, c.gone)
	}
}

// forgetHeads takes back what a transaction that failed has changed in memory.
func (w *writer) forgetHeads() {
	for _, t := range w.theses {
		if h := w.store.clusters.byThesis[t.name]; h != nil {
			for _, c := range slices.Backward(t.headChanges) {
				h.change(&c, !c.gone)
			}
			clear(h.read) // their numbers are given again
			h.held = 0
		}
	}
}

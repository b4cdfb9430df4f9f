package store

import (
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// heads finds the clusters that a post may belong to, in memory: in the file the hashes would be keys in random order,
// which cost bbolt a page each. It takes some 70 bytes a cluster, and is loaded when the first post on topic is added.
type heads struct {
	numbers  []uint32 // in the bucket, ascending
	gone     []bool
	sketches []sketch
	slots    []uint32 // hash table of all bands of all sketches: place in numbers, plus 1; 0: empty
	used     int
}

// bandLimit bounds, roughly, the clusters that one band leads to, and so the comparisons that one post costs. Where so many texts
// share a band and are no near-duplicates, later ones are found by their other bands.
const bandLimit = 16

// slot is where the search for a band's hash begins.
func (h *heads) slot(band int, hash uint32) int {
	return int(mix(uint64(band)<<32|uint64(hash)) & uint64(len(h.slots)-1))
}

// matches calls fn with the number of every cluster that shares a band, as often as it shares bands.
func (h *heads) matches(k *sketch, fn func(number uint32)) {
	if len(h.slots) == 0 {
		return
	}
	for band, hash := range k {
		for at := h.slot(band, hash); h.slots[at] != 0; at = (at + 1) & (len(h.slots) - 1) {
			if i := h.slots[at] - 1; h.sketches[i][band] == hash && !h.gone[i] {
				fn(h.numbers[i])
			}
		}
	}
}

func (h *heads) add(number uint32, k sketch) {
	h.append(number, k)
	if 4*(h.used+bandCount) > 3*len(h.slots) {
		h.grow()
		return
	}
	h.insert(len(h.numbers) - 1)
}

func (h *heads) append(number uint32, k sketch) {
	h.numbers, h.gone, h.sketches = append(h.numbers, number), append(h.gone, false), append(h.sketches, k)
}

func (h *heads) insert(i int) {
	for band, hash := range h.sketches[i] {
		same := 0
		at := h.slot(band, hash)
		for ; h.slots[at] != 0; at = (at + 1) & (len(h.slots) - 1) {
			if h.sketches[h.slots[at]-1][band] == hash {
				same++
			}
		}
		if same < bandLimit {
			h.slots[at] = uint32(i) + 1
			h.used++
		}
	}
}

// grow makes the table anew, twice as large as is needed, without what is gone.
func (h *heads) grow() {
	keep := 0
	for i, n := range h.numbers {
		if !h.gone[i] {
			h.numbers[keep], h.gone[keep], h.sketches[keep] = n, false, h.sketches[i]
			keep++
		}
	}
	h.numbers, h.gone, h.sketches = h.numbers[:keep], h.gone[:keep], h.sketches[:keep]
	size := 1 << 10
	for size < 2*bandCount*keep {
		size *= 2
	}
	h.slots, h.used = make([]uint32, size), 0
	for i := range keep {
		h.insert(i)
	}
}

func (h *heads) remove(number uint32) {
	if i, ok := slices.BinarySearch(h.numbers, number); ok {
		h.gone[i] = true
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

func loadHeads(b *bbolt.Bucket) (*heads, error) {
	h := &heads{}
	err := each(b, nil, func(k, v []byte) error {
		s, _, err := readHead(v)
		if err != nil || len(k) != 8 || binary.BigEndian.Uint64(k) > maxHead {
			return fmt.Errorf("%w: cluster head %x", ErrDamaged, k)
		}
		h.append(uint32(binary.BigEndian.Uint64(k)), s)
		return nil
	})
	h.grow()
	return h, err
}

const maxHead = 1<<32 - 2

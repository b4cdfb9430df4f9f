package store

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestHeads compares the table with a plain list under random additions and removals.
func TestHeads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	h := &heads{}
	want := map[uint32]sketch{}
	for number := uint32(1); number < 5000; number++ {
		var k sketch
		for b := range k {
			k[b] = rnd.Uint32N(1500) // so that some share bands
		}
		h.add(number, k)
		want[number] = k
		if gone := rnd.Uint32N(number) + 1; rnd.IntN(3) == 0 {
			h.remove(gone)
			delete(want, gone)
		}
		if number%97 != 0 {
			continue
		}
		var near, found []uint32
		for n, other := range want {
			for b := range k {
				if other[b] == k[b] {
					near = append(near, n)
					break
				}
			}
		}
		h.matches(&k, func(n uint32) { found = append(found, n) })
		slices.Sort(near)
		slices.Sort(found)
		if found = slices.Compact(found); !slices.Equal(near, found) {
			t.Fatalf("after %d: matches %v, want %v", number, found, near)
		}
	}
}

func TestHeadsOfOneBandAreBounded(t *testing.T) {
	h := &heads{}
	for number := uint32(1); number < 1000; number++ {
		h.add(number, sketch{1, number, number, number, number, number})
	}
	found := map[uint32]bool{}
	h.matches(&sketch{1}, func(n uint32) { found[n] = true })
	if n := len(found); n < bandLimit || n > 4*bandLimit { // more where the searches for other bands pass by
		t.Errorf("a band that 999 share leads to %d, want about %d", n, bandLimit)
	}
}

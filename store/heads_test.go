package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
	"stallwatch/collector"
)

// TestHeads compares the table with a plain list under random additions and removals.
func TestHeads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	h := newHeads()
	want := map[uint32]sketch{}
	for number := uint32(1); number < 5000; number++ {
		var k sketch
		for b := range k {
			k[b] = rnd.Uint32N(1500) // so that some share bands
		}
		h.add(number, &k)
		want[number] = k
		if gone := rnd.Uint32N(number) + 1; rnd.IntN(3) == 0 {
			if k, ok := want[gone]; ok {
				h.remove(gone, &k)
			}
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
	h := newHeads()
	together := newHeads()
	var rows []headRow
	for number := uint32(1); number < 1000; number++ {
		k := sketch{1, number, number, number, number, number}
		h.add(number, &k)
		for band, hash := range k {
			rows = append(rows, headRow(place(band, hash))<<32|headRow(number))
		}
		if number%300 == 0 || number == 999 {
			together.addAll(rows)
			rows = nil
		}
	}
	if !reflect.DeepEqual(h, together) {
		t.Error("added together they are others than one by one")
	}
	found := map[uint32]bool{}
	h.matches(&sketch{1}, func(n uint32) { found[n] = true })
	if n := len(found); n != bandLimit {
		t.Errorf("a band that 999 share leads to %d, want %d", n, bandLimit)
	}
}

// TestHeadsAreThoseOfTheFile compares what is in memory with what is read anew: after posts that came and went, and after
// a transaction that failed.
func TestHeadsAreThoseOfTheFile(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	made := 0
	change := func(fails bool) {
		t.Helper()
		failure := errors.New("as of a full disk")
		err := s.write(func(w *writer) error {
			x, err := w.thesis("t")
			if err != nil {
				return err
			}
			n := Totals{Skipped: map[collector.Reason]int{}}
			for range 30 {
				made++
				it := Item{Post: collector.Post{Platform: "x", ID: fmt.Sprint(made), Kind: collector.Original, CreatedAt: time.UnixMilli(int64(made)),
					Text: strings.Repeat(fmt.Sprintf("word%d ", made/2), 6)}, Verdict: classify.Verdict{Stance: classify.Agree, Model: "m"}}
				if err := w.put(&it, x, 1, &n); err != nil {
					return err
				}
			}
			for i := range 7 {
				if err := w.forget(collector.Ref{Platform: "x", ID: fmt.Sprint(made - 8*i)}, 1, time.UnixMilli(0), &n); err != nil {
					return err
				}
			}
			if fails {
				return failure
			}
			return nil
		})
		if fails != errors.Is(err, failure) {
			t.Fatal(err)
		}
		var fresh *heads
		if err := s.view(func(tx *bbolt.Tx) (err error) {
			fresh, err = loadHeads(thesisBucket(tx, "t", headsBucket))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		entries := 0
		for i, l := range s.clusters.byThesis["t"].lists {
			entries += len(l)
			if !slices.Equal(l, fresh.lists[i]) {
				t.Fatalf("list %d is %v, in the file %v", i, l, fresh.lists[i])
			}
		}
		if entries == 0 {
			t.Error("no entries")
		}
	}
	change(false)
	change(true)
	change(false)
}

package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"stallwatch/classify"
)

// TestMarks compares what is found by marks with a look at a list: while verdicts come in any order and go, in hours of a few
// and in one of so many that it is searched in pieces.
func TestMarks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(51, 52))
	type row struct {
		ms   int64
		lang string
		p    uint16
	}
	var rows []row
	k := newMarks(1)
	change := func(c *markChanges, r row, n int64) {
		v := &storedVerdict{Stance: uint8(classify.Disagree)}
		v.P[v.Stance] = r.p
		p := &version{key: postKey(time.UnixMilli(r.ms), "x", "1")}
		p.post.Lang, p.post.Kind = r.lang, "reply"
		c.change(p, "x", v, n)
	}
	for range 20 {
		var c markChanges
		for range 4000 {
			r := row{ms: rnd.Int64N(hourMillis/8) * 8, lang: fmt.Sprint("l", rnd.IntN(40)), p: uint16(rnd.IntN(1 << 16))}
			if rnd.IntN(4) == 0 {
				r.ms += (rnd.Int64N(200) - 100) * hourMillis
			}
			rows = append(rows, r)
			change(&c, r, 1)
		}
		for range 1000 {
			i := rnd.IntN(len(rows))
			change(&c, rows[i], -1)
			rows[i] = rows[len(rows)-1]
			rows = rows[:len(rows)-1]
		}
		k.apply(&c)
	}
	total := 0
	for i, h := range k.hours {
		if total += len(h.marks); !slices.IsSorted(h.marks) || len(h.marks) > mostMarks || i > 0 && k.hours[i-1].hour >= h.hour &&
			(k.hours[i-1].hour > h.hour || k.hours[i-1].marks[len(k.hours[i-1].marks)-1] > h.marks[0]) {
			t.Errorf("hour %d is out of order", h.hour)
		}
	}
	if total != len(rows) {
		t.Errorf("%d marks of %d verdicts", total, len(rows))
	}
	slices.SortFunc(rows, func(a, b row) int { return int(a.ms - b.ms) })
	for range 200 {
		f := Filter{Langs: []string{fmt.Sprint("l", rnd.IntN(42))}, MinP: rnd.Float64() * 0.6}
		if rnd.IntN(3) == 0 {
			f.Langs, f.MaxP = nil, f.MinP+0.0005
		}
		for _, at := range []*time.Time{&f.Since, &f.Until} {
			if rnd.IntN(3) == 0 {
				*at = time.UnixMilli(rnd.Int64N(2*hourMillis) - hourMillis/2)
			}
		}
		q := k.search(&f)
		q.newestFirst = rnd.IntN(2) == 0
		var want []int64
		for _, r := range rows {
			if f.match("x", "reply", r.lang) && uint32(r.p)-f.markRange().low <= f.markRange().span && r.ms >= q.from && r.ms < q.until {
				want = append(want, r.ms)
			}
		}
		want = slices.Compact(want)
		if q.newestFirst {
			slices.Reverse(want)
		}
		n := 1 + rnd.IntN(300)
		if got := k.find(q, n); !slices.Equal(got, want[:min(n, len(want))]) {
			t.Fatalf("find(%+v, %d), newest first %t: %d times, want %d of %d", f, n, q.newestFirst, len(got), min(n, len(want)), len(want))
		}
	}
}

package store

import (
	"math"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"stallwatch/classify"
)

// mark is what a search must know of a verdict, in one word: when the post was made within its hour, in ms (22 bits), the
// number of its facet (26), and the probability of the stance (16). Eight bytes a post answer in milliseconds which of
// millions of posts have a rare combination of properties; the posts themselves are then read one by one.
type mark uint64

const (
	markFacet = 16 // bits below
	markTime  = 42
	maxFacets = 1 << (markTime - markFacet)
)

func newMark(inHour int64, facet uint32, p uint16) mark {
	return mark(inHour)<<markTime | mark(facet)<<markFacet | mark(p)
}

func (m mark) inHour() int64 { return int64(m >> markTime) }
func (m mark) facet() uint32 { return uint32(m>>markFacet) % maxFacets }
func (m mark) p() uint16     { return uint16(m) }

const hourMillis = 3_600_000

// unknownFacet is that of a record that could not be read: every search looks at it, and says so.
const unknownFacet = 0

// marks are those of all verdicts on a thesis. A search that goes by them must still look at what it finds: the marks may be
// of a moment before or after its transaction.
type marks struct {
	at     int               // transaction that they were loaded at; later ones are added
	facets []markedFacet     // by number
	index  map[string]uint32 // of facets, by their key
	hours  []hourMarks       // ascending
}

// hourMarks are the marks of one hour, ascending: in order of time. Of an hour that has more than mostMarks they are several,
// one after the other.
type hourMarks struct {
	hour  int32
	marks []mark
}

// markedFacet is what searches choose by. Its key is the four strings with 00 between them.
type markedFacet struct{ platform, kind, lang, outcome string }

func newMarks(at int) *marks {
	return &marks{at: at, facets: make([]markedFacet, 1), index: map[string]uint32{}}
}

// facet numbers the facet of a key.
func (k *marks) facet(key []byte) uint32 {
	if n, ok := k.index[string(key)]; ok {
		return n
	}
	parts := strings.Split(string(key), "\x00")
	if len(parts) != 4 || len(k.facets) == maxFacets {
		return unknownFacet
	}
	n := uint32(len(k.facets))
	k.facets = append(k.facets, markedFacet{parts[0], parts[1], parts[2], parts[3]})
	k.index[string(key)] = n
	return n
}

// markSearch says which marks are looked for, and in which order.
type markSearch struct {
	chosen      []markRange // by number of the facet
	from, until int64       // Unix ms, until exclusive
	newestFirst bool
}

// markRange are the probabilities from low to low+span.
type markRange struct{ low, span uint32 }

var (
	noMark  = markRange{low: 1 << markFacet} // more than any
	anyMark = markRange{span: math.MaxUint16}
)

// search is what a filter looks for. Rounding may let it find too much.
func (k *marks) search(f *Filter) *markSearch {
	q := &markSearch{chosen: make([]markRange, len(k.facets)), from: math.MinInt64, until: math.MaxInt64}
	probable := f.markRange()
	q.chosen[unknownFacet] = anyMark
	for i := range k.facets[1:] {
		x := &k.facets[i+1]
		q.chosen[i+1] = noMark
		if f.match(x.platform, x.kind, x.lang) && f.matchStance(classify.Stance(outcomeNumber(x.outcome)), strings.HasPrefix(x.outcome, "-")) {
			q.chosen[i+1] = probable
		}
	}
	if !f.Since.IsZero() {
		q.from = f.Since.UnixMilli()
	}
	if !f.Until.IsZero() {
		q.until = f.Until.UnixMilli()
	}
	return q
}

// markRange are the probabilities that the filter chooses.
func (f *Filter) markRange() markRange {
	high := f.MaxP
	if high == 0 {
		high = 1
	}
	units := func(p float64) float64 { return math.MaxUint16 * min(max(p, 0), 1) }
	low := uint32(math.Floor(units(f.MinP)))
	return markRange{low, max(low, uint32(math.Ceil(units(high)))) - low}
}

func (r markRange) has(p uint16) bool { return uint32(p)-r.low <= r.span }

// A search begins with few marks, which is enough for what is frequent, and goes on with more on all processors.
const (
	fewMarks   = 1 << 14
	manyMarks  = 1 << 20
	markPieces = 1 << 14 // that one processor takes at a time
	mostMarks  = 2 * markPieces
)

// find lists the times of up to n posts, Unix ms, in the order of the search; posts of the same time make one.
func (k *marks) find(q *markSearch, n int) (times []int64) {
	rest := q.hours(k)
	for size := fewMarks; len(rest) > 0 && len(times) < n; size = min(4*size, manyMarks) {
		var pieces [][]hourMarks
		for rows := 0; len(rest) > 0 && rows < size; {
			var piece []hourMarks
			piece, rest = q.take(rest)
			for i := range piece {
				rows += len(piece[i].marks)
			}
			pieces = append(pieces, piece)
		}
		times = q.appendTimes(times, pieces, n)
	}
	return times
}

func hourMS(hour int32) int64 { return int64(hour) * hourMillis }

// hours are those of the period of the search; the first and the last may begin before it and end after it.
func (q *markSearch) hours(k *marks) []hourMarks {
	lo := sort.Search(len(k.hours), func(i int) bool { return hourMS(k.hours[i].hour+1) > q.from })
	hi := sort.Search(len(k.hours), func(i int) bool { return hourMS(k.hours[i].hour) >= q.until })
	return k.hours[min(lo, hi):hi]
}

// take cuts off the hours that are searched first: as many as have markPieces.
func (q *markSearch) take(hours []hourMarks) (piece, rest []hourMarks) {
	n, rows := 0, 0
	if q.newestFirst {
		for n = len(hours); n > 0 && rows < markPieces; n-- {
			rows += len(hours[n-1].marks)
		}
		return hours[n:], hours[:n]
	}
	for ; n < len(hours) && rows < markPieces; n++ {
		rows += len(hours[n].marks)
	}
	return hours[:n], hours[n:]
}

// appendTimes searches pieces until there are n times.
func (q *markSearch) appendTimes(times []int64, pieces [][]hourMarks, n int) []int64 {
	found := make([][]int64, len(pieces))
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < len(pieces); i = int(next.Add(1)) - 1 {
			found[i] = q.times(pieces[i], n)
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pieces)) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	for _, part := range found {
		if len(part) > 0 && len(times) > 0 && part[0] == times[len(times)-1] {
			part = part[1:]
		}
		times = append(times, part[:min(len(part), n-len(times))]...)
	}
	return times
}

// times are those of up to n marks of some hours.
func (q *markSearch) times(hours []hourMarks, n int) (out []int64) {
	for i := range hours {
		h := &hours[i]
		if q.newestFirst {
			h = &hours[len(hours)-1-i]
		}
		start, rest := hourMS(h.hour), q.within(h)
		for i := q.next(rest); i >= 0; i = q.next(rest) {
			if t := start + rest[i].inHour(); len(out) == 0 || out[len(out)-1] != t {
				if out = append(out, t); len(out) == n {
					return out
				}
			}
			if q.newestFirst {
				rest = rest[:i]
			} else {
				rest = rest[i+1:]
			}
		}
	}
	return out
}

// within are the marks of an hour in the period of the search.
func (q *markSearch) within(h *hourMarks) []mark {
	part, start := h.marks, hourMS(h.hour)
	at := func(ms int64) int {
		return sort.Search(len(part), func(i int) bool { return part[i].inHour() >= ms-start })
	}
	if q.until < start+hourMillis {
		part = part[:at(q.until)]
	}
	if q.from > start {
		part = part[at(q.from):]
	}
	return part
}

// next is the place of the first mark that is chosen, of the last if the newest come first; -1 when there is none.
func (q *markSearch) next(marks []mark) int {
	chosen := q.chosen
	if q.newestFirst {
		for i := len(marks) - 1; i >= 0; i-- {
			if m := marks[i]; chosen[m.facet()].has(m.p()) {
				return i
			}
		}
		return -1
	}
	for i, m := range marks {
		if chosen[m.facet()].has(m.p()) {
			return i
		}
	}
	return -1
}

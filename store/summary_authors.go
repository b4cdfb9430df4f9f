package store

import (
	"runtime"
	"slices"
	"sort"
	"sync/atomic"

	"stallwatch/classify"
)

// authorPass adds up one author after the other: what an author has in each cell is complete when the author's rows end,
// so no cell needs a table of authors.
type authorPass struct {
	m *summariser
	*cells
	steps        stepper
	times        int32   // 1; -1 to take away
	singles      []int32 // by facet, authors who have one post and no other; finish adds them to the cells but the series
	langs, kinds pairs
}

// pairs are one author's pairs by the values of a dimension.
type pairs struct {
	of   []pair
	used []int32
}

func newPairs(n int) pairs { return pairs{of: make([]pair, n)} }

func (p *pairs) add(i int32, agree, n int32) {
	if p.of[i] == (pair{}) {
		p.used = append(p.used, i)
	}
	p.of[i].add(agree, n)
}

func (p *pairs) flush(into []counter, times int32) {
	for _, i := range p.used {
		into[i].addAuthors(p.of[i], times)
		p.of[i] = pair{}
	}
	p.used = p.used[:0]
}

func (m *summariser) newAuthorPass(into *cells, steps stepper) *authorPass {
	a := &authorPass{m: m, cells: into, steps: steps, times: 1, singles: make([]int32, len(m.choices)),
		langs: newPairs(len(m.p.langs.names)), kinds: newPairs(len(m.p.kinds.names))}
	return a
}

// addUnknown counts each post of unknown authors as one of an author of its own.
func (a *authorPass) addUnknown(rows []authorTally) {
	for _, r := range rows {
		if a.m.chosen(r) {
			a.addSingles(r, a.times*r.n())
		}
	}
}

// add counts one author, who is known, with all rows, in order of hours.
func (a *authorPass) add(rows []authorTally) {
	m := a.m
	if len(rows) == 0 || rows[len(rows)-1].hour() < m.lo || rows[0].hour() >= m.hi {
		return // most authors, when the period is short
	}
	if len(rows) == 1 && rows[0].n() == 1 {
		if m.choices[rows[0].facet()].use {
			a.addSingles(rows[0], a.times)
		}
		return
	}
	if rows[0].hour() < m.lo || rows[len(rows)-1].hour() >= m.hi {
		lo := sort.Search(len(rows), func(i int) bool { return rows[i].hour() >= m.lo })
		rows = rows[lo:]
		rows = rows[:sort.Search(len(rows), func(i int) bool { return rows[i].hour() >= m.hi })]
	}
	a.addRows(rows)
}

func (m *summariser) chosen(r authorTally) bool {
	return m.choices[r.facet()].use && r.hour() >= m.lo && r.hour() < m.hi
}

// addSingles counts so many authors who have one post each, those of a row, and no other.
func (a *authorPass) addSingles(r authorTally, authors int32) {
	a.singles[r.facet()] += authors
	x := &a.m.choices[r.facet()]
	if x.outcome != uint8(classify.Discuss) && !x.repost && a.steps.has(r.hour()) {
		a.series[a.steps.of(r.hour())].addAuthors(pair{1 & x.agree, 1}, authors)
	}
}

// addRows counts one author by the rows that lie in the filter's period.
func (a *authorPass) addRows(rows []authorTally) {
	var all, reposts, later, inStep pair // stance-taking posts
	discuss, step, platform := int32(0), -1, int32(0)
	for _, r := range rows {
		x, n := &a.m.choices[r.facet()], r.n()
		if !x.use {
			continue
		}
		if x.outcome == uint8(classify.Discuss) {
			if !x.repost {
				discuss += n
			}
			continue
		}
		agree := n & x.agree
		all.add(agree, n)
		a.kinds.add(x.kind, agree, n)
		if x.repost {
			reposts.add(agree, n)
			continue
		}
		if x.later {
			later.add(agree, n)
		}
		platform = x.platform
		a.langs.add(x.lang, agree, n)
		if !a.steps.has(r.hour()) {
			continue // it will cancel out
		}
		if s := a.steps.of(r.hour()); s != step {
			if step >= 0 {
				a.series[step].addAuthors(inStep, a.times)
			}
			step, inStep = s, pair{}
		}
		inStep.add(agree, n)
	}
	if step >= 0 {
		a.series[step].addAuthors(inStep, a.times)
	}
	a.addTotals(all, reposts, later, discuss, platform)
}

// addTotals counts one author by what all the rows add up to. An author, of whom there is a hash for each platform, is on
// one platform.
func (a *authorPass) addTotals(all, reposts, later pair, discuss, platform int32) {
	posts := pair{all.agree - reposts.agree, all.n - reposts.n}
	a.topic.addAuthors(pair{posts.agree, posts.n + discuss}, a.times)
	if all.n == 0 {
		return
	}
	a.cells.all.addAuthors(all, a.times)
	a.cells.reposts.addAuthors(reposts, a.times)
	a.cells.posts.addAuthors(posts, a.times)
	a.cells.collapsed.addAuthors(pair{posts.agree - later.agree, posts.n - later.n}, a.times)
	if posts.n > 0 {
		a.byPlatform[platform].addAuthors(posts, a.times)
	}
	a.langs.flush(a.byLang, a.times)
	a.kinds.flush(a.byKind, a.times)
}

// finish counts the authors of one post in all cells but those of the series, which have them.
func (a *authorPass) finish() {
	for i, authors := range a.singles {
		if authors == 0 {
			continue
		}
		x := &a.m.choices[i]
		p := pair{1 & x.agree, 1}
		if !x.repost {
			a.topic.addAuthors(p, authors)
		}
		if x.outcome == uint8(classify.Discuss) {
			continue
		}
		a.all.addAuthors(p, authors)
		a.byKind[x.kind].addAuthors(p, authors)
		if x.repost {
			a.reposts.addAuthors(p, authors)
			continue
		}
		a.posts.addAuthors(p, authors)
		if !x.later {
			a.collapsed.addAuthors(p, authors)
		}
		a.byPlatform[x.platform].addAuthors(p, authors)
		a.byLang[x.lang].addAuthors(p, authors)
	}
	clear(a.singles)
}

// authorWork is the pass over all authors' rows in parts, which whoever is free takes next.
type authorWork struct {
	m       *summariser
	parts   []authorPart
	next    atomic.Int32
	workers int // who take part beside the caller
}

// authorPart are some lists of the column, or some tallies of unknown authors.
type authorPart struct {
	lists   [][]authorTally
	unknown []authorTally
}

// manyRows is from how many on all processors take part in a pass.
const manyRows = 5_000

// newAuthorWork cuts the column into some sixty parts of nearly the same length.
func (m *summariser) newAuthorWork() *authorWork {
	const parts = 64
	w, all := &authorWork{m: m}, &m.p.authors
	if all.rows > manyRows {
		w.workers = runtime.GOMAXPROCS(0) - 1
	}
	for lists := range slices.Chunk(all.lists[1:], len(all.lists)/parts) {
		w.parts = append(w.parts, authorPart{lists: lists})
	}
	for unknown := range slices.Chunk(all.lists[0], all.rows/parts+1) {
		w.parts = append(w.parts, authorPart{unknown: unknown})
	}
	return w
}

// do takes parts until none is left.
func (w *authorWork) do(a *authorPass) error {
	return guard(func() error { // tallies that contradict each other
		for i := int(w.next.Add(1)) - 1; i < len(w.parts); i = int(w.next.Add(1)) - 1 {
			for _, rows := range w.parts[i].lists {
				for len(rows) > 0 {
					n := sameAuthor(rows)
					a.add(rows[:n])
					rows = rows[n:]
				}
			}
			a.addUnknown(w.parts[i].unknown)
		}
		a.finish()
		return nil
	})
}

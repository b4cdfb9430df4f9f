package store

import (
	"errors"
	"runtime"
	"sort"
	"sync"

	"stallwatch/classify"
)

// authorPass adds up one author after the other: what an author has in each cell is complete when the author's rows end,
// so no cell needs a table of authors.
type authorPass struct {
	m *summariser
	*cells
	own                     struct{ posts, reposts, all, collapsed, topic pair } // topic: agreeing, on-topic posts with text of their own
	platforms, langs, kinds pairs
	step                    int
	inStep                  pair
	scratch                 []authorRow
}

// pairs are one author's pairs by the values of a dimension.
type pairs struct {
	of   []pair
	used []int
}

func newPairs(n int) pairs { return pairs{of: make([]pair, n)} }

func (p *pairs) add(i int, agrees bool, n int32) {
	if p.of[i] == (pair{}) {
		p.used = append(p.used, i)
	}
	p.of[i].add(agrees, n)
}

func (p *pairs) flush(into []counter) {
	for _, i := range p.used {
		into[i].addAuthors(p.of[i], 1)
		p.of[i] = pair{}
	}
	p.used = p.used[:0]
}

// cells are the counters of one summary.
type cells struct {
	posts, reposts, all, collapsed counter
	topic                          counter // authors of on-topic posts, for Summary.OnTopic
	byPlatform, byLang, byKind     []counter
	series                         []counter
}

func (m *summariser) newCells() cells {
	return cells{byPlatform: make([]counter, len(m.platforms.names)), byLang: make([]counter, len(m.langs.names)),
		byKind: make([]counter, len(m.kinds.names)), series: make([]counter, m.steps.count)}
}

// merge adds the authors of other cells.
func (c *cells) merge(o *cells) {
	c.posts.merge(&o.posts)
	c.reposts.merge(&o.reposts)
	c.all.merge(&o.all)
	c.collapsed.merge(&o.collapsed)
	c.topic.merge(&o.topic)
	for _, p := range [][2][]counter{{c.byPlatform, o.byPlatform}, {c.byLang, o.byLang}, {c.byKind, o.byKind}, {c.series, o.series}} {
		for i := range p[0] {
			p[0][i].merge(&p[1][i])
		}
	}
}

// manyRows is from how many on all processors take part in a pass.
const manyRows = 50_000

// countAuthors makes the one pass over all authors' rows, in equal parts at the same time.
func (m *summariser) countAuthors() error {
	authors := uint32(len(m.p.authors))
	workers := uint32(1)
	if len(m.p.rows) > manyRows {
		workers = uint32(runtime.GOMAXPROCS(0))
	}
	parts, errs := make([]cells, workers), make([]error, workers)
	var wg sync.WaitGroup
	for i := range workers {
		from, to := uint32(uint64(authors)*uint64(i)/uint64(workers)), uint32(uint64(authors)*uint64(i+1)/uint64(workers))
		wg.Go(func() {
			parts[i] = m.newCells()
			errs[i] = guard(func() error { m.countPart(&parts[i], from, to); return nil }) // tallies that contradict each other
		})
	}
	wg.Wait()
	for i := range parts {
		m.merge(&parts[i])
	}
	return errors.Join(errs...)
}

// countPart counts the authors of some numbers.
func (m *summariser) countPart(into *cells, from, to uint32) {
	a := &authorPass{m: m, cells: into, platforms: newPairs(len(m.byPlatform)), langs: newPairs(len(m.byLang)), kinds: newPairs(len(m.byKind)), step: -1}
	unknown, hasUnknown := m.p.authors[authorHash{}]
	recent := m.p.recent
	recent = recent[sort.Search(len(recent), func(i int) bool { return recent[i].author >= from }):]
	for i := from; i < to; i++ {
		rows := m.p.author(i)
		if len(recent) > 0 && recent[0].author == i {
			n := 1
			for n < len(recent) && recent[n].author == i {
				n++
			}
			a.scratch = mergeRows(a.scratch[:0], rows, recent[:n])
			rows, recent = a.scratch, recent[n:]
		}
		if len(rows) == 0 || rows[len(rows)-1].hour < m.lo || rows[0].hour >= m.hi {
			continue // most authors, when the period is short
		}
		if hasUnknown && i == unknown {
			for _, r := range rows {
				if m.chosen(r) { // each post of an unknown author is an author of its own
					a.addRow(r, m.pairOf(r, 1), r.n)
				}
			}
			continue
		}
		if len(rows) == 1 {
			if m.chosen(rows[0]) {
				a.addRow(rows[0], m.pairOf(rows[0], rows[0].n), 1)
			}
			continue
		}
		a.author(rows)
	}
}

func (m *summariser) chosen(r authorRow) bool {
	return m.choices[r.facet].use && r.hour >= m.lo && r.hour < m.hi
}

// pairOf is the pair of an author with n posts like those of a row.
func (m *summariser) pairOf(r authorRow, n int32) (p pair) {
	p.add(m.choices[r.facet].outcome == int(classify.Agree), n)
	return p
}

func (a *authorPass) author(rows []authorRow) {
	m, any := a.m, false
	for _, r := range rows {
		if !m.chosen(r) {
			continue
		}
		x := &m.choices[r.facet]
		any = true
		agrees := x.outcome == int(classify.Agree)
		if !x.repost {
			a.own.topic.add(agrees, r.n)
		}
		if x.outcome == int(classify.Discuss) {
			continue
		}
		a.own.all.add(agrees, r.n)
		a.kinds.add(x.kind, agrees, r.n)
		if x.repost {
			a.own.reposts.add(agrees, r.n)
			continue
		}
		a.own.posts.add(agrees, r.n)
		if !x.later {
			a.own.collapsed.add(agrees, r.n)
		}
		a.platforms.add(x.platform, agrees, r.n)
		a.langs.add(x.lang, agrees, r.n)
		if s := m.steps.of(r.hour); s != a.step {
			a.endStep()
			a.step = s
		}
		a.inStep.add(agrees, r.n)
	}
	if any {
		a.end()
	}
}

func (a *authorPass) endStep() {
	if a.step >= 0 {
		a.series[a.step].addAuthors(a.inStep, 1)
	}
	a.step, a.inStep = -1, pair{}
}

func (a *authorPass) end() {
	a.endStep()
	a.cells.posts.addAuthors(a.own.posts, 1)
	a.cells.topic.addAuthors(a.own.topic, 1)
	a.cells.reposts.addAuthors(a.own.reposts, 1)
	a.cells.all.addAuthors(a.own.all, 1)
	a.cells.collapsed.addAuthors(a.own.collapsed, 1)
	a.own = struct{ posts, reposts, all, collapsed, topic pair }{}
	a.platforms.flush(a.byPlatform)
	a.langs.flush(a.byLang)
	a.kinds.flush(a.byKind)
}

// addRow counts so many authors who have nothing but the posts of one row, p being theirs.
func (a *authorPass) addRow(r authorRow, p pair, authors int32) {
	x := &a.m.choices[r.facet]
	if !x.repost {
		a.topic.addAuthors(p, authors)
	}
	if x.outcome == int(classify.Discuss) {
		return
	}
	a.all.addAuthors(p, authors)
	a.byKind[x.kind].addAuthors(p, authors)
	if x.repost {
		a.reposts.addAuthors(p, authors)
		return
	}
	a.posts.addAuthors(p, authors)
	if !x.later {
		a.collapsed.addAuthors(p, authors)
	}
	a.byPlatform[x.platform].addAuthors(p, authors)
	a.byLang[x.lang].addAuthors(p, authors)
	a.series[a.m.steps.of(r.hour)].addAuthors(p, authors)
}

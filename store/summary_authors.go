package store

import (
	"stallwatch/classify"
)

// authorPass adds up one author after the other: what an author has in each cell is complete when the author's rows end,
// so no cell needs a table of authors.
type authorPass struct {
	m *summariser
	*cells
	steps                   stepper
	times                   int32 // 1; -1 to take away
	unknown                 uint32
	hasUnknown              bool
	own                     struct{ posts, reposts, all, collapsed, topic pair } // topic: agreeing, on-topic posts with text of their own
	platforms, langs, kinds pairs
	step                    int
	inStep                  pair
}

// pairs are one author's pairs by the values of a dimension.
type pairs struct {
	of   []pair
	used []int32
}

func newPairs(n int) pairs { return pairs{of: make([]pair, n)} }

func (p *pairs) add(i int32, agrees bool, n int32) {
	if p.of[i] == (pair{}) {
		p.used = append(p.used, i)
	}
	p.of[i].add(agrees, n)
}

func (p *pairs) flush(into []counter, times int32) {
	for _, i := range p.used {
		into[i].addAuthors(p.of[i], times)
		p.of[i] = pair{}
	}
	p.used = p.used[:0]
}

func (m *summariser) newAuthorPass(into *cells, steps stepper) *authorPass {
	a := &authorPass{m: m, cells: into, steps: steps, times: 1, step: -1,
		platforms: newPairs(len(m.platforms.names)), langs: newPairs(len(m.langs.names)), kinds: newPairs(len(m.kinds.names))}
	a.unknown, a.hasUnknown = m.p.authors[authorHash{}]
	return a
}

func (a *authorPass) isUnknown(author uint32) bool { return a.hasUnknown && author == a.unknown }

// addUnknown counts each post of an unknown author as an author of its own.
func (a *authorPass) addUnknown(r authorRow) {
	if a.m.chosen(r) {
		a.addRow(r, a.m.pairOf(r, 1), a.times*r.n)
	}
}

// add counts one author with all rows, in order of hours.
func (a *authorPass) add(author uint32, rows []authorRow) {
	m := a.m
	if len(rows) == 0 || rows[len(rows)-1].hour < m.lo || rows[0].hour >= m.hi {
		return // most authors, when the period is short
	}
	switch {
	case a.isUnknown(author):
		for _, r := range rows {
			a.addUnknown(r)
		}
	case len(rows) > 1:
		a.addRows(rows)
	case m.chosen(rows[0]):
		a.addRow(rows[0], m.pairOf(rows[0], rows[0].n), a.times)
	}
}

func (m *summariser) chosen(r authorRow) bool {
	return m.choices[r.facet].use && r.hour >= m.lo && r.hour < m.hi
}

// pairOf is the pair of an author with n posts like those of a row.
func (m *summariser) pairOf(r authorRow, n int32) (p pair) {
	p.add(m.choices[r.facet].outcome == uint8(classify.Agree), n)
	return p
}

func (a *authorPass) addRows(rows []authorRow) {
	m, any := a.m, false
	for _, r := range rows {
		if !m.chosen(r) {
			continue
		}
		x := &m.choices[r.facet]
		any = true
		agrees := x.outcome == uint8(classify.Agree)
		if !x.repost {
			a.own.topic.add(agrees, r.n)
		}
		if x.outcome == uint8(classify.Discuss) {
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
		if !a.steps.has(r.hour) {
			continue // it will cancel out
		}
		if s := a.steps.of(r.hour); s != a.step {
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
		a.series[a.step].addAuthors(a.inStep, a.times)
	}
	a.step, a.inStep = -1, pair{}
}

func (a *authorPass) end() {
	a.endStep()
	a.cells.posts.addAuthors(a.own.posts, a.times)
	a.cells.topic.addAuthors(a.own.topic, a.times)
	a.cells.reposts.addAuthors(a.own.reposts, a.times)
	a.cells.all.addAuthors(a.own.all, a.times)
	a.cells.collapsed.addAuthors(a.own.collapsed, a.times)
	a.own = struct{ posts, reposts, all, collapsed, topic pair }{}
	a.platforms.flush(a.byPlatform, a.times)
	a.langs.flush(a.byLang, a.times)
	a.kinds.flush(a.byKind, a.times)
}

// addRow counts so many authors who have nothing but the posts of one row, p being theirs.
func (a *authorPass) addRow(r authorRow, p pair, authors int32) {
	x := &a.m.choices[r.facet]
	if !x.repost {
		a.topic.addAuthors(p, authors)
	}
	if x.outcome == uint8(classify.Discuss) {
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
	if a.steps.has(r.hour) {
		a.series[a.steps.of(r.hour)].addAuthors(p, authors)
	}
}

package store

import "stallwatch/classify"

// authorPass adds up one author after the other: what an author has in each cell is complete when the author's rows end,
// so no cell needs a table of authors.
type authorPass struct {
	m                              *summariser
	posts, reposts, all, collapsed pair
	platforms, langs, kinds        pairs
	step                           int
	inStep                         pair
	topic                          pair // agreeing, on-topic posts with text of their own
	scratch                        []authorRow
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

// countAuthors makes the one pass over all authors' rows.
func (m *summariser) countAuthors() {
	a := &authorPass{m: m, platforms: newPairs(len(m.byPlatform)), langs: newPairs(len(m.byLang)), kinds: newPairs(len(m.byKind)), step: -1}
	unknown, hasUnknown := m.p.authors[authorHash{}]
	recent := m.p.recent
	for i := range uint32(len(m.p.authors)) {
		rows := m.p.author(i)
		if len(recent) > 0 && recent[0].author == i {
			n := 1
			for n < len(recent) && recent[n].author == i {
				n++
			}
			a.scratch = mergeRows(a.scratch[:0], rows, recent[:n])
			rows, recent = a.scratch, recent[n:]
		}
		if hasUnknown && i == unknown {
			m.countUnknown(rows)
			continue
		}
		a.author(rows)
	}
}

func (a *authorPass) author(rows []authorRow) {
	m, any := a.m, false
	for _, r := range rows {
		x := &m.choices[r.facet]
		if !x.use || r.hour < m.lo || r.hour >= m.hi {
			continue
		}
		any = true
		agrees := x.outcome == int(classify.Agree)
		if !x.repost {
			a.topic.add(agrees, r.n)
		}
		if x.outcome == int(classify.Discuss) {
			continue
		}
		a.all.add(agrees, r.n)
		a.kinds.add(x.kind, agrees, r.n)
		if x.repost {
			a.reposts.add(agrees, r.n)
			continue
		}
		a.posts.add(agrees, r.n)
		if !x.later {
			a.collapsed.add(agrees, r.n)
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
		a.m.series[a.step].addAuthors(a.inStep, 1)
	}
	a.step, a.inStep = -1, pair{}
}

func (a *authorPass) end() {
	m := a.m
	a.endStep()
	m.posts.addAuthors(a.posts, 1)
	m.topic.addAuthors(a.topic, 1)
	m.reposts.addAuthors(a.reposts, 1)
	m.all.addAuthors(a.all, 1)
	m.collapsed.addAuthors(a.collapsed, 1)
	a.posts, a.reposts, a.all, a.collapsed, a.topic = pair{}, pair{}, pair{}, pair{}, pair{}
	a.platforms.flush(m.byPlatform)
	a.langs.flush(m.byLang)
	a.kinds.flush(m.byKind)
}

// countUnknown counts posts of unknown authors: each is an author of its own.
func (m *summariser) countUnknown(rows []authorRow) {
	for _, r := range rows {
		x := &m.choices[r.facet]
		if !x.use || r.hour < m.lo || r.hour >= m.hi {
			continue
		}
		var one pair
		one.add(x.outcome == int(classify.Agree), 1)
		if !x.repost {
			m.topic.addAuthors(one, r.n)
		}
		if x.outcome == int(classify.Discuss) {
			continue
		}
		m.all.addAuthors(one, r.n)
		m.byKind[x.kind].addAuthors(one, r.n)
		if x.repost {
			m.reposts.addAuthors(one, r.n)
			continue
		}
		m.posts.addAuthors(one, r.n)
		if !x.later {
			m.collapsed.addAuthors(one, r.n)
		}
		m.byPlatform[x.platform].addAuthors(one, r.n)
		m.byLang[x.lang].addAuthors(one, r.n)
		m.series[m.steps.of(r.hour)].addAuthors(one, r.n)
	}
}

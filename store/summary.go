package store

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
)

// Summary counts the posts of a thesis that the filter chooses. It reads the tallies, not the posts: into memory at the
// first call on an open store, in one pass over them from then on.
func (s *Store) Summary(thesis string, f Filter) (out Summary, err error) {
	if f.Step == "" {
		f.Step = Day
	}
	out = Summary{Thesis: thesis, Filter: f, Unclassified: map[string]int{}}
	var failed error
	err = s.withProjection(thesis, func(p *projection) {
		if p != nil {
			failed = newSummariser(p, f).run(&out)
		}
	})
	return out, s.wrap("summary", errors.Join(err, failed))
}

// choice is what a summary makes of one facet.
type choice struct {
	use, repost, later          bool
	outcome                     int // stance, or NumStances when not classified
	platform, lang, kind, model int // place among the groups
}

// summariser makes one summary. The unit is the post with text of its own; reposts stand apart.
type summariser struct {
	p       *projection
	filter  Filter
	choices []choice
	lo, hi  int32 // hours, hi exclusive

	platforms, langs, kinds, models groupNames
	cells
	steps      stepper
	stepModels []bool // by step and model
	usedModels map[string]bool
}

func newSummariser(p *projection, f Filter) *summariser {
	m := &summariser{p: p, filter: f, choices: make([]choice, len(p.facets)), lo: math.MinInt32, hi: math.MaxInt32}
	if !f.Since.IsZero() {
		m.lo = hourOf(f.Since)
	}
	if !f.Until.IsZero() {
		m.hi = hourOf(f.Until.Add(time.Hour - 1))
	}
	for i := range p.facets {
		x := &p.facets[i]
		if !f.match(x.platform, x.kind, x.lang) {
			continue
		}
		m.choices[i] = choice{use: true, repost: x.kind == string(collector.Repost), later: x.later, outcome: outcomeNumber(x.outcome),
			platform: m.platforms.of(x.platform), lang: m.langs.of(x.lang), kind: m.kinds.of(x.kind), model: m.models.of(x.model)}
	}
	return m
}

func outcomeNumber(name string) int {
	if s, err := classify.ParseStance(name); err == nil {
		return int(s)
	}
	return classify.NumStances
}

// groupNames numbers the values of a dimension.
type groupNames struct {
	names []string
	index map[string]int
}

func (g *groupNames) of(name string) int {
	if i, ok := g.index[name]; ok {
		return i
	}
	if g.index == nil {
		g.index = map[string]int{}
	}
	g.index[name] = len(g.names)
	g.names = append(g.names, name)
	return len(g.names) - 1
}

func (m *summariser) run(out *Summary) error {
	rows := m.inPeriod()
	if len(rows) == 0 {
		return nil
	}
	first, last := rows[0].hour, rows[len(rows)-1].hour
	out.First, out.Last = dayStart(hourStart(first)), dayStart(hourStart(last))
	m.steps = newStepper(m.filter.Step, first, last)
	out.Filter.Step = m.steps.step
	m.cells, m.stepModels = m.newCells(), make([]bool, m.steps.count*len(m.models.names))
	m.usedModels = map[string]bool{}
	m.countHours(rows, out.Unclassified)
	var err error
	if !m.filter.CountsOnly {
		err = m.countAuthors()
	}
	m.fill(out)
	return err
}

// inPeriod are the rows of the filter's period, from the first to the last that it chooses.
func (m *summariser) inPeriod() []hourRow {
	at := func(h int32) int {
		return sort.Search(len(m.p.hours), func(i int) bool { return m.p.hours[i].hour >= h })
	}
	lo, hi := at(m.lo), at(m.hi)
	for lo < hi && !m.choices[m.p.hours[lo].facet].use {
		lo++
	}
	for lo < hi && !m.choices[m.p.hours[hi-1].facet].use {
		hi--
	}
	return m.p.hours[lo:max(lo, hi)]
}

// countHours counts the posts by facet and step; everything else adds up from the facets.
func (m *summariser) countHours(rows []hourRow, unclassified map[string]int) {
	totals := make([]int, len(m.choices))
	hour, step := rows[0].hour, 0
	for _, r := range rows {
		x := &m.choices[r.facet]
		if !x.use {
			continue
		}
		totals[r.facet] += int(r.n)
		if x.repost {
			continue
		}
		if r.hour != hour {
			hour, step = r.hour, m.steps.of(r.hour)
		}
		m.series[step].addPosts(x.outcome, int(r.n))
		m.stepModels[step*len(m.models.names)+x.model] = true
	}
	for i, n := range totals {
		if n > 0 {
			m.countFacet(&m.choices[i], &m.p.facets[i], n, unclassified)
		}
	}
}

func (m *summariser) countFacet(x *choice, f *facet, n int, unclassified map[string]int) {
	m.usedModels[f.model] = true
	m.all.addPosts(x.outcome, n)
	m.byKind[x.kind].addPosts(x.outcome, n)
	if x.repost {
		m.reposts.addPosts(x.outcome, n)
		return
	}
	m.posts.addPosts(x.outcome, n)
	if !x.later {
		m.collapsed.addPosts(x.outcome, n)
	}
	m.byPlatform[x.platform].addPosts(x.outcome, n)
	m.byLang[x.lang].addPosts(x.outcome, n)
	if reason, ok := strings.CutPrefix(f.outcome, "-"); ok {
		unclassified[reason] += n
	}
}

func (m *summariser) fill(out *Summary) {
	out.Posts, out.Reposts, out.WithReposts, out.Collapsed = m.posts.finish(), m.reposts.finish(), m.all.finish(), m.collapsed.finish()
	out.OnTopic = m.topic.finish().Sums
	out.Platforms, out.Langs, out.Kinds = groups(m.platforms.names, m.byPlatform), groups(m.langs.names, m.byLang), groups(m.kinds.names, m.byKind)
	out.Models = slices.Sorted(maps.Keys(m.usedModels))
	out.Series = make([]Point, len(m.series))
	for i := range m.series {
		start := m.steps.start(i)
		out.Series[i] = Point{Start: start, End: m.steps.end(start), Cell: m.series[i].finish(), Models: m.modelsOf(i)}
	}
}

// modelsOf are the models that judged the posts of a step, sorted.
func (m *summariser) modelsOf(step int) (names []string) {
	for i, name := range m.models.names {
		if m.stepModels[step*len(m.models.names)+i] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// groups lists a dimension, the largest first, without what no post has.
func groups(names []string, counters []counter) []Group {
	out := make([]Group, 0, len(names))
	for i, name := range names {
		if c := counters[i].finish(); c.Total() > 0 {
			out = append(out, Group{name, c})
		}
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Cell.Total(), a.Cell.Total()), strings.Compare(a.Name, b.Name))
	})
	return out
}

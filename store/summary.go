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
	outcome                     uint8 // stance, or NumStances when not classified
	agree                       int32 // all bits, when the outcome is that, or none: so many of n posts are n & agree
	platform, lang, kind, model int32 // place among the groups
}

// summariser makes one summary. The unit is the post with text of its own; reposts stand apart.
type summariser struct {
	p       *projection
	filter  Filter
	choices []choice
	lo, hi  int32 // hours, hi exclusive
}

func newSummariser(p *projection, f Filter) *summariser {
	m := &summariser{p: p, filter: f, choices: make([]choice, len(p.facets)), lo: math.MinInt32, hi: math.MaxInt32}
	if !f.Since.IsZero() {
		m.lo = hourOf(f.Since)
	}
	if !f.Until.IsZero() {
		m.hi = hourOf(f.Until.Add(time.Hour - 1))
	}
	platforms, langs, kinds := p.platforms.chosen(f.Platforms), p.langs.chosen(f.Langs), p.kinds.chosen(kindNames(f.Kinds))
	for i, x := range p.choices {
		x.use = platforms[x.platform] && langs[x.lang] && kinds[x.kind]
		m.choices[i] = x
	}
	return m
}

// choiceOf is what all summaries make of a facet that they use.
func (p *projection) choiceOf(x *facet) choice {
	outcome := outcomeNumber(x.outcome)
	return choice{repost: x.kind == string(collector.Repost), later: x.later, outcome: uint8(outcome), agree: agreeBits(outcome),
		platform: p.platforms.of(x.platform), lang: p.langs.of(x.lang), kind: p.kinds.of(x.kind), model: p.models.of(x.model)}
}

func outcomeNumber(name string) int {
	if s, err := classify.ParseStance(name); err == nil {
		return int(s)
	}
	return classify.NumStances
}

func agreeBits(outcome int) int32 {
	if outcome == int(classify.Agree) {
		return -1
	}
	return 0
}

// groupNames numbers the values of a dimension.
type groupNames struct {
	names []string
	index map[string]int32
}

func (g *groupNames) of(name string) int32 {
	if i, ok := g.index[name]; ok {
		return i
	}
	if g.index == nil {
		g.index = map[string]int32{}
	}
	n := int32(len(g.names))
	g.index[name], g.names = n, append(g.names, name)
	return n
}

func kindNames(kinds []collector.Kind) (names []string) {
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return names
}

// chosen says of each value whether a filter that lists these chooses it; one that lists none chooses all.
func (g *groupNames) chosen(list []string) []bool {
	out := make([]bool, len(g.names))
	for i, name := range g.names {
		out[i] = len(list) == 0 || slices.Contains(list, name)
	}
	return out
}

// run counts the columns, or takes what was counted of them for the same filter before, and adds what was written since.
func (m *summariser) run(out *Summary) error {
	base, err := m.countedColumns()
	if err != nil {
		return err
	}
	recent := m.inPeriod(m.p.recentHours.hours)
	first, last, ok := period(base.hours, m.postsByHour(recent))
	if !ok {
		return nil
	}
	out.First, out.Last = dayStart(hourStart(first)), dayStart(hourStart(last))
	steps := newStepper(m.filter.Step, first, last)
	if steps.step != base.steps.step {
		if base, err = m.countColumns(steps.step); err != nil {
			return err
		}
	}
	c := base.copyFor(m, steps, len(recent) == 0 && m.p.recent.rows == 0)
	c.addHours(m, recent)
	if err := m.addRecentAuthors(c); err != nil {
		return err
	}
	out.Filter.Step = steps.step
	m.fill(c, out)
	return nil
}

// inPeriod are those of hours in order that are in the filter's period.
func (m *summariser) inPeriod(hours []hourTallies) []hourTallies {
	at := func(h int32) int { return sort.Search(len(hours), func(i int) bool { return hours[i].hour >= h }) }
	lo, hi := at(m.lo), at(m.hi)
	return hours[lo:max(lo, hi)]
}

// addFacet counts n posts of one facet; everything but the series adds up from these.
func (c *counted) addFacet(x *choice, n int32) {
	c.all.addPosts(x.outcome, n)
	c.byKind[x.kind].addPosts(x.outcome, n)
	if x.repost {
		c.reposts.addPosts(x.outcome, n)
		return
	}
	c.posts.addPosts(x.outcome, n)
	if !x.later {
		c.collapsed.addPosts(x.outcome, n)
	}
	c.byPlatform[x.platform].addPosts(x.outcome, n)
	c.byLang[x.lang].addPosts(x.outcome, n)
}

func (m *summariser) fill(c *counted, out *Summary) {
	models := map[string]bool{}
	for i, n := range c.totals {
		if n == 0 {
			continue
		}
		f := &m.p.facets[i]
		c.addFacet(&m.choices[i], int32(n))
		models[f.model] = true
		if reason, ok := strings.CutPrefix(f.outcome, "-"); ok && !m.choices[i].repost {
			out.Unclassified[reason] += n
		}
	}
	out.Posts, out.Reposts, out.WithReposts, out.Collapsed = c.posts.finish(), c.reposts.finish(), c.all.finish(), c.collapsed.finish()
	out.OnTopic = c.topic.finish().Sums
	out.Platforms, out.Langs, out.Kinds = groups(m.p.platforms.names, c.byPlatform), groups(m.p.langs.names, c.byLang), groups(m.p.kinds.names, c.byKind)
	out.Models = slices.Sorted(maps.Keys(models))
	out.Series = make([]Point, len(c.series))
	inParts(len(c.series), func(from, to int) {
		var judges modelNames
		for i := from; i < to; i++ {
			start := c.steps.start(i)
			out.Series[i] = Point{Start: start, End: c.steps.end(start), Cell: c.series[i].finish(), Models: judges.of(m, c.stepModels[i*c.models:][:c.models])}
		}
	})
}

// modelNames names the models that judged the posts of a step, sorted. Steps one after the other with the same ones share
// a list.
type modelNames struct {
	last  []int32
	names []string
}

func (l *modelNames) of(m *summariser, posts []int32) []string {
	if slices.EqualFunc(l.last, posts, func(a, b int32) bool { return (a > 0) == (b > 0) }) {
		return l.names
	}
	l.last, l.names = posts, nil
	for i, n := range posts {
		if n > 0 {
			l.names = append(l.names, m.p.models.names[i])
		}
	}
	slices.Sort(l.names)
	l.names = slices.Clip(l.names)
	return l.names
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

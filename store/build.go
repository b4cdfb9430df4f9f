package store

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/collector"
)

// cellBuilder adds up one cell and the authors of its stance-taking posts.
type cellBuilder struct {
	cell    Cell
	authors map[authorHash][2]int // agreeing, stance-taking
	unknown [2]int                // the same of posts without an author
}

func (b *cellBuilder) add(k *tallyKey, n int) {
	agree := 0
	switch k.outcome {
	case classify.Agree.String():
		b.cell.Agree += n
		agree = n
	case classify.Disagree.String():
		b.cell.Disagree += n
	case classify.Discuss.String():
		b.cell.Discuss += n
		return
	case classify.Unrelated.String():
		b.cell.Unrelated += n
		return
	default:
		b.cell.Unclassified += n
		return
	}
	if k.author == (authorHash{}) {
		b.unknown[0] += agree
		b.unknown[1] += n
		return
	}
	if b.authors == nil {
		b.authors = map[authorHash][2]int{}
	}
	a := b.authors[k.author]
	b.authors[k.author] = [2]int{a[0] + agree, a[1] + n}
}

// finish sums over the authors in the order of their hashes, so that the same posts give the same last digit.
func (b *cellBuilder) finish() Cell {
	c := b.cell
	c.Sums = prevalence.Sums{}
	for _, h := range slices.SortedFunc(maps.Keys(b.authors), func(x, y authorHash) int { return strings.Compare(string(x[:]), string(y[:])) }) {
		c.Sums.Add(b.authors[h][0], b.authors[h][1])
	}
	for i := range b.unknown[1] {
		if i < b.unknown[0] {
			c.Sums.Add(1, 1)
		} else {
			c.Sums.Add(0, 1)
		}
	}
	return c
}

type summaryBuilder struct {
	summary                     Summary
	posts, reposts, withReposts cellBuilder
	steps                       map[time.Time]*cellBuilder
	platforms, langs, kinds     map[string]*cellBuilder
	models                      map[string]bool
	first, last                 int32
	any                         bool
}

func newSummaryBuilder(thesis string, f Filter) *summaryBuilder {
	if f.Step == "" {
		f.Step = Day
	}
	return &summaryBuilder{summary: Summary{Thesis: thesis, Filter: f, Unclassified: map[string]int{}},
		steps: map[time.Time]*cellBuilder{}, platforms: map[string]*cellBuilder{}, langs: map[string]*cellBuilder{},
		kinds: map[string]*cellBuilder{}, models: map[string]bool{}}
}

func (b *summaryBuilder) add(k tallyKey, n int) {
	if !b.summary.Filter.match(k.platform, k.kind, k.lang) {
		return
	}
	if !b.any {
		b.first, b.any = k.day, true
	}
	b.last = k.day // tallies come in order of days
	b.models[k.model] = true
	b.withReposts.add(&k, n)
	group(b.kinds, k.kind).add(&k, n)
	if k.kind == string(collector.Repost) {
		b.reposts.add(&k, n)
		return
	}
	b.posts.add(&k, n)
	group(b.steps, stepStart(dayStart(k.day), b.summary.Filter.Step)).add(&k, n)
	group(b.platforms, k.platform).add(&k, n)
	group(b.langs, k.lang).add(&k, n)
	if reason, ok := strings.CutPrefix(k.outcome, "-"); ok {
		b.summary.Unclassified[reason] += n
	}
}

func group[K comparable](m map[K]*cellBuilder, k K) *cellBuilder {
	c := m[k]
	if c == nil {
		c = &cellBuilder{}
		m[k] = c
	}
	return c
}

// stepStart is the beginning of the step that holds t. Weeks begin on Monday.
func stepStart(t time.Time, s Step) time.Time {
	y, m, d := t.Date()
	switch s {
	case Week:
		d -= (int(t.Weekday()) + 6) % 7
	case Month:
		d = 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func stepEnd(start time.Time, s Step) time.Time {
	switch s {
	case Week:
		return start.AddDate(0, 0, 7)
	case Month:
		return start.AddDate(0, 1, 0)
	}
	return start.AddDate(0, 0, 1)
}

func (b *summaryBuilder) finish() Summary {
	s := b.summary
	s.Posts, s.Reposts, s.WithReposts = b.posts.finish(), b.reposts.finish(), b.withReposts.finish()
	s.Platforms, s.Langs, s.Kinds = groups(b.platforms), groups(b.langs), groups(b.kinds)
	s.Models = slices.Sorted(maps.Keys(b.models))
	if !b.any {
		return s
	}
	s.First, s.Last = dayStart(b.first), dayStart(b.last)
	for at := stepStart(s.First, s.Filter.Step); !at.After(s.Last); at = stepEnd(at, s.Filter.Step) {
		p := Point{Start: at, End: stepEnd(at, s.Filter.Step)}
		if c := b.steps[at]; c != nil {
			p.Cell = c.finish()
		}
		s.Series = append(s.Series, p)
	}
	return s
}

// groups lists a dimension, the largest first.
func groups(m map[string]*cellBuilder) []Group {
	out := make([]Group, 0, len(m))
	for name, c := range m {
		out = append(out, Group{name, c.finish()})
	}
	sort.Slice(out, func(i, j int) bool {
		if a, b := out[i].Cell.Total(), out[j].Cell.Total(); a != b {
			return a > b
		}
		return out[i].Name < out[j].Name
	})
	return out
}

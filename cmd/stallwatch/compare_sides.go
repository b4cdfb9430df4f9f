package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// inOrder lists the counts in the order of the authors, so that sums have the same last digit each time.
func (p pairCounts) inOrder() (out []*[2][2]int) {
	for _, k := range slices.Sorted(maps.Keys(p)) {
		out = append(out, p[k])
	}
	return out
}

// parsePeriod reads 2025, 2025-06, 2025-06-30 or two of these with .. between; until is exclusive.
func parsePeriod(s string) (since, until time.Time, err error) {
	from, to, ok := strings.Cut(s, "..")
	if !ok {
		to = from
	}
	if since, _, err = parseSpan(from); err != nil {
		return since, until, err
	}
	if _, until, err = parseSpan(to); err == nil && !since.Before(until) {
		err = fmt.Errorf("%q ends before it begins", s)
	}
	return since, until, err
}

func parseSpan(s string) (since, until time.Time, err error) {
	for _, l := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}} {
		if since, err = time.Parse(l.layout, s); err == nil {
			return since, since.AddDate(l.years, l.months, l.days), nil
		}
	}
	return since, until, fmt.Errorf("%q is not a day, a month or a year", s)
}

// countSides counts the posts of A and B. As everywhere, the unit is a post with text of its own, unless the filter names reposts.
func (a *app) countSides(ctx context.Context, c *comparison, f store.Filter) error {
	if len(f.Kinds) == 0 {
		f.Kinds = []collector.Kind{collector.Original, collector.Reply, collector.Quote}
	}
	switch c.Sort {
	case "thesis":
		return a.countJudges(ctx, c, f)
	case "period":
		for i, s := range []*side{&c.A, &c.B} {
			period := f
			var err error
			if period.Since, period.Until, err = parsePeriod(s.Name); err != nil {
				return err
			}
			if err := a.countStore(ctx, c, i, a.db, period); err != nil {
				return err
			}
		}
		return nil
	case "store":
		for i, s := range []*side{&c.A, &c.B} {
			if err := a.countStore(ctx, c, i, s.Name, f); err != nil {
				return err
			}
		}
		return nil
	}
	for i, s := range []*side{&c.A, &c.B} {
		if err := a.countFile(ctx, c, i, s.Name, f); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) countStore(ctx context.Context, c *comparison, which int, db string, f store.Filter) error {
	thesis, err := a.thesisOnly()
	if err != nil {
		return err
	}
	aside := *a
	aside.db = db
	s, err := aside.openToRead()
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Each(ctx, thesis.ID, f, func(r store.Record) error {
		c.count(which, authorOf(&r), r.Verdict)
		return nil
	})
}

// countFile reads an export file into a store that lives as long as the count. Both files' authors are hashed under one key, so
// that an author in both is one.
func (a *app) countFile(ctx context.Context, c *comparison, which int, name string, f store.Filter) error {
	dir, err := os.MkdirTemp("", "stallwatch-compare-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	aside := *a
	aside.db = dir + "/posts.db"
	if _, err := aside.importAside(ctx, []string{name}, &reportFlags{}); err != nil {
		return err
	}
	return a.countStore(ctx, c, which, aside.db, f)
}

// judgedTwice is a post on its way through both judges.
type judgedTwice struct {
	record store.Record
	a, b   classify.Verdict
}

// countJudges judges the store's posts by the models of two theses, or by two models of one.
func (a *app) countJudges(ctx context.Context, c *comparison, f store.Filter) error {
	var judges [2]classify.Classifier
	for i, s := range []*side{&c.A, &c.B} {
		aside := *a
		aside.thesis = s.Name
		_, judge, err := aside.judge()
		if err != nil {
			return err
		}
		judges[i], s.Model = judge, judge.Card().ID
	}
	thesis, err := a.thesisOnly()
	if err != nil {
		return err
	}
	s, err := a.openToRead()
	if err != nil {
		return err
	}
	defer s.Close()
	c.Moved = &moved{}
	var failed error
	next, stop := iter.Pull(func(yield func([]judgedTwice) bool) {
		var chunk []judgedTwice
		failed = s.Each(ctx, thesis.ID, f, func(r store.Record) error {
			chunk = append(chunk, judgedTwice{record: r})
			if len(chunk) < 256 {
				return nil
			}
			full := chunk
			chunk = nil
			if !yield(full) {
				return io.EOF
			}
			return nil
		})
		if failed == nil && len(chunk) > 0 {
			yield(chunk)
		}
	})
	defer stop()
	read := func() ([]judgedTwice, error) {
		if chunk, ok := next(); ok {
			return chunk, nil
		}
		if failed != nil {
			return nil, failed
		}
		return nil, io.EOF
	}
	work := func(chunk []judgedTwice) {
		for i := range chunk {
			p := &chunk[i].record.Post
			chunk[i].a, chunk[i].b = judges[0].Classify(p.Text, p.Lang), judges[1].Classify(p.Text, p.Lang)
		}
	}
	return inOrder(ctx, read, work, func(chunk []judgedTwice) error {
		for i := range chunk {
			j := &chunk[i]
			c.count(0, authorOf(&j.record), j.a)
			c.count(1, authorOf(&j.record), j.b)
			c.Moved.add(j.a, j.b)
		}
		return nil
	})
}

func (m *moved) add(a, b classify.Verdict) {
	index := func(v classify.Verdict) int {
		if !v.Classified() {
			return classify.NumStances
		}
		return int(v.Stance)
	}
	m.Posts++
	m.Table[index(a)][index(b)]++
	if index(a) != index(b) {
		m.Moved++
	}
}

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// Of each stance, typicalPosts stand for it and hardPosts for what is hard to tell, of the newest typicalOf: a bound, so
// that a page of ten million posts is as fast as one of ten thousand.
const (
	typicalPosts = 3
	hardPosts    = 1
	typicalOf    = 200
)

// typicalRule says in a sentence what typical does.
const typicalRule = "Of the newest 200 posts of each stance, the three the classifier is surest of, and the one it is least sure of: one an author, no near-duplicates, of 60 to 400 characters, no reposts."

// figures makes the one set of numbers that every view prints. Where explain is nil no words are marked.
func figures(s *store.Store, t *classify.Thesis, c classify.Classifier, explain explainer, f store.Filter) (web.Figures, error) {
	sum, err := readable(s, t.ID, f)
	if err != nil {
		return web.Figures{}, err
	}
	in := web.Inputs{Model: modelCard(t, c)}
	if in.Ledger, err = s.Ledger(); err != nil {
		return web.Figures{}, err
	}
	in.Ledger = slices.DeleteFunc(in.Ledger, func(e store.Entry) bool { return e.Thesis != t.ID })
	for _, e := range in.Ledger {
		if e.Finished.After(in.LastUpdated) {
			in.LastUpdated = e.Finished
		}
		in.Synthetic = in.Synthetic || e.Basis == syntheticBasis
	}
	if err := collectionOf(s, sum, &in); err != nil {
		return web.Figures{}, err
	}
	if err := countPeriods(s, t, sum, &in); err != nil {
		return web.Figures{}, err
	}
	records, err := typical(s, t, f)
	if err != nil {
		return web.Figures{}, err
	}
	in.PostsRule = typicalRule
	synthetic := map[uint64]bool{}
	for _, e := range in.Ledger {
		synthetic[e.Seq] = e.Basis == syntheticBasis
	}
	var known []web.Evidence
	for _, r := range records {
		p := web.TypicalPost{Stance: r.Verdict.Stance, Text: r.Post.Text, CreatedAt: r.Post.CreatedAt, Permalink: r.Post.Permalink, Hard: r.hard,
			Platform: r.Post.Platform, P: r.Verdict.P[r.Verdict.Stance], Synthetic: synthetic[r.Entry]}
		if explain != nil {
			e := explain(r.Record)
			p.Spans, known = e.Spans, append(known, e)
		}
		in.Posts = append(in.Posts, p)
	}
	if len(known) > 0 {
		in.PostsRule += " " + web.EvidenceNote(known)
	}
	return web.NewFigures(sum, t, in), nil
}

// readable is the summary with the narrowest steps that hold enough posts to be read, unless the filter says which.
func readable(s *store.Store, thesis string, f store.Filter) (sum store.Summary, err error) {
	if f.Step != "" {
		return s.Summary(thesis, f)
	}
	for _, f.Step = range []store.Step{store.Day, store.Week, store.Month} {
		f.CountsOnly = f.Step != store.Month
		if sum, err = s.Summary(thesis, f); err != nil || enough(sum.Series) {
			break
		}
	}
	if err != nil || !sum.Filter.CountsOnly {
		return sum, err
	}
	f.CountsOnly = false
	return s.Summary(thesis, f)
}

// enough reports whether at least half of the steps have a share to show.
func enough(series []store.Point) bool {
	full := 0
	for _, p := range series {
		if p.Cell.StanceTaking() >= web.MinCell {
			full++
		}
	}
	return 2*full >= len(series)
}

// countPeriods counts what the figures compare with: the weeks around the events, and the period before.
func countPeriods(s *store.Store, t *classify.Thesis, sum store.Summary, in *web.Inputs) error {
	cell := func(since, until time.Time) (store.Cell, error) {
		f := sum.Filter
		f.Since, f.Until = since, until
		part, err := s.Summary(t.ID, f)
		return part.Posts, err
	}
	for _, w := range web.EventWindows(sum, t) {
		var err error
		if w.BeforeCount, err = cell(w.Since, w.Middle); err != nil {
			return err
		}
		if w.AfterCount, err = cell(w.Middle, w.Until); err != nil {
			return err
		}
		in.Windows = append(in.Windows, w)
	}
	if since, until, ok := web.PreviousPeriod(sum); ok {
		c, err := cell(since, until)
		if err != nil {
			return err
		}
		in.Previous = &c
	}
	var err error
	in.Choices, err = choices(s, t)
	return err
}

// choices are what the filters of the pages offer.
func choices(s *store.Store, t *classify.Thesis) (c web.Choices, err error) {
	all, err := s.Summary(t.ID, store.Filter{Step: store.Month, CountsOnly: true})
	for _, g := range all.Platforms {
		c.Platforms = append(c.Platforms, g.Name)
	}
	for _, g := range all.Langs {
		c.Langs = append(c.Langs, g.Name)
	}
	return c, err
}

// typicalRecord is a record that stands for those of its stance, or a hard one.
type typicalRecord struct {
	store.Record
	hard bool
}

// typical chooses as typicalRule says.
func typical(s *store.Store, t *classify.Thesis, f store.Filter) (out []typicalRecord, err error) {
	for _, stance := range []classify.Stance{classify.Agree, classify.Disagree, classify.Discuss} {
		f.Stances = []classify.Stance{stance}
		records, _, err := s.Posts(t.ID, f, "", typicalOf)
		if err != nil {
			return nil, err
		}
		records = slices.DeleteFunc(records, func(r store.Record) bool {
			n := utf8.RuneCountInString(r.Post.Text)
			return r.Post.Kind == collector.Repost || n < 60 || n > 400
		})
		slices.SortStableFunc(records, func(a, b store.Record) int { return cmp.Compare(b.Verdict.P[stance], a.Verdict.P[stance]) })
		chosen := distinct(records, typicalPosts, nil)
		slices.Reverse(records)
		for i, r := range append(chosen, distinct(records, hardPosts, chosen)...) {
			out = append(out, typicalRecord{r, i >= len(chosen)})
		}
	}
	return out, nil
}

// distinct are the first n records, none of an author or a cluster that is among them or the others.
func distinct(records []store.Record, n int, others []store.Record) (out []store.Record) {
	for _, r := range records {
		if len(out) == n {
			break
		}
		same := func(o store.Record) bool {
			return o.Author != "" && o.Author == r.Author || o.Cluster != "" && o.Cluster == r.Cluster || o.Post.Platform == r.Post.Platform && o.Post.ID == r.Post.ID
		}
		if !slices.ContainsFunc(others, same) && !slices.ContainsFunc(out, same) {
			out = append(out, r)
		}
	}
	return out
}

// modelCard reads the thesis's eval.json: the figure on posts nobody trained on where there is one, or else that on
// held-out batches.
func modelCard(t *classify.Thesis, c classify.Classifier) *web.ModelCard {
	raw, err := t.File(classify.EvalFile)
	if err != nil {
		return nil
	}
	var report classify.EvalReport
	if json.Unmarshal(raw, &report) != nil {
		return nil
	}
	of := report.For(c.Card().ID)
	if of == nil {
		return nil
	}
	name, e := "held-out batches of the training corpus", of.HeldOut
	if len(of.External) > 0 {
		name, e = of.External[0].Name, of.External[0].Evaluation
	}
	if e.Posts == 0 { // a head tuned together with its encoder has no held-out figures
		return nil
	}
	return &web.ModelCard{ModelID: of.Model, MacroF1: e.MacroF1, EvaluatedOn: name, N: e.Posts}
}

func percent(p float64) string { return fmt.Sprintf("%.0f %%", 100*p) }

package main

import (
	"bufio"
	"context"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// filterFlags choose posts, as the page's address does.
type filterFlags struct {
	since, until, step      string
	platforms, langs, kinds []string
}

func (f *filterFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.since, "since", "", "first `DAY` (2025-07-01, UTC)")
	c.Flags().StringVar(&f.until, "until", "", "last `DAY`, itself included")
	c.Flags().StringVar(&f.step, "step", "", "width of the series: day, week or month (default: the narrowest that can be read)")
	c.Flags().StringSliceVar(&f.platforms, "platform", nil, "only these platforms")
	c.Flags().StringSliceVar(&f.langs, "lang", nil, "only these languages")
	c.Flags().StringSliceVar(&f.kinds, "kind", nil, "only these kinds: original, reply, quote, repost")
}

func (f *filterFlags) filter() (out store.Filter, err error) {
	if out.Since, out.Until, err = parseDays(f.since, f.until); err != nil {
		return out, err
	}
	switch out.Step = store.Step(f.step); out.Step {
	case "", store.Day, store.Week, store.Month:
	default:
		return out, fmt.Errorf("--step: %q is not day, week or month", f.step)
	}
	for _, k := range f.kinds {
		switch kind := collector.Kind(k); kind {
		case collector.Original, collector.Reply, collector.Quote, collector.Repost:
			out.Kinds = append(out.Kinds, kind)
		default:
			return out, fmt.Errorf("--kind: %q is not original, reply, quote or repost", k)
		}
	}
	out.Platforms, out.Langs = f.platforms, f.langs
	return out, nil
}

func (a *app) summaryCommand() *cobra.Command {
	var flags filterFlags
	var metadata bool
	c := &cobra.Command{
		Use:   "summary",
		Short: "Print posts by stance, shares with intervals, and the series",
		Long: `Prints what the store counts: posts by stance, the share of stance-taking posts that agree with its 95 % interval
(clustered by author), the same under other rules, the weeks around each event, and the series over time.
With --json the series is by day unless --step says otherwise; the numbers are those of the page. With --metadata it prints,
in place of the figures, what the fields of that JSON mean, with method and citation, to be kept beside it.`,
		Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error {
			f, err := flags.filter()
			if err != nil {
				return &failure{exitUsage, err}
			}
			return a.summary(f, metadata)
		}),
	}
	flags.register(c)
	c.Flags().BoolVar(&metadata, "metadata", false, "print the metadata of the JSON file (schema.org Dataset) in its place")
	return c
}

func (a *app) summary(f store.Filter, metadata bool) error {
	thesis, judge, err := a.judge()
	if err != nil {
		return err
	}
	s, err := a.openToRead()
	if err != nil {
		return err
	}
	defer s.Close()
	if f.Step == "" && (a.json || metadata) {
		f.Step = store.Day // programs add up themselves
	}
	var explain explainer // nobody reads the posts but in the JSON
	if a.json && !metadata {
		explain = explaining(judge)
	}
	figs, err := figures(s, thesis, judge, explain, f)
	if err != nil {
		return err
	}
	switch {
	case metadata:
		hash, _ := thesis.CodebookHash() // a thesis without a codebook has no hash
		b, err := web.DescribeJSON(figs, "summary.json", hash, version())
		if err != nil {
			return err
		}
		_, err = a.stdout.Write(append(b, '\n'))
		return err
	case a.json:
		return web.WriteJSON(a.stdout, figs)
	}
	return a.printSummary(figs)
}

func (a *app) printSummary(f web.Figures) error {
	w := bufio.NewWriter(a.stdout)
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	if f.Synthetic {
		line("SYNTHETIC DATA: written for a demonstration, no real posts.\n")
	}
	line("%s", f.Headline.Sentence)
	line("%s · %s", f.Headline.Caveat, f.Period.Text)
	line("\n%-40s %9s", "Posts by stance", "posts")
	for _, r := range []struct {
		name string
		n    int
	}{{"agree", f.Counts.Agree}, {"disagree", f.Counts.Disagree}, {"discuss", f.Counts.Discuss}, {"unrelated", f.Counts.Unrelated},
		{"not classified", f.Counts.Unclassified}, {"all", f.Counts.Posts}, {"reposts, counted apart", f.Reposts.Posts}} {
		line("  %-38s %9s", r.name, comma(r.n))
	}
	line("\n%-40s %9s %12s %9s", "Share that agrees", "share", "95 %", "of")
	for _, r := range f.Robustness {
		line("  %-38s %s", r.Name, shareCells(r.Share))
	}
	line("  %-38s %s", "Of all posts on topic", shareCells(f.OnTopic))
	if len(f.Events) > 0 {
		line("\n%-40s %9s %9s  %s", "Week before and after", "before", "after", "change")
	}
	for _, e := range f.Events {
		line("  %-38s %s", e.Date+" "+e.Title, changeCells(e))
	}
	if len(f.Series) > 0 {
		line("\n%-40s %9s %12s %9s", "By "+f.Filter.Step, "share", "95 %", "of")
	}
	for _, p := range f.Series {
		line("  %-38s %s", p.From, shareCells(p.Share))
	}
	if f.Model != nil {
		line("\nModel %s: macro-F1 %.2f on %s %s.", f.Model.ModelID, f.Model.MacroF1, comma(f.Model.N), f.Model.EvaluatedOn)
	}
	return w.Flush()
}

// shareCells are a share's cells: share, interval, posts or authors.
func shareCells(s web.Share) string {
	if s.Share == nil {
		return fmt.Sprintf("%9s %12s %9s", "–", "too few", comma(s.N))
	}
	return fmt.Sprintf("%9s %12s %9s %s", percent(*s.Share), fmt.Sprintf("%.0f–%.0f %%", 100**s.Low, 100**s.High), comma(s.N), s.Unit)
}

func changeCells(e web.EventChange) string {
	short := func(s *web.Share) string {
		if s == nil || s.Share == nil {
			return "too few"
		}
		return percent(*s.Share)
	}
	change := "–"
	if c := e.Change; c != nil {
		change = fmt.Sprintf("%s (%s to %s points)", c.Direction, points(c.Low), points(c.High))
		if c.Direction != "no clear change" {
			change = fmt.Sprintf("%s %s points (%s to %s)", c.Direction, points(c.Diff), points(c.Low), points(c.High))
		}
	}
	return fmt.Sprintf("%9s %9s  %s", short(e.Before), short(e.After), change)
}

// points is a difference in whole points with its sign; nothing is not minus nothing.
func points(d float64) string { return fmt.Sprintf("%+.0f", math.Round(100*d)+0) }

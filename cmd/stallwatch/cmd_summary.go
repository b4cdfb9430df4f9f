package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

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
	c.Flags().StringVar(&f.step, "step", "", "width of the series: day, week or month")
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
	c := &cobra.Command{
		Use:   "summary",
		Short: "Print posts by stance, shares with intervals, and the series",
		Long: `Prints what the store counts: posts by stance, the share of stance-taking posts that agree with its 95 % interval
(clustered by author), the same under other rules, the weeks around each event, and the series over time.
With --json the series is by day unless --step says otherwise; the numbers are those of the page.`,
		Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error {
			f, err := flags.filter()
			if err != nil {
				return &failure{exitUsage, err}
			}
			return a.summary(f)
		}),
	}
	flags.register(c)
	return c
}

func (a *app) summary(f store.Filter) error {
	thesis, judge, err := a.judge()
	if err != nil {
		return err
	}
	s, err := a.openToRead()
	if err != nil {
		return err
	}
	defer s.Close()
	if f.Step == "" && !a.json {
		if f.Step, err = terminalStep(s, thesis.ID, f); err != nil {
			return err
		}
	}
	figs, err := figures(s, thesis, judge, f)
	if err != nil {
		return err
	}
	if a.json {
		return web.WriteJSON(a.stdout, figs)
	}
	return a.printSummary(figs)
}

// terminalStep keeps the series of the terminal to a screenful.
func terminalStep(s *store.Store, thesis string, f store.Filter) (store.Step, error) {
	sum, err := s.Summary(thesis, f)
	switch days := int(sum.Last.Sub(sum.First) / (24 * time.Hour)); {
	case days <= 31:
		return store.Day, err
	case days <= 366:
		return store.Week, err
	}
	return store.Month, err
}

func (a *app) printSummary(f web.Figures) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	if f.Synthetic {
		line("SYNTHETIC DATA: written for a demonstration, no real posts.\n")
	}
	line("%s", f.Headline.Sentence)
	line("%s\n", f.Headline.Caveat)
	line("Posts by stance\t\t")
	for _, r := range []struct {
		name string
		n    int
	}{{"agree", f.Counts.Agree}, {"disagree", f.Counts.Disagree}, {"discuss", f.Counts.Discuss}, {"unrelated", f.Counts.Unrelated},
		{"not classified", f.Counts.Unclassified}, {"all", f.Counts.Posts}, {"reposts, counted apart", f.Reposts.Posts}} {
		line("%s\t%s\t", r.name, comma(r.n))
	}
	line("\nShare that agrees\tshare\t95 %%\tposts\t")
	for _, r := range f.Robustness {
		line("%s\t%s\t", r.Name, shareCells(r.Share))
	}
	line("of on-topic posts\t%s\t", shareCells(f.OnTopic))
	if len(f.Events) > 0 {
		line("\nEvents: week before and after\tbefore\tafter\tchange\t")
	}
	for _, e := range f.Events {
		line("%s %s\t%s\t", e.Date, e.Title, changeCells(e))
	}
	if len(f.Series) > 0 {
		line("\nBy %s\tshare\t95 %%\tposts\t", f.Filter.Step)
	}
	for _, p := range f.Series {
		line("%s\t%s\t", p.From, shareCells(p.Share))
	}
	if f.Model != nil {
		line("\nModel %s: macro-F1 %.2f on %d posts (%s).", f.Model.ModelID, f.Model.MacroF1, f.Model.N, f.Model.EvaluatedOn)
	}
	return w.Flush()
}

// shareCells are a share's cells: share, interval, posts.
func shareCells(s web.Share) string {
	if s.Share == nil {
		return strings.Join([]string{"–", "too few", comma(s.N)}, "\t")
	}
	return strings.Join([]string{percent(*s.Share), fmt.Sprintf("%.0f–%.0f %%", 100**s.Low, 100**s.High), comma(s.N)}, "\t")
}

func changeCells(e web.EventChange) string {
	short := func(s *web.Share) string {
		if s == nil || s.Share == nil {
			return "too few"
		}
		return percent(*s.Share)
	}
	change := "–"
	if e.Change != nil {
		change = fmt.Sprintf("%s, %+.0f (%+.0f to %+.0f) points", e.Change.Direction, 100*e.Change.Diff, 100*e.Change.Low, 100*e.Change.High)
	}
	return strings.Join([]string{short(e.Before), short(e.After), change}, "\t")
}

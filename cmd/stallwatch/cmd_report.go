package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/cmd/stallwatch/report"
	"stallwatch/collector/export"
	"stallwatch/store"
	"stallwatch/web"
)

type reportFlags struct {
	filterFlags
	out     string
	text    bool
	columns map[string]string
	basis   string
	stated  report.Stated
}

func (a *app) reportCommand() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use:   "report [FILE…]",
		Short: "Make a folder that can be published, from export files or from the store",
		Long: `Reads export files, every format that import knows, judges the posts and writes a folder: report.html (one file that opens
without a server), summary.csv and .json, posts.csv and .parquet, the figures as SVG and PNG, METHODS.md (what was read, by what,
what was left out and why, estimators, limits, the AAPOR disclosure items), datapackage.json with a dictionary of every column, and
SHA256SUMS. Without FILE it is made from the store. The same files, options and version give the same bytes.

Posts come with ids, not with texts, unless --text is given: X lets only ids be passed on. The store is not touched. An interrupted
report leaves nothing behind. A folder that holds a report already is replaced; any other that is not empty is left alone.`,
		Example: `  stallwatch report tweets.jsonl.gz
  stallwatch report --out july --since 2025-07-01 --until 2025-07-31 --by day *.jsonl
  stallwatch report --db project.db --sponsor "University of Example" --query "(putin OR kremlin) ceasefire lang:en"`,
		RunE: does(func(ctx context.Context, files []string) error { return a.report(ctx, files, &f) }),
	}
	f.register(c)
	c.Flags().StringVar(&f.step, "by", "", "the same as --step")
	c.Flags().StringVar(&f.out, "out", "stallwatch-report", "`FOLDER` to write")
	c.Flags().BoolVar(&f.text, "text", false, "with the posts' texts")
	c.Flags().StringToStringVar(&f.columns, "map", nil, "columns of generic input, as `FIELD=COLUMN,…`")
	c.Flags().StringVar(&f.basis, "basis", "", "rights basis of the files: api, dsa, capture, archive, open, …")
	c.Flags().StringVar(&f.stated.By, "conducted-by", "", "who made the report, for the disclosure")
	c.Flags().StringVar(&f.stated.Sponsor, "sponsor", "", "who paid for it, for the disclosure")
	c.Flags().StringVar(&f.stated.Query, "query", "", "how the posts were chosen, for the disclosure")
	return c
}

func (a *app) report(ctx context.Context, files []string, f *reportFlags) error {
	filter, err := f.filter()
	if err != nil {
		return &failure{exitUsage, err}
	}
	if err := replaceable(f.out); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(f.out))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	// Beside the folder, not in the system's own place for such things, which may be in memory or too small.
	work, err := os.MkdirTemp(parent, ".stallwatch-report-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	partial := false
	if len(files) > 0 {
		a.db = filepath.Join(work, "posts.db")
		if partial, err = a.importAside(ctx, files, f); err != nil {
			return err
		}
	}
	folder := filepath.Join(work, "report")
	written, figs, err := a.writeReport(ctx, folder, filter, len(files) > 0, f)
	if err != nil {
		return err
	}
	if err := replace(folder, f.out, filepath.Join(work, "before")); err != nil {
		return err
	}
	if err := a.sayReport(f.out, written, figs); err != nil {
		return err
	}
	if partial {
		return &failure{exitPartial, nil}
	}
	return nil
}

// replaceable refuses a folder that holds something else than a report.
func replaceable(out string) error {
	entries, err := os.ReadDir(out)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return err
	}
	for _, name := range []string{"METHODS.md", "SHA256SUMS", "datapackage.json"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			return fmt.Errorf("%s is not empty and holds no report: name another folder with --out", out)
		}
	}
	return nil
}

// replace puts the new folder in place of the old one, which goes to aside.
func replace(from, to, aside string) error {
	if err := os.Rename(to, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}

// asideKey is the key under which authors are told apart in a store that lives as long as the report: any other key
// would sum them in another order, and the last digits would differ from run to run. It is no secret: the store is deleted.
const asideKey = "00000000000000000000000000000000"

// importAside brings files into a store beside the report.
func (a *app) importAside(ctx context.Context, files []string, f *reportFlags) (partial bool, err error) {
	thesis, judge, err := a.judging()
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(a.db+".key", []byte(asideKey), 0o600); err != nil {
		return false, err
	}
	s, err := store.Open(a.db)
	if err != nil {
		return false, err
	}
	defer s.Close()
	shown := 0
	im := &importer{store: s, thesis: thesis, judge: judge, options: export.Options{Map: f.columns}, action: "report", basis: f.basis,
		failed: func(x *fileFailure) error {
			if shown++; shown <= shownFailures {
				a.say("%s", x)
			}
			return nil
		}}
	for _, name := range files {
		shown = 0
		r, err := a.importFile(ctx, im, name)
		if err != nil {
			return partial, err
		}
		if r.Error != "" && r.Totals.Read == 0 {
			return partial, fmt.Errorf("%s: %s", name, r.Error)
		}
		partial = partial || r.Totals.Failed > 0 || r.Error != ""
		for _, w := range r.Warnings {
			a.say("%s: warning: %s", name, w)
		}
		if r.Mapping != "" {
			a.say("%s: columns: %s (change with --map FIELD=COLUMN,…)", name, r.Mapping)
		}
		a.say("%s: %s read, %s new, %s known already, %s skipped, %s failed", name, plural(r.Totals.Read, "item", "items"), comma(r.Totals.Stored),
			comma(r.Totals.Duplicate), comma(skipped(r.Totals)), comma(r.Totals.Failed))
	}
	return partial, nil
}

func (a *app) writeReport(ctx context.Context, folder string, filter store.Filter, fromFiles bool, f *reportFlags) ([]report.File, web.Figures, error) {
	thesis, judge, err := a.judge()
	if err != nil {
		return nil, web.Figures{}, err
	}
	s, err := a.openToRead()
	if err != nil {
		return nil, web.Figures{}, err
	}
	defer s.Close()
	var explain explainer // a report without texts quotes a demonstration's posts alone
	if f.text || noDemo(s) != nil {
		explain = explaining(judge)
	}
	figs, err := figures(s, thesis, judge, explain, filter)
	if err != nil {
		return nil, figs, err
	}
	if fromFiles {
		withoutClock(&figs)
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, figs, err
	}
	bar := a.countBar(ctx, "report")
	defer bar.finish()
	total := figs.Counts.Posts + figs.Reposts.Posts
	written, err := report.Write(ctx, folder, report.Input{Thesis: thesis, Figures: figs, Version: version(), FromFiles: fromFiles, Text: f.text, Stated: f.stated},
		func(ctx context.Context, fn func(store.Record) error) error {
			n := 0
			return s.Each(ctx, thesis.ID, filter, func(r store.Record) error {
				if n++; n%1000 == 0 {
					bar.update(n, total)
				}
				return fn(r)
			})
		})
	return written, figs, err
}

// withoutClock takes the times of reading out of figures that were made from files: in their place stands the time of the
// latest post.
func withoutClock(f *web.Figures) {
	var last time.Time
	for i := range f.Ledger {
		e := &f.Ledger[i]
		e.Started, e.Finished, e.Source = e.Last, e.Last, filepath.Base(e.Source)
		if e.Last.After(last) {
			last = e.Last
		}
	}
	f.LastUpdated = nil
	if !last.IsZero() {
		f.LastUpdated = &last
	}
}

func (a *app) sayReport(out string, written []report.File, figs web.Figures) error {
	if a.json {
		names := []string{}
		for _, w := range written {
			names = append(names, w.Path)
		}
		return a.writeJSON(map[string]any{"folder": out, "files": names, "headline": figs.Headline, "posts": figs.Counts.Posts})
	}
	fmt.Fprintln(a.stdout, figs.Headline.Sentence+".")
	if in := figs.Headline.Interval(); in != "" {
		fmt.Fprintf(a.stdout, "95 %% interval %s, %s, %s.\n", in, figs.Period.Text, figs.Headline.Base())
	}
	fmt.Fprintln(a.stdout, figs.Headline.Caveat)
	_, err := fmt.Fprintf(a.stdout, "%s: open %s; %d files, METHODS.md says how they were made\n", out, strings.TrimSuffix(out, "/")+"/report.html", len(written))
	return err
}

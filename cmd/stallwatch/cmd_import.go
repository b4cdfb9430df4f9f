package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/collector/export"
	"stallwatch/store"
)

// shownFailures is how many failures of a file are listed on the terminal; --failures and --json have them all.
const shownFailures = 20

// importFlags are the flags of import.
type importFlags struct {
	columns      map[string]string
	platform     string
	basis        string
	failures     string
	since, until string
	dryRun       bool
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE|FOLDER…",
		Short: "Bring posts in from export files, judge and store them",
		Long: `Reads export files, judges each post's stance on the thesis, and stores posts, verdicts and counts.
The format is recognised by what is in the file, not by its name ('stallwatch formats' lists what is known); plain or
packed with gzip, bzip2, zstd, xz, zip or tar. A folder stands for all files below it, a pattern such as 'posts-*.jsonl'
for what it matches, "-" for standard input. With --dry-run nothing is stored: formats, counts and the first posts of
each file are shown.

Importing a file again changes nothing; an interrupted import is taken up by giving the same command again. A line that
cannot be read costs that line: it is counted and named with file, line and reason. The totals always add up:
read = stored + duplicate + skipped + failed. Of a post that comes again the version read from the platform last stays;
how many come again by another author with another text is said, since then the id may be another's.
Deletion notices, tombstones and compliance lists remove the posts they name, also when those come later.

The exit status is 3 where something could not be read, or where a file is of no known form; of the files in a folder only
where all of them are.

For a table (CSV and its kin, Parquet, .xlsx, .ods) or JSON of no known format the columns are guessed from their names and
what is in them, and shown. Say it yourself with
  --map text=body,id=post_id,date=posted_at        (also: author, handle, lang, platform, url)`,
		Example: `  stallwatch import tweets.jsonl
  stallwatch import --map text=message,date=sent export.csv.gz
  stallwatch import --failures broken.jsonl *.jsonl.zst
  stallwatch import --dry-run exports/`,
		Args: cobra.MinimumNArgs(1),
		RunE: does(func(ctx context.Context, args []string) error { return a.importFiles(ctx, args, f) }),
	}
	c.Flags().StringToStringVar(&f.columns, "map", nil, "columns of generic input, as `FIELD=COLUMN`, several with commas between them")
	c.Flags().Lookup("map").DefValue = "" // not []
	c.Flags().StringVar(&f.platform, "platform", "", "platform of generic input, e.g. x or bluesky")
	c.Flags().StringVar(&f.basis, "basis", "", "rights basis for the ledger: api, dsa, capture, archive, open, …")
	c.Flags().StringVar(&f.failures, "failures", "", "write the lines that could not be read to `FILE`, to mend and import")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what would come in, and store nothing")
	c.Flags().StringVar(&f.since, "since", "", "leave out posts before this `DAY` (2025-07-01, UTC)")
	c.Flags().StringVar(&f.until, "until", "", "leave out posts after this `DAY` (the day itself is in)")
	return c
}

func (a *app) importFiles(ctx context.Context, files []string, f importFlags) error {
	since, until, err := parseDays(f.since, f.until)
	if err != nil {
		return &failure{exitUsage, err}
	}
	named := files
	if files, err = export.Find(files); err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(name string) bool { return name == a.db || name == a.db+".key" })
	thesis, judge, err := a.judging()
	if err != nil {
		return err
	}
	var s *store.Store
	if f.dryRun {
		judge = unjudged{judge}
	} else {
		if s, err = a.openToWrite("stallwatch import"); err != nil {
			return err
		}
		defer s.Close()
	}
	listed, err := newFailureList(f.failures)
	if err != nil {
		return err
	}
	defer listed.close()
	im := &importer{store: s, thesis: thesis, judge: judge, options: export.Options{Map: f.columns, Platform: f.platform, Stdin: a.stdinFor(files)},
		action: "import", basis: f.basis, since: since, until: until, failed: listed.add}
	var reports []fileReport
	for _, name := range files {
		report, err := a.importFile(ctx, im, name)
		reports = append(reports, report)
		if err != nil {
			return err
		}
		if !a.json {
			a.printFailures(listed, name)
			a.printReport(report)
		}
	}
	if !a.json && len(reports) > 1 {
		a.printSum(reports)
	}
	if a.json {
		if err := a.writeJSON(importResult{f.dryRun, reports, listed.all}); err != nil {
			return err
		}
	}
	return outcomeOf(reports, named)
}

// importResult is what import --json writes.
type importResult struct {
	DryRun   bool           `json:"dry_run,omitempty"`
	Files    []fileReport   `json:"files"`
	Failures []*fileFailure `json:"failures"`
}

// unjudged stands in for a classifier where no verdict is looked at.
type unjudged struct{ classify.Classifier }

func (unjudged) Classify(string, string) classify.Verdict { return classify.Verdict{} }

// outcomeOf tells the exit status: 3 when some item or file could not be read, or when a file that was named, or all that a
// folder holds, is of no known form. What else lies in a folder of exports is only told of.
func outcomeOf(reports []fileReport, named []string) error {
	strange := 0
	for _, r := range reports {
		unknown := r.Totals.Read > 0 && r.Totals.Skipped[collector.SkipUnknown] == r.Totals.Read
		if r.Totals.Failed > 0 || r.Error != "" || unknown && slices.Contains(named, r.Source) {
			return &failure{exitPartial, nil}
		}
		if unknown {
			strange++
		}
	}
	if strange > 0 && strange == len(reports) {
		return &failure{exitPartial, nil}
	}
	return nil
}

func (a *app) importFile(ctx context.Context, im *importer, name string) (fileReport, error) {
	var bar *progressBar
	if isTerminal(a.stderr) {
		bar = newProgressBar(ctx, a.stderr, name)
		im.progress = bar.update
	}
	report, err := im.file(ctx, name)
	bar.finish()
	return report, err
}

// parseDays reads the two ends of a period as people name them; the end it returns is exclusive.
func parseDays(since, until string) (from, to time.Time, err error) {
	if since != "" {
		if from, err = time.Parse(time.DateOnly, since); err != nil {
			return from, to, fmt.Errorf("--since: %q is not a day such as 2025-07-01", since)
		}
	}
	if until != "" {
		if to, err = time.Parse(time.DateOnly, until); err != nil {
			return from, to, fmt.Errorf("--until: %q is not a day such as 2025-07-31", until)
		}
		to = to.AddDate(0, 0, 1)
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, fmt.Errorf("--since %s is after --until %s", since, until)
	}
	return from, to, nil
}

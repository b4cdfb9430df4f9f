package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

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
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE…",
		Short: "Bring posts in from export files, judge and store them",
		Long: `Reads export files, judges each post's stance on the thesis, and stores posts, verdicts and counts.
The format is recognised by what is in the file, not by its name ('stallwatch formats' lists what is known); plain or
packed with gzip, bzip2, zstd, xz, zip or tar. "-" reads standard input.

Importing a file again changes nothing. A line that cannot be read costs that line: it is counted and named with
file, line and reason. The totals always add up: read = stored + duplicate + skipped + failed.

For a table or JSON of no known format the columns are guessed from their names and shown. Say it yourself with
  --map text=body,id=post_id,date=posted_at        (also: author, handle, lang, platform, url)`,
		Example: `  stallwatch import tweets.jsonl
  stallwatch import --map text=message,date=sent export.csv.gz
  stallwatch import --failures broken.jsonl *.jsonl.zst`,
		Args: cobra.MinimumNArgs(1),
		RunE: does(func(ctx context.Context, args []string) error { return a.importFiles(ctx, args, f) }),
	}
	c.Flags().StringToStringVar(&f.columns, "map", nil, "columns of generic input, as `FIELD=COLUMN,…`")
	c.Flags().StringVar(&f.platform, "platform", "", "platform of generic input, e.g. x or bluesky")
	c.Flags().StringVar(&f.basis, "basis", "", "rights basis for the ledger: api, dsa, capture, archive, open, …")
	c.Flags().StringVar(&f.failures, "failures", "", "write the lines that could not be read to `FILE`, to mend and import")
	c.Flags().StringVar(&f.since, "since", "", "leave out posts before this `DAY` (2025-07-01, UTC)")
	c.Flags().StringVar(&f.until, "until", "", "leave out posts after this `DAY` (the day itself is in)")
	return c
}

func (a *app) importFiles(ctx context.Context, files []string, f importFlags) error {
	since, until, err := parseDays(f.since, f.until)
	if err != nil {
		return &failure{exitUsage, err}
	}
	thesis, judge, err := a.judging()
	if err != nil {
		return err
	}
	s, err := a.openToWrite("stallwatch import")
	if err != nil {
		return err
	}
	defer s.Close()
	listed, err := newFailureList(f.failures)
	if err != nil {
		return err
	}
	defer listed.close()
	im := &importer{store: s, thesis: thesis, judge: judge, options: export.Options{Map: f.columns, Platform: f.platform},
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
	if a.json {
		if err := a.writeJSON(importResult{reports, listed.all}); err != nil {
			return err
		}
	}
	return outcomeOf(reports)
}

// importResult is what import --json writes.
type importResult struct {
	Files    []fileReport   `json:"files"`
	Failures []*fileFailure `json:"failures"`
}

// outcomeOf tells the exit status: 3 when some item or file could not be read.
func outcomeOf(reports []fileReport) error {
	for _, r := range reports {
		if r.Totals.Failed > 0 || r.Error != "" {
			return &failure{exitPartial, nil}
		}
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

func (a *app) openToWrite(command string) (*store.Store, error) {
	s, err := store.Open(a.db)
	if err != nil {
		return nil, err
	}
	err = s.Announce(store.Owner{PID: os.Getpid(), Command: command, Since: time.Now().UTC()})
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// printReport says what became of one file.
func (a *app) printReport(r fileReport) {
	t := r.Totals
	for _, w := range r.Warnings {
		a.say("%s: warning: %s", r.Source, w)
	}
	if r.Mapping != "" {
		a.say("%s: columns: %s (change with --map FIELD=COLUMN,…)", r.Source, r.Mapping)
	}
	fmt.Fprintf(a.stdout, "%s: %s read = %s stored + %s duplicate + %s skipped + %s failed", r.Source, comma(t.Read), comma(t.Stored),
		comma(t.Duplicate), comma(skipped(t)), comma(t.Failed))
	if r.Took > time.Second {
		fmt.Fprintf(a.stdout, " in %s", r.Took.Round(100*time.Millisecond))
	}
	fmt.Fprintln(a.stdout)
	for _, line := range details(r) {
		fmt.Fprintln(a.stdout, "  "+line)
	}
	if r.Error != "" {
		a.say("%s: %s", r.Source, r.Error)
	}
}

func details(r fileReport) (lines []string) {
	if s := joinCounts(r.Formats); s != "" {
		lines = append(lines, "formats: "+s)
	}
	if s := joinCounts(r.Totals.Skipped); s != "" {
		lines = append(lines, "skipped: "+s)
	}
	if r.Repeats > 0 {
		lines = append(lines, fmt.Sprintf("the same file came in before, as entry %d of the ledger: nothing changed", r.Repeats))
	}
	return lines
}

func joinCounts[K ~string](m map[K]int) string {
	var parts []string
	for k, n := range m {
		parts = append(parts, fmt.Sprintf("%s %s", k, comma(n)))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func skipped(t store.Totals) (n int) {
	for _, k := range t.Skipped {
		n += k
	}
	return n
}

func comma(n int) string { return humanize.Comma(int64(n)) }

// failureList keeps the failures, and writes the raw lines out where that is asked for.
type failureList struct {
	all []*fileFailure
	out io.WriteCloser
}

func newFailureList(file string) (*failureList, error) {
	l := &failureList{all: []*fileFailure{}}
	if file != "" {
		f, err := os.Create(file)
		if err != nil {
			return nil, err
		}
		l.out = f
	}
	return l, nil
}

func (l *failureList) add(f *fileFailure) error {
	if l.out != nil {
		if _, err := l.out.Write(append(bytes.TrimRight(f.raw, "\r\n"), '\n')); err != nil {
			return err
		}
	}
	f.raw = nil
	l.all = append(l.all, f)
	return nil
}

func (l *failureList) close() {
	if l.out != nil {
		l.out.Close()
	}
}

func (a *app) printFailures(l *failureList, file string) {
	shown := 0
	for _, f := range l.all {
		if f.File != file {
			continue
		}
		if shown++; shown <= shownFailures {
			a.say("%s", f)
		}
	}
	if shown > shownFailures {
		a.say("%s: … and %s more that could not be read; --failures FILE writes them out, --json lists them", file, comma(shown-shownFailures))
	}
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

func (a *app) formatsCommand() *cobra.Command {
	return &cobra.Command{Use: "formats", Short: "List the formats that import reads and how each is recognised", Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error {
			all := export.Formats()
			if a.json {
				return a.writeJSON(all)
			}
			for _, f := range all {
				fmt.Fprintf(a.stdout, "%s\n    %s\n    recognised by: %s\n", f.Name, f.What, f.RecognisedBy)
			}
			return nil
		})}
}

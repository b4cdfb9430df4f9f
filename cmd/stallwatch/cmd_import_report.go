package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"

	"stallwatch/collector"
	"stallwatch/store"
)

// printReport says what became of one file.
func (a *app) printReport(r fileReport) {
	t := r.Totals
	for _, w := range r.Warnings {
		a.say("%s: warning: %s", r.Source, w)
	}
	if r.Mapping != "" {
		a.say("%s: columns: %s (change with --map FIELD=COLUMN,…)", r.Source, r.Mapping)
	}
	fmt.Fprintf(a.stdout, "%s: %s", r.Source, sum(t, r.Samples != nil))
	if r.Took > time.Second {
		fmt.Fprintf(a.stdout, " in %s", r.Took.Round(100*time.Millisecond))
	}
	fmt.Fprintln(a.stdout)
	for _, line := range details(r) {
		fmt.Fprintln(a.stdout, "  "+line)
	}
	for _, p := range r.Samples {
		fmt.Fprintf(a.stdout, "  %s %s %s %s: %s\n", printable(p.Platform), p.Kind, p.CreatedAt.Format(time.DateTime), printable(p.ID), excerpt(p.Text))
	}
	if r.Error != "" {
		a.say("%s: %s", r.Source, r.Error)
	}
}

// sum says that what was read adds up. A dry run does not know which posts are in a store already.
func sum(t store.Totals, dry bool) string {
	if dry {
		return fmt.Sprintf("%s read = %s posts + %s skipped + %s failed; nothing was stored", comma(t.Read), comma(t.Stored), comma(skipped(t)), comma(t.Failed))
	}
	return fmt.Sprintf("%s read = %s stored + %s duplicate + %s skipped + %s failed", comma(t.Read), comma(t.Stored), comma(t.Duplicate), comma(skipped(t)), comma(t.Failed))
}

// printSum adds up the files.
func (a *app) printSum(reports []fileReport) {
	all := store.Totals{Skipped: map[collector.Reason]int{}}
	unread, dry := 0, false
	for _, r := range reports {
		t := r.Totals
		all.Read, all.Stored, all.Duplicate, all.Failed = all.Read+t.Read, all.Stored+t.Stored, all.Duplicate+t.Duplicate, all.Failed+t.Failed
		for reason, n := range t.Skipped {
			all.Skipped[reason] += n
		}
		if dry = dry || r.Samples != nil; r.Error != "" {
			unread++
		}
	}
	fmt.Fprintf(a.stdout, "%s files: %s", comma(len(reports)), sum(all, dry))
	if unread > 0 {
		fmt.Fprintf(a.stdout, "; %s files could not be read", comma(unread))
	}
	fmt.Fprintln(a.stdout)
}

// excerpt is the beginning of a text for a terminal: without control characters, which could write over the screen.
func excerpt(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if r := []rune(text); len(r) > 80 {
		text = string(r[:79]) + "…"
	}
	return text
}

func details(r fileReport) (lines []string) {
	if s := joinCounts(r.Formats); s != "" {
		lines = append(lines, "formats: "+s)
	}
	if s := joinCounts(r.Totals.Skipped); s != "" {
		lines = append(lines, "skipped: "+s)
	}
	if n := r.Totals.Updated; n > 0 {
		lines = append(lines, fmt.Sprintf("updated: %s of the duplicates brought a newer text or newer counts, which were taken over", comma(n)))
	}
	if n := r.Totals.Clashing; n > 0 {
		lines = append(lines, fmt.Sprintf("clashing: %s of the duplicates have another author and another text than what is stored under their id: it may be that of the post which they are comments on, and one of them is kept; name their own ids with --map id=COLUMN", comma(n)))
	}
	if n := r.Totals.Removed; n > 0 && r.Samples == nil {
		lines = append(lines, fmt.Sprintf("removed: %s posts that the file says are deleted or replaced", comma(n)))
	} else if n > 0 {
		lines = append(lines, fmt.Sprintf("names %s posts as deleted or replaced", comma(n)))
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

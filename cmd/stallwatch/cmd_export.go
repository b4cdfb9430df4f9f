package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/cmd/stallwatch/dataset"
	"stallwatch/store"
)

// X allows 1,500,000 post ids a recipient within 30 days (developer policy, content redistribution, as of August 2026).
const (
	idCap    = 1_500_000
	idPeriod = 30 * 24 * time.Hour
)

// exportIDs is the action of ledger entries of ids that went out: Source is the recipient, Formats counts ids by platform.
const exportIDs = "export ids"

type exportFlags struct {
	recordFlags
	format, out, recipient string
	text, ids, salvage     bool
}

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export",
		Short: "Write posts with their verdicts as CSV, JSONL or Parquet, or ids alone",
		Long: `Writes the posts that the filters choose, the oldest first, with stance, probabilities, time, platform, kind, language and cluster; with
--text also the text and what else is known of a post. Such a file imports again. Authors are never written.

Ids are written with their platform (x:1940812345678901234), since spreadsheets and data frames round bare ones, and cells
that a spreadsheet would run get an apostrophe before them. The format follows the name of --out, or --format.

--ids writes bare ids and nothing else, one file a platform, ids-PLATFORM.txt in the folder --out: what may be passed on of posts of X.
X allows 1,500,000 ids a recipient in 30 days: name the --recipient, and the ledger keeps count and refuses more.

--salvage writes every whole post of a store that is damaged, names what could not be read, and ends with status 3 where something
could not. It changes nothing; with --text its file can be imported into a new store.`,
		Example: `  stallwatch export --out posts.parquet
  stallwatch export --text --stance agree --since 2025-07-01 --out agree.csv
  stallwatch export --ids --recipient "Archive of X" --out ids`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			filter, err := f.filter()
			if err != nil {
				return err
			}
			switch {
			case f.salvage && (f.ids || !reflect.ValueOf(filter).IsZero()):
				return &failure{exitUsage, errors.New("--salvage takes all that can be read: leave out --ids and what chooses posts")}
			case f.ids:
				return a.exportIDs(ctx, filter, &f)
			}
			return a.exportTable(ctx, filter, &f)
		}),
	}
	f.register(c)
	c.Flags().StringVar(&f.format, "format", "", "csv, jsonl or parquet (default: by the name of --out, or csv)")
	c.Flags().StringVar(&f.out, "out", "", "`FILE` to write, or the folder of --ids (default: standard output)")
	c.Flags().BoolVar(&f.text, "text", false, "with the text, references, counts, links and hashtags")
	c.Flags().BoolVar(&f.ids, "ids", false, "bare ids, one file a platform")
	c.Flags().BoolVar(&f.salvage, "salvage", false, "write what can be read of a damaged store")
	c.Flags().StringVar(&f.recipient, "recipient", "", "who gets the ids, for the ledger")
	return c
}

func (a *app) exportTable(ctx context.Context, filter store.Filter, f *exportFlags) error {
	format := f.format
	if format == "" {
		if format = strings.TrimPrefix(filepath.Ext(f.out), "."); format == "" {
			format = "csv"
		}
	}
	if !slices.Contains(dataset.Formats, format) {
		return &failure{exitUsage, fmt.Errorf("--format: %q is not one of %s", format, strings.Join(dataset.Formats, ", "))}
	}
	thesis, err := a.thesisOnly()
	if err != nil {
		return err
	}
	var problems []string
	n := 0
	write := func(w io.Writer) error {
		n, problems, err = salvageTable(ctx, a.db, thesis.ID, w, format, f.text)
		return err
	}
	if !f.salvage {
		s, err := a.openToRead()
		if err != nil {
			return err
		}
		defer s.Close()
		sum, err := s.Summary(thesis.ID, store.Filter{})
		if err != nil {
			return err
		}
		bar := a.countBar(ctx, "export")
		defer bar.finish()
		write = func(w io.Writer) error {
			n, err = writeTable(ctx, s, thesis.ID, filter, w, format, f.text, func(n int) { bar.update(n, sum.WithReposts.Total()) })
			return err
		}
	}
	return a.deliver(f, format, write, &n, &problems)
}

// deliver writes to the file or to standard output, and says what was written and what was lost.
func (a *app) deliver(f *exportFlags, format string, write func(io.Writer) error, n *int, problems *[]string) error {
	if f.out == "" || f.out == "-" {
		if err := write(a.stdout); err != nil {
			return err
		}
	} else {
		if err := writeWhole(f.out, write); err != nil {
			return err
		}
		if a.json {
			if err := a.writeJSON(map[string]any{"file": f.out, "format": format, "posts": *n, "problems": append([]string{}, *problems...)}); err != nil {
				return err
			}
		} else {
			fmt.Fprintf(a.stdout, "%s: %s\n", f.out, plural(*n, "post", "posts"))
		}
	}
	for _, p := range *problems {
		a.say("%s: %s", a.db, p)
	}
	if len(*problems) > 0 {
		return &failure{exitPartial, nil}
	}
	return nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return comma(n) + " " + many
}

var fileName = regexp.MustCompile(`[^a-z0-9._-]+`)

// exportIDs writes into a folder of its own first, counts, asks the ledger, and only then puts the files in place.
func (a *app) exportIDs(ctx context.Context, filter store.Filter, f *exportFlags) (err error) {
	recipient := strings.Join(strings.Fields(f.recipient), " ")
	switch {
	case f.out == "":
		return &failure{exitUsage, errors.New("--ids needs --out FOLDER")}
	case f.text || f.format != "":
		return &failure{exitUsage, errors.New("--ids writes ids and nothing else: leave out --text and --format")}
	case recipient == "":
		return &failure{exitUsage, errors.New("--ids needs --recipient NAME: X caps the ids that one recipient may have, and the ledger keeps count")}
	}
	thesis, err := a.thesisOnly()
	if err != nil {
		return err
	}
	if _, err := os.Stat(a.db); err != nil {
		s, err := a.openToRead() // which says what to do
		if err == nil {
			s.Close()
		}
		return err
	}
	s, err := a.openToWrite("stallwatch export")
	if err != nil {
		return err
	}
	defer s.Close()
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(f.out, ".ids-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	counts, made, err := writeIDs(ctx, s, thesis.ID, filter, dir)
	if err != nil {
		return err
	}
	if err := underCap(s, recipient, counts["x"], time.Now()); err != nil {
		return err
	}
	run := s.Begin(store.Entry{Action: exportIDs, Started: time.Now().UTC(), Version: version(), Thesis: thesis.ID, Source: recipient, Formats: counts})
	if _, err := run.Finish(time.Now().UTC()); err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := os.Rename(filepath.Join(dir, file.Name()), filepath.Join(f.out, file.Name())); err != nil {
			return err
		}
	}
	if made > 0 {
		a.say("%s left out: their ids are not the platform's but made here, since the source had none", plural(made, "post", "posts"))
	}
	if a.json {
		return a.writeJSON(map[string]any{"folder": f.out, "recipient": recipient, "ids": counts, "without_id": made})
	}
	for _, platform := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(a.stdout, "%s: %s\n", filepath.Join(f.out, idsFile(platform)), plural(counts[platform], "id", "ids"))
	}
	return nil
}

func idsFile(platform string) string {
	return "ids-" + fileName.ReplaceAllString(strings.ToLower(platform), "_") + ".txt"
}

// writeIDs writes one file a platform. made counts posts whose id is not the platform's.
func writeIDs(ctx context.Context, s *store.Store, thesis string, filter store.Filter, dir string) (counts map[string]int, made int, err error) {
	counts = map[string]int{}
	files := map[string]*os.File{}
	outs := map[string]*bufio.Writer{}
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.Close())
		}
	}()
	err = s.Each(ctx, thesis, filter, func(r store.Record) error {
		if strings.HasPrefix(r.Post.ID, "h:") {
			made++
			return nil
		}
		name := idsFile(r.Post.Platform)
		if files[name] == nil {
			f, err := os.Create(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			files[name], outs[name] = f, bufio.NewWriter(f)
		}
		counts[r.Post.Platform]++
		_, err := outs[name].WriteString(r.Post.ID + "\n")
		return err
	})
	for _, w := range outs {
		err = errors.Join(err, w.Flush())
	}
	return counts, made, err
}

// underCap refuses what would take a recipient over X's cap.
func underCap(s *store.Store, recipient string, n int, now time.Time) error {
	ledger, err := s.Ledger()
	if err != nil {
		return err
	}
	had, oldest := 0, now
	for _, e := range ledger {
		if e.Action == exportIDs && strings.EqualFold(e.Source, recipient) && now.Sub(e.Finished) < idPeriod && e.Formats["x"] > 0 {
			had += e.Formats["x"]
			oldest = e.Finished
		}
	}
	if had+n <= idCap {
		return nil
	}
	again := ""
	if had > 0 {
		again = fmt.Sprintf("; %s have gone to %q since %s, which drop out of the count from %s on", comma(had), recipient, oldest.Format("2 January 2006"),
			oldest.Add(idPeriod).Format("2 January 2006"))
	}
	return fmt.Errorf("%s ids of X are more than the %s that X allows one recipient in 30 days%s; choose fewer with --since, --until or --stance",
		comma(n), comma(idCap), again)
}

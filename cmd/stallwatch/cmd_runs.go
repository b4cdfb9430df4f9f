package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"stallwatch/store"
)

func (a *app) runsCommand() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "runs",
		Short: "List the ledger: what was done to the store, when, from what, with what result",
		Long: `Lists the ledger, the newest entry first: imports, collections, codings, deletions, reclassifications, migrations and repairs. Of what
was read, read = stored + duplicate + skipped + failed, always; of the duplicates "updated" replaced an older version.
--json gives every field of every entry.`,
		Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error {
			s, err := a.openToRead()
			if err != nil {
				return err
			}
			defer s.Close()
			all, err := s.Ledger()
			if err != nil {
				return err
			}
			shown := all
			if limit > 0 && len(all) > limit {
				shown = all[:limit]
			}
			if a.json {
				return a.writeJSON(append([]store.Entry{}, shown...))
			}
			w := bufio.NewWriter(a.stdout)
			for i := range shown {
				printRun(w, &shown[i])
			}
			if len(shown) < len(all) {
				fmt.Fprintf(w, "… and %s older; --limit 0 lists all\n", comma(len(all)-len(shown)))
			}
			return w.Flush()
		}),
	}
	c.Flags().IntVar(&limit, "limit", 20, "how many entries; 0: all")
	return c
}

func printRun(w *bufio.Writer, e *store.Entry) {
	state := "not complete: interrupted, or under way"
	if e.Complete {
		state = e.Finished.Format("2006-01-02 15:04 UTC")
	}
	fmt.Fprintf(w, "%d  %s  %s", e.Seq, cmp.Or(e.Action, "run"), state)
	for _, part := range []string{printable(e.Source), e.Thesis, e.Model} {
		if part != "" {
			fmt.Fprintf(w, "  %s", part)
		}
	}
	fmt.Fprintln(w)
	if t := e.Totals; t.Read > 0 || t.Removed > 0 {
		fmt.Fprintf(w, "    %s read = %s stored + %s duplicate + %s skipped + %s failed; %s updated, %s removed\n", comma(t.Read), comma(t.Stored),
			comma(t.Duplicate), comma(skipped(t)), comma(t.Failed), comma(t.Updated), comma(t.Removed))
	}
	for _, reason := range slices.Sorted(maps.Keys(e.Totals.Skipped)) {
		if n := e.Totals.Skipped[reason]; n > 0 {
			fmt.Fprintf(w, "    skipped: %s %s\n", reason, comma(n))
		}
	}
	if e.Note != "" {
		fmt.Fprintf(w, "    note: %s\n", printable(e.Note))
	}
}

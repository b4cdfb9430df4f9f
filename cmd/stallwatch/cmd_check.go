package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"stallwatch/store"
)

func (a *app) checkCommand() *cobra.Command {
	var repair bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Read the whole store, recount it and compare with its tallies",
		Long: `Reads every record and its checksum, the indexes, the clusters and the pages of the file, recounts every tally, and
says what does not agree. Exit status 1 when something is wrong.

--repair makes a new file of every record that is whole, with everything else made anew, and puts it in the place of the
store; the damaged file stays as FILE.damaged. It needs room for a second copy. Interrupted, it changes nothing.`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			if repair {
				return a.repair(ctx)
			}
			return a.check(ctx)
		}),
	}
	c.Flags().BoolVar(&repair, "repair", false, "make a new store of what is whole")
	return c
}

func (a *app) check(ctx context.Context) error {
	problems, err := a.problems(ctx)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.writeJSON(map[string]any{"problems": append([]string{}, problems...)}); err != nil {
			return err
		}
	} else if len(problems) == 0 {
		fmt.Fprintf(a.stdout, "%s: every record is whole and every tally agrees with a recount\n", a.db)
	}
	for _, p := range problems {
		a.say("%s: %s", a.db, p)
	}
	if len(problems) > 0 {
		return &failure{exitFailed, fmt.Errorf("%s: %s problems; 'stallwatch check --repair' keeps what is whole", a.db, comma(len(problems)))}
	}
	return nil
}

// problems checks the store; one that is too damaged to be opened is a problem too.
func (a *app) problems(ctx context.Context) ([]string, error) {
	s, err := a.open(ctx, store.OpenUnverified)
	if errors.Is(err, store.ErrDamaged) {
		return []string{err.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	defer s.Close()
	bar := a.countBar(ctx, "check")
	defer bar.finish()
	return s.Check(ctx, bar.update)
}

func (a *app) repair(ctx context.Context) error {
	bar := a.countBar(ctx, "repair")
	got, err := store.Repair(ctx, a.db, version(), bar.update)
	bar.finish()
	if err != nil {
		return err
	}
	if a.json {
		got.Problems = append([]string{}, got.Problems...)
		return a.writeJSON(got)
	}
	for _, p := range got.Problems {
		a.say("%s: lost: %s", a.db, p)
	}
	fmt.Fprintf(a.stdout, "%s: %s posts and %s verdicts are whole and counted anew; the file as it was is %s\n", a.db, comma(got.Posts), comma(got.Verdicts), got.Kept)
	if got.Verdicts < got.Posts {
		fmt.Fprintln(a.stdout, "Posts without a verdict are judged by 'stallwatch reclassify'.")
	}
	return nil
}

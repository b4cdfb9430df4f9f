package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Recount the store and compare with its tallies",
		Args:  cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			s, err := a.openToRead()
			if err != nil {
				return err
			}
			defer s.Close()
			problems, err := s.Check(ctx, nil)
			if err != nil {
				return err
			}
			if a.json {
				if err := a.writeJSON(map[string]any{"problems": append([]string{}, problems...)}); err != nil {
					return err
				}
			} else if len(problems) == 0 {
				fmt.Fprintf(a.stdout, "%s: every tally agrees with a recount\n", a.db)
			}
			for _, p := range problems {
				a.say("%s: %s", a.db, p)
			}
			if len(problems) > 0 {
				return &failure{exitFailed, fmt.Errorf("%s: %d differences", a.db, len(problems))}
			}
			return nil
		}),
	}
}

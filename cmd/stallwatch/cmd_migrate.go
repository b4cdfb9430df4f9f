package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"stallwatch/store"
)

func (a *app) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring a store that an older version wrote to this version",
		Long: `Makes a new file of a store that an older Stallwatch wrote. The new file is made beside the old one and takes its
place when it is complete; the old one stays as FILE.schema1 until you delete it. It needs room for a second copy.
Interrupted, it leaves the store as it was. A store that is current is left alone.`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			bar := a.countBar(ctx, "migrate")
			from, err := store.Migrate(ctx, a.db, version(), bar.update)
			bar.finish()
			if err != nil {
				return err
			}
			now, err := store.Schema(a.db)
			if err != nil {
				return err
			}
			kept := ""
			if from != now {
				kept = fmt.Sprintf("%s.schema%d", a.db, from)
			}
			if a.json {
				return a.writeJSON(map[string]any{"from": from, "to": now, "kept": kept})
			}
			if from == now {
				fmt.Fprintf(a.stdout, "%s: schema %d is current\n", a.db, now)
				return nil
			}
			fmt.Fprintf(a.stdout, "%s: brought from schema %d to %d; the old file is %s\n", a.db, from, now, kept)
			return nil
		}),
	}
}

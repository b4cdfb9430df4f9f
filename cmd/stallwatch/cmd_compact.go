package main

import (
	"context"
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"stallwatch/store"
)

func (a *app) compactCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "compact",
		Short: "Give back the space that removed and replaced records left in the store",
		Long: `Rewrites the store without its free space. The new file is made beside the old one and takes its place when it is
complete. It needs room for a second copy and refuses to begin without. Interrupted, it leaves the store as it was.`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			bar := a.countBar(ctx, "compact")
			before, after, err := store.Compact(ctx, a.db, bar.update)
			bar.finish()
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(map[string]int64{"before": before, "after": after})
			}
			_, err = fmt.Fprintf(a.stdout, "%s: %s before, %s now\n", a.db, humanize.IBytes(uint64(before)), humanize.IBytes(uint64(after)))
			return err
		}),
	}
}

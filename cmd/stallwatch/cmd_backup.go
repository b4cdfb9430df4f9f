package main

import (
	"context"
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the store to another file and check the copy",
		Long: `Copies the store as it is at one moment to FILE, and the author key to FILE.key: without it the authors of later posts
would not be known as those of earlier ones. The copy is opened and checked, every record and tally of it, before it gets
its name. A file that is there already is not overwritten. Interrupted, it leaves nothing behind.`,
		Example: "  stallwatch backup /backup/$(date +%F).db",
		Args:    cobra.ExactArgs(1),
		RunE: does(func(ctx context.Context, args []string) error {
			s, err := a.openToRead()
			if err != nil {
				return err
			}
			defer s.Close()
			bar := a.countBar(ctx, "backup")
			n, err := s.BackupTo(ctx, args[0], bar.update)
			bar.finish()
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(map[string]any{"file": args[0], "key": args[0] + ".key", "bytes": n, "checked": true})
			}
			_, err = fmt.Fprintf(a.stdout, "%s: %s, checked; the author key is %s.key\n", args[0], humanize.IBytes(uint64(n)), args[0])
			return err
		}),
	}
}

package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"stallwatch/collector/export"
)

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

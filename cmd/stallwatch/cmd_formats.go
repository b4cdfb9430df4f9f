package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stallwatch/collector/export"
)

func (a *app) formatsCommand() *cobra.Command {
	return &cobra.Command{Use: "formats [WORD…]", Short: "List the formats that import reads and how each is recognised",
		Long: `Lists the formats that import reads, what each is, and by what in the file it is recognised. Words narrow the list to
the formats in which all of them occur: of one network, one tool, one column.

A file may be packed (gzip, bzip2, zstd, xz, zip, tar), a table may be CSV or its kin, Parquet, .xlsx or .ods, and JSON may
lie in other JSON, in the cells of a table or on the lines of a log. A table or JSON of no format in the list is read
through guessed columns ("csv generic", "json generic").`,
		Example: `  stallwatch formats
  stallwatch formats telegram
  stallwatch formats apify facebook`,
		RunE: does(func(_ context.Context, words []string) error {
			all := formatsWith(words)
			switch {
			case len(all) == 0:
				return fmt.Errorf("no format has %q in it; 'stallwatch formats' lists all", strings.Join(words, " "))
			case a.json:
				return a.writeJSON(all)
			}
			a.printFormats(all)
			return nil
		})}
}

// formatsWith are the formats in which all words occur, in whatever case.
func formatsWith(words []string) []export.FormatInfo {
	return slices.DeleteFunc(export.Formats(), func(f export.FormatInfo) bool {
		all := strings.ToLower(f.Name + "\n" + f.What + "\n" + f.RecognisedBy)
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, strings.ToLower(w)) })
	})
}

// printFormats writes formats of one name, which are one to the reader, below one heading.
func (a *app) printFormats(all []export.FormatInfo) {
	var names []string
	byName := map[string][]export.FormatInfo{}
	for _, f := range all {
		if byName[f.Name] == nil {
			names = append(names, f.Name)
		}
		byName[f.Name] = append(byName[f.Name], f)
	}
	for _, name := range names {
		fmt.Fprintln(a.stdout, name)
		for _, f := range byName[name] {
			fmt.Fprintf(a.stdout, "    %s\n        recognised by %s\n", f.What, f.RecognisedBy)
		}
	}
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"stallwatch/cmd/stallwatch/dataset"
	"stallwatch/store"
)

func (a *app) postsCommand() *cobra.Command {
	var f recordFlags
	var limit int
	var after string
	c := &cobra.Command{
		Use:   "posts",
		Short: "List and search the posts of the store",
		Long: `Lists posts with their verdicts, the newest first. --after takes up where a list before ended; it names the place.
No author is shown: stance belongs to a post.`,
		Example: `  stallwatch posts --stance agree --min-p 0.9 --search ceasefire
  stallwatch posts --not-classified --lang en --limit 100
  stallwatch posts --json --limit 500 --platform x`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			filter, err := f.filter()
			if err != nil {
				return err
			}
			if limit < 1 {
				return &failure{exitUsage, errors.New("--limit: at least 1")}
			}
			return a.posts(filter, store.Cursor(after), limit)
		}),
	}
	f.register(c)
	c.Flags().IntVar(&limit, "limit", 20, "how many posts")
	c.Flags().StringVar(&after, "after", "", "go on after this `PLACE`, which the list before named")
	return c
}

func (a *app) posts(f store.Filter, after store.Cursor, limit int) error {
	s, err := a.openToRead()
	if err != nil {
		return err
	}
	defer s.Close()
	thesis, err := a.thesisOnly()
	if err != nil {
		return err
	}
	page, next, err := s.Posts(thesis.ID, f, after, limit)
	if errors.Is(err, store.ErrBadCursor) {
		return &failure{exitUsage, fmt.Errorf("--after: %w", err)}
	}
	if err != nil {
		return err
	}
	if a.json {
		rows := []json.RawMessage{}
		for i := range page {
			rows = append(rows, dataset.AppendJSON(nil, &page[i], dataset.Columns(true)))
		}
		return a.writeJSON(struct {
			Posts []json.RawMessage `json:"posts"`
			Next  store.Cursor      `json:"next,omitempty"`
		}{rows, next})
	}
	w := bufio.NewWriter(a.stdout)
	for _, r := range page {
		fmt.Fprintf(w, "%s  %-20s %s\n    %s\n", r.Post.CreatedAt.Format("2006-01-02 15:04"), verdictWords(&r), dataset.ID(r.Post.Platform, printable(r.Post.ID)),
			shortened(r.Post.Text, 160))
	}
	if len(page) == 0 {
		a.say("no post matches")
	}
	if next != "" {
		a.say("more with --after %s", next)
	}
	return w.Flush()
}

// verdictWords is a verdict in few words.
func verdictWords(r *store.Record) string {
	v := r.Verdict
	if !v.Classified() {
		return "– (" + string(v.Abstain) + ")"
	}
	return fmt.Sprintf("%s %.2f", v.Stance, v.P[v.Stance])
}

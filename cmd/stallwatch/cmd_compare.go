package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/store"
	"stallwatch/web"
)

func (a *app) compareCommand() *cobra.Command {
	var f filterFlags
	var out string
	c := &cobra.Command{
		Use:   "compare A B",
		Short: "Compare two periods, files, stores, theses or models: the difference with its interval",
		Long: `Compares the share of stance-taking posts that agree. A and B are both of one sort:

  periods   2025-06, 2025, 2025-07-03 or 2025-05-01..2025-07-02, of the store
  files     export files, which are read aside; the store is not touched
  stores    files that import has made
  theses    ids of built-in theses or folders: the posts of the store, judged by both
  models    two folders of the same thesis with different models: likewise

The difference is B − A with its 95 % interval: the square-and-add interval of the two shares, which allow for authors who post
often, less what authors behind both sides have in common (Newcombe 1998; Zou & Donner 2008). It is called up or down only where the
interval excludes 0. --out draws it as SVG or PNG.`,
		Example: `  stallwatch compare 2025-06 2025-07
  stallwatch compare before.jsonl.gz after.jsonl.gz --out change.png
  stallwatch compare putin-stalling ./my-thesis`,
		Args: cobra.ExactArgs(2),
		RunE: does(func(ctx context.Context, args []string) error { return a.compare(ctx, args, &f, out) }),
	}
	f.register(c)
	_ = c.Flags().MarkHidden("step") // nothing here has steps
	c.Flags().StringVar(&out, "out", "", "draw the comparison into `FILE`.svg or FILE.png")
	return c
}

// comparison is what compare --json writes.
type comparison struct {
	Sort    string     `json:"sort"` // "period", "file", "store", "thesis"
	A       side       `json:"a"`
	B       side       `json:"b"`
	Change  *change    `json:"change"` // null when a side has too few posts
	Moved   *moved     `json:"moved,omitempty"`
	Caveat  string     `json:"caveat"`
	authors pairCounts // by author
}

type side struct {
	Name  string     `json:"name"`
	Model string     `json:"model,omitempty"`
	Posts int        `json:"posts"`
	Cell  store.Cell `json:"counts"`
	Share web.Share  `json:"share"`
}

type change struct {
	web.Change
	Sentence    string  `json:"sentence"`
	AuthorsBoth int     `json:"authors_on_both_sides"`
	Correlation float64 `json:"correlation"` // of the errors of the two shares
}

// moved counts posts that two judges see differently.
type moved struct {
	Posts int `json:"posts"` // judged by both
	Moved int `json:"moved"` // that got another stance
	// Table counts posts by A's outcome, then B's: the four stances, then not classified.
	Table [classify.NumStances + 1][classify.NumStances + 1]int `json:"table"`
}

// pairCounts are agreeing and stance-taking posts on each side, by author.
type pairCounts map[string]*[2][2]int

func (a *app) compare(ctx context.Context, args []string, flags *filterFlags, out string) error {
	filter, err := flags.filter()
	if err != nil {
		return &failure{exitUsage, err}
	}
	if ext := filepath.Ext(out); out != "" && ext != ".svg" && ext != ".png" {
		return &failure{exitUsage, fmt.Errorf("--out: %q does not end in .svg or .png", out)}
	}
	c := &comparison{A: side{Name: args[0]}, B: side{Name: args[1]}, authors: pairCounts{}, Caveat: "Posts matching our query, not public opinion."}
	if c.Sort, err = sortOf(args[0], args[1]); err != nil {
		return &failure{exitUsage, err}
	}
	if c.Sort == "period" && (!filter.Since.IsZero() || !filter.Until.IsZero()) {
		return &failure{exitUsage, errors.New("the periods are A and B: leave out --since and --until")}
	}
	if err := a.countSides(ctx, c, filter); err != nil {
		return err
	}
	c.finish()
	if out != "" {
		if err := c.draw(out); err != nil {
			return err
		}
	}
	if a.json {
		return a.writeJSON(c)
	}
	return c.print(a.stdout)
}

// sortOf tells what A and B both are.
func sortOf(one, two string) (string, error) {
	s1, s2 := sortOfOne(one), sortOfOne(two)
	switch {
	case s1 == "" || s2 == "":
		name := one
		if s1 != "" {
			name = two
		}
		return "", fmt.Errorf("%q is neither a period such as 2025-06 or 2025-05-01..2025-06-30, nor a file, nor a thesis (built in: %s)", name, strings.Join(classify.BuiltInTheses(), ", "))
	case s1 != s2:
		return "", fmt.Errorf("%q is a %s and %q a %s: compare two of a sort", one, s1, two, s2)
	}
	return s1, nil
}

func sortOfOne(name string) string {
	if _, _, err := parsePeriod(name); err == nil {
		return "period"
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.IsDir() && isStore(name):
		return "store"
	case err == nil && !info.IsDir():
		return "file"
	}
	if _, err := classify.LoadThesis(name); err == nil {
		return "thesis"
	}
	return ""
}

// isStore looks for bbolt's mark in the first page.
func isStore(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [20]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && string(head[16:20]) == "\xed\xda\x0c\xed"
}

// finish makes the shares and their difference.
func (c *comparison) finish() {
	var p prevalence.Pair
	for _, n := range c.authors.inOrder() {
		p.Add(n[0][0], n[0][1], n[1][0], n[1][1])
	}
	c.A.Cell.Sums, c.B.Cell.Sums = p.A, p.B
	for _, s := range []*side{&c.A, &c.B} {
		s.Posts, s.Share = s.Cell.Total(), web.ShareOf(s.Cell)
	}
	if !c.A.Share.Defined() || !c.B.Share.Defined() {
		return
	}
	before := prevalence.Clustered(c.A.Cell.Agree, c.A.Cell.StanceTaking(), p.A)
	after := prevalence.Clustered(c.B.Cell.Agree, c.B.Cell.StanceTaking(), p.B)
	r := p.Correlation(before.P, after.P)
	d := web.ChangeOf(prevalence.DifferenceCorrelated(before, after, r))
	c.Change = &change{Change: *d, Sentence: d.Sentence(), AuthorsBoth: p.Both, Correlation: r}
}

func (c *comparison) draw(name string) error {
	d, err := web.CompareDrawing("Share of stance-taking posts that agree", c.sentence(), []web.ForestRow{{Name: shortened(c.A.label(), 48), Share: c.A.Share}, {Name: shortened(c.B.label(), 48), Share: c.B.Share}})
	if err != nil {
		return err
	}
	return writeWhole(name, func(w io.Writer) error {
		if filepath.Ext(name) == ".png" {
			return d.PNG(w)
		}
		_, err := w.Write(d.SVG)
		return err
	})
}

// sentence is the difference in words.
func (c *comparison) sentence() string {
	if c.Change == nil {
		return "Too few posts take a side to compare"
	}
	return "From the first to the second: " + c.Change.Sentence
}

func (s *side) label() string {
	if s.Model == "" {
		return filepath.Base(s.Name)
	}
	return filepath.Base(s.Name) + " (" + s.Model + ")"
}

func (c *comparison) print(to io.Writer) error {
	w := bufio.NewWriter(to)
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	line("%-40s %9s %12s %9s", "Share that agrees", "share", "95 %", "of")
	for _, s := range []*side{&c.A, &c.B} {
		line("  %-38s %s", shortened(s.label(), 38), shareCells(s.Share))
	}
	line("\n%s.", c.sentence())
	if c.Change != nil && c.Change.AuthorsBoth > 0 {
		line("%s on both sides (correlation of the errors %+.2f).", plural(c.Change.AuthorsBoth, "author", "authors"), c.Change.Correlation)
	}
	line("%s", c.Caveat)
	line("\n%-24s %12s %12s", "Posts by stance", "A", "B")
	for _, r := range []struct {
		name string
		a, b int
	}{{"agree", c.A.Cell.Agree, c.B.Cell.Agree}, {"disagree", c.A.Cell.Disagree, c.B.Cell.Disagree}, {"discuss", c.A.Cell.Discuss, c.B.Cell.Discuss},
		{"unrelated", c.A.Cell.Unrelated, c.B.Cell.Unrelated}, {"not classified", c.A.Cell.Unclassified, c.B.Cell.Unclassified}, {"all", c.A.Posts, c.B.Posts}} {
		line("  %-22s %12s %12s", r.name, comma(r.a), comma(r.b))
	}
	if m := c.Moved; m != nil {
		line("\n%s of %s got another stance from B than from A (rows A, columns B):", comma(m.Moved), plural(m.Posts, "post", "posts"))
		line("  %-16s %10s %10s %10s %10s %10s", "", "agree", "disagree", "discuss", "unrelated", "none")
		for i, row := range m.Table {
			line("  %-16s %10s %10s %10s %10s %10s", outcomeName(i), comma(row[0]), comma(row[1]), comma(row[2]), comma(row[3]), comma(row[4]))
		}
	}
	return w.Flush()
}

func outcomeName(i int) string {
	if i == classify.NumStances {
		return "not classified"
	}
	return classify.Stance(i).String()
}

// count adds one post to a side. A post of unknown author is an author of its own.
func (c *comparison) count(which int, author string, v classify.Verdict) {
	cell := &[]*side{&c.A, &c.B}[which].Cell
	switch {
	case !v.Classified():
		cell.Unclassified++
		return
	case v.Stance == classify.Unrelated:
		cell.Unrelated++
		return
	case v.Stance == classify.Discuss:
		cell.Discuss++
		return
	}
	n := c.authors[author]
	if n == nil {
		n = &[2][2]int{}
		c.authors[author] = n
	}
	n[which][1]++
	if v.Stance == classify.Agree {
		cell.Agree++
		n[which][0]++
	} else {
		cell.Disagree++
	}
}

// authorOf tells authors apart, and posts of unknown ones from each other.
func authorOf(r *store.Record) string {
	return cmp.Or(r.Author, r.Post.Platform+":"+r.Post.ID)
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/collector"
	"stallwatch/collector/export"
	"stallwatch/store"
)

// forgetFlags are the flags of forget.
type forgetFlags struct {
	ids, apply, platform, note string
	compliance                 bool
}

func (a *app) forgetCommand() *cobra.Command {
	var f forgetFlags
	c := &cobra.Command{
		Use:   "forget --ids FILE | --apply FILE | --x-compliance",
		Short: "Remove posts for good, as people and platforms may ask",
		Long: `Removes posts with their text, verdicts and codings, corrects every count, and leaves a tombstone for each, so that no later
import or collection brings it back. The ledger keeps how many, when and on whose word, and no text.

--ids reads one post a line: an id of --platform, or platform and id as in "bluesky at://did:plc:…" or "x:1940812345678901234".
--apply reads notices: what X's compliance endpoints, X's and Bluesky's streams and exports say of deleted posts and of accounts
that are gone, whose posts go with them (JSONL, packed or not).
--x-compliance asks X about every post of X in the store (a batch compliance job: upload, wait, download) and applies the answer.
An interrupted job is taken up again.`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error { return a.forget(ctx, f) }),
	}
	a.configFlag(c)
	c.Flags().StringVar(&f.ids, "ids", "", "`FILE` with ids, one a line; - is standard input")
	c.Flags().StringVar(&f.apply, "apply", "", "`FILE` with notices of deletion; - is standard input")
	c.Flags().BoolVar(&f.compliance, "x-compliance", false, "have X say which of its posts are gone")
	c.Flags().StringVar(&f.platform, "platform", "x", "platform of bare ids")
	c.Flags().StringVar(&f.note, "note", "", "why, for the ledger")
	c.MarkFlagsMutuallyExclusive("ids", "apply", "x-compliance")
	c.MarkFlagsOneRequired("ids", "apply", "x-compliance")
	return c
}

func (a *app) forget(ctx context.Context, f forgetFlags) error {
	if _, err := os.Stat(a.path(a.db)); err != nil {
		s, err := a.openToRead() // which says what to do
		if err == nil {
			s.Close()
		}
		return err
	}
	s, err := a.openToWrite("stallwatch forget")
	if err != nil {
		return err
	}
	defer s.Close()
	e := &eraser{run: s.Begin(store.Entry{Action: "forget", Started: time.Now().UTC(), Version: version(), Note: f.note})}
	switch {
	case f.compliance:
		err = a.complianceJob(ctx, s, e)
	case f.ids != "":
		err = a.forgetIDs(ctx, e, f.ids, f.platform)
	default:
		err = a.applyNotices(ctx, e, f.apply)
	}
	if err == nil {
		err = e.finish()
	}
	if err != nil {
		return err
	}
	return a.printForgotten(e)
}

// eraser removes posts in batches, in one run of the ledger.
type eraser struct {
	run      *store.Run
	pending  []collector.Ref
	authors  []collector.GoneAccount
	posts    bool // whatever is named is a post
	asked    int
	accounts int // among what was asked for
	broken   int // lines that cannot be read
	other    int // notices that ask for something else
}

func (e *eraser) add(refs ...collector.Ref) error {
	e.asked += len(refs)
	if e.pending = append(e.pending, refs...); len(e.pending) < commitEvery {
		return nil
	}
	return e.flush()
}

func (e *eraser) flush() error {
	err := e.run.Add(store.Batch{Forget: e.pending, ForgetAuthors: e.authors})
	e.pending, e.authors = e.pending[:0], e.authors[:0]
	return err
}

func (e *eraser) finish() error {
	if err := e.flush(); err != nil {
		return err
	}
	_, err := e.run.Finish(time.Now().UTC())
	return err
}

func (a *app) printForgotten(e *eraser) error {
	t := e.run.Entry.Totals
	if a.json {
		if err := a.writeJSON(map[string]any{"asked": e.asked, "removed": t.Removed, "accounts": e.accounts, "not_in_store": max(0, e.asked-t.Removed), "unreadable": e.broken,
			"other_notices": e.other, "entry": e.run.Entry.Seq}); err != nil {
			return err
		}
	} else {
		asked := plural(e.asked, "post", "posts")
		if e.accounts > 0 {
			asked += " and " + plural(e.accounts, "account", "accounts")
		}
		fmt.Fprintf(a.stdout, "%s to forget: %s removed; the rest was not in the store, and will not come into it (entry %d of the ledger)\n",
			asked, comma(t.Removed), e.run.Entry.Seq)
	}
	if e.broken > 0 {
		return &failure{exitPartial, nil}
	}
	return nil
}

// forgetIDs reads a list of ids.
func (a *app) forgetIDs(ctx context.Context, e *eraser, file, platform string) error {
	var in io.Reader = a.stdin
	e.run.Entry.Source = file
	if file != "-" {
		f, err := os.Open(a.path(file))
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		ref, err := readRef(lines.Text(), platform)
		if err != nil {
			a.say("%s:%d: %v", file, n, err)
			e.broken++
			continue
		}
		if ref.ID == "" {
			continue
		}
		if err := e.add(ref); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// platforms are those whose posts come in under a name of this program's.
var platforms = []string{"x", "bluesky", "mastodon", "truthsocial", "telegram", "reddit"}

// readRef reads "id", "platform id" or "platform:id"; a blank line and one that begins with # are no post.
// The platform is one that is known here, or the one that bare ids are of.
func readRef(line, bare string) (ref collector.Ref, err error) {
	platform := bare
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	if line == "" || line[0] == '#' {
		return ref, nil
	}
	id := line
	if p, rest, ok := strings.Cut(line, " "); ok {
		platform, id = p, strings.TrimSpace(rest)
	} else if p, rest, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(rest, "//") {
		platform, id = p, rest
	}
	ref = collector.Ref{Platform: strings.ToLower(platform), ID: id}
	switch {
	case ref.Platform != bare && !slices.Contains(platforms, ref.Platform):
		return ref, fmt.Errorf("%.60q: there is no platform %q here (%s)", line, ref.Platform, strings.Join(platforms, ", "))
	case strings.ContainsAny(id, " \t,;\x00"):
		return ref, fmt.Errorf("%.60q is no id: one a line, or platform and id", line)
	case ref.Platform == "x" && strings.Trim(id, "0123456789") != "":
		return ref, fmt.Errorf("%.60q is no id of X: those are digits", id)
	}
	return ref, nil
}

// applyNotices reads notices of deletion out of a file of any known format.
func (a *app) applyNotices(ctx context.Context, e *eraser, file string) error {
	f, err := export.Open(a.path(file), export.Options{Stdin: a.stdinFor([]string{file})})
	if err != nil {
		return err
	}
	defer f.Close()
	if e.run.Entry.Source == "" {
		e.run.Entry.Source = file
	}
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v, err := f.Next()
		if errors.Is(err, io.EOF) {
			e.run.Entry.SHA256 = f.SHA256()
			return nil
		}
		if err != nil {
			return err
		}
		if err := a.applyNotice(e, f, v, file); err != nil {
			return err
		}
	}
}

func (a *app) applyNotice(e *eraser, f *export.File, v export.Value, file string) error {
	err := v.Err
	var r export.Result
	if err == nil {
		r = f.Decode(v)
		for _, x := range r.Failures {
			err = x.Err
		}
	}
	if err != nil {
		a.say("%s:%d: %v", file, v.Line, err)
		e.broken++
		return nil
	}
	if e.posts {
		r.Accounts = nil
	}
	e.authors = append(e.authors, r.Accounts...)
	e.accounts += len(r.Accounts)
	if len(r.Deletes)+len(r.Accounts) == 0 {
		e.other++
	}
	return e.add(r.Deletes...)
}

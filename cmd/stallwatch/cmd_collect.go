package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/cmd/stallwatch/config"
	"stallwatch/collector"
	"stallwatch/store"
)

// collectFlags are the flags of collect.
type collectFlags struct {
	once, estimate bool
	every          time.Duration
	log            string
}

func (a *app) collectCommand() *cobra.Command {
	var f collectFlags
	c := &cobra.Command{
		Use:   "collect [SOURCE…]",
		Short: "Collect posts from live sources, once or on a schedule",
		Long: `Visits the sources that the configuration names (X API v2, hosts of API v1.1, Bluesky, its Jetstream, Mastodon), judges
and stores what is new, and goes on where it stopped: also after a crash, after the machine has slept, after a limit. A SOURCE is a
name as 'stallwatch sources' shows it, or the beginning of one ("x", "mastodon"); without any, all are visited.

Without --once it goes on until it is interrupted. 'stallwatch serve' does the same beside the page. While either runs, the other
commands work from another shell.

X costs money. The configuration must bound it by month, and nothing is requested that could pass the bound; --estimate asks
X how many posts wait and prints what they would cost, and reads none.`,
		Example: `  stallwatch config example > stallwatch.yaml
  stallwatch collect --estimate x
  stallwatch collect --once
  stallwatch collect --every 15m`,
		RunE: does(func(ctx context.Context, args []string) error { return a.collect(ctx, args, f) }),
	}
	a.configFlag(c)
	c.Flags().BoolVar(&f.once, "once", false, "visit each source once and stop")
	c.Flags().BoolVar(&f.estimate, "estimate", false, "print how many posts wait and what they would cost, and read none")
	c.Flags().DurationVar(&f.every, "every", 0, "`TIME` from one visit of a source to the next (default: the configuration's, or 15m)")
	a.logFlag(c, &f.log)
	return c
}

// logFlag is --log.
func (a *app) logFlag(c *cobra.Command, format *string) {
	c.Flags().StringVar(format, "log", "text", "how to write the log to standard error: `text` or json")
}

// logger writes structured lines to standard error.
func logger(w io.Writer, format string, level slog.Level) (*slog.Logger, error) {
	o := &slog.HandlerOptions{Level: level}
	switch format {
	case "text", "":
		return slog.New(slog.NewTextHandler(w, o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return nil, &failure{exitUsage, fmt.Errorf("--log: %q is neither text nor json", format)}
}

func (a *app) collect(ctx context.Context, args []string, f collectFlags) error {
	c, err := a.readConfig()
	if err != nil {
		return err
	}
	continuous := !f.once && !f.estimate
	if f.every != 0 && f.every < time.Minute {
		return &failure{exitUsage, fmt.Errorf("--every: %s is less than a minute", f.every)}
	}
	log, err := logger(a.stderr, f.log, map[bool]slog.Level{true: slog.LevelInfo, false: slog.LevelWarn}[continuous])
	if err != nil {
		return err
	}
	if continuous {
		if err := a.refuseHere("to collect"); err != nil {
			return err
		}
	}
	k, sources, done, err := a.collection(ctx, c, args, continuous)
	if err != nil {
		return err
	}
	defer done()
	switch {
	case f.estimate:
		return a.estimate(ctx, k, sources)
	case f.once:
		return a.collectOnce(ctx, k, sources, log)
	}
	k.loop.Every, k.loop.Log = c.Period(), log
	if f.every > 0 {
		k.loop.Every = f.every
	}
	stop, err := a.own(ctx, k, "stallwatch collect", "")
	if err != nil {
		return err
	}
	defer stop()
	a.say("Collecting from %s every %s (stop with Ctrl-C; 'stallwatch sources' shows how they do)", plural(len(sources), "source", "sources"), k.loop.Every)
	return k.loop.Run(ctx, sources)
}

// collection opens the store with the sources that args choose, and their accounts.
func (a *app) collection(_ context.Context, c *config.Config, args []string, follow bool) (k *keeper, sources []collector.Source, done func(), err error) {
	t, judge, err := a.judging()
	if err != nil {
		return nil, nil, nil, err
	}
	list, err := a.sources(c, t.Queries, follow)
	if err != nil {
		return nil, nil, nil, &failure{exitUsage, err}
	}
	if sources, err = choose(list, args); err != nil {
		return nil, nil, nil, err
	}
	s, err := a.openToWrite("stallwatch collect")
	if err != nil {
		return nil, nil, nil, err
	}
	if err := noDemo(s); err != nil {
		s.Close()
		return nil, nil, nil, err
	}
	if k = a.held; k != nil && s == k.store {
		k = k.on(t, judge)
	} else {
		k = newKeeper(s, t, judge)
	}
	if err := k.boundAll(c, sources); err != nil {
		s.Close()
		return nil, nil, nil, err
	}
	return k, sources, func() { s.Close() }, nil
}

// noDemo refuses the demonstration's store: collected posts must not mix with written ones.
func noDemo(s *store.Store) error {
	entries, err := s.Ledger()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Basis == syntheticBasis {
			return fmt.Errorf("%s holds the demo's synthetic posts; collected ones must not mix with them: name another store with --db", s.Path())
		}
	}
	return nil
}

// boundAll opens the accounts of sources.
func (k *keeper) boundAll(c *config.Config, sources []collector.Source) error {
	for _, s := range sources {
		name := s.Info().Account
		if name == "" {
			continue
		}
		b, ok := c.Budget(name)
		if !ok {
			return fmt.Errorf("%s: account %s has no budget", s.Info().Name, name)
		}
		if err := k.bound(name, b); err != nil {
			return err
		}
	}
	return nil
}

// choose picks sources by name or by the beginning of one. Of those that are picked none may lack a secret.
func choose(list []config.Source, args []string) (out []collector.Source, err error) {
	var missing []error
	used := make([]bool, len(args))
	for _, s := range list {
		name := s.Info().Name
		ok := len(args) == 0
		for i, arg := range args {
			if name == arg || strings.HasPrefix(name, strings.TrimSuffix(arg, "/")+"/") {
				ok, used[i] = true, true
			}
		}
		if !ok {
			continue
		}
		if s.Err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", name, s.Err))
			continue
		}
		out = append(out, s.Source)
	}
	for i, arg := range args {
		if !used[i] {
			return nil, &failure{exitUsage, fmt.Errorf("no source is called %q, nor begins with it; 'stallwatch config check' lists them", arg)}
		}
	}
	return out, errors.Join(missing...)
}

// collected is what one source brought in one round.
type collected struct {
	Source  string          `json:"source"`
	Read    int64           `json:"read"`
	Cost    collector.Spend `json:"cost"`
	Through time.Time       `json:"through,omitzero"`
	Gaps    []collector.Gap `json:"gaps,omitempty"`
	Error   string          `json:"error,omitempty"`
	Kind    string          `json:"kind,omitempty"`
}

// collectOnce visits each source once, all at the same time.
func (a *app) collectOnce(ctx context.Context, k *keeper, sources []collector.Source, log *slog.Logger) error {
	var mu sync.Mutex
	results := make([]collected, len(sources))
	at := map[string]*collected{}
	for i, s := range sources {
		results[i].Source = s.Info().Name
		at[s.Info().Name] = &results[i]
	}
	l := k.loop.With(log, func(st collector.Status, p collector.Page, _ error) {
		mu.Lock()
		defer mu.Unlock()
		r := at[st.Info.Name]
		if r == nil {
			return
		}
		r.Read, r.Cost, r.Through, r.Gaps = r.Read+int64(len(p.Batch.Posts)), r.Cost.Plus(p.Cost), st.Through, append(r.Gaps, p.Gaps...)
		if isTerminal(a.stderr) && len(p.Batch.Posts) > 0 && !a.json {
			a.say("%s: %s posts, up to %s", r.Source, comma(int(r.Read)), newest(p.Batch.Posts).Format("2006-01-02 15:04"))
		}
	})
	var wg sync.WaitGroup
	errs := make([]error, len(sources))
	for i, s := range sources {
		wg.Go(func() { errs[i] = l.Once(ctx, s) })
	}
	wg.Wait()
	failed := 0
	for i, err := range errs {
		if err != nil {
			failed++
			results[i].Error, results[i].Kind = err.Error(), collector.Lasting(err)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.printCollected(results); err != nil {
		return err
	}
	switch {
	case failed == len(sources):
		return &failure{exitFailed, fmt.Errorf("no source could be read to its end")}
	case failed > 0:
		return &failure{exitPartial, nil}
	}
	return nil
}

func newest(posts []collector.Post) (t time.Time) {
	for i := range posts {
		if posts[i].CreatedAt.After(t) {
			t = posts[i].CreatedAt
		}
	}
	return t
}

func (a *app) printCollected(results []collected) error {
	if a.json {
		return a.writeJSON(results)
	}
	for _, r := range results {
		line := fmt.Sprintf("%-44s %9s posts", r.Source, comma(int(r.Read)))
		if !r.Through.IsZero() {
			line += ", all up to " + r.Through.Format("2006-01-02 15:04 UTC")
		}
		if r.Cost.Micros > 0 {
			line += fmt.Sprintf(", $%.3f", r.Cost.Dollars())
		}
		fmt.Fprintln(a.stdout, line)
		for _, g := range r.Gaps {
			a.say("%s: gap from %s to %s: %s", r.Source, g.From.Format("2006-01-02 15:04"), g.To.Format("2006-01-02 15:04"), g.Reason)
		}
		if r.Error != "" {
			a.say("%s: %s", r.Source, r.Error)
		}
	}
	return nil
}

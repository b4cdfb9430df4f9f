package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/cmd/stallwatch/config"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	addr              string
	public, noCollect bool
	log               string
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Show the summary as a page, and collect if there is a configuration",
		Long: `Serves the summary page, its figures as JSON and CSV, the runs, the method, a page to embed and a feed of weeks until it is
interrupted. By default only this machine can reach it, on port 8080 or the next one that is free; the address is printed.
The words that carried a verdict are looked for while the pages are read, and underlined once they are found. /healthz, /readyz and
/metrics (for Prometheus) are for whoever watches over it.

Where there is a configuration it collects too, as 'stallwatch collect' does. While it runs, import, summary, export and the other
commands work from another shell: this process, which has the store, runs them for it.

--public is for a server that others read: posts, folders of files and small steps are left out, posts cannot be browsed,
/metrics is not there, and each client may ask 10 times a second (60 at once). A proxy on this machine must set
X-Forwarded-For, or all its readers count as one client.`,
		Args: cobra.NoArgs,
	}
	c.RunE = does(func(ctx context.Context, _ []string) error { return a.startServe(ctx, f, c.Flags().Changed("config")) })
	a.configFlag(c)
	c.Flags().StringVar(&f.addr, "addr", "", "`HOST:PORT` to serve on (default 127.0.0.1:8080, or the next free port)")
	c.Flags().BoolVar(&f.public, "public", false, "serve what may be shown to others")
	c.Flags().BoolVar(&f.noCollect, "no-collect", false, "do not collect, whatever the configuration says")
	a.logFlag(c, &f.log)
	return c
}

// startServe opens the store, and collects where there is a configuration.
func (a *app) startServe(ctx context.Context, f serveFlags, named bool) error {
	if err := a.refuseHere("to serve"); err != nil {
		return err
	}
	var c *config.Config
	if !f.noCollect {
		var err error
		if c, err = a.readConfig(); err != nil && (named || !errors.Is(err, errNoConfig)) {
			return err
		}
	}
	s, err := a.openToServe(c != nil)
	if err != nil {
		return err
	}
	defer s.Close()
	return a.serve(ctx, s, c, f, "stallwatch serve")
}

// openToServe opens the store for writing, so that other commands can write through this process; where the file does not
// allow it, for reading. Only who collects makes a store where there is none.
func (a *app) openToServe(make bool) (*store.Store, error) {
	if _, err := os.Stat(a.path(a.db)); err != nil && !make {
		return a.openToRead() // which says what to do
	}
	s, err := a.openToWrite("stallwatch serve")
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		a.say("%s cannot be written (%v): the pages work, other commands that write do not.", a.db, err)
		return a.openToRead()
	}
	return s, err
}

// serve shows the page until ctx ends. c is nil when there is nothing to collect.
func (a *app) serve(ctx context.Context, s *store.Store, c *config.Config, f serveFlags, command string) error {
	thesis, judge, err := a.judge()
	if err != nil {
		return err
	}
	log, err := logger(a.stderr, f.log, map[bool]slog.Level{true: slog.LevelInfo, false: slog.LevelWarn}[c != nil])
	if err != nil {
		return err
	}
	k := newKeeper(s, thesis, judge)
	o := newObserver(k, c)
	sources, err := a.serveSources(c, k, thesis, log)
	if err != nil {
		return err
	}
	l, err := web.Listen(ctx, f.addr)
	if err != nil {
		return err
	}
	url := web.URL(l)
	k.loop.Log, k.loop.Watch = log, o.watch
	stop, err := a.own(ctx, k, command, url)
	if err != nil {
		l.Close()
		return err
	}
	defer stop()
	a.say("The summary is at %s (stop with Ctrl-C)", url)
	pages, aside := pagesOf(s, thesis, judge, web.Config{Public: f.public, Version: version(), Log: log, More: o.paths(f.public)})
	work := []func(context.Context) error{func(ctx context.Context) error { return web.Serve(ctx, l, web.NewServer(pages)) }, aside}
	if len(sources) > 0 {
		a.say("Collecting from %s every %s", plural(len(sources), "source", "sources"), k.loop.Every)
		work = append(work, func(ctx context.Context) error { return k.loop.Run(ctx, sources) })
	}
	return together(ctx, work...)
}

// together runs all until one fails or ctx ends, and waits for them.
func together(ctx context.Context, all ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, f := range all {
		wg.Go(func() {
			errs[i] = f(ctx)
			cancel()
		})
	}
	wg.Wait()
	for i := range errs {
		if errors.Is(errs[i], context.Canceled) {
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}

// serveSources makes the sources to collect from while serving. One that lacks its secret does not hold up the others.
func (a *app) serveSources(c *config.Config, k *keeper, t *classify.Thesis, log *slog.Logger) (out []collector.Source, err error) {
	if c == nil {
		return nil, nil
	}
	list, err := a.sources(c, t.Queries, true)
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	for _, src := range list {
		if src.Err != nil {
			log.Error("source left out", "source", src.Info().Name, "err", src.Err)
			continue
		}
		out = append(out, src.Source)
	}
	if err := noDemo(k.store); err != nil {
		return nil, err
	}
	k.loop.Every = c.Period()
	return out, k.boundAll(c, out)
}

// pagesOf joins the pages to the store. What it returns beside them is to be run as long as they are served: before anybody asks it makes the
// figures of the first page, which take a second where the store is large, and what searches need; then it looks for evidence. A public page
// quotes no post but a demonstration's, so that none has words to mark.
func pagesOf(s *store.Store, t *classify.Thesis, c classify.Classifier, cfg web.Config) (_ web.Config, aside func(context.Context) error) {
	k := newSeeker(s, c)
	explain := k.evidence
	if _, careful := c.(*classify.Careful); !careful {
		explain = explaining(c)
	}
	if cfg.Public && noDemo(s) == nil {
		explain = nil
	}
	cfg.Figures = func(_ context.Context, f store.Filter) (web.Figures, error) { return figures(s, t, c, explain, f) }
	cfg.Thesis, cfg.Ledger, cfg.Generation, cfg.Explain = t, ledgerOf(s, t), k.generation, explain
	cfg.Posts, cfg.Choices = postsOf(s, t), choicesOf(s, t)
	return cfg, func(ctx context.Context) error {
		_, _ = cfg.Figures(ctx, store.Filter{}) // a page that asks for what fails here says what is wrong
		_ = s.Prepare(t.ID)
		return k.run(ctx)
	}
}

// ledgerOf lists the entries of the thesis, and those of none.
func ledgerOf(s *store.Store, t *classify.Thesis) func(context.Context) ([]store.Entry, error) {
	return func(context.Context) ([]store.Entry, error) {
		entries, err := s.Ledger()
		return slices.DeleteFunc(entries, func(e store.Entry) bool { return e.Thesis != "" && e.Thesis != t.ID }), err
	}
}

func postsOf(s *store.Store, t *classify.Thesis) func(context.Context, store.Filter, store.Cursor, int) ([]store.Record, store.Cursor, error) {
	return func(_ context.Context, f store.Filter, after store.Cursor, n int) ([]store.Record, store.Cursor, error) {
		return s.Posts(t.ID, f, after, n)
	}
}

func choicesOf(s *store.Store, t *classify.Thesis) func(context.Context) (web.Choices, error) {
	return func(context.Context) (web.Choices, error) { return choices(s, t) }
}

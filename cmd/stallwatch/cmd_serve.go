package main

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/store"
	"stallwatch/web"
)

func (a *app) serveCommand() *cobra.Command {
	var addr string
	var public bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Show the summary as a page",
		Long: `Serves the summary page, its figures as JSON and CSV, the runs, the method, a page to embed and a feed of weeks until it is
interrupted. By default only this machine can reach it, on port 8080 or the next one that is free; the address is printed.

--public is for a server that others read: posts, folders of files and small steps are left out, posts cannot be browsed, and
each client may ask 10 times a second (60 at once). A proxy on this machine must set X-Forwarded-For, or all its readers
count as one client.`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			s, err := a.openToRead()
			if err != nil {
				return err
			}
			defer s.Close()
			return a.serve(ctx, s, addr, public, "stallwatch serve")
		}),
	}
	c.Flags().StringVar(&addr, "addr", "", "`HOST:PORT` to serve on (default 127.0.0.1:8080, or the next free port)")
	c.Flags().BoolVar(&public, "public", false, "serve what may be shown to others")
	return c
}

// serve shows the page until ctx ends.
func (a *app) serve(ctx context.Context, s *store.Store, addr string, public bool, command string) error {
	thesis, judge, err := a.judge()
	if err != nil {
		return err
	}
	l, err := web.Listen(ctx, addr)
	if err != nil {
		return err
	}
	url := web.URL(l)
	if err := s.Announce(store.Owner{PID: os.Getpid(), Command: command, Address: url, Since: time.Now().UTC()}); err != nil {
		l.Close()
		return err
	}
	a.say("The summary is at %s (stop with Ctrl-C)", url)
	return web.Serve(ctx, l, web.NewServer(pagesOf(s, thesis, judge, web.Config{Public: public, Version: version(),
		Log: slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})))
}

// pagesOf joins the pages to the store.
func pagesOf(s *store.Store, t *classify.Thesis, c classify.Classifier, cfg web.Config) web.Config {
	cfg.Thesis, cfg.Figures, cfg.Ledger, cfg.Generation = t, figuresOf(s, t, c), ledgerOf(s, t), s.Generation
	cfg.Posts, cfg.Choices = postsOf(s, t), choicesOf(s, t)
	cfg.Explain = func(text string, stance classify.Stance) []web.Span { return evidence(c, text, stance) }
	return cfg
}

func figuresOf(s *store.Store, t *classify.Thesis, c classify.Classifier) func(context.Context, store.Filter) (web.Figures, error) {
	return func(_ context.Context, f store.Filter) (web.Figures, error) { return figures(s, t, c, f) }
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

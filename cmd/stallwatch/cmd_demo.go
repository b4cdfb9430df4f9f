package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"stallwatch/collector/export"
	"stallwatch/store"
)

// demoExport is a collection written for this demonstration, as X API v2 pages. No post or author in it is real.
//
//go:embed demo/posts.jsonl.zst
var demoExport []byte

const (
	demoName       = "demo-posts.jsonl.zst"
	syntheticBasis = "synthetic"
	syntheticNote  = "synthetic: written for the demonstration, no real posts"
)

func (a *app) demoCommand() *cobra.Command {
	var addr string
	var noServe bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try the whole job on a synthetic collection that comes with the program",
		Long: `Imports a collection of posts that was written for this demonstration (February to July 2025; no post or author
is real), judges and stores it, prints the summary and serves the page.

The store is stallwatch-demo.db in the current directory unless --db names another, so that your own store is not touched.`,
		Args: cobra.NoArgs,
	}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("db") {
			a.db = "stallwatch-demo.db"
		}
		return does(func(ctx context.Context, _ []string) error { return a.demo(ctx, addr, !noServe) })(cmd, args)
	}
	c.Flags().StringVar(&addr, "addr", "", "`HOST:PORT` to serve on (default 127.0.0.1:8080, or the next free port)")
	c.Flags().BoolVar(&noServe, "no-serve", false, "print the summary and stop")
	return c
}

func (a *app) demo(ctx context.Context, addr string, serve bool) error {
	if err := a.importDemo(ctx); err != nil {
		return err
	}
	if err := a.summary(store.Filter{}, false); err != nil || !serve {
		return err
	}
	s, err := a.openToServe(false)
	if err != nil {
		return err
	}
	defer s.Close()
	return a.serve(ctx, s, nil, serveFlags{addr: addr}, "stallwatch demo")
}

// importDemo writes the export out and imports it as any file.
func (a *app) importDemo(ctx context.Context) error {
	a.say("Importing the synthetic demo export into %s …", a.db)
	if info, err := os.Stat(a.db); err == nil && info.IsDir() {
		return &fs.PathError{Op: "demo", Path: a.db, Err: errors.New("is a folder")}
	}
	dir, err := os.MkdirTemp("", "stallwatch-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, demoName)
	if err := os.WriteFile(name, demoExport, 0o600); err != nil {
		return err
	}
	thesis, judge, err := a.judging()
	if err != nil {
		return err
	}
	s, err := a.openToWrite("stallwatch demo")
	if err != nil {
		return err
	}
	defer s.Close()
	if err := onlySynthetic(s, a.db); err != nil {
		return err
	}
	im := &importer{store: s, thesis: thesis, judge: judge, options: export.Options{}, action: "demo", basis: syntheticBasis, note: syntheticNote,
		source: demoName}
	report, err := im.file(ctx, name)
	if err != nil {
		return err
	}
	if !a.json {
		a.printReport(report)
	}
	return outcomeOf([]fileReport{report}, nil)
}

// onlySynthetic refuses a store that holds other posts: written posts must not mix with collected ones.
func onlySynthetic(s *store.Store, path string) error {
	entries, err := s.Ledger()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Basis != syntheticBasis {
			return fmt.Errorf("%s holds posts of %s; the demo's synthetic posts must not mix with them: name another store with --db", path, e.Source)
		}
	}
	return nil
}

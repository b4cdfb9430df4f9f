package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/cmd/stallwatch/dataset"
	"stallwatch/store"
)

// recordFlags choose single posts: what chooses the posts of a summary, and more.
type recordFlags struct {
	filterFlags
	stances    []string
	abstained  bool
	minP, maxP float64
	search     string
	cluster    string
}

func (f *recordFlags) register(c *cobra.Command) {
	f.filterFlags.register(c)
	_ = c.Flags().MarkHidden("step") // lists of posts have no steps
	c.Flags().StringSliceVar(&f.stances, "stance", nil, "only these stances: agree, disagree, discuss, unrelated")
	c.Flags().BoolVar(&f.abstained, "not-classified", false, "only posts that are not classified; with --stance: these as well")
	c.Flags().Float64Var(&f.minP, "min-p", 0, "only posts whose stance has at least this probability")
	c.Flags().Float64Var(&f.maxP, "max-p", 1, "only posts whose stance has at most this probability")
	c.Flags().StringVar(&f.search, "search", "", "only posts with these words, in upper or lower case")
	c.Flags().StringVar(&f.cluster, "cluster", "", "only near-duplicates of each other, by the `ID` of their cluster")
}

func (f *recordFlags) filter() (out store.Filter, err error) {
	if out, err = f.filterFlags.filter(); err != nil {
		return out, &failure{exitUsage, err}
	}
	for _, name := range f.stances {
		s, err := classify.ParseStance(name)
		if err != nil {
			return out, &failure{exitUsage, fmt.Errorf("--stance: %w", err)}
		}
		out.Stances = append(out.Stances, s)
	}
	if !(f.minP >= 0 && f.minP <= f.maxP && f.maxP > 0 && f.maxP <= 1) {
		return out, &failure{exitUsage, errors.New("--min-p and --max-p: probabilities from 0 to 1, the smaller first")}
	}
	if f.maxP < 1 {
		out.MaxP = f.maxP // 0 is no limit
	}
	out.Abstained, out.MinP, out.Text, out.Cluster = f.abstained, f.minP, f.search, f.cluster
	return out, nil
}

// writeTable writes the posts that a filter chooses as one table, and counts them.
func writeTable(ctx context.Context, s *store.Store, thesis string, f store.Filter, w io.Writer, format string, text bool, progress func(n int)) (n int, err error) {
	table, err := dataset.New(w, format, text, version())
	if err != nil {
		return 0, err
	}
	err = s.Each(ctx, thesis, f, func(r store.Record) error {
		if n++; n%1000 == 0 && progress != nil {
			progress(n)
		}
		return table.Write(&r)
	})
	if err != nil {
		return n, err
	}
	return n, table.Close()
}

// salvageTable writes what can be read of a damaged store.
func salvageTable(ctx context.Context, db, thesis string, w io.Writer, format string, text bool) (n int, problems []string, err error) {
	table, err := dataset.New(w, format, text, version())
	if err != nil {
		return 0, nil, err
	}
	n, problems, err = store.Salvage(ctx, db, thesis, func(r store.Record) error { return table.Write(&r) })
	if err != nil {
		return n, problems, err
	}
	return n, problems, table.Close()
}

// writeWhole writes a file that is there whole or not at all: an interruption leaves what was there before.
func writeWhole(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/cmd/stallwatch/dataset"
	"stallwatch/cmd/stallwatch/labels"
	"stallwatch/collector"
	"stallwatch/store"
)

// maxLabels is the largest file of labels: a person's work is smaller.
const maxLabels = 256 << 20

func (a *app) labelCommand() *cobra.Command {
	c := &cobra.Command{Use: "label", Short: "Carry posts to coders and what they say back: Label Studio, Potato, doccano", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(a.labelTasksCommand(), a.labelImportCommand(), a.labelExportCommand())
	return c
}

type labelFlags struct {
	recordFlags
	format, out, sample string
	draw                int
}

func (f *labelFlags) register(c *cobra.Command) {
	f.recordFlags.register(c)
	c.Flags().StringVar(&f.format, "format", "labelstudio", "labelstudio, potato or doccano")
	c.Flags().StringVar(&f.out, "out", "", "`FILE` to write (default: standard output)")
}

func (a *app) labelTasksCommand() *cobra.Command {
	var f labelFlags
	c := &cobra.Command{
		Use:   "tasks",
		Short: "Write posts for coders, without what the model or others say of them",
		Long: `Writes the posts that the filters choose as tasks for an annotation tool. Coders are blind: no stance, no probability, no other
coder's label goes out.

--draw N takes N of them at random, each with the same probability: those whose hash with --sample NAME is smallest, so that
the same name draws the same posts again. The draw is kept in the store with its probability, for estimates from the codings.`,
		Example: `  stallwatch label tasks --kind original,reply,quote --draw 200 --sample july --out tasks.json
  stallwatch label import codings.json`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error { return a.labelTasks(ctx, &f) }),
	}
	f.register(c)
	c.Flags().IntVar(&f.draw, "draw", 0, "draw `N` posts at random (default: all)")
	c.Flags().StringVar(&f.sample, "sample", "", "`NAME` of the sample")
	return c
}

func (a *app) labelExportCommand() *cobra.Command {
	var f labelFlags
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the posts that people have coded, with all their codings",
		Args:  cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			filter, err := f.filter()
			if err != nil {
				return err
			}
			thesis, err := a.thesisOnly()
			if err != nil {
				return err
			}
			s, err := a.openToRead()
			if err != nil {
				return err
			}
			defer s.Close()
			return a.writeTasks(&f, func(w *labels.Writer) error {
				return s.Each(ctx, thesis.ID, filter, func(r store.Record) error {
					if len(r.Codings) == 0 {
						return nil
					}
					return w.Write(labels.NewTask(&r, true))
				})
			})
		}),
	}
	f.register(c)
	return c
}

func (a *app) writeTasks(f *labelFlags, each func(*labels.Writer) error) error {
	write := func(to io.Writer) error {
		w, err := labels.NewWriter(to, f.format)
		if err != nil {
			return &failure{exitUsage, fmt.Errorf("--format: %w", err)}
		}
		if err := each(w); err != nil {
			return err
		}
		return w.Close()
	}
	if f.out == "" || f.out == "-" {
		return write(a.stdout)
	}
	return writeWhole(f.out, write)
}

// drawn is one post with its place in the order of the draw.
type drawn struct {
	place [8]byte
	task  labels.Task
	draw  store.Draw
}

func (a *app) labelTasks(ctx context.Context, f *labelFlags) error {
	filter, err := f.filter()
	if err != nil {
		return err
	}
	if f.draw < 0 || (f.draw > 0) != (f.sample != "") {
		return &failure{exitUsage, errors.New("--draw N and --sample NAME go together")}
	}
	thesis, err := a.thesisOnly()
	if err != nil {
		return err
	}
	if f.draw == 0 {
		s, err := a.openToRead()
		if err != nil {
			return err
		}
		defer s.Close()
		return a.writeTasks(f, func(w *labels.Writer) error {
			return s.Each(ctx, thesis.ID, filter, func(r store.Record) error { return w.Write(labels.NewTask(&r, false)) })
		})
	}
	if !isStore(a.db) {
		s, err := a.openToRead() // which says what to do
		if err == nil {
			s.Close()
		}
		return err
	}
	s, err := a.openToWrite("stallwatch label")
	if err != nil {
		return err
	}
	defer s.Close()
	sample, n, err := drawSample(ctx, s, thesis.ID, filter, f.draw, f.sample)
	if err != nil {
		return err
	}
	run := s.Begin(store.Entry{Action: "draw", Started: time.Now().UTC(), Version: version(), Thesis: thesis.ID, Source: f.sample,
		Note: fmt.Sprintf("%d of %d posts, simple random sample", len(sample), n)})
	var draws []store.Draw
	for _, d := range sample {
		draws = append(draws, d.draw)
	}
	run.Entry.Totals.Read = len(draws)
	if err := run.AddDraws(draws); err != nil {
		return err
	}
	if _, err := run.Finish(time.Now().UTC()); err != nil {
		return err
	}
	err = a.writeTasks(f, func(w *labels.Writer) error {
		for _, d := range sample {
			if err := w.Write(d.task); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		a.say("sample %s: %s of %s, each drawn with probability %.4g", f.sample, comma(len(sample)), plural(n, "post", "posts"), sample[0].draw.P)
	}
	return err
}

// drawSample keeps the k posts whose hash with the sample's name is smallest. The order is that of the hash, so that coders do not
// see posts by time.
func drawSample(ctx context.Context, s *store.Store, thesis string, filter store.Filter, k int, name string) (sample []drawn, n int, err error) {
	smaller := func(x, y drawn) int { return slices.Compare(x.place[:], y.place[:]) }
	err = s.Each(ctx, thesis, filter, func(r store.Record) error {
		n++
		sum := sha256.Sum256([]byte(name + "\x00" + dataset.ID(r.Post.Platform, r.Post.ID)))
		d := drawn{place: [8]byte(sum[:8]), task: labels.NewTask(&r, false), draw: store.Draw{Platform: r.Post.Platform, ID: r.Post.ID, Thesis: thesis, Sample: name}}
		if sample = append(sample, d); len(sample) >= 2*k+1024 {
			slices.SortFunc(sample, smaller)
			sample = slices.Clone(sample[:k])
		}
		return nil
	})
	if err != nil {
		return nil, n, err
	}
	if n == 0 {
		return nil, 0, errors.New("no post matches: there is nothing to draw from")
	}
	slices.SortFunc(sample, smaller)
	sample = sample[:min(k, len(sample))]
	for i := range sample {
		sample[i].draw.P, sample[i].draw.At = float64(len(sample))/float64(n), time.Now().UTC()
	}
	return sample, n, nil
}

func (a *app) labelImportCommand() *cobra.Command {
	var coder, codebook string
	var also []string
	c := &cobra.Command{
		Use:   "import FILE…",
		Short: "Bring in what people said of posts, from Label Studio, Potato or doccano",
		Long: `Reads the JSON of Label Studio (JSON and JSON-MIN), the JSONL of Potato (annotated_instances.jsonl) and of doccano. A record belongs
to the post that its post_id names. Codings are a history: nothing overwrites them, and the same file twice changes nothing.

Labels are agree, disagree, discuss and unrelated; --also allows others. Who coded stands in the record; else it is --coder, or for Potato
the name of the folder and for doccano the name of the file, which is where those tools keep it. A record without a time gets that of the file.`,
		Args: cobra.MinimumNArgs(1),
		RunE: does(func(_ context.Context, files []string) error { return a.labelImport(files, coder, codebook, also) }),
	}
	c.Flags().StringVar(&coder, "coder", "", "who coded, where the file does not say")
	c.Flags().StringVar(&codebook, "codebook", "", "hash of the codebook they followed (default: the thesis's of now)")
	c.Flags().StringSliceVar(&also, "also", nil, "labels to allow beside the four stances, e.g. unclear")
	return c
}

func (a *app) labelImport(files []string, coder, codebook string, also []string) error {
	thesis, err := a.thesisOnly()
	if err != nil {
		return err
	}
	if codebook == "" {
		codebook, _ = thesis.CodebookHash() // a thesis may have none
	}
	s, err := a.openToWrite("stallwatch label")
	if err != nil {
		return err
	}
	defer s.Close()
	partial := false
	for _, name := range files {
		o := labels.Options{Coder: cmp.Or(coder, coderOf(name)), Codebook: codebook, Allowed: func(label string) error {
			if _, err := classify.ParseStance(label); err != nil && !slices.Contains(also, label) {
				return fmt.Errorf("%w (allow others with --also)", err)
			}
			return nil
		}}
		failed, err := a.importLabels(s, thesis, name, o)
		if err != nil {
			return err
		}
		partial = partial || failed
	}
	if partial {
		return &failure{exitPartial, nil}
	}
	return nil
}

// coderOf is who coded by the place of the file: Potato has a folder for each coder, doccano a file.
func coderOf(name string) string {
	if filepath.Base(name) == "annotated_instances.jsonl" {
		return filepath.Base(filepath.Dir(name))
	}
	if filepath.Ext(name) == ".jsonl" {
		return strings.TrimSuffix(filepath.Base(name), ".jsonl")
	}
	return ""
}

func (a *app) importLabels(s *store.Store, thesis *classify.Thesis, name string, o labels.Options) (failed bool, err error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() > maxLabels {
		return false, fmt.Errorf("%s: %d MiB are more than the %d that labels can be", name, info.Size()>>20, maxLabels>>20)
	}
	o.At = info.ModTime()
	hash := sha256.New()
	codings, failures, unlabelled, err := labels.Read(io.TeeReader(f, hash), thesis.ID, o)
	if err != nil {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	unknown, err := unknownPosts(s, thesis.ID, codings)
	if err != nil {
		return false, err
	}
	run := s.Begin(store.Entry{Action: "label", Started: time.Now().UTC(), Version: version(), Thesis: thesis.ID, Source: name,
		SHA256: fmt.Sprintf("%x", hash.Sum(nil))})
	run.Entry.Totals.Read, run.Entry.Totals.Failed = len(codings)+len(failures), len(failures)
	if err := run.AddCodings(codings); err != nil {
		return false, err
	}
	if _, err := run.Finish(time.Now().UTC()); err != nil {
		return false, err
	}
	for i, x := range failures {
		if i == shownFailures {
			a.say("%s: … and %s more that could not be read", name, comma(len(failures)-i))
			break
		}
		a.say("%s: record %d: %v", name, x.Record, x.Err)
	}
	if unknown > 0 {
		a.say("%s: warning: %s of posts that the store does not have; they are kept", name, plural(unknown, "coding", "codings"))
	}
	t := run.Entry.Totals
	if a.json {
		return len(failures) > 0, a.writeJSON(map[string]any{"file": name, "totals": t, "unlabelled": unlabelled, "unknown_posts": unknown})
	}
	fmt.Fprintf(a.stdout, "%s: %s new, %s known already, %s failed; %s without a label\n", name, plural(t.Stored, "coding", "codings"), comma(t.Duplicate),
		comma(t.Failed), plural(unlabelled, "record", "records"))
	return len(failures) > 0, nil
}

// unknownPosts counts codings of posts that the store does not have.
func unknownPosts(s *store.Store, thesis string, codings []store.Coding) (n int, err error) {
	for _, c := range codings {
		_, err := s.Post(thesis, collector.Ref{Platform: c.Platform, ID: c.ID})
		if errors.Is(err, store.ErrNoPost) {
			n++
		} else if err != nil {
			return n, err
		}
	}
	return n, nil
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/collector/export"
	"stallwatch/store"
)

// commitEvery is how many posts go into one transaction: enough to make the disk's wait small, few enough that an
// interruption loses seconds.
const commitEvery = 5000

// chunkValues and chunkBytes bound what one worker takes at a time.
const (
	chunkValues = 256
	chunkBytes  = 1 << 20
)

// importer brings files into a store: decode, judge and store overlap, and posts arrive in the order of the file.
type importer struct {
	store        *store.Store
	thesis       *classify.Thesis
	judge        classify.Classifier
	options      export.Options
	action       string // of the ledger entries
	basis, note  string
	source       string // name for the ledger; empty: the file's
	since, until time.Time
	progress     func(done, size int64)     // bytes; nil: silent
	failed       func(f *fileFailure) error // is told every item that could not be read
}

// fileFailure is one item that could not be read, with its place.
type fileFailure struct {
	File   string `json:"file"`
	Member string `json:"member,omitempty"`
	Line   int    `json:"line"`
	Offset int64  `json:"offset"`
	Item   int    `json:"item,omitempty"` // place in a page, from 1; 0 when the whole value failed
	Reason string `json:"reason"`
	raw    []byte
}

func (f *fileFailure) String() string {
	where := f.File
	if f.Member != "" {
		where += ":" + f.Member
	}
	where = fmt.Sprintf("%s:%d", where, f.Line)
	if f.Item > 0 {
		where = fmt.Sprintf("%s: item %d", where, f.Item)
	}
	return where + ": " + f.Reason
}

// fileReport is what became of one file.
type fileReport struct {
	store.Entry
	Mapping  string        `json:"mapping,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
	Repeats  uint64        `json:"repeats,omitempty"` // ledger entry that brought the same bytes in before
	Error    string        `json:"error,omitempty"`   // the file could not be read to its end
	Took     time.Duration `json:"-"`
}

// chunk is some values on their way through a worker.
type chunk struct {
	values  []export.Value
	results []export.Result
	items   [][]store.Item // by value
	done    chan struct{}
}

// file imports one file. An error means that the store or the context failed; what is wrong with the file is in the
// report.
func (im *importer) file(ctx context.Context, name string) (fileReport, error) {
	started := time.Now().UTC()
	run := im.store.Begin(store.Entry{Action: im.action, Started: started, Version: version(), Thesis: im.thesis.ID,
		Model: im.judge.Card().ID, Source: cmp.Or(im.source, name), Basis: im.basis, Note: im.note})
	f, err := export.Open(name, im.options)
	if err != nil {
		return fileReport{Entry: run.Entry, Error: err.Error()}, nil
	}
	defer f.Close()
	readErr, err := im.pump(ctx, f, run)
	report := fileReport{Entry: run.Entry, Mapping: f.Mapping(), Warnings: f.Warnings(), Took: time.Since(started)}
	if err != nil {
		return report, err
	}
	if readErr != nil {
		report.Error = readErr.Error()
		run.Entry.Note = joinNotes(run.Entry.Note, "not read to its end: "+readErr.Error())
	}
	run.Entry.SHA256 = f.SHA256()
	again, err := run.Finish(time.Now().UTC())
	report.Entry = run.Entry
	if again != nil {
		report.Repeats = again.Seq
	}
	return report, err
}

func joinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// pump moves a file's values through the workers into the run. readErr is what ended the file before its end.
func (im *importer) pump(ctx context.Context, f *export.File, run *store.Run) (readErr, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *chunk, workers)
	ordered := make(chan *chunk, 4*workers)
	readDone := make(chan error, 1)
	for range workers {
		go func() {
			for c := range work {
				im.decode(f, c)
				close(c.done)
			}
		}()
	}
	go func() {
		defer close(ordered)
		defer close(work)
		readDone <- im.read(ctx, f, work, ordered)
	}()
	err = im.collect(f, run, ordered)
	cancel()
	for range ordered { // after an error: let the reader come to its end
	}
	readErr = <-readDone
	if errors.Is(readErr, context.Canceled) && err == nil {
		return nil, context.Canceled
	}
	return readErr, err
}

// read frames the file and hands chunks to the workers, in order to the collector.
func (im *importer) read(ctx context.Context, f *export.File, work, ordered chan<- *chunk) error {
	for {
		c := &chunk{done: make(chan struct{})}
		size := 0
		var err error
		for len(c.values) < chunkValues && size < chunkBytes {
			var v export.Value
			if v, err = f.Next(); err != nil {
				break
			}
			c.values = append(c.values, v)
			size += len(v.Raw)
		}
		if len(c.values) > 0 {
			select {
			case ordered <- c:
			case <-ctx.Done():
				return ctx.Err()
			}
			work <- c
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (im *importer) decode(f *export.File, c *chunk) {
	c.results = make([]export.Result, len(c.values))
	c.items = make([][]store.Item, len(c.values))
	for i, v := range c.values {
		if v.Err != nil {
			continue
		}
		c.results[i] = f.Decode(v)
		for _, p := range c.results[i].Posts {
			if p.Text == "" {
				c.results[i].Skips = append(c.results[i].Skips, collector.Skip{Reason: collector.SkipNoText})
				continue
			}
			if !im.since.IsZero() && p.CreatedAt.Before(im.since) || !im.until.IsZero() && !p.CreatedAt.Before(im.until) {
				c.results[i].Skips = append(c.results[i].Skips, collector.Skip{Reason: collector.SkipOutOfRange})
				continue
			}
			c.items[i] = append(c.items[i], store.Item{Post: p, Verdict: im.judge.Classify(p.Text, p.Lang)})
		}
	}
}

// collect counts and commits, in the order of the file.
func (im *importer) collect(f *export.File, run *store.Run, ordered <-chan *chunk) error {
	var pending []store.Item
	for c := range ordered {
		<-c.done
		for i := range c.values {
			if err := im.count(run, f, c, i); err != nil {
				return err
			}
			pending = append(pending, c.items[i]...)
		}
		if len(pending) >= commitEvery {
			if err := run.Add(store.Batch{Items: pending}); err != nil {
				return err
			}
			pending = pending[:0]
		}
		if im.progress != nil {
			im.progress(f.BytesRead(), f.Size())
		}
	}
	return run.Add(store.Batch{Items: pending})
}

// count adds one value to the totals, and reports what failed.
func (im *importer) count(run *store.Run, f *export.File, c *chunk, i int) error {
	v, r, e := &c.values[i], &c.results[i], &run.Entry
	fail := func(item int, err error) error {
		e.Totals.Read++
		e.Totals.Failed++
		if im.failed == nil {
			return nil
		}
		return im.failed(&fileFailure{File: e.Source, Member: v.Member, Line: v.Line, Offset: v.Offset, Item: item, Reason: err.Error(), raw: v.Raw})
	}
	if v.Err != nil {
		return fail(0, v.Err)
	}
	if r.Format != "" {
		e.Formats[r.Format]++
	}
	for _, s := range r.Skips {
		e.Totals.Read++
		e.Totals.Skipped[s.Reason]++
	}
	for _, x := range r.Failures {
		item := 0
		if len(r.Posts)+len(r.Failures)+len(r.Skips) > 1 {
			item = x.Index + 1
		}
		if err := fail(item, x.Err); err != nil {
			return err
		}
	}
	for k := range c.items[i] {
		e.Totals.Read++
		at := c.items[i][k].Post.CreatedAt
		if e.First.IsZero() || at.Before(e.First) {
			e.First = at
		}
		if at.After(e.Last) {
			e.Last = at
		}
	}
	return nil
}

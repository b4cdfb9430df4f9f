package main

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/collector/export"
	"stallwatch/store"
)

// importer brings files into a store: decode, judge and store overlap, and posts arrive in the order of the file.
type importer struct {
	store        *store.Store // nil: a dry run, which reads everything and stores nothing
	thesis       *classify.Thesis
	judge        classify.Classifier
	options      export.Options
	action       string // of the ledger entries
	basis, note  string
	source       string // name for the ledger; empty: the file's
	since, until time.Time
	commitEvery  int                        // posts a transaction; 0: the usual number
	progress     func(done, size int64)     // bytes; nil: silent
	failed       func(f *fileFailure) error // is told every item that could not be read
	chunks       sync.Pool
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
	Mapping  string           `json:"mapping,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
	Repeats  uint64           `json:"repeats,omitempty"` // ledger entry that brought the same bytes in before
	Error    string           `json:"error,omitempty"`   // the file could not be read to its end
	Samples  []collector.Post `json:"samples,omitempty"` // of a dry run: its first posts
	Took     time.Duration    `json:"-"`
}

// shownSamples is how many posts of a file a dry run shows.
const shownSamples = 3

// file imports one file. An error means that the store or the context failed; what is wrong with the file is in the
// report.
func (im *importer) file(ctx context.Context, name string) (fileReport, error) {
	started := time.Now().UTC()
	entry := store.Entry{Action: im.action, Started: started, Version: version(), Thesis: im.thesis.ID,
		Model: im.judge.Card().ID, Source: cmp.Or(im.source, name), Basis: im.basis, Note: im.note}
	f, err := export.Open(name, im.options)
	if err != nil {
		return fileReport{Entry: entry, Error: err.Error()}, nil
	}
	defer f.Close()
	to := im.open(entry)
	readErr, err := im.pump(ctx, f, to)
	report := fileReport{Entry: *to.entry(), Mapping: f.Mapping(), Warnings: f.Warnings(), Samples: to.samples(), Took: time.Since(started)}
	if err != nil {
		return report, err
	}
	if readErr != nil {
		report.Error = readErr.Error()
		to.entry().Note = joinNotes(to.entry().Note, "not read to its end: "+readErr.Error())
	}
	to.entry().SHA256 = f.SHA256()
	report.Repeats, err = to.finish(time.Now().UTC())
	report.Entry = *to.entry()
	return report, err
}

func joinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// target is where a file's posts go: into a run of the store, or nowhere.
type target interface {
	entry() *store.Entry
	add(store.Batch) error
	finish(at time.Time) (repeats uint64, err error)
	samples() []collector.Post
}

func (im *importer) open(e store.Entry) target {
	if im.store == nil {
		return newPreview(e)
	}
	return &intoStore{im.store.Begin(e)}
}

type intoStore struct{ run *store.Run }

func (t *intoStore) entry() *store.Entry       { return &t.run.Entry }
func (t *intoStore) add(b store.Batch) error   { return t.run.Add(b) }
func (t *intoStore) samples() []collector.Post { return nil }

func (t *intoStore) finish(at time.Time) (repeats uint64, err error) {
	again, err := t.run.Finish(at)
	if again != nil {
		repeats = again.Seq
	}
	return repeats, err
}

// preview counts what would come in.
type preview struct {
	e     store.Entry
	first []collector.Post
}

func newPreview(e store.Entry) *preview {
	e.Totals.Skipped, e.Formats = map[collector.Reason]int{}, map[string]int{}
	return &preview{e: e, first: []collector.Post{}}
}

func (p *preview) entry() *store.Entry              { return &p.e }
func (p *preview) finish(time.Time) (uint64, error) { return 0, nil }
func (p *preview) samples() []collector.Post        { return p.first }

func (p *preview) add(b store.Batch) error {
	for i := range b.Items {
		if len(p.first) < shownSamples {
			p.first = append(p.first, b.Items[i].Post)
		}
	}
	p.e.Totals.Stored += len(b.Items)
	p.e.Totals.Removed += len(b.Forget)
	return nil
}

package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/export"
	"stallwatch/store"
)

// commitEvery is how many posts go into one transaction: enough to make the disk's wait small, few enough that an
// interruption loses seconds.
const commitEvery = 10000

// commitWait is when fewer are committed: the careful tier may need a minute for so many.
const commitWait = 5 * time.Second

// chunkValues and chunkBytes bound what one worker takes at a time.
const (
	chunkValues = 64
	chunkBytes  = 1 << 20
)

// chunk is some values on their way through a worker. Chunks and loads are used again: with their hundreds of bytes a post
// they would be a third of what is allocated.
type chunk struct {
	values  []export.Value
	results []export.Result // by value
	items   []store.Item    // of all values
	err     error           // the store failed, or the import was interrupted
	done    chan struct{}
}

func (im *importer) newChunk() *chunk {
	c, ok := im.chunks.Get().(*chunk)
	if !ok {
		c = &chunk{}
	}
	c.done = make(chan struct{})
	return c
}

// reset empties a chunk, and lets go of what was in it.
func (c *chunk) reset() {
	clear(c.values)
	clear(c.results)
	clear(c.items)
	c.values, c.results, c.items, c.err = c.values[:0], c.results[:0], c.items[:0], nil
}

// load is what goes into one transaction, with what was counted on the way to it.
type load struct {
	store.Batch
	counted     store.Totals
	formats     map[string]int
	first, last time.Time
}

// loadsInUse is how many there are: one is filled, one waits, one is stored.
const loadsInUse = 3

// newLoads are the loads of a file, empty.
func newLoads() chan *load {
	empty := make(chan *load, loadsInUse)
	for range loadsInUse {
		empty <- &load{counted: store.Totals{Skipped: map[collector.Reason]int{}}, formats: map[string]int{}}
	}
	return empty
}

func (l *load) reset() {
	clear(l.Items)
	clear(l.Forget)
	clear(l.ForgetAuthors)
	clear(l.counted.Skipped)
	clear(l.formats)
	l.Items, l.Forget, l.ForgetAuthors = l.Items[:0], l.Forget[:0], l.ForgetAuthors[:0]
	l.counted, l.first, l.last = store.Totals{Skipped: l.counted.Skipped}, time.Time{}, time.Time{}
}

// addTo adds the counts to a ledger entry.
func (l *load) addTo(e *store.Entry) {
	e.Totals.Read += l.counted.Read
	e.Totals.Failed += l.counted.Failed
	for r, n := range l.counted.Skipped {
		e.Totals.Skipped[r] += n
	}
	for f, n := range l.formats {
		e.Formats[f] += n
	}
	if !l.first.IsZero() && (e.First.IsZero() || l.first.Before(e.First)) {
		e.First = l.first
	}
	if l.last.After(e.Last) {
		e.Last = l.last
	}
}

// pump moves a file's values through the workers and the committer into the target. readErr is what ended the file before
// its end.
func (im *importer) pump(ctx context.Context, f *export.File, to target) (readErr, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *chunk, workers)
	ordered := make(chan *chunk, 4*workers)
	readDone := make(chan error, 1)
	for range workers {
		go func() {
			for c := range work {
				im.decode(ctx, f, c)
				close(c.done)
			}
		}()
	}
	go func() {
		defer close(ordered)
		defer close(work)
		readDone <- im.read(ctx, f, work, ordered)
	}()
	empty, loads := newLoads(), make(chan *load, loadsInUse)
	stored := make(chan error, 1)
	go func() { stored <- im.commit(to, loads, empty, cancel) }()
	err = im.collect(ctx, f, to.entry().Source, ordered, empty, loads)
	close(loads)
	err = errors.Join(<-stored, err)
	cancel()
	for range ordered { // after an error: let the reader come to its end
	}
	readErr = <-readDone
	if errors.Is(readErr, context.Canceled) && err == nil {
		return nil, context.Canceled
	}
	return readErr, err
}

// commit stores what collect hands over, while collect goes on. After an error it stops everything before it.
func (im *importer) commit(to target, loads <-chan *load, empty chan<- *load, stop func()) (err error) {
	for l := range loads {
		if err == nil {
			l.addTo(to.entry())
			if err = to.add(l.Batch); err != nil {
				stop()
			}
		}
		l.reset()
		empty <- l
	}
	return err
}

// read frames the file and hands chunks to the workers, in order to the collector.
func (im *importer) read(ctx context.Context, f *export.File, work, ordered chan<- *chunk) error {
	for {
		c := im.newChunk()
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

func (im *importer) decode(ctx context.Context, f *export.File, c *chunk) {
	for i := range c.values {
		r := f.Decode(c.values[i])
		for k := range r.Posts {
			if c.err = im.judged(ctx, c, &r, &r.Posts[k]); c.err != nil {
				return
			}
		}
		if len(r.Failures) == 0 { // else its bytes are asked for again
			c.values[i].Release()
		}
		c.results = append(c.results, r)
	}
}

// judged adds a post with its verdict to the chunk, or to the value's skips.
func (im *importer) judged(ctx context.Context, c *chunk, r *export.Result, p *collector.Post) error {
	switch {
	case p.Text == "":
		r.Skips = append(r.Skips, collector.Skip{Reason: collector.SkipNoText})
		return nil
	case !im.since.IsZero() && p.CreatedAt.Before(im.since) || !im.until.IsZero() && !p.CreatedAt.Before(im.until):
		r.Skips = append(r.Skips, collector.Skip{Reason: collector.SkipOutOfRange})
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	verdict, err := verdictOn(im.store, im.thesis.ID, im.judge, p)
	if err == nil {
		c.items = append(c.items, store.Item{Post: *p, Verdict: verdict})
	}
	return err
}

// every is how many posts go into one transaction.
func (im *importer) every() int { return cmp.Or(im.commitEvery, commitEvery) }

// collect counts, and hands over what is enough for a transaction, in the order of the file.
func (im *importer) collect(ctx context.Context, f *export.File, source string, ordered <-chan *chunk, empty <-chan *load, loads chan<- *load) error {
	pending, handed := <-empty, time.Now()
	for c := range ordered {
		if <-c.done; c.err != nil {
			loads <- pending // what was judged is not lost
			return c.err
		}
		for i := range c.values {
			if err := im.count(pending, source, c, i); err != nil {
				return err
			}
			pending.Forget = append(pending.Forget, c.results[i].Deletes...)
			pending.ForgetAuthors = append(pending.ForgetAuthors, c.results[i].Accounts...)
		}
		pending.take(c.items)
		c.reset()
		im.chunks.Put(c)
		if len(pending.Items)+len(pending.Forget)+len(pending.ForgetAuthors) >= im.every() || time.Since(handed) > commitWait {
			if ctx.Err() != nil {
				return nil // pump knows why
			}
			loads <- pending
			pending, handed = <-empty, time.Now()
		}
		if im.progress != nil {
			im.progress(f.BytesRead(), f.Size())
		}
	}
	loads <- pending
	return nil
}

// count adds one value to what is counted, and reports what failed.
func (im *importer) count(to *load, source string, c *chunk, i int) error {
	v, r := &c.values[i], &c.results[i]
	fail := func(item int, err error) error {
		to.counted.Read++
		to.counted.Failed++
		if im.failed == nil {
			return nil
		}
		return im.failed(&fileFailure{File: source, Member: v.Member, Line: v.Line, Offset: v.Offset, Item: item, Reason: err.Error(), raw: v.Source()})
	}
	if r.Format != "" && r.Format != "broken" {
		to.formats[r.Format]++
	}
	for _, s := range r.Skips {
		to.counted.Read++
		to.counted.Skipped[s.Reason]++
	}
	for _, x := range r.Failures {
		item := 0
		if v.Err == nil && len(r.Posts)+len(r.Failures)+len(r.Skips) > 1 {
			item = x.Index + 1
		}
		if err := fail(item, unplaced(x.Err)); err != nil {
			return err
		}
	}
	return nil
}

// unplaced is a failure's reason without its place, which is reported beside it.
func unplaced(err error) error {
	var at *export.PlaceError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// take adds posts with their verdicts.
func (l *load) take(items []store.Item) {
	l.counted.Read += len(items)
	for i := range items {
		at := items[i].Post.CreatedAt
		if l.first.IsZero() || at.Before(l.first) {
			l.first = at
		}
		if at.After(l.last) {
			l.last = at
		}
	}
	l.Items = append(l.Items, items...)
}

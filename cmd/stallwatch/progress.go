package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progressBar shows how far a file has been read, with rate and time to go.
type progressBar struct {
	pool *mpb.Progress
	bar  *mpb.Bar
}

func newProgressBar(ctx context.Context, w io.Writer, name string) *progressBar {
	p := newPool(ctx, w)
	bar := p.AddBar(0,
		mpb.PrependDecorators(decor.Name(filepath.Base(name)+" ")),
		mpb.AppendDecorators(decor.CountersKibiByte("% .1f / % .1f"), decor.AverageSpeed(decor.SizeB1024(0), "  % .1f"),
			decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace)),
		mpb.BarRemoveOnComplete())
	return &progressBar{p, bar}
}

// newCountBar shows how many of some items are done, with time to go.
func newCountBar(ctx context.Context, w io.Writer, name string) *progressBar {
	p := newPool(ctx, w)
	bar := p.AddBar(0, mpb.PrependDecorators(decor.Name(name)),
		mpb.AppendDecorators(decor.CountersNoUnit("%d / %d"), decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace)), mpb.BarRemoveOnComplete())
	return &progressBar{p, bar}
}

func (b *progressBar) update(done, size int64) {
	b.bar.SetTotal(max(size, done+1), false)
	b.bar.SetCurrent(done)
}

// countBar shows how many of a number of records are done; nil where nobody looks at it.
func (a *app) countBar(ctx context.Context, name string) *countBar {
	if !isTerminal(a.stderr) {
		return nil
	}
	p := newPool(ctx, a.stderr)
	bar := p.AddBar(0,
		mpb.PrependDecorators(decor.Name(name+" ")),
		mpb.AppendDecorators(decor.CountersNoUnit("%d / %d"), decor.AverageSpeed(0, "  %.0f/s"),
			decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace)),
		mpb.BarRemoveOnComplete())
	return &countBar{p, bar}
}

// countBar is a progressBar of records instead of bytes; a nil one does nothing.
type countBar progressBar

func (b *countBar) update(done, total int) {
	if b != nil {
		(*progressBar)(b).update(int64(done), int64(total))
	}
}

func (b *countBar) finish() { (*progressBar)(b).finish() }

// finish removes the bar; a nil bar was never shown.
func (b *progressBar) finish() {
	if b == nil {
		return
	}
	b.bar.Abort(true)
	b.pool.Wait()
}

// newPool draws on w, which may be the terminal of a caller in another process: then the width is that of the whole line.
func newPool(ctx context.Context, w io.Writer) *mpb.Progress {
	width := 40
	if _, ok := w.(*os.File); !ok {
		width = 79
	}
	return mpb.NewWithContext(ctx, mpb.WithOutput(w), mpb.WithAutoRefresh(), mpb.WithWidth(width))
}

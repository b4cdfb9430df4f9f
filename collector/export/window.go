package export

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
)

const (
	blockSize = 256 << 10
	maxRead   = 1 << 20 // at a time, so that limits are noticed soon
	// maxValue is the largest JSON value or record that is read: such a value must be in memory whole.
	maxValue = 128 << 20
)

// window shows a stream as a slice that grows as it is asked for more. What it has given away is not overwritten before
// it is given back: values point into its blocks, so that nothing is copied and several goroutines may decode them.
type window struct {
	r        io.Reader
	buf      []byte
	reuse    bool   // whoever keeps something of a block holds it: blocks that nobody holds are used again
	held     *block // buf's, nil when it is not to be used again
	pos, end int    // buf[pos:end] is read but not consumed
	offset   int64  // of buf[pos] in the stream
	line     int    // of buf[pos], from 1
	max      int    // of one value
	err      error  // io.EOF or what broke the stream; set once
}

func newWindow(r io.Reader) *window {
	return &window{r: r, line: 1, max: maxValue}
}

// rest is what is read and not consumed. A fill makes it longer and may move it.
func (w *window) rest() []byte { return w.buf[w.pos:w.end] }

// fill reads more behind rest; false: there is no more, see err.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	if w.end == len(w.buf) {
		w.grow(max(blockSize, min(2*(w.end-w.pos), max(w.max, w.end-w.pos)+maxRead)))
	}
	for tries := 0; tries < 100; tries++ {
		n, err := w.r.Read(w.buf[w.end:min(len(w.buf), w.end+maxRead)])
		w.end += n
		w.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// grow moves rest to a new block of n bytes, or of more.
func (w *window) grow(n int) {
	var next []byte
	old := w.held
	if w.reuse {
		w.held = newBlock(n)
		next = w.held.buf
	} else {
		next = make([]byte, n)
	}
	w.end = copy(next, w.rest())
	w.buf, w.pos = next, 0
	old.drop()
}

// hold is the present block, for a value that points into it.
func (w *window) hold() *block {
	if w.held != nil {
		w.held.holders.Add(1)
	}
	return w.held
}

// block is memory that is used again once the window and every value have dropped it. One that a value keeps is
// collected like any other.
type block struct {
	buf     []byte
	holders atomic.Int32
}

// maxReused is the largest block worth keeping.
const maxReused = 4 << 20

var blocks sync.Pool

// newBlock is a block of at least n bytes, with one holder.
func newBlock(n int) *block {
	b, ok := blocks.Get().(*block)
	if !ok || len(b.buf) < n {
		b = &block{buf: make([]byte, n)}
	}
	b.holders.Store(1)
	return b
}

// drop is called once by each holder.
func (b *block) drop() {
	if b != nil && b.holders.Add(-1) == 0 && len(b.buf) <= maxReused {
		blocks.Put(b)
	}
}

// take consumes n bytes and returns them.
func (w *window) take(n int) []byte {
	b := w.buf[w.pos : w.pos+n : w.pos+n]
	w.pos += n
	w.offset += int64(n)
	w.line += bytes.Count(b, []byte{'\n'})
	return b
}

// takeLine is take for bytes whose only line end is their last byte, if any.
func (w *window) takeLine(n int) []byte {
	b := w.buf[w.pos : w.pos+n : w.pos+n]
	w.pos += n
	w.offset += int64(n)
	w.line++
	return b
}

// at returns byte i of rest; ok is false past the end of the stream.
func (w *window) at(i int) (c byte, ok bool) {
	for w.pos+i >= w.end {
		if !w.fill() {
			return 0, false
		}
	}
	return w.buf[w.pos+i], true
}

// lineEnd returns the index in rest after the next line end at or behind index from, or the length of rest at the end
// of the stream. ok is false when that is further than max.
func (w *window) lineEnd(from int) (n int, ok bool) {
	for {
		b := w.rest()
		if i := bytes.IndexByte(b[from:], '\n'); i >= 0 {
			return from + i + 1, true
		}
		if from = len(b); from > w.max {
			return from, false
		}
		if !w.fill() {
			return from, true
		}
	}
}

// endLinesAtCR makes line ends of the carriage returns in what is not consumed yet.
func (w *window) endLinesAtCR() {
	replaceCR(w.rest())
	w.r = crReader{w.r}
}

type crReader struct{ r io.Reader }

func (c crReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	replaceCR(p[:n])
	return n, err
}

func replaceCR(b []byte) {
	for i := range b {
		if b[i] == '\r' {
			b[i] = '\n'
		}
	}
}

// dropLine consumes the rest of the line however long it is, and returns how many bytes that were.
func (w *window) dropLine() (n int64) {
	for {
		b := w.rest()
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			w.take(i + 1)
			return n + int64(i) + 1
		}
		n += int64(len(b))
		w.take(len(b))
		if !w.fill() {
			return n
		}
	}
}

package export

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"stallwatch/collector"
)

// File is one opened file. Next is for one goroutine; Decode, Warnings, BytesRead and Size for any number of them.
type File struct {
	name string
	opt  Options
	f    *os.File
	size int64
	kind string // as magic names it
	read atomic.Int64
	hash *fileHash
	raw  io.Reader // the file's bytes, counted
	next func() (Value, bool)
	stop func()

	ids, roundIDs, floatIDs, missingIDs, localIDs, bareIDs, otherDates, unknown, rows, noText atomic.Int64

	outcome outcome

	mu       sync.Mutex // guards what follows
	warnings []string
	mapping  string
	columns  string
}

// Open reads one file; "-" is standard input. Values are framed on the goroutine that calls Next.
func Open(name string, opt Options) (*File, error) {
	f := &File{name: name, opt: opt, f: cmp.Or(opt.Stdin, os.Stdin)}
	if order := opt.Map["date_order"]; order != "" && order != "dmy" && order != "mdy" {
		return nil, fmt.Errorf("export: date_order is dmy or mdy, not %q", order)
	}
	if name != "-" {
		var err error
		if f.f, err = os.Open(name); err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		info, err := f.f.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a folder", name)
		}
		if err != nil {
			f.f.Close()
			return nil, fmt.Errorf("export: %w", err)
		}
		if info.Mode().IsRegular() {
			f.size = info.Size()
		}
	}
	f.raw = &countReader{f}
	switch f.kind = f.magic(); f.kind {
	case "zip", "parquet": // read here and there
		f.hash = hashFile(name)
	default:
		f.hash = hashStream()
		f.raw = io.TeeReader(f.raw, f.hash)
	}
	f.next, f.stop = iter.Pull(f.values)
	return f, nil
}

// countReader counts the file's bytes as they go by.
type countReader struct{ f *File }

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.f.f.Read(p)
	c.f.read.Add(int64(n))
	return n, err
}

// values yields everything in the file.
func (f *File) values(yield func(Value) bool) {
	more := true
	w := &walker{file: f, yield: func(v Value) bool {
		more = yield(v)
		return more
	}}
	defer func() { // the decompressors are not ours, and files are hostile
		if r := recover(); r != nil && more {
			yield(Value{Err: fmt.Errorf("reading stumbled, please report this: %v", r)})
		}
	}()
	if f.name != "-" {
		w.dir, w.base = os.DirFS(filepath.Dir(f.name)), filepath.Base(f.name)
	}
	switch f.kind {
	case "zip":
		more = w.zip(&countReaderAt{f}, f.size, "", 0)
	case "parquet":
		more = w.parquet(&countReaderAt{f}, f.size, "")
	default:
		more = w.stream(f.raw, "", 0)
	}
	if more {
		f.finish(w)
	}
}

// magic names what a file on disk begins with, as sniff does.
func (f *File) magic() string {
	var head [4]byte
	if f.size == 0 {
		return ""
	}
	if _, err := f.f.ReadAt(head[:], 0); err != nil {
		return ""
	}
	return sniff(head[:])
}

// countReaderAt is the file as zips and Parquet files are read, here and there.
type countReaderAt struct{ f *File }

func (c *countReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.f.f.ReadAt(p, off)
	if c.f.read.Load() < c.f.size {
		c.f.read.Add(int64(n))
	}
	return n, err
}

// finish reads what was not read of a stream, behind a broken container, and tells what was left out.
func (f *File) finish(w *walker) {
	if len(w.left) > 0 {
		names := w.left
		if len(names) > 5 {
			names = append(names[:5:5], fmt.Sprintf("and %d more", len(w.left)-5))
		}
		f.warn("left out, because it is no collection of posts that is known: %s", strings.Join(names, ", "))
	}
	if f.hash.streamed() {
		_, err := io.Copy(io.Discard, f.raw)
		f.hash.end(err)
	}
	if f.size > 0 {
		f.read.Store(f.size)
	}
	if err := f.hash.wait(); err != nil {
		f.warn("the file could not be read to its end: %v", err)
	}
}

// Next returns the next value, io.EOF after the last one. A value that could not be framed has Err set.
func (f *File) Next() (Value, error) {
	v, ok := f.next()
	if !ok {
		return Value{}, io.EOF
	}
	return v, nil
}

// Decode reads the posts out of a value. It never panics, and may be called from several goroutines.
func (f *File) Decode(v Value) (res Result) {
	defer func() {
		if r := recover(); r != nil {
			res = Result{Format: "broken", Batch: failed(fmt.Errorf("the decoder stumbled, please report this: %v", r))}
		}
		if v.Member != "" || v.Line > 0 {
			f.place(v, res.Failures)
		}
		f.outcome.count(&res)
	}()
	switch {
	case v.Err != nil:
		return f.decodeMended(v)
	case v.skip == collector.SkipUnknown:
		return Result{Format: "unknown", Batch: collector.Skipped(v.skip)}
	case v.skip != "":
		return Result{Format: v.table.kind.name, Batch: collector.Skipped(v.skip)}
	case v.table != nil && v.table.kind == &jsonColumnKind:
		return f.decodeColumn(v.table, v.Fields)
	case v.table != nil:
		return Result{Format: v.table.kind.name, Batch: v.table.decode(v.Raw, v.Fields)}
	}
	if v.near != nil && v.near.kind != "" {
		return f.decodeArchive(v)
	}
	return f.decodeValue(v)
}

// place adds to every failure of a value where it is.
func (f *File) place(v Value, failures []collector.Failure) {
	for i := range failures {
		failures[i].Err = &PlaceError{f.name, v.Member, v.Line, v.Offset, failures[i].Err}
	}
}

// BytesRead is how much of the file as stored has been read, for progress.
func (f *File) BytesRead() int64 {
	if n := f.read.Load(); f.size == 0 || n < f.size {
		return n
	}
	return f.size
}

// Name is the name the file was opened by.
func (f *File) Name() string { return f.name }

// Size is the file's size as stored, 0 when unknown.
func (f *File) Size() int64 { return f.size }

// SHA256 is the hash of the file's bytes as stored, in hex, once Next has returned io.EOF; "" when the file could not be
// read to its end.
func (f *File) SHA256() string { return f.hash.sum() }

// Close releases the file.
func (f *File) Close() error {
	f.stop()
	f.hash.stop()
	if f.name == "-" {
		return nil
	}
	if err := f.f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

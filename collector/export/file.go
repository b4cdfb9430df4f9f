package export

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"stallwatch/collector"
)

// Options tell how to read what a file does not say about itself. The zero value reads every known format.
type Options struct {
	// Map overrides the guessed columns of a generic table or of generic JSON: field (text, id, date, author, handle,
	// name, lang, platform, url, likes, …) to column name, or to its number from 1; "" takes a guess back. date_order is
	// dmy or mdy, for dates such as 03/04/2022. With text in it a table of a known tool is read as a generic one.
	Map map[string]string
	// Platform names the platform of generic input. Empty: what the row, its link or its columns' names say, "x" when the
	// time inside the id agrees with the post's date, else "unknown".
	Platform string
	// TextOnly also reads generic input that has neither ids nor dates: what matters is the text.
	TextOnly bool
	Stdin    *os.File // what "-" reads; nil: this process's standard input
}

// Value is one JSON value or one record of a table, not yet decoded. Raw and Fields are not overwritten before Release is
// called; a Value that is kept keeps the 256 KiB it was read with.
type Value struct {
	Raw    []byte   // as it stands in the file, unpacked; of a broken value its beginning
	Fields []string // of a table: the cells
	Member string   // path inside archives, "" when the file is none
	Line   int      // where it begins, from 1
	Offset int64    // byte where it begins, in the unpacked member
	Err    error    // the value could not be framed: it counts as one failed item

	skip     collector.Reason
	mended   []byte // of a value that was cut: what of it is whole
	table    *table
	near     *neighbours
	extended bool // MongoDB's Extended JSON
	block    *block
}

// Release says that nobody looks at v.Raw any more, in v or a copy of it: the memory is used for what is read next. It may
// be called once for a value, from any goroutine, or never. What Decode has made of the value stays.
func (v *Value) Release() {
	if v.block != nil {
		v.block.drop()
		v.Raw, v.block = nil, nil
	}
}

// Header is the header of the table that a value is a record of, as it stands in the file without its line end, and the
// table's delimiter; nil for JSON.
func (v Value) Header() (raw []byte, delimiter byte) {
	if v.table == nil {
		return nil, 0
	}
	return v.table.raw, v.table.delim
}

// Source is the value as it can be written to a file, mended and read again: its bytes, or for a row of a binary table its
// cells as JSON.
func (v *Value) Source() []byte {
	if v.Raw != nil || v.table == nil || len(v.Fields) == 0 {
		return v.Raw
	}
	cells := map[string]string{}
	for i, h := range v.table.header {
		if i < len(v.Fields) && v.Fields[i] != "" {
			cells[h] = v.Fields[i]
		}
	}
	raw, _ := json.Marshal(cells)
	return raw
}

// Result is what a value held.
type Result struct {
	Format string // "x-api-v2 page", "csv twarc", …: see Formats
	collector.Batch
}

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

// A PlaceError says where in a file something could not be read.
type PlaceError struct {
	File, Member string
	Line         int
	Offset       int64
	Err          error
}

func (e *PlaceError) Error() string {
	var s strings.Builder
	s.WriteString(e.File)
	if e.Member != "" {
		s.WriteString(" › " + e.Member)
	}
	if e.Line > 0 {
		fmt.Fprintf(&s, ", line %d (byte %d)", e.Line, e.Offset)
	}
	return s.String() + ": " + e.Err.Error()
}

func (e *PlaceError) Unwrap() error { return e.Err }

// place adds to every failure of a value where it is.
func (f *File) place(v Value, failures []collector.Failure) {
	for i := range failures {
		failures[i].Err = &PlaceError{f.name, v.Member, v.Line, v.Offset, failures[i].Err}
	}
}

// Warnings are sentences a user must read about this file, in the order found. It is complete once everything has been
// decoded.
func (f *File) Warnings() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := append([]string(nil), f.warnings...)
	if n := f.floatIDs.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d ids have been damaged by a spreadsheet or a float (such as 1.23E+18) and were refused: those posts have ids made of their text, author and date (h:…)", n))
	}
	if n := f.missingIDs.Load(); n > 0 && !f.opt.TextOnly {
		all = append(all, fmt.Sprintf("%d posts have no id: theirs are made of their text, author and date (h:…)", n))
	}
	if n := f.localIDs.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d ids are numbers or names of the file's own, or of no platform that it names: a hash of text, author and date stands behind each (7:…), since other posts can have the same; name the platform with --platform where they are its own", n))
	}
	if n := f.bareIDs.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d posts have no date: they are taken for posts of X, and dated by their ids, because these look like X's; if they are of another network say which with --platform", n))
	}
	if n := f.otherDates.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d posts have dates that differ by more than two days from the times in their ids, which are the platform's own and were taken: the dates may be those of something else, or have day and month exchanged", n))
	}
	if n, r := f.ids.Load(), f.roundIDs.Load(); r >= 5 && r*10 > n {
		all = append(all, fmt.Sprintf("%d of %d ids end in 00, where about 1 in 100 would: a program may have rounded them, and duplicates then go unnoticed", r, n))
	}
	if n, r := f.noText.Load(), f.rows.Load(); n >= 5 && n*2 > r {
		all = append(all, fmt.Sprintf("%d of %d rows have no text: whoever made the file may have taken the texts out", n, r))
	}
	if n := f.unknown.Load(); n > 0 {
		all = append(all, fmt.Sprintf("%d JSON values are of no known form and have no text beside an id or a date; the first has the members %s", n, f.columns))
	}
	if w := f.outcome.words(); w != "" {
		all = append(all, w)
	}
	return all
}

func (f *File) warn(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.warnings = append(f.warnings, fmt.Sprintf(format, args...))
}

// warnOnce adds a warning unless it is there already.
func (f *File) warnOnce(w string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.warnings, w) {
		f.warnings = append(f.warnings, w)
	}
}

// tell counts what is the matter with an id; nil counts a sound one.
func (f *File) tell(fault *idFault) {
	f.ids.Add(1)
	if fault == nil {
		return
	}
	switch fault.kind {
	case faultFloat:
		f.floatIDs.Add(1)
	case faultMissing:
		f.missingIDs.Add(1)
	case faultRound:
		f.roundIDs.Add(1)
	case faultLocal:
		f.localIDs.Add(1)
	case faultBare:
		f.bareIDs.Add(1)
	case faultDate:
		f.ids.Add(-1) // one that is told of twice
		f.otherDates.Add(1)
	}
}

// tellUnknown counts values of no form, and keeps the names of the first.
func (f *File) tellUnknown(n int, raw []byte) {
	if n > 0 && f.unknown.Add(int64(n)) == int64(n) {
		_, names, _ := flatten(raw)
		if names == nil {
			keys, _ := members(raw)
			for _, k := range keys[:min(len(keys), shownColumns+1)] {
				names = append(names, string(k))
			}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.columns = list(names)
	}
}

// Mapping says in words how the columns of generic input were understood, "" when the format was known.
func (f *File) Mapping() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mapping
}

// setMapping keeps the first mapping of a file.
func (f *File) setMapping(words string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mapping == "" {
		f.mapping = words
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

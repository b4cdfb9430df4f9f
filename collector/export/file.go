package export

import (
	"errors"

	"stallwatch/collector"
)

// Options tell how to read what a file does not say about itself. The zero value reads every known format.
type Options struct {
	// Map overrides the guessed columns of a generic table or of generic JSON: field (text, id, date, author, handle,
	// lang, platform, url) to column name, or to its number from 1.
	Map map[string]string
	// Platform names the platform of generic input. Empty: "x" when the ids are snowflakes, else "unknown".
	Platform string
}

// Value is one JSON value or one record of a table, not yet decoded.
type Value struct {
	Raw    []byte   // as it stands in the file, unpacked
	Fields []string // of a table: the cells
	Member string   // path inside archives, "" when the file is none
	Line   int      // where it begins, from 1
	Offset int64    // byte where it begins, in the unpacked member
	Err    error    // the value could not be framed: it counts as one failed item
}

// Result is what a value held.
type Result struct {
	Format string // "x-api-v2 page", "csv twarc", …: see Formats
	collector.Batch
}

// File is one opened file. Next is for one goroutine, Decode for any number of them.
type File struct{}

// Open reads one file; "-" is standard input.
func Open(name string, opt Options) (*File, error) {
	return nil, errors.New("export: not built yet")
}

// Next returns the next value, io.EOF after the last one. A value that could not be framed has Err set.
func (f *File) Next() (Value, error) { return Value{}, errors.New("export: not built yet") }

// Decode reads the posts out of a value. It never panics, and may be called from several goroutines.
func (f *File) Decode(v Value) Result { return Result{} }

// Warnings are sentences a user must read about this file, in the order found.
func (f *File) Warnings() []string { return nil }

// Mapping says in words how the columns of generic input were understood, "" when the format was known.
func (f *File) Mapping() string { return "" }

// BytesRead and Size are for progress: bytes of the file as stored. Size is 0 when unknown.
func (f *File) BytesRead() int64 { return 0 }

// Size is the file's size as stored, 0 when unknown.
func (f *File) Size() int64 { return 0 }

// SHA256 is the hash of the file's bytes as stored, in hex, once Next has returned io.EOF.
func (f *File) SHA256() string { return "" }

// Close releases the file.
func (f *File) Close() error { return nil }

// FormatInfo describes one format that is read.
type FormatInfo struct{ Name, What, RecognisedBy string }

// Formats lists what can be read.
func Formats() []FormatInfo { return nil }

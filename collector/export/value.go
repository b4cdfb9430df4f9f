package export

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

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

// gave is how much of use came out of a value.
func (r *Result) gave() int { return len(r.Posts) + len(r.Deletes) + len(r.Accounts) }

func (r *Result) unknown() (n int) {
	for _, s := range r.Skips {
		if s.Reason == collector.SkipUnknown {
			n++
		}
	}
	return n
}

func (r *Result) join(o Result) {
	r.Posts = append(r.Posts, o.Posts...)
	r.Deletes = append(r.Deletes, o.Deletes...)
	r.Accounts = append(r.Accounts, o.Accounts...)
	r.Skips = append(r.Skips, o.Skips...)
	r.Failures = append(r.Failures, o.Failures...)
}

// settled tells whether a format can be believed that took a value: it has made something of it, or says what else it is.
func (r *Result) settled() bool {
	if r.gave() > 0 || r.Format == "" {
		return r.Format != ""
	}
	for _, s := range r.Skips {
		if s.Reason == collector.SkipUnknown || s.Reason == collector.SkipAPIError || s.Reason == collector.SkipEmptyPage {
			return false
		}
	}
	return len(r.Failures) == 0
}

package export

import (
	"fmt"
	"slices"
	"strings"

	"stallwatch/collector"
)

// kind is a table that a known tool writes: recognised by columns that only that tool has together.
type kind struct {
	name, what string
	has        []string // all of these columns
	last       bool     // of two columns with one name the later is meant
	post       func(t *table, r cells) (collector.Post, error)
	skip       collector.Reason                           // every row is this, when post is nil
	rejoin     func(raw []byte, fields []string) []string // cuts a record that breaks the rules of CSV; may be nil
}

// table is one header with what follows it.
type table struct {
	kind    *kind
	header  []string
	raw     []byte // of the header, without its line end
	delim   byte
	index   map[string]int
	m       mapping // of a generic table
	guarded bool    // our own CSV: apostrophes stand before what a spreadsheet would take for a formula
	file    *File
}

// cells is one row of a table.
type cells struct {
	t *table
	f []string
}

// get returns the cell of a column, "" when the row or the table has none.
func (c cells) get(column string) string {
	i, ok := c.t.index[column]
	if !ok || i >= len(c.f) {
		return ""
	}
	return c.f[i]
}

// val is get for cells in which blanks and words such as nan mean nothing.
func (c cells) val(column string) string {
	v := strings.TrimSpace(c.get(column))
	if blank(v) {
		return ""
	}
	return v
}

// newTable recognises a header. The error says what a user can do about a table whose text cannot be found.
func newTable(f *File, header []string) (*table, error) {
	t := &table{header: header, file: f, index: map[string]int{}}
	for i, h := range header {
		header[i] = strings.TrimSpace(collector.Clean(h))
	}
	if t.kind = knownKind(header, f.opt.Map); t.kind != nil {
		t.guarded = t.kind == &kinds[0]
		t.number(t.kind.last)
		return t, nil
	}
	t.number(false)
	m, err := guess(header, f.opt.Map)
	if err != nil {
		return nil, err
	}
	if !m.usable() && (len(f.opt.Map) == 0 && !f.opt.TextOnly || m["text"] == "") {
		return nil, fmt.Errorf("no known table, and no column of it looks like the posts' text beside an id or a date: say which with --map text=COLUMN --map id=COLUMN --map date=COLUMN; the columns are %s", list(header))
	}
	t.kind, t.m = &genericKind, m
	f.setMapping(m.words())
	return t, nil
}

func (t *table) number(last bool) {
	for i, h := range t.header {
		if _, ok := t.index[h]; !ok || last {
			t.index[h] = i
		}
	}
}

// knownKind finds the tool that writes these columns, nil when there is none or the user says what the columns are.
func knownKind(header []string, override map[string]string) *kind {
	if override["text"] != "" {
		return nil
	}
	for _, known := range [][]kind{kinds, toolKinds} {
		for i := range known {
			if containsAll(header, known[i].has) {
				return &known[i]
			}
		}
	}
	return nil
}

func containsAll(header, has []string) bool {
	for _, h := range has {
		if !slices.Contains(header, h) {
			return false
		}
	}
	return true
}

// isHeader tells whether a record repeats the header, as files do that were put one behind the other.
func (t *table) isHeader(fields []string) bool {
	return len(fields) == len(t.header) && strings.TrimSpace(strings.TrimPrefix(fields[0], "\uFEFF")) == t.header[0] &&
		slices.EqualFunc(fields[1:], t.header[1:], func(a, b string) bool { return strings.TrimSpace(a) == b })
}

// decode makes the batch of one row, which is fields, or raw for tables that break the rules.
func (t *table) decode(raw []byte, fields []string) collector.Batch {
	if t.kind.post == nil {
		return collector.Skipped(t.kind.skip)
	}
	if t.kind.rejoin != nil {
		fields = t.kind.rejoin(raw, fields)
	}
	err := t.checkWidth(fields)
	if err == nil {
		var p collector.Post
		t.file.rows.Add(1)
		if p, err = t.kind.post(t, cells{t, fields}); err == nil {
			if p.Text == "" {
				t.file.noText.Add(1)
				return collector.Skipped(collector.SkipNoText)
			}
			return collector.Batch{Posts: []collector.Post{p}}
		}
	}
	return failed(err)
}

// checkWidth refuses rows whose cells have been shifted. Spreadsheets leave out empty cells at the end of a row, and some
// writers leave the last column unnamed.
func (t *table) checkWidth(fields []string) error {
	n := len(t.header)
	if len(fields) > n {
		for _, extra := range fields[n:] {
			if len(fields) > n+1 && extra != "" {
				return fmt.Errorf("%d cells where the header has %d: a delimiter or a quote inside a text is not quoted", len(fields), n)
			}
		}
		return nil
	}
	if len(fields) < n && len(fields) <= t.lastNeeded() {
		return fmt.Errorf("%d cells where the header has %d: the row was cut", len(fields), n)
	}
	return nil
}

// lastNeeded is the index of the last column that a row must reach.
func (t *table) lastNeeded() int {
	last := 0
	for _, c := range t.kind.has {
		last = max(last, t.index[c])
	}
	for _, f := range []string{"text", "id", "date"} {
		if c := t.m[f]; c != "" {
			last = max(last, t.index[c])
		}
	}
	return last
}

func failed(err error) collector.Batch {
	return collector.Batch{Failures: []collector.Failure{{Err: err}}}
}

// genericKind is the table of no known tool.
var genericKind = kind{
	name: "csv generic",
	what: "any table with a column of text and one of ids or dates; the columns are guessed and shown",
	post: func(t *table, c cells) (collector.Post, error) {
		return row{m: t.m, get: c.get, opt: t.file.opt, tell: t.file.tell}.post()
	},
}

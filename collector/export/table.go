package export

import (
	"encoding/json"
	"errors"
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
	skip       collector.Reason                             // every row is this, when post is nil
	rejoin     func(raw []byte, fields []string) []string   // cuts a record that breaks the rules of CSV; may be nil
	decode     func(object []byte) (collector.Batch, error) // decodes a row as a JSON object of its cells, in place of post
}

// table is one header with what follows it.
type table struct {
	kind    *kind
	header  []string
	raw     []byte // of the header, without its line end
	delim   byte
	index   map[string]int
	m       mapping // of a generic table
	order   string  // of its dates' day and month, dmy or mdy, where the rows settle it
	column  int     // that holds the posts as JSON, of such a table
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

// blank tells whether a cell says that there is nothing, in the words of the programs that write them.
func blank(s string) bool {
	switch s {
	case "", "nan", "NaN", "None", "NULL", "null", "NA", "N/A", "<NA>", "NaT", "undefined", `\N`:
		return true
	}
	return false
}

// newTable recognises a header. The error says what a user can do about a table whose text cannot be found.
func newTable(f *File, header []string, sample []sampled) (*table, error) {
	t := &table{header: header, file: f, index: map[string]int{}}
	var err error
	if t.kind, t.m, err = recognise(header, sample, f.opt); err != nil {
		return nil, err
	}
	t.guarded = t.kind == &kinds[0]
	t.number(t.kind.last)
	if t.kind == &genericKind {
		f.setMapping(t.m.words())
	}
	return t, nil
}

// recognise finds what writes these columns, or what they mean where no known tool does. It trims their names.
func recognise(header []string, sample []sampled, opt Options) (*kind, mapping, error) {
	for i, h := range header {
		header[i] = strings.TrimSpace(collector.Clean(h))
	}
	if k := knownKind(header, opt.Map); k != nil {
		return k, nil, nil
	}
	m, err := guessTable(header, sample, opt.Map)
	if err != nil {
		return nil, nil, err
	}
	if !m.usable() && (len(opt.Map) == 0 && !opt.TextOnly || m["text"] == "") {
		return nil, nil, m.lacks(header)
	}
	return &genericKind, m, nil
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
	for _, known := range [][]kind{kinds, toolKinds, networkKinds} {
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
	if t.kind.post == nil && t.kind.decode == nil {
		return collector.Skipped(t.kind.skip)
	}
	if t.kind.rejoin != nil && t.delim != ',' { // a table with commas was written by another program, by the rules
		fields = t.kind.rejoin(raw, fields)
	}
	err := t.checkWidth(fields)
	if err == nil {
		var p collector.Post
		t.file.rows.Add(1)
		if t.kind.decode != nil {
			return t.decodeObject(fields)
		}
		if p, err = t.kind.post(t, cells{t, fields}); err == nil && p.Text == "" {
			t.file.noText.Add(1)
		}
		if b, e := one(p, err); e == nil {
			return b
		}
		var skip skipped
		if errors.As(err, &skip) {
			return collector.Skipped(collector.Reason(skip))
		}
	}
	return failed(err)
}

// skipped is the error of a row that is no post for another reason than that it has no text.
type skipped collector.Reason

func (s skipped) Error() string { return "no post: " + string(s) }

// put puts a cell where its column says with dots, as pandas' json_normalize writes them; the first of a name stays. A list or an object
// in a cell is one again.
func put(in map[string]any, column, cell string) {
	for {
		name, rest, more := strings.Cut(column, ".")
		if !more {
			if in[name] == nil {
				in[name] = cell
				if (strings.HasPrefix(cell, "{") || strings.HasPrefix(cell, "[{")) && json.Valid([]byte(cell)) {
					in[name] = json.RawMessage(cell)
				}
			}
			return
		}
		inner, ok := in[name].(map[string]any)
		if !ok && in[name] != nil {
			return
		}
		if !ok {
			inner = map[string]any{}
			in[name] = inner
		}
		in, column = inner, rest
	}
}

// decodeObject decodes a row through the JSON object that its cells once were.
func (t *table) decodeObject(fields []string) collector.Batch {
	cells := map[string]any{}
	for i, h := range t.header[:min(len(t.header), len(fields))] {
		if cell := strings.TrimSpace(fields[i]); !blank(cell) {
			put(cells, h, cell)
		}
	}
	object, err := json.Marshal(cells)
	if err != nil {
		return failed(err)
	}
	b, err := t.kind.decode(object)
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Err: err})
	}
	for _, s := range b.Skips {
		if s.Reason == collector.SkipNoText {
			t.file.noText.Add(1)
		}
	}
	return b
}

// checkWidth refuses rows whose cells have been shifted. Spreadsheets leave out empty cells at the end of a row, and some
// writers put an empty one there.
func (t *table) checkWidth(fields []string) error {
	n := len(t.header)
	for _, extra := range fields[min(n, len(fields)):] {
		if strings.TrimSpace(extra) != "" {
			return fmt.Errorf("%d cells where the header has %d: a delimiter or a quote inside a text is not quoted, or a column has no name",
				len(fields), n)
		}
	}
	if len(fields) < n && len(fields) <= t.lastNeeded() {
		return fmt.Errorf("%d cells where the header has %d: the row was cut", len(fields), n)
	}
	return nil
}

// lastNeeded is the index of the last column that a row must reach.
func (t *table) lastNeeded() int {
	last := t.column
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
	what: "any table, a sheet of .xlsx or .ods too, with a column of text and one of ids or dates; the columns are guessed and shown",
	post: func(t *table, c cells) (collector.Post, error) {
		return row{m: t.m, columns: t.header, get: c.get, opt: t.file.opt, order: t.order, tell: t.file.tell}.post()
	},
}

package export

import (
	"slices"
	"strings"

	"stallwatch/collector"
)

// jsonColumnKind is a table, such as a database's export, that keeps each post whole in one cell, as JSON.
var jsonColumnKind = kind{name: "csv json", what: "a table with a column in which each post stands as JSON of a known form"}

// makesPost tells whether there is a post in a value, without keeping account of it.
func (f *File) makesPost(raw []byte) bool {
	return len(f.scratch().decodeJSON(raw, nil).Posts) > 0
}

// jsonTable is the table with that column, nil when no cell of the sample makes a post. A table of a known tool is none, and
// neither is one in which another column looks like the text.
func jsonTable(f *File, header []string, sample []sampled) *table {
	k, m, err := recognise(header, sample, f.opt)
	if f.opt.Map["text"] != "" || err == nil && k != &genericKind {
		return nil
	}
	sample = sample[:min(lookRows, len(sample))]
	for i := range header {
		holdsPost := func(s sampled) bool { return i < len(s.fields) && f.makesPost(object(s.fields[i])) }
		if err == nil && header[i] != m["text"] || !slices.ContainsFunc(sample, holdsPost) {
			continue
		}
		t := &table{kind: &jsonColumnKind, header: header, file: f, index: map[string]int{}, column: i}
		t.number(false)
		return t
	}
	return nil
}

// object is the object that a cell holds, nil where it holds none.
func object(cell string) []byte {
	cell = strings.TrimSpace(cell)
	if !strings.HasPrefix(cell, "{") || !strings.HasSuffix(cell, "}") {
		return nil
	}
	return []byte(cell)
}

// decodeColumn decodes the JSON in a row.
func (f *File) decodeColumn(t *table, fields []string) Result {
	if err := t.checkWidth(fields); err != nil {
		return Result{t.kind.name, failed(err)}
	}
	raw := object(fields[t.column])
	if raw == nil {
		return Result{t.kind.name, collector.Skipped(collector.SkipNoText)}
	}
	return Result{t.kind.name, f.decodeValue(Value{Raw: raw, extended: isExtended(raw)}).Batch}
}

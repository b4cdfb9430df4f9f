package export

import (
	"bytes"
	stdjson "encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
)

// decodeValue decodes a JSON value, which may have been written into a string, and where that gives nothing looks whether
// posts are wrapped in it.
func (f *File) decodeValue(v Value) Result {
	raw := v.Raw
	if bytes.HasPrefix(raw, encoded) {
		raw = []byte(collector.Text(raw))
	}
	if v.extended {
		raw = plainJSON(raw)
	}
	res := f.decodeJSON(raw, v.near)
	if len(res.Failures) > 0 && bytes.IndexByte(raw, 0) >= 0 {
		raw = bytes.ReplaceAll(raw, []byte{0}, nil) // 4CAT's JSON can hold them
		res = f.decodeJSON(raw, v.near)
	}
	if res.gave() == 0 && (len(res.Failures) > 0 || res.unknown() > 0) {
		if in, ok := f.unwrap(raw, v.near, len(res.Failures) == 0); ok {
			return in
		}
	}
	if res.Format == "json generic" || res.Format == "zeeschuimer" {
		f.tellUnknown(res.unknown(), raw)
	}
	return res
}

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

// unwrap decodes what a value turns out to hold: a post with Python's NaN in it, the rows of pandas' columns, or the posts of
// a list or a map in it, such as Elasticsearch's hits or X's lookup by id. ok is false when it holds none. Lists are looked into where inside says so: what lies in a broken post is not that post.
func (f *File) unwrap(raw []byte, near *neighbours, inside bool) (res Result, ok bool) {
	if sound := withoutNaN(raw); sound != nil {
		raw = sound
		if res = f.decodeJSON(raw, near); len(res.Failures) == 0 && res.unknown() == 0 {
			return res, true
		}
	}
	found := [][][]byte{columns(raw)}
	if inside {
		found = append(found, lists(raw)...)
	}
	res = Result{}
	for _, list := range found {
		if !slices.ContainsFunc(list[:min(len(list), sampleRows)], f.makesPost) {
			continue
		}
		for _, raw := range list {
			one := f.decodeJSON(raw, near)
			if !ok {
				res.Format, ok = one.Format, true
			}
			res.join(one)
		}
	}
	return res, ok
}

// makesPost tells whether there is a post in a value, without keeping account of it.
func (f *File) makesPost(raw []byte) bool {
	scratch := &File{opt: f.opt}
	return len(scratch.decodeJSON(raw, nil).Posts) > 0
}

// lists finds what may be posts in an object: its lists of objects and its members' lists, and where all members of one
// of these are objects, those; of MaxMembers objects at most.
func lists(raw []byte) (out [][][]byte) {
	n := 0
	add := func(list [][]byte) {
		if len(list) > 0 && n+len(list) <= collector.MaxMembers && !slices.ContainsFunc(list, isNoObject) {
			out = append(out, list)
			n += len(list)
		}
	}
	_, top := members(raw)
	add(top)
	for _, v := range top {
		add(elements(v))
		_, inner := members(v)
		add(inner)
		for _, w := range inner {
			add(elements(w))
		}
	}
	return out
}

// columns turns a table that pandas has written column by column, as {"id":{"0":1,"1":2},"text":{"0":"a","1":"b"}} or with
// lists, into an object a row; nil when raw is none.
func columns(raw []byte) (rows [][]byte) {
	names, values := members(raw)
	if len(names) < 2 {
		return nil
	}
	var index [][]byte
	for i, v := range values {
		keys, cells := members(v)
		if keys == nil {
			cells = elements(v)
		}
		switch {
		case len(cells) == 0, i > 0 && (len(cells) != len(rows) || !slices.EqualFunc(keys, index, bytes.Equal)):
			return nil
		case i == 0:
			index, rows = keys, make([][]byte, len(cells))
		}
		for r, c := range cells {
			rows[r] = append(append(append(append(rows[r], `,"`...), names[i]...), `":`...), c...)
		}
	}
	for r := range rows {
		rows[r][0] = '{'
		rows[r] = append(rows[r], '}')
	}
	return rows
}

// members are the keys and values of an object of MaxMembers at most, nil of anything else.
func members(raw []byte) (keys, values [][]byte) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, nil
	}
	if _, err := collector.Members(raw, func(k, v []byte) bool {
		keys, values = append(keys, k), append(values, v)
		return len(keys) <= collector.MaxMembers
	}); err != nil || len(keys) > collector.MaxMembers {
		return nil, nil
	}
	return keys, values
}

// elements are those of an array of MaxMembers at most, nil of anything else.
func elements(raw []byte) (out [][]byte) {
	if len(raw) == 0 || raw[0] != '[' {
		return nil
	}
	if _, err := collector.Elements(raw, func(e []byte) bool {
		out = append(out, e)
		return len(out) <= collector.MaxMembers
	}); err != nil || len(out) > collector.MaxMembers {
		return nil
	}
	return out
}

// isNoObject tells what cannot be a post. A null stands for one that was not found.
func isNoObject(v []byte) bool { return !bytes.HasPrefix(v, []byte("{")) && string(v) != "null" }

// withoutNaN writes null for the NaN and Infinity of Python's JSON, nil when there are none outside strings.
func withoutNaN(raw []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case 'N', 'I', '-':
			for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
				if bytes.HasPrefix(raw[i:], []byte(word)) {
					out = append(append(out, raw[from:i]...), "null"...)
					from = i + len(word)
					i = from - 1
					break
				}
			}
		}
	}
	if out == nil {
		return nil
	}
	return append(out, raw[from:]...)
}

// isExtended tells whether head begins a dump of MongoDB's, in its Extended JSON.
func isExtended(head []byte) bool {
	for _, word := range []string{`"$oid"`, `"$date"`, `"$numberLong"`, `"$numberInt"`} {
		if bytes.Contains(head, []byte(word)) {
			return true
		}
	}
	return false
}

// plainJSON writes what MongoDB's Extended JSON says in plain JSON, and leaves out the ids that the database has given. What
// is broken stays as it is.
func plainJSON(raw []byte) []byte {
	var out bytes.Buffer
	d, e := stdjson.NewDecoder(bytes.NewReader(raw)), stdjson.NewEncoder(&out)
	d.UseNumber()
	e.SetEscapeHTML(false)
	for {
		var v any
		err := d.Decode(&v)
		if err == io.EOF {
			return out.Bytes()
		}
		if err != nil || e.Encode(plainValue(v)) != nil {
			return raw
		}
	}
}

func plainValue(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plainValue(v[i])
		}
	case map[string]any:
		for k, e := range v {
			if e = plainValue(e); e == objectID {
				delete(v, k)
				continue
			}
			if v[k] = e; len(v) == 1 {
				return scalar(v, k, e)
			}
		}
	}
	return v
}

// objectID stands for an id of the database's.
var objectID any = struct{}{}

// scalar is what object says, whose only member is of a type of MongoDB's.
func scalar(object map[string]any, kind string, v any) any {
	number, _ := v.(stdjson.Number)
	s, _ := v.(string)
	switch kind {
	case "$oid":
		return objectID
	case "$numberLong", "$numberInt":
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
		return v
	case "$date":
		if ms, err := number.Int64(); err == nil {
			return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
		}
		if ms, ok := v.(int64); ok {
			return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
		}
		return v
	case "$numberDouble", "$numberDecimal":
		return v
	}
	return object
}

// jsonColumnKind is a table, such as a database's export, that keeps each post whole in one cell, as JSON.
var jsonColumnKind = kind{name: "csv json", what: "a table with a column in which each post stands as JSON of a known form"}

// jsonTable is the table with that column, nil when no cell of the sample makes a post. A table of a known tool is none, and
// neither is one in which another column looks like the text.
func jsonTable(f *File, header []string, sample []sampled) *table {
	k, m, err := recognise(header, f.opt)
	if f.opt.Map["text"] != "" || err == nil && k != &genericKind {
		return nil
	}
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

package export

import (
	"bytes"
	stdjson "encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"stallwatch/collector"
	"stallwatch/collector/reddit"
	"stallwatch/collector/xweb"
)

// maxFlat is the longest object that is taken for a post of no known tool. Longer ones hold lists or maps of posts, if anything.
const maxFlat = 4 << 20

// flatten reads an object of maxFlat bytes at most into text cells, none of a longer one. Members of inner objects are named
// with a dot, to the third level; lists of plain values are joined with |. Numbers keep their digits.
func flatten(raw []byte) (map[string]string, []string, error) {
	if len(raw) > maxFlat {
		return nil, nil, nil
	}
	if !collector.Valid(raw) {
		return nil, nil, stdjson.Unmarshal(raw, new(map[string]any))
	}
	cells := map[string]string{}
	flattenInto(cells, "", raw, 0)
	names := make([]string, 0, len(cells))
	for n := range cells {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := strings.Count(a, ".") - strings.Count(b, "."); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return cells, names, nil
}

// flattenInto passes over what it does not look into, which is looked into by itself where it may hold posts: then it costs little
// that an object is flattened at each level of those around it.
func flattenInto(cells map[string]string, prefix string, object []byte, depth int) {
	collector.Members(object, func(key, v []byte) bool {
		name := string(key)
		if bytes.IndexByte(key, '\\') >= 0 || !utf8.Valid(key) {
			name = collector.Text(quoted(name))
		}
		switch full := prefix + name; {
		case isObject(v):
			if depth < 2 {
				flattenInto(cells, full+".", v, depth+1)
			}
		case isList(v):
			if cells[full] = joinList(v); cells[full] == "" && listsObjects(name) {
				cells[full] = string(v)
			}
		case v[0] == '"':
			cells[full] = collector.Text(v)
		case collector.IsNull(v):
			cells[full] = ""
		default:
			cells[full] = string(v)
		}
		return true
	})
}

// listsObjects tells whether lists of that name hold objects that are looked into later: see hashtags, links and relate.
func listsObjects(name string) bool {
	switch squash(name) {
	case "hashtags", "urls", "links", "outlinks", "referencedtweets", "referencedposts":
		return true
	}
	return false
}

func joinList(list []byte) string {
	var out []string
	collector.Elements(list, func(e []byte) bool {
		switch c := e[0]; {
		case c == '"':
			out = append(out, collector.Text(e))
		case c == '-' || '0' <= c && c <= '9':
			out = append(out, string(e))
		}
		return true
	})
	return strings.Join(out, "|")
}

// decodeMinetJSON reads twitwi's form as JSON.
func decodeMinetJSON(v *jsonValue) (collector.Batch, error) {
	cells, _, err := flatten(v.raw)
	if err != nil {
		return collector.Batch{}, err
	}
	p, err := minetPost(func(c string) string {
		if blank(cells[c]) {
			return ""
		}
		return cells[c]
	})
	return one(p, err)
}

// one is the batch of a value that is one post.
func one(p collector.Post, err error) (collector.Batch, error) {
	switch {
	case err != nil:
		return collector.Batch{}, err
	case p.Text == "":
		return collector.Skipped(collector.SkipNoText), nil
	case p.Platform == "reddit" && reddit.Removed(p.Text):
		return collector.Deleted(p.Platform, p.ID), nil
	}
	return collector.Batch{Posts: []collector.Post{p}}, nil
}

// decodeGenericJSON reads an object of no known tool, under the same guesses as a table. Objects with the columns of a
// known table (twint and others write both) are read as that.
func decodeGenericJSON(v *jsonValue) (collector.Batch, error) {
	f := v.file
	b, as, err := decodeGuessed(f, v.raw, f.opt)
	if err == nil && as == "" {
		return collector.Skipped(collector.SkipUnknown), nil
	}
	if as != "" && !strings.HasPrefix(as, "csv ") {
		v.format = as
	}
	return b, err
}

// decodeGuessed reads an object through the columns of a known tool, or guessed ones. as names the format, "" when there are none.
func decodeGuessed(f *File, raw []byte, opt Options) (b collector.Batch, as string, err error) {
	cells, names, err := flatten(raw)
	if err != nil {
		return b, "", err
	}
	if k := knownKind(names, opt.Map); k != nil {
		return jsonRow(f, k, cells, names), k.name, nil
	}
	m, err := guess(names, opt.Map)
	if err != nil {
		return b, "", err
	}
	if !m.usable() || m["author"]+m["handle"]+m["name"] == "" && isAnswer(m["text"], cells[m["text"]]) {
		return b, "", nil
	}
	if opt.Map["id"] == "" {
		m.ownOf(names, cells)
	}
	f.setMapping(m.words())
	b, err = one(row{m: m, columns: names, get: func(c string) string { return cells[c] }, opt: opt, tell: f.tell}.post())
	return b, "json generic", err
}

// isAnswer tells where a server says in a word how a request or a job went, which is no text: "status": "done". People write
// single words too, in messages.
func isAnswer(name, text string) bool {
	switch squash(name) {
	case "status":
		return !strings.Contains(text, " ")
	case "message":
		return slices.Contains([]string{"ok", "success", "successful", "succeeded", "done", "error", "failed", "failure", "unauthorized",
			"forbidden"}, strings.ToLower(text))
	}
	return false
}

// jsonRow reads an object whose members are the columns of a known table.
func jsonRow(f *File, k *kind, cells map[string]string, names []string) collector.Batch {
	t := &table{kind: k, header: names, file: f, index: map[string]int{}}
	fields := make([]string, len(names))
	for i, n := range names {
		t.index[n] = i
		fields[i] = cells[n]
	}
	return t.decode(nil, fields)
}

// decodeWebExporter reads twitter-web-exporter's JSON: the columns of its table, and where the user wanted it, the whole
// tweet as X sent it, which then is what counts.
func decodeWebExporter(v *jsonValue) (collector.Batch, error) {
	if raw := collector.Member(v.raw, "metadata"); len(raw) > 2 && raw[0] == '{' {
		if b, err := xweb.Decode(raw); err == nil {
			return b, nil
		}
	}
	cells, names, err := flatten(v.raw)
	if err != nil {
		return collector.Batch{}, err
	}
	return jsonRow(v.file, webExporterKind, cells, names), nil
}

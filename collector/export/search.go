package export

import (
	"bytes"
	"slices"
	"strings"

	"stallwatch/collector"
)

// search decodes what lies in an object of no known form: objects, lists and maps of objects, tables, and JSON written into
// strings. What holds no posts is left out; format is "" where nothing does. What X's lists say is deleted is not
// believed in there. empty tells that a list is empty in which posts would have been.
func (f *File) search(near *neighbours, o collector.Object, depth int) (res Result, empty bool) {
	var other Result                // accounts, say
	var seen map[collector.Ref]bool // nil for a long map: what is in it has one form
	if len(o) <= shownColumns {
		seen = map[collector.Ref]bool{}
	}
	add := func(value []byte) bool {
		try := f.scratch()
		one, _ := try.decodeOne(value, near, depth+1)
		switch {
		case len(one.Posts) > 0, isOfNetwork(one):
			res.take(one, seen)
		default:
			if one.gave() == 0 && slices.Contains(one.Skips, collector.Skip{Reason: collector.SkipUsers}) {
				other = one
			}
			return false
		}
		f.adopt(try)
		return true
	}
	if rows := rowsOf(o); rows != nil && add(listOf(rows)) {
		return res, false
	}
	id, isMap := own(o, "id"), isMap(o)
	for i := range o {
		key, value := string(o[i].Key), o[i].Value
		if isEncoded(value) {
			value = []byte(collector.Text(value))
		}
		switch {
		case isEmptyList(value):
			empty = empty || holdsPosts(key)
		case isList(value):
			add(value)
		case isObject(value) && isPerson(key): // what an account says of itself is no post
			try := f.scratch()
			if in, none := try.search(near, objectOf(value), depth+1); len(in.Posts) > 0 && depth < maxNested {
				res.take(in, seen)
				f.adopt(try)
			} else {
				empty = empty || none
			}
		case isObject(value):
			if isMap && isKey(key) && !fits(value, hasID) {
				value = withID(value, quoted(key))
			} else if id != nil && !fits(value, hasID) {
				value = withID(value, id)
			}
			add(value)
		}
	}
	if isMap && len(res.Posts) > 0 {
		for i := range o {
			if collector.IsNull(o[i].Value) { // one that was not found
				res.Skips = append(res.Skips, collector.Skip{Reason: collector.SkipUnknown})
			}
		}
	}
	if res.Format == "" {
		return other, empty
	}
	if at, err := parseDate(observedAt(o), ""); err == nil {
		for i := range res.Posts {
			if res.Posts[i].Observed.IsZero() {
				res.Posts[i].Observed = at
			}
		}
	}
	return res, false
}

// isOfNetwork tells whether something is in a network's form, also when it holds no post.
func isOfNetwork(r Result) bool {
	return r.settled() && slices.ContainsFunc(networks, func(n jsonFormat) bool { return n.name == r.Format })
}

// take adds the posts that an object has in one of its members, and leaves out those that another has in another form.
func (r *Result) take(o Result, seen map[collector.Ref]bool) {
	ref := func(p collector.Post) collector.Ref { return collector.Ref{Platform: p.Platform, ID: p.ID} }
	o.Posts = slices.DeleteFunc(o.Posts, func(p collector.Post) bool { return seen[ref(p)] })
	if seen != nil {
		for _, p := range o.Posts {
			seen[ref(p)] = true
		}
	}
	if r.Format == "" {
		*r = o
	} else {
		r.join(o)
	}
}

// scratch is a File to try something with: what it has to tell counts only once it is adopted.
func (f *File) scratch() *File { return &File{opt: f.opt} }

func (f *File) adopt(try *File) {
	f.ids.Add(try.ids.Load())
	f.roundIDs.Add(try.roundIDs.Load())
	f.floatIDs.Add(try.floatIDs.Load())
	f.missingIDs.Add(try.missingIDs.Load())
	f.localIDs.Add(try.localIDs.Load())
	f.bareIDs.Add(try.bareIDs.Load())
	f.otherDates.Add(try.otherDates.Load())
	f.rows.Add(try.rows.Load())
	f.noText.Add(try.noText.Load())
	for _, w := range try.warnings {
		f.warnOnce(w)
	}
	if try.mapping != "" {
		f.setMapping(try.mapping)
	}
}

// own is the plain value of the first member of an object that goes by a name of a field, nil when there is none.
func own(o collector.Object, name string) []byte {
	for e := range o {
		if v := o[e].Value; !isObject(v) && !isList(v) && !collector.IsNull(v) && isNameOf(name, string(o[e].Key)) {
			return v
		}
	}
	return nil
}

func hasID(o collector.Object) bool { return own(o, "id") != nil }

// observedAt is when a wrapper says that what is in it was read.
func observedAt(o collector.Object) string {
	for i := range o {
		switch squash(string(o[i].Key)) {
		case "retrievedat", "collectedat", "scrapedat", "fetchedat", "crawledat", "capturedat", "downloadedat", "harvestedat", "timestampcollected", "collectiontime", "observedat":
			return strings.Trim(string(o[i].Value), `"`)
		}
	}
	return ""
}

// isMap tells a map of objects by their keys from an object with members of several kinds.
func isMap(o collector.Object) bool {
	for i := range o {
		if !isObject(o[i].Value) && !collector.IsNull(o[i].Value) {
			return false
		}
	}
	return len(o) > 0
}

// isKey tells whether a key of a map may be an id: it is long and has a digit in it.
func isKey(key string) bool { return len(key) >= 8 && strings.ContainsAny(key, "0123456789") }

// isPerson tells members that say who somebody is.
func isPerson(key string) bool {
	switch squash(key) {
	case "user", "author", "account", "profile", "owner", "creator", "channel", "person":
		return true
	}
	return false
}

// holdsPosts tells whether posts lie in a list of that name.
func holdsPosts(key string) bool {
	switch squash(key) {
	case "data", "results", "items", "posts", "tweets", "statuses", "records", "messages", "comments", "hits", "edges", "entries", "list", "value", "rows", "docs", "feed":
		return true
	}
	return false
}

// withID puts an id, as JSON, before the members of an object.
func withID(doc, id []byte) []byte {
	if isEmptyObject(doc) {
		return doc
	}
	return slices.Concat([]byte(`{"id":`), id, []byte(","), doc[1:])
}

func isEmptyObject(v []byte) bool { return len(bytes.TrimSpace(v[1:len(v)-1])) == 0 }

func quoted(key string) []byte { return []byte(`"` + key + `"`) }

// objectOf are the members of an object, as far as they can be told apart.
func objectOf(v []byte) (o collector.Object) {
	fits(v, func(all collector.Object) bool { o = all; return true })
	return o
}

package export

import (
	"bytes"
	"slices"
	"strings"

	"stallwatch/collector"
)

// search decodes what lies in an object of no known form: objects, lists and maps of objects, tables, and JSON written into
// strings. What holds no posts is left out; Format is "" where nothing does. empty tells that a list is empty in which posts would
// have been.
func (f *File) search(near *neighbours, o collector.Object, depth int) (res Result, empty bool) {
	s := search{file: f, near: near, depth: depth}
	if len(o) <= shownColumns {
		s.seen = map[collector.Ref]bool{}
	}
	if rows := rowsOf(o); rows != nil && s.value("", listOf(rows)) {
		s.res.fill(about(o))
		return s.res, false
	}
	id, isMap := own(o, "id"), isMap(o)
	for i := range o {
		key, v := string(o[i].Key), o[i].Value
		if isEncoded(v) {
			v = []byte(collector.Text(v))
		}
		switch {
		case isEmptyList(v):
			s.empty = s.empty || holdsPosts(key)
		case isList(v):
			s.value(key, v)
		case isObject(v) && isPerson(key):
			s.person(v)
		case isObject(v):
			if isMap && isKey(key) && !fits(v, hasID) {
				v = withID(v, quoted(key))
			} else if id != nil && !fits(v, hasID) {
				v = withID(v, id)
			}
			s.value(key, v)
		}
	}
	if isMap && len(s.res.Posts) > 0 {
		for i := range o {
			if collector.IsNull(o[i].Value) { // one that was not found
				s.res.Skips = append(s.res.Skips, collector.Skip{Reason: collector.SkipUnknown})
			}
		}
	}
	if s.res.Format == "" {
		return s.other, s.empty
	}
	s.res.fill(about(o))
	return s.res, false
}

// search is what has been found in an object.
type search struct {
	file  *File
	near  *neighbours
	depth int
	res   Result                 // posts
	other Result                 // accounts, say
	seen  map[collector.Ref]bool // nil for a long map: what is in it has one form
	empty bool
}

// value looks into a member, and tells whether it holds posts.
func (s *search) value(key string, v []byte) bool {
	try := s.file.scratch()
	one, _ := try.decodeOne(v, s.near, s.depth+1)
	if len(one.Posts) == 0 && !isOfNetwork(one) {
		if one.gave() == 0 && slices.Contains(one.Skips, collector.Skip{Reason: collector.SkipUsers}) {
			s.other = one
		}
		return false
	}
	one.fill(wrapper{platform: networkName(key)})
	s.take(one, try)
	return true
}

// person looks into a member that says who somebody is: what an account says of itself is no post, what it holds may be.
func (s *search) person(v []byte) {
	if s.depth >= maxNested {
		return
	}
	try := s.file.scratch()
	in, empty := try.search(s.near, objectOf(v), s.depth+1)
	if len(in.Posts) > 0 {
		s.take(in, try)
		return
	}
	s.empty = s.empty || empty
}

// take adds the posts of a member, and leaves out those that another has in another form.
func (s *search) take(one Result, try *File) {
	ref := func(p collector.Post) collector.Ref { return collector.Ref{Platform: p.Platform, ID: p.ID} }
	one.Posts = slices.DeleteFunc(one.Posts, func(p collector.Post) bool { return s.seen[ref(p)] })
	if s.seen != nil {
		for _, p := range one.Posts {
			s.seen[ref(p)] = true
		}
	}
	if s.res.Format == "" {
		s.res = one
	} else {
		s.res.join(one)
	}
	s.file.adopt(try)
}

// isOfNetwork tells whether something is in a network's form, also when it holds no post.
func isOfNetwork(r Result) bool {
	return r.settled() && slices.ContainsFunc(networks, func(n jsonFormat) bool { return n.name == r.Format })
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
	case "data", "results", "items", "posts", "tweets", "statuses", "records", "messages", "comments", "hits", "edges", "entries", "list",
		"value", "rows", "docs", "feed":
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

package export

import (
	"bytes"
	"slices"

	"stallwatch/collector"
)

// decodeValue decodes a JSON value, which may have been written into a string.
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
	if len(res.Failures) > 0 && res.gave() == 0 {
		if sound := withoutNaN(raw); sound != nil {
			raw = sound
			res = f.decodeJSON(raw, v.near)
		}
	}
	f.tellUnknown(res.unknown(), raw)
	return res
}

// decodeUnnamed decodes an object of no known form: a post, or something around posts. Where it has a text of its own it is
// a post. Else what lies in it comes first, unless that is of no known form either and the id and the date stand outside.
func (f *File) decodeUnnamed(v *jsonValue, o collector.Object, depth int) Result {
	if isSentTo(o) {
		return Result{"private messages", collector.Skipped(collector.SkipPrivate)}
	}
	whole := func() Result { return f.with(&genericJSON, v) }
	says := ownText(o)
	switch {
	case says == saysSo && depth < maxNested:
		if res, ok := f.asSent(v.near, o); ok {
			return res
		}
		res := whole()
		switch {
		case len(res.Posts) > 0:
			f.comments(&res, v.near, o, depth)
		case own(o, "id") == nil || own(o, "date") == nil:
			if all := lifted(v.raw, o); all != nil {
				v.raw = all
				return whole()
			}
		}
		return res
	case says == saysSo || depth >= maxNested:
		return whole()
	}
	in, empty := f.search(v.near, o, depth)
	if says == saysNothing && (in.Format == "" || in.Format == genericJSON.name) && own(o, "id") != nil && own(o, "date") != nil {
		if res := whole(); res.gave() > 0 {
			return res
		}
	}
	if in.Format != "" {
		return in
	}
	res := whole()
	if says == mayBeAnswer && depth > 0 && res.Format == genericJSON.name && (own(o, "id") == nil || own(o, "date") == nil) {
		return Result{genericJSON.name, collector.Skipped(collector.SkipUnknown)}
	}
	if empty && res.gave() == 0 && len(res.Failures) == 0 {
		res.Batch = collector.Skipped(collector.SkipEmptyPage)
	}
	return res
}

// decodeMended decodes a value that could not be framed: it has failed, but the posts that lie in lists of a page that was cut are
// sound. What lies in a post that was cut is not that post.
func (f *File) decodeMended(v Value) Result {
	res := Result{Format: "broken"}
	if o := objectOf(v.mended); ownText(o) != saysSo {
		if in, _ := f.search(v.near, o, 0); len(in.Posts) > 0 {
			res = in
		}
	}
	res.Failures = append(res.Failures, collector.Failure{Err: v.Err})
	return res
}

// lifted is a post with the members of what tells of it put beside its own: {"text":…,"meta":{"id":…,"date":…}}, as programs for
// labelling and language models keep posts. It is nil where nothing tells of it.
func lifted(raw []byte, o collector.Object) (all []byte) {
	for _, e := range slices.Backward(o) {
		switch squash(string(e.Key)) {
		case "meta", "metadata", "attributes", "info", "properties":
			if v := e.Value; isObject(v) && !isEmptyObject(v) {
				all = append(append(all, ','), v[1:len(v)-1]...)
			}
		}
	}
	if all == nil {
		return nil
	}
	all[0] = '{'
	return append(append(all, ','), raw[1:]...)
}

// comments adds what others have written below a post.
func (f *File) comments(res *Result, near *neighbours, o collector.Object, depth int) {
	for i := range o {
		switch squash(string(o[i].Key)) {
		case "comments", "replies", "answers", "children", "commentsfull", "latestcomments":
			if v := o[i].Value; isList(v) || isList(collector.Member(v, "data")) {
				in, _ := f.search(near, o[i:i+1], depth)
				in.answer(res.Posts[0])
				res.join(in)
			}
		}
	}
}

// asSent finds in a post the same post as its network sent it, which says more: tweepy's _json, a member raw.
func (f *File) asSent(near *neighbours, o collector.Object) (res Result, ok bool) {
	for i := range o {
		if m := o[i].Value; isObject(m) {
			in := objectOf(m)
			res = f.decodeNamed(&jsonValue{raw: m, near: near, file: f}, in, bits(in))
			if len(res.Posts) == 1 && res.Posts[0].ID == bareID(string(own(o, "id"))) {
				return res, true
			}
		}
	}
	return res, false
}

// How an object says its own text.
type saying int

const (
	saysNothing saying = iota
	mayBeAnswer        // in a member that the answers of servers have too: status, message, …
	saysSo
)

// answerNames are the names of texts that the answers of servers have too.
var answerNames = []string{"status", "message", "comment", "desc", "sentence"}

// ownText tells whether an object has a text of its own, which JSON in a string is not.
func ownText(o collector.Object) (s saying) {
	for i := range o {
		if keyBit(o[i].Key)&(kText|kFullText|kContent) != 0 && isText(o[i].Value) && !isEncoded(o[i].Value) {
			return saysSo // without a closer look, as most do
		}
	}
	for i := range o {
		v := o[i].Value
		if !isText(v) || isEncoded(v) {
			continue
		}
		name := string(o[i].Key)
		switch {
		case slices.Contains(answerNames, squash(name)):
			s = max(s, mayBeAnswer)
		case isNameOf("text", name):
			return saysSo
		}
	}
	return s
}

// isEncoded tells whether a string is JSON.
func isEncoded(v []byte) bool {
	return bytes.HasPrefix(v, encoded) || bytes.HasPrefix(v, []byte(`"[{\"`))
}

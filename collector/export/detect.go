package export

import (
	"bytes"
	"fmt"
	"sync"

	"stallwatch/collector"
	"stallwatch/collector/xweb"
)

// keys is which of the keys that tell formats apart an object has at its top level.
type keys uint64

const (
	kData keys = 1 << iota
	kIncludes
	kMeta
	kErrors
	kTwarc
	kItemID
	kSourcePlatform
	kRestID
	kLegacy
	kCore
	kImportMeta
	kID
	kIDStr
	kAuthorID
	kText
	kFullText
	kCreatedAt
	kAuthor
	kUser
	kUsers
	kStatuses
	kStreamNotice
	kPostID
	kAction
	kSnscrapeType
	kDID
	kTimeUS
	kKind
	kURI
	kRecord
	kPosts
	kFeed
	kPost
	kAtProto // what Bluesky calls a member, and others too: it counts only where isAtProto agrees
	kOrderedItems
	kAccount
	kContent
	kMessages
	kChats
	kSubreddit
	kCreatedUTC
	kTitle
	kDetail
	kSource
	kIndex
	kTimestampUTC
	kUserScreenName
	kError
	kTypeName
	kReferenced
	kType
	kScreenName
	kAccounts
	kObject
	kPayload
	kSeq
	kTime
	kCommit
	kIdentity
	kStance
	kResult
	kAttributed
	kHAR
	kTimeline // data that is an answer of X's GraphQL; no key of its own
)

var keyBits = map[string]keys{
	"data": kData, "includes": kIncludes, "meta": kMeta, "errors": kErrors, "__twarc": kTwarc, "matching_rules": kTwarc,
	"item_id": kItemID, "source_platform": kSourcePlatform, "rest_id": kRestID, "legacy": kLegacy, "core": kCore, "__import_meta": kImportMeta,
	"id": kID, "id_str": kIDStr, "author_id": kAuthorID, "text": kText, "full_text": kFullText, "created_at": kCreatedAt, "author": kAuthor,
	"user": kUser, "users": kUsers, "statuses": kStatuses, "post_id": kPostID, "action": kAction, "_type": kSnscrapeType,
	"did": kDID, "time_us": kTimeUS, "kind": kKind, "uri": kURI, "record": kRecord, "posts": kPosts, "feed": kFeed, "post": kPost,
	"thread": kAtProto, "records": kAtProto, "value": kAtProto, "$type": kAtProto, "orderedItems": kOrderedItems, "account": kAccount, "content": kContent, "messages": kMessages, "chats": kChats,
	"subreddit": kSubreddit, "created_utc": kCreatedUTC, "title": kTitle, "detail": kDetail, "_source": kSource, "_index": kIndex,
	"timestamp_utc": kTimestampUTC, "user_screen_name": kUserScreenName, "error": kError, "__typename": kTypeName,
	"referenced_tweets": kReferenced, "referenced_posts": kReferenced, "type": kType, "screen_name": kScreenName, "stance": kStance, "result": kResult, "attributedTo": kAttributed, "accounts": kAccounts, "object": kObject,
	"payload": kPayload, "seq": kSeq, "time": kTime, "commit": kCommit, "identity": kIdentity, "startedDateTime": kHAR,
	"note_tweet": kReferenced, "note_post": kReferenced, "edit_history_tweet_ids": kReferenced, "edit_history_post_ids": kReferenced, "public_metrics": kReferenced,
	"delete": kStreamNotice, "limit": kStreamNotice, "scrub_geo": kStreamNotice, "status_withheld": kStreamNotice, "user_withheld": kStreamNotice,
	"disconnect": kStreamNotice, "warning": kStreamNotice,
}

func (k keys) all(want keys) bool { return k&want == want }
func (k keys) any(want keys) bool { return k&want != 0 }

// decodeJSON decodes one framed value, which may be several behind one another on a line, or an array of values.
func (f *File) decodeJSON(raw []byte, near *neighbours) Result {
	var res Result
	for {
		one, rest := f.decodeOne(raw, near, 0)
		if res.Format == "" {
			res = one
		} else {
			res.join(one)
		}
		if raw = trimJSON(rest); len(raw) == 0 {
			return res
		}
	}
}

func trimJSON(b []byte) []byte {
	for len(b) > 0 && (b[0] <= ' ' || b[0] == ',' || b[0] == ';') {
		b = b[1:]
	}
	return b
}

func (r *Result) join(o Result) {
	r.Posts = append(r.Posts, o.Posts...)
	r.Deletes = append(r.Deletes, o.Deletes...)
	r.Accounts = append(r.Accounts, o.Accounts...)
	r.Skips = append(r.Skips, o.Skips...)
	r.Failures = append(r.Failures, o.Failures...)
}

// objects are lists of members to be used again: no decoder keeps them.
var objects = sync.Pool{New: func() any { return &collector.Object{} }}

// decodeOne decodes the value that raw begins with and returns what follows it.
func (f *File) decodeOne(raw []byte, near *neighbours, depth int) (Result, []byte) {
	switch {
	case len(raw) > 0 && raw[0] == '[' && depth < maxArrays:
		return f.decodeArray(raw, near, depth)
	case len(raw) == 0 || raw[0] != '{':
		return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}, nil
	}
	members := objects.Get().(*collector.Object)
	defer objects.Put(members)
	var k keys
	obj, rest, ok := collector.ParseObject(raw, (*members)[:0])
	*members = obj
	for i := range obj {
		k |= keyBits[string(obj[i].Key)]
	}
	if !ok {
		obj, k = nil, 0
		var err error
		if rest, err = collector.Members(raw, func(key, _ []byte) bool {
			k |= keyBits[string(key)]
			return true
		}); err != nil {
			return Result{"json broken", failed(err)}, nil
		}
	}
	if k.any(kData) && !k.any(kIncludes|kMeta|kTwarc|kItemID|kID) && xweb.IsTimeline(obj.Get("data")) {
		k |= kTimeline
	}
	if k.any(kAtProto) && !isAtProto(obj) {
		k &^= kAtProto
	}
	value := raw[:len(raw)-len(rest)]
	if k.all(kIndex | kSource) {
		return f.decodeElastic(value), rest
	}
	for i := range jsonFormats {
		if d := &jsonFormats[i]; d.is(k) {
			return f.with(d, jsonValue{raw: value, obj: obj, near: near, file: f}), rest
		}
	}
	return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}, rest
}

// isAtProto tells whether an object is a thread, a list of records or a record of Bluesky's, and not only has a member named
// like one.
func isAtProto(obj collector.Object) bool {
	uri := []byte(`"at://`)
	return string(obj.Get("$type")) == `"app.bsky.feed.post"` || bytes.HasPrefix(obj.Get("uri"), uri) ||
		bytes.Contains(obj.Get("thread"), uri) || bytes.Contains(obj.Get("records"), uri)
}

func (f *File) with(d *jsonFormat, v jsonValue) Result {
	v.format = d.name
	b, err := d.decode(&v)
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Err: err})
	}
	return Result{v.format, b}
}

// maxArrays is how deep lists of lists are looked into.
const maxArrays = 8

func (f *File) decodeArray(raw []byte, near *neighbours, depth int) (Result, []byte) {
	res := Result{Format: "json array"}
	n := 0
	rest, err := collector.Elements(raw, func(el []byte) bool {
		one, tail := f.decodeOne(el, near, depth+1)
		if len(tail) > 0 {
			one.Failures = append(one.Failures, collector.Failure{Err: fmt.Errorf("%w: bytes after element %d", collector.ErrJSON, n)})
		}
		if n == 0 {
			res.Format = one.Format
		}
		res.join(one)
		n++
		return true
	})
	if err != nil {
		res.Failures = append(res.Failures, collector.Failure{Index: n, Err: err})
	} else if n == 0 {
		res = Result{"json empty", collector.Skipped(collector.SkipEmptyPage)}
	}
	return res, rest
}

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

// keyBit is the bit of a key as it is written. A switch is three times as fast as a map.
func keyBit(key []byte) keys {
	switch string(key) {
	case "data":
		return kData
	case "includes":
		return kIncludes
	case "meta":
		return kMeta
	case "errors":
		return kErrors
	case "__twarc", "matching_rules":
		return kTwarc
	case "item_id":
		return kItemID
	case "source_platform":
		return kSourcePlatform
	case "rest_id":
		return kRestID
	case "legacy":
		return kLegacy
	case "core":
		return kCore
	case "__import_meta":
		return kImportMeta
	case "id":
		return kID
	case "id_str":
		return kIDStr
	case "author_id":
		return kAuthorID
	case "text":
		return kText
	case "full_text":
		return kFullText
	case "created_at":
		return kCreatedAt
	case "author":
		return kAuthor
	case "user":
		return kUser
	case "users":
		return kUsers
	case "statuses":
		return kStatuses
	case "post_id":
		return kPostID
	case "action":
		return kAction
	case "_type":
		return kSnscrapeType
	case "did":
		return kDID
	case "time_us":
		return kTimeUS
	case "kind":
		return kKind
	case "uri":
		return kURI
	case "record":
		return kRecord
	case "posts":
		return kPosts
	case "feed":
		return kFeed
	case "post":
		return kPost
	case "thread", "records", "value", "$type":
		return kAtProto
	case "orderedItems":
		return kOrderedItems
	case "account":
		return kAccount
	case "content":
		return kContent
	case "messages":
		return kMessages
	case "chats":
		return kChats
	case "subreddit":
		return kSubreddit
	case "created_utc":
		return kCreatedUTC
	case "title":
		return kTitle
	case "detail":
		return kDetail
	case "_source":
		return kSource
	case "_index":
		return kIndex
	case "timestamp_utc":
		return kTimestampUTC
	case "user_screen_name":
		return kUserScreenName
	case "error":
		return kError
	case "__typename":
		return kTypeName
	case "referenced_tweets", "referenced_posts", "note_tweet", "note_post", "edit_history_tweet_ids", "edit_history_post_ids", "public_metrics":
		return kReferenced
	case "type":
		return kType
	case "screen_name":
		return kScreenName
	case "stance":
		return kStance
	case "result":
		return kResult
	case "attributedTo":
		return kAttributed
	case "accounts":
		return kAccounts
	case "object":
		return kObject
	case "payload":
		return kPayload
	case "seq":
		return kSeq
	case "time":
		return kTime
	case "commit":
		return kCommit
	case "identity":
		return kIdentity
	case "startedDateTime":
		return kHAR
	case "delete", "limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning":
		return kStreamNotice
	}
	return 0
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

// maxRoom is as many members as a room is kept for: a post has up to a hundred.
const maxRoom = 1 << 12

// room is what one value is decoded in, to be used again: no decoder keeps it.
type room struct {
	members collector.Object
	index   collector.Index
	value   jsonValue
}

var rooms = sync.Pool{New: func() any { return &room{} }}

func (r *room) leave() {
	r.value = jsonValue{}
	if cap(r.members) > maxRoom {
		r.members = nil
	}
	rooms.Put(r)
}

// decodeOne decodes the value that raw begins with and returns what follows it.
func (f *File) decodeOne(raw []byte, near *neighbours, depth int) (Result, []byte) {
	switch {
	case len(raw) > 0 && raw[0] == '[' && depth < maxArrays:
		return f.decodeArray(raw, near, depth)
	case len(raw) == 0 || raw[0] != '{':
		return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}, nil
	}
	at := rooms.Get().(*room)
	defer at.leave()
	var k keys
	obj, rest, err := collector.ParseObject(raw, at.members[:0], &at.index)
	at.members = obj
	for i := range obj {
		k |= keyBit(obj[i].Key)
	}
	if err != nil {
		many := err == collector.ErrMany
		obj, k = nil, 0
		if rest, err = collector.Members(raw, func(key, _ []byte) bool {
			k |= keyBit(key)
			return true
		}); err != nil {
			return Result{"json broken", failed(err)}, nil
		}
		if many {
			return Result{"json unknown", failed(collector.ErrMany)}, rest
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
			at.value = jsonValue{raw: value, obj: obj, index: &at.index, near: near, file: f}
			return f.with(d, &at.value), rest
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

func (f *File) with(d *jsonFormat, v *jsonValue) Result {
	v.format = d.name
	b, err := d.decode(v)
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

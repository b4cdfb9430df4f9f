package export

import (
	"fmt"
	"sync"

	"stallwatch/collector"
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
	kAtProto // what Bluesky calls a member, and others too
	kAccount
	kContent
	kMessages
	kChats
	kSubreddit
	kCreatedUTC
	kDetail
	kSource
	kIndex
	kUserScreenName
	kError
	kTypeName
	kReferenced
	kType
	kScreenName
	kObject
	kPayload
	kSeq
	kCommit
	kIdentity
	kStance
	kResult
	kAttributed
	kHAR
	kFollowers
	kOther // what only networks have: see networks
	kFlat  // what one post's form has in one line, and no API's
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
	case "detail":
		return kDetail
	case "_source":
		return kSource
	case "_index":
		return kIndex
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
	case "followers_count":
		return kFollowers
	case "username", "user_name", "user_id", "user_id_str", "handle", "date", "likes", "like_count", "permalink":
		return kFlat
	case "screen_name":
		return kScreenName
	case "stance":
		return kStance
	case "result":
		return kResult
	case "attributedTo", "orderedItems":
		return kAttributed
	case "object":
		return kObject
	case "payload":
		return kPayload
	case "seq":
		return kSeq
	case "commit":
		return kCommit
	case "identity":
		return kIdentity
	case "startedDateTime":
		return kHAR
	case "delete", "limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning":
		return kStreamNotice
	case "_", "@type", "peer_id", "update_id", "chat", "owner_id", "source_id", "snippet", "extractor_key", "participants", "media",
		"string_map_data", "text_post_app_text_posts", "shortcode", "node", "pubkey", "dm_conversation_id", "ChatHistory", "timestamp", "creation_timestamp", "created_time":
		return kOther
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
	texts   collector.Texts
	value   jsonValue
}

var rooms = sync.Pool{New: func() any { return &room{texts: collector.Texts{Piece: 4 << 10}} }}

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
	case len(raw) > 0 && raw[0] == '[' && depth < maxNested:
		return f.decodeArray(raw, near, depth)
	case isEncoded(raw) && depth < maxNested:
		res, _ := f.decodeOne([]byte(collector.Text(raw)), near, depth+1)
		return res, nil
	case len(raw) == 0 || raw[0] != '{':
		return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}, nil
	}
	at := rooms.Get().(*room)
	defer at.leave()
	v := &at.value
	obj, rest, err := collector.ParseObject(raw, at.members[:0], &at.index)
	if err == nil {
		v.obj = obj
	} else {
		many := err == collector.ErrMany
		obj = obj[:0]
		if rest, err = collector.Members(raw, func(key, value []byte) bool {
			obj = append(obj, collector.Entry{Key: key, Value: value})
			return true
		}); err != nil {
			return Result{"json broken", failed(err)}, nil
		}
		if many {
			return Result{"json unknown", failed(collector.ErrMany)}, rest
		}
	}
	at.members = obj
	v.raw, v.room, v.near, v.file = raw[:len(raw)-len(rest)], at, near, f
	return f.decodeObject(v, obj, depth), rest
}

// decodeObject decodes an object by the first format that makes something of it. What no format does may be a post of no
// known form, or hold posts; where that gives nothing either, what the first format said stands. What lies in a broken post
// is not that post.
func (f *File) decodeObject(v *jsonValue, o collector.Object, depth int) Result {
	k := bits(o)
	if k.all(kIndex | kSource) {
		return f.decodeElastic(v.raw, depth)
	}
	named := f.decodeNamed(v, o, k)
	if named.settled() {
		return named
	}
	if isTyped(o) {
		if plain := plainJSON(v.raw); !fits(plain, isTyped) {
			res, _ := f.decodeOne(plain, v.near, depth)
			return res
		}
	}
	if len(named.Failures) > 0 {
		depth = maxNested
	}
	res := f.decodeUnnamed(v, o, depth)
	if named.Format != "" && !res.settled() {
		return named
	}
	return res
}

// decodeNamed decodes an object of a known form. Where no format makes something of it the answer is that of the first, and
// has no Format where there is none.
func (f *File) decodeNamed(v *jsonValue, o collector.Object, k keys) (first Result) {
	for _, formats := range [...][]jsonFormat{jsonFormats, networks} {
		for i := range formats {
			d := &formats[i]
			if !d.is(k) || d.fits != nil && !d.fits(o) {
				continue
			}
			res := f.with(d, v)
			if res.settled() {
				return res
			}
			if first.Format == "" {
				first = res
			}
		}
	}
	return first
}

// settled tells whether a format can be believed that took a value: it has made something of it, or says what else it is.
func (r *Result) settled() bool {
	if r.gave() > 0 || r.Format == "" {
		return r.Format != ""
	}
	for _, s := range r.Skips {
		if s.Reason == collector.SkipUnknown || s.Reason == collector.SkipAPIError || s.Reason == collector.SkipEmptyPage {
			return false
		}
	}
	return len(r.Failures) == 0
}

func (f *File) with(d *jsonFormat, v *jsonValue) Result {
	v.format = d.name
	b, err := d.decode(v)
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Err: err})
	}
	return Result{v.format, b}
}

// maxNested is how deep values inside others are looked into.
const maxNested = 10

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

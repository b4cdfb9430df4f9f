package export

import (
	"bytes"
	"fmt"
	"slices"

	"stallwatch/collector"
	"stallwatch/collector/bluesky"
	"stallwatch/collector/mastodon"
	"stallwatch/collector/reddit"
	"stallwatch/collector/snscrape"
	"stallwatch/collector/telegram"
	"stallwatch/collector/twitterv1"
	"stallwatch/collector/xapi"
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
	kRules
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
	kExtended
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
	kContext
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
	kTweet
	kReferenced
	kType
	kConversation
	kAccounts
	kObject
)

var keyBits = map[string]keys{
	"data": kData, "includes": kIncludes, "meta": kMeta, "errors": kErrors, "__twarc": kTwarc, "matching_rules": kRules,
	"item_id": kItemID, "source_platform": kSourcePlatform, "rest_id": kRestID, "legacy": kLegacy, "core": kCore, "__import_meta": kImportMeta,
	"id": kID, "id_str": kIDStr, "author_id": kAuthorID, "text": kText, "full_text": kFullText, "created_at": kCreatedAt, "author": kAuthor,
	"user": kUser, "users": kUsers, "statuses": kStatuses, "extended_tweet": kExtended, "action": kAction, "_type": kSnscrapeType,
	"did": kDID, "time_us": kTimeUS, "kind": kKind, "uri": kURI, "record": kRecord, "posts": kPosts, "feed": kFeed, "post": kPost,
	"@context": kContext, "orderedItems": kOrderedItems, "account": kAccount, "content": kContent, "messages": kMessages, "chats": kChats,
	"subreddit": kSubreddit, "created_utc": kCreatedUTC, "title": kTitle, "detail": kDetail, "_source": kSource, "_index": kIndex,
	"timestamp_utc": kTimestampUTC, "user_screen_name": kUserScreenName, "error": kError, "tweet": kTweet,
	"referenced_tweets": kReferenced, "referenced_posts": kReferenced, "type": kType, "conversation_id": kConversation, "accounts": kAccounts, "object": kObject,
	"note_tweet": kReferenced, "note_post": kReferenced, "edit_history_tweet_ids": kReferenced, "edit_history_post_ids": kReferenced, "public_metrics": kReferenced,
	"delete": kStreamNotice, "limit": kStreamNotice, "scrub_geo": kStreamNotice, "status_withheld": kStreamNotice, "user_withheld": kStreamNotice,
	"disconnect": kStreamNotice, "warning": kStreamNotice,
}

func (k keys) all(want keys) bool { return k&want == want }
func (k keys) any(want keys) bool { return k&want != 0 }

// jsonFormat is one format of a JSON value. The first whose test answers yes decodes the value.
type jsonFormat struct {
	name, what, by string
	is             func(k keys) bool
	decode         func(f *File, near *neighbours, raw []byte) (collector.Batch, error)
}

// plain makes a decode of a decoder that needs nothing but the value.
func plain(d func([]byte) (collector.Batch, error)) func(*File, *neighbours, []byte) (collector.Batch, error) {
	return func(_ *File, _ *neighbours, raw []byte) (collector.Batch, error) { return d(raw) }
}

var jsonFormats = []jsonFormat{
	{"zeeschuimer", "a post caught in a browser by Zeeschuimer: X, Bluesky, Truth Social", "data, item_id and source_platform",
		func(k keys) bool { return k.all(kData | kItemID | kSourcePlatform) }, decodeZeeschuimer},
	{"x web", "a tweet of X's web client, as 4CAT keeps Zeeschuimer's catch", "rest_id or a GraphQL result beside legacy or core",
		func(k keys) bool { return k.any(kRestID) && k.any(kLegacy|kCore|kImportMeta) }, plain(xweb.Decode)},
	{"snscrape", "a line of snscrape, of any network", "_type",
		func(k keys) bool { return k.any(kSnscrapeType) && !k.any(kIndex) }, plain(snscrape.Decode)},
	{"bluesky jetstream", "an event of Bluesky's Jetstream", "did, time_us and kind",
		func(k keys) bool { return k.all(kDID | kTimeUS | kKind) }, plain(bluesky.Decode)},
	{"bluesky tap", "an event of Bluesky's Tap", "type and record",
		func(k keys) bool { return k.all(kType|kRecord) && !k.any(kURI) }, plain(bluesky.Decode)},
	{"bluesky", "a Bluesky post, a search page or a feed", "uri and record, or post, posts, feed around them",
		func(k keys) bool {
			return k.all(kURI|kRecord) || k.all(kPost) && !k.any(kText|kContent|kID) || k.any(kPosts|kFeed) && !k.any(kUsers|kText|kData)
		}, plain(bluesky.Decode)},
	{"mastodon", "a status of Mastodon or Truth Social, or a search page", "account, content and uri or created_at, or statuses beside accounts",
		func(k keys) bool {
			return k.all(kAccount|kCreatedAt) && k.any(kContent|kText) && k.any(kURI|kID) || k.all(kStatuses|kAccounts)
		}, plain(mastodon.Decode)},
	{"mastodon outbox", "the outbox.json of a Mastodon archive", "orderedItems, or @context with an object",
		func(k keys) bool { return k.any(kOrderedItems) || k.all(kContext|kObject|kType) }, plain(mastodon.Decode)},
	{"telegram", "result.json of Telegram Desktop", "messages and type, or chats",
		func(k keys) bool { return k.all(kMessages|kType) || k.any(kChats) && !k.any(kText) }, plain(telegram.Decode)},
	{"reddit pushshift", "a comment or submission of Pushshift's dumps", "subreddit and created_utc",
		func(k keys) bool { return k.all(kSubreddit | kCreatedUTC) }, plain(reddit.Decode)},
	{"x-api-v2 page", "a page of X API v2, as twarc2 and others save it", "data beside includes, meta, errors or __twarc",
		func(k keys) bool {
			return k.any(kData) && (k.any(kIncludes|kMeta|kErrors|kTwarc|kRules) || !k.any(kID|kIDStr))
		}, plain(xapi.Decode)},
	{"x-api-v2 flattened", "a tweet with what it refers to put inside it: twarc2 flatten", "id, text and an inlined author",
		func(k keys) bool { return k.all(kID|kAuthor|kText) && k.any(kAuthorID|kTwarc) }, plain(xapi.Decode)},
	{"x-api-v2 tweet", "a bare tweet of X API v2, such as academictwitteR's", "id, text and author_id or referenced_tweets",
		func(k keys) bool { return k.all(kID|kText) && k.any(kAuthorID|kReferenced) && !k.any(kIDStr|kUser) },
		func(_ *File, near *neighbours, raw []byte) (collector.Batch, error) {
			return xapi.DecodeWith(near.included(), raw)
		}},
	{"x-api-v1.1", "a status of X API v1.1 or of its streams", "id_str beside text or full_text, a page of statuses, or a stream notice",
		func(k keys) bool {
			return k.all(kIDStr|kText) || k.all(kIDStr|kFullText) || k.all(kUser|kText|kID|kCreatedAt) || k.all(kStatuses|kMeta) || k.any(kStatuses) && !k.any(kText) || k == kStreamNotice
		}, plain(twitterv1.Decode)},
	{"x compliance", "X's lists of what was deleted", "id, action and created_at",
		func(k keys) bool { return k.all(kID | kAction) }, plain(xapi.Decode)},
	{"minet json", "médialab's twitwi form of a tweet: gazouilloire, minet", "timestamp_utc and user_screen_name",
		func(k keys) bool { return k.all(kTimestampUTC | kUserScreenName) }, decodeMinetJSON},
	{"x-api error", "an error saved in place of a page", "errors, error, or title with detail, and no data",
		func(k keys) bool { return k.any(kErrors|kError) && !k.any(kText|kContent) || k.all(kTitle|kDetail) }, func(*File, *neighbours, []byte) (collector.Batch, error) {
			return collector.Skipped(collector.SkipAPIError), nil
		}},
	{"x-api-v2 empty page", "a page without results", "meta and nothing else",
		func(k keys) bool { return k == kMeta || k == kMeta|kTwarc }, plain(xapi.Decode)},
	{"x-api-v2 includes", "the accounts and referenced posts of a page, in a file of their own: academictwitteR's users_", "users at the top, no data",
		func(k keys) bool { return k.any(kUsers) && !k.any(kText|kData|kMessages|kStatuses) }, plain(xapi.Decode)},
	{"json generic", "any JSON objects with a text and an id or a date; the fields are guessed and shown", "nothing else fits",
		func(keys) bool { return true }, decodeGenericJSON},
}

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
	r.Skips = append(r.Skips, o.Skips...)
	r.Failures = append(r.Failures, o.Failures...)
}

// decodeOne decodes the value that raw begins with and returns what follows it.
func (f *File) decodeOne(raw []byte, near *neighbours, depth int) (Result, []byte) {
	switch {
	case len(raw) > 0 && raw[0] == '[' && depth < maxArrays:
		return f.decodeArray(raw, near, depth)
	case len(raw) == 0 || raw[0] != '{':
		return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}, nil
	}
	var k keys
	rest, err := collector.Members(raw, func(key, _ []byte) bool {
		k |= keyBits[string(key)]
		return true
	})
	if err != nil {
		return Result{"json broken", failed(err)}, nil
	}
	value := raw[:len(raw)-len(rest)]
	if k.all(kIndex | kSource) {
		return f.decodeElastic(value), rest
	}
	for i := range jsonFormats {
		if d := &jsonFormats[i]; d.is(k) {
			return f.with(d, near, value), rest
		}
	}
	return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}, rest
}

// decodeZeeschuimer decodes what Zeeschuimer has wrapped. It still calls X twitter.com.
func decodeZeeschuimer(f *File, _ *neighbours, raw []byte) (collector.Batch, error) {
	platform := string(bytes.Trim(collector.Member(raw, "source_platform"), `"`))
	data := collector.Member(raw, "data")
	switch platform {
	case "twitter.com", "x.com":
		if id := collector.Member(data, "rest_id"); id == nil && collector.Member(data, "id_str") != nil && collector.Member(data, "legacy") == nil {
			return twitterv1.Decode(data) // before GraphQL
		}
		return xweb.Decode(data)
	case "bsky.app":
		return bluesky.Decode(data)
	case "truthsocial.com", "gab.com":
		return mastodon.Decode(data)
	}
	f.warnOnce("Zeeschuimer's posts of " + collector.Clean(platform) + " are not read yet")
	return collector.Skipped(collector.SkipUnknown), nil
}

// decodeElastic decodes what a dump of Elasticsearch has wrapped: the document, with the id that the wrapping holds.
func (f *File) decodeElastic(raw []byte) Result {
	doc := bytes.TrimSpace(collector.Member(raw, "_source"))
	if len(doc) < 2 || doc[0] != '{' || collector.Member(doc, "_source") != nil {
		return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}
	}
	if id := collector.Member(raw, "_id"); id != nil && collector.Member(doc, "id") == nil && len(bytes.TrimSpace(doc[1:len(doc)-1])) > 0 {
		doc = slices.Concat([]byte(`{"id":`), id, []byte(","), doc[1:])
	}
	res, _ := f.decodeOne(doc, nil, 0)
	return res
}

func (f *File) with(d *jsonFormat, near *neighbours, value []byte) Result {
	b, err := d.decode(f, near, value)
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Err: err})
	}
	return Result{d.name, b}
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

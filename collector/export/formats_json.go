package export

import (
	"bytes"
	"slices"
	"time"

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

// jsonValue is one JSON object on its way to its decoder.
type jsonValue struct {
	raw  []byte
	obj  collector.Object // its members, where they are sound; nil where something inside is broken
	room *room            // with obj's index
	near *neighbours
	file *File

	format string // its format's name; a decoder may say it more closely
}

// jsonFormat is one format of a JSON value. A value is of the first whose tests agree and whose decoder makes something of it.
type jsonFormat struct {
	name, what, by string
	is             func(k keys) bool             // by the names of its members, which costs next to nothing
	fits           func(o collector.Object) bool // by what they hold, asked after is; nil: the names are enough
	decode         func(v *jsonValue) (collector.Batch, error)
}

// has makes a test for a member.
func has(name string) func(collector.Object) bool {
	return func(o collector.Object) bool { return o.Get(name) != nil }
}

// plain makes a decode of a decoder that needs nothing but the value.
func plain(d func([]byte) (collector.Batch, error)) func(*jsonValue) (collector.Batch, error) {
	return func(v *jsonValue) (collector.Batch, error) { return d(v.raw) }
}

// decodeV2 decodes a tweet or a page of them, without checking it again where its members are known.
func decodeV2(v *jsonValue) (collector.Batch, error) {
	if v.obj != nil {
		return xapi.DecodeObject(v.near.included(), &v.room.index, &v.room.texts), nil
	}
	return xapi.DecodeWith(v.near.included(), v.raw)
}

var jsonFormats = []jsonFormat{
	{"zeeschuimer", "a post caught in a browser by Zeeschuimer: X, Bluesky, Truth Social", "data, item_id and source_platform",
		func(k keys) bool { return k.all(kData | kItemID) }, has("source_platform"), decodeZeeschuimer},
	{"stallwatch json", "Stallwatch's own export of posts", "post_id, platform, kind and stance",
		func(k keys) bool { return k.all(kKind | kStance) }, has("post_id"), decodeOwnJSON},
	{"x web", "a tweet of X's web client, as 4CAT keeps Zeeschuimer's catch",
		"rest_id, legacy or a __typename of tweets, as X's GraphQL answers",
		func(k keys) bool {
			return k.any(kRestID) && k.any(kLegacy|kCore|kImportMeta|kTypeName) || k.any(kTypeName) && k.any(kLegacy|kResult|kCore|kImportMeta) ||
				k.any(kLegacy) && k.any(kType|kImportMeta) || k == kResult || k == kResult|kRestID
		}, isWebTweet, decodeXWeb},
	{"x web timeline", "an answer of X's web client as saved from a browser: a search, profile, list or thread",
		"data, or result as resellers of it answer, with a list of instructions or a tweetResult below it",
		func(k keys) bool { return k.any(kData|kResult) && !k.any(kIncludes|kMeta|kTwarc|kItemID|kID) },
		func(o collector.Object) bool {
			return xweb.IsTimeline(o.Get("data")) || xweb.IsTimeline(o.Get("result"))
		}, func(v *jsonValue) (collector.Batch, error) {
			if data := collector.Member(v.raw, "data"); data != nil {
				return xweb.DecodeTimeline(data), nil
			}
			return xweb.DecodeTimeline(collector.Member(v.raw, "result")), nil
		}},
	{"har", "a .har recording of a browser's network tab: X, Bluesky, Mastodon",
		"log with entries, each with startedDateTime, request and response",
		func(k keys) bool { return k.any(kHAR) }, nil, decodeHAR},
	{"twitter-web-exporter", "twitter-web-exporter's JSON", "full_text, screen_name and created_at beside id",
		func(k keys) bool { return k.all(kFullText|kScreenName|kCreatedAt|kID) && !k.any(kIDStr|kUser) }, nil, decodeWebExporter},
	{"snscrape", "a line of snscrape, of any network", "a _type of snscrape's",
		func(k keys) bool { return k.any(kSnscrapeType) }, func(o collector.Object) bool { return begins(o.Get("_type"), "snscrape.") },
		plain(snscrape.Decode)},
	{"bluesky jetstream", "an event of Bluesky's Jetstream", "a DID as did, time_us and kind",
		func(k keys) bool { return k.all(kDID|kTimeUS) && k.any(kKind|kType|kCommit) }, hasDID, plain(bluesky.Decode)},
	{"bluesky jetstream v2", "an event of Jetstream's second version, subscribeEvents",
		"payload with a $type such as #commit, or seq, did and time",
		func(k keys) bool {
			return k.all(kPayload) && !k.any(kText|kID|kData|kRecord) || k.all(kSeq|kDID) && !k.any(kText)
		}, isPayload, plain(bluesky.Decode)},
	{"bluesky tap", "an event of Bluesky's Tap", "type and a record or identity with a DID",
		func(k keys) bool {
			return k.all(kType|kRecord) && !k.any(kURI) || k.all(kType|kIdentity) && !k.any(kText)
		}, isTap, plain(bluesky.Decode)},
	{"bluesky", "a record of a post with its place, as collectors of Bluesky's firehose keep it",
		"did, rkey and a record of app.bsky.feed.post",
		func(k keys) bool { return k.all(kDID | kRecord) }, isRecord, func(v *jsonValue) (collector.Batch, error) {
			return bluesky.Decode(slices.Concat([]byte(`{"type":"record","record":{"collection":"app.bsky.feed.post",`), v.raw[1:], []byte("}")))
		}},
	{"bluesky", "a Bluesky post, a search page or a feed", "an at:// link as uri and record, or post, posts, feed around them",
		func(k keys) bool {
			return k.all(kURI|kRecord) || k.any(kPost|kPosts|kFeed)
		}, isViews, plain(bluesky.Decode)},
	{"bluesky", "Bluesky posts as a thread, a repository or a record of its own holds them",
		"thread, records or value with at:// links, or app.bsky.feed.post as its $type",
		func(k keys) bool { return k.any(kAtProto) }, isAtProto, decodeAtProto},
	{"mastodon", "a status of Mastodon or Truth Social, or a search page",
		"an account that is an object, content and uri or created_at, or statuses of this kind",
		func(k keys) bool {
			return k.all(kAccount|kCreatedAt) && k.any(kContent|kText) && k.any(kURI|kID)
		}, isMastodon, plain(mastodon.Decode)},
	{"mastodon", "pages of statuses, such as a search's, and what mastodon-archive keeps, without the statuses of others that were favoured", "statuses that are Mastodon's",
		func(k keys) bool { return k.any(kStatuses) && !k.any(kText) }, isMastodonPage, plain(mastodon.Decode)},
	{"mastodon stream", "a message of a stream of Mastodon's, as its WebSockets or server-sent events bring it",
		"an event of Mastodon's and its payload",
		func(k keys) bool { return k.any(kPayload) }, func(o collector.Object) bool {
			return among(o.Get("event"), "update", "status.update", "delete", "notification", "conversation", "filters_changed", "announcement",
				"announcement.reaction", "announcement.delete")
		}, plain(mastodon.Decode)},
	{"mastodon outbox", "the outbox.json of a Mastodon archive", "orderedItems, or an activity or note of it with links for ids",
		func(k keys) bool {
			return k.any(kAttributed) || k.all(kObject|kType) && !k.any(kText|kContent)
		}, isActivity, plain(mastodon.Decode)},
	{"telegram", "result.json of Telegram Desktop", "messages and a type of Telegram's, or chats",
		func(k keys) bool { return k.all(kMessages|kType) || k.any(kChats) && !k.any(kText) }, isTelegram, plain(telegram.Decode)},
	{"reddit pushshift", "a comment or submission of Pushshift's dumps", "subreddit and created_utc",
		func(k keys) bool { return k.all(kSubreddit | kCreatedUTC) }, func(o collector.Object) bool { return o.Get("dest") == nil }, plain(reddit.Decode)},
	{"x-api-v2 page", "a page of X API v2, as twarc2 and others save it", "data whose elements are its tweets, counts, accounts or notices",
		func(k keys) bool {
			return k.any(kData) && (k.any(kIncludes|kMeta|kErrors|kTwarc) || !k.any(kID|kIDStr))
		}, isV2Page, decodeV2},
	{"x-api-v2 flattened", "a tweet with what it refers to put inside it: twarc2 flatten", "id, text and an inlined author",
		func(k keys) bool { return k.all(kID|kAuthor|kText) && k.any(kAuthorID|kTwarc) }, isV2Flattened, decodeV2},
	{"x-api-v2 tweet", "a bare tweet of X API v2, such as academictwitteR's",
		"id, text and author_id or referenced_tweets, and no platform that is another", isV2,
		func(o collector.Object) bool {
			return saysText(o) && !ofOther(o) && idOfX(o, o.Get("referenced_tweets") != nil || o.Get("public_metrics") != nil ||
				o.Get("edit_history_tweet_ids") != nil)
		}, decodeV2},
	{"x-api-v1.1", "a status of X API v1.1 or of its streams", "id_str beside text or full_text, and a user that is an object", isV1,
		isStatus, plain(twitterv1.Decode)},
	{"x-api-v1.1", "a page of such statuses, as a search answers", "statuses of this kind",
		func(k keys) bool { return k.any(kStatuses) && !k.any(kText) }, isStatusPage, plain(twitterv1.Decode)},
	{"x-api-v1.1", "a notice of its streams", "delete, limit, … and nothing else",
		func(k keys) bool { return k == kStreamNotice }, isNotice, plain(twitterv1.Decode)},
	{"x-api-v1.1 user", "an account of X API v1.1: its last status, if it holds one, is the post",
		"screen_name and followers_count, and no text",
		func(k keys) bool { return k.all(kScreenName|kFollowers) && !k.any(kText|kFullText) }, nil, decodeUser},
	{"x compliance", "X's lists of what was deleted", "id, action, created_at, reason and nothing else",
		func(k keys) bool { return k.all(kID | kAction | kCreatedAt) }, isCompliance, decodeV2},
	{"minet json", "médialab's twitwi form of a tweet: gazouilloire, minet", "timestamp_utc and user_screen_name",
		func(k keys) bool { return k.any(kUserScreenName) }, has("timestamp_utc"), decodeMinetJSON},
	{"x-api error", "an error saved in place of a page", "errors or an error that say something, or title with detail and status, and no posts",
		func(k keys) bool { return k.any(kErrors|kError) && !k.any(kText|kContent) || k.any(kDetail) }, isError,
		func(*jsonValue) (collector.Batch, error) {
			return collector.Skipped(collector.SkipAPIError), nil
		}},
	{"x-api-v2 empty page", "a page without results", "a meta that counts results and nothing else",
		func(k keys) bool { return k.any(kMeta) }, isEmptyPage, decodeV2},
	{"x-api-v2 includes", "the accounts and referenced posts of a page, in a file of their own: academictwitteR's users_",
		"users at the top, no data",
		func(k keys) bool { return k.any(kUsers) && !k.any(kText|kData|kMessages|kStatuses) }, isIncludes, decodeV2},
}

// genericJSON is what is left.
var genericJSON = jsonFormat{name: "json generic", what: "any JSON objects with a text and an id or a date, also inside other objects, lists, maps, columns and strings; the fields are guessed and shown",
	by: "nothing else fits", decode: decodeGenericJSON}

// decodeUser decodes the last status of an account, which does not say whose it is.
func decodeUser(v *jsonValue) (collector.Batch, error) {
	status := collector.Member(v.raw, "status")
	if !isObject(status) || isEmptyObject(status) {
		return collector.Skipped(collector.SkipUsers), nil
	}
	return twitterv1.Decode(slices.Concat([]byte(`{"user":`), v.raw, []byte(","), status[1:]))
}

// decodeZeeschuimer decodes what Zeeschuimer has wrapped. It still calls X twitter.com.
func decodeZeeschuimer(v *jsonValue) (collector.Batch, error) {
	platform := collector.Text(collector.Member(v.raw, "source_platform"))
	data := collector.Member(v.raw, "data")
	var b collector.Batch
	var err error
	switch platform {
	case "twitter.com", "x.com", "twitter-comments":
		b, err = decodeTweet(data)
	case "bsky.app":
		b, err = bluesky.Decode(data)
	case "truthsocial.com", "gab.com":
		b, err = mastodon.Decode(data)
	default:
		return decodeOtherNetwork(v, platform, data)
	}
	return collected(b, v.raw), err
}

// decodeAtProto decodes Bluesky's threads and records. A record that has lost its place names neither itself nor its author.
func decodeAtProto(v *jsonValue) (collector.Batch, error) {
	if v.obj.Get("$type") == nil || v.obj.Get("uri") != nil {
		return bluesky.Decode(v.raw)
	}
	p, err := bluesky.DecodeRecord(v.raw)
	if err == nil && p.Text != "" {
		p.ID = contentID(p)
		v.file.tell(&idFault{faultMissing, ""})
	}
	return one(p, err)
}

// decodeXWeb decodes X's GraphQL as 4CAT keeps it, which puts what Zeeschuimer had wrapped it in inside.
func decodeXWeb(v *jsonValue) (collector.Batch, error) {
	b, err := decodeTweet(v.raw)
	return collected(b, collector.Member(v.raw, "__import_meta")), err
}

// decodeTweet decodes a tweet caught in a browser, of before GraphQL too.
func decodeTweet(raw []byte) (collector.Batch, error) {
	old, modern := false, false
	collector.Members(raw, func(key, _ []byte) bool {
		switch string(key) {
		case "id_str":
			old = true
		case "rest_id", "legacy", "result", "tweet", "__typename":
			modern = true
		}
		return true
	})
	if old && !modern {
		return twitterv1.Decode(raw)
	}
	return xweb.Decode(raw)
}

// collected dates posts by when Zeeschuimer caught them, as the wrapping says.
func collected(b collector.Batch, meta []byte) collector.Batch {
	if ms := collector.Count(collector.Member(meta, "timestamp_collected")).Ptr(); ms != nil && *ms > 1e12 {
		for i := range b.Posts {
			b.Posts[i].Observed = time.UnixMilli(*ms).UTC()
		}
	}
	return b
}

// decodeOtherNetwork tries what is generic on posts of the networks that no decoder is for (TikTok, Threads, Instagram, …).
func decodeOtherNetwork(v *jsonValue, platform string, data []byte) (collector.Batch, error) {
	opt := v.file.opt
	if opt.Platform == "" {
		opt.Platform = platformName(platform)
	}
	b, as, err := decodeGuessed(v.file, data, opt)
	if as == "" && err == nil {
		v.file.warnOnce("Zeeschuimer's posts of " + collector.Clean(platform) + " have no text that is recognised")
		return collector.Skipped(collector.SkipUnknown), nil
	}
	for i := range b.Posts {
		b.Posts[i].Platform = opt.Platform
	}
	return collected(b, v.raw), err
}

// decodeElastic decodes what a dump of Elasticsearch has wrapped: the document, with the id that the wrapping holds.
func (f *File) decodeElastic(raw []byte, depth int) Result {
	doc := bytes.TrimSpace(collector.Member(raw, "_source"))
	if len(doc) < 2 || doc[0] != '{' || collector.Member(doc, "_source") != nil {
		return Result{"json unknown", collector.Skipped(collector.SkipUnknown)}
	}
	if id := collector.Member(raw, "_id"); id != nil && collector.Member(doc, "id") == nil {
		doc = withID(doc, id)
	}
	res, _ := f.decodeOne(doc, nil, depth+1)
	return res
}

package export

import (
	"bytes"
	"slices"

	"stallwatch/collector"
	"stallwatch/collector/meta"
	"stallwatch/collector/nostr"
	"stallwatch/collector/reddit"
	"stallwatch/collector/telegram"
	"stallwatch/collector/vk"
	"stallwatch/collector/youtube"
)

// networks are formats of networks other than X, of which the members of an object say more by what they hold than by their names.
var networks = []jsonFormat{
	{"reddit listing", "what Reddit answers: a Listing, or comments inside one another", "kind, such as Listing or t3, and data",
		func(k keys) bool { return k.all(kKind | kData) }, func(o collector.Object) bool {
			return slices.Contains([]string{"Listing", "t1", "t2", "t3", "t5", "more"}, collector.Text(o.Get("kind"))) && isObject(o.Get("data"))
		}, plain(reddit.Decode)},
	{"telegram api", "Telegram's messages: of Telethon, 4CAT, Pyrogram, TDLib or the Bot API",
		"peer_id, chat, @type or update_id, beside what a message has",
		other, isMessage, plain(telegram.DecodeAPI)},
	{"vk", "posts and comments of VK's API: wall.get, newsfeed.search and others",
		"owner_id, source_id or peer_id, beside from_id, date and text",
		other, func(o collector.Object) bool {
			return with("date", "text")(o) && (o.Get("owner_id") != nil || o.Get("source_id") != nil || with("from_id", "peer_id")(o) &&
				!isObject(o.Get("peer_id")))
		}, plain(vk.Decode)},
	{"youtube", "comments, videos and search results of YouTube's Data API",
		"kind that begins with youtube#, or id, and a snippet with publishedAt or a comment",
		other, func(o collector.Object) bool {
			s := o.Get("snippet")
			return isObject(s) && (bytes.Contains(s, []byte(`"publishedAt"`)) || bytes.Contains(s, []byte(`"topLevelComment"`)))
		}, plain(youtube.Decode)},
	{"yt-dlp", "a video with its comments, or a list of videos, as yt-dlp's info.json holds them", "extractor_key beside id",
		other, with("extractor_key", "id"), plain(youtube.DecodeInfo)},
	{"meta download", "what Meta gives people of their own accounts, as JSON: posts and comments of Facebook, Instagram, Threads",
		"timestamp with data and title, media with creation_timestamp, or string_map_data",
		other, meta.IsEntry, decodeDownload},
	{"meta download", "the same of Threads alone", "text_post_app_text_posts", other, with("text_post_app_text_posts"), decodeThreads},
	{"private messages", "direct messages of X, Reddit and Signal, chats of TikTok and Slack, and any with a recipient: counted, and not brought in",
		"dm_conversation_id, ChatHistory, a recipient, or ts beside type, user and text",
		func(k keys) bool { return k.any(kOther) || k.all(kText|kUser|kType) }, isPrivate, decodePrivate},
	{"meta chat", "a chat of such a download, which is private", "participants and messages with sender_name",
		other, meta.IsChat, plain(meta.DecodeChat)},
	{"instagram web", "a post of Instagram's web page, as instaloader keeps it", "shortcode, or a node with one, and edge_media_to_caption",
		other, func(o collector.Object) bool {
			n := o.Get("node")
			return o.Get("shortcode") != nil && (o.Get("edge_media_to_caption") != nil || o.Get("taken_at_timestamp") != nil) || isObject(n) &&
				collector.Member(n, "shortcode") != nil
		}, plain(meta.DecodeNode)},
	{"facebook graph", "posts and comments of Facebook's Graph API", "created_time, id, and message or story",
		other, func(o collector.Object) bool {
			return with("created_time", "id")(o) && (o.Get("message") != nil || o.Get("story") != nil) && !isObject(o.Get("message"))
		}, plain(meta.DecodeObject)},
	{"lemmy", "posts and comments of Lemmy, as its API shows them", "post with ap_id, beside creator and comment or counts",
		func(k keys) bool { return k.any(kPost) }, func(o collector.Object) bool { return names(o.Get("post"), "ap_id") }, decodeGenericJSON},
	{"nostr", "events of Nostr's relays", "pubkey, kind, tags and content", other, with("pubkey", "kind", "tags", "content"),
		plain(nostr.Decode)},
}

// isPrivate tells talks between people from posts, by what their networks alone call them.
func isPrivate(o collector.Object) bool {
	return isText(o.Get("dm_conversation_id")) || isObject(o.Get("ChatHistory")) || isText(o.Get("ts")) &&
		among(o.Get("type"), "message") && isText(o.Get("user"))
}

// isSentTo tells a message to somebody in a form that no network is known by: a post is sent to nobody in particular.
func isSentTo(o collector.Object) bool {
	for i := range o {
		switch string(o[i].Key) {
		case "recipient", "recipient_id", "recipientId", "recipients", "Received Saved Chat History", "Sent Saved Chat History":
			return true
		case "dest": // of Reddit
			return o.Get("subject") != nil
		case "conversationId": // of Signal
			return among(o.Get("type"), "incoming", "outgoing")
		}
	}
	return false
}

// decodePrivate counts the messages of chats, or the one that the value is.
func decodePrivate(v *jsonValue) (collector.Batch, error) {
	b := collector.Batch{}
	count := func([]byte) bool {
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipPrivate})
		return true
	}
	history := collector.Member(v.raw, "ChatHistory")
	if history == nil {
		count(nil)
	}
	_, err := collector.Members(history, func(_, chat []byte) bool {
		collector.Elements(chat, count)
		return true
	})
	if len(b.Skips) == 0 && err == nil {
		return collector.Skipped(collector.SkipEmptyPage), nil
	}
	return b, nil
}

// other tells an object that has a member which no format of X has.
func other(k keys) bool { return k.any(kOther) }

// with tests for members.
func with(names ...string) func(o collector.Object) bool {
	return func(o collector.Object) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return o.Get(n) == nil })
	}
}

func isMessage(o collector.Object) bool {
	class, kind := o.Get("_"), o.Get("@type")
	switch {
	case o.Get("update_id") != nil:
		return true
	case isObject(o.Get("peer_id")) || isObject(o.Get("to_id")):
		return o.Get("id") != nil
	case isObject(o.Get("chat")):
		return o.Get("date") != nil && (o.Get("message_id") != nil || o.Get("id") != nil)
	case len(class) > 2 && class[0] == '"':
		return with("messages")(o) || with("id", "date")(o) || among(class, "MessageEmpty", "messageEmpty")
	}
	return len(kind) > 2 && kind[0] == '"' && (with("messages")(o) || with("chat_id", "content")(o))
}

// decodeDownload reads an entry of a download of Meta's, which has no id.
func decodeDownload(v *jsonValue) (collector.Batch, error) {
	b, err := meta.Decode(v.raw, false)
	return withoutIDs(v.file, b), err
}

// decodeThreads reads a download of Threads.
func decodeThreads(v *jsonValue) (collector.Batch, error) {
	b := each(collector.Member(v.raw, "text_post_app_text_posts"), func(el []byte) (collector.Batch, error) { return meta.Decode(el, true) })
	return withoutIDs(v.file, b), nil
}

// withoutIDs gives posts that have no id one that is made of what they say.
func withoutIDs(f *File, b collector.Batch) collector.Batch {
	for i := range b.Posts {
		b.Posts[i].ID = contentID(b.Posts[i])
		f.tell(&idFault{faultMissing, ""})
	}
	return b
}

// each decodes the elements of a list one by one.
func each(list []byte, decode func([]byte) (collector.Batch, error)) (b collector.Batch) {
	n := 0
	fail := func(err error) { b.Failures = append(b.Failures, collector.Failure{Index: n, Err: err}) }
	if _, err := collector.Elements(list, func(el []byte) bool {
		one, err := decode(el)
		b.Posts, b.Deletes, b.Skips, b.Failures = append(b.Posts, one.Posts...), append(b.Deletes, one.Deletes...),
			append(b.Skips, one.Skips...), append(b.Failures, one.Failures...)
		if err != nil {
			fail(err)
		}
		n++
		return true
	}); err != nil {
		fail(err)
	} else if n == 0 {
		return collector.Skipped(collector.SkipEmptyPage)
	}
	return b
}

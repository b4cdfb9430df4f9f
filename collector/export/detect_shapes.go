package export

import (
	"bytes"
	"regexp"
	"slices"

	"stallwatch/collector"
)

// What a member is called says little: everybody's posts, data and accounts are called so. The tests here look at what the
// members that decide hold, a little way in; they are asked only of values whose members have the right names.

func isObject(v []byte) bool { return len(v) > 0 && v[0] == '{' }
func isList(v []byte) bool   { return len(v) > 0 && v[0] == '[' }
func isText(v []byte) bool   { return len(v) > 2 && v[0] == '"' }

// begins tells whether a string begins with some words.
func begins(v []byte, words string) bool { return isText(v) && bytes.HasPrefix(v[1:], []byte(words)) }

// among tells whether a string is one of some words.
func among(v []byte, words ...string) bool {
	return isText(v) && slices.Contains(words, string(v[1:len(v)-1]))
}

// names tells whether an object has a member of one of some names.
func names(v []byte, any ...string) (found bool) {
	collector.Members(v, func(key, _ []byte) bool {
		found = slices.Contains(any, string(key))
		return !found
	})
	return found
}

// shownElements is how many elements of a list are looked at for what the list is of: the first may be broken, or stand for
// one that was not found.
const shownElements = 5

// listsSome tells whether v is a list of objects one of the first of which passes a test.
func listsSome(v []byte, test func(o collector.Object) bool) (found bool) {
	if !isList(v) {
		return false
	}
	n := 0
	collector.Elements(v, func(el []byte) bool {
		found = fits(el, test)
		n++
		return !found && n < shownElements
	})
	return found
}

// fits tells whether v is an object that passes a test.
func fits(v []byte, test func(o collector.Object) bool) bool {
	if !isObject(v) {
		return false
	}
	var o collector.Object
	collector.Members(v, func(key, value []byte) bool {
		o = append(o, collector.Entry{Key: key, Value: value})
		return len(o) < maxRoom
	})
	return test(o)
}

func isEmptyList(v []byte) bool {
	return isList(v) && len(bytes.TrimSpace(v[1:len(v)-1])) == 0
}

// isV2Tweet tells a tweet of X API v2 from others' posts by what only that has. Nothing but its default members is one too.
// Whoever has put counts, names and dates beside author_id has made a form of his own.
func isV2Tweet(o collector.Object) bool {
	k := bits(o)
	return idOfX(o, k.any(kReferenced)) && (isV2(k) || k.all(kID|kText) && !slices.ContainsFunc(o, func(e collector.Entry) bool {
		return !slices.Contains([]string{"id", "text", "created_at", "lang", "source", "entities", "attachments", "possibly_sensitive",
			"withheld", "geo"}, string(e.Key))
	}))
}

// idOfX tells whether a post's id can be one of X's: a number. Where nothing else is X's alone, it is no small one beside a date
// of later than such ids: everybody's posts have an id, a text and an author.
func idOfX(o collector.Object, sure bool) bool {
	id := o.Get("id_str")
	if id == nil {
		id = o.Get("id")
	}
	id = bytes.Trim(id, `"`)
	if len(bytes.Trim(id, "0123456789.eE+")) > 0 {
		return false
	}
	created := o.Get("created_at")
	return sure || len(id) > smallID || created != nil && !laterYear.Match(created)
}

// laterYear finds a year in which X's ids were long, at the beginning of a date or at its end.
var laterYear = regexp.MustCompile(`^"20(?:1[1-9]|[2-9]\d)-|20(?:1[1-9]|[2-9]\d)"$`)

func isV2(k keys) bool {
	return k.all(kID|kText) && (k.any(kReferenced) || k.any(kAuthorID) && !k.any(kFlat)) && !k.any(kIDStr|kUser)
}

// isV2Element tells whether something is an element of a page of X API v2, where counts, accounts and notices may stand for
// posts.
func isV2Element(o collector.Object) bool {
	has := func(name string) bool { return o.Get(name) != nil }
	return isV2Tweet(o) || has("start") && (has("tweet_count") || has("post_count")) || has("username") && has("name") && has("id") ||
		slices.ContainsFunc(o, func(e collector.Entry) bool {
			return slices.Contains(v2Notices, string(e.Key)) && isObject(e.Value)
		})
}

// v2Notices are what the compliance streams of X API v2 send in the place of a post.
var v2Notices = []string{"tweet_delete", "post_delete", "delete", "user_delete", "user_undelete", "user_suspend", "user_unsuspend",
	"user_protect", "user_unprotect",
	"tweet_withheld", "post_withheld", "user_withheld", "user_scrub_geo", "scrub_geo", "tweet_drop", "post_drop", "tweet_undrop",
	"post_undrop", "tweet_edit", "post_edit"}

func isV2Page(o collector.Object) bool {
	data := o.Get("data")
	switch {
	case isObject(data):
		return fits(data, isV2Element)
	case listsSome(data, isV2Element):
		return true
	}
	return (isEmptyList(data) || collector.IsNull(data)) && (names(o.Get("meta"), "result_count", "sent") || o.Get("includes") != nil ||
		o.Get("__twarc") != nil)
}

func isV2Flattened(o collector.Object) bool { return isObject(o.Get("author")) }

// isIncludes tells academictwitteR's file of accounts and referenced posts.
func isIncludes(o collector.Object) bool {
	if !listsSome(o.Get("users"), func(u collector.Object) bool { return u.Get("id") != nil && (len(u) == 1 || u.Get("username") != nil) }) {
		return false
	}
	for _, name := range []string{"tweets", "posts"} {
		if v := o.Get(name); v != nil && !isEmptyList(v) && !listsSome(v, isV2Tweet) {
			return false
		}
	}
	return true
}

// isCompliance tells a line of X's lists of what was deleted, by all that may stand in one.
func isCompliance(o collector.Object) bool {
	for i := range o {
		if !slices.Contains([]string{"id", "action", "created_at", "redacted_at", "reason"}, string(o[i].Key)) {
			return false
		}
	}
	reason := o.Get("reason")
	return o.Get("created_at") != nil && (!among(o.Get("action"), "delete") && isText(reason) ||
		among(reason, "deleted", "deactivated", "protected", "suspended"))
}

// isStatus tells a status of X API v1.1: who wrote it is an object.
func isStatus(o collector.Object) bool {
	user := o.Get("user")
	return saysText(o) && idOfX(o, o.Get("id_str") != nil && isObject(user)) &&
		(user == nil || collector.IsNull(user) || isObject(user) &&
			(bytes.Contains(user, []byte(`"id_str"`)) || bytes.Contains(user, []byte(`"screen_name"`)) || o.Get("id_str") != nil))
}

// saysText tells whether the text of a post is one, and no list or map of a table.
func saysText(o collector.Object) bool {
	is := func(v []byte) bool { return len(v) > 0 && v[0] == '"' }
	return is(o.Get("text")) || is(o.Get("full_text"))
}

// ofOther tells whether a post says that it is of another platform than X.
func ofOther(o collector.Object) bool {
	v := o.Get("platform")
	return isText(v) && platformName(collector.Text(v)) != "x"
}

// isStatusPage tells a page of such statuses.
func isStatusPage(o collector.Object) bool {
	statuses := o.Get("statuses")
	return isEmptyList(statuses) || listsSome(statuses, func(s collector.Object) bool { return isV1(bits(s)) && isStatus(s) })
}

// isV1 tells by its members what may be a status of X API v1.1. Whoever has put names and dates beside them has made a form of his own.
func isV1(k keys) bool {
	return k.any(kIDStr) && k.any(kText|kFullText) && (k.any(kUser) || !k.any(kFlat|kScreenName)) || k.all(kUser|kText|kID|kCreatedAt)
}

// isNotice tells the notices of the streams of X API v1.1.
func isNotice(o collector.Object) bool {
	return len(o) == 1 && (isObject(o[0].Value) && (string(o[0].Key) != "delete" || names(o[0].Value, "status")))
}

// isError tells an error that an API has answered with.
func isError(o collector.Object) bool {
	says := func(e collector.Object) bool {
		return e.Get("code") != nil || e.Get("message") != nil || e.Get("title") != nil || e.Get("detail") != nil
	}
	if e := o.Get("error"); isText(e) || fits(e, says) {
		return true
	}
	return listsSome(o.Get("errors"), says) || isText(o.Get("title")) && isText(o.Get("detail")) &&
		(o.Get("status") != nil || begins(o.Get("type"), "http") || begins(o.Get("type"), "about:"))
}

func isEmptyPage(o collector.Object) bool {
	return names(o.Get("meta"), "result_count") && (len(o) == 1 || len(o) == 2 && o.Get("__twarc") != nil)
}

// isWebTweet tells a tweet of X's web client.
func isWebTweet(o collector.Object) bool {
	return isObject(o.Get("legacy")) || begins(o.Get("__typename"), "Tweet") || isText(o.Get("rest_id")) && isObject(o.Get("core")) ||
		names(o.Get("result"), "rest_id", "legacy", "__typename")
}

// atLink is how the links of the AT protocol begin.
var atLink = []byte(`"at://`)

// isView tells a post of Bluesky's as its API shows it, or what holds one in its member post.
func isView(o collector.Object) bool {
	if post := o.Get("post"); isObject(post) {
		o = objectOf(post)
	}
	return bytes.HasPrefix(o.Get("uri"), atLink) && (isObject(o.Get("record")) || isObject(o.Get("value")) || o.Get("notFound") != nil ||
		o.Get("not_found") != nil || o.Get("blocked") != nil)
}

// isRecord tells a record of a post with the place that it has in a repository, as collectors of the firehose keep it.
func isRecord(o collector.Object) bool {
	return hasDID(o) && isText(o.Get("rkey")) && among(collector.Member(o.Get("record"), "$type"), "app.bsky.feed.post")
}

// isViews tells a page or a feed of Bluesky's.
func isViews(o collector.Object) bool {
	return isView(o) || listsSome(o.Get("posts"), isView) || listsSome(o.Get("feed"), isView)
}

// isAtProto tells whether an object is a thread, a list of records or a record of Bluesky's, and not only has a member named
// like one.
func isAtProto(o collector.Object) bool {
	return string(o.Get("$type")) == `"app.bsky.feed.post"` || bytes.HasPrefix(o.Get("uri"), atLink) ||
		bytes.Contains(o.Get("thread"), atLink) || bytes.Contains(o.Get("records"), atLink)
}

func hasDID(o collector.Object) bool { return begins(o.Get("did"), "did:") }

// isPayload tells an event of Jetstream's second version.
func isPayload(o collector.Object) bool {
	return hasDID(o) || begins(collector.Member(o.Get("payload"), "$type"), "#")
}

// isTap tells an event of Tap's.
func isTap(o collector.Object) bool {
	return fits(o.Get("record"), hasDID) || fits(o.Get("identity"), hasDID)
}

// isMastodon tells a status of Mastodon, whose account is an object.
func isMastodon(o collector.Object) bool {
	account := o.Get("account")
	return (names(account, "acct", "uri") || names(account, "username") &&
		(begins(o.Get("content"), "<") || begins(o.Get("content"), `\u003c`))) && (isText(o.Get("uri")) || isText(o.Get("id")))
}

func isMastodonPage(o collector.Object) bool {
	statuses := o.Get("statuses")
	return listsSome(statuses, isMastodon) || isEmptyList(statuses) && isList(o.Get("accounts"))
}

// isActivity tells an activity or a note of ActivityPub's, or the outbox they lie in.
func isActivity(o collector.Object) bool {
	if isList(o.Get("orderedItems")) || o.Get("content") != nil &&
		(begins(o.Get("attributedTo"), "http") || isText(o.Get("attributedTo")) && begins(o.Get("id"), "http")) {
		return true
	}
	object := o.Get("object")
	return among(o.Get("type"), "Create", "Update", "Announce", "Delete") &&
		(begins(object, "http") || begins(collector.Member(object, "id"), "http"))
}

// isTelegram tells a chat of Telegram's, or an account's chats.
func isTelegram(o collector.Object) bool {
	return isChatType(collector.Text(o.Get("type"))) || isObject(o.Get("chats"))
}

// isChatType tells whether a chat is of a type of Telegram's.
func isChatType(t string) bool {
	switch t {
	case "personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes", "private_group", "private_supergroup",
		"public_supergroup", "private_channel", "public_channel":
		return true
	}
	return false
}

package export

import (
	"cmp"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/mastodon"
)

// tool is a table whose columns mean what a mapping says, with what has to be put right afterwards.
func tool(platform string, m mapping, mend func(c cells, p *collector.Post)) func(*table, cells) (collector.Post, error) {
	return func(t *table, c cells) (collector.Post, error) {
		opt := t.file.opt
		if platform != "" {
			opt.Platform = platform
		}
		p, err := row{m: m, columns: t.header, get: c.get, opt: opt, tool: true, tell: t.file.tell}.post()
		if err == nil && p.Text != "" && mend != nil {
			mend(c, &p)
		}
		return p, err
	}
}

func yes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "1", "1.0", "t":
		return true
	}
	return false
}

// webExporterKind is what twitter-web-exporter writes, as a table or as JSON.
var webExporterKind = &kind{name: "csv twitter-web-exporter", what: "twitter-web-exporter",
	has: []string{"full_text", "screen_name", "profile_image_url", "favorite_count"},
	post: tool("x", mapping{"id": "id", "date": "created_at", "text": "full_text", "handle": "screen_name", "name": "name",
		"author": "user_id", "likes": "favorite_count", "reposts": "retweet_count",
		"replies": "reply_count", "quotes": "quote_count", "views": "views_count", "reply_to": "in_reply_to", "quoted": "quoted_status",
		"reposted": "retweeted_status", "url": "url"}, nil)}

var toolKinds = []kind{
	{name: "csv 4cat x", what: "4CAT: X posts of Zeeschuimer or of X API v2",
		has: []string{"thread_id", "unix_timestamp", "body", "is_retweet", "retweeted_user"},
		post: tool("x", mapping{"id": "id", "conversation": "thread_id", "date": "unix_timestamp", "text": "body", "handle": "author",
			"name": "author_fullname", "author": "author_id", "lang": "language_guess",
			"likes": "like_count", "reposts": "retweet_count", "replies": "reply_count", "quotes": "quote_count", "views": "impression_count",
			"quoted": "quote_tweet_id", "hashtags": "hashtags",
			"urls": "urls", "is_repost": "is_retweet", "is_quote": "is_quote_tweet", "is_reply": "is_reply"}, nil)},
	{name: "csv 4cat telegram", what: "4CAT: messages of Telegram", has: []string{"thread_id", "unix_timestamp", "body", "search_entity"},
		post: tool("telegram", mapping{"id": "id", "conversation": "thread_id", "date": "unix_timestamp", "text": "body", "author": "author",
			"handle": "author_username", "name": "author_name", "views": "views",
			"reposts": "forwards", "is_repost": "is_forward", "is_reply": "is_reply", "reply_to": "reply_to"}, ofThread)},
	{name: "csv 4cat", what: "4CAT: posts of another network; subject and body together",
		has: []string{"thread_id", "timestamp", "body", "author"},
		post: tool("", mapping{"id": "id", "conversation": "thread_id", "date": "timestamp", "title": "subject", "text": "body",
			"handle": "author", "url": "link"}, subject)},
	{name: "csv tcat", what: "DMI-TCAT", has: []string{"from_user_name", "from_user_realname", "text"},
		post: tool("x", mapping{"id": "id", "date": "time", "text": "text", "handle": "from_user_name", "name": "from_user_realname",
			"author": "from_user_id", "lang": "lang", "likes": "favorite_count",
			"reposts": "retweet_count", "reply_to": "in_reply_to_status_id", "quoted": "quoted_status_id", "reposted": "retweet_id",
			"hashtags": "hashtags"}, tcat)},
	{name: "csv twarc1", what: "twarc 1's json2csv", has: []string{"tweet_url", "parsed_created_at", "retweet_or_quote_id"},
		post: tool("x", mapping{"id": "id", "date": "parsed_created_at", "text": "text", "handle": "user_screen_name", "name": "user_name",
			"author": "user_id", "lang": "lang", "likes": "favorite_count",
			"reposts": "retweet_count", "reply_to": "in_reply_to_status_id", "hashtags": "hashtags", "urls": "urls", "url": "tweet_url",
			"type": "tweet_type", "other": "retweet_or_quote_id"}, nil)},
	{name: "csv rtweet", what: "rtweet's write_as_csv", has: []string{"status_id", "screen_name", "is_retweet", "is_quote", "text"},
		post: tool("x", mapping{"id": "status_id", "date": "created_at", "text": "text", "handle": "screen_name", "author": "user_id",
			"name": "name", "lang": "lang", "likes": "favorite_count", "reposts": "retweet_count",
			"reply_to": "reply_to_status_id", "quoted": "quoted_status_id", "reposted": "retweet_status_id", "hashtags": "hashtags",
			"urls": "urls_expanded_url", "is_repost": "is_retweet", "is_quote": "is_quote", "original": "retweet_text"}, rtweet)},
	*webExporterKind,
	{name: "csv twitter-web-exporter", what: "the same under the names it shows",
		has: []string{"Content", "Screen Name", "Profile Name", "RT Source"},
		post: tool("x", mapping{"id": "ID", "date": "Date", "text": "Content", "handle": "Screen Name", "name": "Profile Name",
			"author": "User ID", "likes": "Favorites", "reposts": "Retweets",
			"replies": "Replies", "quotes": "Quotes", "views": "Views", "reply_to": "Replying To", "quoted": "Quote Source",
			"reposted": "RT Source", "url": "URL"}, nil)},
	{name: "csv twint", what: "twint", has: []string{"conversation_id", "timezone", "tweet", "retweets_count"},
		post: tool("x", mapping{"id": "id", "clock": "created_at", "conversation": "conversation_id", "text": "tweet", "handle": "username",
			"author": "user_id", "name": "name", "lang": "language", "likes": "likes_count",
			"reposts": "retweets_count", "replies": "replies_count", "hashtags": "hashtags", "urls": "urls", "reposted": "retweet_id",
			"is_repost": "retweet", "quoted": "quote_url", "url": "link"}, twint)},
	oldTwintKind,
	sentiment140Kind,
	{name: "csv getoldtweets", what: "GetOldTweets", has: []string{"username", "date", "retweets", "favorites", "text", "geo", "mentions",
		"permalink"}, rejoin: rejoinOldTweets,
		post: tool("x", mapping{"id": "id", "date": "date", "text": "text", "handle": "username", "likes": "favorites", "reposts": "retweets",
			"hashtags": "hashtags", "url": "permalink"}, oldTweets)},
	{name: "csv social feed manager", what: "Social Feed Manager", has: []string{"sfm_id", "twitter_id", "twitter_url", "text"},
		post: tool("x", mapping{"id": "twitter_id", "url": "twitter_url", "date": "created_at", "text": "text", "handle": "screen_name",
			"reposts": "retweet_count", "hashtags": "hashtags",
			"urls": "url1_expanded", "is_repost": "is_retweet"}, nil)},
	{name: "csv bright data", what: "Bright Data's posts of X and other networks",
		has: []string{"id", "url", "user_posted", "date_posted", "description"},
		post: tool("", mapping{"id": "id", "url": "url", "date": "date_posted", "text": "description", "handle": "user_posted", "name": "name",
			"likes": "likes", "reposts": "reposts", "replies": "replies",
			"quotes": "quotes", "views": "views", "hashtags": "hashtags", "quoted": "quoted_post", "reply_to": "parent_post_details"}, brightData)},
	{name: "csv truth social", what: "archives of Truth Social",
		has: []string{"created_at", "replies_count", "reblogs_count", "favourites_count"},
		post: func(t *table, c cells) (collector.Post, error) {
			m := mapping{"id": "id", "date": "created_at", "text": "content", "handle": "username", "lang": "language",
				"likes": "favourites_count", "reposts": "reblogs_count", "replies": "replies_count", "url": "url", "is_repost": "is_reblog"}
			if _, ok := t.index["content_text"]; ok {
				m["text"] = "content_text"
			}
			if _, ok := t.index["id"]; !ok {
				m["id"] = "__index_level_0__" // pandas keeps an index under this name
			}
			platform := "truthsocial"
			if u := c.val("url"); u != "" && hostPlatform(u) != platform {
				platform = "mastodon" // whose names these columns are
			}
			return tool(platform, m, truth)(t, c)
		}},
}

// ofThread puts the channel before the number that a message has in it, as 4CAT does since 2022.
func ofThread(c cells, p *collector.Post) {
	for _, id := range []*string{&p.ID, &p.ReplyTo} {
		if *id != "" && strings.Trim(*id, "0123456789") == "" {
			*id = c.val("thread_id") + "-" + *id
		}
	}
}

// tcat takes the links as far as TCAT has followed them.
func tcat(c cells, p *collector.Post) {
	for _, u := range few(links(cmp.Or(c.val("urls_followed"), c.val("urls_expanded"), c.val("urls")))) {
		p.URLs = collector.AddURL(p.URLs, u)
	}
}

// subject puts the subject before the body, where a network has both.
func subject(c cells, p *collector.Post) {
	if s := collector.Unescape(c.val("subject")); s != "" && !strings.HasPrefix(p.Text, s) {
		p.Text = s + "\n\n" + p.Text
	}
}

// rtweet writes all ids with an x before them, and those of authors can be short.
func rtweet(_ cells, p *collector.Post) { p.Author.ID = strings.TrimPrefix(p.Author.ID, "x") }

// twint's times are those of the clock of the machine that ran it: the time is taken from the id, where one is in it.
func twint(_ cells, p *collector.Post) {
	if p.Kind == collector.Original && p.Conversation != "" && p.Conversation != p.ID {
		p.Kind = collector.Reply
	}
}

// brightData looks for the other posts where they are members of an object, as in its JSON.
func brightData(c cells, p *collector.Post) {
	p.Quoted = cmp.Or(p.Quoted, collector.Clean(c.val("quoted_post.data_id")))
	p.ReplyTo = cmp.Or(p.ReplyTo, collector.Clean(c.val("parent_post_details.post_id")))
	if p.Kind == collector.Original {
		p.SetKind()
	}
}

// rejoinOldTweets cuts a record of GetOldTweets, which quotes the text without doubling the quotes inside: four cells
// stand before it, five after it.
func rejoinOldTweets(raw []byte, fields []string) []string {
	all := strings.Split(string(trimEnd(raw)), ";")
	n := len(all)
	if n < 10 {
		return fields
	}
	text := strings.Join(all[4:n-5], ";")
	out := append(append(all[:4:4], text), all[n-5:]...)
	for i := range out {
		if c := out[i]; len(c) > 1 && c[0] == '"' && c[len(c)-1] == '"' {
			out[i] = c[1 : len(c)-1]
		}
	}
	return out
}

// oldTweets takes the author out of the link, because the column is often empty.
func oldTweets(c cells, p *collector.Post) {
	if p.Author.Handle == "" {
		if _, rest, ok := strings.Cut(c.val("permalink"), "twitter.com/"); ok {
			p.Author.Handle, _, _ = strings.Cut(rest, "/")
		}
	}
}

// truth makes text of HTML.
func truth(c cells, p *collector.Post) {
	if strings.Contains(p.Text, "<") {
		p.Text, p.URLs = mastodon.Plain(p.Text)
	}
	p.Permalink = ""
}

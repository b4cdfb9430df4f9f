package export

import (
	"encoding/json"
	"errors"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/bluesky"
)

// kinds are the tables that are recognised by name, more particular ones first.
var kinds = []kind{
	ownKind,
	{name: "csv twarc", what: "twarc-csv, from X API v2", has: []string{"referenced_tweets.retweeted.id", "__twarc.retrieved_at"},
		post: twarcPost},
	{name: "csv twarc counts", what: "twarc-csv of post counts: no posts", has: []string{"start", "end", "tweet_count"},
		skip: collector.SkipCounts},
	{name: "csv twarc counts", what: "the same under X's names of 2026", has: []string{"start", "end", "post_count"},
		skip: collector.SkipCounts},
	{name: "csv minet bluesky", what: "minet: Bluesky posts", has: []string{"timestamp_utc", "user_did", "text"}, last: true,
		post: minetBlueskyPost},
	{name: "csv minet", what: "minet, gazouilloire, twitwi: X posts", has: []string{"timestamp_utc", "local_time", "user_screen_name"},
		last: true,
		post: func(_ *table, c cells) (collector.Post, error) { return minetPost(c.val) }},
}

var errNoID = errors.New("no id, or one that a spreadsheet has damaged")

// twarcPost reads a row of twarc-csv. It writes line ends as the two characters \n, or with --json-encode-text every
// text cell as a JSON string; lists are JSON in either case. Where retweets were merged, text and counts are the
// original's.
func twarcPost(_ *table, c cells) (collector.Post, error) {
	encoded := strings.HasPrefix(c.get("id"), `"`)
	val := func(column string) string { return twarcCell(c.val(column), encoded) }
	p := collector.Post{
		Platform:     "x",
		Lang:         collector.Language(val("lang")),
		Kind:         collector.Original,
		ReplyTo:      val("referenced_tweets.replied_to.id"),
		Quoted:       val("referenced_tweets.quoted.id"),
		Reposted:     val("referenced_tweets.retweeted.id"),
		Conversation: val("conversation_id"),
		Author:       collector.Author{ID: val("author_id"), Handle: val("author.username"), Name: val("author.name")},
		Counts: counts(c.val, "public_metrics.like_count", "public_metrics.retweet_count", "public_metrics.reply_count",
			"public_metrics.quote_count", "public_metrics.impression_count"),
		URLs: jsonList(c.val("entities.urls")),
	}
	for _, tag := range jsonList(c.val("entities.hashtags")) {
		p.Hashtags = collector.AddHashtag(p.Hashtags, tag)
	}
	if err := setX(&p, val("id"), val("created_at")); err != nil {
		return p, err
	}
	if at, err := parseDate(val("__twarc.retrieved_at"), ""); err == nil {
		p.Observed = at
	}
	p.SetKind()
	p.Text = collector.Unescape(twarcCell(c.get("text"), encoded))
	p.TextTruncated = collector.MaybeCut(p.Text, p.CreatedAt)
	trimRepost(&p)
	return p, nil
}

func twarcCell(s string, encoded bool) string {
	if encoded {
		var v string
		if json.Unmarshal([]byte(s), &v) == nil {
			return collector.Clean(v)
		}
	}
	if strings.IndexByte(s, '\\') >= 0 {
		s = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\r`, "\n").Replace(s)
	}
	return collector.Clean(s)
}

// setX sets id, time and link of a post of X whose row must have a sound id.
func setX(p *collector.Post, id, date string) error {
	id, _ = cleanID(id, "")
	if p.ID = id; id == "" {
		return errNoID
	}
	p.Permalink = permalink(p.Platform, id)
	var w when
	w.at, w.zoned, w.err = readDate(date, "")
	return row{when: w}.date(p, id)
}

// trimRepost takes the announcement off a repost's text; a text that then still ends in an ellipsis is only the beginning.
func trimRepost(p *collector.Post) {
	if p.Kind != collector.Repost {
		return
	}
	rest, _, ok := collector.TrimRepost(p.Text)
	p.TextTruncated = p.TextTruncated || ok && collector.EndsCut(rest)
	p.Text = rest
}

// counts reads the five counts out of their columns; "" is none.
func counts(val func(string) string, likes, reposts, replies, quotes, views string) collector.Counts {
	n := func(c string) *int64 { return collector.ParseNumber(val(c)).Ptr() }
	return collector.Counts{Likes: n(likes), Reposts: n(reposts), Replies: n(replies), Quotes: n(quotes), Views: n(views)}
}

// jsonList reads a JSON list of strings out of a cell.
func jsonList(s string) (out []string) {
	if !strings.HasPrefix(s, "[") {
		return nil
	}
	var v []any
	if json.Unmarshal([]byte(s), &v) != nil {
		return nil
	}
	for _, e := range v {
		if s, ok := e.(string); ok {
			out = collector.AddURL(out, s)
		}
	}
	return out
}

// minetPost reads what médialab's tools make of a tweet, as a row or as JSON. local_time is the zone of some machine:
// timestamp_utc, often a float, is the time. They write reposts as "RT @name: " and the whole original, and put the post
// a quote repeats behind its own text in « ».
func minetPost(val func(string) string) (collector.Post, error) {
	p := collector.Post{
		Platform: "x",
		Text:     collector.Clean(val("text")), // twitwi has unescaped it
		Lang:     collector.Language(val("lang")),
		Kind:     collector.Original,
		ReplyTo:  integer(val("to_tweetid")),
		Quoted:   integer(val("quoted_id")),
		Reposted: integer(val("retweeted_id")),
		Author: collector.Author{ID: integer(val("user_id")), Handle: collector.Clean(val("user_screen_name")),
			Name: collector.Clean(val("user_name"))},
		Counts: counts(val, "like_count", "retweet_count", "reply_count", "quote_count", "impression_count"),
	}
	minetLists(&p, val)
	p.SetKind()
	if err := setX(&p, val("id"), val("timestamp_utc")); err != nil {
		return p, err
	}
	if at, err := parseDate(val("collection_time"), ""); err == nil {
		p.Observed = at // a clock without a zone, but the same one for all
	}
	p.TextTruncated = collector.MaybeCut(p.Text, p.CreatedAt)
	trimRepost(&p)
	p.Text = trimQuoted(p.Text, val("quoted_user"))
	return p, nil
}

func minetLists(p *collector.Post, val func(string) string) {
	for _, u := range strings.Split(val("links"), "|") {
		p.URLs = collector.AddURL(p.URLs, u)
	}
	for _, tag := range strings.Split(val("hashtags"), "|") {
		p.Hashtags = collector.AddHashtag(p.Hashtags, tag)
	}
}

func trimQuoted(text, user string) string {
	if user == "" || !strings.HasSuffix(text, "»") {
		return text
	}
	for _, opening := range []string{" « " + user + ": ", " « @" + user + ": "} {
		if i := strings.LastIndex(text, opening); i > 0 {
			return strings.TrimSpace(text[:i])
		}
	}
	return text
}

// minetBlueskyPost reads minet's rows of Bluesky posts. original_text is the post's own text, text has more around it.
func minetBlueskyPost(_ *table, c cells) (collector.Post, error) {
	p := collector.Post{
		Platform:     "bluesky",
		ID:           collector.Clean(c.val("uri")),
		Text:         collector.Clean(c.get("original_text")),
		Kind:         collector.Original,
		Lang:         collector.Clean(strings.Split(c.val("user_langs"), "|")[0]),
		ReplyTo:      collector.Clean(c.val("to_post_uri")),
		Quoted:       collector.Clean(c.val("quoted_uri")),
		Conversation: collector.Clean(c.val("to_root_post_uri")),
		Author: collector.Author{ID: collector.Clean(c.val("user_did")), Handle: collector.Clean(c.val("user_handle")),
			Name: collector.Clean(c.val("user_display_name"))},
		Counts: counts(c.val, "like_count", "repost_count", "reply_count", "quote_count", ""),
	}
	if p.ID == "" {
		return p, errNoID
	}
	if _, ok := c.t.index["original_text"]; !ok {
		p.Text = trimQuoted(collector.Clean(c.get("text")), c.val("quoted_user_handle"))
	}
	minetLists(&p, c.val)
	p.SetKind()
	p.Permalink = "https://bsky.app/profile/" + p.Author.ID + "/post/" + collector.Clean(c.val("did"))
	at, err := parseDate(c.val("timestamp_utc"), "")
	if err != nil { // the date is the client's and can be of any age; this one is the network's
		at, err = parseDate(c.val("indexed_at_utc"), "")
	}
	if inKey, ok := bluesky.KeyTime(p.ID); err != nil && ok {
		at, err = inKey, nil
	}
	p.CreatedAt = at
	return p, err
}

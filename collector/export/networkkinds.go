package export

import (
	"cmp"
	"maps"
	"regexp"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/mastodon"
	"stallwatch/collector/reddit"
)

// networkKinds are posts of networks other than X whose members need no more than a mapping: as JSON objects, or as tables of the same
// names.
var networkKinds = []kind{
	{name: "csv reddit", what: "comments or submissions of Reddit, as a table", has: []string{"subreddit", "created_utc"}, decode: reddit.Decode},
	{name: "tiktok research", what: "videos of TikTok's Research API", has: []string{"video_description", "create_time"},
		post: tool("tiktok", mapping{"id": "id", "date": "create_time", "text": "video_description", "handle": "username", "likes": "like_count", "reposts": "share_count", "replies": "comment_count",
			"views": "view_count", "hashtags": "hashtag_names"}, inText)},
	{name: "tiktok research", what: "comments of the same", has: []string{"video_id", "parent_comment_id", "create_time", "text"},
		post: tool("tiktok", mapping{"id": "id", "date": "create_time", "text": "text", "likes": "like_count", "replies": "reply_count", "conversation": "video_id", "reply_to": "parent_comment_id"}, inText)},
	{name: "tiktok web", what: "videos as TikTok's page holds them", has: []string{"desc", "createTime", "author.uniqueId"},
		post: tool("tiktok", mapping{"id": "id", "date": "createTime", "text": "desc", "handle": "author.uniqueId", "author": "author.id", "name": "author.nickname", "lang": "textLanguage", "likes": "stats.diggCount",
			"reposts": "stats.shareCount", "replies": "stats.commentCount", "views": "stats.playCount"}, inText)},
	{name: "tiktok scraper", what: "Apify's scrapers of TikTok", has: []string{"text", "createTimeISO", "authorMeta.name"},
		post: tool("tiktok", mapping{"id": "id", "date": "createTimeISO", "text": "text", "handle": "authorMeta.name", "author": "authorMeta.id", "name": "authorMeta.nickName", "lang": "textLanguage", "likes": "diggCount",
			"reposts": "shareCount", "replies": "commentCount", "views": "playCount"}, inText)},
	{name: "instagram scraper", what: "Apify's scrapers of Instagram", has: []string{"shortCode", "caption", "timestamp", "ownerUsername"},
		post: tool("instagram", mapping{"id": "id", "date": "timestamp", "text": "caption", "handle": "ownerUsername", "author": "ownerId", "name": "ownerFullName", "likes": "likesCount", "replies": "commentsCount",
			"views": "videoViewCount"}, instagram)},
	{name: "instagram graph", what: "posts of Instagram's Graph API", has: []string{"id", "caption", "media_type", "timestamp"},
		post: tool("instagram", mapping{"id": "id", "date": "timestamp", "text": "caption", "handle": "username", "author": "owner.id", "likes": "like_count", "replies": "comments_count"}, inText)},
	{name: "threads api", what: "posts of the API of Threads", has: []string{"id", "text", "permalink", "timestamp", "media_type"},
		post: tool("threads", mapping{"id": "id", "date": "timestamp", "text": "text", "handle": "username", "author": "owner.id", "likes": "like_count", "reply_to": "replied_to.id", "conversation": "root_post.id",
			"quoted": "quoted_post.id", "is_quote": "is_quote_post", "is_reply": "is_reply", "reposted": "reposted_post.id", "original": "reposted_post.text"}, inText)},
	{name: "crowdtangle", what: "posts of CrowdTangle's API", has: []string{"platformId", "postUrl", "date", "account.id"}, post: crowdTangle},
	{name: "meta content library", what: "posts of Meta's Content Library", has: []string{"id", "creation_time", "text", "post_owner.id"}, post: contentLibrary},
	{name: "facebook-scraper", what: "posts of facebook-scraper", has: []string{"post_id", "post_text", "text", "post_url"},
		post: tool("facebook", mapping{"id": "post_id", "date": "timestamp", "text": "text", "author": "user_id", "name": "username", "likes": "likes", "reposts": "shares", "replies": "comments", "observed": "fetched_time",
			"reposted": "shared_post_id", "urls": "link"}, func(c cells, p *collector.Post) {
			if p.Kind == collector.Repost && p.Text != c.val("shared_text") { // words of its own beside those it shares
				p.Kind, p.Quoted, p.Reposted = collector.Quote, p.Reposted, ""
			}
			inText(c, p)
		})},
	{name: "misskey", what: "notes of Misskey and its kin", has: []string{"createdAt", "userId", "visibility", "renoteCount"}, post: misskey},
	{name: "lemmy", what: "posts of Lemmy, as its API shows them", has: []string{"post.ap_id", "post.name", "post.published"}, post: lemmyPost},
	{name: "lemmy", what: "comments of the same", has: []string{"comment.ap_id", "comment.content", "post.ap_id"}, post: lemmyPost},
	{name: "hacker news", what: "stories and comments of Hacker News, as Algolia's search gives them", has: []string{"objectID", "created_at_i", "author"}, post: hackerNews},
	{name: "gettr", what: "posts of Gettr, as gogettr gets them", has: []string{"_id", "txt", "cdate", "uid"},
		post: tool("gettr", mapping{"id": "_id", "date": "cdate", "text": "txt", "author": "uid", "lang": "txt_lang", "likes": "lkbpst", "reposts": "shbpst", "replies": "cm", "hashtags": "htgs"}, inText)},
	{name: "parler", what: "posts of Parler", has: []string{"body", "creator", "createdAt", "upvotes"},
		post: tool("parler", mapping{"id": "id", "date": "createdAt", "text": "body", "author": "creator", "handle": "username", "likes": "upvotes", "reposts": "reposts", "replies": "comments", "views": "impressions",
			"hashtags": "hashtags", "urls": "urls"}, nil)},
	{name: "community notes", what: "X's Community Notes: what is written under posts, in answer to them", has: []string{"noteId", "tweetId", "summary", "createdAtMillis"},
		post: tool("communitynotes", mapping{"id": "noteId", "date": "createdAtMillis", "text": "summary", "author": "noteAuthorParticipantId", "conversation": "tweetId", "reply_to": "tweetId"}, inText)},
	{name: "facepager", what: "Facepager's nodes, of any network", has: []string{"object_id", "object_type", "query_type"}, post: facepager},
}

// inText takes hashtags and links out of the text, where the network lists none.
func inText(_ cells, p *collector.Post) { collector.AddFromText(p) }

func instagram(c cells, p *collector.Post) {
	p.Permalink = "https://www.instagram.com/p/" + collector.Clean(c.val("shortCode")) + "/"
	collector.AddFromText(p)
}

// crowdTangle reads posts of Facebook and Instagram. Of a post without words, what it links to or shows counts.
func crowdTangle(t *table, c cells) (collector.Post, error) {
	m := mapping{"id": "platformId", "date": "date", "text": "message", "author": "account.platformId", "handle": "account.handle", "name": "account.name", "lang": "languageCode", "platform": "platform",
		"likes": "statistics.actual.likeCount", "reposts": "statistics.actual.shareCount", "replies": "statistics.actual.commentCount", "urls": "link", "observed": "updated"}
	for _, column := range []string{"message", "description", "title", "imageText"} {
		if c.val(column) != "" {
			m["text"] = column
			break
		}
	}
	if c.val("statistics.actual.likeCount") == "" {
		m["likes"] = "statistics.actual.favoriteCount" // of Instagram
	}
	return tool("", m, inText)(t, c)
}

// contentLibrary reads posts of Facebook, which have a place where they stand, and of Instagram, which have none.
func contentLibrary(t *table, c cells) (collector.Post, error) {
	platform := t.file.opt.Platform
	if platform == "" {
		platform = "instagram"
		for column := range t.index {
			if strings.HasPrefix(column, "surface.") || column == "statistics.reaction_count" {
				platform = "facebook"
			}
		}
	}
	return tool(platform, mapping{"id": "id", "date": "creation_time", "text": "text", "author": "post_owner.id", "handle": "post_owner.username", "name": "post_owner.name", "lang": "lang",
		"likes": "statistics.like_count", "reposts": "statistics.share_count", "replies": "statistics.comment_count", "views": "statistics.views", "quoted": "shared_post_id", "urls": "link_attachment.link",
		"hashtags": "hashtags"}, inText)(t, c)
}

// misskey reads a note. One that has no words of its own repeats another.
func misskey(t *table, c cells) (collector.Post, error) {
	if v := c.val("visibility"); v == "specified" || v == "followers" {
		return collector.Post{}, skipped(collector.SkipPrivate)
	}
	own := strings.TrimSpace(c.val("cw") + "\n\n" + c.val("text"))
	m := mapping{"id": "id", "date": "createdAt", "text": "text", "author": "userId", "handle": "user.username", "name": "user.name", "reposts": "renoteCount", "replies": "repliesCount"}
	if own == "" {
		m["text"] = "renote.text"
	}
	return tool("misskey", m, func(c cells, p *collector.Post) {
		p.ReplyTo = collector.Clean(c.val("replyId"))
		if renote := collector.Clean(c.val("renoteId")); own != "" {
			p.Text, p.Quoted = collector.Clean(own), renote
		} else {
			p.Reposted = renote
		}
		p.SetKind()
		collector.AddFromText(p)
	})(t, c)
}

// lemmyPost reads a post or comment by its link, which is the same on every server.
func lemmyPost(t *table, c cells) (collector.Post, error) {
	m := mapping{"id": "post.ap_id", "date": "post.published", "text": "post.name", "author": "creator.actor_id", "handle": "creator.name", "likes": "counts.upvotes", "replies": "counts.comments", "urls": "post.url"}
	comment := c.val("comment.ap_id") != ""
	gone := "post."
	if comment {
		gone = "comment."
		maps.Copy(m, mapping{"id": "comment.ap_id", "date": "comment.published", "text": "comment.content", "replies": "counts.child_count", "urls": ""})
	}
	if yes(c.val(gone+"deleted")) || yes(c.val(gone+"removed")) {
		return collector.Post{}, skipped(collector.SkipDelete)
	}
	return tool("lemmy", m, func(c cells, p *collector.Post) {
		p.Conversation = collector.Clean(c.val("post.ap_id"))
		if p.Permalink = p.ID; comment {
			p.Kind, p.ReplyTo = collector.Reply, p.Conversation
		} else if body := collector.Clean(strings.TrimSpace(c.get("post.body"))); body != "" {
			p.Text += "\n\n" + body
		}
		collector.AddFromText(p)
	})(t, c)
}

// hackerNews reads a story or a comment, whose text is HTML.
func hackerNews(t *table, c cells) (collector.Post, error) {
	m := mapping{"id": "objectID", "date": "created_at_i", "text": "comment_text", "handle": "author", "likes": "points", "replies": "num_comments", "conversation": "story_id", "reply_to": "parent_id", "observed": "updated_at"}
	comment := c.val("comment_text") != ""
	if !comment {
		m["text"] = "title"
	}
	return tool("hackernews", m, func(c cells, p *collector.Post) {
		body := c.get("comment_text")
		if !comment {
			body = c.get("story_text")
			p.Kind, p.ReplyTo, p.Conversation = collector.Original, "", p.ID
			p.URLs = collector.AddURL(p.URLs, c.val("url"))
		}
		text, links := mastodon.Plain(strings.ReplaceAll(body, "<p>", "<br><br>"))
		if comment {
			p.Text = text
		} else if text != "" {
			p.Text += "\n\n" + text
		}
		for _, u := range few(links) {
			p.URLs = collector.AddURL(p.URLs, u)
		}
		p.Permalink = "https://news.ycombinator.com/item?id=" + p.ID
	})(t, c)
}

var graphID = regexp.MustCompile(`^\d+_\d+$`)

// facepager reads a node by the columns that whoever made the file has chosen. Nodes that only carry others have no text.
func facepager(t *table, c cells) (collector.Post, error) {
	if kind := c.val("object_type"); kind == "seed" || kind == "header" || kind == "offcut" {
		return collector.Post{}, skipped(collector.SkipHeader)
	}
	m, err := guess(t.header, nil)
	if err != nil {
		return collector.Post{}, err
	}
	m["id"] = "object_id"
	if squash(m["reply_to"]) == "parentid" { // of the node
		delete(m, "reply_to")
	}
	delete(m, "type")
	platform := t.file.opt.Platform
	if platform == "" && (strings.HasPrefix(c.val("query_type"), "Facebook") || graphID.MatchString(c.val("object_id"))) {
		platform = "facebook"
	}
	if name, _, ok := strings.Cut(c.val("query_type"), ":"); ok && platform == "" {
		platform = platformName(cmp.Or(map[string]string{"Twitter": "x", "YouTube": "youtube"}[name], name))
	}
	return tool(platform, m, nil)(t, c)
}

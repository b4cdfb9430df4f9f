package export

import (
	"cmp"
	"maps"
	"regexp"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/mastodon"
)

// aReply makes the post an answer. To what, only what it lies in can say.
func aReply(_ cells, p *collector.Post) {
	p.Kind = collector.Reply
	collector.AddFromText(p)
}

// inText takes hashtags and links out of the text, where the network lists none.
func inText(_ cells, p *collector.Post) { collector.AddFromText(p) }

// either is a tool for posts whose text stands in the first of some columns that says something.
func either(
	platform string, m mapping, mend func(c cells, p *collector.Post), columns ...string,
) func(*table, cells) (collector.Post, error) {
	return func(t *table, c cells) (collector.Post, error) {
		m := maps.Clone(m)
		for _, column := range columns {
			if c.val(column) != "" {
				m["text"] = column
				break
			}
		}
		return tool(platform, m, mend)(t, c)
	}
}

// ofTitle puts a video's description behind its title.
func ofTitle(description string) func(c cells, p *collector.Post) {
	return func(c cells, p *collector.Post) {
		if d := collector.Clean(strings.TrimSpace(c.get(description))); d != "" {
			p.Text += "\n\n" + d
		}
		p.Conversation, p.Permalink = p.ID, "https://www.youtube.com/watch?v="+p.ID
		collector.AddFromText(p)
	}
}

// ofVideo relates a comment on YouTube: the id of one that answers another begins with that one's. What they answer else, the
// table does not say.
func ofVideo(c cells, p *collector.Post) {
	p.Kind = collector.Reply
	if first, _, ok := strings.Cut(p.ID, "."); ok {
		p.ReplyTo = first
	}
	if video := collector.Clean(c.val("videoId")); video != "" {
		p.Conversation, p.Permalink = video, "https://www.youtube.com/watch?v="+video+"&lc="+p.ID
		p.ReplyTo = cmp.Or(p.ReplyTo, video)
	}
	collector.AddFromText(p)
}

func instagram(c cells, p *collector.Post) {
	p.Permalink = "https://www.instagram.com/p/" + collector.Clean(c.val("shortCode")) + "/"
	collector.AddFromText(p)
}

// instagramApp reads a post by its number, which the id has before its author's.
func instagramApp(t *table, c cells) (collector.Post, error) {
	platform := cmp.Or(t.file.opt.Platform, "instagram")
	for column := range t.index {
		if strings.HasPrefix(column, "text_post_app_info.") {
			platform = cmp.Or(t.file.opt.Platform, "threads")
		}
	}
	m := mapping{"id": "pk", "date": "taken_at", "text": "caption.text", "handle": "user.username", "author": "user.pk",
		"name": "user.full_name", "likes": "like_count", "reposts": "text_post_app_info.repost_count",
		"replies": "comment_count", "quotes": "text_post_app_info.quote_count", "views": "play_count", "is_reply": "text_post_app_info.is_reply"}
	if c.val("pk") == "" {
		m["id"] = cmp.Or(map[bool]string{true: "id"}[c.val("id") != ""], "code")
	}
	if platform == "threads" {
		m["replies"] = "text_post_app_info.direct_reply_count"
	}
	return tool(platform, m, func(c cells, p *collector.Post) {
		if p.ID, _, _ = strings.Cut(p.ID, "_"); platform == "instagram" {
			p.Permalink = "https://www.instagram.com/p/" + collector.Clean(c.val("code")) + "/"
		}
		collector.AddFromText(p)
	})(t, c)
}

// crowdTangle reads posts of Facebook and Instagram. Of a post without words, what it links to or shows counts.
func crowdTangle(t *table, c cells) (collector.Post, error) {
	m := mapping{"id": "platformId", "date": "date", "text": "message", "author": "account.platformId", "handle": "account.handle",
		"name": "account.name", "lang": "languageCode", "platform": "platform",
		"likes": "statistics.actual.likeCount", "reposts": "statistics.actual.shareCount", "replies": "statistics.actual.commentCount",
		"urls": "link", "observed": "updated"}
	if c.val("statistics.actual.likeCount") == "" {
		m["likes"] = "statistics.actual.favoriteCount" // of Instagram
	}
	return either("", m, inText, "message", "description", "title", "imageText")(t, c)
}

// postPath finds what a link to Facebook or Instagram calls the post.
var postPath = regexp.MustCompile(`facebook\.com/(\d+)/posts/(\d+)|instagram\.com/(?:p|reel|tv)/([\w-]+)`)

// crowdTangleTable reads the columns that CrowdTangle shows. The post's id stands in its link, as the API gives it.
func crowdTangleTable(t *table, c cells) (collector.Post, error) {
	m := mapping{"date": "Post Created", "text": "Message", "handle": "User Name", "name": "Page Name", "author": "Facebook Id",
		"likes": "Likes", "reposts": "Shares", "replies": "Comments", "views": "Views", "url": "URL", "urls": "Link"}
	for _, column := range []string{"Message", "Description", "Link Text", "Image Text"} {
		if c.val(column) != "" {
			m["text"] = column
			break
		}
	}
	link := postPath.FindStringSubmatch(c.val("URL"))
	if link == nil {
		return tool("", m, inText)(t, c)
	}
	m["id"] = "id of the link"
	return row{m: m, opt: t.file.opt, tool: true, tell: t.file.tell, get: func(column string) string {
		switch {
		case column != "id of the link":
			return c.get(column)
		case link[3] != "":
			return link[3]
		}
		return link[1] + "_" + link[2]
	}}.post()
}

// takeout reads a comment of what Google gives people of their own accounts, whose text stands in parts of JSON.
func takeout(t *table, c cells) (collector.Post, error) {
	m := mapping{"id": "Comment ID", "date": "Comment create timestamp", "text": "Comment text", "author": "Channel ID"}
	return tool("youtube", m, func(c cells, p *collector.Post) {
		var s strings.Builder
		for _, part := range textPart.FindAllString(c.get("Comment text"), -1) {
			s.WriteString(collector.Text([]byte(strings.TrimSpace(strings.SplitN(part, ":", 2)[1]))))
		}
		if s.Len() > 0 {
			p.Text = strings.TrimSpace(s.String())
		}
		p.Conversation = collector.Clean(c.val("Video ID"))
		p.Kind, p.ReplyTo = collector.Reply, collector.Clean(cmp.Or(c.val("Parent comment ID"), c.val("Video ID")))
		p.Permalink = "https://www.youtube.com/watch?v=" + p.Conversation + "&lc=" + p.ID
		collector.AddFromText(p)
	})(t, c)
}

var textPart = regexp.MustCompile(`"text"\s*:\s*"(?:[^"\\]|\\.)*"`)

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
	return tool(platform, mapping{"id": "id", "date": "creation_time", "text": "text", "author": "post_owner.id",
		"handle": "post_owner.username", "name": "post_owner.name", "lang": "lang",
		"likes": "statistics.like_count", "reposts": "statistics.share_count", "replies": "statistics.comment_count",
		"views": "statistics.views", "quoted": "shared_post_id", "urls": "link_attachment.link",
		"hashtags": "hashtags"}, inText)(t, c)
}

// misskey reads a note. One that has no words of its own repeats another.
func misskey(t *table, c cells) (collector.Post, error) {
	if v := c.val("visibility"); v == "specified" || v == "followers" {
		return collector.Post{}, skipped(collector.SkipPrivate)
	}
	own := strings.TrimSpace(c.val("cw") + "\n\n" + c.val("text"))
	m := mapping{"id": "id", "date": "createdAt", "text": "text", "author": "userId", "handle": "user.username", "name": "user.name",
		"reposts": "renoteCount", "replies": "repliesCount"}
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
	m := mapping{"id": "post.ap_id", "date": "post.published", "text": "post.name", "author": "creator.actor_id", "handle": "creator.name",
		"likes": "counts.upvotes", "replies": "counts.comments", "urls": "post.url"}
	comment := c.val("comment.ap_id") != ""
	gone := "post."
	if comment {
		gone = "comment."
		maps.Copy(m, mapping{"id": "comment.ap_id", "date": "comment.published", "text": "comment.content", "replies": "counts.child_count",
			"urls": ""})
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
	m := mapping{"id": "objectID", "date": "created_at_i", "text": "comment_text", "handle": "author", "likes": "points",
		"replies": "num_comments", "conversation": "story_id", "reply_to": "parent_id", "observed": "updated_at"}
	comment, body := c.val("comment_text") != "", "story_text"
	if c.val("by") != "" {
		m = mapping{"id": "id", "date": "time", "text": "text", "handle": "by", "likes": "score", "replies": "descendants", "reply_to": "parent"}
		comment, body = c.val("type") == "comment", "text"
	}
	if comment {
		body = m["text"]
	} else if c.val("title") != "" {
		m["text"] = "title"
	}
	return tool("hackernews", m, func(c cells, p *collector.Post) {
		text, links := mastodon.Plain(strings.ReplaceAll(c.get(body), "<p>", "<br><br>"))
		if comment {
			p.Text = text
		} else {
			p.Kind, p.ReplyTo, p.Conversation = collector.Original, "", p.ID
			p.URLs = collector.AddURL(p.URLs, c.val("url"))
			if text != "" && text != p.Text {
				p.Text += "\n\n" + text
			}
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
	id, kind, query := cmp.Or(c.val("object_id"), c.val("Object ID")), cmp.Or(c.val("object_type"), c.val("Object Type")),
		cmp.Or(c.val("query_type"), c.val("Query Type"))
	if kind == "seed" || kind == "header" || kind == "offcut" {
		return collector.Post{}, skipped(collector.SkipHeader)
	}
	m, err := guess(t.header, nil)
	if err != nil {
		return collector.Post{}, err
	}
	if m["id"] = "object_id"; c.val("object_id") == "" {
		m["id"] = "Object ID"
	}
	if squash(m["reply_to"]) == "parentid" { // of the node
		delete(m, "reply_to")
	}
	delete(m, "type")
	platform := t.file.opt.Platform
	if platform == "" && (strings.HasPrefix(query, "Facebook") || graphID.MatchString(id)) {
		platform = "facebook"
	}
	if name, _, ok := strings.Cut(query, ":"); ok && platform == "" {
		platform = platformName(cmp.Or(map[string]string{"Twitter": "x", "YouTube": "youtube"}[name], name))
	}
	return tool(platform, m, nil)(t, c)
}

package export

import (
	"cmp"
	"regexp"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/reddit"
)

// redditLink finds a submission in a link, and a comment on it.
var redditLink = regexp.MustCompile(`/comments/([a-z0-9]+)(?:/[^/?#\s]*/([a-z0-9]+))?`)

// redditOwn is an id that Reddit has given: others number their rows, or what is in a thread.
var redditOwn = regexp.MustCompile(`^t[13]_(?:[a-z0-9]*[a-z][a-z0-9]*|\d{6,})$`)

var redditID = regexp.MustCompile(`^(?:t[13]_)?[a-z0-9]{1,10}$`)

// ofReddit makes a post of a table of comments or submissions what it is in Pushshift's dumps: with Reddit's own ids, and a
// submission's title before its text.
func (r row) ofReddit(p *collector.Post) {
	title, link := collector.Unescape(r.cell("title")), redditLink.FindStringSubmatch(r.cell("url"))
	if link == nil {
		link = []string{"", "", ""}
	}
	if !redditID.MatchString(p.ID) { // of a monitor
		p.ID = ""
	}
	comment := strings.HasPrefix(p.ID, "t1_") || link[2] != "" && !strings.HasPrefix(p.ID, "t3_")
	if strings.EqualFold(title, "comment") && link[1] == "" { // what tables of both have for one
		title, comment = "", true
	}
	if !comment && !strings.HasPrefix(p.ID, "t3_") && title == "" {
		comment = r.cell("reply_to") != "" || p.Conversation != "" && p.Conversation != p.ID || r.m["title"] == "" &&
			!strings.Contains(squash(r.m["text"]), "title") && !parents[squash(r.m["id"])]
	}
	if reddit.Removed(p.Author.Handle) {
		p.Author = collector.Author{}
	}
	id := p.ID
	if comment {
		p.ID, p.Kind = reddit.Named("t1_", cmp.Or(id, link[2])), collector.Reply
		if p.Conversation = reddit.Named("t3_", cmp.Or(p.Conversation, link[1])); p.Conversation == "t3_" {
			p.Conversation = ""
		}
		if parent := r.cell("reply_to"); p.ReplyTo == "" && parent != "" && !strings.Contains(parent, "/") {
			p.ReplyTo = reddit.Named("t1_", parent)
		} else if p.ReplyTo == "" {
			p.ReplyTo = p.Conversation
		}
	} else {
		p.ID, p.Kind, p.ReplyTo = reddit.Named("t3_", cmp.Or(id, link[1])), collector.Original, ""
		p.Conversation = p.ID
		if title != p.Text && title != "" && !reddit.Removed(p.Text) && !strings.HasPrefix(p.Text, title+"\n") {
			p.Text = title + "\n\n" + p.Text
		}
		if u := r.cell("url"); link[1] == "" && strings.HasPrefix(u, "http") {
			p.URLs = collector.AddURL(p.URLs, u)
		}
	}
	if len(p.ID) <= len("t1_") {
		if p.ID = ""; !comment {
			p.Conversation = ""
		}
		return
	}
	p.Permalink = reddit.Link(p)
}

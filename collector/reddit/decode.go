// Package reddit reads comments and submissions as Pushshift's dumps hold them.
package reddit

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"stallwatch/collector"
)

// thing is a comment (body) or a submission (title, selftext).
type thing struct {
	ID           string           `json:"id"`
	Author       string           `json:"author"`
	AuthorName   string           `json:"author_fullname"`
	Created      collector.Number `json:"created_utc"` // a number, and in some years a string
	Body         *string          `json:"body"`
	Title        string           `json:"title"`
	SelfText     string           `json:"selftext"`
	URL          string           `json:"url"`
	IsSelf       bool             `json:"is_self"`
	ParentID     string           `json:"parent_id"`
	LinkID       string           `json:"link_id"`
	Permalink    string           `json:"permalink"`
	Subreddit    string           `json:"subreddit"`
	Score        collector.Number `json:"score"`
	CommentCount collector.Number `json:"num_comments"`
	RetrievedOn  collector.Number `json:"retrieved_on"`
	RetrievedUTC collector.Number `json:"retrieved_utc"`
	Edited       collector.Number `json:"edited"` // Unix time, or false
}

// Decode reads one line. The error is for a line that is no sound JSON object, or a thing without id or time.
func Decode(raw []byte) (collector.Batch, error) {
	var t thing
	if err := collector.Unmarshal(raw, &t); err != nil {
		return collector.Batch{}, fmt.Errorf("reddit: %w", err)
	}
	p, err := t.post()
	switch {
	case err != nil:
		return collector.Batch{}, fmt.Errorf("reddit: %w", err)
	case removed(p.Text) || t.Body == nil && removed(t.SelfText):
		return collector.Deleted("reddit", p.ID), nil
	case p.Text == "":
		return collector.Skipped(collector.SkipNoText), nil
	}
	return collector.Batch{Posts: []collector.Post{p}}, nil
}

// removed tells whether Reddit has put a word in place of a text that is gone.
func removed(s string) bool { return s == "[deleted]" || s == "[removed]" }

func (t *thing) post() (collector.Post, error) {
	seconds := t.Created.Ptr()
	switch {
	case t.ID == "":
		return collector.Post{}, errors.New("no id")
	case seconds == nil:
		return collector.Post{}, fmt.Errorf("%.40q has no created_utc", t.ID)
	}
	p := collector.Post{
		Platform:  "reddit",
		CreatedAt: time.Unix(*seconds, 0).UTC(),
		Author:    collector.Author{ID: collector.Clean(t.AuthorName), Handle: collector.Clean(t.Author)},
		Counts:    collector.Counts{Likes: t.Score.Ptr(), Replies: t.CommentCount.Ptr()},
	}
	if removed(t.Author) {
		p.Author = collector.Author{}
	}
	if t.Body != nil {
		p.ID, p.Kind, p.ReplyTo, p.Conversation = named("t1_", t.ID), collector.Reply, collector.Clean(t.ParentID), collector.Clean(t.LinkID)
		p.Text = strings.TrimSpace(collector.Unescape(*t.Body))
	} else {
		p.ID, p.Kind, p.Conversation = named("t3_", t.ID), collector.Original, named("t3_", t.ID)
		p.Text = strings.TrimSpace(collector.Unescape(t.Title + "\n\n" + t.SelfText))
		if !t.IsSelf && strings.HasPrefix(t.URL, "http") {
			p.URLs = collector.AddURL(nil, collector.Unescape(t.URL))
		}
	}
	p.Permalink, p.Observed = t.link(&p), t.observed()
	return p, nil
}

// observed is when the dump's maker fetched the thing. Where that is not said, an edit was made before.
func (t *thing) observed() time.Time {
	for _, n := range []collector.Number{t.RetrievedUTC, t.RetrievedOn, t.Edited} {
		if s := n.Ptr(); s != nil && *s > 1e9 {
			return time.Unix(*s, 0).UTC()
		}
	}
	return time.Time{}
}

// named is an id with the prefix that tells comments from submissions.
func named(prefix, id string) string { return prefix + strings.TrimPrefix(collector.Clean(id), prefix) }

func (t *thing) link(p *collector.Post) string {
	switch {
	case strings.HasPrefix(t.Permalink, "/"):
		return "https://www.reddit.com" + collector.Clean(t.Permalink)
	case t.Body != nil && t.LinkID != "":
		return "https://www.reddit.com/comments/" + strings.TrimPrefix(p.Conversation, "t3_") + "/_/" + strings.TrimPrefix(p.ID, "t1_") + "/"
	case t.Body == nil:
		return "https://www.reddit.com/comments/" + strings.TrimPrefix(p.ID, "t3_") + "/"
	}
	return ""
}

package xarchive

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"stallwatch/collector"
)

// tweet is a post of an archive. Its numbers are strings.
type tweet struct {
	IDStr     string           `json:"id_str"`
	ID        string           `json:"id"`
	FullText  string           `json:"full_text"`
	Text      string           `json:"text"`
	CreatedAt string           `json:"created_at"`
	Lang      string           `json:"lang"`
	ReplyTo   string           `json:"in_reply_to_status_id_str"`
	Likes     collector.Number `json:"favorite_count"`
	Reposts   collector.Number `json:"retweet_count"`
	EditInfo  struct {
		Initial edits `json:"initial"`
		Edit    struct {
			Initial edits `json:"editControlInitial"`
		} `json:"edit"`
	} `json:"edit_info"`
	Entities struct {
		Hashtags []struct {
			Text string `json:"text"`
		} `json:"hashtags"`
		URLs []struct {
			Expanded string `json:"expanded_url"`
		} `json:"urls"`
	} `json:"entities"`
}

type edits struct {
	IDs []string `json:"editTweetIds"`
}

// Decode reads one element of a file of the kind that Kind found. The error is for an element that is no sound JSON
// object, or a post without id or time. Whatever is no post of the owner is a skip.
func (a *Archive) Decode(kind string, raw []byte) (collector.Batch, error) {
	switch kind {
	case "tweet", "tweets", "community_tweet", "community_tweets":
	case "deleted_tweet", "deleted_tweets", "deleted_note_tweet", "deleted_community_tweet":
		return deletion(raw), nil
	case "like", "likes":
		return collector.Skipped(collector.SkipLike), nil
	default:
		return collector.Skipped(collector.SkipUnknown), nil
	}
	if t := collector.Member(raw, "tweet"); t != nil {
		raw = t
	}
	var t tweet
	err := collector.Unmarshal(raw, &t)
	if err == nil {
		var p collector.Post
		if p, err = a.post(&t); err == nil {
			if p.Text == "" {
				return collector.Skipped(collector.SkipNoText), nil
			}
			return collector.Batch{Posts: []collector.Post{p}, Deletes: collector.Superseded("x", p.ID, t.versions())}, nil
		}
	}
	return collector.Batch{}, fmt.Errorf("x archive: %w", err)
}

// deletion reads a post that its author has taken back.
func deletion(raw []byte) collector.Batch {
	if t := collector.Member(raw, "tweet"); t != nil {
		raw = t
	}
	id := collector.ID(collector.Member(raw, "id_str"))
	if id == "" {
		id = collector.ID(collector.Member(raw, "id"))
	}
	return collector.Deleted("x", id)
}

// versions are the ids of a post's versions, oldest first.
func (t *tweet) versions() []string {
	if ids := t.EditInfo.Edit.Initial.IDs; len(ids) > 0 {
		return ids
	}
	return t.EditInfo.Initial.IDs
}

func (a *Archive) post(t *tweet) (collector.Post, error) {
	id := t.IDStr
	if id == "" {
		id = t.ID
	}
	if id == "" {
		return collector.Post{}, errors.New("no id")
	}
	p := collector.Post{
		Platform: "x", ID: collector.Clean(id), Lang: collector.Language(t.Lang), Kind: collector.Original, ReplyTo: collector.Clean(t.ReplyTo),
		Counts: collector.Counts{Likes: t.Likes.Ptr(), Reposts: t.Reposts.Ptr()}, Permalink: "https://x.com/i/web/status/" + collector.Clean(id),
	}
	if a != nil {
		p.Author = a.owner
	}
	at, err := time.Parse(time.RubyDate, t.CreatedAt)
	if err != nil {
		var ok bool
		if at, ok = collector.SnowflakeTime(id); !ok {
			return p, fmt.Errorf("post %.40q: created_at %.40q is no time, and the id holds none", id, t.CreatedAt)
		}
	}
	p.CreatedAt = at.UTC()
	a.fill(&p, t)
	return p, nil
}

// status matches the link by which a post quotes another.
var status = regexp.MustCompile(`^https?://(?:mobile\.|www\.)?(?:x|twitter)\.com/\w+/status/(\d+)(?:\?.*)?$`)

// fill sets text, kind, links and hashtags.
func (a *Archive) fill(p *collector.Post, t *tweet) {
	if p.Text = collector.Unescape(t.FullText); p.Text == "" {
		p.Text = collector.Unescape(t.Text)
	}
	for _, u := range t.Entities.URLs {
		p.URLs = collector.AddURL(p.URLs, u.Expanded)
	}
	for _, h := range t.Entities.Hashtags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, h.Text)
	}
	if rest, _, ok := collector.TrimRepost(p.Text); ok {
		p.Kind, p.Text, p.TextTruncated = collector.Repost, rest, collector.EndsCut(rest)
		return
	}
	if p.ReplyTo != "" {
		p.Kind = collector.Reply
	}
	if n := len(t.Entities.URLs); n > 0 {
		if m := status.FindStringSubmatch(t.Entities.URLs[n-1].Expanded); m != nil {
			p.Kind, p.Quoted = collector.Quote, m[1]
		}
	}
	n := a.noteOf(p.ID, p.Text)
	if n == nil {
		p.TextTruncated = collector.MaybeCut(p.Text, p.CreatedAt)
		return
	}
	p.Text = collector.Clean(n.Core.Text) // notes are not HTML-escaped
	for _, u := range n.Core.URLs {
		p.URLs = collector.AddURL(p.URLs, u.Expanded)
	}
	for _, h := range n.Core.Hashtags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, h.Text)
	}
}

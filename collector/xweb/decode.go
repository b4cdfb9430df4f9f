// Package xweb reads posts of X as its web client receives them: GraphQL tweets, caught by a browser extension such as
// Zeeschuimer and kept line by line, by itself or by 4CAT (which adds __import_meta), or the answers themselves, as saved
// from a browser's network tab.
//
// X changes this shape every few months, and each time whole collections became unreadable elsewhere: names moved from
// legacy to core in May 2025, empty lists began to be left out in May 2026, inline users in June 2026, and since
// September 2026 legacy itself can be missing. So every member is optional here, and a tweet whose text or id cannot
// be found is one failure that names the members it has. The id is never taken from data.id, which Zeeschuimer writes
// through a JavaScript number.
package xweb

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"stallwatch/collector"
)

// Decode reads one tweet. The error is for a value that is no sound JSON object, or whose text or id is nowhere.
func Decode(raw []byte) (collector.Batch, error) {
	var t tweet
	if err := collector.Unmarshal(raw, &t); err != nil {
		return collector.Batch{}, fmt.Errorf("x web: %w", err)
	}
	in := t.unwrap()
	if in.isTombstone() {
		if in.Tombstone != nil && collector.Gone(in.Tombstone.Text.Text) {
			return collector.Deleted("x", in.id()), nil
		}
		return collector.Skipped(collector.SkipDelete), nil
	}
	p, err := in.post()
	if err != nil {
		return collector.Batch{}, fmt.Errorf("x web: %w; it has the members %s", err, memberNames(raw))
	}
	if p.Text == "" {
		return collector.Skipped(collector.SkipNoText), nil
	}
	return collector.Batch{Posts: []collector.Post{p}, Deletes: collector.Superseded("x", p.ID, in.Edit.ids())}, nil
}

// memberNames lists what a tweet of an unknown shape holds, for the report that leads to a new decoder.
func memberNames(raw []byte) string {
	var names []string
	collector.Members(raw, func(k, _ []byte) bool {
		names = append(names, collector.Clean(string(k)))
		return len(names) < 30
	})
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// unwrap goes down to the tweet: results and visibility wrappers may lie around it at every level.
func (t *tweet) unwrap() *tweet {
	for range 4 {
		switch {
		case t.Result != nil:
			t = t.Result
		case t.Tweet != nil:
			t = t.Tweet
		default:
			return t
		}
	}
	return t
}

func (t *tweet) isTombstone() bool {
	return t.Tombstone != nil || t.TypeName == "TweetTombstone" || t.TypeName == "TweetUnavailable"
}

func (t *tweet) id() string {
	for _, id := range []string{t.RestID, t.Legacy.IDStr, t.IDStr} {
		if id != "" {
			return collector.Clean(id)
		}
	}
	return ""
}

func (t *tweet) post() (collector.Post, error) {
	id := t.id()
	if id == "" {
		return collector.Post{}, fmt.Errorf("no id")
	}
	l := &t.Legacy
	p := collector.Post{
		Platform:     "x",
		ID:           id,
		Lang:         collector.Language(l.Lang),
		Kind:         collector.Original,
		Conversation: collector.Clean(l.ConversationID),
		Author:       t.author(),
		Counts:       collector.Counts{Likes: l.Likes.Ptr(), Reposts: l.Reposts.Ptr(), Replies: l.Replies.Ptr(), Quotes: l.Quotes.Ptr(), Views: t.views()},
		Permalink:    "https://x.com/i/web/status/" + id,
	}
	at, err := t.created(id)
	if err != nil {
		return p, err
	}
	p.CreatedAt = at
	original := t.refer(&p)
	if original == nil {
		original = t
	}
	if !original.fill(&p) {
		return p, fmt.Errorf("tweet %s: no text", id)
	}
	if rest, _, ok := collector.TrimRepost(p.Text); ok && original == t {
		p.Kind, p.Text = collector.Repost, rest
		p.TextTruncated = p.TextTruncated || collector.EndsCut(rest)
	}
	return p, nil
}

// created takes the time X wrote, or the one inside the id.
func (t *tweet) created(id string) (time.Time, error) {
	if at, err := time.Parse(time.RubyDate, t.Legacy.CreatedAt); err == nil {
		return at.UTC(), nil
	}
	if at, ok := collector.SnowflakeTime(id); ok {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("tweet %.40q: created_at %.40q is no time, and the id holds none", id, t.Legacy.CreatedAt)
}

// refer sets kind and references, and returns the original of a repost if it is there.
func (t *tweet) refer(p *collector.Post) (original *tweet) {
	p.ReplyTo = collector.Clean(t.Legacy.InReplyTo)
	p.Quoted = collector.Clean(t.Legacy.QuotedID)
	if q := t.Quoted.get(); p.Quoted == "" && q != nil {
		p.Quoted = q.id()
	}
	if _, id := linked(t.Legacy.QuotedLink.Expanded); p.Quoted == "" {
		p.Quoted = id
	}
	r := t.Legacy.Reposted.get()
	if r == nil {
		r = t.Reposted.get()
	}
	switch {
	case r != nil:
		p.Kind, p.Reposted = collector.Repost, r.id()
		if !r.isTombstone() {
			original = r
		}
	case p.Quoted != "" || t.Legacy.IsQuote:
		p.Kind = collector.Quote
	case p.ReplyTo != "":
		p.Kind = collector.Reply
	}
	return original
}

// author looks for the name where it has stood since May 2025, then where it stood before.
func (t *tweet) author() collector.Author {
	u := &t.Core.User.Result
	a := collector.Author{ID: t.Legacy.UserID, Handle: u.Core.Handle, Name: u.Core.Name}
	if a.ID == "" {
		a.ID = u.RestID
	}
	if a.Handle == "" {
		a.Handle, a.Name = u.Legacy.Handle, u.Legacy.Name
	}
	if old := &t.OldUser; a.Handle == "" {
		a.Handle, a.Name = old.Handle, old.Name
		if a.ID == "" {
			a.ID = old.IDStr
		}
	}
	for _, m := range append(t.Legacy.Extended.Media, t.Legacy.Entities.Media...) {
		if a.Handle == "" {
			a.Handle, _ = linked(m.Expanded) // the picture's own link names whose post it is in
		}
	}
	return collector.Author{ID: collector.Clean(a.ID), Handle: collector.Clean(a.Handle), Name: collector.Clean(a.Name)}
}

var statusLink = regexp.MustCompile(`^https?://(?:mobile\.|www\.)?(?:x|twitter)\.com/(\w+)/status/(\d+)`)

// linked takes author and id out of a link to a post.
func linked(url string) (handle, id string) {
	if m := statusLink.FindStringSubmatch(url); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

func (t *tweet) views() *int64 {
	if n := t.Views.Count.Ptr(); n != nil {
		return n
	}
	return t.OldViews.Count.Ptr()
}

// fill sets text, links and hashtags; false: there is no text anywhere. The text of a note is not HTML-escaped.
func (t *tweet) fill(p *collector.Post) bool {
	ent := &t.Legacy.Entities
	if n := &t.Note.Results.Result; n.Text != "" && len(n.Text) >= len(collector.Unescape(t.Legacy.FullText)) {
		p.Text, p.TextTruncated = collector.Clean(n.Text), false
		ent = &n.Entities
	} else if text := t.Legacy.FullText; text != "" || t.FullText != "" {
		if text == "" {
			text = t.FullText
		}
		p.Text = collector.Unescape(text)
		p.TextTruncated = collector.MaybeCut(p.Text, p.CreatedAt) && t.Note.Expandable != nil || collector.EndsCut(p.Text) && len(p.Text) >= 270
	} else {
		return t.Legacy.IDStr != "" || t.Legacy.CreatedAt != "" // a post of pictures only
	}
	for i := range ent.URLs {
		u := ent.URLs[i].Expanded
		if u == "" {
			u = ent.URLs[i].URL
		}
		p.URLs = collector.AddURL(p.URLs, u)
	}
	for i := range ent.Hashtags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, ent.Hashtags[i].Text)
	}
	return true
}

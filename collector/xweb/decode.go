// Package xweb reads posts of X as its web client receives them: GraphQL tweets, caught by a browser extension such as
// Zeeschuimer and kept line by line, by itself or by 4CAT (which adds __import_meta), or the answers themselves, as saved
// from a browser's network tab.
//
// X changes this shape every few months, and each time whole collections became unreadable elsewhere: names moved from
// legacy to core in May 2025, empty lists began to be left out in May 2026, inline users in June 2026, and since
// September 2026 text, counts and entities stand in details, counts and lists of their own, and legacy holds little or is
// missing. So every member is optional here, and a tweet whose text or id cannot be found is one failure that names the
// members it has. The id is never taken from data.id, which Zeeschuimer writes through a JavaScript number.
package xweb

import (
	"cmp"
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
	l, d, n := &t.Legacy, &t.Details, t.Counts.or(t.Legacy.counts)
	p := collector.Post{
		Platform:     "x",
		ID:           id,
		Lang:         collector.Language(cmp.Or(l.Lang, d.Lang)),
		Kind:         collector.Original,
		Conversation: collector.Clean(cmp.Or(l.ConversationID, d.ConversationID)),
		Author:       t.author(),
		Counts:       collector.Counts{Likes: n.Likes.Ptr(), Reposts: n.Reposts.Ptr(), Replies: n.Replies.Ptr(), Quotes: n.Quotes.Ptr(), Views: t.views()},
		Permalink:    "https://x.com/i/web/status/" + id,
	}
	at, err := t.created(id)
	if err != nil {
		return p, err
	}
	p.CreatedAt = at
	original := t.refer(&p)
	if original == nil || !original.fill(&p) {
		original = t
		if !t.fill(&p) {
			return p, fmt.Errorf("tweet %s: no text", id)
		}
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
	if ms := t.Details.CreatedMS.Ptr(); ms != nil && *ms > 1e12 && *ms < 1e13 {
		return time.UnixMilli(*ms).UTC(), nil
	}
	if at, ok := collector.SnowflakeTime(id); ok {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("tweet %.40q: created_at %.40q is no time, and the id holds none", id, t.Legacy.CreatedAt)
}

// refer sets kind and references, and returns the original of a repost if it is there.
func (t *tweet) refer(p *collector.Post) (original *tweet) {
	l := &t.Legacy
	if p.ReplyTo = collector.Clean(l.InReplyTo); p.ReplyTo == "" {
		p.ReplyTo = t.ReplyTo.id()
	}
	if p.Quoted = collector.Clean(l.QuotedID); p.Quoted == "" {
		p.Quoted = there(t.quoted(), l.quoted()).id()
	}
	if _, id := linked(l.QuotedLink.Expanded); p.Quoted == "" {
		p.Quoted = id
	}
	r := there(l.reposted(), t.reposted())
	switch {
	case r != nil:
		p.Kind, p.Reposted = collector.Repost, r.id()
		if o := r.get(); o != nil && !o.isTombstone() {
			original = o
		}
	case p.Quoted != "" || l.IsQuote:
		p.Kind = collector.Quote
	case p.ReplyTo != "":
		p.Kind = collector.Reply
	}
	return original
}

// author looks for the name where it has stood since May 2025, then where it stood before.
func (t *tweet) author() collector.Author {
	u := &t.Core.Users.Result
	if *u == (user{}) {
		u = &t.Core.User.Result
	}
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
	for _, m := range slices.Concat(t.Legacy.Extended.Media, t.Legacy.Entities.Media, t.Media) {
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
	return cmp.Or(t.Views.Count, t.ViewCount.Count, t.OldViews.Count).Ptr()
}

// text is the tweet's own text, HTML-escaped; ok is false when none is there, not even an empty one.
func (t *tweet) text() (text string, ok bool) {
	for _, s := range []*string{t.Legacy.FullText, t.Details.FullText, t.FullText} {
		if s != nil && text == "" {
			text, ok = *s, true
		}
	}
	return text, ok
}

// fill sets text, links and hashtags; false: there is no text anywhere. The text of a note is not HTML-escaped.
func (t *tweet) fill(p *collector.Post) bool {
	text, ok := t.text()
	n := &t.Note.Results.Result
	if text = collector.Unescape(text); n.Text != "" && len(n.Text) >= len(text) {
		p.Text, p.TextTruncated, ok = collector.Clean(n.Text), false, true
		if len(n.Entities.URLs)+len(n.Entities.Hashtags) > 0 {
			n.Entities.addTo(p)
			return true
		}
	} else {
		p.Text = text
		p.TextTruncated = collector.MaybeCut(text, p.CreatedAt) && t.Note.Expandable != nil || collector.EndsCut(text) && len(text) >= 270
	}
	t.Legacy.Entities.addTo(p)
	(*entities)(&t.moved).addTo(p)
	(*entities)(&t.Details.moved).addTo(p)
	return ok
}

func (e *entities) addTo(p *collector.Post) {
	for _, u := range e.URLs {
		p.URLs = collector.AddURL(p.URLs, cmp.Or(u.Expanded, u.URL))
	}
	for _, h := range e.Hashtags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, h.Text)
	}
}

package xapi

import (
	"errors"
	"fmt"
	"time"

	"stallwatch/collector"
)

// Decode reads one JSON value: a page (data, includes, meta, errors), a tweet with or without what twarc2 flattens into
// it, or one of the things that stand where posts were expected, which are skips. The error is for a value that is no
// sound JSON object; one bad element of a page is a Failure of the batch.
func Decode(raw []byte) (collector.Batch, error) { return DecodeWith(nil, raw) }

// DecodeWith is Decode for posts whose includes stand in a file of their own. inc may be nil.
func DecodeWith(inc *Includes, raw []byte) (collector.Batch, error) {
	var m members
	rest, err := collector.Members(raw, m.take)
	if err != nil {
		return collector.Batch{}, fmt.Errorf("x api v2: %w", err)
	}
	if len(rest) > 0 && len(trim(rest)) > 0 {
		return collector.Batch{}, fmt.Errorf("x api v2: %w: %d bytes after the value", collector.ErrJSON, len(rest))
	}
	switch {
	case m.data != nil && string(m.data) != "null":
		return decodePage(m), nil
	case m.tweet:
		return decodePlain(raw, inc), nil
	case m.compliance:
		return collector.Skipped(collector.SkipDelete), nil
	case m.errors != nil || m.problem:
		return collector.Skipped(collector.SkipAPIError), nil
	case m.meta || m.data != nil:
		return collector.Skipped(collector.SkipEmptyPage), nil
	case m.users:
		return collector.Skipped(collector.SkipUsers), nil
	}
	return collector.Skipped(collector.SkipUnknown), nil
}

// members is what the top level of a value holds.
type members struct {
	data, includes, errors                  []byte
	tweet, compliance, problem, meta, users bool
	id, title                               bool
}

func (m *members) take(key, value []byte) bool {
	switch string(key) {
	case "data":
		m.data = value
	case "includes":
		m.includes = value
	case "errors":
		m.errors = value
	case "meta":
		m.meta = true
	case "text", "author_id", "note_tweet", "note_post":
		m.tweet = true
		return m.data != nil // enough is known of a bare tweet: whoever decodes it sees whether it is sound
	case "action":
		m.compliance = m.id
	case "id":
		m.id = true
	case "title":
		m.title = true
	case "detail", "status":
		m.problem = m.title
	case "users", "tweets", "posts", "places", "media", "username":
		m.users = true
	}
	return true
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\r' || b[0] == '\t' || b[0] == 0) {
		b = b[1:]
	}
	return b
}

func decodePlain(raw []byte, inc *Includes) collector.Batch {
	var b collector.Batch
	addElement(&b, raw, 0, inc)
	return b
}

// decodePage decodes the elements of data one by one, so that what breaks in one breaks nothing else.
func decodePage(m members) collector.Batch {
	inc := ReadIncludes(m.includes)
	var b collector.Batch
	if m.data[0] != '[' {
		addElement(&b, m.data, 0, inc)
		return whole(b)
	}
	n := 0
	_, err := collector.Elements(m.data, func(el []byte) bool {
		addElement(&b, el, n, inc)
		n++
		return true
	})
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("x api v2: data: %w", err)})
	}
	if n == 0 && err == nil {
		if m.errors != nil {
			return collector.Skipped(collector.SkipAPIError)
		}
		return collector.Skipped(collector.SkipEmptyPage)
	}
	return whole(b)
}

// whole makes one skip of a page that holds nothing but counts, or nothing but accounts: the page is the item there.
func whole(b collector.Batch) collector.Batch {
	if len(b.Posts)+len(b.Failures) > 0 || len(b.Skips) == 0 {
		return b
	}
	r := b.Skips[0].Reason
	if r != collector.SkipCounts && r != collector.SkipUsers {
		return b
	}
	for _, s := range b.Skips {
		if s.Reason != r {
			return b
		}
	}
	return collector.Skipped(r)
}

func addElement(b *collector.Batch, raw []byte, index int, inc *Includes) {
	var t tweet
	if err := collector.Unmarshal(raw, &t); err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("x api v2: %w", err)})
		return
	}
	if t.ID == "" {
		t.ID = number(collector.Member(raw, "id"))
	}
	if r := t.notAPost(); r != "" {
		b.Skips = append(b.Skips, collector.Skip{Reason: r})
		return
	}
	p, err := t.post(inc)
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("x api v2: %w", err)})
		return
	}
	if p.Text == "" {
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
		return
	}
	b.Posts = append(b.Posts, p)
}

// number returns an id that a third program has turned into a JSON number, "" for anything else.
func number(raw []byte) string {
	if len(raw) == 0 || len(raw) > 19 {
		return ""
	}
	for _, c := range raw {
		if c < '0' || c > '9' {
			return ""
		}
	}
	return string(raw)
}

// notAPost names what an element of data is when it is no post.
func (t *tweet) notAPost() collector.Reason {
	switch {
	case t.ID == "" && t.TweetCount != nil || t.PostCount != nil:
		return collector.SkipCounts
	case t.Delete != nil || t.TweetDelete != nil || t.PostDelete != nil || t.Drop != nil:
		return collector.SkipDelete
	case t.Withheld != nil && t.ID == "" || t.Undrop != nil || t.TweetEdit != nil:
		return collector.SkipNotice
	case t.Username != "" && t.Text == "":
		return collector.SkipUsers
	}
	return ""
}

// post makes a Post of a tweet. A repost takes the text, links and hashtags of what it repeats.
func (t *tweet) post(inc *Includes) (collector.Post, error) {
	if t.ID == "" {
		return collector.Post{}, errors.New("no id")
	}
	p := collector.Post{
		Platform:     "x",
		ID:           collector.Clean(t.ID),
		Lang:         collector.Language(t.Lang),
		Kind:         collector.Original,
		Conversation: collector.Clean(t.ConversationID),
		Author:       t.author(inc),
		Counts:       t.Metrics.counts(),
		Permalink:    "https://x.com/i/web/status/" + collector.Clean(t.ID),
	}
	var err error
	if p.CreatedAt, err = t.created(); err != nil {
		return collector.Post{}, err
	}
	original := t.refer(&p, inc)
	if original == nil {
		t.content.fill(&p, p.CreatedAt)
		announced(&p)
		return p, nil
	}
	at, err := time.Parse(time.RFC3339, original.CreatedAt)
	if err != nil {
		at = p.CreatedAt
	}
	original.fill(&p, at)
	return p, nil
}

// announced takes "RT @name: " off the text of a repost whose original is not at hand. Who asks the API for nothing but
// the default members gets reposts that say so in no other way.
func announced(p *collector.Post) {
	rest, _, ok := collector.TrimRepost(p.Text)
	if !ok {
		return
	}
	p.Kind, p.Text = collector.Repost, rest
	p.TextTruncated = p.TextTruncated || collector.EndsCut(rest)
}

// refer sets the kind and the ids of what the tweet refers to, and returns the original of a repost if it is at hand.
func (t *tweet) refer(p *collector.Post, inc *Includes) (original *content) {
	refs := t.ReferencedTweets
	if len(refs) == 0 {
		refs = t.ReferencedPosts
	}
	for i := range refs {
		id := collector.Clean(refs[i].ID)
		switch refs[i].Type {
		case "retweeted", "reposted":
			p.Reposted = id
			original = inc.original(&refs[i].content)
		case "quoted":
			p.Quoted = id
		case "replied_to":
			p.ReplyTo = id
		}
	}
	switch {
	case p.Reposted != "":
		p.Kind = collector.Repost
	case p.Quoted != "":
		p.Kind = collector.Quote
	case p.ReplyTo != "":
		p.Kind = collector.Reply
	}
	return original
}

func (t *tweet) created() (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, t.CreatedAt); err == nil {
		return at.UTC(), nil
	}
	if at, ok := collector.SnowflakeTime(t.ID); ok {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("post %.40q: created_at %.40q is no time, and the id holds none", t.ID, t.CreatedAt)
}

func (t *tweet) author(inc *Includes) collector.Author {
	a := collector.Author{ID: collector.Clean(t.AuthorID)}
	u := t.Author
	if u == nil || u.ID == "" && u.Username == "" {
		u = inc.user(t.AuthorID)
	}
	if u == nil {
		return a
	}
	if a.ID == "" {
		a.ID = collector.Clean(u.ID)
	}
	a.Handle, a.Name = collector.Clean(u.Username), collector.Clean(u.Name)
	return a
}

// fill sets text, links and hashtags from the long form of a post where there is one. created is the post's own time.
func (c *content) fill(p *collector.Post, created time.Time) {
	text, ent := c.Text, &c.Entities
	n := c.NoteTweet
	if n == nil || n.Text == "" {
		n = c.NotePost
	}
	long := n != nil && n.Text != ""
	if long {
		text = n.Text
		if n.Entities != nil {
			ent = n.Entities
		}
	}
	p.Text = collector.Unescape(text)
	p.TextTruncated = !long && collector.MaybeCut(p.Text, created)
	for i := range ent.URLs {
		if u := &ent.URLs[i]; u.MediaKey == "" {
			p.URLs = collector.AddURL(p.URLs, u.best())
		}
	}
	for i := range ent.Hashtags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, ent.Hashtags[i].Tag)
	}
}

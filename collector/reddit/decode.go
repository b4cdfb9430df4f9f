// Package reddit reads comments and submissions: as Pushshift's dumps, its successors' APIs and PRAW's users hold them, bare, and
// in Reddit's own answers, where things stand in Listings and comments have the replies to them inside.
package reddit

import (
	"bytes"
	"encoding/json"
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
	Created      moment           `json:"created_utc"`
	Date         moment           `json:"date"` // of an account's own download
	Gildings     json.RawMessage  `json:"gildings"`
	Parent       string           `json:"parent"`
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
	Crosspost    string           `json:"crosspost_parent"`
	Replies      json.RawMessage  `json:"replies"` // a Listing; "" when there are none
}

// moment is Unix time as a number or, in some years, a string, or a date in UTC.
type moment struct{ time.Time }

// UnmarshalJSON reads all of these; what is none of them is no time.
func (m *moment) UnmarshalJSON(b []byte) error {
	if n := collector.Count(b).Ptr(); n != nil {
		m.Time = time.Unix(*n, 0).UTC()
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05",
		"2006-01-02 15:04:05 UTC"} {
		if at, err := time.Parse(layout, collector.Text(b)); err == nil {
			m.Time = at.UTC()
			return nil
		}
	}
	return nil
}

// Decode reads a thing, bare or under its kind, or a Listing. The error is for a value that is no sound JSON object, or a bare thing
// without id or time; one bad thing of a Listing is a Failure.
func Decode(raw []byte) (collector.Batch, error) {
	var b collector.Batch
	if collector.Member(raw, "kind") != nil && collector.Member(raw, "data") != nil {
		d := decoder{Batch: &b}
		d.kind(raw, 0)
		return b, nil
	}
	var t thing
	err := collector.Unmarshal(raw, &t)
	if err == nil {
		err = t.addTo(&b)
	}
	if err != nil {
		return collector.Batch{}, fmt.Errorf("reddit: %w", err)
	}
	d := decoder{Batch: &b}
	d.replies(t.Replies, 0)
	return b, nil
}

// maxDepth bounds how deep Listings of comments lie in each other: Reddit shows ten levels, and each is read anew.
const maxDepth = 24

// decoder collects what lies in Listings. n counts their things.
type decoder struct {
	*collector.Batch
	n int
}

func (d *decoder) kind(raw []byte, depth int) {
	var k struct {
		Kind string          `json:"kind"`
		Data json.RawMessage `json:"data"`
	}
	err := collector.Unmarshal(raw, &k)
	d.n++
	switch {
	case err != nil:
	case depth > maxDepth:
		err = fmt.Errorf("comments lie more than %d deep in each other", maxDepth)
	case k.Kind == "Listing":
		d.listing(k.Data, depth)
	case k.Kind == "t1" || k.Kind == "t3":
		var t thing
		if err = collector.Unmarshal(k.Data, &t); err == nil {
			err = t.addTo(d.Batch)
			d.replies(t.Replies, depth)
		}
	case k.Kind == "more": // comments that the answer only counts
		d.Skips = append(d.Skips, collector.Skip{Reason: collector.SkipNotice})
	case k.Kind == "t4": // a message
		d.Skips = append(d.Skips, collector.Skip{Reason: collector.SkipPrivate})
	case k.Kind == "t2" || k.Kind == "t5" || k.Kind == "UserList":
		d.Skips = append(d.Skips, collector.Skip{Reason: collector.SkipUsers})
	default:
		d.Skips = append(d.Skips, collector.Skip{Reason: collector.SkipUnknown})
	}
	if err != nil {
		d.Failures = append(d.Failures, collector.Failure{Index: d.n - 1, Err: fmt.Errorf("reddit: %w", err)})
	}
}

func (d *decoder) listing(data []byte, depth int) {
	n := 0
	_, err := collector.Elements(collector.Member(data, "children"), func(child []byte) bool {
		n++
		d.kind(child, depth+1)
		return true
	})
	switch {
	case err != nil:
		d.Failures = append(d.Failures, collector.Failure{Index: d.n, Err: fmt.Errorf("reddit: a Listing: %w", err)})
	case n == 0:
		d.Skips = append(d.Skips, collector.Skip{Reason: collector.SkipEmptyPage})
	}
}

func (d *decoder) replies(raw []byte, depth int) {
	if bytes.HasPrefix(raw, []byte("{")) {
		d.kind(raw, depth)
	}
}

// addTo adds the thing to b, as a post or as what stands in place of one.
func (t *thing) addTo(b *collector.Batch) error {
	p, err := t.post()
	switch {
	case err != nil:
		return err
	case Removed(p.Text) || t.Body == nil && Removed(t.SelfText):
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipDelete})
		b.Deletes = append(b.Deletes, collector.Ref{Platform: "reddit", ID: p.ID})
	case p.Text == "":
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
	default:
		b.Posts = append(b.Posts, p)
	}
	return nil
}

// Removed tells whether Reddit has put a word in place of a text that is gone.
func Removed(s string) bool {
	switch s {
	case "[deleted]", "[removed]", "[ Removed by Reddit ]", "[deleted by user]":
		return true
	}
	return false
}

func (t *thing) post() (collector.Post, error) {
	t.download()
	switch {
	case t.ID == "":
		return collector.Post{}, errors.New("no id")
	case t.Created.IsZero():
		return collector.Post{}, fmt.Errorf("%.40q has no created_utc", t.ID)
	}
	p := collector.Post{
		Platform:  "reddit",
		CreatedAt: t.Created.Time,
		Author:    collector.Author{ID: collector.Clean(t.AuthorName), Handle: collector.Clean(t.Author)},
		Counts:    collector.Counts{Likes: t.Score.Ptr(), Replies: t.CommentCount.Ptr()},
	}
	if name, ok := strings.CutPrefix(t.Author, "Redditor(name='"); ok { // as PRAW prints one
		p.Author.Handle = collector.Clean(strings.TrimSuffix(name, "')"))
	}
	if Removed(t.Author) {
		p.Author = collector.Author{}
	}
	if t.Body != nil {
		p.ID, p.Kind, p.ReplyTo, p.Conversation = Named("t1_", t.ID), collector.Reply, collector.Clean(t.ParentID), collector.Clean(t.LinkID)
		p.Text = strings.TrimSpace(collector.Unescape(*t.Body))
	} else {
		p.ID, p.Kind, p.Conversation = Named("t3_", t.ID), collector.Original, Named("t3_", t.ID)
		if p.Quoted = collector.Clean(t.Crosspost); p.Quoted != "" {
			p.Kind = collector.Quote
		}
		p.Text = strings.TrimSpace(collector.Unescape(t.Title + "\n\n" + t.SelfText))
		if !t.IsSelf && strings.HasPrefix(t.URL, "http") {
			p.URLs = collector.AddURL(nil, collector.Unescape(t.URL))
		}
	}
	if p.Observed = t.observed(); strings.HasPrefix(t.Permalink, "/") {
		p.Permalink = "https://www.reddit.com" + collector.Clean(t.Permalink)
	} else {
		p.Permalink = Link(&p)
	}
	return p, nil
}

// download reads what Reddit calls otherwise in what it gives people of their own accounts: a comment has its post's link, and a post
// has its text as body.
func (t *thing) download() {
	if len(t.Gildings) == 0 || !t.Created.IsZero() {
		return
	}
	t.Created = t.Date
	if _, rest, ok := strings.Cut(t.Permalink, "/comments/"); ok {
		t.LinkID = "t3_" + rest[:max(0, strings.IndexByte(rest+"/", '/'))]
	}
	if t.Permalink, _ = strings.CutPrefix(t.Permalink, "https://www.reddit.com"); t.Title != "" {
		if t.Body != nil {
			t.SelfText, t.Body = *t.Body, nil
		}
		t.IsSelf = t.URL == "" || strings.Contains(t.URL, "/comments/")
		return
	}
	if t.ParentID = t.LinkID; t.Parent != "" {
		t.ParentID = "t1_" + strings.TrimPrefix(t.Parent, "t1_")
	}
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

// Named is an id with the prefix that tells comments from submissions.
func Named(prefix, id string) string { return prefix + strings.TrimPrefix(collector.Clean(id), prefix) }

// Link is where a comment or submission can be seen, "" for a comment on nobody knows what.
func Link(p *collector.Post) string {
	thread := strings.TrimPrefix(p.Conversation, "t3_")
	switch comment, ok := strings.CutPrefix(p.ID, "t1_"); {
	case !ok:
		return "https://www.reddit.com/comments/" + thread + "/"
	case thread != "":
		return "https://www.reddit.com/comments/" + thread + "/_/" + comment + "/"
	}
	return ""
}

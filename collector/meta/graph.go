package meta

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"stallwatch/collector"
)

// object is a post or comment of Facebook's Graph API.
type object struct {
	ID        string `json:"id"`
	Message   string `json:"message"`
	Story     string `json:"story"`
	Created   string `json:"created_time"`
	Permalink string `json:"permalink_url"`
	From      struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"from"`
	Parent struct {
		ID string `json:"id"`
	} `json:"parent"`
	Shares       total            `json:"shares"`
	Reactions    total            `json:"reactions"`
	Likes        total            `json:"likes"`
	Comments     total            `json:"comments"`
	LikeCount    collector.Number `json:"like_count"`
	CommentCount collector.Number `json:"comment_count"`
	Link         string           `json:"link"`
	Attachments  struct {
		Data []struct {
			URL string `json:"unshimmed_url"`
		} `json:"data"`
	} `json:"attachments"`
}

// total is how many of something there are, and the objects of the first page.
type total struct {
	Count   collector.Number `json:"count"`
	Summary struct {
		N collector.Number `json:"total_count"`
	} `json:"summary"`
	Data []json.RawMessage `json:"data"`
}

// maxComments is how deep comments lie in each other: Facebook has two levels.
const maxComments = 8

// DecodeObject reads a post or comment of Facebook's Graph API, with the comments that were asked for with it. The error is for a value
// that is no sound JSON object, or an object without id or time; one bad comment is a Failure.
func DecodeObject(raw []byte) (collector.Batch, error) {
	var b collector.Batch
	err := addObject(&b, raw, "", "", 0)
	return b, err
}

// addObject adds a post, or the comment on a post, in answer to that or to another comment.
func addObject(b *collector.Batch, raw []byte, post, answers string, depth int) error {
	var o object
	err := collector.Unmarshal(raw, &o)
	at, e := time.Parse("2006-01-02T15:04:05-0700", o.Created)
	if e != nil {
		at, e = time.Parse(time.RFC3339, o.Created)
	}
	switch {
	case err != nil:
	case o.ID == "":
		err = errors.New("no id")
	case e != nil:
		err = fmt.Errorf("%.80q: created_time %.40q is no time", o.ID, o.Created)
	}
	if err != nil {
		return fmt.Errorf("facebook: %w", err)
	}
	p := o.post(post, answers)
	p.CreatedAt = at.UTC()
	switch {
	case p.Text == "" && o.Story != "": // what Facebook says has happened
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNotice})
	case p.Text == "":
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
	default:
		collector.AddFromText(&p)
		b.Posts = append(b.Posts, p)
	}
	if post == "" {
		post = p.ID
	}
	for i, c := range o.Comments.Data {
		if depth > maxComments {
			err = errors.New("facebook: comments lie too deep in each other")
		} else {
			err = addObject(b, c, post, p.ID, depth+1)
		}
		if err != nil {
			b.Failures = append(b.Failures, collector.Failure{Index: i + 1, Err: err})
		}
	}
	return nil
}

func (o *object) post(post, answers string) collector.Post {
	p := collector.Post{
		Platform: "facebook", ID: collector.Clean(o.ID), Kind: collector.Original, Text: strings.TrimSpace(collector.Clean(o.Message)),
		Author: collector.Author{ID: collector.Clean(o.From.ID), Name: collector.Clean(o.From.Name)},
		Counts: collector.Counts{Reposts: o.Shares.Count.Ptr(), Replies: first(o.Comments.Summary.N, o.CommentCount),
			Likes: first(o.Reactions.Summary.N, o.Likes.Summary.N, o.LikeCount)},
	}
	page, n, ok := strings.Cut(p.ID, "_")
	if ok && post == "" {
		p.Permalink = "https://www.facebook.com/" + page + "/posts/" + n
		if p.Author.ID == "" {
			p.Author.ID = page
		}
	}
	p.ReplyTo, p.Conversation = answers, post
	if parent := collector.Clean(o.Parent.ID); parent != "" && p.ReplyTo == "" {
		p.ReplyTo = parent
	}
	p.SetKind()
	p.URLs = collector.AddURL(p.URLs, o.Link)
	for _, a := range o.Attachments.Data {
		p.URLs = collector.AddURL(p.URLs, a.URL)
	}
	return p
}

func first(all ...collector.Number) *int64 {
	for _, n := range all {
		if p := n.Ptr(); p != nil {
			return p
		}
	}
	return nil
}

// Package meta reads what Meta gives people of their own accounts, "Download your information" in JSON: posts and comments of Facebook,
// Instagram and Threads; and posts of Instagram as its web page holds them, which instaloader keeps.
//
// A download has no ids, and writes every byte of UTF-8 as a character of its own (\u00d0\u009f for П), which is mended. Chats are
// private, and skipped.
package meta

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"stallwatch/collector"
)

// words is a text whose mojibake is mended.
type words string

// UnmarshalJSON reads a string; it never fails.
func (w *words) UnmarshalJSON(b []byte) error {
	*w = words(strings.TrimSpace(Mend(collector.Text(b))))
	return nil
}

// Mend undoes what a download has done to UTF-8. Text that is not of that kind stays as it is.
func Mend(s string) string {
	out := make([]byte, 0, len(s))
	wide := false
	for _, r := range s {
		if r > 0xff {
			return s
		}
		wide = wide || r >= utf8.RuneSelf
		out = append(out, byte(r))
	}
	if !wide || !utf8.Valid(out) {
		return s
	}
	return string(out)
}

// entry is a post or comment of a download.
type entry struct {
	Timestamp   collector.Number `json:"timestamp"`
	Created     collector.Number `json:"creation_timestamp"`
	Title       words            `json:"title"`
	Data        data             `json:"data"`
	Attachments []struct {
		Data []attachment `json:"data"`
	} `json:"attachments"`
	Media  media            `json:"media"`
	Fields map[string]field `json:"string_map_data"`
}

// media is the pictures of a post, or only one.
type media []picture

// UnmarshalJSON reads either.
func (m *media) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		*m = make(media, 1)
		return collector.Unmarshal(b, &(*m)[0])
	}
	var all []picture
	err := collector.Unmarshal(b, &all)
	*m = all
	return err
}

type picture struct {
	Created     collector.Number `json:"creation_timestamp"`
	Title       words            `json:"title"`
	Description words            `json:"description"`
}

type attachment struct {
	External struct {
		URL string `json:"url"`
	} `json:"external_context"`
	Media picture `json:"media"`
}

type field struct {
	Value     words            `json:"value"`
	Timestamp collector.Number `json:"timestamp"`
}

// data is a list of objects, each with one thing in it.
type data struct {
	Post    words
	Comment struct {
		Text      words            `json:"comment"`
		Author    words            `json:"author"`
		Timestamp collector.Number `json:"timestamp"`
	}
}

// UnmarshalJSON reads the list.
func (d *data) UnmarshalJSON(b []byte) error {
	collector.Elements(b, func(el []byte) bool {
		if post := collector.Member(el, "post"); post != nil {
			d.Post.UnmarshalJSON(post)
		}
		if comment := collector.Member(el, "comment"); comment != nil {
			collector.Unmarshal(comment, &d.Comment)
		}
		return true
	})
	return nil
}

// IsEntry tells whether an object is a post or comment of a download.
func IsEntry(o collector.Object) bool {
	stamped := o.Get("timestamp") != nil || o.Get("creation_timestamp") != nil
	switch {
	case o.Get("id") != nil:
		return false
	case o.Get("string_map_data") != nil:
		return bytes.Contains(o.Get("string_map_data"), []byte(`"Comment"`))
	case stamped && bytes.HasPrefix(o.Get("data"), []byte("[")):
		return o.Get("title") != nil || o.Get("attachments") != nil || bytes.Contains(o.Get("data"), []byte(`"post"`)) ||
			bytes.Contains(o.Get("data"), []byte(`"comment"`))
	case stamped && o.Get("title") != nil && o.Get("attachments") != nil:
		return true
	}
	return bytes.Contains(o.Get("media"), []byte(`"creation_timestamp"`)) && bytes.Contains(o.Get("media"), []byte(`"uri"`))
}

// Decode reads an entry of a download. Its post has no id: whoever calls gives it one. threads says that it is of Threads. The error is
// for a value that is no sound JSON object, or an entry without time.
func Decode(raw []byte, threads bool) (collector.Batch, error) {
	var e entry
	if err := collector.Unmarshal(raw, &e); err != nil {
		return collector.Batch{}, fmt.Errorf("meta: %w", err)
	}
	p, at := e.post()
	if threads {
		p.Platform = "threads"
	}
	if p.Text == "" {
		return collector.Skipped(collector.SkipNoText), nil
	}
	if p.CreatedAt = at.Time(); p.CreatedAt.IsZero() {
		return collector.Batch{}, errors.New("meta: an entry without time")
	}
	collector.AddFromText(&p)
	return collector.Batch{Posts: []collector.Post{p}}, nil
}

func (e *entry) post() (p collector.Post, at collector.Number) {
	p = collector.Post{Platform: "facebook", Kind: collector.Original, Text: string(e.Data.Post)}
	at = e.Timestamp
	for _, list := range e.Attachments {
		for _, a := range list.Data {
			p.URLs = collector.AddURL(p.URLs, a.External.URL)
			if p.Text == "" {
				p.Text = string(a.Media.Description)
			}
		}
	}
	switch c := &e.Data.Comment; {
	case c.Text != "":
		p.Kind, p.Text, p.Author.Name = collector.Reply, string(c.Text), string(c.Author)
		if c.Timestamp.Ptr() != nil {
			at = c.Timestamp
		}
	case e.Fields != nil:
		p.Platform, p.Kind, p.Text, at = "instagram", collector.Reply, string(e.Fields["Comment"].Value), e.Fields["Time"].Timestamp
	case len(e.Media) > 0:
		p.Platform, p.Text, at = "instagram", string(e.Title), e.Created
		for _, m := range e.Media {
			if p.Text == "" {
				p.Text = string(m.Title)
			}
			if at.Ptr() == nil {
				at = m.Created
			}
		}
	}
	return p, at
}

// IsChat tells whether an object is a chat of a download, end-to-end encrypted or not.
func IsChat(o collector.Object) bool {
	messages := o.Get("messages")
	return bytes.HasPrefix(o.Get("participants"), []byte("[")) && bytes.HasPrefix(messages, []byte("[")) &&
		(o.Get("thread_path") != nil || o.Get("threadName") != nil || bytes.Contains(messages, []byte(`"sender_name"`)) ||
			bytes.Contains(messages, []byte(`"senderName"`)))
}

// DecodeChat counts the messages of a chat.
func DecodeChat(raw []byte) (b collector.Batch, err error) {
	if _, err = collector.Elements(collector.Member(raw, "messages"), func([]byte) bool {
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipPrivate})
		return true
	}); err != nil {
		return b, fmt.Errorf("meta: %w", err)
	}
	if len(b.Skips) == 0 {
		return collector.Skipped(collector.SkipEmptyPage), nil
	}
	return b, nil
}

// node is a post of Instagram, as its web page holds it.
type node struct {
	ID        json.RawMessage  `json:"id"`
	Shortcode string           `json:"shortcode"`
	Taken     collector.Number `json:"taken_at_timestamp"`
	Taken2    collector.Number `json:"taken_at"`
	Date      collector.Number `json:"date"`
	Owner     struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"full_name"`
	} `json:"owner"`
	Caption edges            `json:"edge_media_to_caption"`
	Liked   edges            `json:"edge_media_preview_like"`
	Likes   edges            `json:"edge_liked_by"`
	Replies edges            `json:"edge_media_to_comment"`
	Parents edges            `json:"edge_media_to_parent_comment"`
	Views   collector.Number `json:"video_view_count"`
}

type edges struct {
	Count collector.Number `json:"count"`
	Edges []struct {
		Node struct {
			Text string `json:"text"`
		} `json:"node"`
	} `json:"edges"`
}

// DecodeNode reads a post of Instagram's web page, alone or as instaloader keeps it. The error is for a value that is no sound JSON
// object, or a post without id or time.
func DecodeNode(raw []byte) (collector.Batch, error) {
	if inner := collector.Member(raw, "node"); inner != nil {
		raw = inner
	}
	var n node
	if err := collector.Unmarshal(raw, &n); err != nil {
		return collector.Batch{}, fmt.Errorf("instagram: %w", err)
	}
	p := collector.Post{Platform: "instagram", ID: collector.ID(n.ID), Kind: collector.Original,
		Author: collector.Author{ID: collector.Clean(n.Owner.ID), Handle: collector.Clean(n.Owner.Username), Name: collector.Clean(n.Owner.Name)},
		Counts: collector.Counts{Likes: n.Liked.Count.Ptr(), Replies: n.Replies.Count.Ptr(), Views: n.Views.Ptr()}}
	if p.Counts.Likes == nil {
		p.Counts.Likes = n.Likes.Count.Ptr()
	}
	if p.Counts.Replies == nil {
		p.Counts.Replies = n.Parents.Count.Ptr()
	}
	if n.Shortcode != "" {
		p.Permalink = "https://www.instagram.com/p/" + collector.Clean(n.Shortcode) + "/"
	}
	for _, e := range n.Caption.Edges {
		if p.Text == "" {
			p.Text = strings.TrimSpace(collector.Clean(e.Node.Text))
		}
	}
	for _, at := range []collector.Number{n.Taken, n.Taken2, n.Date} {
		if p.CreatedAt.IsZero() {
			p.CreatedAt = at.Time()
		}
	}
	switch {
	case p.Text == "":
		return collector.Skipped(collector.SkipNoText), nil
	case p.ID == "" || p.CreatedAt.IsZero():
		return collector.Batch{}, fmt.Errorf("instagram: %.40q: no id or no time", n.Shortcode)
	}
	collector.AddFromText(&p)
	return collector.Batch{Posts: []collector.Post{p}}, nil
}

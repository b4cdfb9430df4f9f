// Package vk reads VK's posts and comments as the methods of its API answer with them: wall.get, wall.getComments, newsfeed.search.
//
// The number of a post counts on its wall only, where comments are counted too, so both are known as -55_1: the wall's owner, below
// zero for communities, and the number. Messages are private, and skipped.
package vk

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"stallwatch/collector"
)

type count struct {
	N collector.Number `json:"count"`
}

// id is a number, of which nothing is lost.
type id string

// UnmarshalJSON reads it; it never fails.
func (i *id) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if strings.Trim(strings.TrimPrefix(s, "-"), "0123456789") == "" && s != "0" && s != "-" {
		*i = id(s)
	}
	return nil
}

type item struct {
	ID       id               `json:"id"`
	PostID   id               `json:"post_id"` // of a comment; in a newsfeed the post's own
	Owner    id               `json:"owner_id"`
	Source   id               `json:"source_id"` // the same in a newsfeed
	From     id               `json:"from_id"`
	Peer     id               `json:"peer_id"` // of messages
	Date     collector.Number `json:"date"`
	Edited   collector.Number `json:"edited"`
	Text     string           `json:"text"`
	PostType string           `json:"post_type"`
	Ads      collector.Number `json:"marked_as_ads"`
	Deleted  bool             `json:"deleted"`
	Gone     bool             `json:"is_deleted"`
	Parents  []id             `json:"parents_stack"`
	ReplyTo  id               `json:"reply_to_comment"`
	Copied   []item           `json:"copy_history"`
	Likes    count            `json:"likes"`
	Reposts  count            `json:"reposts"`
	Comments count            `json:"comments"`
	Views    count            `json:"views"`
	Thread   struct {
		Count collector.Number `json:"count"`
		Items []item           `json:"items"`
	} `json:"thread"`
	Attached []struct {
		Link struct {
			URL string `json:"url"`
		} `json:"link"`
	} `json:"attachments"`
}

// Decode reads a post, or a comment with its thread. The error is for a value that is no sound JSON object, or a post without id or time.
func Decode(raw []byte) (collector.Batch, error) {
	var b collector.Batch
	var it item
	err := collector.Unmarshal(raw, &it)
	if err == nil {
		err = it.addTo(&b)
	}
	if err != nil {
		return collector.Batch{}, fmt.Errorf("vk: %w", err)
	}
	for i := range it.Thread.Items {
		answer := &it.Thread.Items[i]
		if answer.Owner == "" {
			answer.Owner = it.Owner
		}
		if err := answer.addTo(&b); err != nil {
			b.Failures = append(b.Failures, collector.Failure{Index: i + 1, Err: fmt.Errorf("vk: %w", err)})
		}
	}
	return b, nil
}

func (it *item) addTo(b *collector.Batch) error {
	p, err := it.post()
	skip := collector.Reason("")
	switch {
	case it.Peer != "" && it.Owner == "" && it.Source == "":
		skip = collector.SkipPrivate
	case it.PostType == "postpone" || it.PostType == "suggest": // not published
		skip = collector.SkipNotice
	case err != nil:
		return err
	case it.Deleted || it.Gone:
		skip = collector.SkipDelete
		b.Deletes = append(b.Deletes, collector.Ref{Platform: "vk", ID: p.ID})
	case it.Ads.Ptr() != nil && *it.Ads.Ptr() == 1:
		skip = collector.SkipPromoted
	case p.Text == "":
		skip = collector.SkipNoText
	}
	if skip != "" {
		b.Skips = append(b.Skips, collector.Skip{Reason: skip})
		return nil
	}
	b.Posts = append(b.Posts, p)
	return nil
}

// key is what the item is known by, and the post that it comments on, if it does.
func (it *item) key() (key, on string, err error) {
	owner, n := it.Owner, it.ID
	if owner == "" {
		owner = it.Source
	}
	comment := it.PostID != "" && n != "" && it.PostID != n && it.PostType == "" || it.PostType == "reply"
	if n == "" && it.Source != "" {
		n, comment = it.PostID, false
	}
	switch {
	case n == "" || owner == "":
		return "", "", errors.New("no id, or none of the wall's owner")
	case comment && it.PostID != "":
		on = string(owner + "_" + it.PostID)
	}
	return string(owner + "_" + n), on, nil
}

func (it *item) post() (collector.Post, error) {
	key, on, err := it.key()
	at := it.Date.Time()
	switch {
	case err != nil:
		return collector.Post{}, err
	case at.IsZero() && !it.Deleted && !it.Gone:
		return collector.Post{}, fmt.Errorf("%s has no date", key)
	}
	p := collector.Post{
		Platform: "vk", ID: key, Kind: collector.Original, Conversation: key, Text: plain(it.Text), Permalink: "https://vk.com/wall" + key,
		Author: collector.Author{ID: string(it.From)}, CreatedAt: at, Observed: it.Edited.Time(),
		Counts: collector.Counts{Likes: it.Likes.N.Ptr(), Reposts: it.Reposts.N.Ptr(), Replies: it.Comments.N.Ptr(), Views: it.Views.N.Ptr()},
	}
	if p.Author.ID == "" {
		p.Author.ID, _, _ = strings.Cut(key, "_")
	}
	if on != "" {
		owner, n, _ := strings.Cut(key, "_")
		p.Conversation, p.ReplyTo, p.Permalink, p.Counts.Replies = on, on, "https://vk.com/wall"+on+"?reply="+n, it.Thread.Count.Ptr()
		if it.ReplyTo != "" {
			p.ReplyTo = owner + "_" + string(it.ReplyTo)
		} else if len(it.Parents) > 0 {
			p.ReplyTo = owner + "_" + string(it.Parents[len(it.Parents)-1])
		}
	}
	it.copied(&p)
	p.SetKind()
	it.links(&p)
	collector.AddFromText(&p)
	return p, nil
}

// copied looks at what the post repeats: without words of its own it is a repost of that, with some a quote.
func (it *item) copied(p *collector.Post) {
	if len(it.Copied) == 0 {
		return
	}
	first := &it.Copied[0]
	id, _, _ := first.key()
	if p.Text != "" {
		p.Quoted = id
		p.Kind = collector.Quote
		return
	}
	p.Kind, p.Reposted, p.Text = collector.Repost, id, plain(first.Text)
	first.links(p)
}

func (it *item) links(p *collector.Post) {
	for _, a := range it.Attached {
		p.URLs = collector.AddURL(p.URLs, a.Link.URL)
	}
}

// mention is how VK writes the name of a person or community, or a link.
var mention = regexp.MustCompile(`\[(?:(?:id|club|public|event)\d+(?::bp-?\d+_\d+)?|https?://[^|\]\s]+)\|([^\]]*)\]`)

func plain(text string) string {
	return strings.TrimSpace(collector.Unescape(mention.ReplaceAllString(strings.ReplaceAll(text, "<br>", "\n"), "$1")))
}

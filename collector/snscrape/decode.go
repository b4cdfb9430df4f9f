// Package snscrape reads the JSON lines of snscrape, whose _type names the network and the class of each line.
package snscrape

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"stallwatch/collector"
)

// item is one line, of any network and version: rawContent was content before 0.5, links were outlinks.
type item struct {
	Type           string           `json:"_type"`
	URL            string           `json:"url"`
	Date           string           `json:"date"`
	RawContent     string           `json:"rawContent"`
	Content        string           `json:"content"`
	Rendered       string           `json:"renderedContent"`
	Title          string           `json:"title"`
	SelfText       string           `json:"selftext"`
	Body           string           `json:"body"`
	ID             id               `json:"id"`
	User           user             `json:"user"`
	Author         string           `json:"author"`
	Username       string           `json:"username"`
	Replies        collector.Number `json:"replyCount"`
	Reposts        collector.Number `json:"retweetCount"`
	Likes          collector.Number `json:"likeCount"`
	Quotes         collector.Number `json:"quoteCount"`
	Views          collector.Number `json:"viewCount"`
	ConversationID id               `json:"conversationId"`
	Lang           string           `json:"lang"`
	Links          []link           `json:"links"`
	Outlinks       []string         `json:"outlinks"`
	Hashtags       []string         `json:"hashtags"`
	Retweeted      *item            `json:"retweetedTweet"`
	Quoted         *item            `json:"quotedTweet"`
	InReplyTo      id               `json:"inReplyToTweetId"`
	ParentID       id               `json:"parentId"`
}

type user struct {
	Username string `json:"username"`
	Display  string `json:"displayname"`
	ID       id     `json:"id"`
}

// id is a number, or the text that other networks than X have in its place.
type id string

// UnmarshalJSON reads either; it never fails.
func (i *id) UnmarshalJSON(b []byte) error {
	*i = id(collector.ID(b))
	return nil
}

type link struct {
	URL string `json:"url"`
}

// Decode reads one line. The error is for a line that is no sound JSON object, or a post without id or time.
func Decode(raw []byte) (collector.Batch, error) {
	var it item
	if err := collector.Unmarshal(raw, &it); err != nil {
		return collector.Batch{}, fmt.Errorf("snscrape: %w", err)
	}
	class := it.Type[strings.LastIndexByte(it.Type, '.')+1:]
	switch class {
	case "Tombstone", "Deleted":
		if collector.Gone(it.text()) || collector.Gone(collector.Text(collector.Member(raw, "text"))) {
			return collector.Deleted(it.platform(), string(it.ID)), nil
		}
		return collector.Skipped(collector.SkipNotice), nil
	case "TweetRef": // no more than the id of a post that was referred to
		return collector.Skipped(collector.SkipNotice), nil
	case "User", "Profile", "Channel", "Group", "Subreddit", "Trend":
		return collector.Skipped(collector.SkipUsers), nil
	}
	p, err := it.post()
	if err != nil {
		return collector.Batch{}, fmt.Errorf("snscrape: %w", err)
	}
	if p.Text == "" {
		return collector.Skipped(collector.SkipNoText), nil
	}
	return collector.Batch{Posts: []collector.Post{p}}, nil
}

// platform is the module's name as we call the network.
func (it *item) platform() string {
	_, rest, _ := strings.Cut(it.Type, "snscrape.modules.")
	name, _, _ := strings.Cut(rest, ".")
	switch name {
	case "twitter":
		return "x"
	case "":
		return "unknown"
	}
	return collector.Clean(name)
}

// id is the number, or what stands in its place on networks that have none: a text, or the post's link.
func (it *item) id() string {
	for _, id := range []string{string(it.ID), it.URL} {
		if id != "" {
			return collector.Clean(id)
		}
	}
	return ""
}

func (it *item) post() (collector.Post, error) {
	id := it.id()
	if id == "" {
		return collector.Post{}, errors.New("no id")
	}
	p := collector.Post{
		Platform:     it.platform(),
		ID:           id,
		Lang:         collector.Language(it.Lang),
		Kind:         collector.Original,
		ReplyTo:      string(it.InReplyTo),
		Conversation: string(it.ConversationID),
		Author:       collector.Author{ID: string(it.User.ID), Handle: collector.Clean(it.User.Username), Name: collector.Clean(it.User.Display)},
		Counts:       collector.Counts{Likes: it.Likes.Ptr(), Reposts: it.Reposts.Ptr(), Replies: it.Replies.Ptr(), Quotes: it.Quotes.Ptr(), Views: it.Views.Ptr()},
	}
	if p.Author.Handle == "" {
		p.Author.Handle = collector.Clean(it.Author + it.Username)
	}
	if p.Permalink = collector.Clean(it.URL); p.Platform == "x" {
		p.Permalink = "https://x.com/i/web/status/" + id
	}
	at, err := time.Parse(time.RFC3339, it.Date)
	if err != nil {
		var ok bool
		if at, ok = collector.SnowflakeTime(id); !ok || p.Platform != "x" {
			return p, fmt.Errorf("post %.80q: the date %.40q is no time", id, it.Date)
		}
	}
	p.CreatedAt = at.UTC()
	if p.ReplyTo == "" && p.Platform == "reddit" {
		p.ReplyTo = string(it.ParentID)
	}
	it.refer(&p)
	original := it
	if it.Retweeted != nil && it.Retweeted.text() != "" {
		original = it.Retweeted
	}
	original.fill(&p)
	return p, nil
}

func (it *item) refer(p *collector.Post) {
	if it.Quoted != nil {
		p.Quoted = it.Quoted.id()
	}
	if it.Retweeted != nil {
		p.Reposted = it.Retweeted.id()
	}
	switch {
	case it.Retweeted != nil:
		p.Kind = collector.Repost
	case p.Quoted != "":
		p.Kind = collector.Quote
	case p.ReplyTo != "":
		p.Kind = collector.Reply
	}
}

func (it *item) text() string {
	for _, s := range []string{it.RawContent, it.Content, it.Rendered, it.Body} {
		if s != "" {
			return s
		}
	}
	return strings.TrimSpace(it.Title + "\n\n" + it.SelfText)
}

// fill sets text, links and hashtags. snscrape reads long posts since 0.7 only, and does not unescape.
func (it *item) fill(p *collector.Post) {
	p.Text = collector.Unescape(it.text())
	if p.Platform == "x" {
		p.TextTruncated = collector.MaybeCut(p.Text, p.CreatedAt) && collector.EndsCut(p.Text)
		if rest, _, ok := collector.TrimRepost(p.Text); ok && p.Kind == collector.Repost {
			p.TextTruncated = p.TextTruncated || collector.EndsCut(rest)
			p.Text = rest
		}
	}
	for _, l := range it.Links {
		p.URLs = collector.AddURL(p.URLs, l.URL)
	}
	for _, l := range it.Outlinks {
		p.URLs = collector.AddURL(p.URLs, l)
	}
	for _, t := range it.Hashtags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, t)
	}
}

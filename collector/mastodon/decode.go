// Package mastodon reads Mastodon: statuses as its API answers with them, and the outbox of an account's archive. Truth
// Social, whose API is Mastodon's, comes in through it too.
//
// A status's id counts on its own server only, so a post is known by its uri, which is the same everywhere. Text comes as
// HTML and is made plain. What was not addressed to the public is skipped.
package mastodon

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"stallwatch/collector"
)

// Decode reads one JSON value: a status, a search result with statuses, an event of a stream, an outbox or one activity of it.
// The error is for a value that is no sound JSON object; one bad status of a page is a Failure of the batch.
func Decode(raw []byte) (collector.Batch, error) {
	var list, payload []byte
	var liked [][]byte
	var event string
	one := addStatus
	_, err := collector.Members(raw, func(key, value []byte) bool {
		switch string(key) {
		case "statuses":
			list = value
		case "favourites", "bookmarks": // of mastodon-archive: what others wrote and the account liked or kept
			liked = append(liked, value)
		case "orderedItems":
			list, one = value, addActivity
		case "object", "attributedTo":
			one = addActivity
		case "event":
			event = collector.Text(value)
		case "payload":
			payload = value
		}
		return true
	})
	var b collector.Batch
	switch {
	case err != nil:
		return b, fmt.Errorf("mastodon: %w", err)
	case event != "":
		addEvent(&b, event, payload)
		return b, nil
	case list == nil:
		one(&b, raw, 0)
		return b, nil
	}
	n := 0
	if _, err := collector.Elements(list, func(el []byte) bool {
		one(&b, el, n)
		n++
		return true
	}); err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("mastodon: %w", err)})
	} else if n == 0 {
		b = collector.Skipped(collector.SkipEmptyPage)
	}
	for _, l := range liked {
		collector.Elements(l, func([]byte) bool {
			b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipLike})
			return true
		})
	}
	return b, nil
}

// status is an answer of the API.
type status struct {
	ID          string           `json:"id"`
	URI         string           `json:"uri"`
	URL         string           `json:"url"`
	CreatedAt   string           `json:"created_at"`
	EditedAt    string           `json:"edited_at"`
	Language    string           `json:"language"`
	Visibility  string           `json:"visibility"`
	Spoiler     string           `json:"spoiler_text"`
	Content     *string          `json:"content"`
	Source      *string          `json:"text"` // in the answer to a deletion only
	ReplyTo     string           `json:"in_reply_to_id"`
	ReplyToWho  string           `json:"in_reply_to_account_id"`
	Reblog      *status          `json:"reblog"`
	Account     account          `json:"account"`
	Likes       collector.Number `json:"favourites_count"`
	Reposts     collector.Number `json:"reblogs_count"`
	Replies     collector.Number `json:"replies_count"`
	Quotes      collector.Number `json:"quotes_count"`
	QuoteID     string           `json:"quote_id"` // Truth Social
	Tags        []named          `json:"tags"`
	QuotedByAPI struct {
		Status *status `json:"quoted_status"`
		ID     string  `json:"quoted_status_id"`
	} `json:"quote"`
}

type named struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type account struct {
	ID      string `json:"id"`
	URI     string `json:"uri"`
	URL     string `json:"url"`
	Acct    string `json:"acct"`
	Display string `json:"display_name"`
}

func addStatus(b *collector.Batch, raw []byte, index int) {
	var s status
	if err := collector.Unmarshal(raw, &s); err != nil {
		b.Keep("mastodon", index, collector.Post{}, "", err)
		return
	}
	p, skip, err := s.post()
	b.Keep("mastodon", index, p, skip, err)
	if skip == collector.SkipDelete {
		b.Deletes = append(b.Deletes, collector.Ref{Platform: s.platform(), ID: s.key()})
	}
}

// addEvent reads a message of a stream. What it deletes has the id of a server that the message does not name, so that nothing can be
// removed for it.
func addEvent(b *collector.Batch, event string, payload []byte) {
	skip := collector.SkipNotice
	switch event {
	case "update", "status.update":
		if len(payload) > 0 && payload[0] == '"' { // in a WebSocket's message
			payload = []byte(collector.Text(payload))
		}
		addStatus(b, payload, 0)
		return
	case "delete":
		skip = collector.SkipDelete
	case "conversation":
		skip = collector.SkipPrivate
	}
	b.Skips = append(b.Skips, collector.Skip{Reason: skip})
}

func (s *status) post() (p collector.Post, skip collector.Reason, err error) {
	switch {
	case s.ID == "" && s.URI == "":
		return p, "", errors.New("a status without id and uri")
	case s.Content == nil && s.Source != nil && s.URI != "" && s.Visibility != "" && s.Account.Acct != "":
		return p, collector.SkipDelete, nil
	case s.Content == nil && s.Source != nil:
		return p, "", fmt.Errorf("status %.80q has no content", s.key())
	case s.Visibility == "direct" || s.Visibility == "private":
		return p, collector.SkipPrivate, nil
	}
	at, err := time.Parse(time.RFC3339, s.CreatedAt)
	if err != nil {
		return p, "", fmt.Errorf("status %.80q: created_at %.40q is no time", s.key(), s.CreatedAt)
	}
	p = collector.Post{
		Platform:  s.platform(),
		ID:        s.key(),
		CreatedAt: at.UTC(),
		Lang:      collector.Clean(s.Language),
		Kind:      collector.Original,
		ReplyTo:   s.replyTo(),
		Author:    s.author(),
		Counts:    collector.Counts{Likes: s.Likes.Ptr(), Reposts: s.Reposts.Ptr(), Replies: s.Replies.Ptr(), Quotes: s.Quotes.Ptr()},
		Permalink: collector.Clean(s.URL),
	}
	if at, err := time.Parse(time.RFC3339, s.EditedAt); err == nil {
		p.Observed = at.UTC() // not before: no answer of the API says when it was given
	}
	s.refer(&p)
	original := s
	if s.Reblog != nil {
		original = s.Reblog
	}
	original.fill(&p)
	return p, "", nil
}

// replyTo is the key of the status that this one answers. The API tells its id on the server that was asked, which is a key
// only where that server's uris end in its ids and the author answers themselves: a thread. Other answers keep the id.
func (s *status) replyTo() string {
	on, own := strings.CutSuffix(s.key(), "/statuses/"+s.ID)
	if s.ReplyTo != "" && own && s.ReplyToWho == s.Account.ID && s.ReplyToWho != "" {
		return collector.Clean(on + "/statuses/" + s.ReplyTo)
	}
	return collector.Clean(s.ReplyTo)
}

func (s *status) refer(p *collector.Post) {
	q := &s.QuotedByAPI
	switch {
	case q.Status != nil:
		p.Quoted = q.Status.key()
	case q.ID != "":
		p.Quoted = collector.Clean(q.ID)
	default:
		p.Quoted = collector.Clean(s.QuoteID)
	}
	switch {
	case s.Reblog != nil:
		p.Kind, p.Reposted = collector.Repost, s.Reblog.key()
	case p.Quoted != "":
		p.Kind = collector.Quote
	case p.ReplyTo != "":
		p.Kind = collector.Reply
	}
}

// fill sets text, links and hashtags. A content warning is the post's author's words, and comes first.
func (s *status) fill(p *collector.Post) {
	if s.Content != nil {
		p.Text, p.URLs = Plain(*s.Content)
	}
	if w := strings.TrimSpace(collector.Clean(s.Spoiler)); w != "" {
		p.Text = strings.TrimSpace(w + "\n\n" + p.Text)
	}
	for _, t := range s.Tags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, t.Name)
	}
}

// key is the uri, except on Truth Social and Gab, where ids are of one server.
func (s *status) key() string {
	if s.URI == "" || s.platform() != "mastodon" && s.ID != "" {
		return collector.Clean(s.ID)
	}
	return collector.Clean(s.URI)
}

func (s *status) platform() string {
	for _, link := range []string{s.URI, s.URL, s.Account.URL} {
		u, err := url.Parse(link)
		if err != nil {
			continue
		}
		switch strings.TrimPrefix(u.Host, "www.") {
		case "truthsocial.com":
			return "truthsocial"
		case "gab.com":
			return "gab"
		}
	}
	return "mastodon"
}

// author is known by the account's uri, which is the same on every server.
func (s *status) author() collector.Author {
	a := s.Account
	id := a.URI
	if id == "" {
		id = a.URL
	}
	if id == "" {
		id = a.ID
	}
	return collector.Author{ID: collector.Clean(id), Handle: collector.Clean(a.Acct), Name: collector.Clean(a.Display)}
}

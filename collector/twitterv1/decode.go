// Package twitterv1 reads what Twitter's API v1.1 answered and streamed: statuses, search pages, stream notices. The
// API is gone but for remnants; its files are not. It is the only package that knows github.com/dghubble/go-twitter.
//
// # Where that library's types do not fit real files
//
//   - Ids are int64 there. Ids are taken from the _str members; the numbers serve only where those are missing, and a
//     number written as a float is refused.
//   - Counts are plain ints, so that "did not say" reads as 0. The status type below shadows them.
//   - Members have had other types at other times ("retweet_count":"100+", place attributes that are no strings,
//     withheld_in_countries as one string, range pairs longer than two). collector.Unmarshal then drops that member, not
//     the status.
//   - timestamp_ms, which streams add, is not there at all.
package twitterv1

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	//lint:ignore SA1019 the project's owner fixed this module; v1.1 is a file format now and its types do not change
	"github.com/dghubble/go-twitter/twitter"

	"stallwatch/collector"
)

// status is a v1.1 status. Its own members win over those of the embedded type.
type status struct {
	twitter.Tweet
	FavoriteCount collector.Number `json:"favorite_count"`
	RetweetCount  collector.Number `json:"retweet_count"`
	ReplyCount    collector.Number `json:"reply_count"`
	QuoteCount    collector.Number `json:"quote_count"`
	TimestampMS   string           `json:"timestamp_ms"`
	IsQuoteStatus bool             `json:"is_quote_status"`
	UserIDStr     string           `json:"user_id_str"` // of X's web client before GraphQL, which sends users apart
	Views         collector.Number `json:"views_count"` // of resellers and of X's old web client: not in the API
	Conversation  string           `json:"conversation_id_str"`
}

// Decode reads one JSON value: a status, a search page, a stream notice or an error object. The error is for a value
// that is no sound JSON object; a bad status of a search page is a Failure of the batch.
func Decode(raw []byte) (collector.Batch, error) {
	var statuses, deleted []byte
	var reason collector.Reason
	isStatus := false
	_, err := collector.Members(raw, func(key, value []byte) bool {
		switch string(key) {
		case "statuses":
			statuses = value
		case "text", "full_text", "extended_tweet":
			isStatus = true
		case "delete":
			reason, deleted = collector.SkipDelete, value
		case "limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning", "friends", "event", "control":
			reason = collector.SkipNotice
		case "errors", "error":
			reason = collector.SkipAPIError
		}
		return true
	})
	switch {
	case err != nil:
		return collector.Batch{}, fmt.Errorf("x api v1.1: %w", err)
	case isStatus:
		var b collector.Batch
		add(&b, raw, 0)
		return b, nil
	case len(statuses) > 0 && statuses[0] == '[':
		return page(statuses), nil
	case deleted != nil:
		return deletion(deleted), nil
	case reason != "":
		return collector.Skipped(reason), nil
	}
	return collector.Skipped(collector.SkipUnknown), nil
}

// deletion reads the notice by which streams take a status back.
func deletion(raw []byte) collector.Batch {
	s := collector.Member(raw, "status")
	id := collector.ID(collector.Member(s, "id_str"))
	if id == "" {
		id = collector.ID(collector.Member(s, "id"))
	}
	return collector.Deleted("x", id)
}

func page(statuses []byte) collector.Batch {
	var b collector.Batch
	n := 0
	_, err := collector.Elements(statuses, func(el []byte) bool {
		add(&b, el, n)
		n++
		return true
	})
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("x api v1.1: statuses: %w", err)})
	} else if n == 0 {
		return collector.Skipped(collector.SkipEmptyPage)
	}
	return b
}

func add(b *collector.Batch, raw []byte, index int) {
	var s status
	err := collector.Unmarshal(raw, &s)
	if err == nil {
		var p collector.Post
		if p, err = s.post(); err == nil {
			if p.Text == "" {
				b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
				return
			}
			b.Posts = append(b.Posts, p)
			return
		}
	}
	b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("x api v1.1: %w", err)})
}

func (s *status) post() (collector.Post, error) {
	id := idOf(s.IDStr, s.ID)
	if id == "" {
		return collector.Post{}, errors.New("no id")
	}
	p := collector.Post{
		Platform:     "x",
		ID:           id,
		Lang:         collector.Language(s.Lang),
		Counts:       collector.Counts{Likes: s.FavoriteCount.Ptr(), Reposts: s.RetweetCount.Ptr(), Replies: s.ReplyCount.Ptr(), Quotes: s.QuoteCount.Ptr(), Views: s.Views.Ptr()},
		Conversation: collector.Clean(s.Conversation),
		Permalink:    "https://x.com/i/web/status/" + id,
	}
	if u := s.User; u != nil {
		p.Author = collector.Author{ID: idOf(u.IDStr, u.ID), Handle: collector.Clean(u.ScreenName), Name: collector.Clean(u.Name)}
	}
	if p.Author.ID == "" {
		p.Author.ID = collector.Clean(s.UserIDStr)
	}
	var err error
	if p.CreatedAt, err = s.created(id); err != nil {
		return collector.Post{}, err
	}
	s.refer(&p)
	r := &s.Tweet
	if s.RetweetedStatus != nil {
		r = s.RetweetedStatus
	}
	fill(&p, r)
	return p, nil
}

// refer sets the kind: a retweet of a quote names the quoted status too, and is a repost.
func (s *status) refer(p *collector.Post) {
	p.Kind = collector.Original
	if p.ReplyTo = idOf(s.InReplyToStatusIDStr, s.InReplyToStatusID); p.ReplyTo != "" {
		p.Kind = collector.Reply
	}
	if p.Quoted = idOf(s.QuotedStatusIDStr, s.QuotedStatusID); p.Quoted == "" && s.QuotedStatus != nil {
		p.Quoted = idOf(s.QuotedStatus.IDStr, s.QuotedStatus.ID)
	}
	if p.Quoted != "" || s.IsQuoteStatus {
		p.Kind = collector.Quote
	}
	if r := s.RetweetedStatus; r != nil {
		p.Reposted = idOf(r.IDStr, r.ID)
		p.Kind = collector.Repost
	}
}

func (s *status) created(id string) (time.Time, error) {
	if at, err := time.Parse(time.RubyDate, s.CreatedAt); err == nil {
		return at.UTC(), nil
	}
	if ms, err := strconv.ParseInt(s.TimestampMS, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), nil
	}
	if at, ok := collector.SnowflakeTime(id); ok {
		return at, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05 -0700", time.RFC3339} { // of archives before 2018, whose oldest ids hold no time
		if at, err := time.Parse(layout, s.CreatedAt); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("status %.40q: created_at %.40q is no time, and the id holds none", id, s.CreatedAt)
}

// fill sets text, links and hashtags from the longest form the status r has: extended_tweet, full_text, text.
func fill(p *collector.Post, r *twitter.Tweet) {
	text, ent, full := r.Text, r.Entities, false
	if r.FullText != "" {
		text, full = r.FullText, true
	}
	if x := r.ExtendedTweet; x != nil && x.FullText != "" {
		text, full = x.FullText, true
		if x.Entities != nil {
			ent = x.Entities
		}
	}
	p.Text = collector.Unescape(text)
	p.TextTruncated = cut(p.Text, full, r, p.CreatedAt)
	if ent == nil {
		return
	}
	self := "/i/web/status/" + idOf(r.IDStr, r.ID)
	for i := range ent.Urls {
		u := ent.Urls[i].ExpandedURL
		if u == "" {
			u = ent.Urls[i].URL
		}
		if !strings.HasSuffix(u, self) {
			p.URLs = collector.AddURL(p.URLs, u)
		}
	}
	for i := range ent.Hashtags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, ent.Hashtags[i].Text)
	}
}

// cut tells whether a text is, or may be, only the beginning. "truncated":false proves nothing: every retweet cut to
// 140 characters in one real minute of the stream said so. Short texts that end in an ellipsis are their author's.
func cut(text string, full bool, r *twitter.Tweet, created time.Time) bool {
	if full {
		return collector.MaybeCut(text, created)
	}
	return r.Truncated || len(text) >= 130 && collector.EndsCut(text)
}

// idOf prefers the id that came as a string.
func idOf(s string, n int64) string {
	if s != "" {
		return collector.Clean(s)
	}
	if n > 0 {
		return strconv.FormatInt(n, 10)
	}
	return ""
}

package collector

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind tells how a post relates to other posts.
type Kind string

// The four kinds. A post that is several at once is the first of repost, quote, reply.
const (
	Original Kind = "original"
	Reply    Kind = "reply"
	Quote    Kind = "quote"
	Repost   Kind = "repost"
)

// Post is one post of one platform. Platform and ID together identify it.
type Post struct {
	Platform      string    `json:"platform"`       // "x", "bluesky", …: lower case
	ID            string    `json:"id"`             // as the platform writes it
	Text          string    `json:"text"`           // whole text, entities unescaped; of a repost, the original's
	TextTruncated bool      `json:"text_truncated"` // the source has cut the text, or may have
	CreatedAt     time.Time `json:"created_at"`     // UTC
	Lang          string    `json:"lang,omitempty"` // BCP 47 as the platform gave it; empty when it did not say
	Kind          Kind      `json:"kind"`
	ReplyTo       string    `json:"reply_to,omitempty"` // ids of the posts it refers to, empty when it does not
	Quoted        string    `json:"quoted,omitempty"`
	Reposted      string    `json:"reposted,omitempty"`
	Conversation  string    `json:"conversation,omitempty"`
	Author        Author    `json:"-"` // never stored: the store keeps a keyed hash of Author.Key
	Counts        Counts    `json:"counts"`
	URLs          []string  `json:"urls,omitempty"`
	Hashtags      []string  `json:"hashtags,omitempty"` // without the sign
	Permalink     string    `json:"permalink,omitempty"`
	Observed      time.Time `json:"observed,omitzero"` // when the source read the post from the platform; zero when it does not say
}

// SetKind derives the kind from the ids that the post refers to; a post that refers to none keeps its kind.
func (p *Post) SetKind() {
	switch {
	case p.Reposted != "":
		p.Kind = Repost
	case p.Quoted != "":
		p.Kind = Quote
	case p.ReplyTo != "":
		p.Kind = Reply
	}
}

// Ref names a post.
type Ref struct {
	Platform string `json:"platform"`
	ID       string `json:"id"`
}

// GoneAccount names an account that is gone: what it wrote until At is to go. The zero time stands for now.
type GoneAccount struct {
	Platform, ID string
	At           time.Time
}

// Author is who wrote a post. It stays in memory.
type Author struct{ ID, Handle, Name string }

// Key is what tells one author of a platform from another: the id, or else the handle; empty when neither is known.
func (a Author) Key() string {
	if a.ID != "" {
		return a.ID
	}
	return strings.ToLower(a.Handle)
}

// Counts are the reactions a source reported at the time it was read. Nil means that it did not say, which is not 0.
type Counts struct {
	Likes   *int64 `json:"likes,omitempty"`
	Reposts *int64 `json:"reposts,omitempty"`
	Replies *int64 `json:"replies,omitempty"`
	Quotes  *int64 `json:"quotes,omitempty"`
	Views   *int64 `json:"views,omitempty"`
}

// Reason says why something that was read is not a post to store.
type Reason string

// The closed list of reasons.
const (
	SkipCounts     Reason = "counts"       // post counts per hour, no posts
	SkipLike       Reason = "like"         // somebody's like of a post of others, without its author
	SkipNotice     Reason = "notice"       // stream control: limits, warnings, scrub_geo, …
	SkipDelete     Reason = "delete"       // a deletion or compliance notice
	SkipDeleted    Reason = "deleted"      // a post that such a notice has removed before
	SkipAPIError   Reason = "api error"    // an error object saved in place of a page
	SkipUsers      Reason = "users"        // accounts or other includes without posts
	SkipEmptyPage  Reason = "empty page"   // a page with no results
	SkipHeader     Reason = "header"       // a header repeated inside a file
	SkipUnknown    Reason = "unknown"      // JSON or text of a shape that no decoder knows
	SkipNoText     Reason = "no text"      // a post without any text
	SkipPrivate    Reason = "private"      // not addressed to the public
	SkipPromoted   Reason = "promoted"     // an advertisement between the posts
	SkipTraffic    Reason = "traffic"      // a request in a browser's recording that brought no posts
	SkipOutOfRange Reason = "out of range" // outside --since/--until
)

// Batch is what one value of a source held.
type Batch struct {
	Posts    []Post
	Deletes  []Ref         // posts that the value asks to remove: each notice of it is a Skip too
	Accounts []GoneAccount // accounts whose posts it asks to remove, likewise
	Skips    []Skip
	Failures []Failure
}

// Keep adds what became of element index: a failure, which says what decoder it is from, a skip when the element is no post or has no
// text, or the post.
func (b *Batch) Keep(decoder string, index int, p Post, skip Reason, err error) {
	switch {
	case err != nil:
		b.Failures = append(b.Failures, Failure{Index: index, Err: fmt.Errorf("%s: %w", decoder, err)})
	case skip != "":
		b.Skips = append(b.Skips, Skip{Reason: skip})
	case p.Text == "":
		b.Skips = append(b.Skips, Skip{Reason: SkipNoText})
	default:
		b.Posts = append(b.Posts, p)
	}
}

// Skip is one value, or element of a page, that is no post.
type Skip struct{ Reason Reason }

// Failure is one element that should have been a post and could not be read. Index is its place in the value, from 0.
type Failure struct {
	Index int
	Err   error
}

// Skipped is the batch of a value that is one skip.
func Skipped(r Reason) Batch { return Batch{Skips: []Skip{{r}}} }

// Deleted is the batch of a value that asks to remove one post; of one that names none when id is empty.
func Deleted(platform, id string) Batch {
	b := Skipped(SkipDelete)
	if id != "" {
		b.Deletes = []Ref{{platform, Clean(id)}}
	}
	return b
}

// AccountGone is the batch of a value that asks to remove what an account has written; of one that names none when id is
// empty.
func AccountGone(platform, id string, at time.Time) Batch {
	b := Skipped(SkipDelete)
	if id != "" {
		b.Accounts = []GoneAccount{{platform, Clean(id), at}}
	}
	return b
}

// Gone tells whether the words that a network puts in a post's place say that the post, or its author, is no more there.
// Other words (an age limit, a protected account) say that whoever asked may not see it.
func Gone(words string) bool {
	words = strings.ToLower(words)
	for _, w := range []string{"deleted", "no longer exists", "no longer available", "suspended", "violated", "removed"} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

// Superseded are the posts that edits have replaced: X gives each version of a post an id of its own, and lists them all,
// oldest first. Only a list that ends in the post itself says that the others are gone.
func Superseded(platform, id string, versions []string) (old []Ref) {
	if n := len(versions); n < 2 || versions[n-1] != id {
		return nil
	}
	for _, v := range versions[:len(versions)-1] {
		if v != "" && v != id {
			old = append(old, Ref{platform, Clean(v)})
		}
	}
	return old
}

// Clean forces valid UTF-8 and drops NULs: text from outside passes through it once, at decode.
func Clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// snowflakeEpoch is the zero of X's ids in Unix milliseconds; see SnowflakeTime.
const snowflakeEpoch = 1288834974657

// SnowflakeTime reads the creation time out of an X post id (milliseconds since the snowflake epoch in the bits above
// 22). ok is false for ids that are not decimal or older than snowflakes (November 2010, ids below 3·10^10).
func SnowflakeTime(id string) (t time.Time, ok bool) {
	var n uint64
	if len(id) == 0 || len(id) > 19 {
		return t, false
	}
	for _, c := range []byte(id) {
		if c < '0' || c > '9' {
			return t, false
		}
		n = n*10 + uint64(c-'0')
	}
	if n < 30_000_000_000 {
		return t, false
	}
	return time.UnixMilli(int64(n>>22) + snowflakeEpoch).UTC(), true
}

// SnowflakeAt is the lowest X post id of a moment: ids of posts made before it are lower.
func SnowflakeAt(t time.Time) string {
	return strconv.FormatInt(max(0, t.UnixMilli()-snowflakeEpoch)<<22, 10)
}

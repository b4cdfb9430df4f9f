// Package bluesky reads Bluesky posts: the views its API answers with (searchPosts, feeds, threads), the records of
// repositories, and the events of Jetstream in both its versions and of Tap.
//
// A post is known by its at:// uri. Its createdAt is whatever the client claimed; where that is no time, the network's
// own indexedAt, or the event's time, takes its place. Text is plain, never HTML. Links and hashtags come from the facets
// and the embed, because the text shows links cut.
package bluesky

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"stallwatch/collector"
)

const postCollection = "app.bsky.feed.post"

// Decode reads one JSON value: a post view, a feed item or a record around one, a page of these, a thread, or one event. The error is for a
// value that is no sound JSON object; one bad post of a page is a Failure of the batch.
func Decode(raw []byte) (collector.Batch, error) {
	has := map[string][]byte{}
	_, err := collector.Members(raw, func(key, value []byte) bool {
		switch string(key) {
		case "posts", "feed", "thread", "records", "time_us", "type", "record", "payload", "seq", "uri":
			has[string(key)] = value
		}
		return true
	})
	switch {
	case err != nil:
		return collector.Batch{}, fmt.Errorf("bluesky: %w", err)
	case has["posts"] != nil:
		return page(has["posts"]), nil
	case has["feed"] != nil:
		return page(has["feed"]), nil
	case has["records"] != nil:
		return page(has["records"]), nil
	case has["uri"] != nil:
	case has["thread"] != nil:
		return whole(has["thread"])
	case has["time_us"] != nil, has["payload"] != nil, has["seq"] != nil:
		return event(raw, nil)
	case has["type"] != nil && has["record"] != nil || string(has["type"]) == `"identity"`:
		return event(raw, has["record"])
	}
	var b collector.Batch
	add(&b, raw, 0)
	return b, nil
}

// whole reads a thread: a tree of posts, or in getPostThreadV2 a list of them.
func whole(raw []byte) (collector.Batch, error) {
	if len(raw) > 0 && raw[0] == '[' {
		return page(raw), nil
	}
	var t thread
	if err := collector.Unmarshal(raw, &t); err != nil {
		return collector.Batch{}, fmt.Errorf("bluesky: thread: %w", err)
	}
	var b collector.Batch
	t.addTo(&b, 0)
	return b, nil
}

// addTo adds the thread in the order in which it is read, and returns how many posts that were from index on.
func (t *thread) addTo(b *collector.Batch, index int) int {
	if t == nil {
		return index
	}
	index = t.Parent.addTo(b, index)
	t.item.addTo(b, index)
	index++
	for _, r := range t.Replies {
		index = r.addTo(b, index)
	}
	return index
}

// DecodeRecord reads an app.bsky.feed.post without anything around it: the post has neither id nor author.
func DecodeRecord(raw []byte) (collector.Post, error) {
	var r record
	err := collector.Unmarshal(raw, &r)
	p := r.post("")
	if err == nil {
		p.CreatedAt, err = firstTime(r.CreatedAt, r.PyCreatedAt)
	}
	if err != nil {
		return p, fmt.Errorf("bluesky: record: %w", err)
	}
	return p, nil
}

func page(raw []byte) collector.Batch {
	var b collector.Batch
	n := 0
	_, err := collector.Elements(raw, func(el []byte) bool {
		add(&b, el, n)
		n++
		return true
	})
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("bluesky: %w", err)})
	} else if n == 0 {
		return collector.Skipped(collector.SkipEmptyPage)
	}
	return b
}

func add(b *collector.Batch, raw []byte, index int) {
	var it item
	if err := collector.Unmarshal(raw, &it); err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("bluesky: %w", err)})
		return
	}
	it.addTo(b, index)
}

func (it *item) addTo(b *collector.Batch, index int) {
	v := it.viewed()
	switch {
	case strings.HasPrefix(v.URI, "at://") && (v.NotFound || v.PyNotFound):
		d := collector.Deleted("bluesky", v.URI)
		b.Skips, b.Deletes = append(b.Skips, d.Skips...), append(b.Deletes, d.Deletes...)
		return
	case v.Blocked:
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
		return
	case it.Value != nil && v.URI != "" && !isPost(v.URI):
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNotice})
		return
	}
	p, err := it.decode()
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("bluesky: %w", err)})
		return
	}
	keep(b, p)
}

func keep(b *collector.Batch, p collector.Post) {
	if p.Text == "" {
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
		return
	}
	b.Posts = append(b.Posts, p)
}

// decode reads a view, or a feed item, which says who reposted the view inside it.
func (it *item) decode() (collector.Post, error) {
	p, err := it.viewed().decode()
	if err != nil || it.Reason == nil || cmp.Or(it.Reason.Type, it.Reason.PyType) != "app.bsky.feed.defs#reasonRepost" {
		return p, err
	}
	by := it.Reason.By
	p.Kind, p.Reposted = collector.Repost, p.ID
	p.Author = by.author()
	p.Counts = collector.Counts{}
	if p.ID = collector.Clean(it.Reason.URI); p.ID == "" {
		p.ID = p.Reposted + "#repost-" + p.Author.ID
	}
	p.CreatedAt, err = firstTime(it.Reason.IndexedAt, it.Reason.PyIndexedAt)
	return p, err
}

func (it *item) viewed() *view {
	switch {
	case it.Post != nil:
		return it.Post
	case it.Value != nil && it.Value.Post != nil:
		return it.Value.Post
	case it.Value != nil:
		in, missing := strings.CutPrefix(it.Value.Type, "app.bsky.unspecced.defs#threadItem")
		return &view{URI: it.URI, Record: it.Value.record, NotFound: in == "NotFound", Blocked: missing}
	}
	return &it.view
}

func (v *view) decode() (collector.Post, error) {
	if v.URI == "" {
		return collector.Post{}, errors.New("no uri")
	}
	at, err := firstTime(v.Record.CreatedAt, v.Record.PyCreatedAt, v.IndexedAt, v.PyIndexedAt)
	if inKey, ok := KeyTime(v.URI); err != nil && ok {
		at, err = inKey, nil
	}
	if err != nil {
		return collector.Post{}, fmt.Errorf("post %.80q: %w", v.URI, err)
	}
	p := v.Record.post(v.URI)
	p.CreatedAt = at
	if p.Author = v.Author.author(); p.Author.ID == "" {
		p.Author.ID = didOf(p.ID)
	}
	p.Counts = collector.Counts{Likes: cmp.Or(v.Likes, v.PyLikes).Ptr(), Reposts: cmp.Or(v.Reposts, v.PyReposts).Ptr(),
		Replies: cmp.Or(v.Replies, v.PyReplies).Ptr(), Quotes: cmp.Or(v.Quotes, v.PyQuotes).Ptr()}
	return p, nil
}

// event reads a line of Jetstream or Tap: posts are one of many things that happen. tap is what Tap wraps.
func event(raw, tap []byte) (collector.Batch, error) {
	var e streamed
	err := collector.Unmarshal(raw, &e)
	if tap != nil && err == nil {
		e.Tapped = new(commit)
		err = collector.Unmarshal(tap, e.Tapped)
	}
	if err != nil {
		return collector.Batch{}, fmt.Errorf("bluesky: %w", err)
	}
	c, seen := e.op()
	uri := "at://" + c.DID + "/" + postCollection + "/" + c.RKey
	switch {
	case tap == nil && e.goneAccount() != "":
		return collector.AccountGone("bluesky", e.goneAccount(), seen), nil
	case c.Collection != postCollection:
		return collector.Skipped(collector.SkipNotice), nil
	case c.DID == "" || c.RKey == "":
		return collector.Batch{}, errors.New("bluesky: a post without did or rkey")
	case c.Operation == "delete" || c.Action == "delete" || c.Kind == "d":
		return collector.Deleted("bluesky", uri), nil
	}
	p := c.Record.post(uri)
	p.Author.ID, p.Observed = collector.Clean(c.DID), seen
	at, err := firstTime(c.Record.CreatedAt)
	if err != nil && !seen.IsZero() {
		at, err = seen, nil
	}
	if inKey, ok := KeyTime(uri); err != nil && ok {
		at, err = inKey, nil
	}
	if err != nil {
		return collector.Batch{}, fmt.Errorf("bluesky: post %.80q: %w", p.ID, err)
	}
	p.CreatedAt = at
	var b collector.Batch
	keep(&b, p)
	return b, nil
}

// isPost tells whether a record's uri is a post's.
func isPost(uri string) bool { return strings.Contains(uri, "/"+postCollection+"/") }

// didOf is the account in a post's uri.
func didOf(uri string) string {
	did, _, _ := strings.Cut(strings.TrimPrefix(uri, "at://"), "/")
	if strings.HasPrefix(did, "did:") {
		return did
	}
	return ""
}

// post makes a Post of a record, as yet without time and author.
func (r *record) post(uri string) collector.Post {
	p := collector.Post{
		Platform:     "bluesky",
		ID:           collector.Clean(uri),
		Text:         collector.Clean(r.Text),
		Kind:         collector.Original,
		ReplyTo:      collector.Clean(r.Reply.Parent.URI),
		Conversation: collector.Clean(r.Reply.Root.URI),
		Quoted:       collector.Clean(r.Embed.quoted()),
	}
	if len(r.Langs) > 0 {
		p.Lang = collector.Language(r.Langs[0])
	}
	p.SetKind()
	for i := range r.Facets {
		for _, f := range r.Facets[i].Features {
			p.URLs = collector.AddURL(p.URLs, f.URI)
			p.Hashtags = collector.AddHashtag(p.Hashtags, f.Tag)
		}
	}
	p.URLs = collector.AddURL(p.URLs, r.Embed.External.URI)
	p.URLs = collector.AddURL(p.URLs, r.Embed.Media.External.URI)
	for _, tag := range r.Tags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, tag)
	}
	if did, rkey, ok := strings.Cut(strings.TrimPrefix(p.ID, "at://"), "/"+postCollection+"/"); ok {
		p.Permalink = "https://bsky.app/profile/" + did + "/post/" + rkey
	}
	return p
}

// KeyTime reads the time out of the key at the end of a post's uri: microseconds in the upper bits of 13 characters that
// stand for 5 bits each (atproto.com/specs/tid). It is the client's clock too, but cannot be in the year 0, which one
// real post claims in both its other times.
func KeyTime(uri string) (t time.Time, ok bool) {
	key := uri[strings.LastIndexByte(uri, '/')+1:]
	if len(key) != 13 {
		return t, false
	}
	var n uint64
	for _, c := range []byte(key) {
		i := strings.IndexByte("234567abcdefghijklmnopqrstuvwxyz", c)
		if i < 0 {
			return t, false
		}
		n = n<<5 | uint64(i)
	}
	t = time.UnixMicro(int64(n >> 10)).UTC()
	return t, t.Year() >= 2022 && t.Year() < 2100
}

// firstTime reads the first of several claims that is a time. Bluesky's early years can be backdated, but nobody
// posted before 1970.
func firstTime(claims ...string) (time.Time, error) {
	for _, s := range claims {
		if at, err := time.Parse(time.RFC3339, s); err == nil && at.Year() > 1970 {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no time", claims)
}

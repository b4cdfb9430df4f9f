package xapi

import (
	"bytes"
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
	if !m.isPage() && m.tweet {
		var b collector.Batch
		var room [32]collector.Entry
		obj, _, ok := collector.ParseObject(raw, room[:0])
		addElement(&b, obj, ok, 0, inc, time.Time{})
		return b, nil
	}
	return m.decode(), nil
}

// DecodeObject is DecodeWith for a value whose members have been read, and checked, by ParseObject: nothing in it is
// checked again.
func DecodeObject(inc *Includes, obj collector.Object) collector.Batch {
	m := members{sound: true}
	for i := range obj {
		if !m.take(obj[i].Key, obj[i].Value) {
			break
		}
	}
	if !m.isPage() && m.tweet {
		var b collector.Batch
		add(&b, obj, 0, inc, time.Time{})
		return b
	}
	return m.decode()
}

// members is what the top level of a value holds.
type members struct {
	data, includes, errors, id, action, created, twarc []byte
	tweet, problem, meta, users, title                 bool
	sound                                              bool // all of it has been checked
}

func (m *members) isPage() bool { return m.data != nil && string(m.data) != "null" }

// decode reads what is no tweet.
func (m *members) decode() collector.Batch {
	switch {
	case m.isPage():
		return m.page()
	case m.action != nil:
		return m.compliance()
	case m.errors != nil || m.problem:
		return collector.Skipped(collector.SkipAPIError)
	case m.meta || m.data != nil:
		return collector.Skipped(collector.SkipEmptyPage)
	case m.users:
		return collector.Skipped(collector.SkipUsers)
	}
	return collector.Skipped(collector.SkipUnknown)
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
		m.action = value
	case "created_at":
		m.created = value
	case "id":
		m.id = value
	case "__twarc":
		m.twarc = value
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

// compliance reads a line of X's lists of what is gone. Other actions than delete leave it where it is. Whether an id is of a
// post or of an account, the lists do not say. A post was made at the millisecond that its id holds; any other id is taken
// for both, as no post has the id of an account.
func (m *members) compliance() collector.Batch {
	if collector.Text(m.action) != "delete" {
		return collector.Skipped(collector.SkipNotice)
	}
	id := collector.ID(m.id)
	b := collector.Deleted("x", id)
	at, ok := collector.Time(m.created)
	if made, snowflake := collector.SnowflakeTime(id); id != "" && !(ok && snowflake && at.Equal(made)) {
		b.Accounts = collector.AccountGone("x", id, time.Time{}).Accounts
	}
	return b
}

// page decodes the elements of data one by one, so that what breaks in one breaks nothing else.
func (m *members) page() collector.Batch {
	inc := readIncludes(m.includes, m.sound)
	read, _ := collector.Time(collector.Member(m.twarc, "retrieved_at"))
	var b collector.Batch
	if m.data[0] != '[' {
		var room [32]collector.Entry
		obj, _, ok := collector.ParseObject(m.data, room[:0])
		addElement(&b, obj, ok, 0, inc, read)
		return whole(b)
	}
	n := 0
	err := elements(m.data, m.sound, func(obj collector.Object, ok bool) {
		if n == 0 {
			b.Posts = make([]collector.Post, 0, min(len(m.data)/size(obj), maxPage)) // its neighbours are of like size
		}
		addElement(&b, obj, ok, n, inc, read)
		n++
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

// maxPage is the most posts that X puts on a page: of the full-archive search (X API v2, "max_results").
const maxPage = 500

// size is about how many bytes an object has.
func size(obj collector.Object) (n int) {
	for i := range obj {
		n += len(obj[i].Key) + len(obj[i].Value) + 4
	}
	return n + 2
}

// elements calls f with the members of every element of an array, which are valid until it returns; ok is false for an
// element that is no sound object. sound says that the array has been checked.
func elements(raw []byte, sound bool, f func(obj collector.Object, ok bool)) error {
	if sound {
		eachElement(collector.Read(raw), f)
		return nil
	}
	var room [32]collector.Entry
	_, err := collector.Elements(raw, func(el []byte) bool {
		obj, _, ok := collector.ParseObject(el, room[:0])
		f(obj, ok)
		return true
	})
	return err
}

// eachElement is elements for an array that has been checked and comes next in r.
func eachElement(r *collector.Reader, f func(obj collector.Object, ok bool)) {
	var room [32]collector.Entry
	r.Array(func() { f(r.Members(room[:0])) })
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

// addElement reads one element; one that is not ok is a failure. read is when its page was.
func addElement(b *collector.Batch, obj collector.Object, ok bool, index int, inc *Includes, read time.Time) {
	if !ok {
		b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("x api v2: %w", collector.ErrJSON)})
		return
	}
	add(b, obj, index, inc, read)
}

func add(b *collector.Batch, obj collector.Object, index int, inc *Includes, read time.Time) {
	var t tweet
	t.read(obj)
	if r := t.notAPost(); r == collector.SkipDelete {
		d := deletion(obj)
		b.Skips, b.Deletes, b.Accounts = append(b.Skips, d.Skips...), append(b.Deletes, d.Deletes...), append(b.Accounts, d.Accounts...)
		return
	} else if r != "" {
		b.Skips = append(b.Skips, collector.Skip{Reason: r})
		return
	}
	p, err := t.post(inc)
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("x api v2: %w", err)})
		return
	}
	b.Deletes = append(b.Deletes, t.superseded(p.ID)...)
	if p.Text == "" {
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
		return
	}
	if p.Observed = read; t.retrieved != nil {
		p.Observed, _ = collector.Time(t.retrieved)
	}
	b.Posts = append(b.Posts, p)
}

// deletion reads what the compliance stream sends about a post that is gone, or an account that is gone, suspended or
// protected: X wants all of these removed (Developer Policy, "Content compliance").
func deletion(obj collector.Object) collector.Batch {
	for _, name := range []string{"tweet_delete", "post_delete", "delete"} {
		if d := obj.Get(name); d != nil {
			for _, what := range []string{"tweet", "post"} {
				if id := collector.ID(collector.Member(collector.Member(d, what), "id")); id != "" {
					return collector.Deleted("x", id)
				}
			}
		}
	}
	for _, name := range []string{"user_delete", "user_suspend", "user_protect"} {
		if d := obj.Get(name); d != nil {
			at, _ := collector.Time(collector.Member(d, "event_at"))
			return collector.AccountGone("x", collector.ID(collector.Member(collector.Member(d, "user"), "id")), at)
		}
	}
	return collector.Skipped(collector.SkipDelete)
}

// superseded are the versions of a post that this one has replaced.
func (t *tweet) superseded(id string) []collector.Ref {
	if len(t.versions) < 40 {
		return nil // one version, the usual case
	}
	var ids []string
	r := collector.Read(t.versions)
	r.Array(func() { ids = append(ids, r.ID()) })
	return collector.Superseded("x", id, ids)
}

// notAPost names what an element of data is when it is no post.
func (t *tweet) notAPost() collector.Reason {
	switch {
	case t.other == 0 || t.other == hasNotice && t.id != nil:
		return ""
	case t.other&hasCount != 0 && t.id == nil:
		return collector.SkipCounts
	case t.other&hasDelete != 0 && !t.hasText():
		return collector.SkipDelete
	case t.other&hasNotice != 0 && !t.hasText():
		return collector.SkipNotice
	case t.other&hasUsername != 0 && !t.hasText():
		return collector.SkipUsers
	}
	return ""
}

// post makes a Post of a tweet. A repost takes the text, links and hashtags of what it repeats.
func (t *tweet) post(inc *Includes) (collector.Post, error) {
	id := collector.ID(t.id)
	if id == "" {
		return collector.Post{}, errors.New("no id")
	}
	if len(t.text) > 0 && t.text[0] != '"' && string(t.text) != "null" {
		return collector.Post{}, fmt.Errorf("post %.40q: its text is no string", id)
	}
	p := collector.Post{
		Platform:  "x",
		ID:        id,
		Lang:      collector.LanguageIn(t.lang),
		Kind:      collector.Original,
		Author:    t.writer(inc),
		Counts:    counts(t.metrics),
		Permalink: "https://x.com/i/web/status/" + id,
	}
	if p.Conversation = id; !bytes.Equal(t.conversation, t.id) { // equal, it is one string
		p.Conversation = collector.ID(t.conversation)
	}
	var err error
	if p.CreatedAt, err = t.at(id); err != nil {
		return collector.Post{}, err
	}
	original := t.refer(&p, inc)
	if original == nil {
		t.content.fill(&p, p.CreatedAt)
		announced(&p)
		return p, nil
	}
	at, ok := collector.Time(original.created)
	if !ok {
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
	r := collector.Read(t.references)
	r.Array(func() {
		var c content
		var kind string
		r.Object(func(key []byte) {
			if string(key) == "type" {
				kind = r.Text()
			} else if wanted(key) {
				c.take(key, r.Raw())
			}
		})
		switch id := collector.ID(c.id); kind {
		case "retweeted", "reposted":
			p.Reposted = id
			original = inc.original(&c)
		case "quoted":
			p.Quoted = id
		case "replied_to":
			p.ReplyTo = id
		}
	})
	p.SetKind()
	return original
}

func (t *tweet) at(id string) (time.Time, error) {
	if at, ok := collector.Time(t.created); ok {
		return at, nil
	}
	if at, ok := collector.SnowflakeTime(id); ok {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("post %.40q: created_at %.40q is no time, and the id holds none", id, collector.Text(t.created))
}

func (t *tweet) writer(inc *Includes) collector.Author {
	a := collector.Author{ID: collector.ID(t.authorID)}
	u := readUser(t.author)
	if u.id == "" && u.username == "" {
		u = inc.user(a.ID)
	}
	if a.ID == "" {
		a.ID = u.id
	}
	a.Handle, a.Name = u.username, u.name
	return a
}

// fill sets text, links and hashtags from the long form of a post where there is one. created is the post's own time.
func (c *content) fill(p *collector.Post, created time.Time) {
	text, ent := c.text, c.entities
	long := false
	r := collector.Read(c.note)
	r.Object(func(key []byte) {
		switch string(key) {
		case "text":
			if v := r.Raw(); len(v) > 2 {
				text, long = v, true
			}
		case "entities":
			if v := r.Raw(); len(v) > 2 {
				ent = v
			}
		}
	})
	if !long {
		ent = c.entities
	}
	p.Text = collector.Unescape(collector.Text(text))
	p.TextTruncated = !long && collector.MaybeCut(p.Text, created)
	fillEntities(p, ent)
}

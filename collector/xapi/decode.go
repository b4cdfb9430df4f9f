package xapi

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
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
	var texts collector.Texts
	if !m.isPage() && m.tweet {
		b := posts{inc: inc, texts: &texts}
		b.parse(raw, 0)
		return b.Batch, nil
	}
	return m.decode(&texts), nil
}

// DecodeObject is DecodeWith for a value that has been checked and indexed by ParseObject: nothing in it is checked again.
// The strings of its posts are made by texts.
func DecodeObject(inc *Includes, x *collector.Index, texts *collector.Texts) collector.Batch {
	var m members
	var ok bool
	if m.value, ok = x.Value(); !ok {
		b, _ := DecodeWith(inc, x.Bytes()) // sound
		return b
	}
	for key, v := range m.value.Members() {
		if !m.take(key, v.Raw()) {
			break
		}
	}
	if !m.isPage() && m.tweet {
		b := posts{inc: inc, texts: texts}
		b.add(m.value, 0)
		return b.Batch
	}
	return m.decode(texts)
}

// members is what the top level of a value holds.
type members struct {
	data, includes, errors, id, action, created, twarc []byte
	tweet, problem, meta, users, title                 bool
	value                                              collector.JSON // all of it, when it has been checked
}

func (m *members) isPage() bool { return m.data != nil && string(m.data) != "null" }

// decode reads what is no tweet.
func (m *members) decode(texts *collector.Texts) collector.Batch {
	switch {
	case m.isPage():
		return m.page(texts)
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
func (m *members) page(texts *collector.Texts) collector.Batch {
	texts.Piece = 4 << 10
	b := posts{texts: texts}
	b.read, _ = collector.Time(collector.Member(m.twarc, "retrieved_at"))
	var err error
	n := 0
	if m.value.IsObject() {
		data := m.last("data")
		b.inc = readIncludes(m.last("includes"), texts)
		if !data.IsArray() {
			b.element(data, 0)
			return whole(b.Batch)
		}
		b.Posts = make([]collector.Post, 0, min(data.Count(), maxPage))
		for el := range data.Elements() {
			b.element(el, n)
			n++
		}
	} else {
		b.inc = ReadIncludes(m.includes)
		if m.data[0] != '[' {
			b.parse(m.data, 0)
			return whole(b.Batch)
		}
		_, err = collector.Elements(m.data, func(el []byte) bool {
			b.parse(el, n)
			n++
			return true
		})
	}
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("x api v2: data: %w", err)})
	}
	if n == 0 && err == nil {
		if m.errors != nil {
			return collector.Skipped(collector.SkipAPIError)
		}
		return collector.Skipped(collector.SkipEmptyPage)
	}
	return whole(b.Batch)
}

// last is the last member of that name: where a name comes twice, the later member counts.
func (m *members) last(name string) (value collector.JSON) {
	for key, v := range m.value.Members() {
		if string(key) == name {
			value = v
		}
	}
	return value
}

// maxPage is the most posts that X puts on a page: of the full-archive search (X API v2, "max_results").
const maxPage = 500

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

// posts is what has been read, with what the posts to come need.
type posts struct {
	collector.Batch
	inc   *Includes
	read  time.Time // when their page was
	texts *collector.Texts
	index collector.Index // of an element that had not been checked
}

// parse reads one element that has not been checked.
func (b *posts) parse(raw []byte, index int) {
	var room [32]collector.Entry
	_, _, err := collector.ParseObject(raw, room[:0], &b.index)
	switch v, ok := b.index.Value(); {
	case err != nil:
		b.fail(index, collector.ErrJSON)
	case !ok:
		b.fail(index, collector.ErrMany)
	default:
		b.add(v, index)
	}
}

// element reads one element of a page that has been checked.
func (b *posts) element(v collector.JSON, index int) {
	if !v.IsObject() {
		b.fail(index, collector.ErrJSON)
		return
	}
	b.add(v, index)
}

func (b *posts) fail(index int, err error) {
	b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("x api v2: %w", err)})
}

// add reads one object.
func (b *posts) add(obj collector.JSON, index int) {
	var t tweet
	t.take(obj)
	if r := t.notAPost(); r == collector.SkipDelete {
		d := deletion(obj)
		b.Skips, b.Deletes, b.Accounts = append(b.Skips, d.Skips...), append(b.Deletes, d.Deletes...), append(b.Accounts, d.Accounts...)
		return
	} else if r != "" {
		b.Skips = append(b.Skips, collector.Skip{Reason: r})
		return
	}
	before := b.Posts
	b.Posts = append(b.Posts, collector.Post{})
	p := &b.Posts[len(before)]
	if err := t.fill(p, b.inc, b.texts); err != nil {
		b.Posts = before
		b.fail(index, err)
		return
	}
	b.Deletes = append(b.Deletes, t.superseded(p.ID)...)
	if p.Text == "" {
		b.Posts = before
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
		return
	}
	if p.Observed = b.read; t.retrieved.IsSet() {
		p.Observed, _ = collector.Time(t.retrieved.Raw())
	}
}

// deletion reads what the compliance stream sends about a post that is gone, or an account that is gone, suspended or
// protected: X wants all of these removed (Developer Policy, "Content compliance").
func deletion(obj collector.JSON) collector.Batch {
	var texts collector.Texts
	for _, name := range []string{"tweet_delete", "post_delete", "delete"} {
		for _, what := range []string{"tweet", "post"} {
			if id := obj.Get(name).Get(what).Get("id").ID(&texts); id != "" {
				return collector.Deleted("x", id)
			}
		}
	}
	for _, name := range []string{"user_delete", "user_suspend", "user_protect"} {
		if d := obj.Get(name); d.Raw() != nil {
			at, _ := collector.Time(d.Get("event_at").Raw())
			return collector.AccountGone("x", d.Get("user").Get("id").ID(&texts), at)
		}
	}
	return collector.Skipped(collector.SkipDelete)
}

// superseded are the versions of a post that this one has replaced.
func (t *tweet) superseded(id string) []collector.Ref {
	if t.versions.Len() < 40 {
		return nil // one version, the usual case
	}
	var ids []string
	var texts collector.Texts
	for v := range t.versions.Elements() {
		ids = append(ids, v.ID(&texts))
	}
	return collector.Superseded("x", id, ids)
}

// notAPost names what an element of data is when it is no post.
func (t *tweet) notAPost() collector.Reason {
	switch {
	case t.other == 0 || t.other == hasNotice && t.id.IsSet():
		return ""
	case t.other&hasCount != 0 && !t.id.IsSet():
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

// link is what the permalink of a post begins with.
const link = "https://x.com/i/web/status/"

// fill makes a post of a tweet. A repost takes the text, links and hashtags of what it repeats.
func (t *tweet) fill(p *collector.Post, inc *Includes, texts *collector.Texts) error {
	texts.Grow(len(link) + 4*len(`"1234567890123456789"`) + t.text.Len()) // what most have
	p.Permalink, p.ID = texts.Link(link, t.id)
	if p.ID == "" {
		return errors.New("no id")
	}
	if !t.text.IsText() && !t.text.IsNull() {
		return fmt.Errorf("post %.40q: its text is no string", p.ID)
	}
	p.Platform = "x"
	p.Kind = collector.Original
	p.Lang = collector.Language(t.lang.Text(texts))
	p.Author = t.writer(inc, texts)
	p.Counts = counts(t.metrics)
	if p.Conversation = p.ID; !bytes.Equal(t.conversation.Raw(), t.id.Raw()) { // equal, it is one string
		p.Conversation = t.conversation.ID(texts)
	}
	var err error
	if p.CreatedAt, err = t.at(p.ID); err != nil {
		return err
	}
	original, found := t.refer(p, inc, texts)
	if !found {
		t.content.fill(p, p.CreatedAt, texts)
		announced(p)
		return nil
	}
	at, ok := collector.Time(original.created.Raw())
	if !ok {
		at = p.CreatedAt
	}
	original.fill(p, at, texts)
	return nil
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

// refer sets the kind and the ids of what the tweet refers to, and finds the original of a repost if it is at hand.
func (t *tweet) refer(p *collector.Post, inc *Includes, texts *collector.Texts) (original content, found bool) {
	for ref := range t.references.Elements() {
		var c content
		var kind collector.JSON
		for key, v := range ref.Members() {
			if !c.take(key, v) && string(key) == "type" {
				kind = v
			}
		}
		switch string(kind.Raw()) {
		case `"retweeted"`, `"reposted"`:
			p.Reposted = c.id.ID(texts)
			original, found = inc.original(c, p.Reposted)
		case `"quoted"`:
			p.Quoted = c.id.ID(texts)
		case `"replied_to"`:
			p.ReplyTo = c.id.ID(texts)
		}
	}
	p.SetKind()
	return original, found
}

func (t *tweet) at(id string) (time.Time, error) {
	if at, ok := collector.Time(t.created.Raw()); ok {
		return at, nil
	}
	if at, ok := collector.SnowflakeTime(id); ok {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("post %.40q: created_at %.40q is no time, and the id holds none", id, collector.Text(t.created.Raw()))
}

func (t *tweet) writer(inc *Includes, texts *collector.Texts) collector.Author {
	a := collector.Author{ID: t.authorID.ID(texts)}
	u := readUser(t.author, texts)
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
func (c *content) fill(p *collector.Post, created time.Time, texts *collector.Texts) {
	text, ent := c.text, c.entities
	long := false
	for key, v := range c.note.Members() {
		switch {
		case v.Len() <= 2:
		case string(key) == "text":
			text, long = v, true
		case string(key) == "entities":
			ent = v
		}
	}
	if !long {
		ent = c.entities
	}
	if p.Text = text.Text(texts); strings.IndexByte(p.Text, '&') >= 0 {
		p.Text = collector.Unescape(p.Text)
	}
	p.TextTruncated = !long && collector.MaybeCut(p.Text, created)
	fillEntities(p, ent, texts)
}

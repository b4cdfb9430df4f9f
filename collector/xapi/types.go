package xapi

import (
	"slices"

	"stallwatch/collector"
)

// tweet is one element of data, with what twarc2 flattens into it, as far as a Post needs it. Its members are the bytes
// of sound JSON: what nobody asks for is never decoded.
type tweet struct {
	content
	authorID, author, lang, conversation collector.JSON
	references, metrics, versions        collector.JSON
	retrieved                            collector.JSON // __twarc's
	other                                other
}

// content is what a repost needs of its original.
type content struct{ id, text, note, entities, created collector.JSON }

// other is what things that stand in data in place of a tweet give themselves away by.
type other uint16

const (
	hasCount other = 1 << iota
	hasUsername
	hasDelete
	hasNotice
)

// take keeps a member, if it is one that a repost may need.
func (c *content) take(key []byte, v collector.JSON) bool {
	switch string(key) {
	case "id":
		c.id = v
	case "text":
		c.text = v
	case "note_tweet", "note_post":
		if v.IsObject() && v.Len() > 2 {
			c.note = v
		}
	case "entities":
		c.entities = v
	case "created_at":
		c.created = v
	default:
		return false
	}
	return true
}

// take takes a tweet out of the members of an object.
func (t *tweet) take(obj collector.JSON) {
	for key, v := range obj.Members() {
		if t.content.take(key, v) {
			continue
		}
		switch string(key) {
		case "author_id":
			t.authorID = v
		case "author":
			t.author = v
		case "lang":
			t.lang = v
		case "conversation_id":
			t.conversation = v
		case "referenced_tweets", "referenced_posts":
			if v.Len() > 2 {
				t.references = v
			}
		case "public_metrics":
			t.metrics = v
		case "edit_history_tweet_ids", "edit_history_post_ids":
			t.versions = v
		case "__twarc":
			t.retrieved = v.Get("retrieved_at")
		case "tweet_count", "post_count":
			t.other |= hasCount
		case "username":
			t.other |= hasUsername
		case "withheld", "undrop", "tweet_edit", "post_edit", "tweet_withheld", "post_withheld", "tweet_undrop", "tweet_drop", "post_drop", "drop", "scrub_geo", "user_undelete", "user_unsuspend", "user_unprotect", "user_withheld", "user_scrub_geo":
			t.other |= hasNotice
		case "delete", "tweet_delete", "post_delete", "user_delete", "user_suspend", "user_protect":
			t.other |= hasDelete
		}
	}
}

func (c *content) hasText() bool { return c.note.IsSet() || c.text.Len() > 2 }

// user is an account as the includes or a flattened tweet give it.
type user struct{ id, username, name string }

func readUser(v collector.JSON, texts *collector.Texts) (u user) {
	for key, v := range v.Members() {
		switch string(key) {
		case "id":
			u.id = v.ID(texts)
		case "username":
			u.username = v.Text(texts)
		case "name":
			u.name = v.Text(texts)
		}
	}
	return u
}

func counts(v collector.JSON) (c collector.Counts) {
	if !v.IsSet() {
		return c
	}
	n := new([5]int64)
	for key, v := range v.Members() {
		switch string(key) {
		case "like_count":
			v.Number().Set(&c.Likes, &n[0])
		case "repost_count":
			v.Number().Set(&c.Reposts, &n[1])
		case "retweet_count":
			if c.Reposts == nil {
				v.Number().Set(&c.Reposts, &n[1])
			}
		case "reply_count":
			v.Number().Set(&c.Replies, &n[2])
		case "quote_count":
			v.Number().Set(&c.Quotes, &n[3])
		case "impression_count":
			v.Number().Set(&c.Views, &n[4])
		}
	}
	return c
}

// fillEntities adds links, best form first, and hashtags.
func fillEntities(p *collector.Post, entities collector.JSON, texts *collector.Texts) {
	for key, list := range entities.Members() {
		switch string(key) {
		case "urls":
			p.URLs = slices.Grow(p.URLs, list.Count())
			for u := range list.Elements() {
				p.URLs = collector.AddURL(p.URLs, bestURL(u).Text(texts))
			}
		case "hashtags":
			p.Hashtags = slices.Grow(p.Hashtags, list.Count())
			for h := range list.Elements() {
				for key, tag := range h.Members() {
					if string(key) == "tag" {
						p.Hashtags = collector.AddHashtag(p.Hashtags, tag.Text(texts))
					}
				}
			}
		}
	}
}

// bestURL is where a link leads; missing for the links of a post's own pictures.
func bestURL(u collector.JSON) collector.JSON {
	var forms [3]collector.JSON // best first
	media := false
	for key, v := range u.Members() {
		switch string(key) {
		case "unwound_url":
			forms[0] = v
		case "expanded_url":
			forms[1] = v
		case "url":
			forms[2] = v
		case "media_key":
			media = v.Len() > 2
		}
	}
	for _, v := range forms {
		if v.IsText() && v.Len() > 2 && !media {
			return v
		}
	}
	return collector.JSON{}
}

// Includes is what the posts of a page refer to: accounts and other posts. Nil knows nothing. It does not change once it
// is read.
type Includes struct {
	users map[string]user
	posts map[string]content
	texts *collector.Texts
}

func newIncludes(texts *collector.Texts) *Includes {
	return &Includes{map[string]user{}, map[string]content{}, texts}
}

// ReadIncludes reads the includes of a page element by element: one that is broken is as good as one left out.
func ReadIncludes(raw []byte) *Includes {
	c := newIncludes(&collector.Texts{Piece: 4 << 10})
	collector.Members(raw, func(key, value []byte) bool {
		add := c.adder(key)
		if add == nil {
			return true
		}
		collector.Elements(value, func(el []byte) bool {
			x := new(collector.Index) // a post keeps it
			if _, _, err := collector.ParseObject(el, nil, x); err == nil {
				v, _ := x.Value()
				add(v)
			}
			return true
		})
		return true
	})
	return c
}

// readIncludes reads includes that have been checked.
func readIncludes(v collector.JSON, texts *collector.Texts) *Includes {
	c := newIncludes(texts)
	for key, list := range v.Members() {
		if add := c.adder(key); add != nil {
			for el := range list.Elements() {
				add(el)
			}
		}
	}
	return c
}

// adder is what takes the elements of a member.
func (c *Includes) adder(key []byte) func(collector.JSON) {
	switch string(key) {
	case "users":
		return c.addUser
	case "tweets", "posts":
		return c.addPost
	}
	return nil
}

func (c *Includes) addUser(v collector.JSON) {
	if u := readUser(v, c.texts); u.id != "" {
		c.users[u.id] = u
	}
}

func (c *Includes) addPost(v collector.JSON) {
	var t content
	for key, v := range v.Members() {
		t.take(key, v)
	}
	if id := t.id.ID(c.texts); id != "" {
		c.posts[id] = t
	}
}

func (c *Includes) user(id string) user {
	if c == nil {
		return user{}
	}
	return c.users[id]
}

// original is the post behind a reference to that id: the one flattened into it, else the one in the includes.
func (c *Includes) original(ref content, id string) (post content, found bool) {
	if ref.hasText() {
		return ref, true
	}
	if c == nil {
		return content{}, false
	}
	post, found = c.posts[id]
	return post, found
}

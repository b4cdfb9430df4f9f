package xapi

import "stallwatch/collector"

// tweet is one element of data, with what twarc2 flattens into it, as far as a Post needs it. Its members are the bytes
// of sound JSON: what nobody asks for is never decoded.
type tweet struct {
	content
	authorID, author, lang, conversation []byte
	references, metrics, versions        []byte
	retrieved                            []byte // __twarc
	other                                other
}

// content is what a repost needs of its original.
type content struct{ id, text, note, entities, created []byte }

// other is what things that stand in data in place of a tweet give themselves away by.
type other uint16

const (
	hasCount other = 1 << iota
	hasUsername
	hasDelete
	hasNotice
)

// wanted tells whether take has a use for a member.
func wanted(key []byte) bool {
	switch string(key) {
	case "id", "text", "note_tweet", "note_post", "entities", "created_at":
		return true
	}
	return false
}

// take keeps a member, if it is one that a repost may need.
func (c *content) take(key, v []byte) bool {
	switch string(key) {
	case "id":
		c.id = v
	case "text":
		c.text = v
	case "note_tweet", "note_post":
		if len(v) > 2 && v[0] == '{' {
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
func (t *tweet) take(obj collector.Object) {
	for i := range obj {
		key, v := obj[i].Key, obj[i].Value
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
			if len(v) > 2 {
				t.references = v
			}
		case "public_metrics":
			t.metrics = v
		case "edit_history_tweet_ids", "edit_history_post_ids":
			t.versions = v
		case "__twarc":
			t.retrieved = collector.Member(v, "retrieved_at")
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

func (c *content) hasText() bool { return c.note != nil || len(c.text) > 2 }

// user is an account as the includes or a flattened tweet give it.
type user struct{ id, username, name string }

func readUser(raw []byte, texts *collector.Texts) (u user) {
	r := collector.Read(raw)
	r.Object(func(key []byte) {
		switch string(key) {
		case "id":
			u.id = texts.ID(r.Raw())
		case "username":
			u.username = texts.Text(r.Raw())
		case "name":
			u.name = texts.Text(r.Raw())
		}
	})
	return u
}

func counts(raw []byte) (c collector.Counts) {
	if len(raw) == 0 {
		return c
	}
	n := new([5]int64)
	r := collector.Read(raw)
	r.Object(func(key []byte) {
		switch string(key) {
		case "like_count":
			r.Number().Set(&c.Likes, &n[0])
		case "repost_count":
			r.Number().Set(&c.Reposts, &n[1])
		case "retweet_count":
			if c.Reposts == nil {
				r.Number().Set(&c.Reposts, &n[1])
			}
		case "reply_count":
			r.Number().Set(&c.Replies, &n[2])
		case "quote_count":
			r.Number().Set(&c.Quotes, &n[3])
		case "impression_count":
			r.Number().Set(&c.Views, &n[4])
		}
	})
	return c
}

// fillEntities adds links, best form first, and hashtags.
func fillEntities(p *collector.Post, raw []byte, texts *collector.Texts) {
	r := collector.Read(raw)
	r.Object(func(key []byte) {
		switch string(key) {
		case "urls":
			r.Array(func() { p.URLs = collector.AddURL(p.URLs, texts.Text(bestURL(r))) })
		case "hashtags":
			r.Array(func() {
				r.Object(func(key []byte) {
					if string(key) == "tag" {
						p.Hashtags = collector.AddHashtag(p.Hashtags, texts.Text(r.Raw()))
					}
				})
			})
		}
	})
}

// bestURL is where a link leads; nil for the links of a post's own pictures.
func bestURL(r *collector.Reader) []byte {
	var forms [3][]byte // best first
	media := false
	r.Object(func(key []byte) {
		switch string(key) {
		case "unwound_url":
			forms[0] = r.Raw()
		case "expanded_url":
			forms[1] = r.Raw()
		case "url":
			forms[2] = r.Raw()
		case "media_key":
			media = len(r.Raw()) > 2
		}
	})
	for _, v := range forms {
		if len(v) > 2 && v[0] == '"' && !media {
			return v
		}
	}
	return nil
}

// Includes is what the posts of a page refer to: accounts and other posts. Nil knows nothing. It does not change once it
// is read.
type Includes struct {
	users map[string]user
	posts map[string]content
	texts collector.Texts
}

func newIncludes() *Includes {
	return &Includes{users: map[string]user{}, posts: map[string]content{}, texts: collector.Texts{Piece: 4 << 10}}
}

// ReadIncludes reads the includes of a page element by element: one that is broken is as good as one left out.
func ReadIncludes(raw []byte) *Includes {
	c := newIncludes()
	collector.Members(raw, func(key, value []byte) bool {
		if add := c.adder(key); add != nil {
			elements(nil, value, add)
		}
		return true
	})
	return c
}

// readIncludes reads includes that have been checked and come next in r.
func readIncludes(r *collector.Reader) *Includes {
	c := newIncludes()
	r.Object(func(key []byte) {
		if add := c.adder(key); add != nil {
			elements(r, nil, add)
		}
	})
	return c
}

// adder is what takes the elements of a member.
func (c *Includes) adder(key []byte) func(collector.Object, bool) {
	switch string(key) {
	case "users":
		return c.addUser
	case "tweets", "posts":
		return c.addPost
	}
	return nil
}

func (c *Includes) addUser(obj collector.Object, _ bool) {
	u := user{id: c.texts.ID(obj.Get("id")), username: c.texts.Text(obj.Get("username")), name: c.texts.Text(obj.Get("name"))}
	if u.id != "" {
		c.users[u.id] = u
	}
}

func (c *Includes) addPost(obj collector.Object, _ bool) {
	var t content
	for i := range obj {
		t.take(obj[i].Key, obj[i].Value)
	}
	if id := c.texts.ID(t.id); id != "" {
		c.posts[id] = t
	}
}

func (c *Includes) user(id string) user {
	if c == nil {
		return user{}
	}
	return c.users[id]
}

// original is the post behind a reference: the one flattened into it, else the one in the includes.
func (c *Includes) original(ref content) (post content, found bool) {
	if ref.hasText() {
		return ref, true
	}
	if c == nil {
		return content{}, false
	}
	post, found = c.posts[collector.ID(ref.id)]
	return post, found
}

package xapi

import "stallwatch/collector"

// tweet is one element of data, with what twarc2 flattens into it, and with the members by which other things that
// stand in data give themselves away.
type tweet struct {
	content
	AuthorID         string      `json:"author_id"`
	Author           *user       `json:"author"`
	Lang             string      `json:"lang"`
	ConversationID   string      `json:"conversation_id"`
	ReferencedTweets []reference `json:"referenced_tweets"`
	ReferencedPosts  []reference `json:"referenced_posts"`
	Metrics          metrics     `json:"public_metrics"`

	TweetCount  *float64  `json:"tweet_count"`
	PostCount   *float64  `json:"post_count"`
	Username    string    `json:"username"`
	Delete      *struct{} `json:"delete"`
	TweetDelete *struct{} `json:"tweet_delete"`
	PostDelete  *struct{} `json:"post_delete"`
	Drop        *struct{} `json:"drop"`
	Undrop      *struct{} `json:"undrop"`
	Withheld    *struct{} `json:"withheld"`
	TweetEdit   *struct{} `json:"tweet_edit"`
}

// content is what a repost needs of its original.
type content struct {
	ID        string   `json:"id"`
	Text      string   `json:"text"`
	NoteTweet *note    `json:"note_tweet"`
	NotePost  *note    `json:"note_post"`
	Entities  entities `json:"entities"`
	CreatedAt string   `json:"created_at"`
}

type note struct {
	Text     string    `json:"text"`
	Entities *entities `json:"entities"`
}

type reference struct {
	content
	Type string `json:"type"`
}

type entities struct {
	URLs     []link    `json:"urls"`
	Hashtags []hashtag `json:"hashtags"`
}

type hashtag struct {
	Tag string `json:"tag"`
}

type link struct {
	URL         string `json:"url"`
	ExpandedURL string `json:"expanded_url"`
	UnwoundURL  string `json:"unwound_url"`
	MediaKey    string `json:"media_key"`
}

func (l *link) best() string {
	switch {
	case l.UnwoundURL != "":
		return l.UnwoundURL
	case l.ExpandedURL != "":
		return l.ExpandedURL
	}
	return l.URL
}

type user struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
}

type metrics struct {
	Likes    collector.Number `json:"like_count"`
	Retweets collector.Number `json:"retweet_count"`
	Reposts  collector.Number `json:"repost_count"`
	Replies  collector.Number `json:"reply_count"`
	Quotes   collector.Number `json:"quote_count"`
	Views    collector.Number `json:"impression_count"`
}

func (m metrics) counts() collector.Counts {
	reposts := m.Reposts.Ptr()
	if reposts == nil {
		reposts = m.Retweets.Ptr()
	}
	return collector.Counts{Likes: m.Likes.Ptr(), Reposts: reposts, Replies: m.Replies.Ptr(), Quotes: m.Quotes.Ptr(), Views: m.Views.Ptr()}
}

// Includes is what the posts of a page refer to: accounts and other posts. Nil knows nothing. It does not change once it
// is read.
type Includes struct {
	users map[string]*user
	posts map[string]*content
}

// ReadIncludes reads the includes of a page element by element: one that is broken is as good as one left out.
func ReadIncludes(raw []byte) *Includes {
	c := &Includes{users: map[string]*user{}, posts: map[string]*content{}}
	if len(raw) == 0 || raw[0] != '{' {
		return c
	}
	collector.Members(raw, func(key, value []byte) bool {
		switch string(key) {
		case "users":
			collector.Elements(value, c.addUser)
		case "tweets", "posts":
			collector.Elements(value, c.addPost)
		}
		return true
	})
	return c
}

func (c *Includes) addUser(raw []byte) bool {
	u := new(user)
	if collector.Unmarshal(raw, u) == nil && u.ID != "" {
		c.users[u.ID] = u
	}
	return true
}

func (c *Includes) addPost(raw []byte) bool {
	t := new(content)
	if collector.Unmarshal(raw, t) == nil && t.ID != "" {
		c.posts[t.ID] = t
	}
	return true
}

func (c *Includes) user(id string) *user {
	if c == nil {
		return nil
	}
	return c.users[id]
}

// original returns the post behind a reference: the one flattened into it, else the one in the includes, else nil.
func (c *Includes) original(ref *content) *content {
	if ref.Text != "" || ref.NoteTweet != nil || ref.NotePost != nil {
		return ref
	}
	if c == nil {
		return nil
	}
	return c.posts[ref.ID]
}

package xweb

import (
	"cmp"

	"stallwatch/collector"
)

// tweet is a tweet of X's GraphQL, or a wrapper of one.
type tweet struct {
	TypeName  string `json:"__typename"`
	Result    *tweet `json:"result"`
	Tweet     *tweet `json:"tweet"`
	Tombstone *struct {
		Text struct {
			Text string `json:"text"`
		} `json:"text"`
	} `json:"tombstone"`
	RestID   string  `json:"rest_id"`
	IDStr    string  `json:"id_str"`
	FullText *string `json:"full_text"`
	Core     struct {
		Users userResults `json:"user_results"`
		User  userResults `json:"user_result"`
	} `json:"core"`
	Note struct {
		Expandable *bool `json:"is_expandable"`
		Results    struct {
			Result note `json:"result"`
		} `json:"note_tweet_results"`
	} `json:"note_tweet"`
	Views     views    `json:"views"`
	ViewCount views    `json:"view_count_info"`
	OldViews  views    `json:"ext_views"`
	OldUser   oldUser  `json:"user"` // of the shape before GraphQL ("adaptive"), and of Zeeschuimer's comments
	Edit      editable `json:"edit_control"`
	Legacy    legacy   `json:"legacy"`
	references

	// What legacy held before 2026.
	Details details `json:"details"`
	Counts  counts  `json:"counts"`
	ReplyTo *result `json:"reply_to_results"`
	moved
}

type views struct {
	Count collector.Number `json:"count"`
}

type oldUser struct {
	profile
	IDStr string `json:"id_str"`
}

// editable lists the ids of a tweet's versions, oldest first.
type editable struct {
	IDs     []string `json:"edit_tweet_ids"`
	Initial struct {
		IDs []string `json:"edit_tweet_ids"`
	} `json:"edit_control_initial"`
}

func (e *editable) ids() []string {
	if len(e.Initial.IDs) > 0 {
		return e.Initial.IDs
	}
	return e.IDs
}

// references are the posts that a tweet refers to, under each name that X has had for them. They stand in the tweet or in
// its legacy.
type references struct {
	Quoted       *result `json:"quoted_status_result"`
	QuotedTweet  *result `json:"quoted_tweet_results"`
	QuotedPost   *result `json:"quotedPostResults"`
	Retweeted    *result `json:"retweeted_status_result"`
	Retweets     *result `json:"retweeted_status_results"`
	RepostedPost *result `json:"repostedStatusResults"`
}

func (r *references) quoted() *result { return there(r.Quoted, r.QuotedTweet, r.QuotedPost) }

func (r *references) reposted() *result { return there(r.Retweeted, r.Retweets, r.RepostedPost) }

// result is a tweet, or where X does not show it at least its id.
type result struct {
	RestID string `json:"rest_id"`
	Result *tweet `json:"result"`
}

// there is the first result that says anything, nil when none does.
func there(results ...*result) *result {
	for _, r := range results {
		if r != nil && (r.Result != nil || r.RestID != "") {
			return r
		}
	}
	return nil
}

func (r *result) get() *tweet {
	if r == nil || r.Result == nil {
		return nil
	}
	return r.Result.unwrap()
}

func (r *result) id() string {
	if r == nil {
		return ""
	}
	if t := r.get(); t != nil && t.id() != "" {
		return t.id()
	}
	return collector.Clean(r.RestID)
}

type userResults struct {
	Result user `json:"result"`
}

type user struct {
	RestID string  `json:"rest_id"`
	Core   profile `json:"core"`
	Legacy profile `json:"legacy"`
}

type profile struct {
	Handle string `json:"screen_name"`
	Name   string `json:"name"`
}

type note struct {
	Text     string   `json:"text"`
	Entities entities `json:"entity_set"`
}

type entities struct {
	URLs     []link    `json:"urls"`
	Hashtags []hashtag `json:"hashtags"`
	Media    []media   `json:"media"`
}

// moved are entities under the names they have outside legacy.
type moved struct {
	URLs     []link    `json:"url_entities"`
	Hashtags []hashtag `json:"hashtag_entities"`
	Media    []media   `json:"media_entities2"`
}

type link struct {
	URL      string `json:"url"`
	Expanded string `json:"expanded_url"`
}

type hashtag struct {
	Text string `json:"text"`
}

type media struct {
	Expanded string `json:"expanded_url"`
}

type legacy struct {
	IDStr      string `json:"id_str"`
	UserID     string `json:"user_id_str"`
	CreatedAt  string `json:"created_at"`
	InReplyTo  string `json:"in_reply_to_status_id_str"`
	QuotedID   string `json:"quoted_status_id_str"`
	IsQuote    bool   `json:"is_quote_status"`
	QuotedLink struct {
		Expanded string `json:"expanded"`
	} `json:"quoted_status_permalink"`
	Entities entities `json:"entities"`
	Extended entities `json:"extended_entities"`
	said
	counts
	references
}

// said is the part of legacy that is in details since 2026.
type said struct {
	FullText       *string `json:"full_text"`
	Lang           string  `json:"lang"`
	ConversationID string  `json:"conversation_id_str"`
}

type details struct {
	CreatedMS collector.Number `json:"created_at_ms"`
	said
	moved
}

type counts struct {
	Likes   collector.Number `json:"favorite_count"`
	Reposts collector.Number `json:"retweet_count"`
	Replies collector.Number `json:"reply_count"`
	Quotes  collector.Number `json:"quote_count"`
}

// or takes from d what c does not say.
func (c counts) or(d counts) counts {
	return counts{cmp.Or(c.Likes, d.Likes), cmp.Or(c.Reposts, d.Reposts), cmp.Or(c.Replies, d.Replies), cmp.Or(c.Quotes, d.Quotes)}
}

package xweb

import "stallwatch/collector"

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
	RestID   string `json:"rest_id"`
	IDStr    string `json:"id_str"`
	FullText string `json:"full_text"`
	Core     struct {
		User struct {
			Result user `json:"result"`
		} `json:"user_results"`
	} `json:"core"`
	Note struct {
		Expandable *bool `json:"is_expandable"`
		Results    struct {
			Result note `json:"result"`
		} `json:"note_tweet_results"`
	} `json:"note_tweet"`
	Views    views    `json:"views"`
	OldViews views    `json:"ext_views"`
	OldUser  oldUser  `json:"user"` // of the shape before GraphQL ("adaptive"), and of Zeeschuimer's comments
	Edit     editable `json:"edit_control"`
	Quoted   *result  `json:"quoted_status_result"`
	Reposted *result  `json:"retweeted_status_result"`
	Legacy   legacy   `json:"legacy"`
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

type result struct {
	Result *tweet `json:"result"`
}

func (r *result) get() *tweet {
	if r == nil || r.Result == nil {
		return nil
	}
	return r.Result.unwrap()
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
	URLs []struct {
		URL      string `json:"url"`
		Expanded string `json:"expanded_url"`
	} `json:"urls"`
	Hashtags []struct {
		Text string `json:"text"`
	} `json:"hashtags"`
	Media []struct {
		Expanded string `json:"expanded_url"`
	} `json:"media"`
}

type legacy struct {
	IDStr          string `json:"id_str"`
	UserID         string `json:"user_id_str"`
	FullText       string `json:"full_text"`
	CreatedAt      string `json:"created_at"`
	Lang           string `json:"lang"`
	ConversationID string `json:"conversation_id_str"`
	InReplyTo      string `json:"in_reply_to_status_id_str"`
	QuotedID       string `json:"quoted_status_id_str"`
	IsQuote        bool   `json:"is_quote_status"`
	QuotedLink     struct {
		Expanded string `json:"expanded"`
	} `json:"quoted_status_permalink"`
	Likes    collector.Number `json:"favorite_count"`
	Reposts  collector.Number `json:"retweet_count"`
	Replies  collector.Number `json:"reply_count"`
	Quotes   collector.Number `json:"quote_count"`
	Entities entities         `json:"entities"`
	Extended entities         `json:"extended_entities"`
	Reposted *result          `json:"retweeted_status_result"`
}

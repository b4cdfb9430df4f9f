package export

import (
	"stallwatch/collector"
)

// keys is which of the keys that tell formats apart an object has at its top level.
type keys uint64

const (
	kData keys = 1 << iota
	kIncludes
	kMeta
	kErrors
	kTwarc
	kItemID
	kRestID
	kLegacy
	kCore
	kImportMeta
	kID
	kIDStr
	kAuthorID
	kText
	kFullText
	kCreatedAt
	kAuthor
	kUser
	kUsers
	kStatuses
	kStreamNotice
	kAction
	kSnscrapeType
	kDID
	kTimeUS
	kKind
	kURI
	kRecord
	kPosts
	kFeed
	kPost
	kAtProto // what Bluesky calls a member, and others too
	kAccount
	kContent
	kMessages
	kChats
	kSubreddit
	kCreatedUTC
	kDetail
	kSource
	kIndex
	kUserScreenName
	kError
	kTypeName
	kReferenced
	kType
	kScreenName
	kObject
	kPayload
	kSeq
	kCommit
	kIdentity
	kStance
	kResult
	kAttributed
	kHAR
	kFollowers
	kOther // what only networks have: see networks
	kFlat  // what one post's form has in one line, and no API's
)

// keyBit is the bit of a key as it is written. A switch is three times as fast as a map.
func keyBit(key []byte) keys {
	switch string(key) {
	case "data":
		return kData
	case "includes":
		return kIncludes
	case "meta":
		return kMeta
	case "errors":
		return kErrors
	case "__twarc", "matching_rules":
		return kTwarc
	case "item_id":
		return kItemID
	case "rest_id":
		return kRestID
	case "legacy":
		return kLegacy
	case "core":
		return kCore
	case "__import_meta":
		return kImportMeta
	case "id":
		return kID
	case "id_str":
		return kIDStr
	case "author_id":
		return kAuthorID
	case "text":
		return kText
	case "full_text":
		return kFullText
	case "created_at":
		return kCreatedAt
	case "author":
		return kAuthor
	case "user":
		return kUser
	case "users":
		return kUsers
	case "statuses":
		return kStatuses
	case "action":
		return kAction
	case "_type":
		return kSnscrapeType
	case "did":
		return kDID
	case "time_us":
		return kTimeUS
	case "kind":
		return kKind
	case "uri":
		return kURI
	case "record":
		return kRecord
	case "posts":
		return kPosts
	case "feed":
		return kFeed
	case "post":
		return kPost
	case "thread", "records", "value", "$type":
		return kAtProto
	case "account":
		return kAccount
	case "content":
		return kContent
	case "messages":
		return kMessages
	case "chats":
		return kChats
	case "subreddit":
		return kSubreddit
	case "created_utc":
		return kCreatedUTC
	case "detail":
		return kDetail
	case "_source":
		return kSource
	case "_index":
		return kIndex
	case "user_screen_name":
		return kUserScreenName
	case "error":
		return kError
	case "__typename":
		return kTypeName
	case "referenced_tweets", "referenced_posts", "note_tweet", "note_post", "edit_history_tweet_ids", "edit_history_post_ids",
		"public_metrics":
		return kReferenced
	case "type":
		return kType
	case "followers_count":
		return kFollowers
	case "username", "user_name", "user_id", "user_id_str", "handle", "date", "likes", "like_count", "permalink":
		return kFlat
	case "screen_name":
		return kScreenName
	case "stance":
		return kStance
	case "result":
		return kResult
	case "attributedTo", "orderedItems":
		return kAttributed
	case "object":
		return kObject
	case "payload":
		return kPayload
	case "seq":
		return kSeq
	case "commit":
		return kCommit
	case "identity":
		return kIdentity
	case "startedDateTime":
		return kHAR
	case "delete", "limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning":
		return kStreamNotice
	case "_", "@type", "peer_id", "update_id", "chat", "owner_id", "source_id", "snippet", "extractor_key", "participants", "media",
		"string_map_data", "text_post_app_text_posts", "shortcode", "node", "pubkey", "dm_conversation_id", "ChatHistory", "timestamp",
		"creation_timestamp", "created_time":
		return kOther
	}
	return 0
}

func (k keys) all(want keys) bool { return k&want == want }
func (k keys) any(want keys) bool { return k&want != 0 }

// bits are the keys of an object as formats are told apart by.
func bits(o collector.Object) (k keys) {
	for i := range o {
		k |= keyBit(o[i].Key)
	}
	return k
}

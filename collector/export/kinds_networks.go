package export

import (
	"cmp"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/reddit"
	"stallwatch/collector/telegram"
	"stallwatch/collector/vk"
	"stallwatch/collector/youtube"
)

// networkKinds are posts of networks other than X whose members need no more than a mapping: as JSON objects, or as tables of the same
// names.
var networkKinds = []kind{
	{name: "csv reddit", what: "comments or submissions of Reddit, as a table", has: []string{"subreddit", "created_utc"},
		decode: reddit.Decode},
	{name: "csv reddit", what: "what Reddit gives people of their own accounts: posts.csv, comments.csv",
		has: []string{"permalink", "subreddit", "gildings", "body"}, decode: reddit.Decode},
	{name: "telegram api", what: "messages of Telethon, as a table", has: []string{"id", "date", "message", "peer_id.channel_id"},
		decode: telegram.DecodeAPI},
	{name: "telegram-tracker", what: "messages of telegram-tracker", has: []string{"channel_id", "msg_id", "message", "number_forwards"},
		post: tool("telegram", mapping{"id": "msg_id", "chat": "channel_id", "date": "date", "text": "message", "author": "msg_from_id",
			"views": "views", "reposts": "number_forwards", "replies": "number_replies",
			"is_repost": "is_forward", "reply_to": "reply_to_msg_id"}, inText)},
	{name: "vk", what: "posts of VK's API, as a table", has: []string{"id", "owner_id", "date", "text"}, decode: vk.Decode},
	{name: "youtube", what: "comment threads of YouTube's Data API, as a table",
		has: []string{"snippet.videoId", "snippet.topLevelComment.snippet.publishedAt"}, decode: youtube.Decode},
	{name: "youtube", what: "comments, videos and search results of the same", has: []string{"id", "snippet.publishedAt"},
		decode: youtube.Decode},
	{name: "youtube data tools", what: "comments of YouTube Data Tools",
		has: []string{"id", "publishedAt", "text", "authorChannelId", "isReplyTo"},
		post: tool("youtube", mapping{"id": "id", "date": "publishedAt", "text": "text", "author": "authorChannelId", "handle": "authorName",
			"likes": "likeCount", "replies": "replyCount"}, ofVideo)},
	{name: "youtube data tools", what: "videos of the same", has: []string{"videoId", "videoTitle", "videoDescription", "publishedAt"},
		post: tool("youtube", mapping{"id": "videoId", "date": "publishedAt", "text": "videoTitle", "author": "channelId",
			"name": "channelTitle", "likes": "likeCount", "replies": "commentCount", "views": "viewCount"}, ofTitle("videoDescription"))},
	{name: "youtube takeout", what: "comments in what Google gives people of their own accounts",
		has: []string{"Comment ID", "Video ID", "Comment text", "Comment create timestamp"}, post: takeout},
	{name: "youtube-comment-downloader", what: "comments of youtube-comment-downloader", has: []string{"cid", "text", "time_parsed"},
		post: tool("youtube", mapping{"id": "cid", "date": "time_parsed", "text": "text", "author": "channel", "handle": "author",
			"likes": "votes", "replies": "replies"}, ofVideo)},
	{name: "4chan", what: "posts of 4chan as the archives of FoolFuuka, such as 4plebs, keep them",
		has: []string{"num", "thread_num", "timestamp", "comment"},
		post: tool("4chan", mapping{"id": "num", "date": "timestamp", "text": "comment", "title": "title", "handle": "name",
			"conversation": "thread_num"}, func(c cells, p *collector.Post) {
			if p.Conversation != p.ID {
				p.Kind, p.ReplyTo = collector.Reply, p.Conversation
			}
			collector.AddFromText(p)
		})},
	{name: "tiktok research", what: "videos of TikTok's Research API", has: []string{"video_description", "create_time"},
		post: tool("tiktok", mapping{"id": "id", "date": "create_time", "text": "video_description", "handle": "username",
			"likes": "like_count", "reposts": "share_count", "replies": "comment_count",
			"views": "view_count", "hashtags": "hashtag_names"}, inText)},
	{name: "tiktok research", what: "comments of the same", has: []string{"video_id", "parent_comment_id", "create_time", "text"},
		post: tool("tiktok", mapping{"id": "id", "date": "create_time", "text": "text", "likes": "like_count", "replies": "reply_count",
			"conversation": "video_id", "reply_to": "parent_comment_id"}, inText)},
	{name: "tiktok web", what: "videos as TikTok's page holds them", has: []string{"desc", "createTime", "author.uniqueId"},
		post: tool("tiktok", mapping{"id": "id", "date": "createTime", "text": "desc", "handle": "author.uniqueId", "author": "author.id",
			"name": "author.nickname", "lang": "textLanguage", "likes": "stats.diggCount",
			"reposts": "stats.shareCount", "replies": "stats.commentCount", "views": "stats.playCount"}, inText)},
	{name: "tiktok download", what: "comments in what TikTok gives people of their own accounts",
		has:  []string{"date", "comment", "photo", "url"},
		post: tool("tiktok", mapping{"date": "date", "text": "comment"}, aReply)},
	{name: "tiktok download", what: "videos in the same", has: []string{"Date", "Link", "Likes", "Title"},
		post: tool("tiktok", mapping{"id": "Link", "date": "Date", "text": "Title", "likes": "Likes"}, func(c cells, p *collector.Post) {
			if i := strings.LastIndex(p.ID, "/video/"); i >= 0 {
				p.ID = strings.Trim(p.ID[i+len("/video/"):], "/")
			}
			collector.AddFromText(p)
		})},
	{name: "private messages", what: "messages in what LinkedIn gives people of their own accounts",
		has: []string{"CONVERSATION ID", "SENDER PROFILE URL", "CONTENT"}, skip: collector.SkipPrivate},
	{name: "private messages", what: "messages in what Reddit gives people of their own accounts",
		has: []string{"thread_id", "from", "to", "subject", "body"}, skip: collector.SkipPrivate},
	{name: "private messages", what: "messages in what Discord gives people of their own accounts, which does not say which are private",
		has: []string{"ID", "Timestamp", "Contents", "Attachments"}, skip: collector.SkipPrivate},
	{name: "private messages", what: "chats in the same of Reddit", has: []string{"message_id", "channel_url", "conversation_type", "message"},
		skip: collector.SkipPrivate},
	{name: "tiktok scraper", what: "Apify's scrapers of TikTok", has: []string{"text", "createTime", "authorMeta.name"},
		post: tool("tiktok", mapping{"id": "id", "date": "createTime", "text": "text", "handle": "authorMeta.name", "author": "authorMeta.id",
			"name": "authorMeta.nickName", "lang": "textLanguage", "likes": "diggCount",
			"reposts": "shareCount", "replies": "commentCount", "views": "playCount"}, inText)},
	{name: "tiktok scraper", what: "comments of Apify's scrapers", has: []string{"cid", "text", "createTimeISO", "uniqueId", "videoWebUrl"},
		post: tool("tiktok", mapping{"id": "cid", "date": "createTimeISO", "text": "text", "author": "uid", "handle": "uniqueId",
			"likes": "diggCount", "replies": "replyCommentTotal", "reply_to": "repliesToId"},
			func(c cells, p *collector.Post) {
				if i := strings.LastIndex(c.val("videoWebUrl"), "/video/"); i >= 0 {
					p.Conversation = collector.Clean(c.val("videoWebUrl")[i+len("/video/"):])
				}
				p.ReplyTo = cmp.Or(p.ReplyTo, p.Conversation)
				aReply(c, p)
			})},
	{name: "tiktok scraper", what: "videos of Pyktok", has: []string{"video_id", "video_timestamp", "video_description", "author_username"},
		post: tool("tiktok", mapping{"id": "video_id", "date": "video_timestamp", "text": "video_description", "handle": "author_username",
			"name": "author_name", "likes": "video_diggcount", "reposts": "video_sharecount",
			"replies": "video_commentcount", "views": "video_playcount"}, inText)},
	{name: "instagram app", what: "posts of Instagram and Threads as their apps and pages get them",
		has: []string{"code", "caption.text", "taken_at", "user.username"}, post: instagramApp},
	{name: "instaloader", what: "comments of instaloader", has: []string{"id", "created_at", "text", "owner.username", "likes_count"},
		post: tool("instagram", mapping{"id": "id", "date": "created_at", "text": "text", "author": "owner.id", "handle": "owner.username",
			"likes": "likes_count"}, aReply)},
	{name: "instagram scraper", what: "Apify's scrapers of Instagram", has: []string{"shortCode", "caption", "timestamp", "ownerUsername"},
		post: tool("instagram", mapping{"id": "id", "date": "timestamp", "text": "caption", "handle": "ownerUsername", "author": "ownerId",
			"name": "ownerFullName", "likes": "likesCount", "replies": "commentsCount",
			"views": "videoViewCount"}, instagram)},
	{name: "instagram scraper", what: "comments of the same", has: []string{"id", "text", "ownerUsername", "timestamp"},
		post: tool("instagram", mapping{"id": "id", "date": "timestamp", "text": "text", "author": "owner.id", "handle": "ownerUsername",
			"likes": "likesCount", "replies": "repliesCount"}, aReply)},
	{name: "instagram graph", what: "posts of Instagram's Graph API", has: []string{"id", "caption", "media_type", "timestamp"},
		post: tool("instagram", mapping{"id": "id", "date": "timestamp", "text": "caption", "handle": "username", "author": "owner.id",
			"likes": "like_count", "replies": "comments_count"}, inText)},
	{name: "threads api", what: "posts of the API of Threads", has: []string{"id", "text", "permalink", "timestamp", "media_type"},
		post: tool("threads", mapping{"id": "id", "date": "timestamp", "text": "text", "handle": "username", "author": "owner.id",
			"likes": "like_count", "reply_to": "replied_to.id", "conversation": "root_post.id",
			"quoted": "quoted_post.id", "is_quote": "is_quote_post", "is_reply": "is_reply", "reposted": "reposted_post.id",
			"original": "reposted_post.text"}, inText)},
	{name: "crowdtangle", what: "posts of CrowdTangle's API", has: []string{"platformId", "postUrl", "date", "account.id"}, post: crowdTangle},
	{name: "crowdtangle", what: "CrowdTangle's tables of Facebook and Instagram",
		has: []string{"User Name", "Post Created", "Total Interactions", "URL"}, post: crowdTangleTable},
	{name: "meta content library", what: "posts of Meta's Content Library", has: []string{"id", "creation_time", "text", "post_owner.id"},
		post: contentLibrary},
	{name: "facebook-scraper", what: "posts of facebook-scraper", has: []string{"post_id", "post_text", "text", "post_url"},
		post: tool("facebook", mapping{"id": "post_id", "date": "timestamp", "clock": "time", "text": "text", "author": "user_id",
			"name": "username", "likes": "likes", "reposts": "shares", "replies": "comments", "observed": "fetched_time",
			"reposted": "shared_post_id", "urls": "link"}, func(c cells, p *collector.Post) {
			if p.Kind == collector.Repost && p.Text != c.val("shared_text") { // words of its own beside those it shares
				p.Kind, p.Quoted, p.Reposted = collector.Quote, p.Reposted, ""
			}
			inText(c, p)
		})},
	{name: "bright data", what: "Bright Data's posts of Facebook", has: []string{"post_id", "content", "date_posted", "user_username_raw"},
		post: tool("facebook", mapping{"id": "post_id", "date": "date_posted", "text": "content", "author": "profile_id",
			"name": "user_username_raw", "likes": "likes", "reposts": "num_shares", "replies": "num_comments"}, inText)},
	{name: "bright data", what: "its posts of Instagram", has: []string{"post_id", "description", "date_posted", "user_posted", "shortcode"},
		post: tool("instagram", mapping{"id": "post_id", "date": "date_posted", "text": "description", "author": "user_posted_id",
			"handle": "user_posted", "likes": "likes", "replies": "num_comments", "views": "views"}, inText)},
	{name: "bright data", what: "its posts of Reddit", has: []string{"post_id", "title", "date_posted", "user_posted", "community_name"},
		post: either("reddit", mapping{"id": "post_id", "date": "date_posted", "title": "title", "text": "description",
			"handle": "user_posted", "url": "url", "likes": "num_upvotes", "replies": "num_comments"}, nil, "description", "title")},
	{name: "bright data", what: "its posts of TikTok", has: []string{"post_id", "description", "create_time", "profile_username"},
		post: tool("tiktok", mapping{"id": "post_id", "date": "create_time", "text": "description", "author": "profile_id",
			"handle": "profile_username", "likes": "digg_count", "reposts": "share_count", "replies": "comment_count",
			"views": "play_count"}, inText)},
	{name: "bright data", what: "its videos of YouTube", has: []string{"video_id", "title", "date_posted", "youtuber"},
		post: tool("youtube", mapping{"id": "video_id", "date": "date_posted", "text": "title", "author": "youtuber", "likes": "likes",
			"replies": "num_comments", "views": "views"}, ofTitle("description"))},
	{name: "bright data", what: "its posts of LinkedIn", has: []string{"id", "post_text", "date_posted", "user_id", "use_url"},
		post: tool("linkedin", mapping{"id": "id", "date": "date_posted", "text": "post_text", "author": "user_id", "likes": "num_likes",
			"replies": "num_comments"}, inText)},
	{name: "apify", what: "Apify's posts of Facebook", has: []string{"postId", "pageName", "text", "time"},
		post: tool("facebook", mapping{"id": "postId", "date": "time", "text": "text", "author": "user.id", "handle": "pageName",
			"name": "user.name", "likes": "likes", "reposts": "shares", "replies": "comments"}, inText)},
	{name: "apify", what: "its comments of Facebook", has: []string{"commentUrl", "feedbackId", "text", "date"},
		post: tool("facebook", mapping{"id": "id", "date": "date", "text": "text", "author": "profileId", "name": "profileName",
			"likes": "likesCount", "replies": "commentsCount", "conversation": "facebookId"},
			func(c cells, p *collector.Post) {
				p.Kind, p.ReplyTo = collector.Reply, p.Conversation
				collector.AddFromText(p)
			})},
	{name: "apify", what: "its videos of YouTube", has: []string{"id", "title", "channelName", "viewCount", "date"},
		post: tool("youtube", mapping{"id": "id", "date": "date", "text": "title", "author": "channelId", "name": "channelName",
			"likes": "likes", "replies": "commentsCount", "views": "viewCount"}, ofTitle("text"))},
	{name: "apify", what: "its posts and comments of Reddit", has: []string{"id", "parsedId", "dataType", "createdAt"},
		post: either("reddit", mapping{"id": "id", "date": "createdAt", "title": "title", "text": "body", "author": "userId",
			"handle": "username", "url": "url", "conversation": "postId", "reply_to": "parentId",
			"likes": "upVotes", "replies": "numberOfComments", "observed": "scrapedAt"}, nil, "body", "title")},
	{name: "facebook-scraper", what: "its comments", has: []string{"comment_id", "comment_text", "comment_time"},
		post: tool("facebook", mapping{"id": "comment_id", "date": "comment_time", "text": "comment_text", "author": "commenter_id",
			"name": "commenter_name", "likes": "comment_reaction_count"}, aReply)},
	{name: "misskey", what: "notes of Misskey and its kin", has: []string{"createdAt", "userId", "visibility", "renoteCount"}, post: misskey},
	{name: "lemmy", what: "posts of Lemmy, as its API shows them", has: []string{"post.ap_id", "post.name", "post.published"},
		post: lemmyPost},
	{name: "lemmy", what: "comments of the same", has: []string{"comment.ap_id", "comment.content", "post.ap_id"}, post: lemmyPost},
	{name: "hacker news", what: "stories and comments of Hacker News, as Algolia's search gives them",
		has: []string{"objectID", "created_at_i", "author"}, post: hackerNews},
	{name: "hacker news", what: "the same of its own API", has: []string{"by", "id", "time", "type"}, post: hackerNews},
	{name: "gettr", what: "posts of Gettr, as gogettr gets them", has: []string{"_id", "txt", "cdate", "uid"},
		post: tool("gettr", mapping{"id": "_id", "date": "cdate", "text": "txt", "author": "uid", "lang": "txt_lang", "likes": "lkbpst",
			"reposts": "shbpst", "replies": "cm", "hashtags": "htgs"}, inText)},
	{name: "parler", what: "posts of Parler", has: []string{"body", "creator", "createdAt", "upvotes"},
		post: tool("parler", mapping{"id": "id", "date": "createdAt", "text": "body", "author": "creator", "handle": "username",
			"likes": "upvotes", "reposts": "reposts", "replies": "comments", "views": "impressions",
			"hashtags": "hashtags", "urls": "urls"}, nil)},
	{name: "community notes", what: "X's Community Notes: what is written under posts, in answer to them",
		has: []string{"noteId", "tweetId", "summary", "createdAtMillis"},
		post: tool("communitynotes", mapping{"id": "noteId", "date": "createdAtMillis", "text": "summary", "author": "noteAuthorParticipantId",
			"conversation": "tweetId", "reply_to": "tweetId"}, inText)},
	{name: "facepager", what: "Facepager's nodes, of any network", has: []string{"object_id", "object_type", "query_type"}, post: facepager},
	{name: "facepager", what: "the same under the names it shows", has: []string{"Object ID", "Object Type", "Query Type"}, post: facepager},
}

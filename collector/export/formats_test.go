package export_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
	"stallwatch/collector/export"
)

// id is of 6 December 2022, 05:31:41.
const id = "1600000000000000001"

// formats has one example of every format, made up by us: its format, and what comes out as platform, kind, id, author,
// minute and text, or as the skip.
var formats = []struct{ format, in, want string }{
	{"x-api-v2 page", `{"data":[{"id":"` + id + `","author_id":"7","text":"a"}],"includes":{"users":[{"id":"7","username":"ana"}]},"meta":{}}`, "x original " + id + " 7 05:31 a"},
	{"x-api-v2 flattened", `{"id":"` + id + `","author_id":"7","author":{"id":"7"},"text":"a","__twarc":{}}`, "x original " + id + " 7 05:31 a"},
	{"x-api-v2 tweet", `{"id":"` + id + `","author_id":"7","text":"a"}`, "x original " + id + " 7 05:31 a"},
	{"x-api-v1.1", `{"created_at":"Tue Dec 06 05:31:41 +0000 2022","id_str":"` + id + `","full_text":"a","user":{"id_str":"7"}}`, "x original " + id + " 7 05:31 a"},
	{"x-api-v1.1", `{"delete":{"status":{"id_str":"1"}}}`, "skip delete"},
	{"x-api-v1.1 user", `{"id_str":"7","screen_name":"ana","followers_count":3,"created_at":"Tue Mar 21 20:50:14 +0000 2006","status":{"created_at":"Tue Dec 06 05:31:41 +0000 2022","id_str":"` + id + `","text":"a"}}`, "x original " + id + " 7 05:31 a"},
	{"x compliance", `{"id":"1","action":"delete","created_at":"2019-09-06T17:25:54.667Z","reason":"protected"}`, "skip delete"},
	{"x-api error", `{"errors":[{"code":88}]}`, "skip api error"},
	{"x-api error", `{"title":"Unauthorized","status":401,"detail":"x"}`, "skip api error"},
	{"x-api-v2 empty page", `{"meta":{"result_count":0}}`, "skip empty page"},
	{"x-api-v2 includes", `{"users":[{"id":"7"}],"tweets":[]}`, "skip users"},
	{"zeeschuimer", `{"nav_index":"1","item_id":"` + id + `","source_platform":"twitter.com","data":{"id":1,"rest_id":"` + id + `","legacy":{"full_text":"a &amp; b","user_id_str":"7"}}}`, "x original " + id + " 7 05:31 a & b"},
	{"zeeschuimer", `{"item_id":"1","source_platform":"bsky.app","data":{"uri":"at://did:plc:a/app.bsky.feed.post/3k","author":{"did":"did:plc:a"},"record":{"text":"a","createdAt":"2025-03-17T09:15:27Z"}}}`,
		"bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"zeeschuimer", `{"item_id":"1","source_platform":"tiktok.com","data":{"desc":"a"}}`, "skip unknown"},
	{"zeeschuimer", `{"item_id":"7100000000000000001","source_platform":"tiktok.com","data":{"id":"7100000000000000001","desc":"a","createTime":1670304701,"author":{"uniqueId":"ana"}}}`, "tiktok original 7100000000000000001 ana 05:31 a"},
	{"zeeschuimer", `{"item_id":"71","source_platform":"threads.net","data":{"code":"C1","caption":{"text":"a"},"taken_at":1670304701,"user":{"username":"ana"}}}`, "threads original C1 ana 05:31 a"},
	{"zeeschuimer", `{"item_id":"1","source_platform":"twitter.com","data":{"id":1600000000000000000,"type":"adaptive","legacy":{"id_str":"` + id + `","full_text":"a"},"user":{"id_str":"7","screen_name":"ana"}}}`, "x original " + id + " 7 05:31 a"},
	{"zeeschuimer", `{"item_id":"NaN","source_platform":"x.com","data":{"id":null,"__typename":"TweetWithVisibilityResults","tweet":{"rest_id":"` + id + `","legacy":{"full_text":"a","user_id_str":"7"}}}}`, "x original " + id + " 7 05:31 a"},
	{"x web", `{"type":"adaptive","id":1,"legacy":{"id_str":"` + id + `","full_text":"a","user_id_str":"7"},"user":{"id_str":"7"},"__import_meta":{}}`, "x original " + id + " 7 05:31 a"},
	{"x web", `{"__typename":"TweetTombstone","tombstone":{"text":{"text":"x"}},"rest_id":"5"}`, "skip delete"},
	{"stallwatch json", `{"post_id":"x:` + id + `","platform":"x","created_at":"2022-12-06T05:31:41.000Z","kind":"quote","stance":"agree","model":"m","text":"RT @a: &amp; ","quoted":"x:5"}`, "x quote " + id + "  05:31 RT @a: &amp; "},
	{"stallwatch table", "post_id,platform,created_at,kind,lang,stance,model,text,hashtags\nx:" + id + ",x,2022-12-06T05:31:41.000Z,original,en,agree,m,\"'=a\",\"[\"\"b\"\"]\"\n", "x original " + id + "  05:31 =a"},
	{"twitter-web-exporter", `{"id":"` + id + `","created_at":"2022-12-06 06:31:41 +01:00","full_text":"a","screen_name":"ana","user_id":"7","retweeted_status":null,"quoted_status":"5","favorite_count":1}`, "x quote " + id + " 7 05:31 a"},
	{"twitter-web-exporter", `{"id":"` + id + `","created_at":"x","full_text":"RT @b: a…","screen_name":"ana","metadata":{"rest_id":"` + id + `","legacy":{"user_id_str":"7","full_text":"RT @b: a…","retweeted_status_result":{"result":{"rest_id":"5","legacy":{"full_text":"a and more"}}}}}}`, "x repost " + id + " 7 05:31 a and more"},
	{"csv twitter-web-exporter", "ID,Date,Content,Screen Name,Profile Name,RT Source,Quote Source,Favorites\n" + id + ",2022-12-06 06:31:41 +01:00,a,ana,Ana,,N/A,1\n", "x original " + id + " ana 05:31 a"},
	{"zeeschuimer", `{"item_id":"1","source_platform":"twitter.com","data":{"type":"adaptive","id_str":"` + id + `","full_text":"a","user":{"id_str":"7"}}}`, "x original " + id + " 7 05:31 a"},
	{"x web", `{"rest_id":"` + id + `","legacy":{"full_text":"a","user_id_str":"7"},"__import_meta":{}}`, "x original " + id + " 7 05:31 a"},
	{"x web timeline", `{"data":{"home":{"home_timeline_urt":{"instructions":[{"type":"TimelineAddEntries","entries":[{"content":{"itemContent":{"tweet_results":{"result":{"rest_id":"` + id + `","legacy":{"full_text":"a","user_id_str":"7"}}}}}}]}]}}},"errors":[{"code":29}]}`, "x original " + id + " 7 05:31 a"},
	{"x web timeline", `{"data":{"tweetResult":[{"result":{"rest_id":"` + id + `","legacy":{"full_text":"a","user_id_str":"7"}}}]}}`, "x original " + id + " 7 05:31 a"},
	{"x web timeline", `{"data":{"search_by_raw_query":{"search_timeline":{"timeline":{"instructions":[{"type":"TimelineClearCache"}]}}}}}`, "skip empty page"},
	{"har", `{"log":{"version":"1.2","creator":{},"entries":[{"startedDateTime":"2025-07-05T09:20:00Z","request":{},"response":{"content":{"text":"{\"data\":{\"tweetResult\":{\"result\":{\"rest_id\":\"` + id + `\",\"legacy\":{\"full_text\":\"a\",\"user_id_str\":\"7\"}}}}}"}}}]}}`, "x original " + id + " 7 05:31 a"},
	{"har", `{"log":{"version":"1.2","creator":{},"entries":[{"startedDateTime":"2025-07-05T09:20:00Z","response":{"content":{"text":"{}"}}}]}}`, "skip traffic"},
	{"minet json", `{"id":"` + id + `","timestamp_utc":1670304701,"user_screen_name":"ana","user_id":"7","text":"RT @b: a","retweeted_id":"5"}`, "x repost " + id + " 7 05:31 a"},
	{"minet json", `{"_index":"i","_id":"` + id + `","_source":{"timestamp_utc":"1670304701.0","user_screen_name":"ana","user_id":"7","text":"a « bo: b »","quoted_id":"5","quoted_user":"bo"}}`, "x quote " + id + " 7 05:31 a"},
	{"snscrape", `{"_type":"snscrape.modules.twitter.Tweet","id":` + id + `,"rawContent":"a","user":{"id":7}}`, "x original " + id + " 7 05:31 a"},
	{"bluesky jetstream", `{"did":"did:plc:a","time_us":1,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"3k","record":{"text":"a","createdAt":"2025-03-17T09:15:27Z"}}}`,
		"bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"bluesky jetstream v2", `{"payload":{"$type":"#commit","seq":1,"did":"did:plc:a","time":"2025-03-17T09:15:28Z","operation":"create","collection":"app.bsky.feed.post","rkey":"3k","record":{"text":"a","createdAt":"2025-03-17T09:15:27Z"}}}`,
		"bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"bluesky jetstream v2", `{"payload":{"$type":"#identity","seq":1,"did":"did:plc:a","time":"2025-03-17T09:15:28Z","identity":{"handle":"a"}}}`, "skip notice"},
	{"bluesky tap", `{"type":"record","record":{"did":"did:plc:a","collection":"app.bsky.feed.post","rkey":"3k","action":"create","record":{"text":"a","createdAt":"2025-03-17T09:15:27Z"}}}`,
		"bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"bluesky", `{"posts":[{"uri":"at://did:plc:a/app.bsky.feed.post/3k","author":{"did":"did:plc:a"},"record":{"text":"a","createdAt":"2025-03-17T09:15:27Z"}}]}`,
		"bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"mastodon", `{"id":"1","uri":"https://one.example/1","created_at":"2026-08-01T14:00:00.000Z","account":{"uri":"https://one.example/ana"},"content":"<p>a</p>"}`, "mastodon original https://one.example/1 https://one.example/ana 14:00 a"},
	{"mastodon", `{"accounts":[],"statuses":[],"hashtags":[]}`, "skip empty page"},
	{"mastodon stream", `{"stream":["public"],"event":"update","payload":"{\"id\":\"1\",\"uri\":\"https://one.example/1\",\"created_at\":\"2026-08-01T14:00:00.000Z\",\"account\":{\"uri\":\"ana\"},\"content\":\"<p>a</p>\"}"}`, "mastodon original https://one.example/1 ana 14:00 a"},
	{"mastodon outbox", `{"@context":"x","type":"OrderedCollection","orderedItems":[{"type":"Create","id":"i","object":{"id":"https://one.example/1","attributedTo":"ana","published":"2026-08-01T14:00:00Z","content":"<p>a</p>"}}]}`,
		"mastodon original https://one.example/1 ana 14:00 a"},
	{"telegram", `{"name":"c","type":"public_channel","id":5,"messages":[{"id":1,"type":"message","date":"2022-12-06T05:31:41","from_id":"channel5","text":"a"}]}`, "telegram original 5/1 channel5 05:31 a"},
	{"reddit pushshift", `{"id":"c1","author":"ana","created_utc":1670304701,"body":"a","parent_id":"t3_x","link_id":"t3_x","subreddit":"s"}`, "reddit reply t1_c1 ana 05:31 a"},
	{"json generic", `{"tweet_id":"` + id + `","tweet":"a","user":"ana"}`, "x original " + id + " ana 05:31 a"},
	{"reddit listing", `{"kind":"Listing","data":{"children":[{"kind":"t3","data":{"id":"x","title":"a","created_utc":1670304701,"author":"ana"}}]}}`, "reddit original t3_x ana 05:31 a"},
	{"reddit pushshift", `{"data":[{"id":"x","title":"a","created_utc":"2022-12-06T05:31:41Z","author":"ana","subreddit":"s"}],"error":null,"metadata":{}}`, "reddit original t3_x ana 05:31 a"},
	{"csv reddit", "id,subreddit,title,selftext,created_utc,author\nx,s,a,,1670304701.0,ana\n", "reddit original t3_x ana 05:31 a"},
	{"telegram api", `{"_":"Message","id":1,"peer_id":{"_":"PeerChannel","channel_id":5},"date":"2022-12-06 05:31:41+00:00","message":"a"}`, "telegram original 5/1 channel5 05:31 a"},
	{"telegram api", `{"_":"MessageService","id":1,"peer_id":{"_":"PeerChannel","channel_id":5},"date":"2022-12-06T05:31:41+00:00","action":{}}`, "skip notice"},
	{"telegram api", `{"update_id":1,"channel_post":{"message_id":1,"chat":{"id":-1005555,"type":"channel"},"date":1670304701,"text":"a"}}`, "telegram original 5555/1 channel5555 05:31 a"},
	{"telegram api", `{"@type":"message","id":1048576,"chat_id":-1005555,"date":1670304701,"content":{"@type":"messageText","text":{"text":"a"}}}`, "telegram original 5555/1  05:31 a"},
	{"telegram api", `{"ok":true,"result":[{"update_id":1,"message":{"message_id":1,"chat":{"id":7,"type":"private"},"date":1670304701,"text":"a"}}]}`, "skip private"},
	{"vk", `{"response":{"count":1,"items":[{"id":1,"owner_id":-5,"from_id":-5,"date":1670304701,"text":"a"}]}}`, "vk original -5_1 -5 05:31 a"},
	{"youtube", `{"kind":"youtube#commentThreadListResponse","items":[{"id":"U","snippet":{"videoId":"v","topLevelComment":{"id":"U","snippet":{"textDisplay":"a","authorChannelId":{"value":"UCa"},"publishedAt":"2022-12-06T05:31:41Z"}}}}]}`, "youtube reply U UCa 05:31 a"},
	{"yt-dlp", `{"id":"v","title":"a","extractor_key":"Youtube","timestamp":1670304701,"channel_id":"UCa","_type":"video"}`, "youtube original v UCa 05:31 a"},
	{"meta download", `[{"timestamp":1670304701,"data":[{"post":"\u00d0\u00b0"}],"title":"Ana"}]`, "facebook original h:61818ff10a2bbca5  05:31 а"},
	{"meta download", `{"text_post_app_text_posts":[{"media":[{"uri":"","creation_timestamp":1670304701,"title":"a"}]}]}`, "threads original h:25ce7375e04420a7  05:31 a"},
	{"meta chat", `{"participants":[{"name":"Ana"}],"messages":[{"sender_name":"Ana","timestamp_ms":1,"content":"a"}],"thread_path":"inbox/a"}`, "skip private"},
	{"instagram web", `{"instaloader":{"version":"4"},"node":{"id":"3","shortcode":"C","taken_at_timestamp":1670304701,"owner":{"id":"9"},"edge_media_to_caption":{"edges":[{"node":{"text":"a"}}]}}}`, "instagram original 3 9 05:31 a"},
	{"facebook graph", `{"data":[{"id":"1_2","message":"a","created_time":"2022-12-06T05:31:41+0000"}],"paging":{}}`, "facebook original 1_2 1 05:31 a"},
	{"nostr", `{"id":"ab","pubkey":"cd","created_at":1670304701,"kind":1,"tags":[],"content":"a","sig":"00"}`, "nostr original ab cd 05:31 a"},
	{"tiktok research", `{"data":{"videos":[{"id":71,"create_time":1670304701,"username":"ana","video_description":"a"}],"has_more":false},"error":{"code":"ok"}}`, "tiktok original 71 ana 05:31 a"},
	{"tiktok research", `{"id":72,"video_id":71,"parent_comment_id":71,"create_time":1670304701,"text":"a"}`, "tiktok reply 72  05:31 a"},
	{"tiktok web", `{"id":"71","desc":"a","createTime":1670304701,"author":{"uniqueId":"ana"}}`, "tiktok original 71 ana 05:31 a"},
	{"tiktok scraper", `[{"id":"71","text":"a","createTime":1670304701,"createTimeISO":"2022-12-06T05:31:41.000Z","authorMeta":{"name":"ana"}}]`, "tiktok original 71 ana 05:31 a"},
	{"instagram scraper", `[{"id":"3","shortCode":"C","caption":"a","timestamp":"2022-12-06T05:31:41.000Z","ownerUsername":"ana"}]`, "instagram original 3 ana 05:31 a"},
	{"instagram graph", `{"data":[{"id":"3","caption":"a","media_type":"IMAGE","timestamp":"2022-12-06T05:31:41+0000"}]}`, "instagram original 3  05:31 a"},
	{"threads api", `{"data":[{"id":"3","text":"a","media_type":"TEXT_POST","permalink":"https://www.threads.net/@ana/post/C","timestamp":"2022-12-06T05:31:41+0000","username":"ana","is_quote_post":true}]}`, "threads quote 3 ana 05:31 a"},
	{"crowdtangle", `{"status":200,"result":{"posts":[{"platformId":"1_2","platform":"Facebook","date":"2022-12-06 05:31:41","message":"a","postUrl":"https://www.facebook.com/1/posts/2","account":{"id":7,"platformId":"1"}}]}}`, "facebook original 1_2 1 05:31 a"},
	{"meta content library", `{"data":[{"id":"3","creation_time":"2022-12-06T05:31:41+00:00","text":"a","surface":{"id":"1"},"post_owner":{"id":"7"}}]}`, "facebook original 3 7 05:31 a"},
	{"facebook-scraper", `{"post_id":"3","text":"a","post_text":"a","timestamp":1670304701,"post_url":"https://facebook.com/3","user_id":"7"}`, "facebook original 3 7 05:31 a"},
	{"misskey", `[{"id":"3","createdAt":"2022-12-06T05:31:41.000Z","userId":"7","text":null,"visibility":"public","renoteCount":0,"renoteId":"2","renote":{"id":"2","text":"a"}}]`, "misskey repost 3 7 05:31 a"},
	{"misskey", `[{"id":"3","createdAt":"2022-12-06T05:31:41.000Z","userId":"7","text":"a","visibility":"followers","renoteCount":0}]`, "skip private"},
	{"lemmy", `{"posts":[{"post":{"id":5,"name":"a","published":"2022-12-06T05:31:41Z","ap_id":"https://lem.example/post/5"},"creator":{"actor_id":"https://lem.example/u/ana"}}]}`, "lemmy original https://lem.example/post/5 https://lem.example/u/ana 05:31 a"},
	{"lemmy", `{"comments":[{"comment":{"id":6,"content":"a","published":"2022-12-06T05:31:41Z","ap_id":"https://lem.example/comment/6"},"post":{"ap_id":"https://lem.example/post/5"},"creator":{"name":"ana"}}]}`, "lemmy reply https://lem.example/comment/6 ana 05:31 a"},
	{"hacker news", `{"hits":[{"objectID":"4","author":"ana","created_at":"2022-12-06T05:31:41Z","created_at_i":1670304701,"comment_text":"a &amp; b","parent_id":3,"story_id":2}]}`, "hackernews reply 4 ana 05:31 a & b"},
	{"gettr", `{"_id":"p1","txt":"a","cdate":1670304701000,"uid":"ana"}`, "gettr original p1 ana 05:31 a"},
	{"parler", `{"id":"ab","body":"a","creator":"cd","createdAt":"20221206053141","upvotes":1}`, "parler original ab cd 05:31 a"},
	{"community notes", "noteId\ttweetId\tcreatedAtMillis\tsummary\tnoteAuthorParticipantId\n9\t" + id + "\t1670304701000\ta\tAB\n", "communitynotes reply 9 AB 05:31 a"},
	{"facepager", "id;parent_id;object_id;object_type;query_type;message;created_time\n2;1;1_2;data;Facebook:/<page>/posts;a;2022-12-06T05:31:41+0000\n", "facebook original 1_2  05:31 a"},
	{"discord", `{"guild":{"id":"1","name":"G"},"channel":{"id":"2","type":"GuildTextChat"},"messages":[{"id":"3","type":"Default","timestamp":"2022-12-06T05:31:41+00:00","content":"a","author":{"id":"7"}}]}`, "discord original 3 7 05:31 a"},
	{"json generic", `{"tweets":[{"type":"tweet","id":"` + id + `","text":"RT @bo: b…","createdAt":"Tue Dec 06 05:31:41 +0000 2022","author":{"id":"7","userName":"ana"},"retweeted_tweet":{"id":"5","text":"b and more"}}]}`, "x repost " + id + " 7 05:31 b and more"},
	{"tiktok scraper", `{"videoWebUrl":"https://www.tiktok.com/@n/video/70","cid":"71","createTimeISO":"2022-12-06T05:31:41.000Z","text":"a","uniqueId":"ana","uid":"7","repliesToId":null}`, "tiktok reply 71 7 05:31 a"},
	{"4chan", "num,subnum,thread_num,op,timestamp,name,title,comment\n71,0,70,0,1670304701,ana,,a\n", "4chan reply 71 ana 05:31 a"},
	{"tiktok scraper", "video_id,video_timestamp,video_description,author_username\n71,2022-12-06T05:31:41,a,ana\n", "tiktok original 71 ana 05:31 a"},
	{"csv reddit", "id,permalink,date,ip,subreddit,gildings,link,parent,body\nc1,https://www.reddit.com/r/s/comments/x/t/c1/,2022-12-06 05:31:41 UTC,,s,0,https://www.reddit.com/r/s/comments/x/t/,c0,a\n", "reddit reply t1_c1  05:31 a"},
	{"telegram api", "_,id,date,message,peer_id.channel_id,fwd_from.from_id.channel_id,views\nMessage,1,2022-12-06 05:31:41+00:00,[a],5,6.0,3.0\n", "telegram repost 5/1 channel5 05:31 [a]"},
	{"telegram-tracker", "channel_id,channel_name,msg_id,message,date,number_forwards,is_forward,is_reply,reply_to_msg_id\n5,ch,1,a,2022-12-06 05:31:41,3,0,1,2.0\n", "telegram reply 5/1  05:31 a"},
	{"csv 4cat telegram", "id,thread_id,search_entity,author,body,unix_timestamp,is_forward,reply_to\n5,ch,ch,7,a,1670304701,no,4\n5,other,other,7,a,1670304701,no,\n", "telegram reply ch-5 7 05:31 a\ntelegram original other-5 7 05:31 a"},
	{"vk", "id,owner_id,from_id,date,text,likes.count\n1,-5,-5,1670304701,a,3.0\n", "vk original -5_1 -5 05:31 a"},
	{"youtube", "id,snippet.videoId,snippet.topLevelComment.id,snippet.topLevelComment.snippet.publishedAt,snippet.topLevelComment.snippet.textDisplay\nU,v,U,2022-12-06T05:31:41Z,a<br>b\n", "youtube reply U  05:31 a\nb"},
	{"youtube data tools", "id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,isReply,isReplyTo\nU.r,,3,2022-12-06 05:31:41,ana,a,UCa,1,U\n", "youtube reply U.r UCa 05:31 a"},
	{"youtube data tools", "channelId,videoId,publishedAt,videoTitle,videoDescription\nUCa,v,2022-12-06 05:31:41,a,b\n", "youtube original v UCa 05:31 a\n\nb"},
	{"youtube takeout", "Comment ID,Channel ID,Comment create timestamp,Parent comment ID,Video ID,Comment text\nU,UCa,2022-12-06T05:31:41Z,,v,\"{\"\"text\"\":\"\"a \"\"},{\"\"text\"\":\"\"b\"\"}\"\n", "youtube reply U UCa 05:31 a b"},
	{"youtube-comment-downloader", `{"cid":"U","text":"a","author":"@ana","channel":"UCa","votes":"1.2K","time_parsed":1670304701.5}`, "youtube reply U UCa 05:31 a"},
	{"crowdtangle", "Page Name,User Name,Facebook Id,Post Created,Total Interactions,Likes,Message,URL\nPage,page,1,2022-12-06 00:31:41 EST,3,2,a,https://www.facebook.com/1/posts/2\n", "facebook original 1_2 1 05:31 a"},
	{"instagram app", `{"pk":"3","id":"3_7","code":"C","caption":{"text":"a"},"taken_at":1670304701,"user":{"pk":"7","username":"ana"},"text_post_app_info":{"is_reply":true}}`, "threads reply 3 7 05:31 a"},
	{"facebook-scraper", `{"post_id":"3","text":"a","post_text":"a","timestamp":1670304701,"post_url":"https://facebook.com/3","user_id":"7","comments_full":[{"comment_id":"4","comment_text":"b","comment_time":"2022-12-06 05:31:41","commenter_id":"8","replies":[{"comment_id":"5","comment_text":"c","comment_time":"2022-12-06 05:31:41","commenter_id":"7"}]}]}`,
		"facebook original 3 7 05:31 a\nfacebook reply 4 8 05:31 b\nfacebook reply 5 7 05:31 c"},
	{"telegram api", `{"_":"MessageEmpty","id":8,"peer_id":null}`, "skip notice"},
	{"unknown", "\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00\x01\x71\x12\x20\x67version\x01", "skip unknown"},
	{"private messages", `{"data":[{"id":"` + id + `","event_type":"MessageCreate","text":"a","sender_id":"7","dm_conversation_id":"7-8"}],"meta":{"result_count":1}}`, "skip private"},
	{"private messages", `{"Direct Messages":{"Chat History":{"ChatHistory":{"Chat History with bo:":[{"Date":"2022-12-06 05:31:41","From":"ana","Content":"a b"}]}}}}`, "skip private"},
	{"private messages", `[{"type":"message","user":"U1","text":"a","ts":"1670304701.000100"}]`, "skip private"},
	{"private messages", `[{"dmConversation":{"conversationId":"1-2","messages":[{"messageCreate":{"recipientId":"1","senderId":"2","id":"` + id + `","text":"a","createdAt":"2022-12-06T05:31:41.000Z"}}]}}]`, "skip private"},
	{"private messages", `{"kind":"t4","data":{"id":"a1","author":"ana","dest":"bo","subject":"hi","body":"a","created_utc":1670304701,"subreddit":null}}`, "skip private"},
	{"private messages", `{"id":"m1","conversationId":"c1","type":"incoming","body":"a","sent_at":1670304701000,"source":"+491"}`, "skip private"},
	{"private messages", "ID,Timestamp,Contents,Attachments\n1,2022-12-06 05:31:41,a,\n", "skip private"},
	{"private messages", "CONVERSATION ID,FROM,SENDER PROFILE URL,TO,DATE,CONTENT\n2,Ana,u,Bo,2022-12-06 05:31:41 UTC,a\n", "skip private"},
	{"private messages", "id,permalink,thread_id,date,ip,from,to,subject,body\nm1,u,m0,2022-12-06 05:31:41 UTC,,ana,bo,hi,a\n", "skip private"},
	{"private messages", "message_id,created_at,username,message,channel_url,conversation_type\nm1,2022-12-06 05:31:41 UTC,ana,a,u,direct\n", "skip private"},
	{"meta chat", `{"participants":["Ana","Bo"],"threadName":"Bo_1","messages":[{"senderName":"Ana","text":"a","timestamp":1670304701000,"type":"text"}]}`, "skip private"},
	{"meta download", `{"searches_v2":[{"timestamp":1670304701,"attachments":[{"data":[{"text":"a"}]}],"data":[{"text":"a"}],"title":"You searched"}]}`, "skip no text"},
	{"tiktok download", `{"Comment":{"Comments":{"CommentsList":[{"date":"2022-12-06 05:31:41","comment":"a b","photo":"N/A","url":""}]}}}`, "tiktok reply h:49095e76c3f7bdfa  05:31 a b"},
	{"tiktok download", `{"Video":{"Videos":{"VideoList":[{"Date":"2022-12-06 05:31:41","Link":"https://www.tiktok.com/@ana/video/71/","Likes":"3","Title":"a"}]}}}`, "tiktok original 71  05:31 a"},
	{"bright data", `[{"post_id":"3","url":"https://www.facebook.com/1/posts/3","content":"a","date_posted":"2022-12-06T05:31:41.000Z","user_username_raw":"Page","profile_id":"7"}]`, "facebook original 3 7 05:31 a"},
	{"bright data", `[{"post_id":"3","shortcode":"C","description":"a","date_posted":"2022-12-06T05:31:41.000Z","user_posted":"ana"}]`, "instagram original 3 ana 05:31 a"},
	{"bright data", `[{"post_id":"t3_x","title":"a","description":null,"date_posted":"2022-12-06T05:31:41.000Z","user_posted":"ana","community_name":"s"}]`, "reddit original t3_x ana 05:31 a"},
	{"bright data", "post_id,description,create_time,profile_username\n71,a,2022-12-06T05:31:41.000Z,ana\n", "tiktok original 71 ana 05:31 a"},
	{"bright data", `[{"video_id":"v","title":"a","description":"b","date_posted":"2022-12-06T05:31:41.000Z","youtuber":"@chan"}]`, "youtube original v @chan 05:31 a\n\nb"},
	{"bright data", `[{"id":"73","post_text":"a","date_posted":"2022-12-06T05:31:41.000Z","user_id":"ana","use_url":"u"}]`, "linkedin original 73 ana 05:31 a"},
	{"apify", `[{"postId":"3","pageName":"page","text":"a","time":"2022-12-06T05:31:41.000Z","user":{"id":"7"}}]`, "facebook original 3 7 05:31 a"},
	{"apify", `[{"id":"4","commentUrl":"u","feedbackId":"f","date":"2022-12-06T05:31:41.000Z","text":"a","profileId":"8","facebookId":"3"}]`, "facebook reply 4 8 05:31 a"},
	{"apify", `[{"id":"v","title":"a","text":null,"channelName":"Chan","channelId":"UCa","viewCount":3,"date":"2022-12-06T05:31:41.000Z"}]`, "youtube original v UCa 05:31 a"},
	{"apify", `[{"id":"t1_c","parsedId":"c","postId":"t3_x","parentId":"t1_b","body":"a","username":"ana","createdAt":"2022-12-06T05:31:41.000Z","dataType":"comment"}]`, "reddit reply t1_c ana 05:31 a"},
	{"x-api-v1.1", `{"tweets":[{"tweet_created_at":"2022-12-06T05:31:41.000000Z","id_str":"` + id + `","text":null,"full_text":"a","user":{"id_str":"7","screen_name":"ana"},"views_count":3}]}`, "x original " + id + " 7 05:31 a"},
	{"instaloader", `[{"id":4,"created_at":1670304701,"text":"a","owner":{"id":"8","username":"bo"},"likes_count":1,"answers":[{"id":5,"created_at":1670304701,"text":"b","owner":{"id":"7","username":"ana"},"likes_count":0}]}]`,
		"instagram reply 4 8 05:31 a\ninstagram reply 5 7 05:31 b"},
	{"hacker news", `{"by":"ana","id":4,"parent":3,"text":"a &amp; b<p>c","time":1670304701,"type":"comment"}`, "hackernews reply 4 ana 05:31 a & b\n\nc"},
	{"hacker news", `{"by":"ana","id":5,"descendants":1,"score":2,"time":1670304701,"title":"a","type":"story","url":"https://news.example"}`, "hackernews original 5 ana 05:31 a"},
	{"json generic", `{"hello":"world"}`, "skip unknown"},
	{"json empty", `[]`, "skip empty page"},
	{"x archive tweets", `window.YTD.tweets.part0 = [ {"tweet":{"id_str":"` + id + `","full_text":"a"}} ]`, "x original " + id + "  05:31 a"},
	{"x archive deleted_tweets", `window.YTD.deleted_tweets.part0 = [ {"tweet":{"id_str":"` + id + `","full_text":"a"}} ];`, "skip delete"},
	{"x archive grailbird", `Grailbird.data.tweets_2022_12 = [ {"id_str":"` + id + `","text":"a","user":{"id_str":"7"}} ]`, "x original " + id + " 7 05:31 a"},
	{"csv twarc", "id,referenced_tweets.retweeted.id,author_id,created_at,text,entities.hashtags,__twarc.retrieved_at\n" + id + `,5,7,2022-12-06T05:31:41.000Z,"RT @bo: a\nb &amp; c",,x` + "\n", "x repost " + id + " 7 05:31 a\nb & c"},
	{"csv twarc", "id,referenced_tweets.retweeted.id,author_id,created_at,text,entities.hashtags,__twarc.retrieved_at\n" + `"""` + id + `""",,"""7""","""2022-12-06T05:31:41.000Z""","""a\n\""b\""""","[""#x""]",x` + "\n", "x original " + id + " 7 05:31 a\n\"b\""},
	{"csv twarc counts", "start,end,tweet_count,__twarc.version\na,b,3,1\n", "skip counts"},
	{"csv twarc counts", "start,end,post_count\na,b,3\n", "skip counts"},
	{"csv minet", "query,id,id,timestamp_utc,local_time,user_screen_name,user_id,text\nq,0," + id + ",1670304701.0,2022-12-06T08:31:41,ana,7,a\n", "x original " + id + " 7 05:31 a"},
	{"csv minet bluesky", "uri,did,timestamp_utc,user_did,text,original_text\nat://did:plc:a/app.bsky.feed.post/3k,3k,1742202927,did:plc:a,a « b »,a\n", "bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"csv 4cat x", "id,thread_id,timestamp,unix_timestamp,body,author,author_id,is_retweet,retweeted_user,is_reply,collected_from_url\n" + id + ",1,2022-12-06 05:31:41,1670304701,RT @bo a &amp; b,ana,7,yes,bo,no,u\n", "x repost " + id + " 7 05:31 a & b"},
	{"csv 4cat telegram", "id,thread_id,search_entity,chat,author,author_username,body,views,forwards,unix_timestamp,is_forward\nch-5,ch-5,ch,ch,7,ana,a,44,3,1670304701,yes\n", "telegram repost ch-5 7 05:31 a"},
	{"csv social feed manager", "sfm_id,created_at,twitter_id,screen_name,retweet_count,hashtags,twitter_url,text,is_retweet\n1,2022-12-06T05:31:41Z," + id + ",ana,3,peace,http://twitter.com/ana/status/" + id + ",a,FALSE\n", "x original " + id + " ana 05:31 a"},
	{"csv bright data", "id,user_posted,name,description,date_posted,url,quoted_post\n" + id + ",ana,Ana,a,2022-12-06T05:31:41.000Z,https://x.com/ana/status/" + id + ",\"{\"\"data_id\"\":\"\"5\"\"}\"\n", "x quote " + id + " ana 05:31 a"},
	{"csv 4cat", "id,thread_id,timestamp,unix_timestamp,subject,body,author,link\nx1,1,2022-12-06 05:31:41,1670304701,S,a,ana,https://www.reddit.com/x\n", "reddit original t3_x1 ana 05:31 S\n\na"},
	{"csv tcat", "id,time,created_at,from_user_name,text,from_user_id,from_user_realname\n" + id + ",1670304701,2022-12-06 05:31:41,ana,a,7,Ana\n", "x original " + id + " 7 05:31 a"},
	{"csv twarc1", "id,tweet_url,created_at,parsed_created_at,user_screen_name,text,tweet_type,retweet_or_quote_id,user_id\n" + id + ",u,x,2022-12-06 05:31:41+00:00,ana,a,quote,5,7\n", "x quote " + id + " 7 05:31 a"},
	{"csv rtweet", "user_id,status_id,created_at,screen_name,text,is_quote,is_retweet\nx7,x" + id + ",2022-12-06 05:31:41,ana,a,FALSE,TRUE\n", "x repost " + id + " 7 05:31 a"},
	{"csv twitter-web-exporter", "id,created_at,full_text,screen_name,name,profile_image_url,user_id,in_reply_to,retweeted_status,quoted_status,favorite_count\n" + id + ",2022-12-06 06:31:41 +01:00,a,ana,Ana,p,7,bo,,5,0\n", "x quote " + id + " 7 05:31 a"},
	{"csv twint", "id,conversation_id,created_at,date,time,timezone,user_id,username,tweet,replies_count,retweets_count,likes_count,hashtags,retweet,quote_url\n" + id + ",15,2022-12-06 08:31:41 MSK,2022-12-06,08:31:41,300,7,ana,a,0,0,0,\"['x', 'y']\",False,\n", "x reply " + id + " 7 05:31 a"},
	{"csv twint old", id + "|2022-12-06|08:31:41|MSK|ana|a | \"b\"|1|2|3|#x,#y\n", "x original " + id + " ana 05:31 a | \"b"},
	{"csv twint old", id + "|2022-12-06|08:31:41|MSK|ana|a|#x\n", "x original " + id + " ana 05:31 a"},
	{"csv sentiment140", "\"0\",\"1467810369\",\"Mon Apr 06 22:19:45 PDT 2009\",\"NO_QUERY\",\"ana\",\"a &amp; b\"\n", "x original 1467810369 ana 05:19 a & b"},
	{"csv sentiment140", "target,ids,date,flag,user,text\n0,1467810369,Mon Apr 06 22:19:45 PDT 2009,NO_QUERY,ana,a\n", "x original 1467810369 ana 05:19 a"},
	{"csv generic", "7,ana," + id + ",2022-12-06 05:31:41,\"some words, of a post\"\n8,bo,1600000000000000019,2022-12-06 05:31:42,more words\n", "x original " + id + " ana 05:31 some words, of a post\nx original 1600000000000000019 bo 05:31 more words"},
	{"csv getoldtweets", "username;date;retweets;favorites;text;geo;mentions;hashtags;id;permalink\n;2022-12-06 05:31;0;0;\"a \"b\"; c\";;;#x;\"" + id + "\";https://twitter.com/ana/status/" + id + "\n", "x original " + id + " ana 05:31 a \"b\"; c"},
	{"csv truth social", "id,created_at,content,url,media,replies_count,reblogs_count,favourites_count\n116000000000000001,2026-03-01T05:31:41.000Z,<p>a<br>b</p>,https://truthsocial.com/@ana/1,,0,0,0\n", "truthsocial original 116000000000000001  05:31 a\nb"},
	{"csv json", "id,data\n1,\"{\"\"id_str\"\":\"\"" + id + "\"\",\"\"text\"\":\"\"a\"\",\"\"user\"\":{\"\"id_str\"\":\"\"7\"\"}}\"\n", "x original " + id + " 7 05:31 a"},
	{"csv generic", "Text,Date\na,2022-12-06 05:31\n", ""},
	{"unknown", "Just some words\nand more\n", "skip unknown"},
}

func describe(r tally) string {
	var out []string
	for _, p := range r.posts {
		out = append(out, fmt.Sprintf("%s %s %s %s %s %s", p.Platform, p.Kind, p.ID, p.Author.Key(), p.CreatedAt.Format("15:04"), p.Text))
	}
	for s := range r.skips {
		out = append(out, "skip "+string(s))
	}
	for _, err := range r.failures {
		out = append(out, "failure "+err.Error())
	}
	return strings.Join(out, "\n")
}

func TestFormats(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range formats {
		t.Run(c.format, func(t *testing.T) {
			r := read(t, file(t, []byte(c.in)), export.Options{})
			if r.formats[c.format] == 0 || len(r.formats) != 1 {
				t.Errorf("%.200s\nis taken for %v, want %q", c.in, r.formats, c.format)
			}
			if got := describe(r); got != c.want && c.want != "" {
				t.Errorf("%.200s\ngives %q\nwant  %q", c.in, got, c.want)
			}
			seen[c.format] = true
		})
	}
	for _, f := range export.Formats() {
		if !seen[f.Name] {
			t.Errorf("the format %q has no example", f.Name)
		}
	}
}

// TestXArchive reads an archive as a zip and as an unpacked folder, and checks that nothing else of it is opened.
func TestXArchive(t *testing.T) {
	long := "I have thought about it for long. " + strings.Repeat("More words. ", 25)
	ms := []member{
		{"data/manifest.js", []byte(`window.__THAR_CONFIG = {"userInfo":{"accountId":"7","userName":"ana"},"dataTypes":{"tweets":{"files":[{"fileName":"data/tweets.js","count":"3"}]}}}`)},
		{"data/tweets.js", []byte(`window.YTD.tweets.part0 = [{"tweet":{"id_str":"1712845356000485462","full_text":"` + long[:250] + `…"}},
			{"tweet":{"id_str":"1712845300000000000","full_text":"short"}}]`)},
		{"data/note-tweet.js", []byte(`window.YTD.note_tweet.part0 = [{"noteTweet":{"noteTweetId":"1712845355925082112","core":{"text":"` + long + `"}}}]`)},
		{"data/direct-messages.js", []byte(`window.YTD.direct_messages.part0 = [{"text":"secret","id":"5","created_at":"2022-12-06"}]`)},
		{"Your archive.html", []byte("<html>")},
	}
	check := func(t *testing.T, r tally) {
		t.Helper()
		if len(r.posts) != 2 || len(r.skips) != 0 || len(r.failures) != 0 {
			t.Fatalf("%s", describe(r))
		}
		if p := r.posts[0]; p.Text != strings.TrimSpace(long) && p.Text != long || p.TextTruncated || p.Author.Handle != "ana" {
			t.Errorf("the long post is %+v", p)
		}
		if w := strings.Join(r.file.Warnings(), "\n"); !strings.Contains(w, "2 entries where the archive's manifest announces 3") {
			t.Errorf("Warnings = %q", w)
		}
	}
	check(t, read(t, file(t, zipped(t, ms...)), export.Options{}))
	dir := t.TempDir()
	for _, m := range ms {
		name := filepath.Join(dir, m.name)
		os.MkdirAll(filepath.Dir(name), 0o777)
		if err := os.WriteFile(name, m.body, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	check(t, read(t, filepath.Join(dir, "data/tweets.js"), export.Options{}))
}

// TestIncludesBeside joins academictwitteR's two files.
func TestIncludesBeside(t *testing.T) {
	ms := []member{
		{"data_5.json", []byte(`[{"id":"` + id + `","author_id":"7","text":"RT @bo: cut…","referenced_tweets":[{"type":"retweeted","id":"4"}]}]`)},
		{"users_5.json", []byte(`{"users":[{"id":"7","username":"ana"}],"tweets":[{"id":"4","text":"whole"}]}`)},
	}
	dir := t.TempDir()
	for _, m := range ms {
		if err := os.WriteFile(filepath.Join(dir, m.name), m.body, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []tally{read(t, filepath.Join(dir, "data_5.json"), export.Options{}), read(t, file(t, zipped(t, ms...)), export.Options{})} {
		want := collector.Post{Platform: "x", ID: id, Text: "whole", Kind: collector.Repost, Reposted: "4", Author: collector.Author{ID: "7", Handle: "ana"},
			CreatedAt: time.Date(2022, 12, 6, 5, 31, 41, 219e6, time.UTC), Permalink: "https://x.com/i/web/status/" + id}
		if diff := cmp.Diff([]collector.Post{want}, r.posts); diff != "" {
			t.Errorf("posts, - want + got:\n%s", diff)
		}
		if w := r.file.Warnings(); !slices.ContainsFunc(w, func(s string) bool { return strings.Contains(s, "users_5.json") }) {
			t.Errorf("Warnings = %q", w)
		}
	}
}

// TestTextsTakenOut warns of a collection whose publisher has removed the texts.
func TestTextsTakenOut(t *testing.T) {
	in := "id,created_at,content_text,url,media,replies_count,reblogs_count,favourites_count\n" + strings.Repeat("116000000000000001,2026-03-01T05:31:41.000Z,,https://truthsocial.com/@ana/1,,0,0,0\n", 9)
	r := read(t, file(t, []byte(in)), export.Options{})
	if r.skips[collector.SkipNoText] != 9 || len(r.file.Warnings()) != 1 || !strings.HasPrefix(r.file.Warnings()[0], "9 of 9 rows have no text") {
		t.Errorf("skips %v, warnings %q", r.skips, r.file.Warnings())
	}
}

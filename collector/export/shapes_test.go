package export_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"stallwatch/collector/export"
)

// shapes are files as somebody's own program, scraper or database writes them, made up by us. In all of them #1, #2 and #3
// stand for ids of X, all of 6 December 2022, 05:31:41, and @ for that time. What is wanted is written as describe does.
var shapes = []struct{ name, in, want string }{
	// What looks like one network's and is not.
	{"a string for an account is no Mastodon", `{"id":"#1","account":"ana","created_at":"@","text":"a","likes":3}`, "x original #1  05:31 a"},
	{"nor with content", `{"id":"#1","account":"ana","created_at":"@","content":"a"}`, "x original #1  05:31 a"},
	{"an account with little said, and HTML", `{"id":"5","account":{"username":"ana"},"created_at":"@","content":"\u003cp>a</p>"}`, "mastodon original 5  05:31 a"},
	{"an account object is not enough for a deletion", `{"id":"#1","account":{"name":"ana"},"created_at":"@","text":"a"}`, "x original #1 ana 05:31 a"},
	{"a string for a user", `{"id":"#1","user":"ana","created_at":"@","text":"a"}`, "x original #1 ana 05:31 a"},
	{"a string for a user beside id_str", `{"id_str":"#1","user":"ana","created_at":"@","text":"a"}`, "x original #1 ana 05:31 a"},
	{"a user of another kind", `{"id":5,"user":{"name":"Ana"},"created_at":"@","text":"a"}`, "unknown original 5:f73b5282188f6917 ana 05:31 a"},
	{"an audit log", `{"id":"7","action":"delete","created_at":"@","user":"ana"}`, "skip unknown"},
	{"what a log says of a post", `{"entries":[{"id":"#1","action":"delete","created_at":"@","reason":"spam"}]}`, "skip unknown"},
	{"a delete flag", `{"delete":false}`, "skip unknown"},
	{"a limit", `{"limit":10}`, "skip unknown"},
	{"an event of a webhook", `{"id":"evt_1","object":"event","type":"delete","created":1670304701}`, "skip unknown"},
	{"a deletion of somebody's own", `{"type":"Delete","object":"#1"}`, "skip unknown"},
	{"a text in post", `{"post":"a","post_id":"#1","date":"@"}`, "x original #1  05:31 a"},
	{"a type and a record", `{"type":"tweet","record":{"id":"#1","text":"a","created_at":"@"}}`, "x original #1  05:31 a"},
	{"a type and an object", `{"type":"post","object":{"id":"#1","text":"a","created_at":"@"}}`, "x original #1  05:31 a"},
	{"a post of another platform with v2's members", `{"id":"abc","author_id":"1","platform":"facebook","created_at":"@","text":"a"}`, "facebook original abc 1 05:31 a"},
	{"an id and an author of v2 with flat counts", `{"id":"#1","author_id":"7","username":"ana","created_at":"@","text":"a","like_count":3}`, "x original #1 7 05:31 a"},
	{"a feed of Threads' API", `{"data":[{"id":"17841400000000001","text":"a","timestamp":"@","username":"ana","permalink":"https://www.threads.net/§ana/post/C1"}],"paging":{}}`, "threads original 17841400000000001 ana 05:31 a"},
	{"posts", `{"meta":{"n":1},"posts":[{"id":"#1","text":"a","date":"@","url":"https://x.com/ana/status/#1"}]}`, "x original #1 ana 05:31 a"},
	{"feed", `{"meta":{"n":1},"feed":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"statuses", `{"statuses":[{"id":"#1","content":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"statuses of Mastodon", `{"statuses":[{"id":"1","uri":"https://one.example/1","created_at":"@","account":{"acct":"ana","uri":"https://one.example/ana"},"content":"<p>a</p>"}]}`, "mastodon original https://one.example/1 https://one.example/ana 05:31 a"},
	{"mastodon-archive", `{"version":2,"account":{"acct":"ana"},"statuses":[{"id":"1","uri":"https://one.example/1","created_at":"@","account":{"acct":"ana","uri":"https://one.example/ana"},"content":"<p>a</p>"}],"favourites":[{"id":"2","uri":"https://one.example/2","created_at":"@","account":{"acct":"bo"},"content":"<p>b</p>"}],"bookmarks":[]}`,
		"mastodon original https://one.example/1 https://one.example/ana 05:31 a\nskip like"},
	{"data", `{"success":true,"data":[{"tweet_id":"#1","content":"a","createdAt":"@"}]}`, "x original #1  05:31 a"},
	{"messages of another chat", `{"guild":{"id":"1"},"channel":{"id":"2","type":"GuildTextChat"},"messages":[{"id":"#1","type":"Default","timestamp":"@","content":"a","author":{"id":"7","name":"ana"}}]}`, ""},
	{"chats of another program", `{"chats":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"messages of another program", `{"type":"export","id":1,"messages":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"a listing of Reddit", `{"kind":"Listing","data":{"after":null,"children":[{"kind":"t3","data":{"id":"x1","author":"ana","created_utc":1670304701,"title":"a","selftext":"","subreddit":"s"}}]}}`, "reddit original t3_x1 ana 05:31 a"},
	{"an answer of Pushshift", `{"data":[{"id":"c1","author":"ana","created_utc":1670304701,"body":"a","parent_id":"t3_x","link_id":"t3_x","subreddit":"s"}]}`, "reddit reply t1_c1 ana 05:31 a"},
	{"a result", `{"result":{"posts":[{"id":"#1","text":"a","date":"@"}]}}`, "x original #1  05:31 a"},
	{"a payload", `{"payload":{"id":"#1","text":"a","date":"@"}}`, "x original #1  05:31 a"},
	{"another _type", `{"_type":"doc","_id":"#1","_source":{"text":"a","date":"@"}}`, "x original #1  05:31 a"},
	// What hides posts, and errors that are none.
	{"meta and tweets", `{"meta":{},"tweets":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"meta and results", `{"meta":{"took":3},"results":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"meta and value", `{"meta":{},"value":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"meta and records", `{"meta":{},"records":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"meta and thread", `{"meta":{},"thread":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"users and posts", `{"users":[{"id":"7","username":"ana"}],"posts":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"no errors", `{"errors":[],"tweets":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"some errors", `{"errors":[{"code":34,"message":"not found"}],"tweets":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"no error", `{"id":"#1","tweet":"a","date":"@","error":null}`, "x original #1  05:31 a"},
	{"no data", `{"tweet_id":"#1","tweet":"a","date":"@","data":null}`, "x original #1  05:31 a"},
	{"a title and a detail", `{"title":"a","detail":"b","date":"@"}`, ""},
	{"an error with another page", `{"status":"error","error":{"code":1},"data":[]}`, "skip api error"},
	{"an envelope that says how it went", `{"code":0,"message":"ok","time":1670304701,"data":{"list":[{"id":"#1","text":"a","date":"@"}]}}`, "x original #1  05:31 a"},
	{"a status", `{"status":"success","timestamp":"@","url":"https://api.example/","items":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"nothing was found", `{"success":true,"data":[]}`, "skip empty page"},
	// Posts inside something.
	{"three deep", `{"data":{"search":{"items":[{"id":"#1","text":"a","date":"@"}]}}}`, "x original #1  05:31 a"},
	{"five deep", `{"data":{"a":{"b":{"c":{"items":[{"id":"#1","text":"a","date":"@"}]}}}}}`, "x original #1  05:31 a"},
	{"results that wrap a post", `{"results":[{"post":{"id":"#1","text":"a","date":"@"}},{"post":{"id":"#2","text":"b","date":"@"}}]}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"edges and nodes", `{"data":{"user":{"edges":[{"node":{"id":"#1","text":"a","date":"@"},"cursor":"x"},{"node":{"id":"#2","text":"b","date":"@"},"cursor":"y"}],"pageInfo":{"hasNextPage":false}}}}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"lines that wrap a post", "{\"topic\":\"t\",\"offset\":1,\"value\":{\"id\":\"#1\",\"text\":\"a\",\"date\":\"@\"}}\n{\"topic\":\"t\",\"offset\":2,\"value\":{\"id\":\"#2\",\"text\":\"b\",\"date\":\"@\"}}\n", "x original #1  05:31 a\nx original #2  05:31 b"},
	{"JSON in a string", `{"topic":"t","offset":1,"key":null,"value":"{\"id\":\"#1\",\"text\":\"a\",\"date\":\"@\"}"}`, "x original #1  05:31 a"},
	{"a page in a string", `{"statusCode":200,"body":"{\"posts\":[{\"id\":\"#1\",\"text\":\"a\",\"date\":\"@\"}]}"}`, "x original #1  05:31 a"},
	{"a status of v1.1 in a string", `{"n":1,"raw":"{\"id_str\":\"#1\",\"full_text\":\"a\",\"user\":{\"id_str\":\"7\"},\"created_at\":\"x\"}"}`, "x original #1 7 05:31 a"},
	{"a tweet of v2 in a wrapper", `{"account":"ana","tweet":{"id":"#1","author_id":"7","text":"RT","note_tweet":{"text":"a and more"},"referenced_tweets":[{"type":"quoted","id":"5"}],"public_metrics":{"like_count":3}},"fetched_at":"@"}`, "x quote #1 7 05:31 a and more"},
	{"a status of v1.1 in a wrapper", `{"collected_at":"@","tweet":{"id_str":"#1","full_text":"a","user":{"id_str":"7"},"created_at":"x"}}`, "x original #1 7 05:31 a"},
	{"a status of v1.1 as MongoDB holds it", `{"_id":"65f","raw":{"id_str":"#1","full_text":"a","user":{"id_str":"7"},"created_at":"x"}}`, "x original #1 7 05:31 a"},
	{"a post of Bluesky in a wrapper", `{"n":1,"view":{"uri":"at://did:plc:a/app.bsky.feed.post/3k","author":{"did":"did:plc:a"},"record":{"text":"a","createdAt":"2025-03-17T09:15:27Z"}}}`, "bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"a page of v2 in a wrapper", `{"request":{"q":"x"},"response":{"data":[{"id":"#1","author_id":"7","text":"a"}],"includes":{"users":[{"id":"7","username":"ana"}]},"meta":{"result_count":1}}}`, "x original #1 7 05:31 a"},
	{"pages of v2 in a list", `{"pages":[{"data":[{"id":"#1","author_id":"7","text":"a"}],"meta":{"result_count":1}},{"data":[{"id":"#2","author_id":"7","text":"b"}],"meta":{"result_count":1}}]}`, "x original #1 7 05:31 a\nx original #2 7 05:31 b"},
	{"a post with another inside", `{"id":"#1","text":"a","date":"@","quoted":{"id_str":"#2","full_text":"b","user":{"id_str":"8"}}}`, "x original #1  05:31 a"},
	{"hits of Elasticsearch", `{"took":1,"hits":{"total":{"value":2},"hits":[{"_index":"i","_id":"#1","_source":{"text":"a","created_at":"@"}},{"_index":"i","_id":"#2","_source":{"text":"b","created_at":"@"}}]}}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"rows of CouchDB", `{"total_rows":1,"offset":0,"rows":[{"id":"#1","key":"#1","value":{"rev":"1-a"},"doc":{"_id":"#1","_rev":"1-a","text":"a","date":"@"}}]}`, "x original #1  05:31 a"},
	{"a map of Firebase", `{"posts":{"-Nabcdef1AAA":{"text":"a","date":"@","user":"ana"},"-Nabcdef1AAB":{"text":"b","date":"@","user":"bo"}}}`, "unknown original -Nabcdef1AAA:f73b5282188f6917 ana 05:31 a\nunknown original -Nabcdef1AAB:b40ec4f5f294ac65 bo 05:31 b"},
	{"a map by id", `{"#1":{"text":"a","date":"@"},"#2":{"text":"b","date":"@"}}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"OData", `{"§odata.context":"x","value":[{"Id":"#1","Text":"a","CreatedAt":"@"}],"§odata.nextLink":"y"}`, "x original #1  05:31 a"},
	{"JSON-LD", `{"§context":"https://schema.org","§graph":[{"§type":"SocialMediaPosting","identifier":"#1","articleBody":"a","datePublished":"@","author":{"§type":"Person","name":"Ana"}}]}`, "x original #1 ana 05:31 a"},
	{"GeoJSON", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"id":"#1","text":"a","created_at":"@"}}]}`, "x original #1  05:31 a"},
	{"MongoDB, indented in a list", "[\n  {\n    \"_id\": {\n      \"$oid\": \"65f000000000000000000001\"\n    },\n    \"tweet_id\": {\"$numberLong\": \"#1\"},\n    \"tweet\": \"a\",\n    \"created\": {\"$date\": \"@\"}\n  }\n]\n", "x original #1  05:31 a"},
	{"a tweet of v2 out of MongoDB", `{"_id":{"$oid":"65f"},"id":{"$numberLong":"#1"},"author_id":{"$numberLong":"7"},"text":"a","created_at":{"$date":"@"},"public_metrics":{"like_count":{"$numberInt":"3"}}}`, "x original #1 7 05:31 a"},
	{"a page of somebody's own", `{"query":"x","page":1,"tweets":[{"id":"#1","text":"a","createdAt":"Tue Dec 06 05:31:41 +0000 2022","author":{"userName":"ana","id":"7"},"likeCount":3}],"has_next_page":false,"next_cursor":""}`, "x original #1 7 05:31 a"},
	{"Apify", `[{"type":"tweet","id":"#1","url":"https://x.com/ana/status/#1","text":"a","fullText":"a","createdAt":"Tue Dec 06 05:31:41 +0000 2022","author":{"type":"user","userName":"ana","id":"7"},"isReply":false}]`, "x original #1 7 05:31 a"},
	{"Apify by profile", `[{"profile":"ana","tweets":[{"id":"#1","text":"a","createdAt":"@"},{"id":"#2","text":"b","createdAt":"@"}]},{"profile":"bo","tweets":[]}]`, "x original #1  05:31 a\nx original #2  05:31 b\nskip empty page"},
	{"PhantomBuster", `[{"tweetLink":"https://x.com/ana/status/#1","content":"a","tweetDate":"Tue Dec 06 05:31:41 +0000 2022","handle":"ana","query":"x","timestamp":"2024-01-01T00:00:00.000Z"}]`, "x original #1 ana 05:31 a"},
	{"tweepy's _json", `{"_json":{"id_str":"#1","full_text":"a","user":{"id_str":"7","screen_name":"ana"},"created_at":"Tue Dec 06 05:31:41 +0000 2022"}}`, "x original #1 7 05:31 a"},
	{"threads with comments", `{"post":{"id":"#1","text":"a","date":"@"},"comments":[{"id":"#2","text":"b","date":"@"}]}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"posts with comments", `{"platform":"twitter","content":"a","date":"@","url":"https://x.com/ana/status/#1","comments":[{"author":"bo","content":"b","date":"@"}]}`, "x original #1 ana 05:31 a\nx reply h:b40ec4f5f294ac65 bo 05:31 b"},
	{"people with their posts", `[{"voter":1,"platform":"Facebook","handle":"§ana","socialMediaPosts":[{"postId":"100000000000001_7","title":"t","content":"a","postedAt":"@"}]}]`, "facebook original 100000000000001_7 ana 05:31 a"},
	{"an account with its posts", `{"profile":{"username":"ana","name":"Ana","desc":"I am","created_at":"@","id":"7"},"posts":[{"id":"#1","text":"a","date":"@"}]}`, "x original #1 7 05:31 a"},
	{"posts by network", `{"facebook":[{"id":"100000000000001_7","text":"a","date":"@"}],"twitter":[{"id":"#1","text":"b","date":"@"}]}`, "facebook original 100000000000001_7  05:31 a\nx original #1  05:31 b"},
	{"people with tweets of v2", `{"ana":{"userData":{"id":"7","username":"ana","name":"Ana","description":"I am","created_at":"2009-06-02T20:12:29.000Z"},"liked_tweets":[{"id":"#1","author_id":"8","text":"a","public_metrics":{"like_count":1}}]}}`, "x original #1 8 05:31 a"},
	{"data in data", `{"success":true,"message":"Posts fetched","data":{"message":"Posts fetched","data":[{"_id":"65f1","content":"a","createdAt":"@","platform":["twitter"]}]}}`, "x original 65f1:25ce7375e04420a7  05:31 a"},
	{"JSON:API", `{"data":[{"type":"posts","id":"#1","attributes":{"text":"a","created-at":"@"}}],"links":{"next":"x"}}`, "x original #1  05:31 a"},
	{"Airtable", `{"records":[{"id":"rec00000000000001","createdTime":"2024-01-01T00:00:00.000Z","fields":{"Tweet ID":"#1","Text":"a","Date":"@"}}],"offset":"itr"}`, "x original #1  05:31 a"},
	{"Solr", `{"responseHeader":{"status":0,"QTime":1},"response":{"numFound":1,"start":0,"docs":[{"id":"#1","text":"a","created_at":"@"}]}}`, "x original #1  05:31 a"},
	{"Debezium", `{"schema":{"type":"struct","fields":[{"type":"string","field":"id"}]},"payload":{"before":null,"after":{"id":"#1","text":"a","created_at":"@"},"op":"c","ts_ms":1670304701000}}`, "x original #1  05:31 a"},
	{"DynamoDB", `{"Items":[{"id":{"S":"#1"},"text":{"S":"a"},"created_at":{"S":"@"},"likes":{"N":"3"},"user":{"M":{"username":{"S":"ana"}}}}],"Count":1}`, "x original #1 ana 05:31 a"},
	{"Firestore", `{"documents":[{"name":"projects/p/databases/d/documents/posts/x1","fields":{"id":{"stringValue":"#1"},"text":{"stringValue":"a"},"date":{"timestampValue":"@"}},"createTime":"2024-01-01T00:00:00Z"}]}`, "x original #1  05:31 a"},
	{"Solr with lists", `{"response":{"docs":[{"id":"#1","text":["a"],"created_at":["@"]}]}}`, "x original #1  05:31 a"},
	{"lines of a queue", `{"Records":[{"messageId":"m1","body":"{\"id\":\"#1\",\"text\":\"a\",\"date\":\"@\"}","attributes":{"SentTimestamp":"1"}}]}`, "x original #1  05:31 a"},
	{"PubSub", `{"message":{"data":"x","messageId":"1"},"tweet":{"id":"#1","text":"a","date":"@"}}`, "x original #1  05:31 a"},
	{"tweets and users apart, as X's web client had them", `{"globalObjects":{"tweets":{"#1":{"created_at":"Tue Dec 06 05:31:41 +0000 2022","id_str":"#1","full_text":"a","user_id_str":"7"}},"users":{"7":{"id_str":"7","screen_name":"ana","followers_count":3}}},"timeline":{"id":"x"}}`, "x original #1 7 05:31 a"},
	{"pages of v2 by query", `{"q1":{"data":[{"id":"#1","author_id":"7","text":"a"}],"meta":{"result_count":1}},"q2":{"data":[{"id":"#2","author_id":"7","text":"b"}],"meta":{"result_count":1}}}`, "x original #1 7 05:31 a\nx original #2 7 05:31 b"},
	{"a status with both texts, one null", `{"id_str":"#1","text":null,"full_text":"a","user":{"id_str":"7"},"created_at":"x"}`, "x original #1 7 05:31 a"},
	{"Bluesky's posts made flat", `{"posts":[{"uri":"at://did:plc:a/app.bsky.feed.post/3k","cid":"c","text":"a","createdAt":"2025-03-17T09:15:27Z","author":{"did":"did:plc:a","handle":"ana"}}]}`, "bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"a record of Bluesky's with its place", `{"did":"did:plc:a","rkey":"3k","record":{"$type":"app.bsky.feed.post","text":"a","createdAt":"2025-03-17T09:15:27Z"}}`, "bluesky original at://did:plc:a/app.bsky.feed.post/3k did:plc:a 09:15 a"},
	{"a text with what tells of it", `{"text":"a","meta":{"id":"#1","date":"@"},"answer":"accept"}`, "x original #1  05:31 a"},
	{"a task of Label Studio", `[{"id":5,"data":{"text":"a","tweet_id":"#1","date":"@"},"annotations":[{"id":9,"created_at":"2024-01-01T00:00:00Z","result":[]}],"created_at":"2024-01-01T00:00:00Z"}]`, "x original #1  05:31 a"},
	{"Splunk", `{"preview":false,"result":{"_raw":"{\"id_str\":\"#1\",\"full_text\":\"a\",\"user\":{\"id_str\":\"7\"},\"created_at\":\"x\"}","_time":"2022"}}`, "x original #1 7 05:31 a"},
	{"a list that lacks some", `[{"id":"#1","text":"a","date":"@"},null]`, "x original #1  05:31 a\nskip unknown"},
	{"posts by day", `{"2022-12-06":[{"id":"#1","text":"a","date":"@"}],"2022-12-07":[{"id":"#2","text":"b","date":"@"}]}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"deletions in somebody's wrapper", `{"events":[{"delete":{"status":{"id":5,"id_str":"5"}}}]}`, "skip unknown"},
	// Tables written as JSON.
	{"R's columns", `{"id":["#1","#2"],"text":["a","b"],"created_at":["@","@"],"lang":["en","en"]}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"pandas by column", `{"id":{"0":"#1","1":"#2"},"text":{"0":"a","1":"b"},"date":{"0":1670304701000,"1":1670304701000}}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"pandas by row", `{"0":{"id":"#1","text":"a","date":"@"},"1":{"id":"#2","text":"b","date":"@"}}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"pandas split", `{"columns":["id","text","date"],"index":[0,1],"data":[["#1","a","@"],["#2","b","@"]]}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"pandas as a table", `{"schema":{"fields":[{"name":"index","type":"integer"},{"name":"id","type":"string"}],"primaryKey":["index"]},"data":[{"index":0,"id":"#1","text":"a","date":"@"}]}`, "x original #1  05:31 a"},
	{"an answer of SQL", `{"columns":[{"name":"id","type":"text"},{"name":"text","type":"text"},{"name":"date","type":"date"}],"rows":[["#1","a","@"],["#2","b","@"]]}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"a sheet", `{"range":"A1:C3","majorDimension":"ROWS","values":[["id","text","date"],["#1","a","@"],["#2","b","@"]]}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	{"columns in a wrapper", `{"n":2,"frame":{"id":["#1","#2"],"text":["a","b"],"created_at":["@","@"]}}`, "x original #1  05:31 a\nx original #2  05:31 b"},
	// Accounts.
	{"a list of users with their last status", `[{"id":7,"id_str":"7","name":"Ana","screen_name":"ana","followers_count":3,"created_at":"Tue Mar 21 20:50:14 +0000 2006","status":{"id_str":"#1","text":"a","created_at":"Tue Dec 06 05:31:41 +0000 2022"}},{"id":8,"id_str":"8","name":"Bo","screen_name":"bo","followers_count":3,"created_at":"Tue Mar 21 20:50:14 +0000 2006"}]`,
		"x original #1 7 05:31 a\nskip users"},
	{"a page of users", `{"users":[{"id":7,"id_str":"7","name":"Ana","screen_name":"ana","followers_count":3,"created_at":"Tue Mar 21 20:50:14 +0000 2006","status":{"id_str":"#1","text":"a","created_at":"Tue Dec 06 05:31:41 +0000 2022"}}],"next_cursor":0}`, "x original #1 7 05:31 a"},
	{"users without a status", `{"users":[{"id":7,"id_str":"7","name":"Ana","screen_name":"ana","followers_count":3,"created_at":"Tue Mar 21 20:50:14 +0000 2006"}],"next_cursor":0}`, "skip users"},
	// Files that were cut.
	{"a cut page", `{"meta":{"n":3},"tweets":[{"id":"#1","text":"a","date":"@"},{"id":"#2","text":"b","date":"@","urls":[{"u":1},{"u`, "x original #1  05:31 a\nfailure FILE, line 1 (byte 0): the value has no end: the file was cut, or a brace or a quote is missing"},
	{"a cut page of v2", `{"data":[{"id":"#1","author_id":"7","text":"a"},{"id":"#2","author_id":"7","te`, "x original #1 7 05:31 a\nfailure FILE, line 1 (byte 0): the value has no end: the file was cut, or a brace or a quote is missing"},
	{"a cut page, indented", "{\n \"tweets\": [\n  {\n   \"id\": \"#1\",\n   \"text\": \"a\",\n   \"date\": \"@\"\n  },\n  {\n   \"id\": \"#2\",\n", "x original #1  05:31 a\nfailure FILE, line 1 (byte 0): the value has no end: the file was cut, or a brace or a quote is missing"},
	{"a page that goes wrong", `{"n":3,"tweets":[{"id":"#1","text":"a","date":"@"},{"id":"#2",,"text":"b","date":"@"},{"id":"#3","text":"c","date":"@"}]}`, "x original #1  05:31 a\nfailure FILE, line 1 (byte 0): not well-formed JSON: unexpected ',' at byte 115 of the value"},
	{"a post that goes wrong", `{"id":"#1","text":"a","date":"@","urls":[{"u":1},{"u",}]}`, "failure FILE, line 1 (byte 0): not well-formed JSON: unexpected ',' at byte 89 of the value"},
	{"a cut post", `{"id":"#1","text":"a","date":"@","urls":[{"u":1},{"u`, "failure FILE, line 1 (byte 0): the value has no end: the file was cut, or a brace or a quote is missing"},
	// What is no collection of posts.
	{"package.json", `{"name":"x","version":"1.0.0","description":"a","main":"index.js","scripts":{"test":"x"},"keywords":[],"author":"Ana","license":"MIT","repository":{"type":"git","url":"https://x.example"},"dependencies":{"a":"1"}}`, "skip unknown"},
	{"a map", `{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"name":"a","code":"x"}}]}`, "skip unknown"},
	{"settings", `{"server":{"port":80,"host":"x"},"log":{"level":"info"},"users":["ana"]}`, "skip unknown"},
	{"a life cycle", `[{"op":"add","path":"/x","value":{"date":"2026-10-30","status":"sunset"}}]`, "skip unknown"},
	{"how a job went", `{"id":5,"date":"@","status":"done"}`, "skip unknown"},
	{"how a request went", `{"code":0,"message":"OK","time":1670304701}`, "skip unknown"},
	{"a word in a chat", `[{"id":"#1","message":"Yes","date":"@","from":"ana"},{"id":"#2","message":"No","date":"@"}]`, "x original #1 ana 05:31 Yes\nx original #2  05:31 No"},
	{"a notebook", `{"cells":[{"cell_type":"code","execution_count":1,"id":"a1","metadata":{},"outputs":[{"name":"stdout","output_type":"stream","text":["x"]}],"source":["x"]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`, "skip unknown"},
}

// spell writes out what stands for ids and the time in shapes.
var spell = strings.NewReplacer("#", "160000000000000000", "@", "2022-12-06T05:31:41Z", "§", "@")

// TestShapes reads what nobody has made a decoder for.
func TestShapes(t *testing.T) {
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			name := file(t, []byte(spell.Replace(c.in)))
			r := read(t, name, export.Options{})
			lines := strings.Split(strings.ReplaceAll(describe(r), name, "FILE"), "\n")
			want := strings.Split(spell.Replace(c.want), "\n")
			slices.Sort(lines)
			slices.Sort(want)
			if !slices.Equal(lines, want) && c.want != "" {
				t.Errorf("%s\nis %v and gives\n%s\nwant\n%s", c.in, r.formats, strings.Join(lines, "\n"), strings.Join(want, "\n"))
			}
			if r.deletes > 0 {
				t.Errorf("%s\nasks to delete %d posts", c.in, r.deletes)
			}
		})
	}
}

func FuzzShapes(f *testing.F) {
	for _, c := range shapes {
		f.Add([]byte(spell.Replace(c.in)))
	}
	none, err := export.Open(os.DevNull, export.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		res := none.Decode(export.Value{Raw: in})
		if len(res.Posts)+len(res.Skips)+len(res.Failures) == 0 {
			t.Errorf("%q is no item at all", in)
		}
		for _, err := range res.Failures {
			if strings.Contains(err.Err.Error(), "stumbled") {
				t.Errorf("%q: %v", in, err.Err)
			}
		}
		for _, p := range res.Posts {
			if p.ID == "" || p.Text == "" || p.Platform == "" || p.CreatedAt.IsZero() || !utf8.ValidString(p.Text+p.ID+p.Author.Handle+p.Platform) {
				t.Errorf("%q gives the bad post %+v", in, p)
			}
		}
	})
}

package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is what a column can hold of a post, with the names it goes by, best first. Names are compared in lower case
// without blanks, dots, dashes and underscores.
type field struct {
	name  string
	names []string
}

// guesses are the names of columns in files that were met or described; see parseName.
var guesses = []field{
	{"text", []string{"fulltext", "rawcontent", "text", "tweettext", "tweet", "posttext", "contenttext", "commentbody", "commenttext", "content", "body", "message", "messagetext", "tweetcontent", "postcontent", "statustext", "textoriginal", "originaltext", "hitsentence", "selftext", "captiontext", "desc", "comment", "caption", "post", "status", "sentence", "articlebody"}},
	{"id", []string{"idstr", "tweetid", "statusid", "postid", "messageid", "msgid", "commentid", "id", "restid", "tweetidstr", "xid", "conversationpostid", "docid", "resourceid", "uri", "code", "itemid", "urn", "identifier", "indexlevel0"}},
	{"date", []string{"createdat", "timestamputc", "createdutc", "parsedcreatedat", "datetime", "publishedat", "published", "date", "tweetcreatedat", "tweetcreatedts", "tweettime", "postdate", "tweetdate", "postedat", "postcreated", "datepublished", "timestamp", "unixtimestamp", "createdtime", "createdate", "datecreated", "creationdate", "publishdate", "publicationdate", "pubdate", "takenat", "postedatiso", "postedattimestamp", "createtime", "dateutc", "time", "created"}},
	{"author", []string{"authorid", "userid", "useridstr", "fromuserid", "fromuseridstr", "accountid", "authoridstr", "userdid", "authordid", "twitterauthorid", "xauthorid", "fromiduserid", "authorrestid", "tweetbyid"}},
	{"handle", []string{"userusername", "userscreenname", "username", "screenname", "authorusername", "fromusername", "handle", "userhandle", "authorhandle", "accountusername", "authoruniqueid", "usernamehandle", "authorscreenname", "tweetbyusername", "author", "user", "fromuser", "username1", "from", "influencer"}},
	{"name", []string{"displayname", "userdisplayname", "authorname", "userrealname", "authorfullname", "tweetbyfullname", "fullname", "accountname", "name"}},
	{"lang", []string{"lang", "language", "tweetlang", "tweetlanguage", "languageguess"}},
	{"platform", []string{"platform", "network", "socialnetwork"}},
	{"url", []string{"permalink", "tweeturl", "posturl", "url", "link", "tweetlink", "postlink"}},
	{"likes", []string{"likecount", "favoritecount", "favouritecount", "statsdiggcount", "favouritescount", "favoritescount", "likescount", "likes", "nlikes", "nblikes", "favorites", "publicmetricslikecount", "twitterlikes", "xlikes", "statslikes", "numlikes"}},
	{"reposts", []string{"retweetcount", "repostcount", "statssharecount", "reblogscount", "sharecount", "retweetscount", "retweets", "reposts", "nretweets", "shares", "publicmetricsretweetcount", "publicmetricsrepostcount", "twitterretweets", "xreposts", "statsretweets", "numshares", "forwards", "numberforwards"}},
	{"replies", []string{"replycount", "repliescount", "commentcount", "repliesreplies", "replies", "nreplies", "numberreplies", "statscomments", "numcomments", "publicmetricsreplycount"}},
	{"quotes", []string{"quotecount", "quotescount", "quotes", "publicmetricsquotecount", "statsquotes"}},
	{"views", []string{"viewcount", "impressioncount", "viewscount", "views", "impressions", "publicmetricsimpressioncount"}},
	{"conversation", []string{"conversationid", "conversationidstr", "threadid"}},
	{"reply_to", []string{"inreplytostatusidstr", "inreplytostatusid", "inreplytotweetid", "inreplytoid", "replytoid", "repliedtoid", "inreplyto", "replyto", "replytotweetid", "inreplytouri", "parentid", "replyid", "twitterreplyto", "xreplyto", "replytoreplytomsgid"}},
	{"quoted", []string{"quotedstatusidstr", "quotedstatusid", "quotedtweetid", "quotedid", "quotetweetid", "quotedtweettweetid", "quoteid", "quotedtweet"}},
	{"reposted", []string{"retweetedstatusidstr", "retweetedstatusid", "retweetedtweetid", "retweetedid", "retweetstatusid", "retweetid", "retweettweetid", "originaltweetid", "retweetedtweet", "twitterretweetof", "xrepostof"}},
	{"is_repost", []string{"isretweet", "isrepost", "isreblog", "isforward", "isforwarded"}},
	{"is_quote", []string{"isquote", "isquotetweet", "isquoted", "isquotestatus"}},
	{"is_reply", []string{"isreply"}},
	{"type", []string{"tweettype", "posttype", "referencedtweettype", "referencedtweetstype", "sourcetweettype", "threadentrytype", "type"}},
	{"other", []string{"referencedtweetid", "referencedtweetsid", "sourcetweetid"}},
	{"references", []string{"referencedtweets", "referencedposts"}},
	{"original", []string{"retweettext", "sourcetweettext", "retweetedtext", "retweetfulltext", "retweetedtweetrawcontent", "retweetedstatusfulltext", "retweetedstatustext", "retweetedtweettext", "retweetedtweetfulltext", "retweetedtweettweettext"}},
	{"metrics", []string{"publicmetrics"}},
	{"hashtags", []string{"hashtags", "entitieshashtags", "entities", "entitiesstr"}},
	{"urls", []string{"entitiesurls", "urlsexpandedurl", "expandedurls", "urlsexpanded", "urls", "outlinks", "links", "entities", "entitiesstr"}},
	{"chat", []string{"peeridchannelid", "peeridchatid", "toidchannelid", "channelid", "chatid", "channelusername", "channelname", "channel", "chatusername", "chatname", "chat"}},
	{"observed", []string{"retrievedat", "collectedat", "timestampcollected", "collectiontime", "observedat", "scrapedat", "retrievedon", "extractedts", "harvesteddate"}},
}

// squash makes names comparable.
func squash(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '.', '-', '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// mapping says which column holds which field.
type mapping map[string]string

// guess maps the columns a source has. override wins; a column number of it counts from 1.
func guess(columns []string, override map[string]string) (mapping, error) {
	m := mapping{}
	bySquash := map[string]string{}
	for _, c := range slices.Backward(columns) {
		bySquash[squash(c)] = c
	}
	for _, f := range guesses {
		for _, n := range f.names {
			if c, ok := bySquash[n]; ok {
				m[f.name] = c
				break
			}
		}
	}
	for f, c := range override {
		if f == "date_order" {
			continue
		}
		if n, err := strconv.Atoi(c); err == nil && 1 <= n && n <= len(columns) && !slices.Contains(columns, c) {
			c = columns[n-1]
		}
		if c != "" && !slices.Contains(columns, c) {
			return nil, fmt.Errorf("there is no column %q for %s; the columns are %s", c, f, list(columns))
		}
		m[f] = c
	}
	return m, nil
}

// shownColumns is how many columns a message names.
const shownColumns = 20

func list(columns []string) string {
	if len(columns) > shownColumns {
		columns = append(slices.Clone(columns[:shownColumns]), "…")
	}
	return strings.Join(columns, ", ")
}

// usable tells whether the mapping can make posts: it needs the text and one thing that says whose or when or which.
func (m mapping) usable() bool {
	return m["text"] != "" && (m["id"] != "" || m["date"] != "" || m["author"] != "" || m["handle"] != "" || m["url"] != "")
}

// words describes the mapping, for a person to check.
func (m mapping) words() string {
	var s []string
	for _, f := range guesses {
		if c := m[f.name]; c != "" {
			s = append(s, f.name+" from "+strconv.Quote(c))
		}
	}
	if m["date"] != "" {
		s = append(s, "dates without a zone taken for UTC")
	}
	return strings.Join(s, ", ")
}

package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
)

// field is what a column can hold of a post, with the names it goes by, best first. Names are compared in lower case
// without blanks, dots, dashes and underscores.
type field struct {
	name  string
	names []string
}

// guesses are the names of columns in files that were met or described; see parseName.
var guesses = []field{
	{"text", []string{"fulltext", "rawcontent", "text", "tweettext", "tweet", "posttext", "contenttext", "content", "body", "message", "messagetext", "tweetcontent", "postcontent", "statustext", "textoriginal", "originaltext", "hitsentence", "selftext", "captiontext", "desc", "comment", "caption", "post", "status", "sentence"}},
	{"id", []string{"idstr", "tweetid", "statusid", "postid", "messageid", "id", "restid", "tweetidstr", "xid", "conversationpostid", "docid", "resourceid", "uri", "code", "itemid", "indexlevel0"}},
	{"date", []string{"createdat", "timestamputc", "createdutc", "parsedcreatedat", "datetime", "publishedat", "published", "date", "timestamp", "unixtimestamp", "createdtime", "tweetcreatedat", "tweetcreatedts", "tweettime", "postdate", "tweetdate", "postedat", "postcreated", "createdate", "datecreated", "creationdate", "publishdate", "publicationdate", "pubdate", "takenat", "createtime", "dateutc", "time", "created"}},
	{"author", []string{"authorid", "userid", "useridstr", "fromuserid", "fromuseridstr", "accountid", "authoridstr", "userdid", "authordid", "twitterauthorid", "xauthorid", "fromiduserid"}},
	{"handle", []string{"userusername", "username", "userscreenname", "screenname", "authorusername", "fromusername", "handle", "userhandle", "authorhandle", "accountusername", "authoruniqueid", "usernamehandle", "author", "user", "fromuser", "username1", "from", "influencer"}},
	{"name", []string{"displayname", "userdisplayname", "authorname", "userrealname", "authorfullname", "fullname", "accountname", "name"}},
	{"lang", []string{"lang", "language", "tweetlang", "tweetlanguage", "languageguess"}},
	{"platform", []string{"platform", "network", "socialnetwork"}},
	{"url", []string{"permalink", "tweeturl", "posturl", "url", "link", "tweetlink", "postlink"}},
	{"likes", []string{"likecount", "favoritecount", "favouritecount", "statsdiggcount", "favouritescount", "favoritescount", "likescount", "likes", "nlikes", "nblikes", "favorites", "publicmetricslikecount", "twitterlikes", "xlikes"}},
	{"reposts", []string{"retweetcount", "repostcount", "statssharecount", "reblogscount", "sharecount", "retweetscount", "retweets", "reposts", "nretweets", "shares", "publicmetricsretweetcount", "publicmetricsrepostcount", "twitterretweets", "xreposts", "forwards"}},
	{"replies", []string{"replycount", "repliescount", "commentcount", "repliesreplies", "replies", "nreplies", "publicmetricsreplycount"}},
	{"quotes", []string{"quotecount", "quotescount", "quotes", "publicmetricsquotecount"}},
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
	{"original", []string{"retweettext", "sourcetweettext", "retweetedtext", "retweetfulltext", "retweetedtweetrawcontent", "retweetedstatusfulltext", "retweetedstatustext"}},
	{"metrics", []string{"publicmetrics"}},
	{"hashtags", []string{"hashtags", "entitieshashtags", "entities", "entitiesstr"}},
	{"urls", []string{"entitiesurls", "urlsexpandedurl", "expandedurls", "urlsexpanded", "urls", "outlinks", "links", "entities", "entitiesstr"}},
	{"chat", []string{"peeridchannelid", "peeridchatid", "toidchannelid", "channelid", "chatid"}},
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

// row is one record of a source without a contract: what its columns hold.
type row struct {
	m    mapping
	get  func(column string) string
	opt  Options
	tell func(*idFault) // told of what is wrong with an id; may be nil
}

func (r row) cell(field string) string {
	c := r.m[field]
	if c == "" {
		return ""
	}
	v := strings.TrimSpace(r.get(c))
	if blank(v) {
		return ""
	}
	return v
}

// post makes a Post of a row. It is an error when there is no time to put it at.
func (r row) post() (collector.Post, error) {
	p := collector.Post{
		Kind:         collector.Original,
		Text:         collector.Unescape(strings.TrimSpace(r.get(r.m["text"]))),
		Lang:         collector.Language(r.cell("lang")),
		Conversation: r.key("conversation"),
		Author:       r.author(),
		Counts:       r.counts(),
	}
	if blank(p.Text) {
		p.Text = ""
		return p, nil
	}
	for _, tag := range few(hashtags(r.cell("hashtags"))) {
		p.Hashtags = collector.AddHashtag(p.Hashtags, tag)
	}
	for _, u := range few(links(r.cell("urls"))) {
		p.URLs = collector.AddURL(p.URLs, u)
	}
	id, fault := cleanID(r.cell("id"), r.cell("url"))
	id = r.ownID(id)
	if err := r.date(&p, id); err != nil && !r.opt.TextOnly {
		return p, err
	}
	if at, err := parseDate(r.cell("observed"), r.opt.Map["date_order"]); err == nil {
		p.Observed = at
	}
	p.Platform = r.platform(id, p.CreatedAt)
	if p.ID = id; id == "" {
		p.ID = contentID(p)
	}
	r.relate(&p)
	if p.Platform == "telegram" {
		r.ofChat(&p)
	}
	if r.tell != nil {
		r.tell(fault)
	}
	p.Permalink = permalink(p.Platform, p.ID)
	if p.Platform == "x" {
		p.TextTruncated = collector.MaybeCut(p.Text, p.CreatedAt) || len(p.Text) > 100 && collector.EndsCut(p.Text)
		if _, _, ok := collector.TrimRepost(p.Text); ok {
			p.Kind = collector.Repost
		}
	}
	if p.Kind == collector.Repost {
		r.repost(&p)
	}
	return p, nil
}

// author reads who wrote the post, also out of one cell that holds an object.
func (r row) author() collector.Author {
	a := collector.Author{ID: r.key("author"), Handle: collector.Clean(strings.TrimPrefix(r.cell("handle"), "@")), Name: collector.Clean(r.cell("name"))}
	if v, ok := literal(a.Handle).(map[string]any); ok {
		a.Handle = pick(v, "username", "screen_name", "userName", "handle")
		a.ID = cmp.Or(a.ID, bareID(pick(v, "id_str", "id")))
		a.Name = cmp.Or(a.Name, pick(v, "displayname", "name"))
	}
	return a
}

// key is a cell that holds an id of something else than the post, empty when a float has damaged it.
func (r row) key(field string) string {
	id := bareID(r.cell(field))
	if floatID.MatchString(id) {
		return ""
	}
	return collector.Clean(id)
}

func (r row) counts() collector.Counts {
	metrics, _ := literal(r.cell("metrics")).(map[string]any)
	n := func(field string, names ...string) *int64 {
		return parseCount(cmp.Or(r.cell(field), pick(metrics, names...)))
	}
	return collector.Counts{Likes: n("likes", "like_count"), Reposts: n("reposts", "retweet_count", "repost_count"), Replies: n("replies", "reply_count"),
		Quotes: n("quotes", "quote_count"), Views: n("views", "impression_count")}
}

var shownCount = regexp.MustCompile(`^(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)([KkMmBb]?)$`)

// parseCount reads a count, also as pages show it: 1,234 or 2.5K.
func parseCount(s string) *int64 {
	if s == "" {
		return nil
	}
	if n := collector.ParseNumber(s).Ptr(); n != nil {
		return n
	}
	m := shownCount.FindStringSubmatch(s)
	if m == nil || m[2] == "" && !strings.Contains(s, ",") {
		return nil
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
	f = math.Round(f * math.Pow(1000, float64(strings.Index("kmb", strings.ToLower(m[2]))+min(1, len(m[2])))))
	if err != nil || f >= 1<<53 {
		return nil
	}
	n := int64(f)
	return &n
}

// ownID is the id, or that in the post's own link if it agrees with the date and the id does not: monitors number posts anew.
func (r row) ownID(id string) string {
	m := xStatus.FindStringSubmatch(r.cell("url"))
	if m == nil || m[1] == id || !r.dated(m[1]) || r.dated(id) {
		return id
	}
	return m[1]
}

// dated tells whether the time inside an id of X agrees with the date, in whatever order that has its day and month.
func (r row) dated(id string) bool {
	inID, ok := collector.SnowflakeTime(id)
	for _, order := range []string{r.opt.Map["date_order"], "dmy", "mdy"} {
		if at, err := parseDate(r.cell("date"), order); ok && err == nil && near(at, inID) {
			return true
		}
	}
	return false
}

// ofChat puts the chat before the number that a message of Telegram has in it, as in other exports of Telegram.
func (r row) ofChat(p *collector.Post) {
	chat := r.key("chat")
	if chat == "" {
		return
	}
	for _, id := range []*string{&p.ID, &p.ReplyTo} {
		if *id != "" && strings.Trim(*id, "0123456789") == "" {
			*id = chat + "/" + *id
		}
	}
	p.Conversation = cmp.Or(p.Conversation, chat)
}

// date sets CreatedAt. Where a date can be read in two ways the time inside an X id decides if it agrees with one.
func (r row) date(p *collector.Post, id string) error {
	s := r.cell("date")
	at, err := parseDate(s, r.opt.Map["date_order"])
	if err == nil {
		p.CreatedAt = at
		return nil
	}
	inID, ok := collector.SnowflakeTime(id)
	if at, e := parseDate(r.cell("clock"), ""); !ok && e == nil { // of some machine: better than nothing
		p.CreatedAt = at
		return nil
	}
	if ok && (errors.Is(err, errNoDate) || r.dated(id) || !slashDate.MatchString(s) && r.saysX()) { // the id says it better than a date nobody can read
		p.CreatedAt = inID
		return nil
	}
	return fmt.Errorf("post %.40q: %w", id, err)
}

// saysX tells whether something else than the id says that the post is of X.
func (r row) saysX() bool {
	return r.opt.Platform == "x" || r.opt.Platform == "" && (cmp.Or(platformName(r.cell("platform")), hostPlatform(r.cell("url"))) == "x" || strings.Contains(squash(r.m["id"]), "tweet"))
}

// near allows for dates without hours and for zones nobody wrote down.
func near(a, b time.Time) bool { return a.Sub(b).Abs() <= 48*time.Hour }

// platform is what the caller or the row says, or else x for ids whose inner time is the post's.
func (r row) platform(id string, at time.Time) string {
	if r.opt.Platform != "" {
		return r.opt.Platform
	}
	if p := platformName(r.cell("platform")); p != "" {
		return p
	}
	if p := hostPlatform(r.cell("url")); p != "" {
		return p
	}
	if strings.HasPrefix(id, "at://") {
		return "bluesky"
	}
	if c := squash(r.m["chat"]); strings.HasPrefix(c, "peerid") || strings.HasPrefix(c, "toid") { // as Telethon calls it
		return "telegram"
	}
	if inID, ok := collector.SnowflakeTime(id); ok && near(at, inID) {
		return "x"
	}
	return "unknown"
}

func platformName(s string) string {
	s = strings.ToLower(s)
	switch s {
	case "twitter", "twitter.com", "x.com", "x (twitter)", "x/twitter":
		return "x"
	case "bsky", "bsky.app":
		return "bluesky"
	case "truthsocial.com", "truth", "truth social":
		return "truthsocial"
	case "t.me":
		return "telegram"
	}
	return collector.Clean(strings.TrimSuffix(strings.TrimSuffix(s, ".com"), ".net"))
}

var postHost = regexp.MustCompile(`^https?://(?:www\.|mobile\.|old\.)?(x\.com|twitter\.com|bsky\.app|t\.me|reddit\.com|truthsocial\.com|threads\.net|facebook\.com|instagram\.com|vk\.com|gettr\.com|gab\.com)/`)

func hostPlatform(u string) string {
	if m := postHost.FindStringSubmatch(u); m != nil {
		return platformName(m[1])
	}
	return ""
}

func permalink(platform, id string) string {
	if platform == "x" && !strings.HasPrefix(id, "h:") {
		return "https://x.com/i/web/status/" + id
	}
	return ""
}

// contentID stands in for an id that a source lacks or has damaged: the same words of the same author at the same time
// are the same post.
func contentID(p collector.Post) string {
	h := sha256.Sum256([]byte(p.Text + "\n" + p.CreatedAt.Format(time.RFC3339) + "\n" + p.Author.Key()))
	return "h:" + hex.EncodeToString(h[:8])
}

// idFault is an id that cannot be taken as it stands.
type idFault struct{ kind, id string }

const (
	faultMissing = "missing"
	faultFloat   = "float"
	faultRound   = "round" // taken, but suspicious
)

var (
	floatID  = regexp.MustCompile(`^\d+([.,]\d+)?[eE]\+?\d+$|^\d{16,}\.\d+$`)
	zeroID   = regexp.MustCompile(`^(\d{1,15})\.0$`)
	statusID = regexp.MustCompile(`/status(?:es)?/(\d+)`)
	roundID  = regexp.MustCompile(`^\d{15,}00$`)
)

// bareID takes off what spreadsheets and R put around ids.
func bareID(id string) string {
	id = strings.Trim(strings.TrimPrefix(id, "="), `"'`)
	if len(id) > 5 && (id[0] == 'x' || id[0] == 'X') && strings.Trim(id[1:], "0123456789") == "" {
		id = id[1:]
	}
	return integer(id)
}

// cleanID is bareID, and refuses an id that has passed through a float: its last
// digits are gone. The id in the post's own link takes its place where there is one; else the answer is empty.
func cleanID(id, url string) (string, *idFault) {
	raw := id
	id = bareID(id)
	if id != "" && !floatID.MatchString(id) {
		if roundID.MatchString(id) {
			return id, &idFault{faultRound, raw}
		}
		return collector.Clean(id), nil
	}
	if m := statusID.FindStringSubmatch(url); m != nil {
		return m[1], nil
	}
	if id == "" {
		return "", &idFault{faultMissing, raw}
	}
	return "", &idFault{faultFloat, raw}
}

// integer takes the .0 off a small number that a program has made a float of.
func integer(s string) string {
	if m := zeroID.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return s
}

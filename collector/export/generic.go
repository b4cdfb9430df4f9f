package export

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
	{"date", []string{"createdat", "timestamputc", "createdutc", "parsedcreatedat", "datetime", "publishedat", "published", "date", "timestamp", "unixtimestamp", "createdtime", "tweetcreatedat", "postdate", "tweetdate", "postedat", "postcreated", "createdate", "datecreated", "creationdate", "publishdate", "publicationdate", "pubdate", "takenat", "createtime", "dateutc", "time", "created"}},
	{"author", []string{"authorid", "userid", "useridstr", "fromuserid", "userid", "accountid", "authoridstr", "userdid", "authordid"}},
	{"handle", []string{"username", "userscreenname", "screenname", "userusername", "authorusername", "fromusername", "handle", "userhandle", "authorhandle", "accountusername", "authoruniqueid", "usernamehandle", "author", "user", "fromuser", "username1", "from"}},
	{"name", []string{"displayname", "userdisplayname", "authorname", "userrealname", "authorfullname", "fullname", "accountname", "name"}},
	{"lang", []string{"lang", "language", "tweetlang", "languageguess"}},
	{"platform", []string{"platform", "network", "socialnetwork"}},
	{"url", []string{"permalink", "tweeturl", "posturl", "url", "link", "tweetlink", "postlink"}},
	{"likes", []string{"likecount", "favoritecount", "favouritecount", "statsdiggcount", "favouritescount", "favoritescount", "likescount", "likes", "nlikes", "nblikes", "favorites"}},
	{"reposts", []string{"retweetcount", "repostcount", "statssharecount", "reblogscount", "sharecount", "retweetscount", "retweets", "reposts", "nretweets", "shares"}},
	{"replies", []string{"replycount", "repliescount", "commentcount", "replies", "nreplies"}},
	{"quotes", []string{"quotecount", "quotescount", "quotes"}},
	{"views", []string{"viewcount", "impressioncount", "viewscount", "views", "impressions"}},
	{"conversation", []string{"conversationid", "conversationidstr", "threadid"}},
	{"reply_to", []string{"inreplytostatusidstr", "inreplytostatusid", "inreplytotweetid", "inreplytoid", "replytoid", "repliedtoid", "inreplyto", "replyto", "replytotweetid", "inreplytouri", "parentid"}},
	{"quoted", []string{"quotedstatusidstr", "quotedstatusid", "quotedtweetid", "quotedid", "quotetweetid"}},
	{"reposted", []string{"retweetedstatusidstr", "retweetedstatusid", "retweetedtweetid", "retweetedid", "retweetstatusid", "retweetid"}},
	{"hashtags", []string{"hashtags"}},
	{"observed", []string{"retrievedat", "collectedat", "timestampcollected", "collectiontime", "observedat", "scrapedat", "retrievedon"}},
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

func list(columns []string) string {
	if len(columns) > 20 {
		columns = append(slices.Clone(columns[:20]), "…")
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
		Conversation: collector.Clean(integer(r.cell("conversation"))),
		Author:       collector.Author{ID: collector.Clean(integer(r.cell("author"))), Handle: collector.Clean(strings.TrimPrefix(r.cell("handle"), "@")), Name: collector.Clean(r.cell("name"))},
		ReplyTo:      collector.Clean(integer(r.cell("reply_to"))),
		Quoted:       collector.Clean(integer(r.cell("quoted"))),
		Reposted:     collector.Clean(integer(r.cell("reposted"))),
		Counts: collector.Counts{Likes: r.count("likes"), Reposts: r.count("reposts"), Replies: r.count("replies"),
			Quotes: r.count("quotes"), Views: r.count("views")},
	}
	if blank(p.Text) {
		p.Text = ""
		return p, nil
	}
	for _, tag := range splitList(r.cell("hashtags")) {
		p.Hashtags = collector.AddHashtag(p.Hashtags, tag)
	}
	for _, ref := range []*string{&p.ReplyTo, &p.Quoted, &p.Reposted} { // columns of that name have held users and words too
		if !isReference(*ref) {
			*ref = ""
		}
	}
	setKind(&p)
	id, fault := cleanID(r.cell("id"), r.cell("url"))
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
	if r.tell != nil {
		r.tell(fault)
	}
	p.Permalink = permalink(p.Platform, p.ID)
	if p.Platform == "x" {
		p.TextTruncated = collector.MaybeCut(p.Text, p.CreatedAt) || len(p.Text) > 100 && collector.EndsCut(p.Text)
		if rest, _, ok := collector.TrimRepost(p.Text); ok {
			p.Kind, p.Text = collector.Repost, rest
		}
	}
	return p, nil
}

// isReference tells whether a cell can name a post: digits, a uri, or one of Reddit's names.
func isReference(s string) bool {
	return s != "" && s != "0" && (strings.Trim(s, "0123456789") == "" || strings.Contains(s, "://") || strings.HasPrefix(s, "t1_") || strings.HasPrefix(s, "t3_"))
}

// setKind derives the kind from the ids a post refers to.
func setKind(p *collector.Post) {
	switch {
	case p.Reposted != "":
		p.Kind = collector.Repost
	case p.Quoted != "":
		p.Kind = collector.Quote
	case p.ReplyTo != "":
		p.Kind = collector.Reply
	}
}

func (r row) count(field string) *int64 { return collector.ParseNumber(r.cell(field)).Ptr() }

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
	if !ok {
		return fmt.Errorf("post %.40q: %w", id, err)
	}
	if errors.Is(err, errNoDate) {
		p.CreatedAt = inID
		return nil
	}
	if r.opt.Platform == "x" && !slashDate.MatchString(s) {
		p.CreatedAt = inID // the id says it better than a date nobody can read
		return nil
	}
	for _, order := range []string{"dmy", "mdy"} {
		if at, e := parseDate(s, order); e == nil && near(at, inID) {
			p.CreatedAt = inID
			return nil
		}
	}
	return fmt.Errorf("post %.40q: %w", id, err)
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

// cleanID takes off what spreadsheets and R put around ids, and refuses an id that has passed through a float: its last
// digits are gone. The id in the post's own link takes its place where there is one; else the answer is empty.
func cleanID(id, url string) (string, *idFault) {
	raw := id
	id = strings.Trim(strings.TrimPrefix(id, "="), `"'`)
	if len(id) > 5 && (id[0] == 'x' || id[0] == 'X') && strings.Trim(id[1:], "0123456789") == "" {
		id = id[1:]
	}
	id = integer(id)
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

// splitList reads a list as exports write it: JSON or Python, or joined with |, commas, semicolons or blanks.
func splitList(s string) []string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	out := strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ',' || r == ';' || r == ' ' })
	for i := range out {
		out[i] = strings.Trim(out[i], `"'`)
	}
	return out
}

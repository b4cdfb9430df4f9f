package export

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/mastodon"
)

// row is one record of a source without a contract: what its columns hold.
type row struct {
	m       mapping
	columns []string // all there are
	get     func(column string) string
	opt     Options
	order   string         // of day and month, as the table settles it
	tool    bool           // that wrote the row is known, and its ids are the platform's own
	tell    func(*idFault) // told of what is wrong with an id; may be nil
	when    when           // what the date column says, once post has read it
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
		Text:         r.text(),
		Lang:         collector.Language(firstOf(r.cell("lang"))),
		Conversation: r.key("conversation"),
		Author:       r.author(),
	}
	if p.Text == "" {
		return p, nil
	}
	for _, tag := range few(hashtags(r.cell("hashtags"))) {
		p.Hashtags = collector.AddHashtag(p.Hashtags, tag)
	}
	for _, u := range few(links(r.cell("urls"))) {
		p.URLs = collector.AddURL(p.URLs, u)
	}
	order := cmp.Or(r.opt.Map["date_order"], r.order)
	r.when = r.readDate(order)
	id, fault := cleanID(r.cell("id"), r.cell("url"))
	if id == "" {
		if id = r.linkedID(r.cell("id")); id != "" {
			fault = nil
		}
	}
	id = r.ownID(id)
	if p.Platform = r.platform(id); p.Platform == "unknown" && r.when.err == errNoDate && isBareX(id) {
		p.Platform, fault = "x", &idFault{faultBare, id}
	}
	if !r.tool && p.Platform != "x" && shownMarkup.MatchString(p.Text) { // which escapes what people write between < and >
		if p.Text = unmarked(strings.TrimSpace(r.get(r.m["text"])), &p); p.Text == "" {
			return p, nil
		}
	}
	if err := r.date(&p, id); err != nil && !r.opt.TextOnly {
		return p, err
	}
	if at, err := parseDate(r.cell("observed"), order); err == nil {
		p.Observed = at
	}
	p.Counts = r.counts(p.Platform)
	r.relate(&p)
	if f := r.setID(&p, id); f != nil || !strings.HasPrefix(p.ID, "h:") && fault != nil && fault.kind == faultMissing {
		fault = f
	}
	if r.tell != nil {
		r.tell(fault)
	}
	if m := wholeLink.FindStringSubmatch(r.cell("url")); m != nil && m[2] == p.ID && p.Author.Key() == "" && m[1] != "i" {
		p.Author.Handle = m[1]
	}
	p.Permalink = cmp.Or(p.Permalink, permalink(p.Platform, p.ID))
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

// text is the post's text, or its heading where it has nothing else.
func (r row) text() string {
	s := collector.Unescape(strings.TrimSpace(r.get(r.m["text"])))
	if !blank(s) {
		return s
	}
	return collector.Unescape(r.cell("title"))
}

// shownMarkup finds the markup of texts that somebody has taken off pages, or from an API that gives them as pages show them.
var shownMarkup = regexp.MustCompile(`<br ?/?>|<a [a-z]+=|</(?:a|p|b|i|em|strong|span)>|<img [^>]*(?:alt|src)=`)

var imageText = regexp.MustCompile(`<img [^>]*?alt="([^"]*)"[^>]*>`)

// unmarked makes text of such a text: of an image, such as an emoji, its words remain, and the targets of links are the post's.
func unmarked(shown string, p *collector.Post) string {
	text, links := mastodon.Plain(imageText.ReplaceAllString(shown, "$1"))
	for _, u := range few(links) {
		p.URLs = collector.AddURL(p.URLs, u)
	}
	return text
}

// firstOf is the first of a list of languages, or the one language.
func firstOf(s string) string {
	if strings.HasPrefix(s, "[") {
		if list := splitList(s); len(list) > 0 {
			return list[0]
		}
	}
	return s
}

// author reads who wrote the post, also out of one cell that holds an object.
func (r row) author() collector.Author {
	a := collector.Author{ID: r.key("author"), Handle: collector.Clean(strings.TrimPrefix(r.cell("handle"), "@")),
		Name: collector.Clean(r.cell("name"))}
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

func (r row) counts(platform string) collector.Counts {
	metrics, _ := literal(r.cell("metrics")).(map[string]any)
	n := func(field string, names ...string) *int64 {
		return parseCount(cmp.Or(r.cell(field), pick(metrics, names...)))
	}
	likes := n("likes", "like_count")
	if platform != "reddit" && squash(r.m["likes"]) == "score" { // of some model
		likes = nil
	}
	return collector.Counts{Likes: likes, Reposts: n("reposts", "retweet_count", "repost_count"), Replies: n("replies", "reply_count"),
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

// when is what a row says of when it was posted.
type when struct {
	at    time.Time
	zoned bool // a zone was written beside it, or there can be none
	err   error
}

// clock is a cell that holds a time of the day.
var clock = regexp.MustCompile(`^\d{1,2}:\d\d(:\d\d)?( ?[AaPp]\.?[Mm]\.?)?$`)

// readDate reads the date, and the time where that stands in a column of its own.
func (r row) readDate(order string) (w when) {
	s := r.cell("date")
	if !strings.Contains(s, ":") && r.m["clocktime"] != "" {
		if c := r.cell("clocktime"); s != "" && clock.MatchString(c) {
			s += " " + c
		}
	}
	w.at, w.zoned, w.err = readDate(s, order)
	return w
}

// date sets CreatedAt. The time inside an id is exact: it counts where the date has no zone, where that can be read in two ways
// or in none, and where it is another.
func (r row) date(p *collector.Post, id string) error {
	inID, ok := idTime(p.Platform, id)
	switch {
	case r.when.err == nil && (!ok || r.when.zoned && near(r.when.at, inID)):
		p.CreatedAt = r.when.at
		return nil
	case ok:
		if r.when.err == nil && !near(r.when.at, inID) && r.tell != nil {
			r.tell(&idFault{faultDate, id})
		}
		p.CreatedAt = inID
		return nil
	}
	if at, err := parseDate(r.cell("clock"), ""); err == nil { // of some machine: better than nothing
		p.CreatedAt = at
		return nil
	}
	if r.m["date"] == "" {
		return fmt.Errorf("post %.40q: %w, nor any column or member for one: texts alone can be judged with \"stallwatch classify\"", id, r.when.err)
	}
	return fmt.Errorf("post %.40q: %w", id, r.when.err)
}

// aDayOrTwo is allowed for dates without hours and for zones nobody wrote down.
const aDayOrTwo = 48 * time.Hour

func near(a, b time.Time) bool { return a.Sub(b).Abs() <= aDayOrTwo }

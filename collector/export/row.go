package export

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/telegram"
)

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
	if p.Platform == "telegram" || p.Platform == "unknown" && strings.HasPrefix(squash(r.m["id"]), "messageid") {
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

// ofChat puts the chat before the number that a message has in it, as in other exports of Telegram.
func (r row) ofChat(p *collector.Post) {
	chat := telegram.ChatID(r.key("chat"))
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

// near allows for dates without hours and for zones nobody wrote down.
func near(a, b time.Time) bool { return a.Sub(b).Abs() <= 48*time.Hour }

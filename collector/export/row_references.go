package export

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"stallwatch/collector"
)

// relate sets the kind of a post and the posts that it refers to, from columns of ids or links, of flags, of the kind's
// name, or of X API v2's list. A column also counts for the kind where its id is lost.
func (r row) relate(p *collector.Post) {
	named, listed := kindNamed(r.cell("type")), r.listed()
	for _, k := range [...]struct {
		kind         collector.Kind
		column, flag string
		to           *string
	}{
		{collector.Repost, "reposted", "is_repost", &p.Reposted},
		{collector.Quote, "quoted", "is_quote", &p.Quoted},
		{collector.Reply, "reply_to", "is_reply", &p.ReplyTo},
	} {
		id, is := reference(r.cell(k.column))
		if own := r.key(k.column); id == "" && saysID.MatchString(r.m[k.column]) && sameShape(own, r.cell("id")) {
			id, is = own, true
		}
		if ref, ok := listed[k.kind]; ok && id == "" {
			id, is = ref, true
		}
		if named == k.kind {
			is = true
			if id == "" {
				id, _ = reference(r.cell("other"))
			}
		}
		if p.Platform == "x" && strings.Trim(id, "0123456789") != "" { // the link of a user, or to elsewhere
			id, is = "", false
		}
		*k.to = id
		if p.Kind == collector.Original && (is || yes(r.cell(k.flag))) {
			p.Kind = k.kind
		}
	}
	if to := r.key("parent"); to != "" && p.Platform != "reddit" && (p.Kind == collector.Original || p.Kind == collector.Reply) {
		p.Kind, p.ReplyTo = collector.Reply, cmp.Or(p.ReplyTo, to)
	}
}

// kindNamed is the kind that a word of some tool means, "" when it means none.
func kindNamed(word string) collector.Kind {
	switch squash(word) {
	case "retweet", "retweeted", "repost", "reposted", "share", "reblog":
		return collector.Repost
	case "quote", "quoted", "quotetweet", "quotedtweet":
		return collector.Quote
	case "reply", "repliedto":
		return collector.Reply
	}
	return ""
}

// shownReference is how tweepy prints one of X API v2's references.
var shownReference = regexp.MustCompile(`<ReferencedTweet id=(\d+) type=(\w+)`)

// listed reads the cell that holds X API v2's referenced_tweets.
func (r row) listed() map[collector.Kind]string {
	c := r.cell("references")
	if c == "" {
		return nil
	}
	out := map[collector.Kind]string{}
	for _, m := range shownReference.FindAllStringSubmatch(c, 8) {
		out[kindNamed(m[2])] = m[1]
	}
	list, _ := literal(c).([]any)
	for _, e := range list {
		if v, ok := e.(map[string]any); ok {
			out[kindNamed(pick(v, "type"))] = collector.Clean(pick(v, "id"))
		}
	}
	return out
}

// xStatus finds the id in a link to a post of X, also inside of what programs print of one.
var xStatus = regexp.MustCompile(`(?:^|[/.])(?:twitter|x)\.com/[^\s/]+(?:/web)?/status(?:es)?/(\d+)`)

// reference reads a cell that may name another post. names tells whether it does, which can be so when id is empty: a float
// has lost the last digits. Columns of that name have held users, words and numbers too.
func reference(cell string) (id string, names bool) {
	if cell == "" {
		return "", false
	}
	if m := xStatus.FindStringSubmatch(cell); m != nil {
		return m[1], true
	}
	if v, ok := literal(cell).(map[string]any); ok {
		cell = pick(v, "id_str", "id", "rest_id", "tweet_id", "data_id", "post_id")
	}
	id = bareID(cell)
	switch {
	case floatID.MatchString(id):
		n, _ := strconv.ParseFloat(strings.Replace(id, ",", ".", 1), 64)
		return "", n > 1e9
	case isReference(id):
		return collector.Clean(id), true
	}
	return "", false
}

// sameShape tells whether two ids can be of one kind, which is none of the known: as long, and with a digit in them.
func sameShape(a, b string) bool {
	const digits = "0123456789"
	return len(a) > 3 && len(a) == len(b) && strings.ContainsAny(a, digits) && strings.ContainsAny(b, digits) && !strings.ContainsAny(a, " @\n")
}

// isReference tells whether a cell can name a post: digits, a uri, or one of Reddit's or YouTube's names.
func isReference(s string) bool {
	return s != "" && s != "0" && (strings.Trim(s, "0123456789") == "" || strings.Contains(s, "://") || strings.HasPrefix(s, "t1_") ||
		strings.HasPrefix(s, "t3_") ||
		strings.HasPrefix(s, "Ug") && len(s) >= 20)
}

// repost mends the text of a repost: "RT @name: " or, in older files, "RT @name " goes, and where the table has the whole
// original that takes its place.
func (r row) repost(p *collector.Post) {
	if after, ok := strings.CutPrefix(p.Text, "RT @"); ok {
		if _, rest, ok := strings.Cut(after, " "); ok {
			p.Text, p.TextTruncated = rest, false
		}
	}
	p.TextTruncated = p.TextTruncated || p.Platform == "x" && collector.EndsCut(p.Text)
	if o := collector.Unescape(r.cell("original")); len(o) > len(p.Text) {
		p.Text, p.TextTruncated = o, collector.MaybeCut(o, p.CreatedAt) || collector.EndsCut(o)
	}
}

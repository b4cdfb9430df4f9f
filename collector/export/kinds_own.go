package export

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"stallwatch/collector"
)

// ownKind is the table that `stallwatch export` writes, as CSV or Parquet. What it says of stances is not taken over: the
// posts are judged anew.
var ownKind = kind{name: "stallwatch table", what: "Stallwatch's own export of posts, with --text",
	has: []string{"post_id", "platform", "kind", "stance", "model"},
	post: func(t *table, c cells) (collector.Post, error) {
		get := c.get
		if t.guarded {
			get = func(column string) string { return unguard(c.get(column)) }
		}
		return ownPost(get)
	}}

// decodeOwnJSON reads a line of our own export.
func decodeOwnJSON(v *jsonValue) (collector.Batch, error) {
	return one(ownPost(func(column string) string {
		raw := collector.Member(v.raw, column)
		if len(raw) > 0 && raw[0] == '"' {
			return collector.Text(raw)
		}
		if collector.IsNull(raw) {
			return ""
		}
		return string(raw)
	}))
}

// ownPost reads a row of our own export: its text and lists are as they were in the store, to the last blank.
func ownPost(get func(string) string) (collector.Post, error) {
	p := collector.Post{Platform: collector.Clean(get("platform")), Text: collector.Clean(get("text")),
		TextTruncated: yes(get("text_truncated")),
		Kind:          collector.Kind(get("kind")), Lang: collector.Clean(get("lang")), Permalink: collector.Clean(get("permalink")),
		Counts: counts(get, "likes", "reposts", "replies", "quotes", "views"), URLs: ownList(get("urls")), Hashtags: ownList(get("hashtags"))}
	for column, to := range map[string]*string{"post_id": &p.ID, "reply_to": &p.ReplyTo, "quoted": &p.Quoted, "reposted": &p.Reposted,
		"conversation": &p.Conversation} {
		*to = strings.TrimPrefix(collector.Clean(get(column)), p.Platform+":")
	}
	if p.ID == "" || p.Platform == "" {
		return p, errNoID
	}
	switch p.Kind {
	case collector.Original, collector.Reply, collector.Quote, collector.Repost:
	default:
		p.Kind = collector.Original
		p.SetKind()
	}
	if at, err := parseDate(get("observed_at"), ""); err == nil {
		p.Observed = at
	}
	var err error
	p.CreatedAt, err = parseDate(get("created_at"), "")
	return p, err
}

func ownList(s string) (out []string) {
	if len(s) < 3 || json.Unmarshal([]byte(s), &out) != nil {
		return nil
	}
	return out
}

// unguard takes off the apostrophe that our CSV puts before what a spreadsheet would take for a formula.
func unguard(s string) string {
	rest, ok := strings.CutPrefix(s, "'")
	if !ok {
		return s
	}
	if r, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, "' \u00a0")); rest == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) {
		return s
	}
	return rest
}

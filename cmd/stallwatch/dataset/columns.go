package dataset

import (
	"math"
	"time"

	"stallwatch/classify"
	"stallwatch/store"
)

// Row is one judged post as Parquet keeps it; CSV and JSONL have the same columns in the same order. A pointer that is
// nil, and an empty string or list, is a value that is not known.
type Row struct {
	PostID        string    `parquet:"post_id"`
	Platform      string    `parquet:"platform,dict"`
	CreatedAt     time.Time `parquet:"created_at,timestamp(millisecond)"`
	Kind          string    `parquet:"kind,dict"`
	Lang          string    `parquet:"lang,dict,optional"`
	Stance        string    `parquet:"stance,dict,optional"`
	NotClassified string    `parquet:"not_classified,dict,optional"`
	Agree         *float64  `parquet:"p_agree"`
	Disagree      *float64  `parquet:"p_disagree"`
	Discuss       *float64  `parquet:"p_discuss"`
	Unrelated     *float64  `parquet:"p_unrelated"`
	Model         string    `parquet:"model,dict"`
	Tier          string    `parquet:"tier,dict,optional"`
	Cluster       string    `parquet:"cluster,optional"`
}

// Content is what a row holds beside, when text is asked for.
type Content struct {
	Text         string    `parquet:"text"`
	Truncated    bool      `parquet:"text_truncated"`
	ReplyTo      string    `parquet:"reply_to,optional"`
	Quoted       string    `parquet:"quoted,optional"`
	Reposted     string    `parquet:"reposted,optional"`
	Conversation string    `parquet:"conversation,optional"`
	Likes        *int64    `parquet:"likes"`
	Reposts      *int64    `parquet:"reposts"`
	Replies      *int64    `parquet:"replies"`
	Quotes       *int64    `parquet:"quotes"`
	Views        *int64    `parquet:"views"`
	URLs         []string  `parquet:"urls,list"`
	Hashtags     []string  `parquet:"hashtags,list"`
	Permalink    string    `parquet:"permalink,optional"`
	Observed     time.Time `parquet:"observed_at,timestamp(millisecond),optional"`
}

// FullRow is a row with its text.
type FullRow struct {
	Row
	Content
}

// Column describes one column. Type is a Frictionless Data type.
type Column struct {
	Name, Type, Description string
	value                   func(*FullRow) value
}

// value is one cell: the first member that is set.
type value struct {
	text   string
	number *float64
	count  *int64
	flag   *bool
	at     time.Time
	list   []string
	isList bool
}

func str(get func(*FullRow) string) func(*FullRow) value {
	return func(r *FullRow) value { return value{text: get(r)} }
}
func num(get func(*FullRow) *float64) func(*FullRow) value {
	return func(r *FullRow) value { return value{number: get(r)} }
}
func count(get func(*FullRow) *int64) func(*FullRow) value {
	return func(r *FullRow) value { return value{count: get(r)} }
}
func list(get func(*FullRow) []string) func(*FullRow) value {
	return func(r *FullRow) value { return value{list: get(r), isList: true} }
}

// judged is how many of columns every table has; the others come with the text.
const judged = 14

var columns = []Column{
	{"post_id", "string", "Platform, a colon, and the id as the platform writes it. Unique.", str(func(r *FullRow) string { return r.PostID })},
	{"platform", "string", "Network the post was on: x, bluesky, mastodon, …", str(func(r *FullRow) string { return r.Platform })},
	{"created_at", "datetime", "When the post was written, UTC, to the millisecond.", func(r *FullRow) value { return value{at: r.CreatedAt} }},
	{"kind", "string", "original, reply, quote or repost. Shares are of posts that are no reposts.", str(func(r *FullRow) string { return r.Kind })},
	{"lang", "string", "Language as the platform stated it (BCP 47); empty when it did not.", str(func(r *FullRow) string { return r.Lang })},
	{"stance", "string", "agree, disagree, discuss or unrelated, by the model; empty when the post is not classified.", str(func(r *FullRow) string { return r.Stance })},
	{"not_classified", "string", "Why there is no stance: language, unsure, no text, or verdict lost (in a salvaged store).", str(func(r *FullRow) string { return r.NotClassified })},
	{"p_agree", "number", "The model's probability that the post agrees with the thesis, to five decimals; empty for other languages.", num(func(r *FullRow) *float64 { return r.Agree })},
	{"p_disagree", "number", "The same for disagree.", num(func(r *FullRow) *float64 { return r.Disagree })},
	{"p_discuss", "number", "The same for discuss.", num(func(r *FullRow) *float64 { return r.Discuss })},
	{"p_unrelated", "number", "The same for unrelated.", num(func(r *FullRow) *float64 { return r.Unrelated })},
	{"model", "string", "Id of the model that judged.", str(func(r *FullRow) string { return r.Model })},
	{"tier", "string", "Which part of the model gave the verdict: fast or careful.", str(func(r *FullRow) string { return r.Tier })},
	{"cluster", "string", "post_id of the first of a group of near-duplicates; empty when the post is alone.", str(func(r *FullRow) string { return r.Cluster })},

	{"text", "string", "Text as read, entities unescaped; of a repost, the original's.", str(func(r *FullRow) string { return r.Text })},
	{"text_truncated", "boolean", "The source has cut the text, or may have.", func(r *FullRow) value { return value{flag: &r.Truncated} }},
	{"reply_to", "string", "post_id of the post replied to.", str(func(r *FullRow) string { return r.ReplyTo })},
	{"quoted", "string", "post_id of the post quoted.", str(func(r *FullRow) string { return r.Quoted })},
	{"reposted", "string", "post_id of the post reposted.", str(func(r *FullRow) string { return r.Reposted })},
	{"conversation", "string", "Id of the conversation, written as a post_id.", str(func(r *FullRow) string { return r.Conversation })},
	{"likes", "integer", "Likes when the source read the post; empty when it did not say.", count(func(r *FullRow) *int64 { return r.Likes })},
	{"reposts", "integer", "Reposts, likewise.", count(func(r *FullRow) *int64 { return r.Reposts })},
	{"replies", "integer", "Replies, likewise.", count(func(r *FullRow) *int64 { return r.Replies })},
	{"quotes", "integer", "Quotes, likewise.", count(func(r *FullRow) *int64 { return r.Quotes })},
	{"views", "integer", "Views, likewise.", count(func(r *FullRow) *int64 { return r.Views })},
	{"urls", "array", "Links in the text.", list(func(r *FullRow) []string { return r.URLs })},
	{"hashtags", "array", "Hashtags without the sign.", list(func(r *FullRow) []string { return r.Hashtags })},
	{"permalink", "string", "Address of the post, without its author's name.", str(func(r *FullRow) string { return r.Permalink })},
	{"observed_at", "datetime", "When the source read the post from the platform; empty when it does not say.", func(r *FullRow) value { return value{at: r.Observed} }},
}

// Columns lists the columns of a table, with or without the text.
func Columns(text bool) []Column {
	if text {
		return columns
	}
	return columns[:judged]
}

// ID is an id with its platform; empty stays empty.
func ID(platform, id string) string {
	if id == "" {
		return ""
	}
	return platform + ":" + id
}

// NewRow is a record as a row.
func NewRow(rec *store.Record) FullRow {
	p, v := &rec.Post, rec.Verdict
	r := FullRow{Row: Row{PostID: ID(p.Platform, p.ID), Platform: p.Platform, CreatedAt: p.CreatedAt.UTC(), Kind: string(p.Kind),
		Lang: p.Lang, NotClassified: string(v.Abstain), Model: v.Model, Tier: string(v.Tier), Cluster: rec.Cluster},
		Content: Content{Text: p.Text, Truncated: p.TextTruncated, ReplyTo: ID(p.Platform, p.ReplyTo), Quoted: ID(p.Platform, p.Quoted),
			Reposted: ID(p.Platform, p.Reposted), Conversation: ID(p.Platform, p.Conversation), Likes: p.Counts.Likes,
			Reposts: p.Counts.Reposts, Replies: p.Counts.Replies, Quotes: p.Counts.Quotes, Views: p.Counts.Views,
			URLs: p.URLs, Hashtags: p.Hashtags, Permalink: p.Permalink, Observed: p.Observed}}
	if v.Classified() {
		r.Stance = v.Stance.String()
	}
	if v.Abstain != classify.AbstainLanguage {
		r.Agree, r.Disagree = round5(v.P[classify.Agree]), round5(v.P[classify.Disagree])
		r.Discuss, r.Unrelated = round5(v.P[classify.Discuss]), round5(v.P[classify.Unrelated])
	}
	return r
}

// round5 keeps the decimals that the store keeps apart: it has steps of 1/65535.
func round5(p float64) *float64 {
	p = math.Round(p*1e5) / 1e5
	return &p
}

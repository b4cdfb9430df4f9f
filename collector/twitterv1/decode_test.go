package twitterv1

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

func TestDecodePosts(t *testing.T) {
	at := time.Date(2016, 1, 6, 12, 0, 5, 0, time.UTC)
	const head = `"created_at":"Wed Jan 06 14:00:05 +0200 2016","id":684700000000000001,"id_str":"684700000000000001",`
	const user = `"user":{"id":77,"id_str":"77","screen_name":"old_ana","name":"Ana","entities":{"url":{}}},`
	base := collector.Post{Platform: "x", ID: "684700000000000001", CreatedAt: at, Kind: collector.Original, Permalink: "https://x.com/i/web/status/684700000000000001"}
	cases := []struct {
		name, in string
		want     func(p *collector.Post)
	}{
		{"compatible text", `{` + head + user + `"text":"So &lt;he&gt; says","lang":"en","favorite_count":2,"retweet_count":0,
			"entities":{"hashtags":[{"text":"Talks","indices":[0,1]}],"urls":[{"url":"https://t.co/a","expanded_url":"https://news.example/a","indices":[1,2]}],"user_mentions":[]}}`,
			func(p *collector.Post) {
				p.Text, p.Lang, p.Author = "So <he> says", "en", collector.Author{ID: "77", Handle: "old_ana", Name: "Ana"}
				p.Counts = collector.Counts{Likes: n(2), Reposts: n(0)}
				p.Hashtags, p.URLs = []string{"Talks"}, []string{"https://news.example/a"}
			}},
		{"extended_tweet beats text, and its entities too", `{` + head + `"text":"The first half… https://t.co/x","truncated":true,"reply_count":1,
			"entities":{"urls":[{"url":"https://t.co/x","expanded_url":"https://twitter.com/i/web/status/684700000000000001"}],"hashtags":[]},
			"extended_tweet":{"full_text":"The first half and the second","entities":{"hashtags":[{"text":"both"}]}}}`,
			func(p *collector.Post) {
				p.Text, p.Hashtags, p.Counts.Replies = "The first half and the second", []string{"both"}, n(1)
			}},
		{"truncated without extended_tweet", `{` + head + `"text":"The first half… https://t.co/x","truncated":true,
			"entities":{"urls":[{"url":"https://t.co/x","expanded_url":"https://twitter.com/i/web/status/684700000000000001"}]}}`,
			func(p *collector.Post) { p.Text, p.TextTruncated = "The first half… https://t.co/x", true }},
		{"retweet of a quote", `{` + head + `"full_text":"RT @b: cut…","is_quote_status":true,"quoted_status_id_str":"5",
			"retweeted_status":{"id":6,"id_str":"6","full_text":"whole &amp; long","quoted_status_id_str":"5","entities":{"hashtags":[{"text":"of6"}]}},"entities":{"hashtags":[]}}`,
			func(p *collector.Post) {
				p.Text, p.Kind, p.Reposted, p.Quoted, p.Hashtags = "whole & long", collector.Repost, "6", "5", []string{"of6"}
			}},
		{"reply", `{` + head + `"full_text":"@b no","in_reply_to_status_id":9007199254740993}`,
			func(p *collector.Post) { p.Text, p.Kind, p.ReplyTo = "@b no", collector.Reply, "9007199254740993" }},
		{"quote that replies", `{` + head + `"full_text":"see","in_reply_to_status_id_str":"4","quoted_status":{"id_str":"5","text":"q"}}`,
			func(p *collector.Post) { p.Text, p.Kind, p.ReplyTo, p.Quoted = "see", collector.Quote, "4", "5" }},
		{"misfits", `{` + head + `"full_text":"t","retweet_count":"100+","favorite_count":null,"withheld_in_countries":"DE","display_text_range":[0,1,2],
			"place":{"attributes":{"n":1},"name":"X"},"coordinates":"none","scopes":[]}`,
			func(p *collector.Post) { p.Text = "t" }},
		{"an old archive's time", `{"id_str":"9341234567","text":"t","created_at":"2010-02-19 15:35:22 +0100"}`, func(p *collector.Post) {
			p.ID, p.Text, p.CreatedAt, p.Permalink = "9341234567", "t", time.Date(2010, 2, 19, 14, 35, 22, 0, time.UTC), "https://x.com/i/web/status/9341234567"
		}},
		{"a time from the stream", `{"id_str":"684700000000000001","text":"t","timestamp_ms":"1452081605000"}`, func(p *collector.Post) { p.Text = "t" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := base
			c.want(&want)
			b, err := Decode([]byte(c.in))
			if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{want}}, b); diff != "" || err != nil {
				t.Errorf("Decode, error %v, - want + got:\n%s", err, diff)
			}
		})
	}
}

func TestDecodeOthers(t *testing.T) {
	for in, want := range map[string]collector.Reason{
		`{"delete":{"status":{"id":1,"id_str":"1","user_id":2},"timestamp_ms":"3"}}`: collector.SkipDelete,
		`{"limit":{"track":5}}`:                                       collector.SkipNotice,
		`{"scrub_geo":{"user_id":5}}`:                                 collector.SkipNotice,
		`{"status_withheld":{"id":5}}`:                                collector.SkipNotice,
		`{"disconnect":{"code":4}}`:                                   collector.SkipNotice,
		`{"errors":[{"code":88,"message":"Rate limit"}]}`:             collector.SkipAPIError,
		`{"request":"/1.1/x.json","error":"Not authorized."}`:         collector.SkipAPIError,
		`{"statuses":[],"search_metadata":{}}`:                        collector.SkipEmptyPage,
		`{"id_str":"684700000000000001","text":"","user":{"id":7}}`:   collector.SkipNoText,
		`{"created_at":"Wed Jan 06 14:00:05 +0200 2016","id_str":""}`: collector.SkipUnknown,
	} {
		b, err := Decode([]byte(in))
		if want == collector.SkipDelete {
			if len(b.Deletes) != 1 || b.Deletes[0].ID == "" {
				t.Errorf("%s names %v as deleted, want one post", in, b.Deletes)
			}
			b.Deletes = nil
		}
		if diff := cmp.Diff(collector.Skipped(want), b); diff != "" || err != nil {
			t.Errorf("Decode(%s), error %v, - want + got:\n%s", in, err, diff)
		}
	}
}

func TestDecodePage(t *testing.T) {
	b, err := Decode([]byte(`{"statuses":[{"id_str":"684700000000000001","text":"a"},{"id":6.847e17,"text":"float id"},{"id_str":"684700000000000002","text":nope},
		{"id_str":"12","text":"no time"},{"id":684700000000000003,"text":"b"}],"search_metadata":{"max_id":1}}`))
	if err != nil || len(b.Posts) != 2 || len(b.Failures) != 3 || b.Posts[1].ID != "684700000000000003" || b.Failures[0].Index != 1 {
		t.Errorf("Decode = %+v, %v; want 2 posts and failures 1 to 3", b, err)
	}
	for _, in := range []string{``, `{`, `[]`, `{"text":"a"`} {
		if _, err := Decode([]byte(in)); err == nil {
			t.Errorf("Decode(%q) finds nothing wrong", in)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id_str":"684700000000000001","text":"RT @a: b","retweeted_status":{"id":1,"text":"b","extended_tweet":{"full_text":"c"}}}`))
	f.Add([]byte(`{"statuses":[{"id":1e3}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		if n := len(b.Posts) + len(b.Skips) + len(b.Failures); (err == nil) != (n > 0) {
			t.Errorf("Decode(%q) gives %d items and the error %v", in, n, err)
		}
		for _, p := range b.Posts {
			if p.ID == "" || p.Text == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("Decode(%q) gives the bad post %+v", in, p)
			}
		}
	})
}

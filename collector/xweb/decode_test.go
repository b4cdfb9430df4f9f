package xweb

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

// tweet2023 is a tweet in the shape of 2023 with more members at the end of its legacy and of itself.
func tweet2023(legacyMore, more string) string {
	return `{"__typename":"Tweet","rest_id":"1712000000000000001","id":1712000000000000000,"core":{"user_results":{"result":{"rest_id":"7","legacy":{"screen_name":"ana","name":"Ana"}}}},
	"views":{"count":"50"},"legacy":{"id_str":"1712000000000000001","user_id_str":"7","full_text":"He stalls &amp; stalls","created_at":"Wed Oct 11 07:00:00 +0000 2023","lang":"en",
	"conversation_id_str":"1712000000000000001","favorite_count":3,"retweet_count":2,"reply_count":1,"quote_count":0,
	"entities":{"hashtags":[{"text":"Talks"}],"urls":[{"url":"https://t.co/a","expanded_url":"https://news.example/a"}]}` + legacyMore + `}` + more + `}`
}

// tweet2026 is the same tweet in the shape of September 2026.
func tweet2026(more string) string {
	return `{"__typename":"Tweet","rest_id":"1712000000000000001","core":{"user_results":{"result":{"rest_id":"7","core":{"screen_name":"ana","name":"Ana"}}}},
	"details":{"full_text":"He stalls &amp; stalls","created_at_ms":1697007600000,"display_text_range":[0,18],"conversation_id_str":"1712000000000000001","hashtag_entities":[{"text":"Talks"}]},
	"counts":{"favorite_count":3,"retweet_count":2,"reply_count":1,"quote_count":0,"bookmark_count":9},"views":{"count":"50"},
	"url_entities":[{"url":"https://t.co/a","expanded_url":"https://news.example/a"}],"media_entities2":[]` + more + `}`
}

func TestDecode(t *testing.T) {
	at := time.Date(2023, 10, 11, 7, 0, 0, 0, time.UTC)
	base := collector.Post{Platform: "x", ID: "1712000000000000001", Text: "He stalls & stalls", CreatedAt: at, Lang: "en", Kind: collector.Original,
		Conversation: "1712000000000000001", Author: collector.Author{ID: "7", Handle: "ana", Name: "Ana"},
		Counts: collector.Counts{Likes: n(3), Reposts: n(2), Replies: n(1), Quotes: n(0), Views: n(50)},
		URLs:   []string{"https://news.example/a"}, Hashtags: []string{"Talks"}, Permalink: "https://x.com/i/web/status/1712000000000000001"}
	const other = `{"result":{"__typename":"TweetWithVisibilityResults","tweet":{"rest_id":"5","legacy":{"full_text":"The &lt;original&gt;","entities":{}},
		"note_tweet":{"note_tweet_results":{"result":{"text":"The original, long & whole","entity_set":{"hashtags":[{"text":"deep"}]}}}}}}}`
	cases := []struct {
		name, in string
		change   func(p *collector.Post)
	}{
		{"plain", tweet2023("", ""), func(p *collector.Post) {}},
		{"visibility wrapper", `{"result":{"__typename":"TweetWithVisibilityResults","tweet":` + tweet2023("", "") + `}}`, func(p *collector.Post) {}},
		{"repost of a long post", tweet2023(`,"retweeted_status_result":`+other, ""), func(p *collector.Post) {
			p.Kind, p.Reposted, p.Text, p.URLs, p.Hashtags = collector.Repost, "5", "The original, long & whole", nil, []string{"deep"}
		}},
		{"quote", tweet2023(`,"quoted_status_id_str":"5"`, `,"quoted_status_result":`+other), func(p *collector.Post) { p.Kind, p.Quoted = collector.Quote, "5" }},
		{"quote of something deleted", tweet2023(`,"quoted_status_id_str":"5"`, `,"quoted_status_result":{"result":{"__typename":"TweetTombstone","tombstone":{}}}`),
			func(p *collector.Post) { p.Kind, p.Quoted = collector.Quote, "5" }},
		{"reply", tweet2023(`,"in_reply_to_status_id_str":"4"`, ``), func(p *collector.Post) { p.Kind, p.ReplyTo = collector.Reply, "4" }},
		{"names moved to core, lists left out", `{"rest_id":"1712000000000000001","core":{"user_results":{"result":{"rest_id":"7","core":{"screen_name":"ana","name":"Ana"}}}},
			"legacy":{"full_text":"t","created_at":"Wed Oct 11 07:00:00 +0000 2023","entities":{}}}`,
			func(p *collector.Post) {
				*p = collector.Post{Platform: "x", ID: p.ID, Text: "t", CreatedAt: at, Kind: collector.Original, Author: p.Author, Permalink: p.Permalink}
			}},
		{"2026", tweet2026(`,"legacy":{"lang":"en"},"reply_to_results":null,"quoted_tweet_results":null,"note_tweet":null`), func(p *collector.Post) {}},
		{"2026, what is left of legacy", tweet2026(`,"legacy":{"lang":"en","id_str":"1712000000000000001","created_at":"Wed Oct 11 07:00:00 +0000 2023"}`), func(p *collector.Post) {}},
		{"2026, a reply", tweet2026(`,"legacy":{"lang":"en"},"reply_to_results":{"rest_id":"4"}`), func(p *collector.Post) { p.Kind, p.ReplyTo = collector.Reply, "4" }},
		{"2026, a long quote", tweet2026(`,"legacy":{"lang":"en"},"quoted_tweet_results":{"rest_id":"5","result":null},"note_tweet":{"note_tweet_results":{"result":{"text":"He stalls & stalls & stalls"}}}`),
			func(p *collector.Post) {
				p.Kind, p.Quoted, p.Text = collector.Quote, "5", "He stalls & stalls & stalls"
			}},
		{"2026, a repost", tweet2026(`,"legacy":{"lang":"en","retweeted_status_results":{"rest_id":"5","result":{"rest_id":"5","details":{"full_text":"&lt;o&gt;"},"hashtag_entities":[{"text":"deep"}]}}}`),
			func(p *collector.Post) {
				p.Kind, p.Reposted, p.Text, p.URLs, p.Hashtags = collector.Repost, "5", "<o>", nil, []string{"deep"}
			}},
		{"2026, a repost of what is not shown", tweet2026(`,"legacy":{"lang":"en","repostedStatusResults":{"result":{"rest_id":"5"}}}`), func(p *collector.Post) { p.Kind, p.Reposted = collector.Repost, "5" }},
		{"X's application", tweet2023("", `,"views":null,"view_count_info":{"count":"50"},"quotedPostResults":{"result":{"rest_id":"5"}}`), func(p *collector.Post) { p.Kind, p.Quoted = collector.Quote, "5" }},
		{"references in legacy", tweet2023(`,"quoted_status_result":{},"quoted_tweet_results":{"rest_id":"5"}`, ""), func(p *collector.Post) { p.Kind, p.Quoted = collector.Quote, "5" }},
		{"no user, no legacy, a note", `{"rest_id":"1712000000000000001","core":{"user_results":{}},"note_tweet":{"note_tweet_results":{"result":{"text":"long"}}}}`,
			func(p *collector.Post) {
				when, _ := collector.SnowflakeTime(p.ID)
				*p = collector.Post{Platform: "x", ID: p.ID, Text: "long", CreatedAt: when, Kind: collector.Original, Permalink: p.Permalink}
			}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := base
			c.change(&want)
			b, err := Decode([]byte(c.in))
			if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{want}}, b); diff != "" || err != nil {
				t.Errorf("Decode, error %v, - want + got:\n%s", err, diff)
			}
		})
	}
}

func TestDecodeOthers(t *testing.T) {
	b, err := Decode([]byte(`{"result":{"__typename":"TweetTombstone","tombstone":{}}}`))
	if diff := cmp.Diff(collector.Skipped(collector.SkipDelete), b); diff != "" || err != nil {
		t.Errorf("a tombstone, error %v, - want + got:\n%s", err, diff)
	}
	for _, in := range []string{`{"rest_id":"1712000000000000001","matter":{"full_text":"moved"}}`, `{"rest_id":"1712000000000000001","legacy":{"id_str":"1712000000000000001","created_at":"Wed Oct 11 07:00:00 +0000 2023"}}`, `{"legacy":{"full_text":"no id"}}`} {
		if _, err := Decode([]byte(in)); err == nil || !strings.Contains(err.Error(), "it has the members") {
			t.Errorf("Decode(%s) = %v, want an error that names the members", in, err)
		}
	}
	if _, err := Decode([]byte(`{"rest_id":`)); err == nil {
		t.Error("half a value is decoded")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(tweet2026(`,"reply_to_results":{"rest_id":"4"},"quotedPostResults":{"result":{}}`)))
	f.Add([]byte(tweet2023(`,"retweeted_status_result":{"result":{"rest_id":"1"}}`, "")))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		if n := len(b.Posts) + len(b.Skips); (err == nil) != (n == 1) {
			t.Errorf("Decode(%q) gives %d items and the error %v", in, n, err)
		}
	})
}

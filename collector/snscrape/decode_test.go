package snscrape

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

func TestDecode(t *testing.T) {
	at := time.Date(2022, 12, 6, 6, 0, 0, 0, time.UTC)
	const head = `{"_type":"snscrape.modules.twitter.Tweet","url":"https://twitter.com/ana/status/1600000000000000001","date":"2022-12-06T06:00:00+00:00","id":1600000000000000001,
		"user":{"_type":"x","username":"ana","displayname":"Ana","id":7},"replyCount":1,"retweetCount":2,"likeCount":3,"quoteCount":0,"viewCount":null,"conversationId":1600000000000000001,"lang":"en",`
	base := collector.Post{Platform: "x", ID: "1600000000000000001", Text: "a & b", CreatedAt: at, Lang: "en", Kind: collector.Original, Conversation: "1600000000000000001",
		Author: collector.Author{ID: "7", Handle: "ana", Name: "Ana"}, Counts: collector.Counts{Likes: n(3), Reposts: n(2), Replies: n(1), Quotes: n(0)},
		Permalink: "https://x.com/i/web/status/1600000000000000001"}
	cases := []struct {
		name, in string
		change   func(p *collector.Post)
	}{
		{"new names", head + `"rawContent":"a &amp; b","renderedContent":"r","links":[{"url":"https://news.example/a","tcourl":"t"}],"hashtags":["Talks"]}`,
			func(p *collector.Post) { p.URLs, p.Hashtags = []string{"https://news.example/a"}, []string{"Talks"} }},
		{"old names", head + `"content":"a &amp; b","outlinks":["https://news.example/a"],"hashtags":null}`, func(p *collector.Post) { p.URLs = []string{"https://news.example/a"} }},
		{"repost", head + `"rawContent":"RT @bo: a…","retweetedTweet":{"id":5,"rawContent":"a &amp; b"}}`, func(p *collector.Post) { p.Kind, p.Reposted = collector.Repost, "5" }},
		{"quote in a reply", head + `"rawContent":"a &amp; b","quotedTweet":{"id":5},"inReplyToTweetId":4}`, func(p *collector.Post) { p.Kind, p.Quoted, p.ReplyTo = collector.Quote, "5", "4" }},
		{"Telegram", `{"_type":"snscrape.modules.telegram.TelegramPost","url":"https://t.me/s/chan/5","date":"2022-12-06T06:00:00+00:00","content":"a & b"}`,
			func(p *collector.Post) {
				*p = collector.Post{Platform: "telegram", ID: "https://t.me/s/chan/5", Permalink: "https://t.me/s/chan/5", Text: p.Text, CreatedAt: at, Kind: p.Kind}
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
	for in, want := range map[string]collector.Reason{
		`{"_type":"snscrape.modules.twitter.Tombstone","id":5,"text":{"text":"This Tweet was deleted by its author."}}`: collector.SkipNotice,
		`{"_type":"snscrape.modules.twitter.Tombstone","id":5,"text":"This Tweet was deleted by its author."}`:          collector.SkipDelete,
		`{"_type":"snscrape.modules.twitter.Tombstone","id":5,"text":"Age-restricted adult content."}`:                  collector.SkipNotice,
		`{"_type":"snscrape.modules.twitter.TweetRef","id":5}`:                                                          collector.SkipNotice,
		`{"_type":"snscrape.modules.twitter.User","id":5}`:                                                              collector.SkipUsers,
		`{"_type":"snscrape.modules.twitter.Tweet","id":1600000000000000001,"rawContent":""}`:                           collector.SkipNoText,
	} {
		b, err := Decode([]byte(in))
		if want == collector.SkipDelete {
			if len(b.Deletes) != 1 || b.Deletes[0].ID == "" {
				t.Errorf("%s names %v as deleted, want one post", in, b.Deletes)
			}
			b.Deletes = nil
		}
		if err != nil || !cmp.Equal(b, collector.Skipped(want)) {
			t.Errorf("Decode(%s) = %+v, %v; want the skip %q", in, b, err, want)
		}
	}
	for _, in := range []string{`{"_type":"snscrape.modules.twitter.Tweet","rawContent":"x"}`, `{"_type":"snscrape.modules.reddit.Comment","id":"a","body":"x"}`, `{"_type":`} {
		if _, err := Decode([]byte(in)); err == nil {
			t.Errorf("Decode(%s) finds nothing wrong", in)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"_type":"snscrape.modules.twitter.Tweet","id":1600000000000000001,"rawContent":"x","retweetedTweet":{"id":1}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		if n := len(b.Posts) + len(b.Skips); (err == nil) != (n == 1) {
			t.Errorf("Decode(%q) gives %d items and the error %v", in, n, err)
		}
	})
}

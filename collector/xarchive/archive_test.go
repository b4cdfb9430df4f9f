package xarchive

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

// long is a post of 300 characters; tweets.js has its beginning.
var long = "I have thought about the talks for long. " + strings.Repeat("More words. ", 25)

func archive() fstest.MapFS {
	return fstest.MapFS{
		"manifest.js": {Data: []byte(`window.__THAR_CONFIG = {"userInfo":{"accountId":"7","userName":"ana","displayName":"Ana"},
			"dataTypes":{"tweets":{"files":[{"fileName":"data/tweets.js","globalName":"YTD.tweets.part0","count":"4"}]},"directMessages":{"files":[{"fileName":"data/direct-messages.js","count":"9"}]}}}`)},
		"tweets.js": {Data: []byte(`window.YTD.tweets.part0 = [{"tweet":{"id_str":"1712845356000485462"}},{"tweet":{"id_str":"1712845300000000000"}}]`)},
		"note-tweet.js": {Data: []byte(`window.YTD.note_tweet.part0 = [{"noteTweet":{"noteTweetId":"1712845355925082112","core":{"text":"` + long + ` https://t.co/zz & done","hashtags":[{"text":"deep"}]}}},
			{"noteTweet":{"noteTweetId":"1712845299999999999","core":{"text":"Something else"}}}]`)},
		"direct-messages.js": {Data: []byte(`window.YTD.direct_messages.part0 = [`)},
	}
}

func TestDecode(t *testing.T) {
	a := Open(archive())
	base := collector.Post{Platform: "x", Kind: collector.Original, Author: collector.Author{ID: "7", Handle: "ana", Name: "Ana"}, CreatedAt: time.Date(2023, 10, 13, 15, 0, 0, 0, time.UTC)}
	const when = `"created_at":"Fri Oct 13 15:00:00 +0000 2023"`
	cases := []struct {
		name, id, in string
		change       func(p *collector.Post)
	}{
		{"plain, counts as strings", "1712845300000000000", `{"tweet":{"id_str":"1712845300000000000",` + when + `,"full_text":"a &amp; b","favorite_count":"3","retweet_count":"0","lang":"en","truncated":false}}`,
			func(p *collector.Post) {
				p.Text, p.Lang, p.Counts = "a & b", "en", collector.Counts{Likes: n(3), Reposts: n(0)}
			}},
		{"long post", "1712845356000485462", `{"tweet":{"id_str":"1712845356000485462",` + when + `,"full_text":"@bo ` + long[:240] + `… https://t.co/q","in_reply_to_status_id_str":"5"}}`,
			func(p *collector.Post) {
				p.Text, p.Kind, p.ReplyTo, p.Hashtags = long+" https://t.co/zz & done", collector.Reply, "5", []string{"deep"}
			}},
		{"repost", "17", `{"tweet":{"id_str":"17",` + when + `,"full_text":"RT @bo: the beginning of…"}}`,
			func(p *collector.Post) {
				p.Text, p.Kind, p.TextTruncated = "the beginning of…", collector.Repost, true
			}},
		{"quote, oldest form", "18", `{"id":"18",` + when + `,"text":"see","entities":{"urls":[{"expanded_url":"https://x.com/bo/status/99?s=20"}]}}`,
			func(p *collector.Post) {
				p.Text, p.Kind, p.Quoted, p.URLs = "see", collector.Quote, "99", []string{"https://x.com/bo/status/99?s=20"}
			}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := base
			want.ID, want.Permalink = c.id, "https://x.com/i/web/status/"+c.id
			c.change(&want)
			b, err := a.Decode("tweets", []byte(c.in))
			if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{want}}, b); diff != "" || err != nil {
				t.Errorf("Decode, error %v, - want + got:\n%s", err, diff)
			}
		})
	}
	if n, ok := a.Expected("data/tweets.js"); n != 4 || !ok {
		t.Errorf("Expected = %d, %v", n, ok)
	}
}

func TestDecodeOthers(t *testing.T) {
	var none *Archive
	for kind, want := range map[string]collector.Reason{"deleted_tweets": collector.SkipDelete, "like": collector.SkipLike, "direct_messages": collector.SkipUnknown} {
		b, err := none.Decode(kind, []byte(`{"tweet":{"id_str":"17"}}`))
		if want == collector.SkipDelete {
			if !cmp.Equal(b.Deletes, []collector.Ref{{Platform: "x", ID: "17"}}) {
				t.Errorf("%s names %v as deleted", kind, b.Deletes)
			}
			b.Deletes = nil
		}
		if err != nil || !cmp.Equal(b, collector.Skipped(want)) {
			t.Errorf("Decode of %s = %+v, %v", kind, b, err)
		}
	}
	for _, in := range []string{`{"tweet":{"full_text":"no id"}}`, `{"tweet":{"id_str":"17","full_text":"no time"}}`, `{`} {
		if _, err := none.Decode("tweets", []byte(in)); err == nil {
			t.Errorf("Decode(%s) finds nothing wrong", in)
		}
	}
	if b, err := none.Decode("tweet", []byte(`{"id_str":"1712845300000000000","full_text":"t"}`)); err != nil || len(b.Posts) != 1 {
		t.Errorf("without an archive: %+v, %v", b, err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{"data/tweets.js": true, "tweet.js": true, "data/tweets-part2.js": true, "community-tweet.js": true, "deleted-tweets.js": true,
		"note-tweet.js": false, "direct-messages.js": false, "tweet-headers.js": false, "like.js": false, "tweets.json": false} {
		if Reads(name) != want {
			t.Errorf("Reads(%q) = %v", name, !want)
		}
	}
	for in, want := range map[string]string{"window.YTD.tweets.part0 =": "tweets", "window.YTD.tweet.part0 = ": "tweet", "Grailbird.data.tweets_2014_03 =": "grailbird", "window.__THAR_CONFIG =": ""} {
		if got, _ := Kind(in); got != want {
			t.Errorf("Kind(%q) = %q, want %q", in, got, want)
		}
	}
	if d, ok := Dir([]string{"x/assets/a.js", "x/data/tweets.js"}); d != "x/data" || !ok {
		t.Errorf("Dir = %q, %v", d, ok)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("tweets", []byte(`{"tweet":{"id_str":"1712845300000000000","full_text":"RT @a: t…","entities":{"urls":[{"expanded_url":"https://x.com/a/status/5"}]},"edit_info":{"initial":{"editTweetIds":["1","1712845300000000000"]}}}}`))
	f.Add("deleted_tweets", []byte(`{"tweet":{"id":5}}`))
	f.Add("like", []byte(`{"like":{"tweetId":"5"}}`))
	f.Fuzz(func(t *testing.T, kind string, in []byte) {
		var none *Archive
		b, err := none.Decode(kind, in)
		if n := len(b.Posts) + len(b.Skips); (err == nil) != (n == 1) {
			t.Errorf("Decode(%q) gives %d items and the error %v", in, n, err)
		}
		for _, p := range b.Posts {
			if p.ID == "" || p.Text == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("Decode(%q) gives the bad post %+v", in, p)
			}
		}
	})
}

// FuzzOpen reads archives whose files are not what they should be.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`window.__THAR_CONFIG = {"userInfo":{"accountId":"7"},"dataTypes":{"tweets":{"files":[{"fileName":"data/tweets.js","count":"3"}]}}}`),
		[]byte(`window.YTD.note_tweet.part0 = [{"noteTweet":{"noteTweetId":"17128453000000","core":{"text":"a"}}}]`), []byte(`window.YTD.tweets.part0 = [{"tweet":{"id_str":"17128453000001"}}]`))
	f.Fuzz(func(t *testing.T, manifest, notes, tweets []byte) {
		a := Open(fstest.MapFS{"manifest.js": {Data: manifest}, "note-tweet.js": {Data: notes}, "tweets.js": {Data: tweets}})
		a.Expected("tweets.js")
		a.Decode("tweets", tweets)
	})
}

package xapi

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

// page wraps elements of data, with two users and two posts in the includes. Ids are of November 2022 to 2024.
func page(data, more string) string {
	return `{"data":` + data + `,"includes":{"users":[{"id":"7","username":"ana_writes","name":"Ana"}],
	"tweets":[{"id":"1600000000000000001","text":"The original, whole &amp; long","created_at":"2022-12-06T05:00:00.000Z",
	"entities":{"urls":[{"url":"https://t.co/a","expanded_url":"https://news.example/a","unwound_url":"https://news.example/a?full"}],"hashtags":[{"tag":"Talks"}]}}]}` + more + `}`
}

func TestDecodePosts(t *testing.T) {
	at := time.Date(2022, 12, 6, 6, 0, 0, 0, time.UTC)
	const created = `"created_at":"2022-12-06T06:00:00.000Z"`
	long := strings.Repeat("word ", 60)
	cases := []struct {
		name, in string
		want     collector.Post
	}{
		{"original with everything", page(`[{"id":"1600000000000000009","author_id":"7",`+created+`,"lang":"en","conversation_id":"1600000000000000009",
			"text":"He stalls &lt;again&gt; &amp;amp; again","public_metrics":{"like_count":3,"retweet_count":2,"reply_count":1,"quote_count":0,"impression_count":50},
			"entities":{"urls":[{"url":"https://t.co/b","expanded_url":"https://x.example/b"},{"url":"https://t.co/p","media_key":"3_1"}],"hashtags":[{"tag":"peace"},{"tag":"peace"}]}}]`, ""),
			collector.Post{ID: "1600000000000000009", Text: "He stalls <again> &amp; again", CreatedAt: at, Lang: "en", Kind: collector.Original,
				Conversation: "1600000000000000009", Author: collector.Author{ID: "7", Handle: "ana_writes", Name: "Ana"},
				Counts: collector.Counts{Likes: n(3), Reposts: n(2), Replies: n(1), Quotes: n(0), Views: n(50)},
				URLs:   []string{"https://x.example/b"}, Hashtags: []string{"peace"}}},
		{"repost takes the original", page(`[{"id":"1600000000000000010","author_id":"8",`+created+`,"lang":"und","text":"RT @x: The origi…",
			"referenced_tweets":[{"type":"retweeted","id":"1600000000000000001"}]}]`, ""),
			collector.Post{ID: "1600000000000000010", Text: "The original, whole & long", CreatedAt: at, Kind: collector.Repost, Reposted: "1600000000000000001",
				Author: collector.Author{ID: "8"}, URLs: []string{"https://news.example/a?full"}, Hashtags: []string{"Talks"}}},
		{"repost without its original", page(`[{"id":"1600000000000000011",`+created+`,"text":"RT @some_one: The beginning of…",
			"referenced_tweets":[{"type":"retweeted","id":"15"}]}]`, ""),
			collector.Post{ID: "1600000000000000011", Text: "The beginning of…", TextTruncated: true, CreatedAt: at, Kind: collector.Repost, Reposted: "15"}},
		{"repost told by its text only", `{"data":[{"id":"1600000000000000011",` + created + `,"text":"RT @some_one: All of it"}]}`,
			collector.Post{ID: "1600000000000000011", Text: "All of it", CreatedAt: at, Kind: collector.Repost}},
		{"quote that replies keeps both ids", page(`{"id":"1600000000000000012",`+created+`,"text":"So?",
			"referenced_tweets":[{"type":"replied_to","id":"21"},{"type":"quoted","id":"22"}]}`, ""),
			collector.Post{ID: "1600000000000000012", Text: "So?", CreatedAt: at, Kind: collector.Quote, Quoted: "22", ReplyTo: "21"}},
		{"names of 2026", `{"data":[{"id":"1600000000000000013",` + created + `,"text":"short","note_post":{"text":"the long one &amp; all","entities":{"hashtags":[{"tag":"deep"}]}},
			"entities":{"hashtags":[{"tag":"shallow"}]},"public_metrics":{"repost_count":4},"referenced_posts":[{"type":"replied_to","id":"23"}]}],"includes":{"posts":[]}}`,
			collector.Post{ID: "1600000000000000013", Text: "the long one & all", CreatedAt: at, Kind: collector.Reply, ReplyTo: "23",
				Counts: collector.Counts{Reposts: n(4)}, Hashtags: []string{"deep"}}},
		{"flattened repost of a long post", `{"id":"1600000000000000014",` + created + `,"text":"RT @ana_writes: cut…","author":{"id":"9","username":"bo","name":"Bo"},"author_id":"9",
			"referenced_tweets":[{"type":"retweeted","id":"24","text":"cut…","note_tweet":{"text":"whole"},"author":{}}],"__twarc":{"version":"2.9"}}`,
			collector.Post{ID: "1600000000000000014", Text: "whole", CreatedAt: at, Kind: collector.Repost, Reposted: "24", Author: collector.Author{ID: "9", Handle: "bo", Name: "Bo"}}},
		{"no created_at: the id tells", `{"id":"1600000000000000000","author_id":"7","text":"t"}`,
			collector.Post{ID: "1600000000000000000", Text: "t", CreatedAt: time.Date(2022, 12, 6, 5, 31, 41, 219e6, time.UTC), Kind: collector.Original, Author: collector.Author{ID: "7"}}},
		{"a long text in the short field may be cut", `{"id":"1790000000000000000","text":"` + long + `","created_at":"2024-05-13T10:00:00.000Z"}`,
			collector.Post{ID: "1790000000000000000", Text: long, TextTruncated: true, CreatedAt: time.Date(2024, 5, 13, 10, 0, 0, 0, time.UTC), Kind: collector.Original}},
		{"but not before long posts existed", `{"id":"1600000000000000015","text":"` + long + `",` + created + `}`,
			collector.Post{ID: "1600000000000000015", Text: long, CreatedAt: at, Kind: collector.Original}},
		{"half a surrogate, NUL and bad UTF-8 in the text", `{"id":"1600000000000000018","text":"a\ud83d b\u0000c` + "\xff" + `",` + created + `}`,
			collector.Post{ID: "1600000000000000018", Text: "a\uFFFD bc\uFFFD", CreatedAt: at, Kind: collector.Original}},
		{"members of the wrong type cost themselves only", `{"data":[{"id":1600000000000000017,"text":"t",` + created + `,"lang":{},"public_metrics":{"like_count":"many","quote_count":"5","reply_count":2}}]}`,
			collector.Post{ID: "1600000000000000017", Text: "t", CreatedAt: at, Kind: collector.Original, Counts: collector.Counts{Replies: n(2), Quotes: n(5)}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.want.Platform, c.want.Permalink = "x", "https://x.com/i/web/status/"+c.want.ID
			b, err := Decode([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{c.want}}, b); diff != "" {
				t.Errorf("Decode, - want + got:\n%s", diff)
			}
		})
	}
}

func TestDecodeSkips(t *testing.T) {
	cases := []struct {
		in   string
		want collector.Reason
	}{
		{`{"data":[{"start":"a","end":"b","tweet_count":3},{"start":"b","end":"c","tweet_count":4}],"meta":{"total_tweet_count":7}}`, collector.SkipCounts},
		{`{"data":[{"start":"a","end":"b","post_count":3}],"meta":{}}`, collector.SkipCounts},
		{`{"meta":{"result_count":0}}`, collector.SkipEmptyPage},
		{`{"data":[],"meta":{"result_count":0}}`, collector.SkipEmptyPage},
		{`{"errors":[{"title":"Not Found Error"}]}`, collector.SkipAPIError},
		{`{"data":[],"errors":[{"title":"Not Found Error"}]}`, collector.SkipAPIError},
		{`{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`, collector.SkipAPIError},
		{`{"id":"1170025343920402432","action":"delete","created_at":"2019-09-06T17:25:54.667Z","reason":"protected"}`, collector.SkipDelete},
		{`{"data":{"tweet_delete":{"tweet":{"id":"1170025343920402432"}}}}`, collector.SkipDelete},
		{`{"data":[{"id":"1","username":"a","name":"A"}],"meta":{"result_count":1}}`, collector.SkipUsers},
		{`{"users":[{"id":"1","username":"a"}],"tweets":[{"id":"2","text":"t"}]}`, collector.SkipUsers},
		{`{"data":[{"id":"1600000000000000000","text":""}]}`, collector.SkipNoText},
		{`{"hello":1}`, collector.SkipUnknown},
	}
	for _, c := range cases {
		b, err := Decode([]byte(c.in))
		want := collector.Skipped(c.want)
		if c.want == collector.SkipDelete {
			want = collector.Deleted("x", "1170025343920402432")
		}
		if diff := cmp.Diff(want, b, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("Decode(%s), error %v, - want + got:\n%s", c.in, err, diff)
		}
	}
}

// TestDecodeOneBadElement checks that errors beside data are no items, and that a broken element costs itself only.
func TestDecodeOneBadElement(t *testing.T) {
	b, err := Decode([]byte(page(`[{"id":"1600000000000000001","text":"a"},{"id":"1600000000000000002","text":nul},{"text":"no id"},
		{"id":"12","text":"old id, no time"},{"id":"1600000000000000003","text":"b"}]`, `,"errors":[{"title":"Not Found Error"},{}]`)))
	if err != nil || len(b.Posts) != 2 || len(b.Failures) != 3 || len(b.Skips) != 0 {
		t.Fatalf("Decode = %+v, %v; want 2 posts and 3 failures", b, err)
	}
	for i, want := range []int{1, 2, 3} {
		if b.Failures[i].Index != want {
			t.Errorf("failure %d is of element %d, want %d", i, b.Failures[i].Index, want)
		}
	}
}

func TestDecodeMalformed(t *testing.T) {
	for _, in := range []string{``, `[]`, `{`, `{"data":[{"id":"1"`, `{"data":}`, `{"a":1} x`, `"text"`} {
		if b, err := Decode([]byte(in)); err == nil && len(b.Failures) == 0 {
			t.Errorf("Decode(%q) = %+v, want an error", in, b)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(page(`[{"id":"1600000000000000001","text":"a","referenced_tweets":[{"type":"retweeted","id":"1600000000000000001"}]}]`, ``)))
	f.Add([]byte(`{"data":{"id":"1","text":"\ud83d"},"errors":[]}`))
	f.Add([]byte(`{"id":1e18,"author_id":7,"text":"x","note_tweet":{"text":"y"}}`))
	f.Add([]byte(`{"includes":{"users":[{"id":"7","name":[{}]}]},"data":[{"id":"1600000000000000001","text":"a","author_id":"7","x":{"y":[[]]},"entities":{"urls":[{"url":"b"}]}}],"includes":{},"data":[]}`))
	var x collector.Index
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		if err != nil && len(b.Posts)+len(b.Skips)+len(b.Failures) > 0 {
			t.Errorf("Decode(%q) gives both items and an error", in)
		}
		if err == nil && len(b.Posts)+len(b.Skips)+len(b.Failures) == 0 {
			t.Errorf("Decode(%q) gives nothing", in)
		}
		for _, p := range b.Posts {
			if p.ID == "" || p.Text == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("Decode(%q) gives the bad post %+v", in, p)
			}
		}
		_, rest, err := collector.ParseObject(in, nil, &x)
		ok := err == nil
		if !ok || len(trim(rest)) > 0 {
			return
		}
		sameErrors := cmp.Comparer(func(a, b error) bool { return a.Error() == b.Error() })
		if diff := cmp.Diff(b, DecodeObject(nil, &x, new(collector.Texts)), sameErrors, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q, - unchecked + checked before:\n%s", in, diff)
		}
	})
}

package bluesky

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

const view1 = `{"uri":"at://did:plc:ana/app.bsky.feed.post/3k1","cid":"b","author":{"did":"did:plc:ana","handle":"ana.example","displayName":"Ana"},
	"record":{"$type":"app.bsky.feed.post","text":"He stalls & stalls","createdAt":"2025-03-17T09:15:27.78349200Z","langs":["en"],
	"facets":[{"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://news.example/a"},{"$type":"app.bsky.richtext.facet#tag","tag":"Talks"}]}],
	"embed":{"$type":"app.bsky.embed.external","external":{"uri":"https://news.example/a"}}},
	"likeCount":3,"repostCount":2,"replyCount":1,"quoteCount":0,"indexedAt":"2025-03-17T09:15:30.000Z"}`

var post1 = collector.Post{Platform: "bluesky", ID: "at://did:plc:ana/app.bsky.feed.post/3k1", Text: "He stalls & stalls",
	CreatedAt: time.Date(2025, 3, 17, 9, 15, 27, 783492000, time.UTC), Lang: "en", Kind: collector.Original,
	Author: collector.Author{ID: "did:plc:ana", Handle: "ana.example", Name: "Ana"}, Counts: collector.Counts{Likes: n(3), Reposts: n(2), Replies: n(1), Quotes: n(0)},
	URLs: []string{"https://news.example/a"}, Hashtags: []string{"Talks"}, Permalink: "https://bsky.app/profile/did:plc:ana/post/3k1"}

func TestDecodePosts(t *testing.T) {
	at := time.Date(2025, 12, 5, 10, 16, 59, 0, time.UTC)
	streamed := collector.Post{Platform: "bluesky", ID: "at://did:plc:bo/app.bsky.feed.post/3m7", Text: "t", CreatedAt: at, Kind: collector.Original,
		Author: collector.Author{ID: "did:plc:bo"}, Permalink: "https://bsky.app/profile/did:plc:bo/post/3m7"}
	tapped := streamed
	streamed.Observed = time.UnixMicro(1764929823464700).UTC()
	quote := streamed
	quote.Kind, quote.Quoted, quote.ReplyTo, quote.Conversation = collector.Quote, post1.ID, "at://p", "at://r"
	repost := post1
	repost.Kind, repost.Reposted, repost.ID, repost.Counts = collector.Repost, post1.ID, post1.ID+"#repost-did:plc:bo", collector.Counts{}
	repost.Author, repost.CreatedAt = collector.Author{ID: "did:plc:bo", Handle: "bo.example"}, at
	stored := tapped
	stored.Kind, stored.ReplyTo, stored.Conversation = collector.Reply, "at://p", "at://r"
	timeless := streamed
	timeless.Observed = at
	cases := []struct {
		name, in string
		want     collector.Post
	}{
		{"view", view1, post1},
		{"search page", `{"posts":[` + view1 + `],"cursor":"1"}`, post1},
		{"feed item", `{"feed":[{"post":` + view1 + `,"reply":{"root":{}}}]}`, post1},
		{"repost", `{"post":` + view1 + `,"reason":{"$type":"app.bsky.feed.defs#reasonRepost","by":{"did":"did:plc:bo","handle":"bo.example"},"indexedAt":"2025-12-05T10:16:59Z"}}`, repost},
		{"Jetstream", `{"did":"did:plc:bo","time_us":1764929823464700,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"3m7",
			"record":{"text":"t","createdAt":"2025-12-05T10:16:59Z","embed":"odd"}}}`, streamed},
		{"Jetstream quote in a thread", `{"did":"did:plc:bo","time_us":1764929823464700,"kind":"commit","commit":{"operation":"update","collection":"app.bsky.feed.post","rkey":"3m7",
			"record":{"text":"t","createdAt":"2025-12-05T10:16:59Z","reply":{"parent":{"uri":"at://p"},"root":{"uri":"at://r"}},
			"embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"` + post1.ID + `"}}}}}}`, quote},
		{"a time that is none", `{"did":"did:plc:bo","time_us":1764929819000000,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"3m7",
			"record":{"text":"t","createdAt":"0000-10-05T10:16:59Z"}}}`, timeless},
		{"Jetstream of 2024", `{"did":"did:plc:bo","time_us":1764929823464700,"type":"com","commit":{"type":"c","collection":"app.bsky.feed.post","rkey":"3m7",
			"record":{"text":"t","createdAt":"2025-12-05T10:16:59Z"}}}`, streamed},
		{"Jetstream v2", `{"payload":{"$type":"#commit","seq":5,"did":"did:plc:bo","time":"2025-12-05T10:17:03.4647Z","rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":"3m7",
			"record":{"text":"t","createdAt":"2025-12-05T10:16:59Z"}}}`, streamed},
		{"Jetstream v2 without its wrapper", `{"seq":5,"did":"did:plc:bo","time":"2024-01-01T00:00:00Z","witnessedAt":"2025-12-05T10:17:03.4647Z","operation":"update","collection":"app.bsky.feed.post","rkey":"3m7",
			"record":{"text":"t","createdAt":"2025-12-05T10:16:59Z"}}`, streamed},
		{"two times that are none", `{"uri":"at://did:plc:bo/app.bsky.feed.post/3kbpuogc6fz2o","author":{"did":"did:plc:bo"},"record":{"text":"t","createdAt":"0000-10-14T15:06:10Z"},"indexedAt":"0000-10-14T15:06:10Z"}`,
			collector.Post{Platform: "bluesky", ID: "at://did:plc:bo/app.bsky.feed.post/3kbpuogc6fz2o", Text: "t", CreatedAt: time.Date(2023, 10, 14, 15, 16, 37, 389695000, time.UTC), Kind: collector.Original,
				Author: collector.Author{ID: "did:plc:bo"}, Permalink: "https://bsky.app/profile/did:plc:bo/post/3kbpuogc6fz2o"}},
		{"Tap", `{"id":5,"type":"record","record":{"did":"did:plc:bo","collection":"app.bsky.feed.post","rkey":"3m7","action":"create","record":{"text":"t","createdAt":"2025-12-05T10:16:59Z"}}}`, tapped},
		{"thread", `{"thread":{"$type":"app.bsky.feed.defs#threadViewPost","post":` + view1 + `,"replies":[]},"threadgate":{}}`, post1},
		{"getPostThreadV2", `{"thread":[{"uri":"at://did:plc:ana/app.bsky.feed.post/3k1","depth":0,"value":{"$type":"app.bsky.unspecced.defs#threadItemPost","post":` + view1 + `}}],"hasOtherReplies":false}`, post1},
		{"listRecords", `{"records":[{"uri":"at://did:plc:bo/app.bsky.feed.post/3m7","cid":"c","value":{"$type":"app.bsky.feed.post","text":"t","createdAt":"2025-12-05T10:16:59Z",
			"reply":{"parent":{"uri":"at://p"},"root":{"uri":"at://r"}}}}],"cursor":"3m7"}`, stored},
		{"a record with its place", `{"uri":"at://did:plc:bo/app.bsky.feed.post/3m7","cid":"c","value":{"text":"t","createdAt":"2025-12-05T10:16:59Z"}}`, tapped},
		{"the Python SDK's names", `{"uri":"at://did:plc:ana/app.bsky.feed.post/3k1","author":{"did":"did:plc:ana","handle":"ana.example","display_name":"Ana"},
			"record":{"py_type":"app.bsky.feed.post","text":"He stalls & stalls","created_at":"2025-03-17T09:15:27.78349200Z","langs":["en"],"tags":["Talks"],"embed":{"external":{"uri":"https://news.example/a"}}},
			"like_count":3,"repost_count":2,"reply_count":1,"quote_count":0,"indexed_at":"2025-03-17T09:15:30.000Z"}`, post1},
		{"the Python SDK's repost", `{"post":` + view1 + `,"reason":{"py_type":"app.bsky.feed.defs#reasonRepost","by":{"did":"did:plc:bo","handle":"bo.example"},"indexed_at":"2025-12-05T10:16:59Z"}}`, repost},
		{"firehose dump: the author is a DID", `{"uri":"at://did:plc:bo/app.bsky.feed.post/3m7","cid":"c","author":"did:plc:bo","record":{"text":"t","createdAt":"2025-12-05T10:16:59Z"}}`, tapped},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, err := Decode([]byte(c.in))
			if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{c.want}}, b); diff != "" || err != nil {
				t.Errorf("Decode, error %v, - want + got:\n%s", err, diff)
			}
		})
	}
}

func TestDecodeOthers(t *testing.T) {
	for in, want := range map[string]collector.Reason{
		`{"did":"d","time_us":1,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.like","rkey":"1"}}`: collector.SkipNotice,
		`{"did":"d","time_us":1,"kind":"commit","commit":{"operation":"delete","collection":"app.bsky.feed.post","rkey":"1"}}`: collector.SkipDelete,
		`{"did":"d","time_us":1,"kind":"identity","identity":{}}`:                                                              collector.SkipNotice,
		`{"posts":[]}`:   collector.SkipEmptyPage,
		`{"records":[]}`: collector.SkipEmptyPage,
		`{"uri":"at://d/app.bsky.feed.like/1","value":{"subject":{"uri":"at://e/app.bsky.feed.post/1"},"createdAt":"2025-12-05T10:16:59Z"}}`:    collector.SkipNotice,
		`{"thread":[{"uri":"at://d/app.bsky.feed.post/1","value":{"$type":"app.bsky.unspecced.defs#threadItemNotFound"}}]}`:                     collector.SkipDelete,
		`{"thread":[{"uri":"at://d/app.bsky.feed.post/1","value":{"$type":"app.bsky.unspecced.defs#threadItemBlocked","author":{}}}]}`:          collector.SkipNoText,
		`{"thread":{"$type":"app.bsky.feed.defs#blockedPost","uri":"at://d/app.bsky.feed.post/1","blocked":true,"author":{"did":"did:plc:d"}}}`: collector.SkipNoText,
		`{"uri":"at://d/app.bsky.feed.post/1","indexedAt":"2025-12-05T10:16:59Z","record":{"text":""}}`:                                         collector.SkipNoText,
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
	if b, err := Decode([]byte(`{"posts":[{"uri":"at://d/app.bsky.feed.post/1","record":{"text":"no time"}},{"record":{}},` + view1 + `]}`)); err != nil || len(b.Posts) != 1 || len(b.Failures) != 2 {
		t.Errorf("Decode = %+v, %v; want 1 post and 2 failures", b, err)
	}
}

// TestThread reads a thread as it is read: the posts above, the one that was asked for, those below it.
func TestThread(t *testing.T) {
	node := func(key, more string) string {
		return `{"post":{"uri":"at://did:plc:ana/app.bsky.feed.post/` + key + `","record":{"text":"t","createdAt":"2025-12-05T10:16:59Z"}}` + more + `}`
	}
	b, err := Decode([]byte(`{"thread":` + node("2", `,"parent":`+node("1", "")+`,"replies":[`+node("3", `,"replies":[`+node("4", "")+`,null]`)+`,
		{"uri":"at://did:plc:bo/app.bsky.feed.post/5","notFound":true},{"post":{}},`+node("7", "")+`]`) + `}`))
	var got string
	for _, p := range b.Posts {
		got += p.ID[len(p.ID)-1:]
	}
	if err != nil || got != "12347" || len(b.Deletes) != 1 || len(b.Failures) != 1 || b.Failures[0].Index != 5 {
		t.Errorf("Decode = %+v, %v, want the posts 1, 2, 3, 4, 7, a deletion and failure 5", b, err)
	}
}

func TestDecodeRecord(t *testing.T) {
	want := collector.Post{Platform: "bluesky", Text: "t", CreatedAt: time.Date(2025, 12, 5, 10, 16, 59, 0, time.UTC), Lang: "uk", Kind: collector.Original}
	p, err := DecodeRecord([]byte(`{"$type":"app.bsky.feed.post","text":"t","createdAt":"2025-12-05T10:16:59Z","langs":["uk"]}`))
	if diff := cmp.Diff(want, p); diff != "" || err != nil {
		t.Errorf("DecodeRecord, error %v, - want + got:\n%s", err, diff)
	}
	for _, in := range []string{`{"text":"no time"}`, `{"text":`} {
		if _, err := DecodeRecord([]byte(in)); err == nil {
			t.Errorf("DecodeRecord(%s) finds nothing wrong", in)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(view1))
	f.Add([]byte(`{"thread":{"post":{"uri":"at://d/app.bsky.feed.post/1"},"parent":{},"replies":[{"replies":[null]}]}}`))
	f.Add([]byte(`{"records":[{"uri":"at://d/app.bsky.feed.post/1","value":{"text":"t"}}]}`))
	f.Add([]byte(`{"did":"d","time_us":1,"commit":{"collection":"app.bsky.feed.post","rkey":"1","record":{"text":"t"}}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		if n := len(b.Posts) + len(b.Skips) + len(b.Failures); (err == nil) != (n > 0) {
			t.Errorf("Decode(%q) gives %d items and the error %v", in, n, err)
		}
	})
}

package mastodon

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

const status1 = `{"id":"117","uri":"https://one.example/users/ana/statuses/117","url":"https://one.example/@ana/117","created_at":"2026-08-01T14:00:00.916Z","language":"en",
	"visibility":"public","spoiler_text":"","content":"<p>He stalls &amp; stalls<br />again. <a href=\"https://news.example/a?b=1&amp;c=2\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">news.example/a?b</span><span class=\"invisible\">=1&amp;c=2</span></a></p><p><a href=\"https://one.example/tags/talks\" class=\"mention hashtag\">#<span>Talks</span></a></p>",
	"account":{"id":"7","uri":"https://one.example/users/ana","acct":"ana","display_name":"Ana"},"favourites_count":3,"reblogs_count":2,"replies_count":1,"tags":[{"name":"talks"}],"reblog":null}`

func post1() collector.Post {
	return collector.Post{Platform: "mastodon", ID: "https://one.example/users/ana/statuses/117", Text: "He stalls & stalls\nagain. https://news.example/a?b=1&c=2\n\n#Talks",
		CreatedAt: time.Date(2026, 8, 1, 14, 0, 0, 916e6, time.UTC), Lang: "en", Kind: collector.Original,
		Author: collector.Author{ID: "https://one.example/users/ana", Handle: "ana", Name: "Ana"}, Counts: collector.Counts{Likes: n(3), Reposts: n(2), Replies: n(1)},
		URLs: []string{"https://news.example/a?b=1&c=2"}, Hashtags: []string{"talks"}, Permalink: "https://one.example/@ana/117"}
}

func TestDecodePosts(t *testing.T) {
	at := time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC)
	small := collector.Post{Platform: "mastodon", ID: "https://two.example/9", Text: "t", CreatedAt: at, Kind: collector.Original}
	with := func(p collector.Post, f func(p *collector.Post)) collector.Post { f(&p); return p }
	const head = `{"id":"9","uri":"https://two.example/9","created_at":"2026-08-02T00:00:00Z",`
	thread := func(uri, who string) string {
		return `{"id":"9","uri":"` + uri + `","created_at":"2026-08-02T00:00:00Z","content":"<p>t</p>","in_reply_to_id":"4","in_reply_to_account_id":"` + who + `","account":{"id":"7","acct":"bo"}}`
	}
	answer := func(uri, to string) collector.Post {
		return with(small, func(p *collector.Post) {
			p.ID, p.Kind, p.ReplyTo, p.Author = uri, collector.Reply, to, collector.Author{ID: "7", Handle: "bo"}
		})
	}
	const home, away = "https://two.example/users/bo/statuses/9", "https://one.example/users/bo/statuses/1234"
	cases := []struct {
		name, in string
		want     collector.Post
	}{
		{"a thread of one's own", thread(home, "7"), answer(home, "https://two.example/users/bo/statuses/4")},
		{"an answer to somebody else", thread(home, "8"), answer(home, "4")},
		{"a thread of another server", thread(away, "7"), answer(away, "4")},
		{"status", status1, post1()},
		{"search", `{"accounts":[],"statuses":[` + status1 + `],"hashtags":[]}`, post1()},
		{"boost", head + `"content":"","reblog":` + status1 + `}`, with(post1(), func(p *collector.Post) {
			p.ID, p.CreatedAt, p.Kind, p.Reposted = small.ID, at, collector.Repost, p.ID
			p.Author, p.Counts, p.Lang, p.Permalink = collector.Author{}, collector.Counts{}, "", ""
		})},
		{"quote", head + `"content":"<p class=\"quote-inline\">RE: <a href=\"https://one.example/x\"><span class=\"invisible\">https://</span><span>one.example/x</span></a></p><p>t</p>","quote":{"state":"accepted","quoted_status":{"id":"5","uri":"https://one.example/5"}}}`,
			with(small, func(p *collector.Post) { p.Kind, p.Quoted = collector.Quote, "https://one.example/5" })},
		{"content warning, reply", head + `"content":"<p>t</p>","spoiler_text":"politics","in_reply_to_id":"4"}`,
			with(small, func(p *collector.Post) { p.Kind, p.ReplyTo, p.Text = collector.Reply, "4", "politics\n\nt" })},
		{"Truth Social", `{"id":"9","uri":"https://truthsocial.com/@a/9","created_at":"2026-08-02T00:00:00.000Z","content":"<p>t</p>","quote_id":"8"}`,
			with(small, func(p *collector.Post) { p.Platform, p.ID, p.Kind, p.Quoted = "truthsocial", "9", collector.Quote, "8" })},
		{"outbox", `{"@context":"x","type":"OrderedCollection","orderedItems":[{"id":"https://two.example/9/activity","type":"Create","actor":"https://two.example/users/bo","published":"2026-08-02T00:00:00Z",
			"to":["https://www.w3.org/ns/activitystreams#Public"],"object":{"id":"https://two.example/9","type":"Note","summary":null,"inReplyTo":"https://one.example/4","published":"2026-08-02T00:00:00Z",
			"attributedTo":"https://two.example/users/bo","content":"<p>t</p>","contentMap":{"de":"<p>t</p>"},"tag":[{"type":"Hashtag","name":"#Talks"},{"type":"Mention","name":"@ana"}],"conversation":"c"}}]}`,
			with(small, func(p *collector.Post) {
				p.Kind, p.ReplyTo, p.Lang, p.Hashtags, p.Conversation = collector.Reply, "https://one.example/4", "de", []string{"Talks"}, "c"
				p.Author.ID = "https://two.example/users/bo"
			})},
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
		`{"id":"1","uri":"u","created_at":"2026-08-02T00:00:00Z","content":"<p></p>"}`:                                                           collector.SkipNoText,
		`{"id":"1","uri":"u","created_at":"2026-08-02T00:00:00Z","content":"<p>t</p>","visibility":"direct"}`:                                    collector.SkipPrivate,
		`{"id":"1","uri":"u","visibility":"public","account":{"acct":"ana"},"created_at":"2026-08-02T00:00:00Z","text":"deleted"}`:               collector.SkipDelete,
		`{"orderedItems":[{"id":"a","type":"Announce","published":"2026-08-02T00:00:00Z","object":"https://one.example/4"}]}`:                    collector.SkipNoText,
		`{"orderedItems":[{"id":"a","type":"Create","to":["https://two.example/users/bo"],"object":{"id":"b","content":"<p>to one only</p>"}}]}`: collector.SkipPrivate,
		`{"orderedItems":[{"id":"a","type":"Delete","object":"https://one.example/4"}]}`:                                                         collector.SkipDelete,
		`{"statuses":[],"accounts":[]}`: collector.SkipEmptyPage,
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
	if b, err := Decode([]byte(`{"statuses":[{"id":"1","content":"no time"},5,` + status1 + `]}`)); err != nil || len(b.Posts) != 1 || len(b.Failures) != 2 {
		t.Errorf("Decode = %+v, %v; want 1 post and 2 failures", b, err)
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"<p>a</p><p>b</p>":              "a\n\nb",
		"a<br>b<br/>c":                  "a\nb\nc",
		"&lt;b&gt; &amp;amp;":           "<b> &amp;",
		"<script>x</script><p>y":        "x\n\ny",
		"<ul><li>a</li><li>b</li></ul>": "a\nb",
		"a < b":                         "a < b",
		`<span class="quote-inline">RE: <span>x</span>?</span>y`: "y",
		"": "",
	} {
		if got, _ := Plain(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(status1))
	f.Add([]byte(`{"orderedItems":[{"type":"Create","id":"a","object":{"content":"<p>x","published":"2026-08-02T00:00:00Z"}}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		if n := len(b.Posts) + len(b.Skips) + len(b.Failures); (err == nil) != (n > 0) {
			t.Errorf("Decode(%q) gives %d items and the error %v", in, n, err)
		}
	})
}

// Messages of a stream: a status as an object or as text, and what names no post that could be found again.
func TestEvents(t *testing.T) {
	status := `{"id":"1","uri":"https://a.example/users/b/statuses/1","created_at":"2025-08-01T10:03:24.000Z","visibility":"public","content":"<p>He stalls</p>","account":{"id":"7","acct":"b","url":"https://a.example/@b"}}`
	quoted, _ := json.Marshal(status)
	for raw, want := range map[string]string{
		`{"event":"update","payload":` + status + `}`:                                    "He stalls",
		`{"stream":["public"],"event":"status.update","payload":` + string(quoted) + `}`: "He stalls",
		`{"event":"delete","payload":"1"}`:                                               "delete",
		`{"event":"notification","payload":"{}"}`:                                        "notice",
		`{"event":"conversation","payload":"{}"}`:                                        "private",
	} {
		b, err := Decode([]byte(raw))
		got := ""
		for _, p := range b.Posts {
			got += p.Text
		}
		for _, s := range b.Skips {
			got += string(s.Reason)
		}
		if err != nil || got != want || len(b.Deletes)+len(b.Failures) > 0 {
			t.Errorf("%s: %q, want %q; %v %v", raw, got, want, err, b.Failures)
		}
	}
	if b, _ := Decode([]byte(`{"event":"update"}`)); len(b.Failures) != 1 {
		t.Errorf("an update without a status: %+v", b)
	}
}

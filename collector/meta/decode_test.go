package meta

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

func TestMend(t *testing.T) {
	for in, want := range map[string]string{"\u00d0\u009f\u00d1\u0080": "Пр", "\u00e2\u0080\u009cone\u00e2\u0080\u009d": "“one”", "caf\u00e9": "café", "plain": "plain", "Привет": "Привет", "": ""} {
		if got := Mend(in); got != want {
			t.Errorf("Mend(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	at := time.Unix(1754045000, 0).UTC()
	for name, c := range map[string]struct {
		in   string
		want collector.Post
	}{
		"Facebook": {`{"timestamp":1754045000,"data":[{"post":"\u00d0\u009f #talks"},{"update_timestamp":1}],"attachments":[{"data":[{"external_context":{"url":"https://news.example/x"}}]}],"title":"Ana shared a link."}`,
			collector.Post{Platform: "facebook", Text: "П #talks", Kind: collector.Original, URLs: []string{"https://news.example/x"}, Hashtags: []string{"talks"}}},
		"Facebook: the words of a picture": {`{"timestamp":1754045000,"data":[],"attachments":[{"data":[{"media":{"uri":"a.jpg","description":"He stalls"}}]}],"title":"Ana added a photo."}`,
			collector.Post{Platform: "facebook", Text: "He stalls", Kind: collector.Original}},
		"Facebook: comment": {`{"timestamp":1754045000,"data":[{"comment":{"timestamp":1754045000,"comment":"no","author":"Ana"}}],"title":"Ana commented."}`,
			collector.Post{Platform: "facebook", Text: "no", Kind: collector.Reply, Author: collector.Author{Name: "Ana"}}},
		"Instagram": {`{"media":[{"uri":"a.jpg","creation_timestamp":1754045000,"title":"He stalls"}]}`, collector.Post{Platform: "instagram", Text: "He stalls", Kind: collector.Original}},
		"Instagram: several pictures": {`{"media":[{"uri":"a.jpg","creation_timestamp":1,"title":""}],"title":"He stalls","creation_timestamp":1754045000}`,
			collector.Post{Platform: "instagram", Text: "He stalls", Kind: collector.Original}},
		"Instagram: comment": {`{"string_map_data":{"Comment":{"value":"no"},"Media Owner":{"value":"bo"},"Time":{"timestamp":1754045000}}}`, collector.Post{Platform: "instagram", Text: "no", Kind: collector.Reply}},
	} {
		obj, _, _ := collector.ParseObject([]byte(c.in), nil, nil)
		if !IsEntry(obj) {
			t.Errorf("%s: is no entry", name)
		}
		c.want.CreatedAt = at
		b, err := Decode([]byte(c.in), false)
		if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{c.want}}, b); diff != "" || err != nil {
			t.Errorf("%s: error %v, - want + got:\n%s", name, err, diff)
		}
	}
	if b, err := Decode([]byte(`{"media":{"uri":"","creation_timestamp":1,"title":"a"}}`), true); err != nil || len(b.Posts) != 1 || b.Posts[0].Platform != "threads" {
		t.Errorf("a post of Threads is %+v, %v", b, err)
	}
	if b, err := Decode([]byte(`{"timestamp":1,"data":[],"title":"Ana was here."}`), false); err != nil || !cmp.Equal(b, collector.Skipped(collector.SkipNoText)) {
		t.Errorf("what Facebook says has happened is %+v, %v", b, err)
	}
	for _, in := range []string{`{"id":"1","text":"a","timestamp":1,"title":"b"}`, `{"media":["a"],"text":"b"}`, `{"data":[{"id":"1","text":"a"}]}`} {
		if obj, _, _ := collector.ParseObject([]byte(in), nil, nil); IsEntry(obj) {
			t.Errorf("%s is taken for an entry", in)
		}
	}
}

func TestDecodeChat(t *testing.T) {
	in := []byte(`{"participants":[{"name":"Ana"}],"messages":[{"sender_name":"Ana","content":"secret"},{"sender_name":"Bo"}],"thread_path":"inbox/a"}`)
	obj, _, _ := collector.ParseObject(in, nil, nil)
	private := collector.Skip{Reason: collector.SkipPrivate}
	if b, err := DecodeChat(in); !IsChat(obj) || err != nil || !cmp.Equal(b, collector.Batch{Skips: []collector.Skip{private, private}}) {
		t.Errorf("DecodeChat = %+v, %v", b, err)
	}
}

func TestDecodeNode(t *testing.T) {
	want := collector.Post{Platform: "instagram", ID: "312", Text: "He stalls #talks", CreatedAt: time.Unix(1754045000, 0).UTC(), Kind: collector.Original, Author: collector.Author{ID: "9", Handle: "ana"},
		Counts: collector.Counts{Likes: n(3), Replies: n(2)}, Hashtags: []string{"talks"}, Permalink: "https://www.instagram.com/p/C1/"}
	b, err := DecodeNode([]byte(`{"instaloader":{},"node":{"id":"312","shortcode":"C1","taken_at_timestamp":1754045000,"owner":{"id":"9","username":"ana"},"edge_media_to_caption":{"edges":[{"node":{"text":"He stalls #talks"}}]},"edge_media_preview_like":{"count":3},"edge_media_to_comment":{"count":2}}}`))
	if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{want}}, b); diff != "" || err != nil {
		t.Errorf("error %v, - want + got:\n%s", err, diff)
	}
}

func TestDecodeObject(t *testing.T) {
	at := time.Unix(1754045000, 0).UTC()
	b, err := DecodeObject([]byte(`{"id":"123_456","message":"He stalls","created_time":"2025-08-01T10:43:20+0000","shares":{"count":2},"reactions":{"summary":{"total_count":7}},
		"comments":{"summary":{"total_count":3},"data":[{"id":"456_1","message":"no","created_time":"2025-08-01T10:43:20+0000","from":{"id":"9","name":"Bo"},"like_count":1,
			"comments":{"data":[{"id":"456_2","message":"yes","created_time":"2025-08-01T10:43:20+0000"}]}},{"id":"456_3","message":"no date"}]}}`))
	want := []collector.Post{
		{Platform: "facebook", ID: "123_456", Text: "He stalls", CreatedAt: at, Kind: collector.Original, Author: collector.Author{ID: "123"}, Counts: collector.Counts{Likes: n(7), Reposts: n(2), Replies: n(3)}, Permalink: "https://www.facebook.com/123/posts/456"},
		{Platform: "facebook", ID: "456_1", Text: "no", CreatedAt: at, Kind: collector.Reply, ReplyTo: "123_456", Conversation: "123_456", Author: collector.Author{ID: "9", Name: "Bo"}, Counts: collector.Counts{Likes: n(1)}},
		{Platform: "facebook", ID: "456_2", Text: "yes", CreatedAt: at, Kind: collector.Reply, ReplyTo: "456_1", Conversation: "123_456"},
	}
	if diff := cmp.Diff(want, b.Posts); diff != "" || err != nil || len(b.Failures) != 1 {
		t.Errorf("error %v, failures %v, - want + got:\n%s", err, b.Failures, diff)
	}
	if b, err := DecodeObject([]byte(`{"id":"1_2","story":"Ana was here.","created_time":"2025-08-01T10:43:20+0000"}`)); err != nil || !cmp.Equal(b, collector.Skipped(collector.SkipNotice)) {
		t.Errorf("what Facebook says has happened is %+v, %v", b, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"timestamp":1754045000,"data":[{"post":"\u00d0\u009f"},{"comment":{"comment":"a","timestamp":"x"}}],"attachments":[{"data":[{"external_context":{"url":"u"}}]}]}`))
	f.Add([]byte(`{"media":[{"uri":"a","creation_timestamp":1,"title":"b"}],"shortcode":"C","id":7,"taken_at":1,"edge_media_to_caption":{"edges":[{"node":{"text":"a"}}]}}`))
	f.Add([]byte(`{"id":"1_2","message":"a","created_time":"2025-08-01T10:43:20+0000","comments":{"data":[{"id":"3"}]}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in, false)
		if n := len(b.Posts) + len(b.Skips) + len(b.Failures); err == nil && n == 0 {
			t.Errorf("Decode(%q) gives no item and no error", in)
		}
		for _, decode := range []func([]byte) (collector.Batch, error){DecodeNode, DecodeObject, DecodeChat} {
			one, err := decode(in)
			if n := len(one.Posts) + len(one.Skips) + len(one.Failures); err == nil && n == 0 {
				t.Errorf("%q gives no item and no error", in)
			}
			b.Posts = append(b.Posts, one.Posts...)
		}
		for _, p := range b.Posts {
			if p.Text == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("Decode(%q) gives the bad post %+v", in, p)
			}
		}
	})
}

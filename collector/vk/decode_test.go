package vk

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

func TestDecode(t *testing.T) {
	at := time.Unix(1754045000, 0).UTC()
	for name, c := range map[string]struct {
		in   string
		want []collector.Post
	}{
		"post": {`{"id":1,"owner_id":-55,"from_id":-55,"signer_id":7,"date":1754045000,"edited":1754045060,"post_type":"post","text":"Тянет &lt;время&gt;: [id7|Аня] #talks","marked_as_ads":0,"likes":{"count":9},"reposts":{"count":2},"comments":{"count":3},"views":{"count":500},
			"attachments":[{"type":"link","link":{"url":"https://news.example/x"}},{"type":"photo","photo":{}}]}`,
			[]collector.Post{{Platform: "vk", ID: "-55_1", Text: "Тянет <время>: Аня #talks", CreatedAt: at, Kind: collector.Original, Conversation: "-55_1", Author: collector.Author{ID: "-55"}, Observed: at.Add(time.Minute),
				Counts: collector.Counts{Likes: n(9), Reposts: n(2), Replies: n(3), Views: n(500)}, URLs: []string{"https://news.example/x"}, Hashtags: []string{"talks"}, Permalink: "https://vk.com/wall-55_1"}}},
		"repost": {`{"id":2,"owner_id":7,"from_id":7,"date":1754045000,"text":"","copy_history":[{"id":9,"owner_id":-77,"from_id":-77,"date":1754040000,"text":"whole"}]}`,
			[]collector.Post{{Platform: "vk", ID: "7_2", Text: "whole", CreatedAt: at, Kind: collector.Repost, Reposted: "-77_9", Conversation: "7_2", Author: collector.Author{ID: "7"}, Permalink: "https://vk.com/wall7_2"}}},
		"repost with words of its own": {`{"post_id":2,"source_id":7,"date":1754045000,"text":"I see","copy_history":[{"id":9,"owner_id":-77,"text":"whole"}]}`,
			[]collector.Post{{Platform: "vk", ID: "7_2", Text: "I see", CreatedAt: at, Kind: collector.Quote, Quoted: "-77_9", Conversation: "7_2", Author: collector.Author{ID: "7"}, Permalink: "https://vk.com/wall7_2"}}},
		"comment with a thread": {`{"id":11,"from_id":7,"owner_id":-55,"post_id":1,"date":1754045000,"text":"a","parents_stack":[],"likes":{"count":1},"thread":{"count":1,"items":[{"id":12,"from_id":8,"post_id":1,"date":1754045000,"text":"b","parents_stack":[11]}]}}`,
			[]collector.Post{
				{Platform: "vk", ID: "-55_11", Text: "a", CreatedAt: at, Kind: collector.Reply, ReplyTo: "-55_1", Conversation: "-55_1", Author: collector.Author{ID: "7"}, Counts: collector.Counts{Likes: n(1), Replies: n(1)}, Permalink: "https://vk.com/wall-55_1?reply=11"},
				{Platform: "vk", ID: "-55_12", Text: "b", CreatedAt: at, Kind: collector.Reply, ReplyTo: "-55_11", Conversation: "-55_1", Author: collector.Author{ID: "8"}, Permalink: "https://vk.com/wall-55_1?reply=12"}}},
	} {
		b, err := Decode([]byte(c.in))
		if diff := cmp.Diff(collector.Batch{Posts: c.want}, b); diff != "" || err != nil {
			t.Errorf("%s: error %v, - want + got:\n%s", name, err, diff)
		}
	}
	for in, want := range map[string]collector.Reason{
		`{"id":1,"owner_id":-5,"date":1,"text":"a","marked_as_ads":1}`:      collector.SkipPromoted,
		`{"id":1,"owner_id":-5,"date":1,"text":"a","post_type":"postpone"}`: collector.SkipNotice,
		`{"id":1,"owner_id":-5,"date":1,"text":" "}`:                        collector.SkipNoText,
		`{"id":1,"from_id":5,"peer_id":6,"date":1,"text":"a"}`:              collector.SkipPrivate,
	} {
		if b, err := Decode([]byte(in)); err != nil || !cmp.Equal(b, collector.Skipped(want)) {
			t.Errorf("Decode(%s) = %+v, %v; want the skip %q", in, b, err, want)
		}
	}
	if b, err := Decode([]byte(`{"id":1,"owner_id":-5,"date":0,"deleted":true}`)); err != nil || !cmp.Equal(b, collector.Deleted("vk", "-5_1")) {
		t.Errorf("a deleted comment is %+v, %v", b, err)
	}
	for _, in := range []string{`{`, `{"id":1,"date":1,"text":"a"}`, `{"id":1,"owner_id":-5,"text":"a"}`} {
		if b, err := Decode([]byte(in)); err == nil {
			t.Errorf("Decode(%s) = %+v: nothing wrong", in, b)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":1,"owner_id":-55,"from_id":"-55","date":1754045000,"text":"[id1|a] #b","copy_history":[{"id":9,"owner_id":-77,"text":"whole"}],"likes":{"count":9}}`))
	f.Add([]byte(`{"id":11,"owner_id":-55,"post_id":1,"date":1754045000,"text":"a","thread":{"items":[{"id":12,"deleted":true}]}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		if n := len(b.Posts) + len(b.Skips) + len(b.Failures); err == nil && n == 0 {
			t.Errorf("Decode(%q) gives no item and no error", in)
		}
		for _, p := range b.Posts {
			if p.ID == "" || p.Text == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("Decode(%q) gives the bad post %+v", in, p)
			}
		}
	})
}

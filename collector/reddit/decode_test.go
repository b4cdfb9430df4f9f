package reddit

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

func TestDecode(t *testing.T) {
	at := time.Unix(1646370367, 0).UTC()
	for _, c := range []struct {
		name, in string
		want     collector.Post
	}{
		{"comment", `{"id":"c0abc","author":"ana","created_utc":"1646370367","body":"a &amp; b","parent_id":"t1_c0abb","link_id":"t3_xyz","score":3,"subreddit":"s","edited":false}`,
			collector.Post{Platform: "reddit", ID: "t1_c0abc", Text: "a & b", CreatedAt: at, Kind: collector.Reply, ReplyTo: "t1_c0abb", Conversation: "t3_xyz",
				Author: collector.Author{Handle: "ana"}, Counts: collector.Counts{Likes: n(3)}, Permalink: "https://www.reddit.com/comments/xyz/_/c0abc/"}},
		{"submission", `{"id":"xyz","author":"[deleted]","created_utc":1646370367,"title":"T","selftext":"","url":"https://news.example/a?b=1&amp;c=2","score":3,"num_comments":4,"permalink":"/r/s/comments/xyz/t/"}`,
			collector.Post{Platform: "reddit", ID: "t3_xyz", Text: "T", CreatedAt: at, Kind: collector.Original, Conversation: "t3_xyz", URLs: []string{"https://news.example/a?b=1&c=2"},
				Counts: collector.Counts{Likes: n(3), Replies: n(4)}, Permalink: "https://www.reddit.com/r/s/comments/xyz/t/"}},
		{"text submission", `{"id":"xyz","author":"ana","author_fullname":"t2_1","created_utc":1646370367.0,"title":"T","selftext":"s","is_self":true,"url":"https://www.reddit.com/x"}`,
			collector.Post{Platform: "reddit", ID: "t3_xyz", Text: "T\n\ns", CreatedAt: at, Kind: collector.Original, Conversation: "t3_xyz",
				Author: collector.Author{ID: "t2_1", Handle: "ana"}, Permalink: "https://www.reddit.com/comments/xyz/"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := Decode([]byte(c.in))
			if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{c.want}}, b); diff != "" || err != nil {
				t.Errorf("Decode, error %v, - want + got:\n%s", err, diff)
			}
		})
	}
	for in, want := range map[string]collector.Reason{
		`{"id":"a","created_utc":1,"body":"[removed]"}`:                 collector.SkipDelete,
		`{"id":"a","created_utc":1,"title":"T","selftext":"[deleted]"}`: collector.SkipDelete,
		`{"id":"a","created_utc":1,"body":""}`:                          collector.SkipNoText,
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
	for _, in := range []string{`{"created_utc":1,"body":"a"}`, `{"id":"a","body":"a"}`, `{`} {
		if _, err := Decode([]byte(in)); err == nil {
			t.Errorf("Decode(%s) finds nothing wrong", in)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"c0abc","author":"ana","created_utc":"1646370367","body":"a &amp; b","parent_id":"t1_c0abb","link_id":"t3_xyz","edited":1646370368.0}`))
	f.Add([]byte(`{"id":"xyz","created_utc":1646370367,"title":"[deleted]","selftext":null,"is_self":1,"retrieved_on":"x"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
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

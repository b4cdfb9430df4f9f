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

// TestListing reads the page of a submission: comments in comments, one that is gone, and some that are only counted.
func TestListing(t *testing.T) {
	at := time.Unix(1646370367, 0).UTC()
	const rest = `"author":"ana","link_id":"t3_xyz","created_utc":1646370367.0,"subreddit":"s"`
	b, err := Decode([]byte(`{"kind":"Listing","data":{"children":[
		{"kind":"t1","data":{"id":"c1","body":"a","parent_id":"t3_xyz",` + rest + `,"replies":{"kind":"Listing","data":{"children":[
			{"kind":"t1","data":{"id":"c2","body":"b","parent_id":"t1_c1",` + rest + `,"replies":""}},
			{"kind":"t1","data":{"id":"c3","body":"[removed]","parent_id":"t1_c1",` + rest + `}},
			{"kind":"t1","data":{"id":"c4","body":"no date"}}]}}}},
		{"kind":"t3","data":{"id":"zzz","title":"T","crosspost_parent":"t3_yyy","is_self":true,"created_utc":"2022-03-04 05:06:07","author":"Redditor(name='bo')"}},
		{"kind":"t5","data":{}},{"kind":"more","data":{"count":3,"children":["x"]}}]}}`))
	comment := collector.Post{Platform: "reddit", ID: "t1_c1", Text: "a", CreatedAt: at, Kind: collector.Reply, ReplyTo: "t3_xyz", Conversation: "t3_xyz", Author: collector.Author{Handle: "ana"}, Permalink: "https://www.reddit.com/comments/xyz/_/c1/"}
	answer := comment
	answer.ID, answer.Text, answer.ReplyTo, answer.Permalink = "t1_c2", "b", "t1_c1", "https://www.reddit.com/comments/xyz/_/c2/"
	want := []collector.Post{comment, answer, {Platform: "reddit", ID: "t3_zzz", Text: "T", CreatedAt: at, Kind: collector.Quote, Quoted: "t3_yyy", Conversation: "t3_zzz", Author: collector.Author{Handle: "bo"}, Permalink: "https://www.reddit.com/comments/zzz/"}}
	if diff := cmp.Diff(want, b.Posts); diff != "" || err != nil {
		t.Errorf("error %v, - want + got:\n%s", err, diff)
	}
	if diff := cmp.Diff([]collector.Skip{{Reason: collector.SkipDelete}, {Reason: collector.SkipUsers}, {Reason: collector.SkipNotice}}, b.Skips); diff != "" || len(b.Failures) != 1 || len(b.Deletes) != 1 {
		t.Errorf("failures %v, deletes %v, skips - want + got:\n%s", b.Failures, b.Deletes, diff)
	}
	if b, err := Decode([]byte(`{"kind":"Listing","data":{"children":[]}}`)); err != nil || !cmp.Equal(b, collector.Skipped(collector.SkipEmptyPage)) {
		t.Errorf("an empty Listing is %+v, %v", b, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"c0abc","author":"ana","created_utc":"1646370367","body":"a &amp; b","parent_id":"t1_c0abb","link_id":"t3_xyz","edited":1646370368.0}`))
	f.Add([]byte(`{"id":"xyz","created_utc":1646370367,"title":"[deleted]","selftext":null,"is_self":1,"retrieved_on":"x"}`))
	f.Add([]byte(`{"kind":"Listing","data":{"children":[{"kind":"t1","data":{"id":"a","body":"b","created_utc":1,"replies":{"kind":"Listing","data":{"children":[{"kind":"more"}]}}}}]}}`))
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

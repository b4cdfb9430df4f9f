package youtube

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
	comment := func(id, parent, text string) collector.Post {
		return collector.Post{Platform: "youtube", ID: id, Text: text, CreatedAt: at, Kind: collector.Reply, ReplyTo: parent, Conversation: "v1", Author: collector.Author{ID: "UCana", Handle: "@ana"},
			Counts: collector.Counts{Likes: n(3)}, Permalink: "https://www.youtube.com/watch?v=v1&lc=" + id}
	}
	first := comment("Ug1", "v1", "He stalls & waits\nagain")
	first.Counts.Replies = n(1)
	video := collector.Post{Platform: "youtube", ID: "v1", Text: "He stalls & waits\n\nd", CreatedAt: at, Kind: collector.Original, Conversation: "v1", Author: collector.Author{ID: "UCx", Name: "Chan"}, Permalink: "https://www.youtube.com/watch?v=v1"}
	seen := video
	seen.Counts, seen.Hashtags, seen.Lang = collector.Counts{Likes: n(2), Replies: n(3), Views: n(9)}, []string{"talks"}, "en"
	const words = `"authorDisplayName":"@ana","authorChannelId":{"value":"UCana"},"likeCount":3,"publishedAt":"2025-08-01T10:43:20Z","updatedAt":"2025-08-01T10:43:20Z"`
	for name, c := range map[string]struct {
		in   string
		want []collector.Post
	}{
		"thread": {`{"kind":"youtube#commentThread","id":"Ug1","snippet":{"videoId":"v1","topLevelComment":{"id":"Ug1","snippet":{"textDisplay":"He stalls &amp; <b>waits</b><br>again",` + words + `}},"totalReplyCount":1},
			"replies":{"comments":[{"id":"Ug1.r","snippet":{"textOriginal":"no","textDisplay":"no<br>","parentId":"Ug1",` + words + `}}]}}`, []collector.Post{first, comment("Ug1.r", "Ug1", "no")}},
		"comment":       {`{"kind":"youtube#comment","id":"Ug1.r","snippet":{"videoId":"v1","textOriginal":"a < b","parentId":"Ug1",` + words + `}}`, []collector.Post{comment("Ug1.r", "Ug1", "a < b")}},
		"search result": {`{"kind":"youtube#searchResult","id":{"kind":"youtube#video","videoId":"v1"},"snippet":{"publishedAt":"2025-08-01T10:43:20Z","channelId":"UCx","title":"He stalls &amp; waits","description":"d","channelTitle":"Chan"}}`, []collector.Post{video}},
		"video":         {`{"kind":"youtube#video","id":"v1","snippet":{"publishedAt":"2025-08-01T10:43:20Z","channelId":"UCx","title":"He stalls & waits","description":"d","channelTitle":"Chan","tags":["talks"],"defaultAudioLanguage":"en"},"statistics":{"viewCount":"9","likeCount":"2","commentCount":"3"}}`, []collector.Post{seen}},
	} {
		b, err := Decode([]byte(c.in))
		if diff := cmp.Diff(collector.Batch{Posts: c.want}, b); diff != "" || err != nil {
			t.Errorf("%s: error %v, - want + got:\n%s", name, err, diff)
		}
	}
	for in, want := range map[string]collector.Reason{
		`{"kind":"youtube#searchResult","id":{"channelId":"UCx"},"snippet":{"publishedAt":"2025-08-01T10:43:20Z","title":"Chan"}}`: collector.SkipUsers,
		`{"kind":"youtube#comment","id":"a","snippet":{"publishedAt":"2025-08-01T10:43:20Z","textDisplay":""}}`:                    collector.SkipNoText,
	} {
		if b, err := Decode([]byte(in)); err != nil || !cmp.Equal(b, collector.Skipped(want)) {
			t.Errorf("Decode(%s) = %+v, %v; want the skip %q", in, b, err, want)
		}
	}
	if b, err := Decode([]byte(`{"kind":"youtube#comment","id":"a","snippet":{"textDisplay":"x"}}`)); err != nil || len(b.Failures) != 1 {
		t.Errorf("a comment without date is %+v, %v", b, err)
	}
}

func TestDecodeInfo(t *testing.T) {
	at := time.Unix(1754045000, 0).UTC()
	b, err := DecodeInfo([]byte(`{"id":"v1","title":"T","description":"d","extractor_key":"Youtube","channel_id":"UCx","uploader_id":"@chan","uploader":"Chan","timestamp":1754045000,"view_count":5,
		"comments":[{"id":"Ug1","parent":"root","text":"He stalls","timestamp":1754045000,"author":"@ana","author_id":"UCana","like_count":1},{"id":"Ug1.r","parent":"Ug1","text":"no","timestamp":1754045000},{"id":"x","text":"no date"}]}`))
	want := []collector.Post{
		{Platform: "youtube", ID: "v1", Text: "T\n\nd", CreatedAt: at, Kind: collector.Original, Conversation: "v1", Author: collector.Author{ID: "UCx", Handle: "@chan", Name: "Chan"}, Counts: collector.Counts{Views: n(5)}, Permalink: "https://www.youtube.com/watch?v=v1"},
		{Platform: "youtube", ID: "Ug1", Text: "He stalls", CreatedAt: at, Kind: collector.Reply, ReplyTo: "v1", Conversation: "v1", Author: collector.Author{ID: "UCana", Handle: "@ana"}, Counts: collector.Counts{Likes: n(1)}, Permalink: "https://www.youtube.com/watch?v=v1&lc=Ug1"},
		{Platform: "youtube", ID: "Ug1.r", Text: "no", CreatedAt: at, Kind: collector.Reply, ReplyTo: "Ug1", Conversation: "v1", Permalink: "https://www.youtube.com/watch?v=v1&lc=Ug1.r"},
	}
	if diff := cmp.Diff(want, b.Posts); diff != "" || err != nil || len(b.Failures) != 1 {
		t.Errorf("error %v, failures %v, - want + got:\n%s", err, b.Failures, diff)
	}
	b, err = DecodeInfo([]byte(`{"_type":"playlist","extractor_key":"YoutubeTab","id":"PL","entries":[{"id":"9","display_id":"1951226000000000001","extractor_key":"Twitter","title":"ana - He…","description":"He stalls","upload_date":"20250801"},null]}`))
	if err != nil || len(b.Posts) != 1 || b.Posts[0].Platform != "x" || b.Posts[0].ID != "1951226000000000001" || b.Posts[0].Text != "He stalls" || len(b.Skips) != 1 {
		t.Errorf("a playlist is %+v, %v", b, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"kind":"youtube#commentThread","id":"Ug1","snippet":{"videoId":"v1","topLevelComment":{"id":"Ug1","snippet":{"textDisplay":"a &amp; <b>b</b><br>","publishedAt":"2025-08-01T10:43:20Z"}}},"replies":{"comments":[{"id":"b"}]}}`))
	f.Add([]byte(`{"kind":"youtube#video","id":"v1","snippet":{"publishedAt":"2025-08-01T10:43:20Z","title":"T"}}`))
	f.Add([]byte(`{"id":"v1","title":"T","extractor_key":"Youtube","timestamp":1754045000,"comments":[{"id":"a","text":"b","timestamp":1}],"entries":[]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		info, e := DecodeInfo(in)
		if n := len(info.Posts) + len(info.Skips) + len(info.Failures); e == nil && n == 0 {
			t.Errorf("DecodeInfo(%q) gives no item and no error", in)
		}
		b.Posts = append(b.Posts, info.Posts...)
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

package telegram

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
	b, err := Decode([]byte(`{"name":"Chan","type":"public_channel","id":123,"messages":[
		{"id":1,"type":"service","date":"2022-03-04T05:06:07","action":"create_channel"},
		{"id":2,"type":"message","date":"2022-03-04T07:06:07","date_unixtime":"1646370367","from":"Chan","from_id":"channel123","text":["He ",{"type":"bold","text":"stalls"}],
			"text_entities":[{"type":"plain","text":"He "},{"type":"bold","text":"stalls "},{"type":"hashtag","text":"#Talks"},{"type":"text_link","text":" here","href":"https://news.example/a"}],
			"reactions":[{"count":2},{"count":1}]},
		{"id":3,"type":"message","date":"2022-03-04T05:06:07","from":null,"from_id":"user7","reply_to_message_id":2,"text":["so ",{"type":"link","text":"https://x.example"}]},
		{"id":4,"type":"message","date":"2022-03-04T05:06:07","forwarded_from":"Other","text":"old news"},
		{"id":7,"type":"message","date":"2022-03-04T05:06:07","forwarded_from":null,"text":"of one who is gone"},
		{"id":8,"type":"message","date":"2022-03-04T05:06:07","reply_to_message_id":9,"reply_to_peer_id":"channel124","text":"over there"},
		{"id":5,"type":"message","date":"2022-03-04T05:06:07","photo":"p.jpg","text":""},
		{"id":6,"type":"message","date":"yesterday","text":"x"}]}`))
	want := []collector.Post{
		{Platform: "telegram", ID: "123/2", Permalink: "https://t.me/c/123/2", Conversation: "123", Text: "He stalls #Talks here", CreatedAt: at, Kind: collector.Original, Author: collector.Author{ID: "channel123", Name: "Chan"},
			Hashtags: []string{"Talks"}, URLs: []string{"https://news.example/a"}, Counts: collector.Counts{Likes: n(3)}},
		{Platform: "telegram", ID: "123/3", Permalink: "https://t.me/c/123/3", Conversation: "123", Text: "so https://x.example", CreatedAt: at, Kind: collector.Reply, ReplyTo: "123/2", Author: collector.Author{ID: "user7"}, URLs: []string{"https://x.example"}},
		{Platform: "telegram", ID: "123/4", Permalink: "https://t.me/c/123/4", Conversation: "123", Text: "old news", CreatedAt: at, Kind: collector.Repost},
		{Platform: "telegram", ID: "123/7", Permalink: "https://t.me/c/123/7", Conversation: "123", Text: "of one who is gone", CreatedAt: at, Kind: collector.Repost},
		{Platform: "telegram", ID: "123/8", Permalink: "https://t.me/c/123/8", Conversation: "123", Text: "over there", CreatedAt: at, Kind: collector.Reply, ReplyTo: "124/9"},
	}
	if diff := cmp.Diff(want, b.Posts); diff != "" || err != nil {
		t.Errorf("Decode, error %v, - want + got:\n%s", err, diff)
	}
	if diff := cmp.Diff([]collector.Skip{{Reason: collector.SkipNotice}, {Reason: collector.SkipNoText}}, b.Skips); diff != "" || len(b.Failures) != 1 || b.Failures[0].Index != 7 {
		t.Errorf("failures %v, skips, - want + got:\n%s", b.Failures, diff)
	}
}

func TestDecodeAccount(t *testing.T) {
	b, err := Decode([]byte(`{"chats":{"list":[{"type":"personal_chat","id":1,"messages":[{"id":1,"date":"2022-03-04T05:06:07","text":"private"}]},
		{"type":"public_supergroup","id":2,"messages":[{"id":1,"date":"2022-03-04T05:06:07","text":"public"}]}]}}`))
	if err != nil || len(b.Posts) != 1 || b.Posts[0].ID != "2/1" || !cmp.Equal(b.Skips, []collector.Skip{{Reason: collector.SkipPrivate}}) {
		t.Errorf("Decode = %+v, %v", b, err)
	}
	if b, err := Decode([]byte(`{"messages":[],"type":"public_channel"}`)); err != nil || !cmp.Equal(b, collector.Skipped(collector.SkipEmptyPage)) {
		t.Errorf("an empty chat: %+v, %v", b, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"public_channel","id":5,"messages":[{"id":1,"date":"2022-03-04T05:06:07","text":["a",{"type":"link","text":"b"}],"reactions":[{"count":1}]}]}`))
	f.Add([]byte(`{"chats":{"list":[{"type":"personal_chat","messages":[{}]}]},"left_chats":{"list":5}}`))
	f.Add([]byte(`{"id":1,"date_unixtime":"1e9","text":{"text":"a"},"text_entities":[[]]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := Decode(in)
		sound(t, in, b, err)
		b, err = DecodeMessage(Chat{"5", "public_channel"}, in)
		sound(t, in, b, err)
	})
}

// sound checks what every decoder promises.
func sound(t *testing.T, in []byte, b collector.Batch, err error) {
	t.Helper()
	if n := len(b.Posts) + len(b.Skips) + len(b.Failures); err == nil && n == 0 {
		t.Errorf("Decode(%q) gives nothing", in)
	}
	for _, p := range b.Posts {
		if p.ID == "" || p.Text == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
			t.Errorf("Decode(%q) gives the bad post %+v", in, p)
		}
	}
}

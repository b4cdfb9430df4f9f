package discord

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func n(v int64) *int64 { return &v }

func TestDecodeMessage(t *testing.T) {
	at := time.Date(2025, 8, 1, 10, 43, 20, 123e6, time.UTC)
	c := Channel{}
	c.Place("guild", []byte(`{"id":"1","name":"G"}`))
	c.Place("channel", []byte(`{"id":"2","type":"GuildTextChat"}`))
	post := collector.Post{Platform: "discord", ID: "111", Text: "He stalls #talks", CreatedAt: at, Kind: collector.Original, Conversation: "2", Author: collector.Author{ID: "70", Handle: "ana", Name: "Ana"},
		Counts: collector.Counts{Likes: n(3)}, Hashtags: []string{"talks"}, Permalink: "https://discord.com/channels/1/2/111"}
	reply, handed, boxed := post, post, post
	reply.Kind, reply.ReplyTo = collector.Reply, "110"
	handed.Kind, handed.Reposted = collector.Repost, "99"
	boxed.Text, boxed.URLs, boxed.Hashtags = "T\n\nHe stalls", []string{"https://news.example/x"}, nil
	const rest = `"timestamp":"2025-08-01T12:43:20.123+02:00","timestampEdited":null,"author":{"id":"70","name":"ana","nickname":"Ana"},"reactions":[{"count":2},{"count":1}]`
	for in, want := range map[string]collector.Post{
		`{"id":"111","type":"Default","content":"He stalls #talks",` + rest + `}`:                                                                   post,
		`{"id":"111","type":"Reply","content":"He stalls #talks","reference":{"messageId":"110"},` + rest + `}`:                                     reply,
		`{"id":"111","type":"Default","content":"","reference":{"messageId":"99"},"forwardedMessage":{"content":"He stalls #talks"},` + rest + `}`:  handed,
		`{"id":"111","type":"Default","content":"","embeds":[{"title":"T","url":"https://news.example/x","description":"He stalls"}],` + rest + `}`: boxed,
	} {
		b, err := DecodeMessage(c, []byte(in))
		if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{want}}, b); diff != "" || err != nil {
			t.Errorf("%s: error %v, - want + got:\n%s", in, err, diff)
		}
	}
	for in, want := range map[string]collector.Reason{
		`{"id":"1","type":"GuildMemberJoin","content":"Joined the server.",` + rest + `}`: collector.SkipNotice,
		`{"id":"1","type":"Default","content":"",` + rest + `}`:                           collector.SkipNoText,
		`[]`: collector.SkipEmptyPage,
	} {
		if b, err := DecodeMessage(c, []byte(in)); err != nil || !cmp.Equal(b, collector.Skipped(want)) {
			t.Errorf("DecodeMessage(%s) = %+v, %v; want the skip %q", in, b, err, want)
		}
	}
	for _, c := range []Channel{{Guild: "0", ID: "2"}, {ID: "2", Type: "DirectGroupTextChat"}} {
		if b, err := DecodeMessage(c, []byte(`{"id":"111","content":"a",`+rest+`}`)); err != nil || !cmp.Equal(b, collector.Skipped(collector.SkipPrivate)) {
			t.Errorf("a message in %+v is %+v, %v", c, b, err)
		}
	}
	for _, in := range []string{`{`, `{"content":"a",` + rest + `}`, `{"id":"1","content":"a"}`} {
		if b, err := DecodeMessage(c, []byte(in)); err == nil {
			t.Errorf("DecodeMessage(%s) = %+v: nothing wrong", in, b)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"111","type":"Reply","timestamp":"2025-08-01T12:43:20+02:00","content":"a","reference":{"messageId":"1"},"reactions":[{"count":"x"}],"embeds":[{"title":null}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := DecodeMessage(Channel{"1", "2", "GuildTextChat"}, in)
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

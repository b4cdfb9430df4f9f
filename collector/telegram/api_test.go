package telegram

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func TestDecodeAPI(t *testing.T) {
	at := time.Unix(1754045000, 0).UTC()
	post := collector.Post{Platform: "telegram", ID: "1111/5", Text: "He stalls #talks", CreatedAt: at, Kind: collector.Original, Conversation: "1111",
		Author: collector.Author{ID: "channel1111"}, Hashtags: []string{"talks"}, Permalink: "https://t.me/c/1111/5"}
	with := func(change func(p *collector.Post)) collector.Post {
		p := post
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		in   string
		want []collector.Post
	}{
		"Telethon": {`{"_":"Message","id":5,"peer_id":{"_":"PeerChannel","channel_id":1111},"date":"2025-08-01T10:43:20+00:00","message":"He stalls #talks","from_id":null,"fwd_from":null,"reply_to":null,"views":9,"forwards":2,"replies":{"replies":3},
			"entities":[{"_":"MessageEntityTextUrl","offset":0,"length":2,"url":"https://news.example/t"}],"reactions":{"results":[{"count":4},{"count":1}]},"edit_date":"2025-08-01T10:44:20+00:00"}`,
			[]collector.Post{with(func(p *collector.Post) {
				p.URLs, p.Observed = []string{"https://news.example/t"}, at.Add(time.Minute)
				p.Counts = collector.Counts{Likes: n(5), Reposts: n(2), Replies: n(3), Views: n(9)}
			})}},
		"Telethon: forwarded": {`{"_":"Message","id":5,"peer_id":{"channel_id":2222},"date":1754045000,"message":"He stalls #talks","fwd_from":{"from_id":{"channel_id":1111},"channel_post":5}}`,
			[]collector.Post{with(func(p *collector.Post) {
				p.ID, p.Conversation, p.Author.ID, p.Permalink = "2222/5", "2222", "channel2222", "https://t.me/c/2222/5"
				p.Kind, p.Reposted = collector.Repost, "1111/5"
			})}},
		"Telethon: reply in a group, by a person": {`{"_":"Message","id":6,"peer_id":{"_":"PeerChat","chat_id":33},"from_id":{"_":"PeerUser","user_id":7},"date":1754045000,"message":"He stalls #talks","reply_to":{"reply_to_msg_id":5,"reply_to_peer_id":{"channel_id":1111}}}`,
			[]collector.Post{with(func(p *collector.Post) {
				p.ID, p.Conversation, p.Author.ID, p.Permalink = "33/6", "33", "user7", ""
				p.Kind, p.ReplyTo = collector.Reply, "1111/5"
			})}},
		"a list of MTProto's": {`{"_":"messages.channelMessages","messages":[{"_":"message","id":5,"peer_id":{"channel_id":1111},"date":1754045000,"message":"He stalls #talks"}],"chats":[],"users":[]}`, []collector.Post{post}},
		"Bot API": {`{"update_id":1,"channel_post":{"message_id":5,"chat":{"id":-1001111,"title":"C","type":"channel"},"date":1754045000,"text":"He stalls #talks"}}`,
			[]collector.Post{with(func(p *collector.Post) { p.Author.Name = "C" })}},
		"Bot API: message of a person": {`{"update_id":1,"message":{"message_id":6,"chat":{"id":-1001111,"type":"supergroup"},"from":{"id":7,"username":"ana","first_name":"Ana"},"date":1754045000,"caption":"He stalls #talks","reply_to_message":{"message_id":5},"forward_origin":{"type":"hidden_user"}}}`,
			[]collector.Post{with(func(p *collector.Post) {
				p.ID, p.Author, p.Permalink = "1111/6", collector.Author{ID: "user7", Handle: "ana", Name: "Ana"}, "https://t.me/c/1111/6"
				p.Kind, p.ReplyTo = collector.Repost, "1111/5"
			})}},
		"Pyrogram": {`{"_":"Message","id":5,"chat":{"_":"Chat","id":-1001111,"type":"ChatType.CHANNEL"},"date":"2025-08-01 10:43:20","text":"He stalls #talks","forward_from_chat":{"id":-1002222},"forward_from_message_id":8}`,
			[]collector.Post{with(func(p *collector.Post) { p.Kind, p.Reposted = collector.Repost, "2222/8" })}},
		"TDLib": {`{"@type":"message","id":5242880,"chat_id":-1001111,"sender_id":{"@type":"messageSenderChat","chat_id":-1001111},"date":1754045000,"content":{"@type":"messageText","text":{"text":"He stalls #talks"}},"reply_to":{"message_id":4194304}}`,
			[]collector.Post{with(func(p *collector.Post) { p.Kind, p.ReplyTo = collector.Reply, "1111/4" })}},
	} {
		b, err := DecodeAPI([]byte(c.in))
		if diff := cmp.Diff(collector.Batch{Posts: c.want}, b); diff != "" || err != nil {
			t.Errorf("%s: error %v, - want + got:\n%s", name, err, diff)
		}
	}
	for in, want := range map[string]collector.Reason{
		`{"_":"MessageService","id":7,"peer_id":{"channel_id":1},"date":1,"action":{}}`:                                 collector.SkipNotice,
		`{"_":"Message","id":7,"peer_id":{"channel_id":1},"date":1,"message":""}`:                                       collector.SkipNoText,
		`{"_":"Message","id":7,"peer_id":{"user_id":1},"date":1,"message":"a"}`:                                         collector.SkipPrivate,
		`{"message_id":7,"chat":{"id":1,"type":"private"},"date":1,"text":"a"}`:                                         collector.SkipPrivate,
		`{"id":7,"chat":{"id":-1001,"type":"ChatType.CHANNEL"},"date":1,"service":"MessageServiceType.PINNED_MESSAGE"}`: collector.SkipNotice,
		`{"update_id":7,"callback_query":{}}`:                                                                           collector.SkipNotice,
		`{"@type":"message","id":1,"chat_id":-1,"date":1,"content":{"@type":"messagePinMessage"}}`:                      collector.SkipNotice,
		`{"_":"messages.Messages","messages":[]}`:                                                                       collector.SkipEmptyPage,
	} {
		if b, err := DecodeAPI([]byte(in)); err != nil || !cmp.Equal(b, collector.Skipped(want)) {
			t.Errorf("DecodeAPI(%s) = %+v, %v; want the skip %q", in, b, err, want)
		}
	}
	for _, in := range []string{`{`, `{"_":"Message","peer_id":{"channel_id":1},"date":1,"message":"a"}`, `{"_":"Message","id":1,"date":1,"message":"a"}`, `{"_":"Message","id":1,"peer_id":{"channel_id":1},"message":"a"}`} {
		if b, err := DecodeAPI([]byte(in)); err == nil {
			t.Errorf("DecodeAPI(%s) = %+v: nothing wrong", in, b)
		}
	}
}

func FuzzDecodeAPI(f *testing.F) {
	f.Add([]byte(`{"_":"Message","id":5,"peer_id":{"channel_id":1},"date":"2025-08-01 10:43:20","message":"a #b","reply_to":{"reply_to_msg_id":4},"fwd_from":{"from_id":7}}`))
	f.Add([]byte(`{"update_id":1,"message":{"message_id":6,"chat":{"id":-1001111},"date":1,"caption":"a","reply_to_message":{"id":5,"chat":{"id":"-2"}}}}`))
	f.Add([]byte(`{"@type":"messages","messages":[{"@type":"message","id":5242880,"chat_id":-1001,"date":1,"content":{"@type":"messageText","text":{"text":"a"}}}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := DecodeAPI(in)
		if n := len(b.Posts) + len(b.Skips) + len(b.Failures); err == nil && n == 0 {
			t.Errorf("DecodeAPI(%q) gives no item and no error", in)
		}
		for _, p := range b.Posts {
			if p.ID == "" || p.Text == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("DecodeAPI(%q) gives the bad post %+v", in, p)
			}
		}
	})
}

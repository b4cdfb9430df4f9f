package nostr

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func TestDecode(t *testing.T) {
	at := time.Unix(1754045000, 0).UTC()
	note := collector.Post{Platform: "nostr", ID: "ab", Text: "He stalls", CreatedAt: at, Kind: collector.Original, Author: collector.Author{ID: "cd"}}
	with := func(change func(p *collector.Post)) collector.Post {
		p := note
		change(&p)
		return p
	}
	const rest = `"id":"ab","pubkey":"cd","created_at":1754045000,"sig":"00"`
	for in, want := range map[string]collector.Post{
		`{"kind":1,"tags":[["t","Talks"]],"content":"He stalls",` + rest + `}`: with(func(p *collector.Post) { p.Hashtags = []string{"Talks"} }),
		`{"kind":1,"tags":[["e","r","","root"],["e","a","","reply"],["p","x"]],"content":"He stalls",` + rest + `}`: with(func(p *collector.Post) {
			p.Kind, p.Conversation, p.ReplyTo = collector.Reply, "r", "a"
		}),
		`{"kind":1,"tags":[["e","r"],["e","a"]],"content":"He stalls",` + rest + `}`: with(func(p *collector.Post) { p.Kind, p.Conversation, p.ReplyTo = collector.Reply, "r", "a" }),
		`{"kind":1,"tags":[["q","a"]],"content":"He stalls",` + rest + `}`:           with(func(p *collector.Post) { p.Kind, p.Quoted = collector.Quote, "a" }),
		`{"kind":6,"tags":[["e","a"]],"content":"{\"id\":\"a\",\"content\":\"He stalls\"}",` + rest + `}`: with(func(p *collector.Post) {
			p.Kind, p.Reposted = collector.Repost, "a"
		}),
		`{"kind":30023,"tags":[["title","T"]],"content":"He stalls",` + rest + `}`: with(func(p *collector.Post) { p.Text = "T\n\nHe stalls" }),
	} {
		b, err := Decode([]byte(in))
		if diff := cmp.Diff(collector.Batch{Posts: []collector.Post{want}}, b); diff != "" || err != nil {
			t.Errorf("%s: error %v, - want + got:\n%s", in, err, diff)
		}
	}
	for kind, want := range map[string]collector.Reason{"0": collector.SkipUsers, "4": collector.SkipPrivate, "6": collector.SkipNoText, "7": collector.SkipLike, "9735": collector.SkipNotice, "null": collector.SkipNotice} {
		if b, err := Decode([]byte(`{"kind":` + kind + `,"tags":[],"content":"+",` + rest + `}`)); err != nil || !cmp.Equal(b, collector.Skipped(want)) {
			t.Errorf("kind %s is %+v, %v; want the skip %q", kind, b, err, want)
		}
	}
	if b, err := Decode([]byte(`{"kind":5,"tags":[["e","a"],["k","1"]],"content":"",` + rest + `}`)); err != nil || !cmp.Equal(b, collector.Deleted("nostr", "a")) {
		t.Errorf("a deletion is %+v, %v", b, err)
	}
	for _, in := range []string{`{`, `{"kind":1,"content":"a","created_at":1}`, `{"kind":1,"content":"a","id":"a"}`} {
		if b, err := Decode([]byte(in)); err == nil {
			t.Errorf("Decode(%s) = %+v: nothing wrong", in, b)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"ab","pubkey":"cd","created_at":1754045000,"kind":1,"tags":[["t","x"],["e","r","","root"],[]],"content":"a"}`))
	f.Add([]byte(`{"id":"ab","created_at":1754045000,"kind":6,"tags":[["e"]],"content":"{\"content\":\"a\"}"}`))
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

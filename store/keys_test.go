package store

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"stallwatch/classify"
)

// FuzzPostKey checks that keys come back as they went in, and are in order of time, then of platform and id.
func FuzzPostKey(f *testing.F) {
	f.Add(int64(0), "x", "1", int64(1), "x", "0")
	f.Add(int64(-62135596800000), "bluesky", "at://did:plc:a/app.bsky.feed.post/3k", int64(253402300799999), "mastodon", "https://a.example/1")
	f.Fuzz(func(t *testing.T, ms1 int64, p1, id1 string, ms2 int64, p2, id2 string) {
		if checkRef(p1, id1) != nil || checkRef(p2, id2) != nil {
			t.Skip()
		}
		k1, k2 := postKey(time.UnixMilli(ms1), p1, id1), postKey(time.UnixMilli(ms2), p2, id2)
		at, p, id, err := splitPostKey(k1)
		if err != nil || at.UnixMilli() != ms1 || p != p1 || id != id1 {
			t.Fatalf("%q gives %v %q %q, %v", k1, at, p, id, err)
		}
		if ms1 < ms2 && bytes.Compare(k1, k2) >= 0 || ms1 > ms2 && bytes.Compare(k1, k2) <= 0 {
			t.Fatalf("%d and %d are in the wrong order", ms1, ms2)
		}
		if same := p1 == p2 && id1 == id2; bytes.Equal(indexKey(idKey(p1, id1)), indexKey(idKey(p2, id2))) != same {
			t.Fatalf("%q %q and %q %q: index keys collide", p1, id1, p2, id2)
		}
		if back := refKey(p1 + ":" + id1); !bytes.Contains([]byte(p1), []byte(":")) && !bytes.Equal(back, idKey(p1, id1)) {
			t.Fatalf("name of %q %q gives %q", p1, id1, back)
		}
	})
}

// FuzzTallyKey checks that facets come back as they went in, and that keys are in order of hours.
func FuzzTallyKey(f *testing.F) {
	f.Add(int32(0), int32(-1), true, "x", "reply", "en", "m1", "agree")
	f.Fuzz(func(t *testing.T, h1, h2 int32, later bool, platform, kind, lang, model, outcome string) {
		in := facet{later, noNUL(platform), noNUL(kind), noNUL(lang), noNUL(model), noNUL(outcome)}
		k1, k2 := appendHourKey(nil, h1, &in), appendHourKey(nil, h2, &in)
		if out, err := parseFacet(k1[4:]); err != nil || out != in || getInt32(k1) != h1 {
			t.Fatalf("%+v gives %+v, %v", in, out, err)
		}
		if (h1 < h2) != (bytes.Compare(k1, k2) < 0) {
			t.Fatalf("hours %d and %d are in the wrong order", h1, h2)
		}
		in.model = ""
		if k := appendAuthorKey(nil, h1, authorHash{1}, in); len(k) < 20 || getInt32(k) != h1 {
			t.Fatalf("author key %q", k)
		} else if out, err := parseFacet(k[20:]); err != nil || out != in {
			t.Fatalf("%+v gives %+v, %v", in, out, err)
		}
	})
}

// FuzzField compares the reader of single fields with the CBOR library, and lets it read nonsense.
func FuzzField(f *testing.F) {
	f.Add("a text", "en", "reply", []byte{0xa1, 0x01, 0x62, 'h', 'i'})
	f.Add("", "", "", []byte{0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, text, lang, kind string, nonsense []byte) {
		n := int64(len(text))
		raw, err := cbor.Marshal(storedPost{Text: text, Lang: lang, Kind: kind, Likes: &n, URLs: []string{text, lang}, Entry: 1 << 40})
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[byte]string{1: text, 3: lang, 4: kind, 17: ""} {
			if got := string(textIn(field(raw, key))); got != want {
				t.Errorf("field %d = %q, want %q", key, got, want)
			}
		}
		field(nonsense, 1)
		textIn(nonsense)
		if v := skip(nonsense); v != nil && len(v) > len(nonsense) {
			t.Error("what follows is longer than the whole")
		}
	})
}

// FuzzSeal compares the encoding of posts and verdicts with that of the library that decodes them.
func FuzzSeal(f *testing.F) {
	f.Add("a text", "en", int64(-1), uint64(1)<<40, uint16(24), true)
	f.Add("", "", int64(1)<<40, uint64(0), uint16(0), false)
	f.Add(strings.Repeat("x", 300), strings.Repeat("y", 70000), int64(256), uint64(23), uint16(65535), true)
	f.Fuzz(func(t *testing.T, a, b string, n int64, u uint64, p uint16, set bool) {
		posts := []storedPost{{}, {Text: a, Truncated: set, Lang: b, Kind: a, ReplyTo: b, Quoted: a, Reposted: b, Conversation: a, Author: []byte(b),
			Likes: &n, Reposts: &n, Replies: &n, Quotes: &n, Views: &n, URLs: []string{a, b}, Hashtags: []string{b}, Permalink: a, Entry: u, Observed: n, TextObserved: n, Counted: []int64{n, 0, -n}}}
		for _, s := range posts {
			sealsLike(t, &s, s.seal([]byte(a)), []byte(a))
		}
		for _, s := range []storedVerdict{{}, {Stance: uint8(p), P: [4]uint16{p, 0, 1, p / 2}, Abstain: a, Model: b, Cluster: []byte(a), Tier: uint8(u), Cut: set, Head: u}} {
			sealsLike(t, &s, s.seal([]byte(b)), []byte(b))
		}
	})
}

func sealsLike(t *testing.T, v any, sealed, key []byte) {
	t.Helper()
	want, err := encode(key, v)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sealed, want) {
		t.Errorf("%+v is encoded as\n%x, the library makes\n%x", v, sealed, want)
	}
}

func TestGlance(t *testing.T) {
	for _, v := range []classify.Verdict{
		{Stance: classify.Disagree, P: [4]float64{0.1, 0.7, 0.15, 0.05}, Model: "m"},
		{Stance: classify.Unrelated, Abstain: classify.AbstainUnsure, P: [4]float64{1, 0, 0, 0}, Tier: classify.TierCareful},
	} {
		s := packVerdict(v)
		key := []byte("k")
		raw := s.seal(key)
		g, err := glanceAt(key, raw)
		if err != nil || g.stance != s.Stance || g.p != s.P || g.abstained != (v.Abstain != "") {
			t.Errorf("%+v glances as %+v, %v", v, g, err)
		}
		raw[len(raw)/2] ^= 1
		if _, err := glanceAt(key, raw); err == nil {
			t.Errorf("a flipped bit in %x passes", raw)
		}
	}
}

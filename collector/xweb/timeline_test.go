package xweb

import (
	"strings"
	"testing"

	"stallwatch/collector"
)

// thread is the data of an answer: a post, one of a shape unknown so far, an advertisement and a cursor, in a module.
const thread = `{"threaded_conversation_with_injections_v2":{"instructions":[{"type":"TimelineAddEntries","entries":[{"content":{"items":[
{"item":{"itemContent":{"tweet_results":{"result":{"rest_id":"1712000000000000001","legacy":{"full_text":"a"}}}}}},
{"item":{"itemContent":{"tweet_results":{"result":{"rest_id":"1712000000000000002","details":{"full_text":"moved"}}}}}},
{"item":{"itemContent":{"promotedMetadata":{},"tweet_results":{"result":{"rest_id":"1712000000000000003","legacy":{"full_text":"buy"}}}}}},
{"item":{"itemContent":{"cursorType":"Bottom","value":"x"}}}]}}]}]}}`

func TestDecodeTimeline(t *testing.T) {
	b := DecodeTimeline([]byte(thread))
	if len(b.Posts) != 1 || b.Posts[0].Text != "a" || len(b.Skips) != 1 || b.Skips[0].Reason != collector.SkipPromoted {
		t.Errorf("posts %+v, skips %+v, want the one post and the advertisement", b.Posts, b.Skips)
	}
	if len(b.Failures) != 1 || b.Failures[0].Index != 1 || !strings.Contains(b.Failures[0].Err.Error(), "details") {
		t.Errorf("failures %+v, want the second item with the members it has", b.Failures)
	}
}

func TestIsTimeline(t *testing.T) {
	for in, want := range map[string]bool{
		thread:                          true,
		`{"tweetResult":{"result":{}}}`: true,
		`{"viewer":{"user_features":[{"key":"a"}]}}`: false,
		`[{"id":"1","text":"instructions"}]`:         false,
		`{"id":"1","text":"instructions"}`:           false,
		``:                                           false,
	} {
		if got := IsTimeline([]byte(in)); got != want {
			t.Errorf("IsTimeline(%.60s) = %v, want %v", in, got, want)
		}
	}
}

func FuzzTimeline(f *testing.F) {
	f.Add([]byte(thread))
	f.Add([]byte(`{"tweetResult":[{"result":{"__typename":"TweetTombstone"}},{}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		b := DecodeTimeline(in)
		if len(b.Posts)+len(b.Skips)+len(b.Failures) == 0 {
			t.Errorf("DecodeTimeline(%q) says nothing of what became of it", in)
		}
	})
}

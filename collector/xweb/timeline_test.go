package xweb

import (
	"strings"
	"testing"

	"stallwatch/collector"
)

// thread is the data of an answer: a post, one of a shape unknown so far, an advertisement and a cursor, in a module.
const thread = `{"threaded_conversation_with_injections_v2":{"instructions":[{"type":"TimelineAddEntries","entries":[{"content":{"items":[
{"item":{"itemContent":{"tweet_results":{"result":{"rest_id":"1712000000000000001","legacy":{"full_text":"a"}}}}}},
{"item":{"itemContent":{"tweet_results":{"result":{"rest_id":"1712000000000000002","matter":{"full_text":"moved"}}}}}},
{"item":{"itemContent":{"promotedMetadata":{},"tweet_results":{"result":{"rest_id":"1712000000000000003","legacy":{"full_text":"buy"}}}}}},
{"item":{"itemContent":{"cursorType":"Bottom","value":"x"}}}]}}]}]}}`

func TestDecodeTimeline(t *testing.T) {
	b := DecodeTimeline([]byte(thread))
	if len(b.Posts) != 1 || b.Posts[0].Text != "a" || len(b.Skips) != 1 || b.Skips[0].Reason != collector.SkipPromoted {
		t.Errorf("posts %+v, skips %+v, want the one post and the advertisement", b.Posts, b.Skips)
	}
	if len(b.Failures) != 1 || b.Failures[0].Index != 1 || !strings.Contains(b.Failures[0].Err.Error(), "matter") {
		t.Errorf("failures %+v, want the second item with the members it has", b.Failures)
	}
}

// TestPostsByID reads posts that were asked for by their ids, and the versions of one, which come as a timeline.
func TestPostsByID(t *testing.T) {
	const post = `{"rest_id":"1712000000000000001","details":{"full_text":"a"}}`
	for name, in := range map[string]string{
		"one":      `{"tweet_result_by_rest_id":{"rest_id":"1712000000000000001","result":` + post + `}}`,
		"several":  `{"tweet_results_by_rest_ids":[{"rest_id":"1712000000000000001","result":` + post + `}]}`,
		"versions": `{"tweet_result_by_rest_id":{"result":{"__typename":"Tweet","edit_history_timeline":{"timeline":{"instructions":[{"entries":[{"content":{"items":[{"item":{"item_content":{"tweet_results":{"result":` + post + `}}}}]}}]}]}}}}}`,
	} {
		if b := DecodeTimeline([]byte(in)); len(b.Posts) != 1 || b.Posts[0].Text != "a" || len(b.Failures)+len(b.Skips) > 0 {
			t.Errorf("%s: DecodeTimeline = %+v, want the one post", name, b)
		}
	}
}

func TestIsTimeline(t *testing.T) {
	for in, want := range map[string]bool{
		thread:                          true,
		`{"tweetResult":{"result":{}}}`: true,
		`{"tweet_result_by_rest_id":{"result":{"legacy":{}}}}`:                      true,
		`{"tweet_results_by_rest_ids":[{"rest_id":"1","result":{"details":{}}}]}`:   true,
		`{"tweet_result_by_rest_id":{"rest_id":"1"}}`:                               true,
		`{"tweet_result_by_rest_id":{"result":{"rest_id":"1","notes_on_it":[{}]}}}`: false,
		`{"viewer":{"user_features":[{"key":"a"}]}}`:                                false,
		`[{"id":"1","text":"instructions"}]`:                                        false,
		`{"id":"1","text":"instructions"}`:                                          false,
		``:                                                                          false,
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

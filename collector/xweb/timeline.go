package xweb

import (
	"fmt"

	"stallwatch/collector"
)

// timelineDepth is how deep below data X puts what it answers: data.user.result.timeline_v2.timeline.instructions is the
// deepest seen.
const timelineDepth = 6

// IsTimeline tells whether the data of a GraphQL answer holds posts: a timeline of instructions (SearchTimeline,
// UserTweets, TweetDetail, HomeTimeline, lists, bookmarks, likes), or posts asked for by their ids.
func IsTimeline(data []byte) bool { return len(answer(data, 0)) > 0 }

// answer looks for the list of instructions, or the post or posts, in the data of a GraphQL answer. Only objects are
// gone into.
func answer(raw []byte, depth int) (found []byte) {
	if len(raw) == 0 || raw[0] != '{' || depth > timelineDepth {
		return nil
	}
	collector.Members(raw, func(key, v []byte) bool {
		switch string(key) {
		case "instructions", "tweetResult", "tweet_result", "tweet_results":
			found = v
		case "tweet_result_by_rest_id", "tweet_results_by_rest_ids":
			if found = answer(v, depth+1); found == nil && holdsPost(v) {
				found = v
			}
		case "legacy", "core", "itemContent":
			// of an account or a post: nothing to look for
		default:
			found = answer(v, depth+1)
		}
		return found == nil
	})
	return found
}

// holdsPost tells a post, or a list of them, from what else X answers about one: its edits, its reach, the notes on it.
func holdsPost(raw []byte) bool {
	result := collector.Member(raw, "result")
	held := len(raw) > 0 && raw[0] == '[' || collector.IsNull(result)
	collector.Members(result, func(key, _ []byte) bool {
		switch string(key) {
		case "legacy", "details", "note_tweet", "tweet", "tombstone":
			held = true
		}
		return !held
	})
	return held
}

// DecodeTimeline reads the posts in the data of a GraphQL answer, in X's order. Advertisements are skips, as are accounts
// and posts that X withholds; cursors and headings are nothing. A post that cannot be read is one failure.
func DecodeTimeline(data []byte) collector.Batch {
	var t timeline
	found := answer(data, 0)
	switch {
	case len(found) > 0 && found[0] == '{':
		t.tweet(found)
	case len(found) > 0 && found[0] == '[':
		collector.Elements(found, func(el []byte) bool {
			if collector.Member(el, "result") != nil {
				t.tweet(el)
			} else {
				t.instruction(el)
			}
			return true
		})
	}
	if len(t.b.Posts)+len(t.b.Skips)+len(t.b.Failures) == 0 {
		return collector.Skipped(collector.SkipEmptyPage)
	}
	return t.b
}

// timeline is an answer on its way into a batch.
type timeline struct {
	b collector.Batch
	n int // items met
}

// instruction reads TimelineAddEntries, TimelinePinEntry, TimelineReplaceEntry and TimelineAddToModule.
func (t *timeline) instruction(raw []byte) {
	collector.Members(raw, func(key, v []byte) bool {
		switch string(key) {
		case "entries":
			t.each(v, func(el []byte) { t.content(collector.Member(el, "content")) })
		case "entry":
			t.content(collector.Member(v, "content"))
		case "moduleItems", "module_items":
			t.each(v, t.moduleItem)
		}
		return true
	})
}

func (t *timeline) each(list []byte, f func(el []byte)) {
	if _, err := collector.Elements(list, func(el []byte) bool { f(el); return true }); err != nil && len(list) > 0 && list[0] == '[' {
		t.fail(err)
	}
}

// content is one item, or a module of several: a conversation, say.
func (t *timeline) content(raw []byte) {
	if items := collector.Member(raw, "items"); items != nil {
		t.each(items, t.moduleItem)
		return
	}
	for _, name := range []string{"itemContent", "item_content", "content"} {
		if item := collector.Member(raw, name); item != nil {
			t.item(item)
			return
		}
	}
}

func (t *timeline) moduleItem(raw []byte) { t.content(collector.Member(raw, "item")) }

// item is a post, an account, a cursor or a heading.
func (t *timeline) item(raw []byte) {
	var post []byte
	promoted, account := false, false
	collector.Members(raw, func(key, v []byte) bool {
		switch string(key) {
		case "tweet_results", "tweetResult", "tweet_result":
			post = v
		case "promotedMetadata", "promoted_metadata":
			promoted = !collector.IsNull(v)
		case "user_results":
			account = true
		}
		return true
	})
	switch {
	case promoted:
		t.skip(collector.SkipPromoted)
	case post != nil:
		t.tweet(post)
	case account:
		t.skip(collector.SkipUsers)
	}
}

// tweet reads {"result": …}; one without is a post that X does not show.
func (t *timeline) tweet(raw []byte) {
	result := collector.Member(raw, "result")
	if collector.IsNull(result) {
		t.skip(collector.SkipDelete)
		return
	}
	b, err := Decode(result)
	if err != nil {
		t.fail(err)
		return
	}
	t.n++
	t.b.Posts, t.b.Deletes, t.b.Skips = append(t.b.Posts, b.Posts...), append(t.b.Deletes, b.Deletes...), append(t.b.Skips, b.Skips...)
}

func (t *timeline) skip(r collector.Reason) {
	t.n++
	t.b.Skips = append(t.b.Skips, collector.Skip{Reason: r})
}

func (t *timeline) fail(err error) {
	t.b.Failures = append(t.b.Failures, collector.Failure{Index: t.n, Err: fmt.Errorf("x web: timeline: %w", err)})
	t.n++
}

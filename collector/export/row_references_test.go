package export

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func TestReference(t *testing.T) {
	const id = "1600000000000000001"
	for in, want := range map[string]struct {
		ID    string
		Names bool
	}{
		id: {id, true}, "x" + id: {id, true}, `"` + id + `"`: {id, true}, "1.6e+18": {"", true}, "1,6E+18": {"", true}, id + ".0": {"", true},
		"http://twitter.com/ana/statuses/" + id:                        {id, true},
		"https://x.com/i/web/status/" + id + "?s=20":                   {id, true},
		"Tweet(url='https://mobile.twitter.com/ana/status/" + id + "'": {id, true},
		"{'id': " + id + ", 'text': 'a'}":                              {id, true},
		"{'username': 'ana'}":                                          {},
		"https://one.example/users/ana/statuses/9":                     {"https://one.example/users/ana/statuses/9", true},
		"https://netflix.com/a/status/1":                               {"https://netflix.com/a/status/1", true},
		"":                                                             {}, "0": {}, "0.0": {}, "0e0": {}, "-1": {}, "ana": {}, "False": {}, "[{'id': '5', 'screen_name': 'ana'}]": {}, "t1_abc": {"t1_abc", true},
	} {
		id, names := reference(in)
		if id != want.ID || names != want.Names {
			t.Errorf("reference(%q) = %q, %v; want %q, %v", in, id, names, want.ID, want.Names)
		}
	}
}

// TestGenericRow reads rows as tables without a contract have them: what kind of post each is, and of which other.
func TestGenericRow(t *testing.T) {
	const id, other = "1600000000000000001", "1599999999999999999"
	base := collector.Post{Platform: "x", ID: id, Text: "a", Kind: collector.Original, Permalink: "https://x.com/i/web/status/" + id}
	base.CreatedAt, _ = collector.SnowflakeTime(id)
	for name, c := range map[string]struct {
		cells map[string]string
		want  func(p *collector.Post)
	}{
		"flag":                   {map[string]string{"is_retweet": "True", "original_tweet_id": other}, func(p *collector.Post) { p.Kind, p.Reposted = collector.Repost, other }},
		"flags that are not set": {map[string]string{"is_retweet": "False", "original_tweet_id": "0", "is_quote": "0", "is_reply": "no"}, func(*collector.Post) {}},
		"float": {map[string]string{"in_reply_to_status_id": "1.6e+18", "conversation_id": "1.6e+18", "user_id": "1.6e+18", "username": "ana"},
			func(p *collector.Post) { p.Kind, p.Author.Handle = collector.Reply, "ana" }},
		"small float": {map[string]string{"user_id": "44.0"}, func(p *collector.Post) { p.Author.ID = "44" }},
		"type and text": {map[string]string{"sourcetweet_type": "retweeted", "sourcetweet_id": other, "sourcetweet_text": "a &amp; b", "text": "RT @bo: a…"},
			func(p *collector.Post) { p.Kind, p.Reposted, p.Text = collector.Repost, other, "a & b" }},
		"type without a column of ids": {map[string]string{"post_type": "QUOTE_TWEET"}, func(p *collector.Post) { p.Kind = collector.Quote }},
		"Python's references": {map[string]string{"referenced_tweets": "[{'type': 'replied_to', 'id': '5'}, {'type': 'quoted', 'id': '" + other + "'}]", "public_metrics": "{'like_count': 7}"},
			func(p *collector.Post) {
				n := int64(7)
				p.Kind, p.Quoted, p.ReplyTo, p.Counts.Likes = collector.Quote, other, "5", &n
			}},
		"tweepy's references":      {map[string]string{"referenced_tweets": "[<ReferencedTweet id=" + other + " type=retweeted]"}, func(p *collector.Post) { p.Kind, p.Reposted = collector.Repost, other }},
		"a link that is no post":   {map[string]string{"quote_id": "https://paper.example/1"}, func(*collector.Post) {}},
		"links":                    {map[string]string{"Twitter Reply to": "http://twitter.com/bo/statuses/" + other}, func(p *collector.Post) { p.Kind, p.ReplyTo = collector.Reply, other }},
		"a monitor's number":       {map[string]string{"id": "113456789012", "url": "http://twitter.com/ana/statuses/" + id, "created_at": "12/06/2022 05:31"}, func(p *collector.Post) { p.Author.Handle = "ana" }},
		"the link of another":      {map[string]string{"url": "http://twitter.com/bo/statuses/" + other}, func(*collector.Post) {}},
		"an unreadable date":       {map[string]string{"id": "", "tweet_id": id, "created_at": "the other day"}, func(*collector.Post) {}},
		"an object for its author": {map[string]string{"user": "{'username': 'ana', 'id': 7}"}, func(p *collector.Post) { p.Author = collector.Author{ID: "7", Handle: "ana"} }},
		"a chat's number": {map[string]string{"id": "5", "peer_id.channel_id": "111", "reply_to.reply_to_msg_id": "4", "created_at": "2022-12-06T05:31:41.219Z"}, func(p *collector.Post) {
			p.Platform, p.ID, p.Kind, p.ReplyTo, p.Conversation, p.Permalink = "telegram", "111/5", collector.Reply, "111/4", "111", ""
		}},
	} {
		cells := map[string]string{"id": id, "text": "a"}
		for k, v := range c.cells {
			cells[k] = v
		}
		if cells["id"] == "" {
			delete(cells, "id")
		}
		var names []string
		for n := range cells {
			names = append(names, n)
		}
		m, err := guess(names, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := base
		c.want(&want)
		got, err := row{m: m, get: func(column string) string { return cells[column] }}.post()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v, - want + got:\n%s", name, err, diff)
		}
	}
}

package export_test

import (
	"fmt"
	"strings"
	"testing"

	"stallwatch/collector/export"
)

// TestCAR says how to convert a repository of Bluesky's.
func TestCAR(t *testing.T) {
	r := read(t, "testdata/fixtures/bluesky.repository.car", export.Options{})
	if w := r.file.Warnings(); len(w) == 0 || !strings.Contains(w[0], "goat repo unpack") {
		t.Errorf("Warnings = %q", w)
	}
}

// TestSameMessage reads the same messages out of different tools: they are the same posts, and no two of them are one.
func TestSameMessage(t *testing.T) {
	const words = `"date":1670304701,`
	for _, in := range []string{
		`{"_":"Message","id":5,"peer_id":{"channel_id":1111},` + words + `"message":"a"}` + "\n" + `{"_":"Message","id":5,"peer_id":{"channel_id":2222},` + words + `"message":"a"}`,
		`[{"id":5,"chat":{"id":-1001111},` + words + `"text":"a"},{"id":5,"chat":{"id":-1002222},` + words + `"text":"a"}]`,
		`{"ok":true,"result":[{"update_id":1,"channel_post":{"message_id":5,"chat":{"id":-1001111},` + words + `"text":"a"}},{"update_id":2,"channel_post":{"message_id":5,"chat":{"id":-1002222},` + words + `"text":"a"}}]}`,
		`{"@type":"messages","messages":[{"@type":"message","id":5242880,"chat_id":-1001111,` + words + `"content":{"@type":"messageText","text":{"text":"a"}}},{"@type":"message","id":5242880,"chat_id":-1002222,` + words + `"content":{"@type":"messageText","text":{"text":"a"}}}]}`,
		`{"chats":{"list":[{"type":"public_channel","id":1111,"messages":[{"id":5,"type":"message","date_unixtime":"1670304701","text":"a"}]},{"type":"public_channel","id":2222,"messages":[{"id":5,"type":"message","date_unixtime":"1670304701","text":"a"}]}]}}`,
		"channel_id,msg_id,message,date,number_forwards\n1111,5,a,2022-12-06 05:31:41,0\n2222,5,a,2022-12-06 05:31:41,0\n",
		"chat_id,message_id,text,date,forwards\n-1001111,5,a,2022-12-06 05:31:41,0\n-1002222,5,a,2022-12-06 05:31:41,0\n",
	} {
		var got []string
		r := read(t, file(t, []byte(in)), export.Options{})
		for _, p := range r.posts {
			got = append(got, p.Platform+" "+p.ID)
		}
		if strings.Join(got, ", ") != "telegram 1111/5, telegram 2222/5" {
			t.Errorf("%s\ngives %q: %s", in, got, describe(r))
		}
	}
}

// TestComments reads comments inside a post, and answers inside those: all are of the post's conversation.
func TestComments(t *testing.T) {
	const rest = `"comment_time":"2022-12-06 05:31:41","commenter_id":"8"`
	r := read(t, file(t, []byte(`{"post_id":"3","text":"a","post_text":"a","timestamp":1670304701,"post_url":"https://facebook.com/3","user_id":"7","comments_full":[
		{"comment_id":"4","comment_text":"b",`+rest+`,"replies":[{"comment_id":"5","comment_text":"c",`+rest+`}]},{"comment_id":"6","comment_text":"d",`+rest+`}]}`)), export.Options{})
	var got []string
	for _, p := range r.posts {
		got = append(got, p.ID+" to "+p.ReplyTo+" of "+p.Conversation)
	}
	if want := "3 to  of , 4 to 3 of 3, 5 to 4 of 3, 6 to 3 of 3"; strings.Join(got, ", ") != want {
		t.Errorf("%q, want %q: %s", got, want, describe(r))
	}
}

// TestOwnID reads objects with two ids: their own, and that of the post which they are comments on.
func TestOwnID(t *testing.T) {
	const rest = `"user_id":5,"created_at":"2024-01-02T10:00:00Z"`
	for in, want := range map[string]string{
		`{"comment_id":"UgwBx1235","parent_comment_id":"UgwBx1234","text":"a b",` + rest + `}`:                                        "UgwBx1235 to UgwBx1234",
		`{"id":1,"post_id":77,"content":"a b",` + rest + `}`:                                                                          "1 to 77",
		`{"id":"1726000000000000101","post_id":"1726000000000000001","content":"a b",` + rest + `}`:                                   "1726000000000000101 to 1726000000000000001",
		`{"id":1,"tweet_id":"1742134528000000001","content":"a b",` + rest + `}`:                                                      "1742134528000000001 to ",
		`{"_id":"65a0c0ffee65a0c0ffee65a0","post_id":"1742134528000000001","content":"a b",` + rest + `}`:                             "1742134528000000001 to ",
		`{"id":"1742134528000000001","tweet_id":"1742134528000000001","content":"a b",` + rest + `}`:                                  "1742134528000000001 to ",
		`{"comment_id":"Ab12","media_id":"Cd34","text":"a b",` + rest + `}`:                                                           "Ab12 to Cd34",
		`{"post_id":"100012345678_2","comment":"a b","platform":"facebook",` + rest + `}`:                                             "100012345678_2 to 100012345678_2",
		`{"id":"f47ac10b-58cc-4372-a567-0e02b2c3d479","post_id":"f47ac10b-58cc-4372-a567-0e02b2c3d470","content":"a b",` + rest + `}`: "f47ac10b-58cc-4372-a567-0e02b2c3d479 to f47ac10b-58cc-4372-a567-0e02b2c3d470",
	} {
		r := read(t, file(t, []byte(in)), export.Options{})
		if len(r.posts) != 1 {
			t.Errorf("%s: %s", in, describe(r))
			continue
		}
		id, _, _ := strings.Cut(r.posts[0].ID, ":")
		if got := id + " to " + r.posts[0].ReplyTo; got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestNotOfX reads objects that have the members of X's posts, and ids that X has never given.
func TestNotOfX(t *testing.T) {
	const rest = `"text":"a b","created_at":"2024-03-01T10:22:00Z"`
	for _, in := range []string{
		`{"id":"h:0a1b2c3d4e5f6071",` + rest + `}`,
		`{"id":12,"user":null,` + rest + `}`,
		`{"id":"abc","author_id":"77",` + rest + `}`,
		`{"id":"12","author_id":"77","conversation_id":"55",` + rest + `}`,
		`{"id_str":"abc",` + rest + `}`,
		`{"id":5,"user":{"id":7,"screen_name":"ana"},` + rest + `}`,
		`{"data":[{"id":"a1","author_id":"b1",` + rest + `}],"meta":{"result_count":1}}`,
		`{"sender":"ana","message":"a b","date":"2024-03-01","time":"10:22"}`,
	} {
		r := read(t, file(t, []byte(in)), export.Options{})
		if len(r.posts) != 1 || r.posts[0].Platform != "unknown" {
			t.Errorf("%s: %s, want one post of no platform", in, describe(r))
		}
	}
}

// TestSharedLate reads a table of comments by their time, of which the first two on one post stand far from each other.
func TestSharedLate(t *testing.T) {
	in := "post_id,text,user,platform,date\n"
	for i := range 60 {
		in += fmt.Sprintf("1000%02d_2,words %d of them,user%d,facebook,2025-08-01 10:%02d\n", i%50, i, i, i)
	}
	r := read(t, file(t, []byte(in)), export.Options{})
	ids := map[string]bool{}
	for _, p := range r.posts {
		ids[p.ID] = true
	}
	if len(ids) != 60 {
		t.Errorf("%d ids of 60 comments: %s", len(ids), describe(r))
	}
}

package export_test

import (
	"fmt"
	"strings"
	"testing"

	"stallwatch/collector/export"
)

const chatHead = `{"name":"c","type":"public_channel","id":5,"messages":[`

func message(id int) string {
	return fmt.Sprintf(`{"id":%d,"type":"message","date":"2022-12-06T05:31:41","date_unixtime":"1670304701","from_id":"channel5","text":["a ",{"type":"bold","text":"b"}]}`, id)
}

// TestEnvelope reads files that are one object around one list: element by element, wherever they were made or broken.
func TestEnvelope(t *testing.T) {
	indented := "{\n \"name\": \"c\",\n \"type\": \"public_channel\",\n \"id\": 5,\n \"messages\": [\n  " + message(1) + ",\n  {\n   \"id\": 2,\n   \"date\": \"2022-12-06T05:31:41\n  },\n  " + message(3) + "\n ]\n}\n"
	full := `{"about":"x","personal_information":{"phone":"1"},"contacts":{"list":[{"first_name":"secret"}]},"chats":{"about":"y","list":[
		{"type":"personal_chat","id":1,"messages":[` + message(1) + `]},` + chatHead + message(1) + `]},{"type":"public_channel","id":6,"messages":[]}]},"left_chats":{"list":[` +
		strings.Replace(chatHead, `"id":5`, `"id":7`, 1) + message(9) + `]}]}}`
	contacts := strings.Repeat(`{"user_id":1,"first_name":"secret"},`, 9000)
	late := strings.Replace(full, `{"first_name":"secret"}`, contacts+`{}`, 1)
	post := func(id string) string { return "telegram original " + id + " channel5 05:31 a b" }
	for _, c := range []struct{ name, in, want string }{
		{"one chat", chatHead + message(1) + "," + message(2) + `]}`, post("5/1") + "\n" + post("5/2")},
		{"one broken message", indented, post("5/1") + "\n" + post("5/3") + "\nfailure FILE, line 7 (byte 219): a line ends inside a string: the value was cut"},
		{"an account", full, post("5/1") + "\n" + post("7/9") + "\nskip empty page\nskip private"},
		{"an account with many contacts", late, post("5/1") + "\n" + post("7/9") + "\nskip empty page\nskip private"},
		{"the same, cut", late[:len(late)-len(`]}]}}`)], post("5/1") + "\n" + post("7/9") + "\nskip empty page\nskip private\nfailure FILE, line 2 (byte 324772): the file ends inside an array: it was cut"},
		{"an account's beginning", `{"about":"x","contacts":{"list":[` + contacts, "failure FILE, line 1 (byte 24): the value has no end: the file was cut, or a brace or a quote is missing"},
		{"somebody's profile", `{"about":"x","id":7,"text":"a","date":"2022-12-06T05:31:41Z"}`, "unknown original 7:25ce7375e04420a7  05:31 a"},
		{"no messages", chatHead + `]}`, "skip empty page"},
		{"cut inside the list", chatHead + message(1) + ",", post("5/1") + "\nfailure FILE, line 1 (byte 201): the file ends inside an array: it was cut"},
		{"two chats behind one another", chatHead + message(1) + "]}\n" + strings.Replace(chatHead, `"id":5`, `"id":7`, 1) + message(2) + "]}\n", post("5/1") + "\n" + post("7/2")},
		{"an outbox", `{"@context":"x","id":"outbox.json","type":"OrderedCollection","totalItems":2,"orderedItems":[{"id":"d","type":"Delete","object":"https://one.example/2"},
			{"id":"https://one.example/1","type":"Note","attributedTo":"ana","published":"2022-12-06T05:31:41Z","content":"a","to":["as:Public"]}]}`, "mastodon original https://one.example/1 ana 05:31 a\nskip delete"},
		{"not one after all", `{"type":"x","id":1,"note":"messages"}`, "skip unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := file(t, []byte(c.in))
			got := sortSkips(strings.ReplaceAll(describe(read(t, name, export.Options{})), name, "FILE"))
			if got != c.want {
				t.Errorf("gives\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// sortSkips orders the lines at the end that a map has disordered.
func sortSkips(s string) string {
	if a, b, ok := strings.Cut(s, "\nskip private\nskip empty page"); ok {
		return a + "\nskip empty page\nskip private" + b
	}
	return s
}

package export_test

import (
	"strings"
	"testing"

	"stallwatch/collector/export"
)

// TestWrappers reads posts inside something else.
func TestWrappers(t *testing.T) {
	const post = `{"tweet_id":"` + id + `","tweet":"a","user":"ana"}`
	const want = "x original " + id + " ana 05:31 a"
	many := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	cases := []struct{ name, in, want string }{
		{"list", `{"tweets":[` + post + `],"authors":[{"id":"7","name":"Ana"}]}`, want},
		{"list with a count", `{"took":3,"hits":{"total":{"value":1},"hits":[` + post + `]}}`, want},
		{"map by id", `{"` + id + `":` + post + `}`, want},
		{"map by id in a member", `{"id":{"` + id + `":` + post + `}}`, want},
		{"list of what is no post", `{"rules":[{"id":"1","text":"Be kind"}]}`, "skip unknown"},
		{"a broken post around another", `{"id":"","author_id":"7","text":"b","referenced_tweets":[` + post + `]}`, "failure"},
		{"columns", `{"tweet_id":{"0":` + id + `},"tweet":{"0":"a"},"user":{"0":"ana"}}`, want},
		{"columns of a known form", `{"id":{"5":` + id + `},"author_id":{"5":7},"text":{"5":"a"}}`, "x original " + id + " 7 05:31 a"},
		{"columns as lists", `{"tweet_id":[` + id + `],"tweet":["a"],"user":["ana"]}`, want},
		{"columns that do not agree", `{"tweet_id":{"0":1},"tweet":{"1":"a"},"user":{"0":"ana"}}`, "skip unknown"},
		{"NaN", `{"tweet_id":"` + id + `","tweet":"a","user":"ana","lang":NaN,"n":[-Infinity,Infinity]}`, want},
		{"NaN in a text", `{"tweet_id":"` + id + `","tweet":"NaN \" NaN","user":"ana","lang":NaN}`, "x original " + id + ` ana 05:31 NaN " NaN`},
		{"string", `"{\"tweet_id\":\"` + id + `\",\"tweet\":\"a\",\"user\":\"ana\"}"`, want},
		{"string of a broken post", `"{\"id\":\"\",\"author_id\":\"7\",\"text\":\"b\"}"`, "failure"},
		{"MongoDB", `{"_id":{"$oid":"65f"},"tweet_id":{"$numberLong":"` + id + `"},"tweet":"a","user":"ana","created_at":{"$date":{"$numberLong":"1670304701000"}}}`, want},
		{"MongoDB around other names", `{"_id":{"$oid":"65f"},"tweet_id":"` + id + `","tweet":"a","user":{"$type":"x"},"username":"ana"}`, want},
		{"JSON in a column", "n,data\n1,\"" + strings.ReplaceAll(post, `"`, `""`) + "\"\n", want},
		{"JSON in the column of the text", "id,tweet\n1,\"" + strings.ReplaceAll(post, `"`, `""`) + "\"\n", want},
		{"JSON beside a text", "tweet_id,text,user,raw\n" + id + ",a,ana,\"" + strings.ReplaceAll(post, `"`, `""`) + "\"\n", want},
		{"a nest", `{"tweets":` + many + `}`, "failure"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, file(t, []byte(c.in)), export.Options{})
			if got := describe(r); got != c.want && (c.want != "failure" || len(r.failures) == 0) {
				t.Errorf("%.200s\ngives %.300q\nwant  %q", c.in, got, c.want)
			}
		})
	}
}

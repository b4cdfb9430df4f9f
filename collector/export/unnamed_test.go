package export_test

import (
	"fmt"
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

// unknown is a map of objects of no known form, so many objects deep.
func unknown(depth int) string {
	var s strings.Builder
	s.WriteString(strings.Repeat(`{"a":`, depth) + `{"z":0`)
	for i := range 2000 {
		fmt.Fprintf(&s, `,"k%d":{"r":{"n":%d,"u":"lorem ipsum dolor"}}`, i, i)
	}
	return s.String() + strings.Repeat("}", depth+1)
}

// TestDepth looks for posts deep inside something of no known form at little more cost than at its top.
func TestDepth(t *testing.T) {
	allocs := func(depth int) float64 {
		f, v := value(t, unknown(depth))
		return testing.AllocsPerRun(1, func() { f.Decode(v) })
	}
	if top, deep := allocs(0), allocs(7); deep > 1.5*top {
		t.Errorf("takes %.0f allocations inside 7 objects, %.0f inside none", deep, top)
	}
	f, v := value(t, `{"text":"a",`+strings.Repeat(`"meta":{"k":[1,2,3]},`, 4000)+`"user":"ana"}`)
	if b := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.Decode(v)
		}
	}).AllocedBytesPerOp(); b > 20<<20 {
		t.Errorf("a post with much that tells of it takes %d bytes", b)
	}
}

func BenchmarkUnknown(b *testing.B) {
	f, v := value(b, unknown(7))
	b.SetBytes(int64(len(v.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		f.Decode(v)
	}
}

func value(t testing.TB, text string) (*export.File, export.Value) {
	f, err := export.Open(file(t, []byte(text)), export.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	v, err := f.Next()
	if err != nil {
		t.Fatal(err)
	}
	return f, v
}

package export_test

import (
	"strings"
	"testing"

	"stallwatch/collector/export"
)

// TestHeaders reads tables whose header is not simply their first line. In what is wanted, each row is its id and text.
func TestHeaders(t *testing.T) {
	const id2 = "1600000000000000019"
	wide := "7 cells where the header has 6: a delimiter or a quote inside a text is not quoted, or a column has no name"
	cases := []struct{ name, in, want string }{
		{"lines that end in CR", "id,text\r" + id + ",a\r" + id2 + ",\"b\nc\"", id + " a, " + id2 + " b\nc"},
		{"a CR inside a header", "id,\"text\r\"\n" + id + ",a\n", id + " a"},
		{"sep=", "sep=;\r\nid;text\r\n" + id + ";a, b\r\n", id + " a, b"},
		{"sep= in quotes, and a tab", "\"sep=\t\"\nid\ttext\n" + id + "\ta\n", id + " a"},
		{"lines above the header", "Report:,a\nFrom:,2022\n\nid,Full Text,Date\n" + id + ",a,2022-12-06 05:31\n", id + " a"},
		{"one line above the header", "Report\nid,Full Text,Date\n" + id + ",a,2022-12-06 05:31\n", id + " a"},
		{"lines above the header with another delimiter", "A report\n\nid;text;date\n" + id + ";a;2022-12-06 05:31\n", id + " a"},
		{"prose with such a line", "We write, and read.\nid, text, and the date\nare columns, we say, of a table, or not\n", "skip unknown"},
		{"R's row names", "\"id\",\"text\"\n\"1\",\"" + id + "\",\"a\"\n\"3\",\"" + id2 + "\",\"b, c\"\n", id + " a, " + id2 + " b, c"},
		{"R's row names without quotes", "id\ttext\n1\t" + id + "\ta\n2\t" + id2 + "\tb\n", id + " a, " + id2 + " b"},
		{"a delimiter at the end of every row", "id\ttext\n11\ta\t\n12\tb\t\n", "failure, failure"},
		{"a comma in a text", "id,text,likes\n" + id + ",a, b,7\n" + id2 + ",b,7,\n", "failure, " + id2 + " b"},
		{"a comma in the last text", "target,ids,date,flag,user,text\n0,1467810369,Mon Apr 06 22:19:45 PDT 2009,NO_QUERY,ana,a, b\n", "failure " + wide},
		{"columns without names at the end", "id,text,,,\n" + id + ",\"a\",,,\n" + id2 + ",b, c,,\n", "failure, " + id + " a"},
		{"COPY", "id\ttext\tlang\n" + id + "\t\"a\\\\n\\tb\tde\n" + id2 + "\tb\t\\N\n", id + " \"a\\n\tb, " + id2 + " b"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, file(t, []byte(c.in)), export.Options{})
			var got []string
			for _, err := range r.failures {
				if s := err.Error(); strings.Contains(c.want, wide) {
					got = append(got, "failure "+s[strings.LastIndex(s, "): ")+3:])
				} else {
					got = append(got, "failure")
				}
			}
			for _, p := range r.posts {
				got = append(got, p.ID+" "+p.Text)
			}
			for s := range r.skips {
				got = append(got, "skip "+string(s))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("%q\ngives %q\nwant  %q", c.in, s, c.want)
			}
		})
	}
}

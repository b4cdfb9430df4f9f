package export

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// records reads a table and writes down its records with their first line: cells joined with ¦, or ! and the error.
func records(r io.Reader, delim byte, width int) (out []string) {
	return recordsOf(&csvReader{w: newWindow(r), delim: delim, width: width})
}

func recordsOf(c *csvReader) (out []string) {
	for {
		line := c.w.line
		fields, _, err := c.next()
		switch {
		case err == io.EOF:
			return out
		case err != nil:
			out = append(out, fmt.Sprintf("%d ! %v", line, err))
		default:
			out = append(out, fmt.Sprintf("%d %s", line, strings.Join(fields, "¦")))
		}
	}
}

func TestRecords(t *testing.T) {
	unclosed := " ! " + errQuote.Error()
	cases := []struct {
		name, in string
		delim    byte
		width    int
		want     []string
	}{
		{"plain", "a,b\n1,2\r\n\n3,\n", ',', 2, []string{"1 a¦b", "2 1¦2", "3 3¦"}},
		{"quoted", "1,\"a, \"\"b\"\"\",2\n", ',', 3, []string{`1 1¦a, "b"¦2`}},
		{"line end inside quotes", "1,\"a\nb\r\n\nc\",2\n4,d,5", ',', 3, []string{"1 1¦a\nb\r\n\nc¦2", "5 4¦d¦5"}},
		{"empty quotes", "\"\",\"\"\n\"\"\"\"\n", ',', 2, []string{"1 ¦", `2 "`}},
		{"quotes nobody doubled", "1,\"a \"b\" c\",2\n", ',', 3, []string{`1 1¦a "b" c¦2`}},
		{"quote inside an unquoted cell", "1,5\" tall,2\n", ',', 3, []string{`1 1¦5" tall¦2`}},
		{"unclosed quote costs its record", "1,\"a,2\n3,\"b\",4\n5,c,6\n", ',', 3, []string{"1" + unclosed, "2 3¦b¦4", "3 5¦c¦6"}},
		{"unclosed quote that meets a fitting one", "1,\"a,2\n3,b\",4\n5,c,6\n", ',', 3, []string{"1 1¦a,2\n3,b¦4", "3 5¦c¦6"}},
		{"unclosed quote told by the width", "1,\"a,2\n3,b,9,\"\",8\",4\n5,c,6\n", ',', 4, []string{"1" + unclosed, `2 3¦b¦9¦¦8"¦4`, "3 5¦c¦6"}},
		{"unclosed quote to the end", "1,\"a,2\n3,b,4\n", ',', 3, []string{"1" + unclosed, "2 3¦b¦4"}},
		{"quotes are letters in tab-separated files", "1\t\"a\t2\n3\tb\t4\n", '\t', 3, []string{"1 1¦\"a¦2", "2 3¦b¦4"}},
		{"but not if they close", "1\t\"a\tb\"\t2\n", '\t', 3, []string{"1 1¦a\tb¦2"}},
		{"quotes behind a backslash", `1,"a \"b\", c",2` + "\n" + `3,"\\",4` + "\n" + `5,"\"",6` + "\n", ',', 3, []string{`1 1¦a "b", c¦2`, `2 3¦\¦4`, `3 5¦"¦6`}},
		{"quotes behind a backslash, and other backslashes", `1,"\"b\" \n c:\d \\\"",2` + "\n", ',', 3, []string{`1 1¦"b" \n c:\d \"¦2`}},
		{"quotes behind a backslash and a line end", "1,\"a\nb \\\"c\\\", d\",2\n", ',', 3, []string{"1 1¦a\nb \"c\", d¦2"}},
		{"a backslash at the end of a quoted cell", `1,"c:\",2` + "\n" + `3,"{""a"":""\""b\""""}",4` + "\n", ',', 3, []string{`1 1¦c:\¦2`, `2 3¦{"a":"\"b\""}¦4`}},
		{"Windows-1251", "\xef\xe8\xf8\xe5\xf2,\xee\xed \x93x\x94\n", ',', 2, []string{"1 пишет¦он “x”"}},
		{"UTF-8 that was cut", "é ü\xc3,2\n", ',', 2, []string{"1 é ü\uFFFD¦2"}},
		{"Windows-1252", "1,caf\xe9 \x93x\x94\n", ',', 2, []string{"1 1¦café “x”"}},
		{"no end of line", "1,\"a\"", ',', 2, []string{"1 1¦a"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, records(strings.NewReader(c.in), c.delim, c.width)); diff != "" {
				t.Errorf("records, - want + got:\n%s", diff)
			}
			if diff := cmp.Diff(c.want, records(iotest.OneByteReader(strings.NewReader(c.in)), c.delim, c.width)); diff != "" {
				t.Errorf("records read byte by byte, - want + got:\n%s", diff)
			}
		})
	}
}

// TestRowsThatEndEarly reads what spreadsheets write of rows whose last cells are empty.
func TestRowsThatEndEarly(t *testing.T) {
	for in, want := range map[string]string{
		"1;\"a\nb\"\n2;c\n":         "1 1¦a\nb, 3 2¦c",
		"1;\"a\nb\";\n2;c\n":        "1 1¦a\nb¦, 3 2¦c",
		"1;\"a;2\n3;b\"\n4;c;d;e\n": "1 ! " + errQuote.Error() + ", 2 3¦b\", 3 4¦c¦d¦e",
		"\"1\n2\"\n":                "1 ! " + errQuote.Error() + ", 2 2\"",
	} {
		c := &csvReader{w: newWindow(strings.NewReader(in)), delim: ';', width: 4, need: 2}
		if got := strings.Join(recordsOf(c), ", "); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

// TestUnclosedQuoteInALongFile checks that a quote with no other for megabytes is given up, and costs one record.
func TestUnclosedQuoteInALongFile(t *testing.T) {
	in := "1,\"a,2\n" + strings.Repeat("3,b,4\n", 1<<18)
	got := records(strings.NewReader(in), ',', 3)
	if len(got) != 1+1<<18 || !strings.Contains(got[0], "!") || got[1] != "2 3¦b¦4" {
		t.Errorf("%d records, the first %q", len(got), got[0])
	}
}

func TestSniffDelimiter(t *testing.T) {
	for in, want := range map[string]byte{"a,b;c,d\n1;2;3;4;5\n": ',', "a;b\n": ';', "a\tb,c\td\n": '\t', "a|b\n": '|', "\"a;b;c\",d\n": ',', "word\n": 0} {
		if got := sniffDelimiter([]byte(in)); got != want {
			t.Errorf("sniffDelimiter(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte("a,b\n\"1\n\",\"2\"\"\"\n\"x,\n"), byte(','))
	f.Add([]byte("a\t\"b\n\"\"\r\n\"\r\n"), byte('\t'))
	f.Fuzz(func(t *testing.T, in []byte, delim byte) {
		if bytes.IndexByte(delimiters, delim) < 0 {
			return
		}
		whole, small := records(bytes.NewReader(in), delim, 2), records(iotest.OneByteReader(bytes.NewReader(in)), delim, 2)
		if diff := cmp.Diff(whole, small); diff != "" {
			t.Errorf("%q read at once and byte by byte differ:\n%s", in, diff)
		}
		lines := 0
		for _, l := range bytes.Split(in, []byte("\n")) {
			if len(bytes.TrimSuffix(l, []byte("\r"))) > 0 {
				lines++
			}
		}
		if len(whole) > lines {
			t.Errorf("%q has %d lines and gives %d records", in, lines, len(whole))
		}
	})
}

func BenchmarkFrameCSV(b *testing.B) {
	in := "id,created_at,text\n" + strings.Repeat("1600000000000000001,2022-12-06T06:00:00.000Z,\"A text, with a comma and some more words so that it is long enough\"\n", 2000)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		c := &csvReader{w: newWindow(strings.NewReader(in)), delim: ',', width: 3}
		for {
			if _, _, err := c.next(); err == io.EOF {
				break
			}
		}
	}
}

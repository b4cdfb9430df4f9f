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

// frames runs the framer over a stream and writes down what it yields: line:offset and the value, or ! and the error.
func frames(r io.Reader, limit int) (out []string) {
	w := newWindow(r)
	w.max = limit
	f := &framer{w: w, yield: func(v Value) bool {
		s := fmt.Sprintf("%d:%d %s", v.Line, v.Offset, v.Raw)
		if v.Err != nil {
			s = fmt.Sprintf("%d:%d ! %s", v.Line, v.Offset, strings.SplitN(v.Err.Error(), ":", 2)[0])
		}
		out = append(out, s)
		return true
	}}
	f.run()
	return out
}

func TestFrames(t *testing.T) {
	const cut, newline, bad = "the value has no end", "a line ends inside a string", "not well-formed JSON"
	cases := []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"one value", `{"a":1}`, []string{`1:0 {"a":1}`}},
		{"lines", "{\"a\":1}\n{\"a\":2}\n", []string{`1:0 {"a":1}`, `2:8 {"a":2}`}},
		{"lines with CRLF, blank ones and trailing commas", "{\"a\":1},\r\n\r\n \r\n{\"a\":2}\r\n", []string{`1:0 {"a":1}`, `4:15 {"a":2}`}},
		{"behind one another", `{"a":1}{"a":2} {"a":3}`, []string{`1:0 {"a":1}`, `1:7 {"a":2}`, `1:15 {"a":3}`}},
		{"array", `[{"a":1}, {"a":"]}"},{"a":[2]}]`, []string{`1:1 {"a":1}`, `1:10 {"a":"]}"}`, `1:21 {"a":[2]}`}},
		{"empty array", ` [ ] `, []string{`1:1 []`}},
		{"array of anything", `[1,null,"x",[{}]]`, []string{`1:1 1`, `1:3 null`, `1:8 "x"`, `1:12 [{}]`}},
		{"arrays on lines", "[{\"a\":1}]\n[{\"a\":2},{\"a\":3}]\n", []string{`1:1 {"a":1}`, `2:11 {"a":2}`, `2:19 {"a":3}`}},
		{"array over lines", "[\n{\"a\":1},\n{\"a\":2}\n]\n", []string{`2:2 {"a":1}`, `3:11 {"a":2}`}},
		{"indented", "{\n  \"a\": {\n    \"b\": \"}\\\"{\"\n  }\n}\n{\n  \"a\": 2\n}\n", []string{"1:0 {\n  \"a\": {\n    \"b\": \"}\\\"{\"\n  }\n}", "6:33 {\n  \"a\": 2\n}"}},
		{"indented value among lines", "{\"a\":1}\n{\n \"a\":2\n}\n{\"a\":3}\n", []string{`1:0 {"a":1}`, "2:8 {\n \"a\":2\n}", `5:19 {"a":3}`}},
		{"marks and separators between values", "\xef\xbb\xbf{\"a\":1}\n\x1e{\"a\":2}\x00\n\xef\xbb\xbf{\"a\":3};", []string{`1:3 {"a":1}`, `2:12 {"a":2}`, `3:24 {"a":3}`}},
		{"line cut in a string", "{\"a\":1}\n{\"a\":{\"b\":\"x\n{\"a\":3}\n", []string{`1:0 {"a":1}`, "2:8 ! " + newline, `3:21 {"a":3}`}},
		{"line cut behind a value", "{\"a\":1}\n{\"a\":{\"b\":\"x\"\n{\"a\":3}\n{\"a\":4}\n", []string{`1:0 {"a":1}`, "2:8 ! " + bad, `3:22 {"a":3}`, `4:30 {"a":4}`}},
		{"line cut where a value could follow", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n{\"a\":4}\n", []string{`1:0 {"a":1}`, "2:8 ! " + bad, `3:14 {"a":3}`, `4:22 {"a":4}`}},
		{"first line cut", "{\"a\":{\"b\":\"x\"\n{\"a\":2}\n{\"a\":3}", []string{"1:0 ! " + bad, `2:14 {"a":2}`, `3:22 {"a":3}`}},
		{"last line cut", "{\"a\":1}\n{\"a\":[1,", []string{`1:0 {"a":1}`, "2:8 ! " + cut}},
		{"a line of something else", "{\"a\":1}\nHTTP 429\n{\"a\":3}\n", []string{`1:0 {"a":1}`, `2:8 ! no JSON value begins with "HTTP 429"`, `3:17 {"a":3}`}},
		{"indented value broken", "[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": {\"b\" 2},\n    \"c\": {\n    }\n  },\n  {\n    \"a\": 3\n  }\n]",
			[]string{"2:4 {\n    \"a\": 1\n  }", "5:24 ! " + bad, "10:68 {\n    \"a\": 3\n  }"}},
		{"element broken on one line", `[{"k":1,"t":"x"},{"k":2,"t":"x}},{"k":3,"t":"y"},{"k":4}]`, []string{`1:1 {"k":1,"t":"x"}`, "1:17 ! " + bad, `1:33 {"k":3,"t":"y"}`, `1:49 {"k":4}`}},
		{"array cut", `[{"a":1},{"a":2}`, []string{`1:1 {"a":1}`, `1:9 {"a":2}`, "1:16 ! the file ends inside an array"}},
		{"array cut in an element", "[{\"a\":1},\n{\"a\":", []string{`1:1 {"a":1}`, "2:10 ! " + cut}},
		{"array cut in an element, with the end of its line", "[{\"a\":1},\n{\"a\":\"\n", []string{`1:1 {"a":1}`, "2:10 ! " + newline}},
		{"JSON in strings", `"{\"a\":1}"` + "\n" + `"{\"a\":\"}\"}"` + "\n\"x\"\n", []string{`1:0 "{\"a\":1}"`, `2:12 "{\"a\":\"}\"}"`, `3:28 ! no JSON value begins with "\"x\""`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, frames(strings.NewReader(c.in), maxValue)); diff != "" {
				t.Errorf("frames, - want + got:\n%s", diff)
			}
			if diff := cmp.Diff(c.want, frames(iotest.OneByteReader(strings.NewReader(c.in)), maxValue)); diff != "" {
				t.Errorf("frames read byte by byte, - want + got:\n%s", diff)
			}
		})
	}
}

// TestFrameTooLarge checks that a value beyond the limit is refused, passed over, and not kept in memory.
func TestFrameTooLarge(t *testing.T) {
	huge := `{"a":"` + strings.Repeat("x", 1<<20) + `"}`
	got := frames(strings.NewReader("{\"a\":1}\n"+huge+"\n{\"a\":3}\n[{\"a\":4},\n"+huge+",\n{\"a\":6}]"), 64<<10)
	want := []string{`1:0 {"a":1}`, "2:8 ! the value is larger than 128 MiB", `3:1048593 {"a":3}`, `4:1048602 {"a":4}`, "5:1048611 ! the value is larger than 128 MiB", `6:2097197 {"a":6}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("frames, - want + got:\n%s", diff)
	}
}

// TestFrameExactLimit checks the limit itself, however much of the value is in the buffer already.
func TestFrameExactLimit(t *testing.T) {
	value := `{"a":"` + strings.Repeat("x", 992) + `"}`
	for limit, want := range map[int]bool{1000: true, 999: false} {
		got := frames(strings.NewReader(value), limit)
		if len(got) != 1 || strings.Contains(got[0], "!") == want {
			t.Errorf("a value of 1000 bytes under a limit of %d: %.60q", limit, got)
		}
	}
}

// TestFrameBrokenStream checks that what came before the damage is kept, and the damage reported once.
func TestFrameBrokenStream(t *testing.T) {
	for in, want := range map[string][]string{
		"{\"a\":1}\n{\"a\":2": {`1:0 {"a":1}`, "2:8 ! the last value is incomplete"},
		"{\"a\":1}\n":         {`1:0 {"a":1}`, "2:8 ! damage"},
	} {
		r := io.MultiReader(strings.NewReader(in), iotest.ErrReader(fmt.Errorf("damage: here")))
		if diff := cmp.Diff(want, frames(r, maxValue)); diff != "" {
			t.Errorf("frames of %q, - want + got:\n%s", in, diff)
		}
	}
}

// TestValuesStay checks that reading on does not overwrite what was handed out and not given back.
func TestValuesStay(t *testing.T) {
	line := func(i int) string { return fmt.Sprintf("{\"n\":%d,\"pad\":\"%s\"}", i, strings.Repeat("p", i%100)) }
	var in bytes.Buffer
	for i := range 50000 {
		fmt.Fprintln(&in, line(i))
	}
	for _, reuse := range []bool{false, true} {
		w := newWindow(bytes.NewReader(in.Bytes()))
		w.reuse = reuse
		var got []Value
		f := &framer{w: w, yield: func(v Value) bool {
			got = append(got, v)
			if n := len(got); n > 20000 { // one in ten is given back at once, most some time later, and some never
				got[n-10000].Release()
			} else if n%10 == 0 {
				got[n-1].Release()
			}
			return true
		}}
		f.run()
		n := 0
		for i, v := range got {
			if v.Raw == nil {
				continue
			}
			n++
			if string(v.Raw) != line(i) || v.Line != i+1 {
				t.Fatalf("reuse %v: value %d is %q on line %d", reuse, i, v.Raw, v.Line)
			}
		}
		if len(got) != 50000 || reuse && n == 50000 || !reuse && n != 50000 {
			t.Errorf("reuse %v: %d values, %d kept", reuse, len(got), n)
		}
	}
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"b\":\n[1]}{\"c\":\"\\\"\"}\n"))
	f.Add([]byte("[{\"a\":1},\n {\"a\":}, {\"a\":2}]x\n{"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var last int64 = -1
		w := newWindow(bytes.NewReader(in))
		w.reuse = true
		fr := &framer{w: w, yield: func(v Value) bool {
			defer v.Release()
			if v.Offset < last || v.Offset > int64(len(in)) {
				t.Errorf("%q: offset %d after %d", in, v.Offset, last)
			}
			if line := 1 + bytes.Count(in[:v.Offset], []byte("\n")); line != v.Line {
				t.Errorf("%q: byte %d is on line %d, not %d", in, v.Offset, line, v.Line)
			}
			if v.Err == nil && string(v.Raw) != "[]" && !bytes.HasPrefix(in[v.Offset:], v.Raw) {
				t.Errorf("%q: %q is not at byte %d", in, v.Raw, v.Offset)
			}
			last = v.Offset
			return true
		}}
		fr.run()
		if got, small := frames(bytes.NewReader(in), maxValue), frames(iotest.OneByteReader(bytes.NewReader(in)), maxValue); !cmp.Equal(got, small) {
			t.Errorf("%q read at once and byte by byte differ:\n%s", in, cmp.Diff(got, small))
		}
	})
}

func BenchmarkFrameJSONL(b *testing.B) { benchFrames(b, "", "", "\n") }
func BenchmarkFrameArray(b *testing.B) { benchFrames(b, "[", "]", ",") }

func benchFrames(b *testing.B, open, end, sep string) {
	line := `{"id":"1600000000000000001","text":"` + strings.Repeat("some words, ", 20) + `","public_metrics":{"like_count":1,"retweet_count":2},"entities":{"urls":[` + strings.Repeat(`{"url":"https://t.co/abc","start":1,"end":20},`, 40) + `{}]}}`
	in := open + strings.Repeat(line+sep, 2000) + line + end
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		n := 0
		f := &framer{w: newWindow(strings.NewReader(in)), yield: func(v Value) bool { n++; return v.Err == nil }}
		if f.run(); n != 2001 {
			b.Fatalf("%d values", n)
		}
	}
}

// TestEnvelopeOfAnySize reads a list that is three times as long as any value may be.
func TestEnvelopeOfAnySize(t *testing.T) {
	in := `{"type":"public_channel","id":5,"messages":[` + strings.Repeat(`{"id":1,"text":"words"},`, 150000) + `{"id":2}]}`
	w := newWindow(strings.NewReader(in))
	w.max = 1 << 20
	w.at(0)
	n := 0
	e := envelope{w: w, yield: func(v Value) bool {
		if v.Err != nil || v.near == nil || v.near.chat.ID != "5" {
			t.Fatalf("value %d is %+v", n, v)
		}
		n++
		return true
	}}
	if !e.read() || n != 150001 {
		t.Errorf("%d messages, want 150001", n)
	}
}

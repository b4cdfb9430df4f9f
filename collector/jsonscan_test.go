package collector_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

// FuzzValid compares the checker with encoding/json: what one takes for sound, the other must. It also compares what is read
// with an index and without.
func FuzzValid(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,true,false,null,"\u00e9\ud83d\ude00\ud83d\n"],"b":{}}`, `{"a":01}`, `[1,]`, `"a`, "\"a\nb\"", `"\x"`, ` {} `, `-`, `1.`, `1e`, `{"a" :1 , "b":[ ]}`,
		`"12345678\"90"`, `"1234567"`, `"123456789012345` + "\x01" + `"`, `nul`, `{"a":1}}`} {
		f.Add([]byte(s))
	}
	var x collector.Index // used again and again, as by decoders
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 10000 || strings.Count(string(in), "[")+strings.Count(string(in), "{") > 400 {
			return // nesting has a limit of its own
		}
		want := json.Valid(in)
		if got := collector.Valid(in); got != want {
			t.Fatalf("Valid(%q) = %v, encoding/json says %v", in, got, want)
		}
		var s string
		if want && utf8.Valid(in) && json.Unmarshal(in, &s) == nil && s != "" {
			if got := collector.Text([]byte(strings.Trim(string(in), " \t\r\n"))); got != collector.Clean(s) {
				t.Errorf("Text(%q) = %q, encoding/json says %q", in, got, s)
			}
		}
		obj, rest, err := collector.ParseObject(in, nil, &x)
		ok := err == nil
		var m map[string]json.RawMessage
		if sound := json.Unmarshal(in, &m) == nil && m != nil; sound != (ok && strings.Trim(string(rest), " \t\r\n") == "") {
			t.Errorf("ParseObject(%q) = %d members, rest %q, %v", in, len(obj), rest, ok)
		}
		if !ok {
			return
		}
		for leave := range 4 {
			plain, indexed := walk(collector.Read(in[:len(in)-len(rest)]), leave), walk(x.Read(), leave)
			if diff := cmp.Diff(plain, indexed); diff != "" {
				t.Errorf("%q without an index, with one:\n%s", in, diff)
			}
		}
	})
}

// walk reads everything but every so many values, which are left or taken whole, and writes down what it finds.
func walk(r *collector.Reader, leave int) (found []string) {
	n := 0
	var value func()
	value = func() {
		n++
		switch {
		case leave > 0 && n%(leave+1) == 0:
			return
		case leave > 0 && n%(leave+2) == 0:
			found = append(found, string(r.Raw()))
			return
		}
		at, again := *r, *r
		raw := at.Raw()
		switch {
		case len(raw) > 0 && raw[0] == '{':
			r.Object(func(key []byte) {
				found = append(found, string(key))
				value()
			})
		case len(raw) > 0 && raw[0] == '[':
			r.Array(value)
		default:
			found = append(found, string(r.Raw()))
		}
		if obj, ok := again.Members(nil); ok {
			for _, m := range obj {
				found = append(found, string(m.Key), string(m.Value))
			}
		}
		found = append(found, string(raw))
	}
	value()
	return append(found, string(r.Raw()))
}

// TestIndexIsBounded reads more objects than an index keeps.
func TestIndexIsBounded(t *testing.T) {
	const n = 300_000
	in := []byte(`{"a":[` + strings.Repeat(`{"b":[]},`, n) + `{}],"c":{"d":[{}]},"e":"f"}`)
	var x collector.Index
	if _, _, err := collector.ParseObject(in, nil, &x); err != nil {
		t.Fatal("not sound")
	}
	elements := 0
	var rest []string
	r := x.Read()
	r.Object(func(key []byte) {
		if string(key) == "a" {
			r.Array(func() { elements++ })
			return
		}
		rest = append(rest, string(key)+string(r.Raw()))
	})
	if got := strings.Join(rest, " "); elements != n+1 || got != `c{"d":[{}]} e"f"` {
		t.Errorf("%d elements and %q", elements, got)
	}
}

// TestTexts checks that strings of one piece are those that would stand alone.
func TestTexts(t *testing.T) {
	for _, piece := range []int{0, 40, 4096} {
		texts := collector.Texts{Piece: piece}
		var got, want []string
		for i := range 2000 {
			for _, in := range []string{`"plain"`, `"\u00e9\ud83d\ude00\n"`, `"\u0000 and "`, "\"\xff\xfe\"", `""`, `null`, `12`, `"` + strings.Repeat("x", i%200) + `"`} {
				link, id := texts.Link("https://x.example/", []byte(in))
				got = append(got, texts.Text([]byte(in)), texts.ID([]byte(in)), link, id)
				id = collector.ID([]byte(in))
				want = append(want, collector.Text([]byte(in)), id, "https://x.example/"+id, id)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pieces of %d, - alone + together:\n%s", piece, diff)
		}
	}
}

func TestScalars(t *testing.T) {
	for in, want := range map[string]string{`"1"`: "1", `1940812345678901234`: "1940812345678901234", `1.5e18`: "", `null`: "", `{}`: "", `"a\u0000b"`: "ab", `"\ud83d!"`: "\uFFFD!"} {
		if got := collector.ID([]byte(in)); got != want {
			t.Errorf("ID(%s) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]int64{`3`: 3, `"3"`: 3, `3.0`: 3, `-1`: -1, `123456789012345678`: 123456789012345678} {
		if p := collector.Count([]byte(in)).Ptr(); p == nil || *p != want {
			t.Errorf("Count(%s) = %v, want %d", in, p, want)
		}
	}
	for _, in := range []string{`null`, `"many"`, `""`, ``, `{}`, `[]`, `true`, `1.5`} {
		if p := collector.Count([]byte(in)).Ptr(); p != nil {
			t.Errorf("Count(%s) = %d, want none", in, *p)
		}
	}
	if collector.Valid([]byte(strings.Repeat("[", 1e6))) {
		t.Error("a million brackets are sound JSON")
	}
}

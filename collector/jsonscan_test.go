package collector_test

import (
	"bytes"
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
		v, _ := x.Value()
		if diff := cmp.Diff(walk(in[:len(in)-len(rest)]), walkIndex(v)); diff != "" {
			t.Errorf("%q without an index, with one:\n%s", in, diff)
		}
	})
}

// walk writes down everything in a sound value.
func walk(raw []byte) (found []string) {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	switch raw[0] {
	case '{':
		collector.Members(raw, func(key, value []byte) bool {
			found = append(append(found, string(key)), walk(value)...)
			return true
		})
	case '[':
		collector.Elements(raw, func(el []byte) bool {
			found = append(found, walk(el)...)
			return true
		})
	case '"':
		found = append(found, collector.Text(raw))
	}
	return append(found, string(raw), collector.ID(raw))
}

// walkIndex is walk for a value of an index.
func walkIndex(v collector.JSON) (found []string) {
	var texts collector.Texts
	for key, value := range v.Members() {
		found = append(append(found, string(key)), walkIndex(value)...)
	}
	for el := range v.Elements() {
		found = append(found, walkIndex(el)...)
	}
	if v.IsText() {
		found = append(found, v.Text(&texts))
	}
	return append(found, string(v.Raw()), v.ID(&texts))
}

// TestIndexIsBounded reads more values than an index keeps, and fewer again.
func TestIndexIsBounded(t *testing.T) {
	in := []byte(`{"a":[` + strings.Repeat(`{"b":[]},`, 300_000) + `{}]}`)
	var x collector.Index
	if _, _, err := collector.ParseObject(in, nil, &x); err != nil {
		t.Fatal("not sound")
	}
	if v, ok := x.Value(); ok || v.IsSet() || string(x.Bytes()) != string(in) {
		t.Errorf("an index of %d bytes", len(x.Bytes()))
	}
	if _, _, err := collector.ParseObject([]byte(`{"c":{"d":"e"}}`), nil, &x); err != nil {
		t.Fatal("not sound")
	}
	v, ok := x.Value()
	if got := v.Get("c").Get("d").Text(new(collector.Texts)); !ok || got != "e" || v.Get("a").Get("b").Raw() != nil {
		t.Errorf("%q, %v", got, ok)
	}
}

// TestTexts checks that strings of one piece are those that would stand alone.
func TestTexts(t *testing.T) {
	for _, piece := range []int{0, 40, 4096} {
		texts := collector.Texts{Piece: piece}
		var got, want []string
		for i := range 2000 {
			for _, in := range []string{`"plain"`, `"\u00e9\ud83d\ude00\n"`, `"\u0000 and "`, "\"\xff\xfe\"", `""`, `null`, `12`, `"` + strings.Repeat("x", i%200) + `"`} {
				var x collector.Index
				collector.ParseObject([]byte(`{"v":`+in+`}`), nil, &x)
				v, _ := x.Value()
				link, id := texts.Link("https://x.example/", v.Get("v"))
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

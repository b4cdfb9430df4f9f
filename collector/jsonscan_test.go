package collector_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"stallwatch/collector"
)

// FuzzValid compares the checker with encoding/json: what one takes for sound, the other must.
func FuzzValid(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,true,false,null,"\u00e9\ud83d\ude00\ud83d\n"],"b":{}}`, `{"a":01}`, `[1,]`, `"a`, "\"a\nb\"", `"\x"`, ` {} `, `-`, `1.`, `1e`, `{"a" :1 , "b":[ ]}`,
		`"12345678\"90"`, `"1234567"`, `"123456789012345` + "\x01" + `"`, `nul`, `{"a":1}}`} {
		f.Add([]byte(s))
	}
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
		obj, rest, ok := collector.ParseObject(in, nil)
		var m map[string]json.RawMessage
		if sound := json.Unmarshal(in, &m) == nil && m != nil; sound != (ok && strings.Trim(string(rest), " \t\r\n") == "") {
			t.Errorf("ParseObject(%q) = %d members, rest %q, %v", in, len(obj), rest, ok)
		}
	})
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

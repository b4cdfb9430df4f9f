package collector_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func TestMembers(t *testing.T) {
	got := map[string]string{}
	rest, err := collector.Members([]byte(` {"a" : 1.5e3 , "b\"c":"x\\","d":[{"e":"]}"}],"f":null} tail`), func(k, v []byte) bool {
		got[string(k)] = string(v)
		return true
	})
	want := map[string]string{"a": "1.5e3", `b\"c`: `"x\\"`, "d": `[{"e":"]}"}]`, "f": "null"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || string(rest) != " tail" {
		t.Errorf("Members: rest %q, error %v, - want + got:\n%s", rest, err, diff)
	}
	for _, bad := range []string{``, `[]`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{"a" 1}`, `{"a":"`, `{"a":[}`, `{a:1}`} {
		if _, err := collector.Members([]byte(bad), func(k, v []byte) bool { return true }); err == nil {
			t.Errorf("Members(%q) finds nothing wrong", bad)
		}
	}
}

func TestElements(t *testing.T) {
	var got []string
	rest, err := collector.Elements([]byte("[1, \"a,b\" ,[2],{}]\n"), func(v []byte) bool {
		got = append(got, string(v))
		return true
	})
	if diff := cmp.Diff([]string{"1", `"a,b"`, "[2]", "{}"}, got); diff != "" || err != nil || string(rest) != "\n" {
		t.Errorf("Elements: rest %q, error %v, - want + got:\n%s", rest, err, diff)
	}
}

func TestUnmarshal(t *testing.T) {
	var v struct {
		A string
		B struct{ C, D string }
		N collector.Number
	}
	if err := collector.Unmarshal([]byte(`{"a":1,"b":{"c":[],"d":"kept"},"n":"12"}`), &v); err != nil || v.B.D != "kept" || *v.N.Ptr() != 12 || v.A != "" {
		t.Errorf("Unmarshal of misfits = %+v, %v", v, err)
	}
	if err := collector.Unmarshal([]byte(`{"a":"x","b":{`), &v); err == nil {
		t.Error("Unmarshal of half a value finds nothing wrong")
	}
}

func TestParseNumber(t *testing.T) {
	for in, want := range map[string]int64{"0": 0, "-3": -3, "3.0": 3, "9007199254740993": 9007199254740993} {
		if p := collector.ParseNumber(in).Ptr(); p == nil || *p != want {
			t.Errorf("ParseNumber(%q) = %v, want %d", in, p, want)
		}
	}
	for _, in := range []string{"", "null", "1.5", "many", "1e30", "NaN"} {
		if p := collector.ParseNumber(in).Ptr(); p != nil {
			t.Errorf("ParseNumber(%q) = %d, want none", in, *p)
		}
	}
}

// FuzzMembers checks that on sound JSON the scanner sees what encoding/json sees.
func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":{"b":"}\\\""},"c":[1,2,{"d":"]"}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var want map[string]json.RawMessage
		sound := json.Unmarshal(in, &want) == nil && want != nil
		n := 0
		rest, err := collector.Members(in, func(k, v []byte) bool {
			n++
			if sound && !json.Valid(v) {
				t.Errorf("Members(%q) gives %q, which is no value", in, v)
			}
			return true
		})
		if sound && (err != nil || n < len(want)) {
			t.Errorf("Members(%q): %d of %d members, rest %q, error %v", in, n, len(want), rest, err)
		}
	})
}

func TestTrimRepost(t *testing.T) {
	for _, c := range []struct {
		in, rest, handle string
		ok               bool
	}{
		{"RT @a_1: text: more", "text: more", "a_1", true},
		{"RT @a text", "RT @a text", "", false},
		{"RT @: text", "RT @: text", "", false},
		{"So RT @a: text", "So RT @a: text", "", false},
	} {
		if rest, h, ok := collector.TrimRepost(c.in); rest != c.rest || h != c.handle || ok != c.ok {
			t.Errorf("TrimRepost(%q) = %q, %q, %v", c.in, rest, h, ok)
		}
	}
}

func TestEndsCut(t *testing.T) {
	for in, want := range map[string]bool{"a…": true, "a… https://t.co/x1": true, "a… https://t.co/x b": false, "a https://t.co/x": false, "": false} {
		if got := collector.EndsCut(in); got != want {
			t.Errorf("EndsCut(%q) = %v", in, got)
		}
	}
}

// FuzzUnmarshal compares the fast decoder with encoding/json: what one takes for sound the other must too.
func FuzzUnmarshal(f *testing.F) {
	type inner struct {
		Text string           `json:"text"`
		N    collector.Number `json:"n"`
	}
	type outer struct {
		ID   string   `json:"id"`
		List []inner  `json:"list"`
		In   *inner   `json:"in"`
		Tags []string `json:"tags"`
		Ok   bool     `json:"ok"`
	}
	f.Add([]byte(`{"id":"1","list":[{"text":"\ud83d\u0000","n":"3"}],"in":null,"tags":["a"],"ok":true,"other":[{}]}`))
	f.Add([]byte(`{"id":1,"in":{"text":"x"},"ok":"yes"} `))
	f.Fuzz(func(t *testing.T, in []byte) {
		var v outer
		err := collector.Unmarshal(in, &v)
		if sound := json.Valid(in); sound != (err == nil) {
			t.Errorf("Unmarshal(%q) = %v, but sound is %v", in, err, sound)
		}
	})
}

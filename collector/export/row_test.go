package export

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCleanID(t *testing.T) {
	cases := []struct{ id, url, want, fault string }{
		{"1600000000000000001", "", "1600000000000000001", ""},
		{"x1600000000000000001", "", "1600000000000000001", ""},
		{`="1600000000000000001"`, "", "1600000000000000001", ""},
		{"'1600000000000000001", "", "1600000000000000001", ""},
		{"1.6E+18", "", "", faultFloat},
		{"1,60000000000001E+18", "", "", faultFloat},
		{"1600000000000000000.0", "", "", faultFloat},
		{"1.6e18", "https://twitter.com/a/status/1600000000000000001?s=20", "1600000000000000001", ""},
		{"", "https://x.com/i/web/status/1600000000000000001", "1600000000000000001", ""},
		{"", "", "", faultMissing},
		{"12345.0", "", "12345", ""},
		{"1600000000000000500", "", "1600000000000000500", faultRound},
		{"t3_abc", "", "t3_abc", ""},
		{"xylophone", "", "xylophone", ""},
	}
	for _, c := range cases {
		got, fault := cleanID(c.id, c.url)
		kind := ""
		if fault != nil {
			kind = fault.kind
		}
		if got != c.want || kind != c.fault {
			t.Errorf("cleanID(%q, %q) = %q, %q; want %q, %q", c.id, c.url, got, kind, c.want, c.fault)
		}
	}
}

func TestGuess(t *testing.T) {
	m, err := guess([]string{"", "Tweet Id", "Datetime", "Username", "Tweet", "Text", "likeCount", "user.id"}, nil)
	want := mapping{"id": "Tweet Id", "date": "Datetime", "handle": "Username", "text": "Text", "likes": "likeCount", "author": "user.id", "of": "x"}
	if diff := cmp.Diff(want, m); diff != "" || err != nil {
		t.Errorf("guess, error %v, - want + got:\n%s", err, diff)
	}
	m, err = guess([]string{"a", "b", "text"}, map[string]string{"text": "b", "id": "1", "date_order": "dmy"})
	if diff := cmp.Diff(mapping{"text": "b", "id": "a"}, m); diff != "" || err != nil {
		t.Errorf("guess with an override, error %v, - want + got:\n%s", err, diff)
	}
	if _, err = guess([]string{"a", "b"}, map[string]string{"text": "c"}); err == nil {
		t.Error("guess takes a column that is not there")
	}
}

func TestParseCount(t *testing.T) {
	for in, want := range map[string]int64{"12": 12, "12.0": 12, "1,234": 1234, "1,234,567": 1234567, "2.5K": 2500, "1.2M": 1200000, "3b": 3e9, "7k": 7000} {
		if n := parseCount(in); n == nil || *n != want {
			t.Errorf("parseCount(%q) = %v, want %d", in, n, want)
		}
	}
	for _, in := range []string{"", "1.5", "1,23", "many", "K", "1.2.3K", "9999999999999999B"} {
		if n := parseCount(in); n != nil {
			t.Errorf("parseCount(%q) = %d, want none", in, *n)
		}
	}
}

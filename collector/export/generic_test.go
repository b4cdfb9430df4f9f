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
	want := mapping{"id": "Tweet Id", "date": "Datetime", "handle": "Username", "text": "Text", "likes": "likeCount", "author": "user.id"}
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

func TestSplitList(t *testing.T) {
	for in, want := range map[string][]string{
		"a|b": {"a", "b"}, "['a', 'b']": {"a", "b"}, `["#a","b"]`: {"#a", "b"}, "a, b": {"a", "b"}, "#a #b": {"#a", "#b"}, "[]": {}, "": {},
	} {
		if diff := cmp.Diff(want, splitList(in)); diff != "" {
			t.Errorf("splitList(%q), - want + got:\n%s", in, diff)
		}
	}
}

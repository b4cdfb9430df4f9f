package export

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitList(t *testing.T) {
	for in, want := range map[string][]string{
		"a|b": {"a", "b"}, "['a', 'b']": {"a", "b"}, `["#a","b"]`: {"#a", "b"}, "a, b": {"a", "b"}, "#a #b": {"#a", "#b"}, "[]": {}, "": {},
		"['a' 'b']": {"a", "b"}, `c("a", "b")`: {"a", "b"}, "[a, b]": {"a", "b"},
	} {
		if diff := cmp.Diff(want, splitList(in)); diff != "" {
			t.Errorf("splitList(%q), - want + got:\n%s", in, diff)
		}
	}
}

func TestHashtags(t *testing.T) {
	for in, want := range map[string][]string{
		"[{'text': 'Peace', 'indices': [20, 28]}, {'text': \"o'clock\", 'indices': [29, 35]}]": {"Peace", "o'clock"},
		`[{"start":1,"end":6,"tag":"peace"}]`:                                                  {"peace"},
		`{"hashtags":[{"text":"peace"}],"urls":[]}`:                                            {"peace"},
		"{'urls': [{'url': 'https://t.co/a'}]}":                                                nil,
		"[Peace, Talks]":                                                                       {"Peace", "Talks"},
		"2":                                                                                    nil,
		"Peace; Talks":                                                                         {"Peace", "Talks"},
		`["\u0440\u0443\u0441", "a\"b"]`:                                                       {"рус", `a"b`},
		"[{'text': 'a', 'at': datetime.datetime(2022, 3, 1), 'n': None}]": {"a"},
	} {
		if diff := cmp.Diff(want, hashtags(in)); diff != "" {
			t.Errorf("hashtags(%q), - want + got:\n%s", in, diff)
		}
	}
}

func TestLinks(t *testing.T) {
	const odd = "https://paper.example/7,75399,28134.html"
	for in, want := range map[string][]string{
		"['" + odd + "', 'http://b.example']": {odd, "http://b.example"},
		"[http://b.example/2aB, " + odd + "]": {"http://b.example/2aB", odd},
		"https://a.example," + odd:            {"https://a.example", odd},
		odd:                                   {odd},
		"https://a.example; https://b.example|https://c.example x":                  {"https://a.example", "https://b.example", "https://c.example"},
		"https://a.example/?u=https://b.example":                                    {"https://a.example/?u=https://b.example"},
		`[{"url":"https://t.co/a","expanded_url":"https://a.example"},{"id":"1"}]`:  {"https://a.example", ""},
		"{'urls': [{'url': 'https://t.co/a', 'unwound_url': 'https://a.example'}]}": {"https://a.example"},
		"3": nil, "": nil, "example.com": nil,
	} {
		if diff := cmp.Diff(want, links(in)); diff != "" {
			t.Errorf("links(%q), - want + got:\n%s", in, diff)
		}
	}
}

func FuzzLists(f *testing.F) {
	f.Add(`[{'a': ["b", {c: d}]}, 'e\x41\u00e9', x(1, 2), 'f\']`)
	f.Add(`c("a", "b`)
	f.Add(strings.Repeat("[{'", 99))
	f.Fuzz(func(t *testing.T, s string) {
		if n := len(splitList(s)) + len(hashtags(s)) + len(links(s)); n > 3*len(s) {
			t.Errorf("%q has %d members", s, n)
		}
		reference(s)
		parseCount(s)
	})
}

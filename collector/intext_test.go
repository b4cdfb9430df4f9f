package collector_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
)

func TestAddFromText(t *testing.T) {
	for text, want := range map[string][2][]string{
		"no more than words, 3 # 4 and #5":                              {},
		"#Talks, #переговоры! and #two_words#three":                     {nil, {"Talks", "переговоры", "two_words"}},
		"see (https://news.example/a?b=1#c). And more http://x.example": {{"https://news.example/a?b=1#c", "http://x.example"}, nil},
		"&#39; x#y /#z":                     {},
		"«https://news.example/ж» #talks@g": {{"https://news.example/ж"}, {"talks"}},
	} {
		p := collector.Post{Text: text}
		collector.AddFromText(&p)
		if diff := cmp.Diff(want, [2][]string{p.URLs, p.Hashtags}); diff != "" {
			t.Errorf("%q gives, - want + got:\n%s", text, diff)
		}
	}
}

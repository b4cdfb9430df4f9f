package web_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/store"
	"stallwatch/web"
)

// hostileThesis is a thesis of a stranger's folder.
func hostileThesis(t *testing.T) *classify.Thesis {
	th := *thesis(t)
	th.Title, th.Claim, th.Wording.Say = hostileText, hostileText, hostileText
	th.Events = append([]classify.Event{}, th.Events...)
	for i := range th.Events {
		th.Events[i].Title, th.Events[i].Description = hostileText, hostileText
		th.Events[i].Source, th.Events[i].Publisher = "javascript:alert(5)", hostileText
	}
	return &th
}

// hostile is every text of the figures replaced by an attack, as if a file, a thesis and a model were all a stranger's.
func hostile(t *testing.T) web.Figures {
	th := hostileThesis(t)
	s := newSample(time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC), 180, 60, 7)
	sum := s.summary(store.Filter{})
	for _, gs := range [][]store.Group{sum.Platforms, sum.Langs, sum.Kinds} {
		gs[0].Name = hostileText
	}
	sum.Unclassified[hostileText], sum.Models = 3, []string{hostileText, "b"}
	entry := ledger(day0)
	entry[0].Action, entry[0].Source, entry[0].Note = hostileText, hostileText, hostileText
	in := web.Inputs{Ledger: entry, PostsRule: hostileText, LastUpdated: day0, Windows: web.EventWindows(sum, th),
		Model: &web.ModelCard{ModelID: hostileText, EvaluatedOn: hostileText, N: 3, MacroF1: 0.5}}
	for _, address := range []string{"javascript:alert(6)", "data:text/html,<script>alert(7)</script>", `https://a.example/"onmouseover="alert(8)`, "//a.example", "https://x.com/\u202Egnp"} {
		in.Posts = append(in.Posts, web.TypicalPost{Stance: classify.Agree, Text: hostileText, Platform: hostileText, Permalink: address, CreatedAt: day0,
			Spans: []web.Span{{Start: -4, End: 3}, {Start: 3, End: 9}, {Start: 5, End: 12}, {Start: 140, End: 141}, {Start: 10, End: 1 << 40}, {Start: 9, End: 9}}})
	}
	return web.NewFigures(sum, th, in)
}

var (
	tag          = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`) // what is between tags is text
	quoted       = regexp.MustCompile(`"[^"]*"`)
	badAttribute = regexp.MustCompile(`(?i)\s(on[a-z]+|style|srcdoc|formaction)\s*=`)
	link         = regexp.MustCompile(`(?i)\s(?:xlink:)?href="([^"]*)"`)
	scripts      = regexp.MustCompile(`(?is)<script.*?</script>`)
	ownScript    = regexp.MustCompile(`^<script src="/static/page\.[0-9a-f]{12}\.js" defer></script>$`)
	goodLink     = regexp.MustCompile(`^(/static/|/summary|/method|/runs|/posts|/feed\.atom|/chart\.(svg|png)|/$|#|https?://|\?|/\?)`)
)

// knownTags are those the templates write.
var knownTags = regexp.MustCompile(`^</?(!doctype|html|head|meta|title|link|body|a|p|header|div|nav|main|section|article|details|summary|form|label|input|select|option|button|span|h[1-4]|ul|ol|li|dl|dt|dd|i|em|strong|code|pre|mark|blockquote|figure|figcaption|table|thead|tbody|tr|th|td|footer|svg|desc|defs|pattern|rect|line|path|circle|text|tspan|g|script|output|button|br|b)\b`)

func checkMarkup(t *testing.T, where, body string) {
	t.Helper()
	for _, script := range scripts.FindAllString(body, -1) {
		if !ownScript.MatchString(script) {
			t.Errorf("%s: a script that no template writes: %.200s", where, script)
		}
	}
	for _, tg := range tag.FindAllString(body, -1) {
		if !knownTags.MatchString(strings.ToLower(tg)) {
			t.Errorf("%s: a tag that no template writes: %s", where, tg)
		}
		if bare := quoted.ReplaceAllString(tg, `""`); badAttribute.MatchString(bare) {
			t.Errorf("%s: an attribute that no template writes: %.200s", where, tg)
		}
		if href := link.FindStringSubmatch(tg); href != nil && !goodLink.MatchString(href[1]) {
			t.Errorf("%s: a link to %q", where, href[1])
		}
	}
}

func TestInjection(t *testing.T) {
	h := serve(t, hostile(t))
	h2 := serve(t, hostile(t), func(c *web.Config) {
		c.Ledger = func(context.Context) ([]store.Entry, error) { return hostile(t).Ledger, nil }
	})
	for _, path := range []string{"/runs", "/embed", "/feed.atom", "/chart.svg", "/chart.svg?chart=what-posts-do"} {
		w := get(h2, path)
		if w.Code != 200 || strings.Contains(w.Body.String(), "<script>") || strings.Contains(w.Body.String(), "<img") {
			t.Errorf("%s = %d, with markup of the post", path, w.Code)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			checkMarkup(t, path, w.Body.String())
		} else {
			checkXML(t, w.Body.String())
		}
	}
	for _, path := range []string{"/", "/method", "/nothing"} {
		body := get(h, path).Body.String()
		checkMarkup(t, path, body)
		if path == "/" && (strings.Count(body, "&lt;script&gt;") < 10 || !strings.Contains(body, `<mark class="agree">`)) {
			t.Error("the page does not show the hostile text at all: nothing was tested")
		}
	}
	for _, name := range []string{"since", "until", "step", "platform", "lang", "kind", "chart", "before", "after", "q", "stance", "other", "<b>"} {
		for _, path := range []string{"/", "/summary.json", "/summary.csv", "/method", "/nothing", "/static/x",
			"/runs", "/embed", "/feed.atom", "/chart.svg", "/summary.csv-metadata.json", "/summary.json-metadata.json", "/posts"} {
			w := get(h, path+"?"+url.Values{name: {hostileText}}.Encode())
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				checkMarkup(t, path+"?"+name, w.Body.String())
			}
		}
	}
}

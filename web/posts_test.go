package web_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// listing is a server of posts that remembers what was asked for.
func listing(t *testing.T, records []store.Record, asked *store.Filter, change ...func(*web.Config)) func(path string) (int, string) {
	t.Helper()
	h := serve(t, filled(t), append(change, func(c *web.Config) {
		c.Posts = func(_ context.Context, f store.Filter, after store.Cursor, n int) ([]store.Record, store.Cursor, error) {
			*asked = f
			switch {
			case after == "bad":
				return nil, "", fmt.Errorf("posts: %w", store.ErrBadCursor)
			case after == "" && len(records) > n:
				return records[:n], "next", nil
			case after == "next":
				return records[n:], "", nil
			}
			return records, "", nil
		}
		c.Explain = func(store.Record) web.Evidence { return web.Evidence{Spans: []web.Span{{Start: 0, End: 2}}} }
	})...)
	return func(path string) (int, string) {
		w := get(h, path)
		checkMarkup(t, path, w.Body.String())
		return w.Code, w.Body.String()
	}
}

func record(n int, text string) store.Record {
	r := store.Record{Post: collector.Post{Platform: "x", ID: fmt.Sprint(n), Text: text, CreatedAt: day0, Kind: collector.Reply, Lang: "en",
		Permalink: "https://x.com/i/web/status/1"}, Entry: 3, Author: "ab12"}
	r.Verdict.P[classify.Agree] = .91
	return r
}

func TestPostsPage(t *testing.T) {
	var asked store.Filter
	var records []store.Record
	for i := range 30 {
		records = append(records, record(i, fmt.Sprintf("He buys time, number %d", i)))
	}
	records[1].Cluster = "x:0"
	records[2].Verdict = classify.Verdict{Abstain: classify.AbstainLanguage}
	records[3].Codings = []store.Coding{{Coder: "c1", Label: "agree"}}
	ask := listing(t, records, &asked)
	code, body := ask("/posts?stance=agree,not-classified&min=60&max=95&q=buys+time&platform=x&since=2025-07-01")
	if code != 200 {
		t.Fatal(code)
	}
	for _, want := range []string{`<mark class="agree">He</mark>`, "Agree, classifier 91\u202f% sure", "Not classified: in another language", "/posts?cluster=x%3A0",
		"coded agree by c1", `value="buys time"`, `after=next`, "x.com", `href="/runs?before=4"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "ab12") {
		t.Error("the page names an author's hash")
	}
	if len(asked.Stances) != 1 || !asked.Abstained || asked.MinP != .6 || asked.MaxP != .95 || asked.Text != "buys time" || asked.Platforms[0] != "x" || !asked.Since.Equal(day0) {
		t.Errorf("asked for %+v", asked)
	}
	if code, body := ask("/posts?after=next"); code != 200 || !strings.Contains(body, "number 29") || !strings.Contains(body, "Newest") || strings.Contains(body, `rel="next"`) {
		t.Errorf("the last page is %d", code)
	}
	if code, body := ask("/posts?cluster=x%3A0"); code != 200 || asked.Cluster != "x:0" || !strings.Contains(body, `name="cluster" value="x:0"`) {
		t.Errorf("a cluster's page is %d, asked %+v", code, asked)
	}
	for _, bad := range []string{"after=bad", "stance=maybe", "min=2000", "max=x", "cluster=nothing", "kind=repost", "q=" + strings.Repeat("a", 300)} {
		if code, body := ask("/posts?" + bad); code != 400 || !strings.Contains(body, "<code>"+bad[:strings.IndexByte(bad, '=')]) {
			t.Errorf("%s = %d, want 400 that names it", bad, code)
		}
	}
	none := listing(t, nil, &asked)
	if code, body := none("/posts"); code != 200 || !strings.Contains(body, "stallwatch import") {
		t.Errorf("no posts: %d", code)
	}
	if code, body := none("/posts?q=a"); code != 200 || !strings.Contains(body, "No post matches this choice") {
		t.Errorf("no match: %d", code)
	}
}

// TestPostsArePrivate: a public server lists nothing, and says so.
func TestPostsArePrivate(t *testing.T) {
	var asked store.Filter
	ask := listing(t, []store.Record{record(1, "secret words")}, &asked, func(c *web.Config) { c.Public = true })
	if code, body := ask("/posts"); code != 404 || strings.Contains(body, "secret") || !strings.Contains(body, "Posts are not listed here") || strings.Contains(body, `href="/posts"`) {
		t.Errorf("public /posts = %d", code)
	}
}

func TestPostsHostile(t *testing.T) {
	var asked store.Filter
	r := record(1, hostileText)
	r.Post.Permalink, r.Post.Lang, r.Post.Kind, r.Cluster, r.Post.ID, r.Post.Platform = "javascript:alert(1)", hostileText, collector.Kind(hostileText), `x:"><b>`, hostileText, hostileText
	r.Codings = []store.Coding{{Coder: hostileText, Label: hostileText}}
	ask := listing(t, []store.Record{r}, &asked)
	if code, body := ask("/posts"); code != 200 || strings.Count(body, "&lt;script&gt;") < 5 {
		t.Errorf("hostile posts: %d, %d times the text", code, strings.Count(body, "&lt;script&gt;"))
	}
	for _, name := range []string{"q", "cluster", "after", "stance", "min", "platform"} {
		ask("/posts?" + name + "=" + `%22%3E%3Cscript%3Ealert(1)%3C/script%3E`)
	}
}

func TestEvidenceNote(t *testing.T) {
	for _, tt := range []struct {
		known []web.Evidence
		want  []string
		never []string
	}{
		{[]web.Evidence{{Spans: []web.Span{{0, 2}}}, {}}, []string{"Underlined are"}, []string{"looked for", "another model"}},
		{[]web.Evidence{{}, {Sought: true}}, []string{"Underlined are", "still being looked for"}, []string{"another model"}},
		{[]web.Evidence{{OtherModel: true}, {Sought: true}}, []string{"still being looked for", "another model judged have none", "stallwatch reclassify"}, nil},
	} {
		note := web.EvidenceNote(tt.known)
		for _, w := range tt.want {
			if !strings.Contains(note, w) {
				t.Errorf("of %+v the page says %q, which lacks %q", tt.known, note, w)
			}
		}
		for _, w := range tt.never {
			if strings.Contains(note, w) {
				t.Errorf("of %+v the page says %q, with %q", tt.known, note, w)
			}
		}
	}
}

// TestMarksAppear: words that are found after a list of posts was sent are marked in it, for readers with script, while the list stays.
func TestMarksAppear(t *testing.T) {
	ctx := browser(t)
	var found atomic.Bool
	records := []store.Record{record(1, "He buys time <b>"), record(2, "No talks")}
	h := serve(t, filled(t), func(c *web.Config) {
		c.Generation = func() uint64 {
			if found.Load() {
				return 2
			}
			return 1
		}
		c.Posts = func(context.Context, store.Filter, store.Cursor, int) ([]store.Record, store.Cursor, error) {
			if found.Load() {
				return append([]store.Record{record(3, "A newer post")}, records...), "", nil
			}
			return records, "", nil
		}
		c.Explain = func(store.Record) web.Evidence {
			if found.Load() {
				return web.Evidence{Spans: []web.Span{{Start: 3, End: 7}}}
			}
			return web.Evidence{Sought: true}
		}
	})
	srv := httptest.NewServer(h)
	t.Cleanup(func() { h.(*web.Server).Close(); srv.CloseClientConnections(); srv.Close() })
	open(ctx, t, srv.URL+"/posts", look{width: 800, script: true})
	const text = `document.querySelector("main").innerText`
	if got := eval[string](ctx, t, text); !strings.Contains(got, "still being looked for") {
		t.Errorf("the page does not say that words are being looked for:\n%s", got)
	}
	do(ctx, t, chromedp.Focus("#x-2"))
	found.Store(true)
	const marks = `(async () => { for (let i = 0; i < 600 && !document.querySelector("mark"); i++) await new Promise((r) => setTimeout(r, 100));
		return [...document.querySelectorAll("mark")].map((m) => m.textContent).join("|") })()`
	if got := eval[string](ctx, t, marks); got != "buys|talk" {
		t.Errorf("marked are %q, want buys and talk", got)
	}
	if got := eval[string](ctx, t, text); strings.Contains(got, "looked for") || strings.Contains(got, "A newer post") || !strings.Contains(got, "<b>") {
		t.Errorf("after the words were found the page reads\n%s", got)
	}
	if id := eval[string](ctx, t, "document.activeElement.id"); id != "x-2" {
		t.Errorf("the focus went to %q", id)
	}
}

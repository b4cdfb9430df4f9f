package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"stallwatch/store"
	"stallwatch/web"
)

func filled(t *testing.T) web.Figures {
	t.Helper()
	return newSample(time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC), 180, 60, 7).figures(thesis(t), store.Filter{})
}

// TestPages executes every template with filled and with empty values, and looks for what must and must not be there.
func TestPages(t *testing.T) {
	th := thesis(t)
	empty := web.NewFigures(store.Summary{}, th, web.Inputs{})
	emptyFiltered := web.NewFigures(store.Summary{Filter: store.Filter{Platforms: []string{"x"}}}, th, web.Inputs{})
	noSide := web.NewFigures(store.Summary{First: day0, Last: day0, Posts: store.Cell{Discuss: 3, Unrelated: 1},
		Series: []store.Point{{Start: day0, End: day0.AddDate(0, 0, 1), Cell: store.Cell{Discuss: 3}}}}, th, web.Inputs{Ledger: ledger(day0)})
	full := filled(t)
	public := func(c *web.Config) { c.Public = true }
	failing := func(c *web.Config) {
		c.Figures = func(context.Context, store.Filter) (web.Figures, error) {
			return web.Figures{}, errors.New("secret cause")
		}
	}
	const banner, caveat = "Synthetic demonstration data: written for this demo, not real posts", "Posts matching our query, not public opinion."
	for _, tt := range []struct {
		name      string
		h         http.Handler
		path      string
		code      int
		want, not []string
	}{
		{"full", serve(t, full), "/", 200, []string{banner, caveat, "say Putin is stalling", "<svg class=\"chart wide", "Call, no breakthrough", "The same as a table", "macro-F1 0.81", "feed.atom", "summary.csv-metadata.json", "Cite as"}, []string{"/home/someone", "NaN"}},
		{"empty", serve(t, empty), "/", 200, []string{"No posts yet", "stallwatch import FILE…"}, []string{banner, "<svg class=\"chart", "<form", "NaN"}},
		{"empty, public", serve(t, empty, public), "/", 200, []string{"No posts yet"}, []string{"stallwatch import"}},
		{"empty, filtered", serve(t, emptyFiltered), "/?platform=x", 200, []string{"No post matches this choice", "Show everything", "<form"}, []string{"stallwatch import"}},
		{"no side", serve(t, noSide), "/", 200, []string{"No post takes a side", caveat, "3 discuss"}, []string{"<svg class=\"chart", "NaN"}},
		{"failing", serve(t, full, failing), "/", 500, []string{"could not be made", "stallwatch summary"}, []string{"secret cause"}},
		{"failing, public", serve(t, full, failing, public), "/", 500, []string{"could not be made"}, []string{"secret cause", "stallwatch summary"}},
		{"failing JSON", serve(t, full, failing), "/summary.json", 500, nil, []string{"secret cause"}},
		{"method", serve(t, full), "/method", 200, []string{"The codebook", "The classifier", "one voice"}, []string{"NaN"}},
		{"health", serve(t, full), "/healthz", 200, []string{"ok v0.0.0-test"}, nil},
		{"no page", serve(t, full), "/nothing", 404, []string{"There is no page at this address"}, nil},
		{"no file", serve(t, full), "/static/nothing.css", 404, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := get(tt.h, tt.path)
			if w.Code != tt.code {
				t.Fatalf("GET %s = %d, want %d", tt.path, w.Code, tt.code)
			}
			for _, s := range tt.want {
				if !strings.Contains(w.Body.String(), s) {
					t.Errorf("%s lacks %q", tt.path, s)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(w.Body.String(), s) {
					t.Errorf("%s has %q", tt.path, s)
				}
			}
			checkHeaders(t, w)
		})
	}
}

func checkHeaders(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	h := w.Header()
	csp := h.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy = %q", csp)
	}
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Set-Cookie") != "" {
		t.Errorf("headers = %v", h)
	}
	for _, forbidden := range []string{" style=", "<script>", "<style", "javascript:"} {
		if strings.Contains(w.Body.String(), forbidden) {
			t.Errorf("the answer has %q, which its policy refuses", forbidden)
		}
	}
}

func TestBadFilter(t *testing.T) {
	h := serve(t, filled(t))
	for _, tt := range []struct{ query, want string }{
		{"since=yesterday", "2025-07-03"}, {"until=2025-02-30", "2025-07-03"}, {"since=2025-07-02&until=2025-07-01", "The last day comes before the first"},
		{"step=hour", "day, week or month"}, {"platform=%3Cb%3E", "lower case"}, {"lang=e", "language code"}, {"kind=repost", "counted apart"},
		{"kind=" + strings.Repeat("x", 500), "Write original"}, {"platform=" + manyValues(30), "at most 20"},
		{"since=a&step=b&lang=!", "language code"}, // all mistakes at once
		{"since=2025-07-01&since=2025-07-02", "twice"}, {"step=day&step=week", "twice"},
	} {
		for _, path := range []string{"/", "/summary.json", "/summary.csv"} {
			w := get(h, path+"?"+tt.query)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("GET %s?%s = %d, want 400 that says %q", path, tt.query, w.Code, tt.want)
			}
		}
	}
}

func manyValues(n int) string {
	var vs []string
	for i := range n {
		vs = append(vs, "p"+strings.Repeat("x", i))
	}
	return strings.Join(vs, ",")
}

// TestFilter: what an address asks for is what Figures is called with.
func TestFilter(t *testing.T) {
	var got store.Filter
	h := web.NewServer(web.Config{Thesis: thesis(t), Figures: func(_ context.Context, f store.Filter) (web.Figures, error) {
		got = f
		return web.NewFigures(store.Summary{Filter: f}, thesis(t), web.Inputs{}), nil
	}})
	w := get(h, "/?since=2025-07-01&until=2025-07-03&step=week&platform=x&platform=bluesky,x&lang=en&kind=reply&utm_source=a")
	if w.Code != 200 || !got.Since.Equal(day0) || !got.Until.Equal(day0.AddDate(0, 0, 3)) || got.Step != store.Week ||
		strings.Join(got.Platforms, " ") != "x bluesky" || strings.Join(got.Langs, " ") != "en" || len(got.Kinds) != 1 || got.Kinds[0] != "reply" {
		t.Errorf("code %d, filter = %+v", w.Code, got)
	}
	for _, want := range []string{`value="2025-07-01"`, `value="2025-07-03"`, `value="x,bluesky" selected`, `value="week" selected`, `value="reply" selected`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the form does not keep %s", want)
		}
	}
	if get(h, "/?since=&until=&step=&platform=&lang=&kind="); !got.Since.IsZero() || got.Platforms != nil || got.Kinds != nil {
		t.Errorf("filter of an empty form = %+v, want none", got)
	}
}

func TestMethodsAndHosts(t *testing.T) {
	h := serve(t, filled(t))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		r := httptest.NewRequest(method, "/", strings.NewReader("x"))
		r.Host = "localhost:7788"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s / = %d, want 405", method, w.Code)
		}
	}
	public := serve(t, filled(t), func(c *web.Config) { c.Public = true })
	for host, own := range map[string]bool{
		"localhost": true, "LocalHost:7788": true, "localhost:7788": true, "127.0.0.1:7788": true, "[::1]:7788": true, "[::1]": true, "192.168.1.5:80": true,
		"evil.example": false, "127.0.0.1.evil.example:7788": false, "": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
		r.Host = host
		w, wp := httptest.NewRecorder(), httptest.NewRecorder()
		h.ServeHTTP(w, r)
		public.ServeHTTP(wp, r)
		if (w.Code == 200) != own || wp.Code != 200 {
			t.Errorf("host %q: %d, public %d; want own = %v and public always", host, w.Code, wp.Code, own)
		}
	}
}

func TestStatic(t *testing.T) {
	h := serve(t, filled(t))
	m := regexp.MustCompile(`/static/style\.[0-9a-f]{12}\.css`).FindString(get(h, "/").Body.String())
	w := get(h, m)
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("GET %q = %d, %v", m, w.Code, w.Header())
	}
	if strings.Contains(w.Body.String(), "url(") || strings.Contains(w.Body.String(), "@import") {
		t.Error("the style sheet asks for more")
	}
}

package web_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"stallwatch/store"
	"stallwatch/web"
)

// axe is the checker's source; without it the test that asks is marked as skipped, loudly.
func axe(t *testing.T) (source string) {
	t.Helper()
	b, err := os.ReadFile(os.Getenv("STALLWATCH_AXE"))
	if err != nil && os.Getenv("STALLWATCH_BROWSER") == "must" {
		t.Fatal("STALLWATCH_AXE names no readable file, and STALLWATCH_BROWSER=must")
	}
	return string(b)
}

const runAxe = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
	r.passes.length + "\n" + r.violations.map(v => v.id + ": " + v.help + " (" + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + n.failureSummary).join("; ") + ")").join("\n"))`

// TestAxe: no page scrolls sideways at 320 px (WCAG 1.4.10), and axe-core finds no violation on any page, light or dark,
// wide or narrow, whatever is on it.
func TestAxe(t *testing.T) {
	source := axe(t)
	ctx := browser(t)
	for _, s := range states(t) {
		for _, path := range s.paths {
			looks := []look{{width: 320, dark: true, script: true}}
			if s.name == "full" {
				looks = append(looks, look{width: 1280, script: true})
			}
			for _, l := range looks {
				open(ctx, t, s.url+path, l)
				checkReflow(ctx, t, s.name+path, l)
				if source != "" {
					checkAxe(ctx, t, source, s.name+path, l)
				}
			}
		}
	}
	if source == "" {
		t.Skip("SKIPPED: no axe-core, so that no page was checked for WCAG 2.2 AA beside reflow (npm pack axe-core, then STALLWATCH_AXE=package/axe.min.js)")
	}
}

func checkReflow(ctx context.Context, t *testing.T, where string, l look) {
	t.Helper()
	if w := eval[int64](ctx, t, "document.documentElement.scrollWidth"); w > l.width {
		wide := eval[string](ctx, t, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre, svg")).slice(0, 5).map(e => e.tagName + "." + e.className).join(" ")`)
		t.Errorf("%s is %d px wide at %s: %s", where, w, l, wide)
	}
}

func checkAxe(ctx context.Context, t *testing.T, source, where string, l look) {
	t.Helper()
	eval[any](ctx, t, "document.querySelectorAll('details').forEach(d => { d.open = true })")
	eval[any](ctx, t, source+";0")
	passes, violations, _ := strings.Cut(eval[string](ctx, t, runAxe), "\n")
	if passes == "0" || passes == "" {
		t.Errorf("%s at %s: axe checked nothing", where, l)
	}
	if violations != "" {
		t.Errorf("%s at %s: %s", where, l, violations)
	}
}

// TestPrint: the summary prints on one sheet of A4; one whose every name fills its room may take a second.
func TestPrint(t *testing.T) {
	ctx := browser(t)
	for _, s := range states(t) {
		if s.name == "hostile" {
			continue
		}
		open(ctx, t, s.url+"/", look{width: 1280, print: true})
		wait, cancel := context.WithTimeout(ctx, patience)
		pdf, err := chromedp.Run(wait, chromedp.PrintToPDF(func(p *page.PrintToPDFParams) { p.PaperWidth, p.PaperHeight = 8.27, 11.69 }))
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if sheets := strings.Count(string(pdf), "/Type /Page\n") + strings.Count(string(pdf), "/Type /Page "); sheets != 1 {
			t.Errorf("%s: %d sheets, want 1", s.name, sheets)
		}
		if dir := os.Getenv("STALLWATCH_SHOTS"); dir != "" {
			if err := os.WriteFile(dir+"/"+s.name+".pdf", pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestScript: the chart is read with the keys, posts are walked with the keys, nothing is refused by the policy or fetched
// from elsewhere, and a change in the store comes to the page by itself.
func TestScript(t *testing.T) {
	ctx := browser(t)
	var gen atomic.Uint64
	gen.Store(1)
	figs := newSample(day0, 60, 60, 7).figures(thesis(t), store.Filter{Step: store.Week})
	h := serve(t, figs, withPosts(somePosts()...), func(c *web.Config) {
		c.Generation = func() uint64 { return gen.Load() }
		c.Figures = func(context.Context, store.Filter) (web.Figures, error) {
			f := figs
			if gen.Load() > 1 {
				f.Headline.Caveat = "The page has changed."
			}
			return f, nil
		}
	})
	srv := httptest.NewServer(h)
	t.Cleanup(func() { h.(*web.Server).Close(); srv.CloseClientConnections(); srv.Close() })
	open(ctx, t, srv.URL+"/", look{width: 1280, script: true})
	key := func(selector, name string) {
		t.Helper()
		eval[any](ctx, t, fmt.Sprintf("{ document.querySelector(%q)?.focus(); document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true, cancelable: true})); 0 }", selector, name))
	}
	key("svg.wide", "End")
	last := figs.Series[len(figs.Series)-1]
	if said := eval[string](ctx, t, "document.querySelector('output').textContent"); !strings.Contains(said, last.Percent()) || !strings.Contains(said, "posts take a side") {
		t.Errorf("the chart's last week reads %q, want %s", said, last.Percent())
	}
	key("svg.wide", "ArrowLeft")
	before := figs.Series[len(figs.Series)-2]
	if said := eval[string](ctx, t, "document.querySelector('output').textContent"); !strings.Contains(said, before.Percent()) {
		t.Errorf("the week before reads %q, want %s", said, before.Percent())
	}
	key("svg.wide", "Escape")
	eval[any](ctx, t, "document.activeElement.blur(); 0")
	gen.Store(2)
	deadline := time.Now().Add(20 * time.Second)
	for eval[string](ctx, t, "document.querySelector('.caveat').textContent") != "The page has changed." {
		if time.Now().After(deadline) {
			t.Fatal("a change in the store did not come to the page")
		}
		time.Sleep(200 * time.Millisecond)
	}
	if elsewhere := eval[string](ctx, t, "performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith(location.origin)).join(' ')"); elsewhere != "" {
		t.Errorf("the page fetched %s", elsewhere)
	}
	open(ctx, t, srv.URL+"/posts", look{width: 1280, script: true})
	key(".posts li", "ArrowDown")
	key("#none", "ArrowDown")
	if at := eval[string](ctx, t, "document.activeElement.id"); at != "x-2" {
		t.Errorf("two arrows down is at %q, want x-2", at)
	}
}

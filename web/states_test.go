package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/store"
	"stallwatch/web"
)

// state is a server with something on its pages, and the pages worth a look.
type state struct {
	name  string
	url   string
	paths []string
}

// looks are how the tests and the pictures open a page.
func (s state) looks(path string) []look {
	all := []look{{width: 320, dark: true, script: true}, {width: 375, script: true}, {width: 768, script: true}, {width: 1280, script: true},
		{width: 1280, dark: true, script: true}}
	if path == "/" {
		all = append(all, look{width: 1280, print: true})
	}
	return all
}

var (
	allPaths = []string{"/", "/posts", "/runs", "/method", "/embed", "/nothing", "/?since=x"}
	summary  = []string{"/"}
)

// states are servers over all that pages may have to show.
func states(t *testing.T) []state {
	t.Helper()
	th := thesis(t)
	feb := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	figs := func(perDay float64, days int) web.Figures {
		return newSample(feb, days, perDay, 7).figures(th, store.Filter{Step: store.Week})
	}
	var out []state
	add := func(name string, f web.Figures, paths []string, change ...func(*web.Config)) {
		h := serve(t, f, change...)
		srv := httptest.NewServer(h)
		t.Cleanup(func() { h.(*web.Server).Close(); srv.CloseClientConnections(); srv.Close() })
		out = append(out, state{name, srv.URL, paths})
	}
	public := func(c *web.Config) { c.Public = true }
	failing := func(c *web.Config) {
		c.Figures = func(context.Context, store.Filter) (web.Figures, error) { return web.Figures{}, errors.New("no disk") }
	}
	withRuns := func(entries ...store.Entry) func(c *web.Config) {
		return func(c *web.Config) {
			c.Ledger = func(context.Context) ([]store.Entry, error) { return entries, nil }
		}
	}
	add("full", figs(60, 180), allPaths, withPosts(somePosts()...), withRuns(ledger(feb)...))
	add("public", figs(600, 180), []string{"/", "/posts", "/runs"}, public, withRuns(ledger(feb)...))
	add("days", newSample(feb, 180, 60, 7).figures(th, store.Filter{Step: store.Day}), summary)
	add("broken", broken(t), []string{"/", "/embed"})
	add("few", figs(1, 50), summary)
	add("one", figs(1, 1), []string{"/", "/embed"}, withPosts(somePosts()[0]))
	add("empty", web.NewFigures(store.Summary{}, th, web.Inputs{}), []string{"/", "/posts", "/runs", "/embed"}, withPosts())
	add("failing", figs(1, 1), []string{"/", "/embed"}, failing)
	add("hostile", hostile(t), allPaths, withPosts(hostilePost()), withRuns(hostile(t).Ledger...), func(c *web.Config) { c.Thesis = hostileThesis(t) })
	return out
}

// broken are figures over a collection that stood still twice and changed its model twice.
func broken(t *testing.T) web.Figures {
	feb := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	s := newSample(feb, 180, 60, 7)
	sum := s.summary(store.Filter{Step: store.Week})
	for i := range sum.Series {
		switch {
		case i >= 21:
			sum.Series[i].Models = []string{"careful-2"}
		case i >= 12:
			sum.Series[i].Models = []string{"careful-1"}
		}
	}
	sum.Models = []string{"careful-1", "careful-2", "fast-1"}
	in := s.inputs(sum, thesis(t))
	in.NextRun = in.LastUpdated.Add(4 * time.Hour)
	in.Coverage = []web.Coverage{{Source: "x: putin peace", From: feb.AddDate(0, 0, 150), To: feb.AddDate(0, 0, 180), Hours: 704, Counted: 12_341, Delivered: 12_107}}
	in.Gaps = []web.Gap{{From: feb.AddDate(0, 0, 60), To: feb.AddDate(0, 0, 66), Reason: "held up: dial tcp 10.0.0.1:443", Source: "bluesky"},
		{From: feb.AddDate(0, 0, 120).Add(5 * time.Hour), To: feb.AddDate(0, 0, 120).Add(9 * time.Hour), Reason: "rate limit", Source: "x"}}
	return web.NewFigures(sum, thesis(t), in)
}

func hostilePost() store.Record {
	r := record(9, hostileText)
	r.Post.Platform, r.Post.ID, r.Post.Lang, r.Cluster = hostileText, hostileText, hostileText, hostileText
	r.Codings = []store.Coding{{Coder: hostileText, Label: hostileText}}
	return r
}

// withPosts gives a server posts to list.
func withPosts(records ...store.Record) func(*web.Config) {
	return func(c *web.Config) {
		c.Posts = func(context.Context, store.Filter, store.Cursor, int) ([]store.Record, store.Cursor, error) {
			if len(records) < 2 {
				return records, "", nil
			}
			return records, "next", nil
		}
	}
}

func somePosts() (rs []store.Record) {
	for i := range 6 {
		rs = append(rs, record(i, fmt.Sprintf("He is buying time and everyone in the room knows it, %d", i)))
	}
	rs[1].Verdict = classify.Verdict{Stance: classify.Disagree}
	rs[1].Verdict.P[classify.Disagree] = .8
	rs[2].Verdict = classify.Verdict{Stance: classify.Discuss}
	rs[2].Verdict.P[classify.Discuss] = .7
	rs[3].Verdict = classify.Verdict{Abstain: classify.AbstainLanguage}
	rs[4].Cluster = "x:4"
	return append(rs, record(9, hostileText))
}

package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// loadPosts is how many invented posts the server is loaded with: STALLWATCH_LOAD, or 0.
func loadPosts() int {
	n, _ := strconv.Atoi(os.Getenv("STALLWATCH_LOAD"))
	return n
}

// crowd invents posts: half a year, a fifth as many authors as posts, few of whom write most.
type crowd struct {
	r       *rand.Rand
	next    int
	authors int
	model   string
}

var phrases = []string{"he is buying time again", "nothing was signed", "the talks go on in Istanbul", "Kyiv refuses", "another deadline passed",
	"they offered peace in June", "a ceasefire by Friday", "the Kremlin calls it businesslike", "who believes that", "my cat sleeps all day"}

func (c *crowd) item() store.Item {
	c.next++
	author := int(math.Pow(c.r.Float64(), 3) * float64(c.authors))
	p := collector.Post{Platform: []string{"x", "x", "x", "bluesky", "mastodon"}[c.r.IntN(5)], ID: strconv.Itoa(1_900_000_000_000 + c.next),
		CreatedAt: time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.r.IntN(180*86400)) * time.Second),
		Author:    collector.Author{ID: strconv.Itoa(author)}, Kind: []collector.Kind{collector.Original, collector.Reply, collector.Quote, collector.Repost}[c.r.IntN(4)],
		Lang: "en", Permalink: "https://x.com/i/web/status/1",
		Text: fmt.Sprintf("%s, %s and %s %d", phrases[c.r.IntN(10)], phrases[c.r.IntN(10)], phrases[c.r.IntN(10)], c.r.IntN(1_000_000))}
	v := classify.Verdict{Model: c.model}
	switch u := c.r.Float64(); {
	case u < .2:
		v.Stance = classify.Agree
	case u < .35:
		v.Stance = classify.Disagree
	case u < .6:
		v.Stance = classify.Discuss
	case u < .95:
		v.Stance = classify.Unrelated
	default:
		v.Abstain = classify.AbstainLanguage
	}
	v.P[v.Stance] = .5 + c.r.Float64()/2
	return store.Item{Post: p, Verdict: v}
}

func (c *crowd) add(t testing.TB, run *store.Run, n int) {
	const batch = 10_000
	for n > 0 {
		b := store.Batch{}
		for range min(n, batch) {
			b.Items = append(b.Items, c.item())
		}
		run.Entry.Totals.Read += len(b.Items)
		if err := run.Add(b); err != nil {
			t.Fatal(err)
		}
		n -= len(b.Items)
	}
}

// loaded is a store of invented posts.
func loaded(t testing.TB, n int) (*store.Store, *crowd) {
	path := filepath.Join(t.TempDir(), "load.db")
	if keep := os.Getenv("STALLWATCH_LOAD_DB"); keep != "" {
		path = keep
	}
	s, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c := &crowd{r: rand.New(rand.NewPCG(1, uint64(n))), authors: n / 5, model: testJudge(t).Card().ID}
	if sum, err := s.Summary(classify.DefaultThesis, store.Filter{}); err != nil || sum.Posts.Total() > 0 {
		c.next = sum.Posts.Total() * 2
		return s, c
	}
	run := s.Begin(store.Entry{Action: "import", Thesis: classify.DefaultThesis, Started: time.Now(), Source: "load", Basis: syntheticBasis})
	c.add(t, run, n)
	if _, err := run.Finish(time.Now()); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// testJudge is the built-in thesis's classifier.
func testJudge(t testing.TB) classify.Classifier {
	a := &app{stdout: t.Output(), stderr: t.Output(), thesis: classify.DefaultThesis}
	_, judge, err := a.judge()
	if err != nil {
		t.Fatal(err)
	}
	return judge
}

func loadedServer(t testing.TB, s *store.Store) http.Handler {
	judge := testJudge(t)
	thesis, err := classify.LoadThesis(classify.DefaultThesis)
	if err != nil {
		t.Fatal(err)
	}
	pages, aside := pagesOf(s, thesis, judge, web.Config{})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- aside(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return web.NewServer(pages)
}

// BenchmarkFirstPage is the server's time for a page nobody has asked for since the last write.
//
//	STALLWATCH_LOAD=1000000 go test ./cmd/stallwatch -run '^$' -bench FirstPage
func BenchmarkFirstPage(b *testing.B) {
	if loadPosts() == 0 {
		b.Skip("SKIPPED: set STALLWATCH_LOAD to a number of posts")
	}
	s, c := loaded(b, loadPosts())
	h := loadedServer(b, s)
	run := s.Begin(store.Entry{Action: "import", Thesis: classify.DefaultThesis, Started: time.Now(), Source: "more"})
	for _, path := range []string{"/", "/?step=day", "/?platform=x&step=week", "/summary.json", "/posts", "/posts?stance=disagree&min=90", "/posts?q=cat"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c.add(b, run, 1)
				b.StartTimer()
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Host = "localhost"
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
				b.ReportMetric(float64(w.Body.Len()), "bytes")
			}
		})
	}
}

// TestLoad asks for the first page, packed as browsers ask for it, over 64 connections for 30 seconds while posts come in, of a server that
// has answered before.
//
//	STALLWATCH_LOAD=1000000 go test ./cmd/stallwatch -run TestLoad -v
func TestLoad(t *testing.T) {
	wrk, err := exec.LookPath("wrk")
	if loadPosts() == 0 || err != nil {
		t.Skip("SKIPPED: set STALLWATCH_LOAD to a number of posts, and install wrk (Debian), to put load on the server")
	}
	s, c := loaded(t, loadPosts())
	srv := httptest.NewServer(loadedServer(t, s))
	defer srv.Close()
	begun := time.Now()
	if r, err := http.Get(srv.URL); err != nil {
		t.Fatal(err)
	} else if r.Body.Close(); r.StatusCode != http.StatusOK {
		t.Fatal(r.Status)
	}
	t.Logf("the first answer took %v", time.Since(begun))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	var added atomic.Int64
	go func() {
		defer close(done)
		run := s.Begin(store.Entry{Action: "import", Thesis: classify.DefaultThesis, Started: time.Now(), Source: "more"})
		for ctx.Err() == nil {
			c.add(t, run, 2000)
			added.Add(2000)
		}
	}()
	out, err := exec.Command(wrk, "-t2", "-c64", "-d30s", "--latency", "-H", "Accept-Encoding: gzip", srv.URL+"/").CombinedOutput()
	stop()
	<-done
	t.Logf("%d posts came in meanwhile\n%s", added.Load(), out)
	if err != nil {
		t.Fatal(err)
	}
}

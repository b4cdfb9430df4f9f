package xapi_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/replay"
	"stallwatch/collector/sourcetest"
	"stallwatch/collector/xapi"
	"stallwatch/collector/xapi/xfake"
)

func newSearch(s *xfake.Server, client *http.Client) *xapi.Search {
	return &xapi.Search{Client: xapi.NewClient(xapi.Config{Token: s.Token, Client: client, Prices: xapi.DefaultPrices, Names: xapi.Names(s.Names)}),
		Name: "x/1", Query: "putin peace", Account: "x", Refs: true, Overlap: time.Minute}
}

func TestRecentSearch(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) sourcetest.Platform {
		s := xfake.New(730, sourcetest.Start.Add(-3*24*time.Hour), sourcetest.Start.Add(-2*time.Hour))
		s.Limit = 50
		return sourcetest.Platform{Handler: s, Want: s.IDs(), Reset: "X-Rate-Limit-Reset",
			Source: func(c *http.Client) collector.Source { return newSearch(s, c) }}
	})
}

func TestArchiveSearchWithNewNames(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) sourcetest.Platform {
		s := xfake.New(1100, sourcetest.Start.Add(-60*24*time.Hour), sourcetest.Start.Add(-30*24*time.Hour))
		s.Names = "post"
		return sourcetest.Platform{Handler: s, Want: s.IDs(), Reset: "X-Rate-Limit-Reset",
			Source: func(c *http.Client) collector.Source {
				x := newSearch(s, c)
				x.Archive, x.Width, x.ByID = true, 5*24*time.Hour, true
				x.Since, x.Until = sourcetest.Start.Add(-60*24*time.Hour), sourcetest.Start.Add(-30*24*time.Hour)
				return x
			}}
	})
}

// open makes a loop with a budget over a sink, as a program does when it starts.
func open(t *testing.T, sink *sourcetest.Sink, b collector.Budget) (*collector.Loop, *collector.Account) {
	t.Helper()
	state, err := sink.State("account/x")
	if err != nil {
		t.Fatal(err)
	}
	a, err := collector.OpenAccount("x", b, state, func(k string, v []byte) error { return sink.Save(map[string][]byte{k: v}) })
	if err != nil {
		t.Fatal(err)
	}
	return &collector.Loop{Sink: sink, Account: func(string) *collector.Account { return a }, Every: 15 * time.Minute}, a
}

var unlimited = collector.Budget{MonthPosts: collector.Unlimited, MonthMicros: collector.Unlimited, RunPosts: collector.Unlimited, RunMicros: collector.Unlimited}

// TestHundredThousand: 100,000 posts, X's real rate limit, faults in a third of the answers, a restart every dozen pages:
// everything arrives, nothing arrives twice but what a fault has repeated, and the account has paid for all that was billed.
func TestHundredThousand(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		from := sourcetest.Start.Add(-40 * 24 * time.Hour)
		s := xfake.New(manyPosts, from, sourcetest.Start.Add(-time.Hour))
		s.Limit = 300
		r := rand.New(rand.NewPCG(3, 4))
		list := []replay.Fault{replay.Broken, replay.CutGzip, replay.CutJSON, replay.WrongJSON, replay.TooMany("X-Rate-Limit-Reset", 4*time.Minute),
			replay.TooMany("", 0), replay.Slow(3 * time.Minute), replay.Repeater(), replay.Skewed(40 * time.Minute), replay.Status(200, "application/json", `{"meta":{"result_count":0}}`)}
		list = list[:len(list)-1] // an empty page that lies is not to be told from a true one
		f := &replay.Faulty{Next: s, Pick: func(int, *http.Request) replay.Fault {
			if r.IntN(3) == 0 {
				return list[r.IntN(len(list))]
			}
			return nil
		}}
		client, stop := replay.Connect(f)
		defer stop()
		sink := sourcetest.NewSink()
		var account *collector.Account
		crash := errors.New("crash")
		for restart := 0; ; restart++ {
			if restart > 200 {
				t.Fatal("no end")
			}
			var l *collector.Loop
			l, account = open(t, sink, unlimited)
			pages := 0
			sink.Fail = func(int) error {
				if pages++; pages > 12 {
					return crash
				}
				return nil
			}
			x := newSearch(s, client)
			x.Archive, x.Since, x.Width = true, from, 10*24*time.Hour
			if err := l.Once(t.Context(), x); err == nil {
				break
			} else if !errors.Is(err, crash) {
				t.Logf("round %d: %v", restart, err)
			}
		}
		posts := sink.Posts()
		for _, id := range s.IDs() {
			if _, ok := posts[collector.Ref{Platform: "x", ID: id}]; !ok {
				t.Fatalf("post %s did not arrive", id)
			}
		}
		if len(posts) != manyPosts {
			t.Errorf("%d posts, want %d", len(posts), manyPosts)
		}
		billed, requests := s.Billed()
		spent, _ := account.Spent(time.Now())
		if spent.Posts < billed {
			t.Errorf("the account counted %d posts, X billed %d", spent.Posts, billed)
		}
		t.Logf("%d requests, %d posts delivered to the program, %d billed by X, %d counted by the account", requests, sink.Arrivals(), billed, spent.Posts)
	})
}

// TestBudget: no bound is passed, whatever happens, also not by restarting, and the next month goes on.
func TestBudget(t *testing.T) {
	for name, b := range map[string]collector.Budget{
		"posts a month":   {MonthPosts: 700, MonthMicros: collector.Unlimited, RunPosts: collector.Unlimited, RunMicros: collector.Unlimited},
		"dollars a month": {MonthPosts: collector.Unlimited, MonthMicros: 3_500_000, RunPosts: collector.Unlimited, RunMicros: collector.Unlimited},
		"dollars a run":   {MonthPosts: 700, MonthMicros: collector.Unlimited, RunPosts: collector.Unlimited, RunMicros: 900_000},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Bubble(t, func(t *testing.T) {
				s := xfake.New(2000, sourcetest.Start.Add(-6*24*time.Hour), sourcetest.Start.Add(-time.Hour))
				client, stop := replay.Connect(&replay.Faulty{Next: s, Pick: func(n int, _ *http.Request) replay.Fault {
					if n%3 == 2 {
						return replay.CutGzip
					}
					return nil
				}})
				defer stop()
				sink := sourcetest.NewSink()
				for range 6 { // restarts
					l, a := open(t, sink, b)
					err := l.Once(t.Context(), newSearch(s, client))
					var capped *collector.CapError
					if !errors.As(err, &capped) || capped.Scope != "budget" {
						t.Fatalf("Once = %v, want that the budget is exhausted", err)
					}
					month, run := a.Spent(time.Now())
					billed, _ := s.Billed()
					if month.Posts < billed || month.Posts > b.MonthPosts || month.Micros > b.MonthMicros || run.Micros > b.RunMicros {
						t.Fatalf("counted %+v in the month and %+v in the run, X billed %d", month, run, billed)
					}
				}
				if billed, _ := s.Billed(); billed < 300 {
					t.Errorf("only %d posts were read within the budget", billed)
				}
				time.Sleep(9 * 24 * time.Hour) // December
				l, _ := open(t, sink, b)
				if err := l.Once(t.Context(), newSearch(s, client)); !errors.As(err, new(*collector.CapError)) && err != nil {
					t.Fatal(err)
				}
				if len(sink.Gaps) != 1 || sink.Gaps[0].Reason != "our budget was used up" || sink.Gaps[0].To.Before(sourcetest.Start) {
					t.Errorf("gaps %+v, want the one from the end of the budget to X's horizon", sink.Gaps)
				}
			})
		})
	}
}

func TestUsageCap(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		s := xfake.New(500, sourcetest.Start.Add(-24*time.Hour), sourcetest.Start.Add(-time.Hour))
		s.Cap = 150
		client, stop := replay.Connect(s)
		defer stop()
		sink := sourcetest.NewSink()
		l, a := open(t, sink, unlimited)
		x := newSearch(s, client)
		x.Since = sourcetest.Start.Add(-24 * time.Hour)
		var capped *collector.CapError
		if err := l.Once(t.Context(), x); !errors.As(err, &capped) || capped.Scope != "platform" || !strings.Contains(err.Error(), "UsageCapExceeded") {
			t.Fatalf("Once = %v, want X's cap", err)
		}
		_, requests := s.Billed()
		if requests > 4 {
			t.Errorf("%d requests: a cap is not to be tried again", requests)
		}
		month, _ := a.Spent(time.Now())
		if billed, _ := s.Billed(); month.Posts != billed {
			t.Errorf("counted %d, billed %d", month.Posts, billed)
		}
		u, err := x.Client.Usage(t.Context(), time.Now())
		if err != nil || u.Used != month.Posts || u.Cap != 150 || u.ResetDay != 8 {
			t.Errorf("Usage = %+v, %v", u, err)
		}
		s.Cap = 0
		if err := l.Once(t.Context(), x); err != nil || len(sink.Posts()) != 500 {
			t.Errorf("after the cap: %v, %d posts", err, len(sink.Posts()))
		}
	})
}

// TestRounds: two days of rounds while posts are made, one of them without the machine running, and its clock put back and
// forth. Every post arrives; the hours add up.
func TestRounds(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		s := xfake.New(3000, sourcetest.Start.Add(-time.Hour), sourcetest.Start.Add(4*24*time.Hour))
		s.Hide = 50
		client, stop := replay.Connect(s)
		defer stop()
		sink := sourcetest.NewSink()
		l, _ := open(t, sink, unlimited)
		x := newSearch(s, client)
		x.Since, x.Counts = sourcetest.Start.Add(-time.Hour), 6*time.Hour
		wrong := time.Duration(0)
		l.Now = func() time.Time { return time.Now().Add(wrong) }
		for i := range 300 {
			switch {
			case i == 40:
				wrong = -2 * time.Hour
			case i == 60:
				wrong = 3 * time.Hour
			case i == 80:
				wrong = 0
			case i == 100:
				time.Sleep(48 * time.Hour)
			}
			if err := l.Once(t.Context(), x); err != nil {
				t.Fatalf("round %d: %v", i, err)
			}
			time.Sleep(15 * time.Minute)
		}
		time.Sleep(24 * time.Hour)
		if err := l.Once(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		if got, want := len(sink.Posts()), len(s.IDs()); got != want {
			t.Errorf("%d posts, want %d", got, want)
		}
		if len(sink.Gaps) > 0 {
			t.Errorf("gaps: %+v", sink.Gaps)
		}
		known, counted, delivered := 0, int64(0), int64(0)
		for k, raw := range sink.States(x.Info().HourPrefix()) {
			var h collector.Hour
			if err := json.Unmarshal(raw, &h); err != nil {
				t.Fatal(err)
			}
			if !h.Known {
				continue
			}
			known++
			counted, delivered = counted+h.Counted, delivered+h.Delivered
			if h.Counted < h.Delivered || h.Counted > h.Delivered+3 {
				t.Errorf("%s: %+v", k, h)
			}
		}
		if known < 90 || counted < 2900 || delivered < counted*97/100 || delivered > counted*99/100 {
			t.Errorf("%d hours, %d counted, %d delivered; each fiftieth post is in the counts only", known, counted, delivered)
		}
	})
}

// TestWindowLost: a machine that sleeps longer than recent search goes back leaves a gap, which says so.
func TestWindowLost(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		s := xfake.New(2000, sourcetest.Start.Add(-24*time.Hour), sourcetest.Start.Add(20*24*time.Hour))
		client, stop := replay.Connect(s)
		defer stop()
		sink := sourcetest.NewSink()
		l, _ := open(t, sink, unlimited)
		for range 2 {
			if err := l.Once(t.Context(), newSearch(s, client)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * 24 * time.Hour)
		}
		if len(sink.Gaps) != 1 {
			t.Fatalf("gaps %+v, want one", sink.Gaps)
		}
		g := sink.Gaps[0]
		if d := g.To.Sub(g.From); g.Reason != "not running" || g.Source != "x/1" || d < 71*time.Hour || d > 73*time.Hour {
			t.Errorf("gap %+v of %s, want three days of not running", g, d)
		}
	})
}

func TestEstimate(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		s := xfake.New(1000, sourcetest.Start.Add(-6*24*time.Hour), sourcetest.Start.Add(-time.Hour))
		client, stop := replay.Connect(s)
		defer stop()
		sink := sourcetest.NewSink()
		l, a := open(t, sink, unlimited)
		x := newSearch(s, client)
		e, err := x.Estimate(t.Context(), collector.Request{Now: time.Now(), Purse: a})
		if err != nil || e.Posts != 1000 || e.Least.Micros != 5_000_000 || e.Most.Micros != 15_000_000 || e.Asked.Micros != 5_000 {
			t.Fatalf("Estimate = %+v, %v", e, err)
		}
		if billed, _ := s.Billed(); billed != 0 {
			t.Errorf("the estimate read %d posts", billed)
		}
		if err := l.Once(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		month, _ := a.Spent(time.Now())
		if month.Micros < e.Least.Micros || month.Micros > e.Most.Micros+e.Asked.Micros {
			t.Errorf("it cost %d, which is not between %d and %d", month.Micros, e.Least.Micros, e.Most.Micros)
		}
		if len(sink.Notices) == 0 || !strings.Contains(sink.Notices[0], "Not Found Error") {
			t.Errorf("partial errors were not kept: %q", sink.Notices)
		}
	})
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   any
	}{
		{"usage cap by type", 429, `{"title":"UsageCapExceeded","period":"Monthly","type":"https://api.twitter.com/2/problems/usage-capped"}`, new(*collector.CapError)},
		{"usage cap as 403", 403, `{"type":"https://api.x.com/2/problems/usage-capped","title":"Usage Capped"}`, new(*collector.CapError)},
		{"no credits", 402, `{"title":"CreditsDepleted","detail":"Your account does not have any credits","type":"https://api.x.com/2/problems/credits"}`, new(*collector.CapError)},
		{"rate limit by type", 429, `{"title":"Too Many Requests","type":"https://api.x.com/2/problems/rate-limit-exceeded"}`, new(*collector.RateLimitError)},
		{"rate limit by code", 429, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`, new(*collector.RateLimitError)},
		{"rate limit without a word", 429, ``, new(*collector.RateLimitError)},
		{"bad token", 401, `{"title":"Unauthorized","type":"about:blank"}`, new(*collector.AuthError)},
		{"client not enrolled", 403, `{"title":"Client Forbidden","type":"https://api.twitter.com/2/problems/client-forbidden"}`, new(*collector.AuthError)},
		{"bad query", 400, `{"errors":[{"parameters":{"query":["x"]},"message":"Reference to invalid operator"}],"title":"Invalid Request","type":"https://api.x.com/2/problems/invalid-request"}`, new(*collector.RefusedError)},
		{"HTML from a proxy", 503, `<html>over capacity</html>`, new(*collector.AnswerError)},
		{"half a page", 200, `{"data":[{"id":"1","text":"a","created_at":"2026-11-22T00:00:00Z"}],"meta":{"result_count":2}}`, new(*collector.AnswerError)},
		{"another object", 200, `{"ok":true}`, new(*collector.AnswerError)},
	} {
		t.Run(c.name, func(t *testing.T) {
			sourcetest.Bubble(t, func(t *testing.T) {
				client, stop := replay.Connect(replay.Status(c.status, "application/json", c.body).Handler())
				defer stop()
				_, err := newSearch(xfake.New(0, time.Now(), time.Now()), client).Fetch(t.Context(), collector.Request{Now: time.Now()})
				if !errors.As(err, c.want) {
					t.Errorf("Fetch = %T %v, want %T", err, err, c.want)
				}
			})
		})
	}
}

func TestCompliance(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		s := xfake.New(0, time.Now(), time.Now())
		client, stop := replay.Connect(s)
		defer stop()
		c := xapi.NewClient(xapi.Config{Base: "http://x.test", Token: s.Token, Client: client})
		j, err := c.CreateJob(t.Context(), "november")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Upload(t.Context(), j, strings.NewReader("11\n12\n13\n14\n")); err != nil {
			t.Fatal(err)
		}
		var seen []string
		for j.Status != "complete" {
			if j, err = c.Job(t.Context(), j.ID); err != nil || len(seen) > 5 {
				t.Fatal(seen, err)
			}
			seen = append(seen, j.Status)
		}
		if !slices.Contains(seen, "in_progress") {
			t.Errorf("the job was %q", seen)
		}
		body, err := c.Download(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		n := 0
		for d := json.NewDecoder(body); d.More(); n++ {
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				t.Fatal(err)
			}
			b, err := xapi.Decode(raw)
			if err != nil || len(b.Skips) != 1 || b.Skips[0].Reason != collector.SkipDelete {
				t.Errorf("notice %d: %+v, %v", n, b, err)
			}
		}
		if n != 2 {
			t.Errorf("%d notices, want 2", n)
		}
	})
}

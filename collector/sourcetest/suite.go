package sourcetest

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"stallwatch/collector"
	"stallwatch/collector/replay"
)

// Platform is a fake platform and the source that is to collect all it has.
type Platform struct {
	Handler http.Handler
	// Source makes the source anew, as a restarted program would.
	Source func(client *http.Client) collector.Source
	Want   []string // ids of all posts that the source is to deliver
	Reset  string   // header with the moment when a rate limit ends
	Again  int      // how many posts may be delivered twice when nothing goes wrong
	Renews bool     // the source gets new credentials by itself when the old ones have expired
}

// Start is the time at which the suite's clock stands when a Platform is made.
var Start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Bubble runs a test with a clock that begins at Start and leaps over waiting.
func Bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(Start))
		f(t)
	})
}

// faults are those that every source must get over by itself.
func faults(p Platform) map[string]replay.Fault {
	return map[string]replay.Fault{
		"429 with a header":    replay.TooMany(p.Reset, 9*time.Minute),
		"429 without a header": replay.TooMany("", 0),
		"500":                  replay.Broken,
		"502 without a body":   replay.Status(http.StatusBadGateway, "text/plain", ""),
		"cut gzip":             replay.CutGzip,
		"cut JSON":             replay.CutJSON,
		"HTML for JSON":        replay.WrongJSON,
		"slower than allowed":  replay.Slow(5 * time.Minute),
		"slow":                 replay.Slow(20 * time.Second),
		"clock an hour ahead":  replay.Skewed(time.Hour),
		"clock an hour behind": replay.Skewed(-time.Hour),
		"a page again":         replay.Repeater(),
	}
}

// Run runs the suite. make is called in each test, with the clock at Start.
func Run(t *testing.T, make func(t *testing.T) Platform) {
	bubble := func(name string, f func(t *testing.T, p Platform)) {
		t.Run(name, func(t *testing.T) { Bubble(t, func(t *testing.T) { f(t, make(t)) }) })
	}
	bubble("everything once", everything)
	bubble("restart after each page", restarts)
	bubble("store fails", storeFails)
	bubble("interrupted", interrupted)
	bubble("expired credentials", expired)
	bubble("down for a long time", down)
	bubble("random faults", randomFaults)
	for name := range faults(Platform{}) {
		bubble(name, func(t *testing.T, p Platform) {
			fault := faults(p)[name]
			f := &replay.Faulty{Next: p.Handler, Pick: func(n int, _ *http.Request) replay.Fault {
				if n%2 == 1 && n < 12 {
					return fault
				}
				return nil
			}}
			sink := NewSink()
			collect(t, p, f, sink, 3)
			p.check(t, sink)
		})
	}
}

// loop is what the suite collects with.
func loop(sink collector.Sink) *collector.Loop {
	return &collector.Loop{Sink: sink, Every: time.Minute}
}

// collect makes rounds until one comes to its end without an error.
func collect(t *testing.T, p Platform, h http.Handler, sink *Sink, rounds int) {
	t.Helper()
	client, stop := replay.Connect(h)
	defer stop()
	l := loop(sink)
	var err error
	for range rounds {
		if err = l.Once(t.Context(), p.Source(client)); err == nil {
			return
		}
		time.Sleep(15 * time.Minute)
	}
	t.Fatalf("after %d rounds: %v", rounds, err)
}

// check compares what the sink keeps with what there was.
func (p Platform) check(t *testing.T, sink *Sink) {
	t.Helper()
	got := sink.Posts()
	info := p.Source(http.DefaultClient).Info()
	missing := 0
	for _, id := range p.Want {
		if _, ok := got[collector.Ref{Platform: info.Platform, ID: id}]; !ok {
			missing++
			if missing < 4 {
				t.Errorf("post %s did not arrive", id)
			}
		}
	}
	if missing > 0 || len(got) != len(p.Want) {
		t.Errorf("%d posts arrived, %d of %d are missing", len(got), missing, len(p.Want))
	}
	for ref, post := range got {
		if !utf8.ValidString(post.Text) || strings.ContainsRune(post.Text, 0) {
			t.Errorf("post %s: text %q is not clean", ref.ID, post.Text)
		}
		if post.Text == "" || post.CreatedAt.IsZero() || post.CreatedAt.Location() != time.UTC || post.Observed.IsZero() || post.Author.Key() == "" {
			t.Errorf("post %s: text, time, zone, time of reading or author is missing: %+v", ref.ID, post)
		}
	}
}

func everything(t *testing.T, p Platform) {
	sink := NewSink()
	collect(t, p, p.Handler, sink, 1)
	p.check(t, sink)
	before := sink.Arrivals()
	if before < len(p.Want) || before > len(p.Want)+p.Again {
		t.Errorf("%d posts were delivered, want each of %d once", before, len(p.Want))
	}
	st, err := collector.ReadStatus(sink, p.Source(http.DefaultClient).Info().Name)
	if err != nil || st.Succeeded.IsZero() || st.Error != "" || st.Posts != int64(before) {
		t.Errorf("status %+v, %v", st, err)
	}
}

// restarts gives each page to a source that knows nothing but the state.
func restarts(t *testing.T, p Platform) {
	client, stop := replay.Connect(p.Handler)
	defer stop()
	var state []byte
	got := map[string]int{}
	for pages := 0; ; pages++ {
		if pages > 10_000 {
			t.Fatal("no end")
		}
		src := p.Source(client)
		page, err := src.Fetch(t.Context(), collector.Request{State: state, Now: time.Now().UTC()})
		if c, ok := src.(io.Closer); ok {
			c.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, post := range page.Batch.Posts {
			got[post.ID]++
		}
		state = page.State
		if !page.More {
			break
		}
	}
	for _, id := range p.Want {
		if got[id] == 0 {
			t.Errorf("post %s did not arrive", id)
		}
	}
	if len(got) != len(p.Want) {
		t.Errorf("%d posts, want %d", len(got), len(p.Want))
	}
}

func storeFails(t *testing.T, p Platform) {
	client, stop := replay.Connect(p.Handler)
	defer stop()
	full := errors.New("no space left on device")
	sink := NewSink()
	failed := false
	sink.Fail = func(n int) error {
		if n == 1 && !failed {
			failed = true
			return full
		}
		return nil
	}
	if err := loop(sink).Once(t.Context(), p.Source(client)); !errors.Is(err, full) {
		t.Fatalf("Once = %v, want the store's error", err)
	}
	collect(t, p, p.Handler, sink, 1)
	p.check(t, sink)
}

func interrupted(t *testing.T, p Platform) {
	client, stop := replay.Connect(p.Handler)
	defer stop()
	sink := NewSink()
	ctx, cancel := context.WithCancel(t.Context())
	l := loop(sink)
	l.Watch = func(collector.Status, collector.Page, error) { cancel() }
	if err := l.Once(ctx, p.Source(client)); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("Once = %v, want that it was interrupted", err)
	}
	collect(t, p, p.Handler, sink, 1)
	p.check(t, sink)
}

func expired(t *testing.T, p Platform) {
	spoiled := 0
	f := &replay.Faulty{Next: p.Handler, Pick: func(n int, _ *http.Request) replay.Fault {
		if n == 1 || n == 3 && p.Renews {
			spoiled++
			return replay.Expired
		}
		return nil
	}}
	client, stop := replay.Connect(f)
	defer stop()
	sink := NewSink()
	err := loop(sink).Once(t.Context(), p.Source(client))
	if p.Renews && err != nil {
		t.Fatalf("Once = %v, want that the source gets new credentials", err)
	}
	if !p.Renews && !errors.As(err, new(*collector.AuthError)) {
		t.Fatalf("Once = %v, want an AuthError", err)
	}
	if spoiled == 0 {
		t.Fatal("no request was spoiled")
	}
	collect(t, p, p.Handler, sink, 1)
	p.check(t, sink)
}

func down(t *testing.T, p Platform) {
	f := &replay.Faulty{Next: p.Handler, Pick: func(n int, _ *http.Request) replay.Fault {
		if n >= 2 && n < 20 {
			return replay.Broken
		}
		return nil
	}}
	sink := NewSink()
	collect(t, p, f, sink, 8)
	p.check(t, sink)
}

func randomFaults(t *testing.T, p Platform) {
	r := rand.New(rand.NewPCG(1, 2))
	var list []replay.Fault
	all := faults(p)
	for _, name := range []string{"429 with a header", "500", "cut gzip", "cut JSON", "HTML for JSON", "slower than allowed", "a page again"} {
		list = append(list, all[name])
	}
	f := &replay.Faulty{Next: p.Handler, Pick: func(int, *http.Request) replay.Fault {
		if r.IntN(10) < 4 {
			return list[r.IntN(len(list))]
		}
		return nil
	}}
	sink := NewSink()
	collect(t, p, f, sink, 20)
	p.check(t, sink)
}

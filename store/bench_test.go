//go:build unix

package store_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// synthetic makes posts for benchmarks, the same ones for the same seed: in order of time over a year, 70 % of X, 20 % of
// Bluesky and 10 % of Mastodon with ids as these make them; few authors write most posts; 37 % are
// on topic, and of these every twentieth repeats one of the 500 before it.
type synthetic struct {
	rnd    *rand.Rand
	total  int
	made   int
	vocab  []string
	recent []string
	shape  string // see shaped
}

func newSynthetic(total int, seed uint64) *synthetic {
	g := &synthetic{rnd: rand.New(rand.NewPCG(seed, 7)), total: total}
	for range 4000 {
		w := make([]byte, 2+g.rnd.IntN(9))
		for i := range w {
			w[i] = "etaoinshrdlucmfwypvbgkjqxz"[int(26*math.Pow(g.rnd.Float64(), 2))]
		}
		g.vocab = append(g.vocab, string(w))
	}
	return g
}

func (g *synthetic) text(words int) string {
	var b strings.Builder
	for range words {
		b.WriteString(g.vocab[int(4000*math.Pow(g.rnd.Float64(), 2))])
		b.WriteByte(' ')
	}
	return b.String()
}

func (g *synthetic) next() store.Item {
	r := g.rnd
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(float64(g.made) / float64(g.total) * float64(365*24*time.Hour)))
	at = at.Add(time.Duration(r.IntN(1000)) * time.Millisecond).Truncate(time.Millisecond)
	g.made++
	author := int(math.Pow(r.Float64(), 3) * float64(g.total) / 4)
	n := int64(r.IntN(500))
	p := collector.Post{Text: g.text(12 + r.IntN(28)), CreatedAt: at, Lang: []string{"en", "en", "en", "en", "en", "en", "de", "es", "uk", ""}[r.IntN(10)],
		Kind:   []collector.Kind{collector.Original, collector.Original, collector.Reply, collector.Reply, collector.Quote, collector.Repost}[r.IntN(6)],
		Counts: collector.Counts{Likes: &n, Reposts: &n, Replies: &n, Views: &n}}
	switch d := r.IntN(10); {
	case d < 7:
		p.Platform, p.ID = "x", strconv.FormatInt((at.UnixMilli()-1288834974657)<<22|int64(r.IntN(1<<22)), 10)
	case d < 9:
		p.Platform, p.ID = "bluesky", fmt.Sprintf("at://did:plc:%024x/app.bsky.feed.post/%s", author*7919, tid(at, r))
	default:
		p.Platform, p.ID = "mastodon", fmt.Sprintf("https://instance%d.example/users/u%d/statuses/%d", author%900, author, at.UnixMilli()<<16|int64(r.IntN(1<<16)))
	}
	p.Author.ID = strconv.Itoa(author)
	if r.IntN(3) == 0 {
		p.URLs = []string{"https://example.org/" + strconv.Itoa(r.IntN(1000))}
	}
	v := classify.Verdict{Model: "linear-0123456789ab", Tier: classify.TierFast}
	switch d := r.IntN(100); {
	case d < 15:
		v.Stance = classify.Agree
	case d < 25:
		v.Stance = classify.Disagree
	case d < 37:
		v.Stance = classify.Discuss
	case d < 92:
		v.Stance = classify.Unrelated
	default:
		v.Stance, v.Abstain = classify.Unrelated, classify.AbstainUnsure
	}
	rest := r.Float64() * 0.5
	for s := range v.P {
		v.P[s] = rest / 3
	}
	v.P[v.Stance] = 1 - rest
	if v.Stance != classify.Unrelated {
		if len(g.recent) == 500 && r.IntN(20) == 0 {
			p.Text = g.recent[r.IntN(500)] + "https://example.org/x"
		} else if g.recent = append(g.recent, p.Text); len(g.recent) > 500 {
			g.recent = g.recent[1:]
		}
	}
	it := store.Item{Post: p, Verdict: v}
	if g.shape != "" {
		g.shaped(&it)
	}
	return it
}

// tid is a timestamp identifier of the AT Protocol: microseconds and a clock's number in sortable base 32.
func tid(at time.Time, r *rand.Rand) string {
	n := uint64(at.UnixMicro())<<10 | r.Uint64N(1<<10)
	var b [13]byte
	for i := range b {
		b[12-i] = "234567abcdefghijklmnopqrstuvwxyz"[n&31]
		n >>= 5
	}
	return string(b[:])
}

func (g *synthetic) batch(n int) []store.Item {
	out := make([]store.Item, n)
	for i := range out {
		out[i] = g.next()
	}
	return out
}

// measureCPU reports the processor time of an operation as well, of all threads: unlike the time on the clock it is the same
// on a busy machine. Call it before the loop and what it returns after it.
func measureCPU(b *testing.B) (done func()) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64((used()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op") }
}

const benchBatch = 5000

// benchPosts is how many posts the benchmarks' store has: STORE_BENCH_POSTS, or 100,000.
func benchPosts() int {
	if n, err := strconv.Atoi(os.Getenv("STORE_BENCH_POSTS")); err == nil {
		return n
	}
	return 100_000
}

// BenchmarkAdd adds batches of 5,000 posts to a growing store, each committed and synced. The time of making the posts is
// left out.
func BenchmarkAdd(b *testing.B) {
	path := filepath.Join(b.TempDir(), "s.db")
	s, err := store.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	r := s.Begin(store.Entry{Action: "import", Thesis: thesis})
	g := newSynthetic(max(b.N*benchBatch, 200_000), 1)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		items := g.batch(benchBatch)
		b.StartTimer()
		if err := r.Add(store.Batch{Items: items}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N*benchBatch)/b.Elapsed().Seconds(), "posts/s")
	if info, err := os.Stat(path); err == nil {
		b.ReportMetric(float64(info.Size())/float64(b.N*benchBatch), "file-B/post")
	}
}

// benchStore is a store of benchPosts posts, in the shape that STORE_BENCH_SHAPE names. STORE_BENCH_DIR keeps it for the
// next time.
func benchStore(b *testing.B) string {
	b.Helper()
	dir := os.Getenv("STORE_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	shape := os.Getenv("STORE_BENCH_SHAPE")
	path := filepath.Join(dir, fmt.Sprintf("bench%s-%d.db", shape, benchPosts()))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	s, err := store.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	g := newSynthetic(benchPosts(), 1)
	g.shape = shape
	r := s.Begin(store.Entry{Action: "import", Thesis: thesis})
	began, adding := time.Now(), time.Duration(0)
	for g.made < g.total {
		items := g.batch(min(2*benchBatch, g.total-g.made))
		at := time.Now()
		if err := r.Add(store.Batch{Items: items}); err != nil {
			b.Fatal(err)
		}
		adding += time.Since(at)
	}
	if _, err := r.Finish(time.Now()); err != nil {
		b.Fatal(err)
	}
	b.Logf("made a store of %d posts in %v, %.0f posts/s without making the posts", g.total, time.Since(began), float64(g.total)/adding.Seconds())
	return path
}

func readOnly(b *testing.B, path string) *store.Store {
	b.Helper()
	s, err := store.OpenReadOnly(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

type benchFilter struct {
	name string
	f    store.Filter
}

var benchFilters = []benchFilter{
	{"all", store.Filter{}},
	{"hours", store.Filter{Step: store.Hour}},
	{"month", store.Filter{Since: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)}},
	{"facets", store.Filter{Platforms: []string{"bluesky"}, Langs: []string{"de", "uk", "l9"}, Kinds: []collector.Kind{collector.Quote}}},
}

// BenchmarkSummary asks an open store, whose tallies are in memory, for what it was not asked before, and then again.
func BenchmarkSummary(b *testing.B) {
	s := readOnly(b, benchStore(b))
	if _, err := s.Summary(thesis, store.Filter{}); err != nil {
		b.Fatal(err)
	}
	for _, bf := range slices.Concat(benchFilters, seriesFilters) {
		b.Run(bf.name, func(b *testing.B) {
			defer measureCPU(b)()
			for b.Loop() {
				bf.f.Until = bf.f.Until.Add(time.Hour) // another filter each time
				if bf.f.Until.Year() < 2000 {
					bf.f.Until = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
				}
				if sum, err := s.Summary(thesis, bf.f); err != nil || sum.WithReposts.Total() == 0 {
					b.Fatal(sum.WithReposts, err)
				}
			}
		})
		b.Run(bf.name+"-again", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Summary(thesis, bf.f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAfterWrite asks an open store, whose tallies are in memory, for the first time after 20 posts were added.
func BenchmarkAfterWrite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "s.db")
	for _, suffix := range []string{"", ".key"} {
		raw, err := os.ReadFile(benchStore(b) + suffix)
		if err == nil {
			err = os.WriteFile(path+suffix, raw, 0o600)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	s, err := store.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	g := newSynthetic(benchPosts(), 2)
	r := s.Begin(store.Entry{Action: "import", Thesis: thesis})
	for _, ask := range []struct {
		name string
		do   func() error
	}{
		{"summary", func() error { _, err := s.Summary(thesis, store.Filter{}); return err }},
		{"hours", func() error { _, err := s.Summary(thesis, store.Filter{Step: store.Hour}); return err }},
		{"rare", func() error { _, _, err := s.Posts(thesis, store.Filter{MinP: 0.9999}, "", 50); return err }},
	} {
		b.Run(ask.name, func(b *testing.B) {
			if err := ask.do(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				b.StopTimer()
				if err := r.Add(store.Batch{Items: g.batch(20)}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if err := ask.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSummaryCold opens the store and asks once, as a command does.
func BenchmarkSummaryCold(b *testing.B) {
	path := benchStore(b)
	defer measureCPU(b)()
	for b.Loop() {
		s, err := store.OpenReadOnly(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Summary(thesis, store.Filter{}); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// BenchmarkPosts asks for the first page of 50 in an open store that was searched before, and for the second.
func BenchmarkPosts(b *testing.B) {
	s := readOnly(b, benchStore(b))
	if err := s.Prepare(thesis); err != nil {
		b.Fatal(err)
	}
	for _, bf := range slices.Concat(benchFilters, postFilters, largestCluster(b, s)) {
		var next store.Cursor
		page := func(after *store.Cursor) func(b *testing.B) {
			return func(b *testing.B) {
				defer measureCPU(b)()
				from := *after
				for b.Loop() {
					var err error
					if _, next, err = s.Posts(thesis, bf.f, from, 50); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		b.Run(bf.name, page(new(store.Cursor)))
		if second := next; second != "" {
			b.Run(bf.name+"-next", page(&second))
		}
	}
}

// BenchmarkPrepare is what the first search for something rare waits for where nobody prepared it.
func BenchmarkPrepare(b *testing.B) {
	path := benchStore(b)
	defer measureCPU(b)()
	for b.Loop() {
		s, err := store.OpenReadOnly(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Prepare(thesis); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

func BenchmarkCheck(b *testing.B) {
	s := readOnly(b, benchStore(b))
	defer measureCPU(b)()
	for b.Loop() {
		if problems, err := s.Check(b.Context(), nil); err != nil || len(problems) > 0 {
			b.Fatal(problems, err)
		}
	}
	b.ReportMetric(float64(b.N*benchPosts())/b.Elapsed().Seconds(), "posts/s")
}

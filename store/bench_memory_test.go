//go:build unix

package store_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"testing"
	"time"

	"stallwatch/collector"
	"stallwatch/store"
)

var rssAnon = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// memoryOfProcess is what the process has beside mapped files, in MB.
func memoryOfProcess(b *testing.B) float64 {
	raw, err := os.ReadFile("/proc/self/status")
	m := rssAnon.FindSubmatch(raw)
	if err != nil || m == nil {
		b.Skip("no /proc/self/status with RssAnon")
	}
	kB, _ := strconv.Atoi(string(m[1]))
	return float64(kB) / 1024
}

// watchMemory returns the most memory that the process had at any time until it is called.
func watchMemory(b *testing.B) (peak func() float64) {
	end, out := make(chan bool), make(chan float64)
	most := memoryOfProcess(b)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		for {
			select {
			case <-end:
				out <- max(most, memoryOfProcess(b))
				return
			case <-tick.C:
				most = max(most, memoryOfProcess(b))
			}
		}
	}()
	return func() float64 { end <- true; return <-out }
}

// BenchmarkMemory is what a process that uses a store takes at most beside the system's cache of the file: one that shows it
// (read), one that collects into it and shows it (serve), one that only adds to it (import). STORE_BENCH_PROFILE names a
// folder for profiles of the heap.
func BenchmarkMemory(b *testing.B) {
	ballast := make([]byte, 384<<20) // collections as in command stallwatch
	defer runtime.KeepAlive(ballast)
	defer debug.SetGCPercent(debug.SetGCPercent(9))
	path := benchStore(b)
	copied := filepath.Join(filepath.Dir(path), "memory.db")
	show := func(b *testing.B, s *store.Store) {
		for _, f := range []store.Filter{{}, {Step: store.Hour}, {Step: store.Hour, Platforms: []string{"x"}}} {
			if _, err := s.Summary(thesis, f); err != nil {
				b.Fatal(err)
			}
		}
		if _, _, err := s.Posts(thesis, rareFilter(store.Filter{}), "", 50); err != nil {
			b.Fatal(err)
		}
	}
	add := func(b *testing.B, s *store.Store, shown bool) {
		g := newSynthetic(benchPosts(), 2)
		g.shape, g.made = os.Getenv("STORE_BENCH_SHAPE"), benchPosts()-100_000
		r := s.Begin(store.Entry{Action: "import", Thesis: thesis})
		for range 20 {
			if err := r.Add(store.Batch{Items: g.batch(benchBatch)}); err != nil {
				b.Fatal(err)
			}
			if shown {
				show(b, s)
			}
		}
	}
	for _, x := range []struct {
		name   string
		writes bool
		use    func(b *testing.B, s *store.Store)
	}{
		{"read", false, func(b *testing.B, s *store.Store) {
			show(b, s)
			if err := s.Prepare(thesis); err != nil {
				b.Fatal(err)
			}
			for _, k := range []collector.Kind{collector.Original, collector.Reply, collector.Quote, collector.Repost} {
				if _, err := s.Summary(thesis, store.Filter{Step: store.Hour, Kinds: []collector.Kind{k}}); err != nil {
					b.Fatal(err)
				}
			}
			show(b, s)
		}},
		{"serve", true, func(b *testing.B, s *store.Store) {
			show(b, s)
			if err := s.Prepare(thesis); err != nil {
				b.Fatal(err)
			}
			add(b, s, true)
		}},
		{"import", true, func(b *testing.B, s *store.Store) { add(b, s, false) }},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.StopTimer()
			for range b.N {
				open := store.OpenReadOnly
				path := path
				if x.writes {
					copyStore(b, path, copied)
					path, open = copied, store.Open
				}
				debug.FreeOSMemory()
				peak := watchMemory(b)
				b.StartTimer()
				s, err := open(path)
				if err != nil {
					b.Fatal(err)
				}
				x.use(b, s)
				b.StopTimer()
				b.ReportMetric(peak(), "peak-MB")
				b.ReportMetric(memoryOfProcess(b), "end-MB")
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapAlloc)/(1<<20)-384, "live-MB")
				if dir := os.Getenv("STORE_BENCH_PROFILE"); dir != "" {
					f, err := os.Create(filepath.Join(dir, x.name+".heap"))
					if err != nil {
						b.Fatal(err)
					}
					pprof.WriteHeapProfile(f)
					f.Close()
				}
				s.Close()
				os.Remove(copied)
				os.Remove(copied + ".key")
			}
		})
	}
}

func copyStore(b *testing.B, from, to string) {
	for _, suffix := range []string{"", ".key"} {
		in, err := os.Open(from + suffix)
		if err != nil {
			b.Fatal(err)
		}
		defer in.Close()
		out, err := os.OpenFile(to+suffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = io.Copy(out, in)
		}
		if err == nil {
			err = out.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

//go:build unix

package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// TestSummaryAfterWrites compares the summaries of a store that was written to while they were kept in memory with those of
// a copy that is opened afresh, to the last digit of the sums: posts come at both ends and in the middle, far off, and go.
func TestSummaryAfterWrites(t *testing.T) {
	rnd := rand.New(rand.NewPCG(21, 22))
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "s.db"))
	g := newSynthetic(1500, 9)
	addBatch(t, s, store.Batch{Items: g.batch(700)})
	s.Close()
	s = open(t, filepath.Join(dir, "s.db")) // the 700 are in columns now
	var live []collector.Ref
	for round := range 5 {
		b := store.Batch{Items: g.batch(rnd.IntN(40))}
		for i := range b.Items {
			p := &b.Items[i].Post
			switch rnd.IntN(6) {
			case 0:
				p.CreatedAt = p.CreatedAt.AddDate(0, -rnd.IntN(30), 0)
			case 1:
				p.Author = collector.Author{}
			case 2:
				b.Items[i].Verdict.Model = fmt.Sprint("m", round)
			}
			live = append(live, collector.Ref{Platform: p.Platform, ID: p.ID})
		}
		if rnd.IntN(4) == 0 { // as wide as the series must be cut to fewer steps, and narrow again
			it := g.next()
			it.Post.CreatedAt = time.Date(1500+rnd.IntN(600), 3, 4, 5, 6, 7, 0, time.UTC)
			b.Items = append(b.Items, it)
			live = append(live, collector.Ref{Platform: it.Post.Platform, ID: it.Post.ID})
		}
		if rnd.IntN(2) == 0 {
			for range min(len(live), rnd.IntN(60)) {
				i := rnd.IntN(len(live))
				b.Forget = append(b.Forget, live[i])
				live[i] = live[len(live)-1]
				live = live[:len(live)-1]
			}
		}
		addBatch(t, s, b)
		if round == 8 {
			if _, err := s.Reclassify(t.Context(), thesis, "m2", "test", func(posts []collector.Post) (out []classify.Verdict) {
				for range posts {
					out = append(out, classify.Verdict{Stance: classify.Stance(rnd.IntN(4)), Model: "m2"})
				}
				return out
			}, nil); err != nil {
				t.Fatal(err)
			}
		}
		compareWithCopy(t, s, filepath.Join(dir, fmt.Sprint("copy", round)))
	}
}

func compareWithCopy(t *testing.T, s *store.Store, path string) {
	t.Helper()
	if _, err := s.BackupTo(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	fresh, err := store.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	march := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, f := range []store.Filter{{}, {CountsOnly: true}, {Langs: []string{"de"}}, {Platforms: []string{"x", "mastodon"}, Since: march},
		{Since: march, Until: march.AddDate(0, 2, 3)}, {Kinds: []collector.Kind{collector.Repost}}, {Until: march}} {
		for _, f.Step = range []store.Step{store.Hour, store.Day, store.Week, store.Month} {
			want, err := fresh.Summary(thesis, f)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time from what was kept
				got, err := s.Summary(thesis, f)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(want, got) {
					t.Fatalf("filter %d by %s: %s", i, f.Step, gocmp.Diff(want, got))
				}
			}
		}
	}
}

// TestSummaryInParts compares the cells of a store whose rows are counted by all processors with a count in plain maps. A
// tenth of the posts are of unknown authors, and an eighth of one.
func TestSummaryInParts(t *testing.T) {
	g := newSynthetic(20_000, 31)
	items := g.batch(20_000)
	m := &model{posts: map[string]store.Item{}}
	for i := range items {
		switch p := &items[i].Post; {
		case i%10 == 0:
			p.Author = collector.Author{}
		case i%8 == 1:
			p.Author.ID = "1"
		}
		m.posts[items[i].Post.ID] = items[i]
	}
	s := fresh(t)
	addBatch(t, s, store.Batch{Items: items})
	sum, err := s.Summary(thesis, store.Filter{Step: store.Week})
	if err != nil {
		t.Fatal(err)
	}
	compare := func(name string, got store.Cell, ok func(collector.Post) bool) {
		if diff := gocmp.Diff(m.cell(ok), got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	own := func(p collector.Post) bool { return p.Kind != collector.Repost }
	compare("posts", sum.Posts, own)
	compare("reposts", sum.Reposts, func(p collector.Post) bool { return !own(p) })
	compare("all", sum.WithReposts, func(collector.Post) bool { return true })
	for _, x := range sum.Platforms {
		compare(x.Name, x.Cell, func(p collector.Post) bool { return own(p) && p.Platform == x.Name })
	}
	for _, x := range sum.Langs {
		compare(x.Name, x.Cell, func(p collector.Post) bool { return own(p) && p.Lang == x.Name })
	}
	for _, x := range sum.Kinds {
		compare(x.Name, x.Cell, func(p collector.Post) bool { return string(p.Kind) == x.Name })
	}
	for _, x := range sum.Series {
		compare(x.Start.Format("2006-01-02"), x.Cell, func(p collector.Post) bool {
			return own(p) && !p.CreatedAt.Before(x.Start) && p.CreatedAt.Before(x.End)
		})
	}
}

//go:build unix

package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// TestSearchByProbability compares Posts with MinP with a plain look at all posts, while posts come, go and are
// judged anew.
func TestSearchByProbability(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	g := newSynthetic(6000, 9)
	var items []store.Item
	for round := range 12 {
		fresh := g.batch(500)
		for i := range fresh { // few values: many are equal
			p := &fresh[i].Verdict.P
			p[fresh[i].Verdict.Stance] = float64(rnd.IntN(20)) / 20
		}
		items = append(items, fresh...)
		b := store.Batch{Items: fresh}
		for range rnd.IntN(100) {
			p := items[rnd.IntN(len(items))].Post
			b.Forget = append(b.Forget, collector.Ref{Platform: p.Platform, ID: p.ID})
		}
		addBatch(t, s, b)
		switch round {
		case 2, 6: // from here on by marks: of what is stored, and of what comes
			if err := s.Prepare(thesis); err != nil {
				t.Fatal(err)
			}
		case 4:
			s.Close()
			s = open(t, path)
		case 7:
			judge := func(posts []collector.Post) (out []classify.Verdict) {
				for _, p := range posts {
					v := classify.Verdict{Stance: classify.Stance(len(p.ID) % 4), Model: "m2"}
					v.P[v.Stance] = float64(len(p.Text)%10) / 10
					out = append(out, v)
				}
				return out
			}
			if _, err := s.Reclassify(t.Context(), thesis, "m2", "test", judge, nil); err != nil {
				t.Fatal(err)
			}
		}
		for range 6 {
			compareSearch(t, s, rnd)
		}
	}
}

func compareSearch(t *testing.T, s *store.Store, rnd *rand.Rand) {
	t.Helper()
	var f store.Filter
	if rnd.IntN(2) == 0 {
		f.Since = time.Date(2025, time.Month(1+rnd.IntN(6)), 1+rnd.IntN(28), 0, rnd.IntN(60), 0, 0, time.UTC)
		f.Until = f.Since.Add(time.Duration(rnd.IntN(100*24)) * time.Hour)
	}
	if rnd.IntN(2) == 0 {
		f.Platforms = []string{"bluesky", "mastodon"}[:1+rnd.IntN(2)]
	}
	if rnd.IntN(3) == 0 {
		f.Langs = []string{"de", "uk"}
	}
	if rnd.IntN(4) == 0 {
		f.Text = "E"
	}
	var all []store.Record
	if err := s.Each(context.Background(), thesis, f, func(r store.Record) error { all = append(all, r); return nil }); err != nil {
		t.Fatal(err)
	}
	stance, n := classify.Stance(rnd.IntN(classify.NumStances)), 1+rnd.IntN(40)
	f.MinP = float64(rnd.IntN(22)) / 20
	f.Stances = [][]classify.Stance{nil, {stance}}[rnd.IntN(2)]

	var sure []store.Record
	for _, r := range all {
		classified := r.Verdict.Classified()
		if (f.Stances == nil || classified && r.Verdict.Stance == stance) && r.Verdict.P[r.Verdict.Stance] >= f.MinP {
			sure = append(sure, r)
		}
	}
	slices.Reverse(sure)

	gotSure, _, err := s.Posts(thesis, f, "", n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(names(sure[:min(n, len(sure))]), names(gotSure)); diff != "" {
		t.Fatalf("Posts(%+v, %d): %s", f, n, diff)
	}
}

func names(records []store.Record) []string {
	out := make([]string, 0, len(records))
	for _, r := range records {
		out = append(out, fmt.Sprintf("%s %.3f", r.Post.ID, r.Verdict.P[r.Verdict.Stance]))
	}
	return out
}

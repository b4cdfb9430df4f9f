//go:build unix

package store_test

import (
	"cmp"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// randomFilter chooses by some of what posts of newSynthetic differ in.
func randomFilter(rnd *rand.Rand) (f store.Filter) {
	if rnd.IntN(2) == 0 {
		f.Platforms = []string{[]string{"x", "bluesky", "mastodon"}[rnd.IntN(3)]}
	}
	if rnd.IntN(2) == 0 {
		f.Langs = []string{[]string{"en", "uk", ""}[rnd.IntN(3)], "de"}[:1+rnd.IntN(2)]
	}
	if rnd.IntN(2) == 0 {
		f.Kinds = []collector.Kind{[]collector.Kind{collector.Reply, collector.Quote, collector.Repost}[rnd.IntN(3)]}
	}
	if rnd.IntN(2) == 0 {
		f.Stances = []classify.Stance{classify.Stance(rnd.IntN(4)), classify.Stance(rnd.IntN(4))}[:1+rnd.IntN(2)]
	}
	f.Abstained = rnd.IntN(4) == 0
	switch rnd.IntN(6) {
	case 0:
		f.MinP = 0.5 + rnd.Float64()/2
	case 1:
		f.MinP = 0.5 + rnd.Float64()/2
		f.MaxP = f.MinP + rnd.Float64()/10
	case 2:
		f.MaxP = rnd.Float64()
	case 3:
		f.Text = "et"
	}
	day := func() time.Time {
		return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rnd.IntN(365*24*3600)) * time.Second)
	}
	if rnd.IntN(4) == 0 {
		f.Since = day()
	}
	if rnd.IntN(4) == 0 {
		f.Until = day()
	}
	return f
}

// chosen are the ids of the posts that a filter chooses, the oldest first.
func chosen(items map[string]store.Item, f *store.Filter) (ids []string) {
	var all []store.Item
	for _, it := range items {
		p, v := &it.Post, &it.Verdict
		prob := float64(int(v.P[v.Stance]*65535+0.5)) / 65535 // as it is kept
		byStance := len(f.Stances) == 0 && !f.Abstained || v.Abstain != "" && f.Abstained || v.Abstain == "" && slices.Contains(f.Stances, v.Stance)
		if byStance && prob >= f.MinP && (f.MaxP == 0 || prob <= f.MaxP) &&
			(len(f.Platforms) == 0 || slices.Contains(f.Platforms, p.Platform)) &&
			(len(f.Langs) == 0 || slices.Contains(f.Langs, p.Lang)) &&
			(len(f.Kinds) == 0 || slices.Contains(f.Kinds, p.Kind)) && strings.Contains(p.Text, f.Text) &&
			!p.CreatedAt.Before(f.Since) && (f.Until.IsZero() || p.CreatedAt.Before(f.Until)) {
			all = append(all, it)
		}
	}
	slices.SortFunc(all, func(a, b store.Item) int {
		return cmp.Or(a.Post.CreatedAt.Compare(b.Post.CreatedAt), cmp.Compare(a.Post.Platform, b.Post.Platform), cmp.Compare(a.Post.ID, b.Post.ID))
	})
	for _, it := range all {
		ids = append(ids, it.Post.ID)
	}
	return ids
}

// TestSearch compares random searches, page by page and in the order of time, with a search in a map: of a store that is
// written to, in which posts come at any time, many at the same, change their verdicts, and go.
func TestSearch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(41, 42))
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	g := newSynthetic(6000, 12)
	live := map[string]store.Item{}
	for round := range 12 {
		b := store.Batch{}
		for _, it := range g.batch(500) {
			switch rnd.IntN(8) {
			case 0:
				it.Post.CreatedAt = it.Post.CreatedAt.AddDate(0, 0, -rnd.IntN(60))
			case 1:
				it.Post.CreatedAt = it.Post.CreatedAt.Truncate(24 * time.Hour)
			}
			b.Items = append(b.Items, it)
			live[it.Post.ID] = it
		}
		for id, it := range live {
			if rnd.IntN(20) == 0 {
				b.Forget = append(b.Forget, collector.Ref{Platform: it.Post.Platform, ID: id})
			}
		}
		for _, ref := range b.Forget {
			if i := slices.IndexFunc(b.Items, func(it store.Item) bool { return it.Post.ID == ref.ID }); i >= 0 {
				b.Items = slices.Delete(b.Items, i, i+1)
			}
			delete(live, ref.ID)
		}
		addBatch(t, s, b)
		switch round {
		case 3, 9: // from here on by marks: of what is stored, and of what comes
			if err := s.Prepare(thesis); err != nil {
				t.Fatal(err)
			}
		case 5:
			m := &model{posts: live}
			if _, err := s.Reclassify(t.Context(), thesis, "m2", "test", m.rejudge("m2", 1), nil); err != nil {
				t.Fatal(err)
			}
		case 7:
			s.Close()
			s = open(t, path)
		}
		for range 40 {
			comparePages(t, s, live, randomFilter(rnd), 1+rnd.IntN(80))
		}
	}
}

func comparePages(t *testing.T, s *store.Store, live map[string]store.Item, f store.Filter, page int) {
	t.Helper()
	want := chosen(live, &f)
	var got []string
	if err := s.Each(t.Context(), thesis, f, func(r store.Record) error { got = append(got, r.Post.ID); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("each of %+v: %s", f, diff)
	}
	got = nil
	for after := store.Cursor(""); ; {
		records, next, err := s.Posts(thesis, f, after, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			got = append(got, r.Post.ID)
		}
		if after = next; next == "" {
			break
		}
	}
	slices.Reverse(got)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("pages of %+v: %s", f, diff)
	}
}

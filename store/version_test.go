//go:build unix

package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// TestVersionsInAnyOrder adds random versions of posts in different orders and batches: the same is kept of them.
func TestVersionsInAnyOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(31, 32))
	var items []store.Item
	for i := range 400 {
		it := item(fmt.Sprint(i%60), rnd.IntN(3), "a", []collector.Kind{collector.Original, collector.Reply}[rnd.IntN(2)], classify.Stance(rnd.IntN(4)))
		p := &it.Post
		p.Text, p.TextTruncated = fmt.Sprint("text ", rnd.IntN(12)), rnd.IntN(2) == 0
		for _, c := range []**int64{&p.Counts.Likes, &p.Counts.Views} {
			if n := int64(rnd.IntN(5)); n > 1 {
				*c = &n
			}
		}
		if n := rnd.IntN(5); n > 0 {
			p.Observed = start.Add(time.Duration(n) * time.Hour)
		}
		p.Hashtags = []string{fmt.Sprint("tag", rnd.IntN(2))}
		it.Verdict.Stance = classify.Stance(len(p.Text)+int(p.Text[len(p.Text)-1])) % 4 // of the text alone
		items = append(items, it)
	}
	var want []string
	for round := range 6 {
		s := fresh(t)
		for rest := items; len(rest) > 0; {
			n := min(len(rest), 1+rnd.IntN(200))
			addBatch(t, s, store.Batch{Items: rest[:n]})
			rest = rest[n:]
		}
		var got []string
		if err := s.Each(t.Context(), thesis, store.Filter{}, func(r store.Record) error {
			p := r.Post
			got = append(got, fmt.Sprint(p.ID, p.CreatedAt, p.Kind, p.Text, p.TextTruncated, number(p.Counts.Likes), number(p.Counts.Views), p.Observed, p.Hashtags, r.Verdict.Stance))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			want = got
		} else if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("another order keeps something else: %s", diff)
		}
		healthy(t, s)
		rnd.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	}
}

func number(n *int64) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

// TestCountsNotStated brings readings of a post that state some counts: each count is that of the latest that states it.
func TestCountsNotStated(t *testing.T) {
	reading := func(hour int, likes, views int64) store.Item {
		it := item("1", 0, "a", collector.Original, classify.Agree)
		if it.Post.Counts = (collector.Counts{}); likes >= 0 {
			it.Post.Counts.Likes = &likes
		}
		if views >= 0 {
			it.Post.Counts.Views = &views
		}
		if hour > 0 {
			it.Post.Observed = start.Add(time.Duration(hour) * time.Hour)
		}
		return it
	}
	readings := []store.Item{reading(1, 9, 77), reading(3, 5, -1), reading(4, -1, -1), reading(0, 8, 900)}
	for _, order := range permutations(len(readings)) {
		s := fresh(t)
		for _, i := range order {
			addBatch(t, s, store.Batch{Items: readings[i : i+1]})
		}
		before := addBatch(t, s, store.Batch{Items: readings})
		r, err := s.Post(thesis, ref("1"))
		if c := r.Post.Counts; err != nil || number(c.Likes) != "5" || number(c.Views) != "77" || c.Replies != nil || !r.Post.Observed.Equal(start.Add(4*time.Hour)) || before.Updated != 0 {
			t.Errorf("order %v: %+v, likes %s, views %s, %d updated by what was there, %v", order, r.Post, number(c.Likes), number(c.Views), before.Updated, err)
		}
		healthy(t, s)
	}
}

// TestCutVersionLater brings a whole text and, observed later, a cut one with more likes: the whole text stays with its
// verdict, the likes are the later ones; and a text that is whole and observed between them takes its place even so.
func TestCutVersionLater(t *testing.T) {
	version := func(text string, hour int, cut bool, likes int64, stance classify.Stance) store.Item {
		it := item("1", 0, "a", collector.Original, stance)
		it.Post.Text, it.Post.TextTruncated, it.Post.Counts.Likes, it.Post.Observed = text, cut, &likes, start.Add(time.Duration(hour)*time.Hour)
		return it
	}
	versions := []store.Item{version("the whole text", 1, false, 10, classify.Agree), version("the who…", 5, true, 50, classify.Unrelated),
		version("the edited text", 3, false, 30, classify.Disagree)}
	for _, order := range permutations(3) {
		s := fresh(t)
		for _, i := range order {
			addBatch(t, s, store.Batch{Items: versions[i : i+1]})
		}
		r, err := s.Post(thesis, ref("1"))
		if err != nil || r.Post.Text != "the edited text" || *r.Post.Counts.Likes != 50 || r.Post.TextTruncated ||
			r.Verdict.Stance != classify.Disagree || !r.Post.Observed.Equal(start.Add(5*time.Hour)) {
			t.Errorf("order %v: %+v, %v, %v", order, r.Post, r.Verdict.Stance, err)
		}
		healthy(t, s)
	}
}

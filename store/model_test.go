//go:build unix

package store_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/collector"
	"stallwatch/store"
)

// model is a store in plain maps.
type model struct {
	posts map[string]store.Item     // by id
	texts map[string]collector.Post // the versions that texts are of
	gone  map[string]bool
	state map[string]string
}

// add does what Run.Add should.
func (m *model) add(b store.Batch, n *store.Totals) {
	for _, f := range b.Forget {
		if _, ok := m.posts[f.ID]; ok {
			delete(m.posts, f.ID)
			n.Removed++
		}
		m.gone[f.ID] = true
	}
	for _, it := range b.Items {
		old, ok := m.posts[it.Post.ID]
		switch {
		case m.gone[it.Post.ID]:
			n.Skipped[collector.SkipDeleted]++
		case !ok:
			n.Stored++
			m.posts[it.Post.ID], m.texts[it.Post.ID] = it, it.Post
		default:
			n.Duplicate++
			if a, b := it.Post.Author.Key(), old.Post.Author.Key(); a != b && a != "" && b != "" && it.Post.Text[:min(8, len(it.Post.Text))] != old.Post.Text[:min(8, len(old.Post.Text))] {
				n.Clashing++
			}
			betterText, later := textOrder(it.Post, m.texts[it.Post.ID]) > 0, restOrder(it.Post, old.Post) > 0
			if betterText || later {
				n.Updated++
			}
			if betterText {
				m.texts[it.Post.ID], old.Verdict = it.Post, it.Verdict
			}
			if later {
				old.Post = it.Post
			}
			text := m.texts[it.Post.ID]
			old.Post.Text, old.Post.TextTruncated, old.Post.Lang = text.Text, text.TextTruncated, text.Lang
			m.posts[it.Post.ID] = old
		}
	}
	for k, v := range b.State {
		if v == nil {
			delete(m.state, k)
		} else {
			m.state[k] = string(v)
		}
	}
}

// textOrder and restOrder say which of two versions of a post is kept, of its text and of all else: above 0 when a is. The
// zero time is before all.
func textOrder(a, b collector.Post) int {
	switch {
	case a.TextTruncated != b.TextTruncated && b.TextTruncated:
		return 1
	case a.TextTruncated != b.TextTruncated:
		return -1
	}
	return cmp.Or(a.Observed.Compare(b.Observed), cmp.Compare(len(a.Text), len(b.Text)), strings.Compare(a.Text, b.Text), strings.Compare(a.Lang, b.Lang))
}

func restOrder(a, b collector.Post) int {
	return cmp.Or(a.Observed.Compare(b.Observed), a.CreatedAt.Compare(b.CreatedAt), strings.Compare(string(a.Kind), string(b.Kind)))
}

// cell counts the posts that ok chooses, as Summary should.
func (m *model) cell(ok func(collector.Post) bool) (c store.Cell) {
	type tally struct{ agree, n int }
	authors := map[string]*tally{}
	for id, it := range m.posts {
		if !ok(it.Post) {
			continue
		}
		switch {
		case !it.Verdict.Classified():
			c.Unclassified++
			continue
		case it.Verdict.Stance == classify.Discuss:
			c.Discuss++
			continue
		case it.Verdict.Stance == classify.Unrelated:
			c.Unrelated++
			continue
		}
		key := it.Post.Platform + "/" + it.Post.Author.ID
		if it.Post.Author.ID == "" {
			key = "post " + id
		}
		if authors[key] == nil {
			authors[key] = &tally{}
		}
		authors[key].n++
		if it.Verdict.Stance == classify.Agree {
			c.Agree++
			authors[key].agree++
		} else {
			c.Disagree++
		}
	}
	for _, a := range authors {
		c.Sums.Add(a.agree, a.n)
	}
	return c
}

// randomBatch is a batch in which ids come again, within it and from before.
func randomBatch(rnd *rand.Rand) (b store.Batch) {
	for range rnd.IntN(60) {
		it := item(fmt.Sprint(rnd.IntN(300)), rnd.IntN(2000)-1000, []string{"", "a", "b", "c", "d"}[rnd.IntN(5)],
			[]collector.Kind{collector.Original, collector.Reply, collector.Repost}[rnd.IntN(3)], classify.Stance(rnd.IntN(4)))
		p := &it.Post
		if p.Author.ID == "" {
			p.Author = collector.Author{} // unknown: each post an author of its own
		}
		p.Lang, p.TextTruncated = []string{"en", "de", ""}[rnd.IntN(3)], rnd.IntN(4) == 0
		p.Text = fmt.Sprintf("text %d of the campaign that many people pass on to each other%s", rnd.IntN(12), []string{"", "!", " now"}[rnd.IntN(3)])
		if rnd.IntN(3) > 0 {
			p.Observed = start.Add(time.Duration(rnd.IntN(5)) * time.Hour)
		}
		if rnd.IntN(8) == 0 {
			it.Verdict.Abstain = classify.AbstainUnsure
		}
		b.Items = append(b.Items, it)
	}
	for range rnd.IntN(3) {
		b.Forget = append(b.Forget, ref(fmt.Sprint(rnd.IntN(300))))
	}
	if rnd.IntN(2) == 0 {
		b.State = map[string][]byte{fmt.Sprint("cursor/", rnd.IntN(4)): [][]byte{nil, []byte("1"), []byte("2")}[rnd.IntN(3)]}
	}
	return b
}

// TestModel runs random operations on a store and on plain maps, with readers at work, and compares after each.
func TestModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 77))
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	m := &model{posts: map[string]store.Item{}, texts: map[string]collector.Post{}, gone: map[string]bool{}, state: map[string]string{}}
	stop := read(t, s)
	for round := range 60 {
		switch rnd.IntN(12) {
		case 0:
			stop()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, path)
			stop = read(t, s)
		case 1:
			name := fmt.Sprint("m", round)
			if _, err := s.Reclassify(t.Context(), thesis, name, "test", m.rejudge(name, rnd.IntN(4)), nil); err != nil {
				t.Fatal(err)
			}
		default:
			b := randomBatch(rnd)
			want := store.Totals{Skipped: map[collector.Reason]int{}}
			m.add(b, &want)
			got := addBatch(t, s, b)
			got.Read = 0
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Fatalf("round %d: totals: %s", round, diff)
			}
		}
		m.compare(t, s, round)
	}
	stop()
	healthy(t, s)
}

// rejudge is a new model: it turns all stances by some steps.
func (m *model) rejudge(name string, by int) func([]collector.Post) []classify.Verdict {
	return func(posts []collector.Post) (out []classify.Verdict) {
		for _, p := range posts {
			it := m.posts[p.ID]
			it.Verdict = classify.Verdict{Stance: (it.Verdict.Stance + classify.Stance(by)) % classify.NumStances, Model: name}
			it.Verdict.P[it.Verdict.Stance] = 1
			m.posts[p.ID] = it
			out = append(out, it.Verdict)
		}
		return out
	}
}

func (m *model) compare(t *testing.T, s *store.Store, round int) {
	t.Helper()
	near := cmpopts.EquateApprox(1e-12, 0)
	for name, f := range map[string]store.Filter{"all": {}, "en": {Langs: []string{"en"}}, "later": {Since: start.Add(100 * time.Hour), Step: store.Hour}} {
		got, err := s.Summary(thesis, f)
		if err != nil {
			t.Fatal(err)
		}
		chosen := func(p collector.Post) bool {
			return (f.Since.IsZero() || !p.CreatedAt.Before(f.Since)) && (len(f.Langs) == 0 || slices.Contains(f.Langs, p.Lang))
		}
		for part, c := range map[string][2]store.Cell{
			"posts":   {m.cell(func(p collector.Post) bool { return chosen(p) && p.Kind != collector.Repost }), got.Posts},
			"reposts": {m.cell(func(p collector.Post) bool { return chosen(p) && p.Kind == collector.Repost }), got.Reposts},
			"all":     {m.cell(chosen), got.WithReposts},
		} {
			if diff := gocmp.Diff(c[0], c[1], near); diff != "" {
				t.Fatalf("round %d, %s, %s: %s", round, name, part, diff)
			}
		}
		for _, p := range got.Series {
			want := m.cell(func(q collector.Post) bool {
				return chosen(q) && q.Kind != collector.Repost && !q.CreatedAt.Before(p.Start) && q.CreatedAt.Before(p.End)
			})
			if diff := gocmp.Diff(want, p.Cell, near); diff != "" && (round%10 == 0 || p.Cell.Total() != want.Total()) {
				t.Fatalf("round %d, %s, step %v: %s", round, name, p.Start, diff)
			}
			if f.Step == store.Hour {
				break // one of a thousand is enough
			}
		}
	}
	var want, got []string
	for id, it := range m.posts {
		want = append(want, fmt.Sprintf("%s %d %s %v %s", id, it.Post.CreatedAt.Unix(), it.Post.Text, it.Verdict.Stance, it.Verdict.Abstain))
	}
	for after := store.Cursor(""); ; {
		page, next, err := s.Posts(thesis, store.Filter{}, after, 97)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			got = append(got, fmt.Sprintf("%s %d %s %v %s", r.Post.ID, r.Post.CreatedAt.Unix(), r.Post.Text, r.Verdict.Stance, r.Verdict.Abstain))
		}
		if after = next; next == "" {
			break
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("round %d: posts: %s", round, diff)
	}
	states, err := s.States("")
	if err != nil || len(states) != len(m.state) {
		t.Fatalf("round %d: state %v, want %v (%v)", round, states, m.state, err)
	}
	for k, v := range m.state {
		if string(states[k]) != v {
			t.Fatalf("round %d: state %q = %q, want %q", round, k, states[k], v)
		}
	}
	if round%30 == 0 {
		healthy(t, s)
	}
}

// read keeps some readers at work on a store until it is stopped.
func read(t *testing.T, s *store.Store) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				sum, err := s.Summary(thesis, store.Filter{Step: []store.Step{store.Day, store.Week}[i]})
				if total := sum.Posts.Total() + sum.Reposts.Total(); err != nil || total != sum.WithReposts.Total() {
					t.Errorf("a reader finds %d posts and %d, %v", total, sum.WithReposts.Total(), err)
				}
				if _, _, err := s.Posts(thesis, store.Filter{Stances: []classify.Stance{classify.Agree}, Text: "campaign"}, "", 20); err != nil {
					t.Errorf("a reader: %v", err)
				}
				time.Sleep(5 * time.Millisecond) // leaves the processor to the writer
			}
		})
	}
	return func() { cancel(); wg.Wait() }
}

// TestUnion splits posts over two stores: what they count adds up to what one store of all counts. Each author is in one of
// them, so that sums over authors add up too.
func TestUnion(t *testing.T) {
	g := newSynthetic(4000, 21)
	items := g.batch(4000)
	a, b, all := fresh(t), fresh(t), fresh(t)
	var left, right []store.Item
	for _, it := range items {
		if it.Post.Author.ID < "5" {
			left = append(left, it)
		} else {
			right = append(right, it)
		}
	}
	addBatch(t, a, store.Batch{Items: left})
	addBatch(t, b, store.Batch{Items: right})
	addBatch(t, all, store.Batch{Items: items})
	x, y, want := summary(t, a), summary(t, b), summary(t, all)
	for name, c := range map[string][3]store.Cell{"posts": {x.Posts, y.Posts, want.Posts}, "reposts": {x.Reposts, y.Reposts, want.Reposts}} {
		if diff := gocmp.Diff(c[2], sum(c[0], c[1]), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	steps := map[time.Time]store.Cell{}
	for _, p := range append(x.Series, y.Series...) {
		steps[p.Start] = sum(steps[p.Start], p.Cell)
	}
	for _, p := range want.Series {
		if diff := gocmp.Diff(p.Cell, steps[p.Start], cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%v: %s", p.Start, diff)
		}
	}
}

func sum(a, b store.Cell) store.Cell {
	return store.Cell{Agree: a.Agree + b.Agree, Disagree: a.Disagree + b.Disagree, Discuss: a.Discuss + b.Discuss,
		Unrelated: a.Unrelated + b.Unrelated, Unclassified: a.Unclassified + b.Unclassified, Sums: addSums(a.Sums, b.Sums)}
}

func addSums(a, b prevalence.Sums) prevalence.Sums {
	return prevalence.Sums{Authors: a.Authors + b.Authors, AA: a.AA + b.AA, AN: a.AN + b.AN, NN: a.NN + b.NN, AAperN: a.AAperN + b.AAperN,
		Voice: a.Voice + b.Voice, VoiceSq: a.VoiceSq + b.VoiceSq}
}

// TestCutAnywhere adds the same posts in batches cut at random, with a reopening between them: the content is the same, with the clusters.
func TestCutAnywhere(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 55))
	items := newSynthetic(2000, 31).batch(2000)
	items = append(items, items[:300]...)
	var dumps []map[string]any
	for range 3 {
		path := filepath.Join(t.TempDir(), "s.db")
		if err := os.WriteFile(path+".key", []byte(strings.Repeat("5a", 32)), 0o600); err != nil { // authors are known by it
			t.Fatal(err)
		}
		s := open(t, path)
		for rest := items; len(rest) > 0; {
			n := min(len(rest), 1+rnd.IntN(1500))
			addBatch(t, s, store.Batch{Items: rest[:n]})
			if rest = rest[n:]; rnd.IntN(2) == 0 {
				s.Close()
				s = open(t, path)
			}
		}
		s.Close()
		dumps = append(dumps, dump(t, path))
	}
	for i, d := range dumps[1:] {
		for k := range d {
			if diff := gocmp.Diff(dumps[0][k], d[k], cmpopts.SortSlices(cmp.Less[string])); diff != "" {
				t.Errorf("cut %d, %s: %s", i+1, k, diff)
			}
		}
	}
}

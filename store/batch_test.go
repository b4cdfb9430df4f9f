package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

func fresh(t *testing.T) *store.Store { return open(t, filepath.Join(t.TempDir(), "s.db")) }

func addBatch(t *testing.T, s *store.Store, b store.Batch) store.Totals {
	t.Helper()
	r := s.Begin(store.Entry{Action: "import", Thesis: thesis})
	r.Entry.Totals.Read = len(b.Items)
	if err := r.Add(b); err != nil {
		t.Fatal(err)
	}
	return r.Entry.Totals
}

func healthy(t *testing.T, s *store.Store) {
	t.Helper()
	if problems, err := s.Check(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("check: %v %q", err, problems)
	}
}

func ref(id string) collector.Ref { return collector.Ref{Platform: "x", ID: id} }

func TestForgetAuthors(t *testing.T) {
	s := fresh(t)
	day := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	by := func(author, id string, at time.Time) store.Item {
		it := item(id, 0, "a post of its own "+id, collector.Original, classify.Agree)
		it.Post.Author, it.Post.CreatedAt = collector.Author{ID: author}, at
		return it
	}
	gone := []collector.GoneAccount{{Platform: "x", ID: "ana", At: day.Add(48 * time.Hour)}, {Platform: "x", ID: "nobody"}}
	addBatch(t, s, store.Batch{Items: []store.Item{by("ana", "1", day), by("bo", "2", day), by("ana", "3", day.Add(time.Hour)), by("", "4", day)}})
	if got := addBatch(t, s, store.Batch{ForgetAuthors: gone}); got.Removed != 2 {
		t.Errorf("removed %d, want the two of the account", got.Removed)
	}
	if c := summary(t, s).Posts; c.Agree != 2 {
		t.Errorf("%d agree, want 2", c.Agree)
	}
	before := s.Generation()
	addBatch(t, s, store.Batch{ForgetAuthors: gone})
	if s.Generation() != before {
		t.Error("the same accounts again write something")
	}
	later := addBatch(t, s, store.Batch{Items: []store.Item{by("ana", "1", day), by("ana", "5", day.Add(24*time.Hour)), by("ana", "6", day.Add(72*time.Hour)), by("bo", "7", day)}})
	if later.Skipped[collector.SkipDeleted] != 2 || later.Stored != 2 {
		t.Errorf("totals %+v: want what the account made before it went skipped, what it made after stored", later)
	}
	other := by("ana", "8", day)
	other.Post.Platform = "bluesky"
	if got := addBatch(t, s, store.Batch{Items: []store.Item{other}}); got.Stored != 1 {
		t.Errorf("totals %+v: an account of that name on another network is another one", got)
	}
	healthy(t, s)
}

func TestForget(t *testing.T) {
	s := fresh(t)
	addBatch(t, s, store.Batch{Items: sample()})
	got := addBatch(t, s, store.Batch{Forget: []collector.Ref{ref("1"), ref("never seen")}})
	if got.Removed != 1 {
		t.Errorf("removed %d, want 1", got.Removed)
	}
	if _, err := s.Post(thesis, ref("1")); !errors.Is(err, store.ErrNoPost) {
		t.Errorf("a forgotten post: %v", err)
	}
	if c := summary(t, s).Posts; c.Agree != 1 {
		t.Errorf("%d agree, want 1", c.Agree)
	}
	again := addBatch(t, s, store.Batch{Items: append(sample(), item("never seen", 0, "a", collector.Original, classify.Agree))})
	if again.Skipped[collector.SkipDeleted] != 2 || again.Stored != 0 || again.Duplicate != 7 {
		t.Errorf("totals of an import after it: %+v", again)
	}
	same := addBatch(t, s, store.Batch{Items: []store.Item{item("new", 0, "a", collector.Original, classify.Agree)}, Forget: []collector.Ref{ref("new")}})
	if same.Stored != 0 || same.Skipped[collector.SkipDeleted] != 1 {
		t.Errorf("a post deleted in its own batch: %+v", same)
	}
	healthy(t, s)
}

func TestState(t *testing.T) {
	s := fresh(t)
	addBatch(t, s, store.Batch{State: map[string][]byte{"cursor/a": []byte("1"), "cursor/b": []byte("2"), "budget": {}}})
	gen := s.Generation()
	addBatch(t, s, store.Batch{State: map[string][]byte{"cursor/a": []byte("1")}})
	if s.Generation() != gen {
		t.Error("writing the same state again wrote to the store")
	}
	addBatch(t, s, store.Batch{State: map[string][]byte{"cursor/a": nil, "cursor/none": nil}})
	all, err := s.States("cursor/")
	if diff := cmp.Diff(map[string][]byte{"cursor/b": []byte("2")}, all); diff != "" || err != nil {
		t.Errorf("states: %v %s", err, diff)
	}
	if v, err := s.State("cursor/a"); v != nil || err != nil {
		t.Errorf("deleted state = %q, %v", v, err)
	}
	if v, err := s.State("budget"); v == nil || len(v) != 0 || err != nil {
		t.Errorf("empty state = %v, %v", v, err)
	}
	if s.Generation() == gen {
		t.Error("the generation stays although the store changed")
	}
	healthy(t, s)
}

// TestNewestVersionWins adds versions of one post in every order, cut into batches in every way.
func TestNewestVersionWins(t *testing.T) {
	at := start.AddDate(0, 0, 3)
	version := func(text string, observed time.Time, cut bool, s classify.Stance) store.Item {
		it := item("1", 0, "a", collector.Original, s)
		it.Post.Text, it.Post.Observed, it.Post.TextTruncated = text, observed, cut
		return it
	}
	versions := []store.Item{
		version("no time, cut", time.Time{}, true, classify.Agree),
		version("old and as long as it gets", at, false, classify.Disagree),
		version("newest, cut …", at.Add(time.Hour), true, classify.Discuss),
		version("newest", at.Add(time.Hour), false, classify.Unrelated),
		version("newest, longest", at.Add(time.Hour), false, classify.Agree),
	}
	s := fresh(t)
	for cut := range len(versions) {
		var head, tail []store.Item
		for n, order := range permutations(len(versions)) {
			for i, v := range order {
				it := versions[v]
				it.Post.ID = fmt.Sprintf("%d-%d", cut, n)
				if i < cut {
					head = append(head, it)
				} else {
					tail = append(tail, it)
				}
			}
		}
		a, b := addBatch(t, s, store.Batch{Items: head}), addBatch(t, s, store.Batch{Items: tail})
		if a.Stored+b.Stored != 120 || a.Duplicate+b.Duplicate != 4*120 {
			t.Fatalf("cut at %d: totals %+v %+v", cut, a, b)
		}
	}
	err := s.Each(t.Context(), thesis, store.Filter{}, func(r store.Record) error {
		if r.Post.Text != "newest, longest" || r.Verdict.Stance != classify.Agree || !r.Post.Observed.Equal(at.Add(time.Hour)) {
			t.Errorf("%s: %q, %v", r.Post.ID, r.Post.Text, r.Verdict.Stance)
		}
		return nil
	})
	if c := summary(t, s).Posts; err != nil || c.Agree != 600 || c.Total() != 600 {
		t.Errorf("tallies %+v, %v", c, err)
	}
	healthy(t, s)
}

func permutations(n int) (out [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, p := range permutations(n - 1) {
		for at := range n {
			out = append(out, append(append(append([]int{}, p[:at]...), n-1), p[at:]...))
		}
	}
	return out
}

func TestUpdateMovesAPostInTime(t *testing.T) {
	s := fresh(t)
	it := item("1", 0, "a", collector.Original, classify.Agree)
	addBatch(t, s, store.Batch{Items: []store.Item{it}})
	r := s.Begin(store.Entry{Thesis: "other"})
	if err := r.Add(store.Batch{Items: []store.Item{it}}); err != nil {
		t.Fatal(err)
	}
	it.Post.CreatedAt, it.Post.Observed = start.Add(1500*time.Millisecond), start
	if got := addBatch(t, s, store.Batch{Items: []store.Item{it}}); got.Updated != 1 || got.Duplicate != 1 {
		t.Errorf("totals %+v", got)
	}
	for _, th := range []string{thesis, "other"} {
		if r, err := s.Post(th, ref("1")); err != nil || !r.Post.CreatedAt.Equal(it.Post.CreatedAt) {
			t.Errorf("%s: %+v, %v", th, r.Post, err)
		}
	}
	healthy(t, s)
}

func TestCodingsAreAHistory(t *testing.T) {
	s := fresh(t)
	addBatch(t, s, store.Batch{Items: sample()})
	c := store.Coding{Platform: "x", ID: "2", Thesis: thesis, Coder: "ada", Label: "agree", Codebook: "c0de", At: start, Note: "clear"}
	second := c
	second.Label, second.At = "discuss", start.Add(time.Hour)
	r := s.Begin(store.Entry{Action: "label", Thesis: thesis})
	for range 2 {
		if err := r.AddCodings([]store.Coding{c, second}); err != nil {
			t.Fatal(err)
		}
	}
	if r.Entry.Totals.Stored != 2 || r.Entry.Totals.Duplicate != 2 {
		t.Errorf("totals %+v", r.Entry.Totals)
	}
	all, err := s.Codings(thesis)
	if diff := cmp.Diff([]store.Coding{c, second}, all); diff != "" || err != nil {
		t.Errorf("codings: %v %s", err, diff)
	}
	rec, err := s.Post(thesis, ref("2"))
	if diff := cmp.Diff(all, rec.Codings); diff != "" || err != nil {
		t.Errorf("codings of the record: %v %s", err, diff)
	}
	if err := r.AddCodings([]store.Coding{{Platform: "x", ID: "2", Thesis: thesis, Label: "agree"}}); err == nil {
		t.Error("a coding without a coder was taken")
	}
	healthy(t, s)
}

func TestDraws(t *testing.T) {
	s := fresh(t)
	d := store.Draw{Platform: "x", ID: "2", Thesis: thesis, Sample: "audit-1", P: 0.25, At: start}
	r := s.Begin(store.Entry{Action: "draw", Thesis: thesis})
	for range 2 {
		if err := r.AddDraws([]store.Draw{d}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Draws(thesis)
	if diff := cmp.Diff([]store.Draw{d}, got); diff != "" || err != nil {
		t.Errorf("draws: %v %s", err, diff)
	}
	for _, p := range []float64{0, -1, 1.5} {
		d.P = p
		if err := r.AddDraws([]store.Draw{d}); err == nil {
			t.Errorf("a draw with probability %v was taken", p)
		}
	}
	healthy(t, s)
}

func TestPostsPageByPage(t *testing.T) {
	s := fresh(t)
	var items []store.Item
	for i := range 300 {
		items = append(items, item(fmt.Sprint(i), i/3, fmt.Sprint(i%7), collector.Original, classify.Stance(i%4)))
	}
	addBatch(t, s, store.Batch{Items: items})
	for name, f := range map[string]store.Filter{
		"all": {}, "stance": {Stances: []classify.Stance{classify.Agree}}, "period": {Since: start.Add(10 * time.Hour), Until: start.Add(60 * time.Hour)},
		"text": {Text: "TEXT OF 1"}, "nothing": {Text: "no such text"}, "probability": {MinP: 0.5}, "abstained": {Abstained: true},
	} {
		var oldest []string
		if err := s.Each(t.Context(), thesis, f, func(r store.Record) error { oldest = append(oldest, r.Post.ID); return nil }); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 7, 100, 1000} {
			var newest []string
			for after := store.Cursor(""); ; {
				page, next, err := s.Posts(thesis, f, after, n)
				if err != nil || len(page) > n || next != "" && len(page) != n {
					t.Fatalf("%s by %d: %d posts, %v", name, n, len(page), err)
				}
				for _, r := range page {
					newest = append([]string{r.Post.ID}, newest...)
				}
				if after = next; next == "" {
					break
				}
			}
			if diff := cmp.Diff(oldest, newest); diff != "" {
				t.Errorf("%s by %d: Each and Posts differ: %s", name, n, diff)
			}
		}
		want := map[string]int{"all": 300, "stance": 75, "period": 150, "text": 111, "nothing": 0, "probability": 300, "abstained": 0}[name]
		if len(oldest) != want {
			t.Errorf("%s: %d posts, want %d", name, len(oldest), want)
		}
	}
	if _, _, err := s.Posts(thesis, store.Filter{}, "no cursor", 1); !errors.Is(err, store.ErrBadCursor) {
		t.Errorf("a bad cursor: %v", err)
	}
}

func TestEachEndsWithItsError(t *testing.T) {
	s := fresh(t)
	addBatch(t, s, store.Batch{Items: sample()})
	stop := errors.New("stop")
	if err := s.Each(t.Context(), thesis, store.Filter{}, func(store.Record) error { return stop }); err != stop {
		t.Errorf("Each = %v", err)
	}
}

const call = "Another call, another hour, nothing signed: he is buying time and everyone in the room knows it by now"

func TestClusters(t *testing.T) {
	s := fresh(t)
	text := func(id, text string, st classify.Stance) store.Item {
		it := item(id, len(id), id, collector.Original, st)
		it.Post.Text = text
		return it
	}
	addBatch(t, s, store.Batch{Items: []store.Item{
		text("first", call, classify.Agree),
		text("link", "@someone "+call+" https://example.org/1", classify.Agree),
		text("shout", string(bytes.ToUpper([]byte(call)))+"!!!", classify.Agree),
		text("other", "Moscow has named its terms and it is Kyiv that will not sit down", classify.Disagree),
		text("off topic", call, classify.Unrelated),
		text("short", "he is stalling", classify.Agree),
		text("short too", "he is stalling", classify.Agree),
	}})
	cluster := func(id string) string {
		r, err := s.Post(thesis, ref(id))
		if err != nil {
			t.Fatal(err)
		}
		return r.Cluster
	}
	for id, want := range map[string]string{"first": "x:first", "link": "x:first", "shout": "x:first", "other": "", "off topic": "", "short": "", "short too": ""} {
		if got := cluster(id); got != want {
			t.Errorf("cluster of %s = %q, want %q", id, got, want)
		}
	}
	if c := summary(t, s).Collapsed; c.Agree != 3 || c.Disagree != 1 || c.Unrelated != 1 || c.Sums.Authors != 4 {
		t.Errorf("collapsed: %+v", c)
	}
	page, _, err := s.Posts(thesis, store.Filter{Cluster: "x:first"}, "", 10)
	if err != nil || len(page) != 3 {
		t.Errorf("the cluster lists %d posts, %v", len(page), err)
	}
	addBatch(t, s, store.Batch{Forget: []collector.Ref{ref("first")}})
	if a, b := cluster("link"), cluster("shout"); a != "x:link" || b != "x:link" {
		t.Errorf("after the first is gone: %q and %q", a, b)
	}
	healthy(t, s)
	addBatch(t, s, store.Batch{Forget: []collector.Ref{ref("shout")}})
	if got := cluster("link"); got != "" {
		t.Errorf("alone, in cluster %q", got)
	}
	if c := summary(t, s).Collapsed; c.Agree != 3 {
		t.Errorf("collapsed: %+v", c)
	}
	healthy(t, s)
}

// TestClashing adds comments under the id of the post that they are on: all but one are gone, and that is counted.
func TestClashing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	var items []store.Item
	for _, c := range [][2]string{{"ana", "First words"}, {"bo", "Second words"}, {"bo", "Second words, and more"}, {"cy", "Second words"}} {
		it := item("1", 0, c[0], collector.Original, classify.Agree)
		it.Post.Text = c[1]
		items = append(items, it)
	}
	if got := addBatch(t, s, store.Batch{Items: items}); got.Stored != 1 || got.Duplicate != 3 || got.Clashing != 1 {
		t.Errorf("%+v, want 1 stored, 3 duplicate and 1 of them clashing", got)
	}
}

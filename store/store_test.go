package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

const thesis = "t"

var start = time.Date(2025, 6, 30, 22, 0, 0, 0, time.UTC)

// item makes a post by the n-th author at an hour after start.
func item(id string, hour int, author string, kind collector.Kind, s classify.Stance) store.Item {
	v := classify.Verdict{Stance: s, Model: "m1"}
	v.P[s] = 1
	return store.Item{
		Post: collector.Post{Platform: "x", ID: id, Text: "text of " + id, CreatedAt: start.Add(time.Duration(hour) * time.Hour),
			Lang: "en", Kind: kind, Author: collector.Author{ID: author, Handle: "handle_" + author},
			Permalink: "https://x.com/handle_" + author + "/status/" + id},
		Verdict: v,
	}
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func add(t *testing.T, s *store.Store, sha string, items ...store.Item) (*store.Run, *store.Entry) {
	t.Helper()
	r := s.Begin(store.Entry{Action: "import", Thesis: thesis, Source: "file", SHA256: sha})
	r.Entry.Totals.Read = len(items)
	if err := r.Add(store.Batch{Items: items}); err != nil {
		t.Fatal(err)
	}
	again, err := r.Finish(start)
	if err != nil {
		t.Fatal(err)
	}
	return r, again
}

func sample() []store.Item {
	abstained := item("9", 50, "c", collector.Original, classify.Agree)
	abstained.Verdict.Abstain = classify.AbstainLanguage
	return []store.Item{
		item("1", 0, "a", collector.Original, classify.Agree),
		item("2", 1, "a", collector.Reply, classify.Agree),
		item("3", 3, "b", collector.Quote, classify.Disagree),
		item("4", 4, "b", collector.Repost, classify.Agree),
		item("5", 30, "", collector.Original, classify.Disagree),
		item("6", 49, "c", collector.Original, classify.Discuss),
		item("7", 49, "c", collector.Original, classify.Unrelated),
		abstained,
	}
}

func TestSummary(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	add(t, s, "sha", sample()...)
	got, err := s.Summary(thesis, store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	c := got.Posts
	if c.Agree != 2 || c.Disagree != 2 || c.Discuss != 1 || c.Unrelated != 1 || c.Unclassified != 1 {
		t.Errorf("posts = %+v", c)
	}
	// Authors of stance-taking posts: a 2 of 2, b 0 of 1, one unknown 0 of 1.
	if c.Sums.Authors != 3 || c.Sums.AA != 4 || c.Sums.AN != 4 || c.Sums.NN != 6 || c.Sums.Voice != 1 {
		t.Errorf("sums = %+v", c.Sums)
	}
	if got.Reposts.Agree != 1 || got.WithReposts.Agree != 3 || got.Unclassified["language"] != 1 {
		t.Errorf("reposts %+v, with %+v, unclassified %v", got.Reposts, got.WithReposts, got.Unclassified)
	}
	var days []string
	for _, p := range got.Series {
		days = append(days, fmt.Sprintf("%s %d", p.Start.Format(time.DateOnly), p.Cell.Total()))
	}
	if diff := cmp.Diff([]string{"2025-06-30 2", "2025-07-01 1", "2025-07-02 3", "2025-07-03 1"}, days); diff != "" {
		t.Errorf("series: %s", diff)
	}
}

func TestSummaryFilters(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	add(t, s, "sha", sample()...)
	day := func(d string) time.Time {
		at, err := time.Parse(time.DateOnly, d)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tt := range []struct {
		name string
		f    store.Filter
		want int
	}{
		{"all", store.Filter{}, 7},
		{"since", store.Filter{Since: day("2025-07-02")}, 4},
		{"until is exclusive", store.Filter{Until: day("2025-07-02")}, 3},
		{"kind", store.Filter{Kinds: []collector.Kind{collector.Reply}}, 1},
		{"language", store.Filter{Langs: []string{"de"}}, 0},
		{"platform", store.Filter{Platforms: []string{"x"}}, 7},
		{"by week", store.Filter{Step: store.Week}, 7},
	} {
		got, err := s.Summary(thesis, tt.f)
		if err != nil {
			t.Fatal(err)
		}
		if got.Posts.Total() != tt.want {
			t.Errorf("%s: %d posts, want %d", tt.name, got.Posts.Total(), tt.want)
		}
		sum := 0
		for _, p := range got.Series {
			sum += p.Cell.Total()
		}
		if sum != tt.want {
			t.Errorf("%s: the series adds up to %d, want %d", tt.name, sum, tt.want)
		}
	}
}

func TestAddingTwiceChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	add(t, s, "sha", sample()...)
	before := summary(t, s)
	r, again := add(t, s, "sha", sample()...)
	if again == nil || again.Seq != 1 {
		t.Errorf("the second run says that it repeats %+v, want entry 1", again)
	}
	if r.Entry.Totals.Stored != 0 || r.Entry.Totals.Duplicate != len(sample()) {
		t.Errorf("totals = %+v", r.Entry.Totals)
	}
	if diff := cmp.Diff(before, summary(t, s)); diff != "" {
		t.Errorf("summary changed: %s", diff)
	}
	if l, _ := s.Ledger(); len(l) != 1 {
		t.Errorf("%d ledger entries, want 1", len(l))
	}
}

func summary(t *testing.T, s *store.Store) store.Summary {
	t.Helper()
	got, err := s.Summary(thesis, store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestRandomRuns compares the store with plain maps over random overlapping runs, reopening in between.
func TestRandomRuns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "s.db")
	model := map[string]classify.Stance{}
	for round := range 20 {
		s, err := store.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var items []store.Item
		for range 50 {
			id := fmt.Sprint(rnd.IntN(400))
			st := classify.Stance(rnd.IntN(classify.NumStances))
			items = append(items, item(id, rnd.IntN(500)-250, fmt.Sprint(rnd.IntN(30)), collector.Original, st))
			if _, ok := model[id]; !ok {
				model[id] = st
			}
		}
		r, _ := add(t, s, fmt.Sprint(round), items...)
		if tot := r.Entry.Totals; tot.Read != tot.Stored+tot.Duplicate {
			t.Fatalf("round %d: totals do not add up: %+v", round, tot)
		}
		want := store.Cell{}
		for _, st := range model {
			switch st {
			case classify.Agree:
				want.Agree++
			case classify.Disagree:
				want.Disagree++
			case classify.Discuss:
				want.Discuss++
			case classify.Unrelated:
				want.Unrelated++
			}
		}
		got := summary(t, s).Posts
		got.Sums = want.Sums
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d: %s", round, diff)
		}
		if problems, err := s.Check(t.Context(), nil); err != nil || len(problems) > 0 {
			t.Fatalf("round %d: check: %v %v", round, problems, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSecondThesisJudgesStoredPosts(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	add(t, s, "sha", sample()...)
	r := s.Begin(store.Entry{Thesis: "other"})
	if err := r.Add(store.Batch{Items: sample()}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Summary("other", store.Filter{})
	if err != nil || r.Entry.Totals.Duplicate != len(sample()) {
		t.Fatal(err, r.Entry.Totals)
	}
	if diff := cmp.Diff(summary(t, s).Posts, got.Posts); diff != "" {
		t.Errorf("the second thesis counts otherwise: %s", diff)
	}
	if problems, err := s.Check(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("check: %v %v", problems, err)
	}
}

// TestNoLinkWithoutID stores a post of X whose id is made of its content, which no link leads to.
func TestNoLinkWithoutID(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	in := sample()[:1]
	in[0].Post.ID, in[0].Post.Permalink = "h:0123456789abcdef", ""
	add(t, s, "sha", in...)
	got, _, err := s.Posts(thesis, store.Filter{}, "", 50)
	if err != nil || len(got) != 1 || got[0].Post.Permalink != "" {
		t.Errorf("%+v, %v: want one post without a link", got, err)
	}
}

func TestAuthorsAreKeys(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	add(t, s, "sha", sample()...)
	got, _, err := s.Posts(thesis, store.Filter{Stances: []classify.Stance{classify.Agree}}, "", 50)
	if err != nil || len(got) < 2 {
		t.Fatalf("Posts = %+v, %v", got, err)
	}
	slices.SortFunc(got, func(a, b store.Record) int { return strings.Compare(a.Post.ID, b.Post.ID) })
	if p := got[0].Post; p.Permalink != "https://x.com/i/web/status/1" || p.Author != (collector.Author{}) {
		t.Errorf("the author's handle came out of the store: %+v", p)
	}
	if len(got[0].Author) != 32 || got[0].Author != got[1].Author {
		t.Errorf("author keys %q and %q, want one of 32 digits", got[0].Author, got[1].Author)
	}
}

func TestHandlesAreNotInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	add(t, s, "sha", sample()...)
	s.Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if i := indexOf(raw, "handle_"); i >= 0 {
		t.Errorf("a handle stands in the file at byte %d", i)
	}
	info, err := os.Stat(path + ".key")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
}

func indexOf(raw []byte, s string) int {
	for i := range len(raw) - len(s) {
		if string(raw[i:i+len(s)]) == s {
			return i
		}
	}
	return -1
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	if _, err := store.OpenReadOnly(path); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("reading a missing store: %v", err)
	}
	s := open(t, path)
	if err := s.Announce(store.Owner{PID: 4711, Command: "stallwatch serve", Address: "http://127.0.0.1:8080"}); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(path)
	if !errors.Is(err, store.ErrInUse) || !contains(err, "4711") || !contains(err, "http://127.0.0.1:8080") {
		t.Errorf("a second writer gets %v, want who has the store open", err)
	}
	other := filepath.Join(dir, "other.db")
	if err := os.WriteFile(other, []byte("not a store, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(other); err == nil {
		t.Error("a text file opens as a store")
	}
}

func contains(err error, s string) bool {
	return err != nil && indexOf([]byte(err.Error()+" "), s) >= 0
}

package web_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/store"
	"stallwatch/web"
)

var day0 = time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)

func thesis(t *testing.T) *classify.Thesis {
	t.Helper()
	th, err := classify.LoadThesis("")
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// pairs is a cell of authors with two posts each, which agree both or disagree both.
func pairs(agree, disagree int) store.Cell {
	c := store.Cell{Agree: 2 * agree, Disagree: 2 * disagree}
	for range agree {
		c.Sums.Add(2, 2)
	}
	for range disagree {
		c.Sums.Add(0, 2)
	}
	return c
}

// handSummary is ten days of 20 authors; its numbers can be followed on paper.
func handSummary() store.Summary {
	c := pairs(10, 10)
	c.Discuss, c.Unrelated, c.Unclassified = 10, 5, 3
	few := pairs(9, 0)
	topic := c.Sums
	topic.AddAuthors(10, 0, 1)
	return store.Summary{
		Filter: store.Filter{Since: day0, Until: day0.AddDate(0, 0, 10)}, First: day0, Last: day0.AddDate(0, 0, 9),
		Posts: c, WithReposts: pairs(10, 10), Collapsed: pairs(8, 8), OnTopic: topic,
		Series:       []store.Point{{Start: day0, End: day0.AddDate(0, 0, 1), Cell: few}, {Start: day0.AddDate(0, 0, 1), End: day0.AddDate(0, 0, 2)}},
		Platforms:    []store.Group{{Name: "mastodon", Cell: few}, {Name: "x", Cell: pairs(10, 10)}, {Name: "bluesky", Cell: pairs(1, 0)}},
		Unclassified: map[string]int{"language": 2, "unsure": 1},
	}
}

func checkShare(t *testing.T, name string, s web.Share, p, lo, hi float64) {
	t.Helper()
	if !s.Defined() || *s.Share != p || *s.Low != lo || *s.High != hi {
		b, _ := json.Marshal(s)
		t.Errorf("%s = %s, want %v (%v to %v)", name, b, p, lo, hi)
	}
}

// TestNewFigures follows this on paper. Of 20 authors with two posts, ten agree twice: p = 20/40, every residual is 1, so
// SE² = 20/19·20/40² and the effective size is p(1−p)/SE² = 19; Wilson on 19 gives 0.295 to 0.705. Ten more who each
// discuss once: p = 20/50, SE² = 30/29·(10·1.2² + 10·0.8² + 10·0.4²)/50², effective size 25.9, 0.236 to 0.589.
func TestNewFigures(t *testing.T) {
	before := pairs(5, 15)
	f := web.NewFigures(handSummary(), thesis(t), web.Inputs{Previous: &before})
	checkShare(t, "headline", f.Headline.Share, 0.5, 0.295, 0.705)
	checkShare(t, "with reposts", f.Robustness[1].Share, 0.5, 0.295, 0.705)
	checkShare(t, "one voice", f.Robustness[2].Share, 0.5, 0.2752, 0.7248)
	checkShare(t, "near-duplicates counted once", f.Robustness[3].Share, 0.5, 0.2742, 0.7258)
	checkShare(t, "uncorrected", f.Robustness[4].Share, 0.5, 0.352, 0.648)
	checkShare(t, "on topic", f.OnTopic, 0.4, 0.2364, 0.5895)
	if want := "50\u202f% of stance-taking posts we collected say Putin is stalling"; f.Headline.Sentence != want {
		t.Errorf("sentence = %q, want %q", f.Headline.Sentence, want)
	}
	if f.Headline.N != 40 || *f.Headline.Authors != 20 || f.Headline.Base() != "40 posts by 20 authors" {
		t.Errorf("base = %d posts, %q; want 40 posts by 20 authors", f.Headline.N, f.Headline.Base())
	}
	if f.Period.Text != "1–10 July 2025" || *f.Period.From != "2025-07-01" || *f.Period.To != "2025-07-10" {
		t.Errorf("period = %q, %s to %s", f.Period.Text, *f.Period.From, *f.Period.To)
	}
	if c := f.Change; c == nil || c.Diff != 0.25 || c.Low != -0.0541 || c.High != 0.4985 || c.Direction != "no clear change" ||
		c.From != "2025-06-21" || c.To != "2025-06-30" || c.Sentence != "no clear change (−5 to +50 points) against the 10 days\u00a0before" {
		t.Errorf("change = %+v", c)
	}
	if r := f.NotClassified; len(r) != 2 || r[0] != (web.Reason{Reason: "language", Posts: 2}) {
		t.Errorf("not classified = %v", r)
	}
	if f.Counts.Posts != 58 || f.Counts.OnTopic != 50 || f.Counts.StanceTaking != 40 {
		t.Errorf("counts = %+v", f.Counts)
	}
}

func TestFewPosts(t *testing.T) {
	f := web.NewFigures(handSummary(), thesis(t), web.Inputs{})
	if g := f.Platforms; g[0].Name != "x" || g[1].Name != "bluesky" || !g[1].TooFew || g[1].Share != nil || g[2].Name != "mastodon" {
		t.Errorf("platforms = %+v, want x, then the two of too few by name and without numbers", g)
	}
	if s := f.Series[0]; !s.TooFew || !s.Defined() || s.N != 18 {
		t.Errorf("small step = %+v, want its share, flagged", s)
	}
	if s := f.Series[1]; s.TooFew || s.Defined() || s.Percent() != "no posts" {
		t.Errorf("empty step = %+v, want no share", s)
	}
	s := handSummary()
	s.Posts = pairs(3, 4)
	if f := web.NewFigures(s, thesis(t), web.Inputs{}); f.Headline.Defined() || !f.Headline.TooFew || !strings.Contains(f.Headline.Sentence, "14 of the 20") {
		t.Errorf("headline of 14 posts = %+v", f.Headline)
	}
	if f := web.NewFigures(store.Summary{}, thesis(t), web.Inputs{}); f.Headline.Defined() || f.Headline.TooFew || !f.Period.Empty() {
		t.Errorf("headline of no posts = %+v", f.Headline)
	}
}

func TestEventChanges(t *testing.T) {
	th, sum := thesis(t), handSummary()
	ws := web.EventWindows(sum, th)
	if len(ws) != 1 || ws[0].Event.Title != "Call, no breakthrough" {
		t.Fatalf("windows = %+v, want the call of 3 July", ws)
	}
	if got := ws[0].Since.Format(time.DateOnly) + " " + ws[0].Until.Format(time.DateOnly); got != "2025-06-26 2025-07-10" {
		t.Errorf("window = %s", got)
	}
	uncounted := web.NewFigures(sum, th, web.Inputs{}).Events
	if len(uncounted) != 1 || uncounted[0].Before != nil || uncounted[0].Change != nil {
		t.Errorf("events without windows = %+v, want no numbers", uncounted)
	}
	ws[0].BeforeCount, ws[0].AfterCount = pairs(2, 38), pairs(38, 2)
	e := web.NewFigures(sum, th, web.Inputs{Windows: ws}).Events[0]
	if e.Change == nil || e.Change.Direction != "up" || e.Change.Diff != 0.9 || !strings.HasPrefix(e.Change.Sentence(), "up 90 points (") {
		t.Errorf("change = %+v", e.Change)
	}
	ws[0].AfterCount = pairs(3, 3)
	if e := web.NewFigures(sum, th, web.Inputs{Windows: ws}).Events[0]; e.Change != nil || !e.After.TooFew {
		t.Errorf("change to 12 posts = %+v, want none", e.Change)
	}
}

func TestPreviousPeriod(t *testing.T) {
	if _, _, ok := web.PreviousPeriod(store.Summary{First: day0, Last: day0.AddDate(0, 0, 3)}); ok {
		t.Error("an open beginning has a period before it")
	}
	since, until, ok := web.PreviousPeriod(handSummary())
	if !ok || !since.Equal(day0.AddDate(0, 0, -10)) || !until.Equal(day0) {
		t.Errorf("previous period = %v to %v, %v", since, until, ok)
	}
}

// TestJSONUndefined: undefined is null. NaN would stop the encoder, 0 would be a lie.
func TestJSONUndefined(t *testing.T) {
	for name, s := range map[string]store.Summary{
		"nothing": {}, "no side": {First: day0, Last: day0, Posts: store.Cell{Discuss: 3}},
		"no sums": {First: day0, Last: day0, Posts: store.Cell{Agree: 30}, Series: []store.Point{{Start: day0, End: day0.AddDate(0, 0, 1)}}},
	} {
		var b bytes.Buffer
		if err := web.WriteJSON(&b, web.NewFigures(s, thesis(t), web.Inputs{})); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var v struct {
			Headline map[string]any   `json:"headline"`
			Series   []map[string]any `json:"series"`
			Change   any              `json:"change"`
		}
		if err := json.Unmarshal(b.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, ok := v.Headline["share"]; !ok || (got == nil) != (name != "no sums") {
			t.Errorf("%s: headline share = %v", name, got)
		}
		if v.Change != nil || v.Series == nil {
			t.Errorf("%s: change = %v, series = %v; want null and a list", name, v.Change, v.Series)
		}
	}
}

func TestWords(t *testing.T) {
	share := func(k, n int) web.Share {
		c := store.Cell{Agree: k, Disagree: n - k, Sums: prevalence.Sums{}}
		return web.NewFigures(store.Summary{Posts: c}, thesis(t), web.Inputs{}).Headline.Share
	}
	for _, tt := range []struct {
		k, n int
		want string
	}{
		{0, 100, "0\u202f%"}, {1, 1000, "under\u202f1\u202f%"}, {999, 1000, "over\u202f99\u202f%"}, {100, 100, "100\u202f%"}, {629, 1000, "63\u202f%"}, {3, 9, "too few"},
	} {
		if got := share(tt.k, tt.n).Percent(); got != tt.want {
			t.Errorf("%d of %d = %q, want %q", tt.k, tt.n, got, tt.want)
		}
	}
	if got := share(3000, 12345).Base(); got != "12,345 posts" {
		t.Errorf("base = %q", got)
	}
}

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// TestRoundTrip: what export writes with its text, import reads back into the same posts, verdicts and counts, whatever stands in
// them. Authors are not exported, near-duplicates and verdicts are made anew.
func TestRoundTrip(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: many small stores")
	}
	thesis, err := classify.LoadThesis("")
	if err != nil {
		t.Fatal(err)
	}
	judge, err := classify.LoadBest(thesis, false)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 22))
	for round := range 3 {
		dir := t.TempDir()
		from := filepath.Join(dir, "from.db")
		fillStore(t, from, thesis, judge, r, 120)
		for _, format := range []string{"csv", "jsonl", "parquet"} {
			first := exportFrom(t, from, filepath.Join(dir, "first."+format))
			to := filepath.Join(dir, format+".db")
			var out, msg bytes.Buffer
			if code := run(t.Context(), []string{"import", "--db", to, first}, nil, &out, &msg); code != exitOK {
				t.Fatalf("import of %s: status %d\n%s%s", format, code, out.String(), msg.String())
			}
			second := exportFrom(t, to, filepath.Join(dir, "second."+format))
			compareFiles(t, fmt.Sprintf("round %d, %s", round, format), exportFrom(t, from, filepath.Join(dir, "a.jsonl")), exportFrom(t, to, filepath.Join(dir, "b.jsonl")))
			compareFiles(t, fmt.Sprintf("round %d, %s, bytes", round, format), first, second)
		}
	}
}

func exportFrom(t *testing.T, db, name string) string {
	t.Helper()
	var out, msg bytes.Buffer
	if code := run(t.Context(), []string{"export", "--db", db, "--text", "--out", name}, nil, &out, &msg); code != exitOK {
		t.Fatalf("export: status %d: %s", code, msg.String())
	}
	return name
}

func compareFiles(t *testing.T, what, one, two string) {
	t.Helper()
	a, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(two)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(a, b) {
		return
	}
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			other := "nothing"
			if i < len(y) {
				other = y[i]
			}
			t.Errorf("%s: %d and %d lines; line %d went out as\n%q\nand came back as\n%q", what, len(x), len(y), i, x[i], other)
			return
		}
	}
	t.Errorf("%s: the files differ", what)
}

// fillStore stores posts that hold what goes wrong on the way.
func fillStore(t *testing.T, db string, thesis *classify.Thesis, judge classify.Classifier, r *rand.Rand, n int) {
	t.Helper()
	s, err := store.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	run := s.Begin(store.Entry{Action: "import", Thesis: thesis.ID})
	var b store.Batch
	for i := range n {
		p := hostilePost(r, i)
		b.Items = append(b.Items, store.Item{Post: p, Verdict: judge.Classify(p.Text, p.Lang)})
	}
	if err := run.Add(b); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Finish(time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func hostilePost(r *rand.Rand, i int) collector.Post {
	maybe := func() *int64 {
		if r.IntN(2) == 0 {
			return nil
		}
		n := r.Int64N(1<<53) - 10
		return &n
	}
	id := func() string {
		return pick(r, "", "", fmt.Sprint(1_700_000_000_000_000_000+r.Int64N(1<<58)), "h:00ff00ff00ff00ff", "a:b")
	}
	pieces := []string{"=", "+1", "-", "@x", "\t", "\r", "\n", "\r\n", `"`, `""`, "'", ",", ";", "|", "&amp;", "&lt;", `\n`, "nan", "NULL", "é", "🙄", "\u202e", "\ufeff", " ", "Putin is stalling",
		"the ceasefire", "RT @x: ", "…", "1.5E+18", "{\"a\":1}", "<b>", "http://t.co/x"}
	p := collector.Post{Platform: pick(r, "x", "bluesky", "mastodon", "unknown", "truthsocial"), ID: fmt.Sprint(1_700_000_000_000_000_000 + r.Int64N(1<<58)),
		CreatedAt: time.UnixMilli(r.Int64N(1_900_000_000_000)).UTC(), Lang: pick(r, "", "en", "de", "und"), Kind: pick(r, collector.Original, collector.Reply, collector.Quote, collector.Repost),
		TextTruncated: r.IntN(4) == 0, Conversation: id(), Author: collector.Author{ID: fmt.Sprint(r.IntN(20))},
		Counts: collector.Counts{Likes: maybe(), Reposts: maybe(), Replies: maybe(), Quotes: maybe(), Views: maybe()}}
	switch p.Kind {
	case collector.Reply:
		p.ReplyTo = id()
	case collector.Quote:
		p.Quoted, p.ReplyTo = id(), id()
	case collector.Repost:
		p.Reposted = id()
	}
	if p.Platform == "bluesky" {
		p.ID = fmt.Sprintf("at://did:plc:x%d/app.bsky.feed.post/3k%d", i, r.IntN(1e6))
	}
	if p.Platform != "x" {
		p.Permalink = pick(r, "", "https://example.org/p/"+fmt.Sprint(i)+"?a=1&b=2")
	}
	if r.IntN(3) == 0 {
		p.Observed = p.CreatedAt.Add(time.Duration(r.IntN(1e6)) * time.Millisecond)
	}
	for range r.IntN(3) {
		p.URLs = append(p.URLs, fmt.Sprintf("https://example.org/%d?q=%s", r.IntN(9), pick(r, "a,b", `"c"`, "d|e", "ü")))
		p.Hashtags = append(p.Hashtags, pick(r, "peace", "Мир", "a_b"))
	}
	for p.Text == "" {
		for range 1 + r.IntN(6) {
			p.Text += pick(r, pieces...)
		}
		p.Text = collector.Clean(p.Text)
		if strings.TrimSpace(p.Text) == "" {
			p.Text = ""
		}
	}
	return p
}

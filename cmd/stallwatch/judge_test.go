package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"stallwatch/classify"
	"stallwatch/classify/encoder"
	"stallwatch/collector/export"
	"stallwatch/store"
)

// TestNeverJudgedTwice imports a file twice with the careful tier, on the random encoder of package encoder's tests: the second time
// the encoder is not asked, unless the text is another.
func TestNeverJudgedTwice(t *testing.T) {
	th, judge, asked := tinyJudge(t)
	db := filepath.Join(t.TempDir(), "s.db")
	s, err := store.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	importText := func(judge classify.Classifier, texts ...string) fileReport {
		name := filepath.Join(t.TempDir(), "posts.jsonl")
		var b strings.Builder
		for i, text := range texts {
			fmt.Fprintf(&b, `{"id":"%d","text":"%s","created_at":"2025-07-01T10:00:00Z","lang":"en"}`+"\n", i+1, text)
		}
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		im := &importer{store: s, thesis: th, judge: judge, options: export.Options{Platform: "x"}, action: "import"}
		report, err := im.file(context.Background(), name)
		if err != nil || report.Error != "" {
			t.Fatal(err, report.Error)
		}
		return report
	}
	if r := importText(judge(), "cats rule", "no cat ever ruled"); r.Totals.Stored != 2 || asked.Load() != 2 {
		t.Fatalf("first: %+v, encoder asked %d times", r.Totals, asked.Load())
	}
	// A new classifier remembers nothing: what is known is in the store.
	if r := importText(judge(), "cats rule", "no cat ever ruled"); r.Totals.Duplicate != 2 || asked.Load() != 2 {
		t.Errorf("again: %+v, encoder asked %d times in all, want 2", r.Totals, asked.Load())
	}
	importText(judge(), "cats rule", "no cat ever ruled", "a kitten is a queen")
	if asked.Load() != 3 {
		t.Errorf("one more post: encoder asked %d times in all, want 3", asked.Load())
	}
	importText(judge(), "cats rule!")
	if asked.Load() != 4 {
		t.Errorf("another text: encoder asked %d times in all, want 4", asked.Load())
	}
}

// tinyJudge is a small thesis with a careful tier, and how often its encoder was asked.
func tinyJudge(t *testing.T) (*classify.Thesis, func() classify.Classifier, *atomic.Int32) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range classify.Template("cats") {
		if name == "train.jsonl" {
			for i, s := range []string{"agree", "disagree", "discuss", "agree", "disagree", "discuss"} {
				text += fmt.Sprintf(`{"id":"%d","text":"%s cats rule %[2]s","stance":"%[2]s","batch":"b%d"}`+"\n", i, s, i%3)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	th, err := classify.LoadThesis(dir)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := classify.Train(th, classify.TrainConfig{Buckets: 1 << 10, MinPosts: 1, Folds: 2, Iterations: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "model.bin"), trained.Model, 0o600); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../../classify/encoder/testdata/tiny.bin")
	if err != nil {
		t.Fatal(err)
	}
	e, err := encoder.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	head, err := trained.FitHead(t.Context(), e, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := classify.Load(th)
	if err != nil {
		t.Fatal(err)
	}
	asked := &atomic.Int32{}
	return th, func() classify.Classifier {
		c, err := classify.NewCareful(l, head.File, e.Card(), func() (*encoder.Encoder, error) { asked.Add(1); return e, nil })
		if err != nil {
			t.Fatal(err)
		}
		return c
	}, asked
}

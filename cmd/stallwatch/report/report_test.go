package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

func input(t *testing.T) Input {
	t.Helper()
	th, err := classify.LoadThesis("")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2025, 7, 3, 0, 0, 0, 0, time.UTC)
	cell := store.Cell{Agree: 30, Disagree: 20, Discuss: 10, Unrelated: 5, Unclassified: 2}
	for range 50 {
		cell.Sums.Add(1, 1)
	}
	sum := store.Summary{Thesis: th.ID, First: day, Last: day, Posts: cell, WithReposts: cell, Series: []store.Point{{Start: day, End: day.AddDate(0, 0, 1), Cell: cell}},
		Unclassified: map[string]int{"language": 2}, Models: []string{"m-1"}}
	return Input{Thesis: th, Version: "test", Figures: web.NewFigures(sum, th, web.Inputs{Ledger: []store.Entry{
		{Action: "export ids", Source: "The Recipient"},
		{Action: "import", Source: "/home/me/a|b <c>.jsonl", SHA256: strings.Repeat("ab", 32), Formats: map[string]int{"x": 70}, Complete: true,
			Totals: store.Totals{Read: 70, Stored: 67, Failed: 1, Skipped: map[collector.Reason]int{collector.SkipDelete: 2}}},
	}})}
}

// TestChecksums: every file but SHA256SUMS and what lists it is in SHA256SUMS and in datapackage.json with the hash of its bytes.
func TestChecksums(t *testing.T) {
	dir := t.TempDir()
	post := store.Record{Post: collector.Post{Platform: "x", ID: "1", Text: "words", Kind: collector.Original, CreatedAt: time.Unix(1, 0)}, Verdict: classify.Verdict{Model: "m-1"}}
	_, err := Write(t.Context(), dir, input(t), func(_ context.Context, fn func(store.Record) error) error { return fn(post) })
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		sum, name, _ := strings.Cut(line, "  ")
		listed[name] = sum
	}
	raw, err = os.ReadFile(filepath.Join(dir, "datapackage.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p dataPackage
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Resources {
		if r.Hash != "sha256:"+listed[r.Path] || r.Mediatype == "" || r.Title == "" {
			t.Errorf("datapackage.json: %+v", r)
		}
	}
	n := 0
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err != nil || d.IsDir() || rel == "SHA256SUMS" {
			return err
		}
		n++
		b, err := os.ReadFile(path)
		sum := sha256.Sum256(b)
		if listed[filepath.ToSlash(rel)] != hex.EncodeToString(sum[:]) {
			t.Errorf("%s is not in SHA256SUMS with its hash", rel)
		}
		return err
	})
	if err != nil || n != len(listed) || n < 10 {
		t.Errorf("%d files, %d listed, %v", n, len(listed), err)
	}
}

func TestDictionaryOfTheSummary(t *testing.T) {
	var b bytes.Buffer
	if err := web.WriteCSV(&b, input(t).Figures); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range summarySchema.Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(rows[0], " "); got != strings.Join(names, " ") {
		t.Errorf("summary.csv has the columns %s, the dictionary %s", got, names)
	}
}

// TestMethods: what came from outside breaks neither table nor page, and what nobody said is called missing.
func TestMethods(t *testing.T) {
	in := input(t)
	in.Stated.Sponsor = "A <b> | fund"
	got := Methods(in)
	for _, want := range []string{"**a¦b ‹c›.jsonl** (x 70, SHA-256 abab", "70 read = 67 stored + 0 known already + 2 skipped + 1 failed", "1 item could not be read",
		"2 items skipped: notices that a post was deleted", "| Who sponsored it | A ‹b› ¦ fund |", "| Who conducted it | **Missing.**", "| How the sample was made | **Missing.**",
		"2 posts not classified: not in the language of the thesis (en)", "--thesis " + in.Thesis.ID} {
		if !strings.Contains(got, want) {
			t.Errorf("METHODS.md lacks %q", want)
		}
	}
	for _, bad := range []string{"/home/me", "The Recipient", "%!"} {
		if strings.Contains(got, bad) {
			t.Errorf("METHODS.md holds %q", bad)
		}
	}
	if n := strings.Count(got, missing); n < 5 {
		t.Errorf("%d answers are called missing", n)
	}
}

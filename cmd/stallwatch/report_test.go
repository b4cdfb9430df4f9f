package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestReportInterrupted: a report that is stopped leaves no folder, and the one that stood there as it was.
func TestReportInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("posts.jsonl.zst", demoExport, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, msg bytes.Buffer
	if code := run(t.Context(), []string{"report", "--fast", "posts.jsonl.zst"}, nil, &out, &msg); code != exitOK {
		t.Fatalf("status %d: %s", code, msg.String())
	}
	before, err := os.ReadFile("stallwatch-report/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := run(ctx, []string{"report", "--fast", "--by", "month", "posts.jsonl.zst"}, nil, &out, &msg); code != exitFailed {
		t.Errorf("status %d of an interrupted report, want %d", code, exitFailed)
	}
	after, err := os.ReadFile("stallwatch-report/SHA256SUMS")
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the report that was there has changed: %v", err)
	}
	left, err := filepath.Glob(".stallwatch-report-*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestReportNumbers: the tables say what the summary says.
func TestReportNumbers(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("posts.jsonl.zst", demoExport, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, msg bytes.Buffer
	if code := run(t.Context(), []string{"report", "--fast", "--since", "2025-03-01", "--until", "2025-06-30", "posts.jsonl.zst"}, nil, &out, &msg); code != exitOK {
		t.Fatalf("status %d: %s", code, msg.String())
	}
	f, err := os.Open("stallwatch-report/posts.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	got := map[string]int{}
	for _, r := range rows[1:] {
		if r[column["kind"]] == "repost" {
			got["reposts"]++
			continue
		}
		got[r[column["stance"]]]++
	}
	raw, err := os.ReadFile("stallwatch-report/summary.json")
	if err != nil {
		t.Fatal(err)
	}
	var summary struct {
		Counts struct {
			Agree        int `json:"agree"`
			Disagree     int `json:"disagree"`
			Discuss      int `json:"discuss"`
			Unrelated    int `json:"unrelated"`
			Unclassified int `json:"not_classified"`
		} `json:"counts"`
		Reposts struct {
			Posts int `json:"posts"`
		} `json:"reposts"`
	}
	if err := json.Unmarshal(raw, &summary); err != nil {
		t.Fatal(err)
	}
	c := summary.Counts
	for name, want := range map[string]int{"agree": c.Agree, "disagree": c.Disagree, "discuss": c.Discuss, "unrelated": c.Unrelated, "": c.Unclassified, "reposts": summary.Reposts.Posts} {
		if got[name] != want || want == 0 && name != "" {
			t.Errorf("posts.csv has %d %q, summary.json %d", got[name], name, want)
		}
	}
}

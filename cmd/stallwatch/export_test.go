package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stallwatch/store"
)

// TestIDCap: what one recipient had within 30 days counts against X's cap, in whatever case the name is written; what is older, went to
// others or was of other platforms does not.
func TestIDCap(t *testing.T) {
	s, err := store.Open(filepath.Join(t.TempDir(), "ids.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for _, e := range []struct {
		recipient string
		days      int
		ids       map[string]int
	}{
		{"Archive", 31, map[string]int{"x": 1_400_000}}, {"archive", 10, map[string]int{"x": 900_000, "bluesky": 5_000_000}},
		{"ARCHIVE", 2, map[string]int{"x": 500_000}}, {"Someone", 1, map[string]int{"x": 1_500_000}},
	} {
		run := s.Begin(store.Entry{Action: exportIDs, Thesis: "t", Source: e.recipient, Formats: e.ids})
		if _, err := run.Finish(now.AddDate(0, 0, -e.days)); err != nil {
			t.Fatal(err)
		}
	}
	if err := underCap(s, "Archive", 100_000, now); err != nil {
		t.Errorf("1,500,000 in all: %v", err)
	}
	err = underCap(s, "Archive", 100_001, now)
	if err == nil || !strings.Contains(err.Error(), "1,400,000 have gone") || !strings.Contains(err.Error(), "20 April 2026") {
		t.Errorf("1,500,001 in all: %v", err)
	}
	if err := underCap(s, "Nobody yet", idCap, now); err != nil {
		t.Error(err)
	}
	if err := underCap(s, "Nobody yet", idCap+1, now); err == nil {
		t.Error("1,500,001 at once went out")
	}
}

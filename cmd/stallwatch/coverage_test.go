package main

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"stallwatch/collector"
	"stallwatch/store"
)

// TestCoverageIn: known hours of the last thirty days add up, the rest is left out.
func TestCoverageIn(t *testing.T) {
	s, err := store.Open(filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	to := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	counting, silent := collector.Info{Name: "x/1", Query: "a"}, collector.Info{Name: "mastodon/1", Query: "b"}
	state := map[string][]byte{}
	put := func(i collector.Info, h collector.Hour) {
		if state[i.HourKey(h.Start)], err = json.Marshal(h); err != nil {
			t.Fatal(err)
		}
	}
	put(counting, collector.Hour{Start: to.Add(-time.Hour), Counted: 100, Delivered: 90, Known: true})
	put(counting, collector.Hour{Start: to.AddDate(0, 0, -30), Counted: 20, Delivered: 20, Known: true})
	put(counting, collector.Hour{Start: to.AddDate(0, 0, -30).Add(-time.Hour), Counted: 1000, Known: true}) // too long ago
	put(counting, collector.Hour{Start: to, Counted: 1000, Known: true})                                    // after the period
	put(counting, collector.Hour{Start: to.Add(-2 * time.Hour), Delivered: 7})                              // not counted yet
	put(silent, collector.Hour{Start: to.Add(-time.Hour), Delivered: 7})
	run := s.Begin(store.Entry{Action: "collect", Started: to, Source: "x"})
	if err := run.Add(store.Batch{State: state}); err != nil {
		t.Fatal(err)
	}
	all := []collector.Status{{Info: silent}, {Info: counting}}
	got, err := coverageIn(s, all, to.AddDate(0, -3, 0), to)
	if err != nil || len(got) != 1 || got[0].Source != "x/1" || got[0].Hours != 2 || got[0].Counted != 120 || got[0].Delivered != 110 || !got[0].From.Equal(to.AddDate(0, 0, -30)) {
		t.Errorf("coverageIn = %+v, %v", got, err)
	}
	if got, err = coverageIn(s, all, to.AddDate(0, 0, -1), to); err != nil || len(got) != 1 || got[0].Hours != 1 {
		t.Errorf("of a day: %+v, %v", got, err)
	}
}

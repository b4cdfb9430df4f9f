package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// pendingAfter is how many rounds a source may be behind before its arrears are a gap that may yet be filled.
const pendingAfter = 2

// statuses are those of all sources that a store knows, by name.
func statuses(s *store.Store) ([]collector.Status, error) {
	raw, err := s.States(collector.StatusPrefix)
	if err != nil {
		return nil, err
	}
	var out []collector.Status
	for k, v := range raw {
		var st collector.Status
		if err := json.Unmarshal(v, &st); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b collector.Status) int { return strings.Compare(a.Info.Name, b.Info.Name) })
	return out, nil
}

// coverage are the hours that a source has been compared with its platform's own counts, oldest first. Delivered over Counted is
// how complete the collection is.
func coverage(s *store.Store, i collector.Info) ([]collector.Hour, error) {
	out, err := knownHours(s, i.HourPrefix())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b collector.Hour) int { return a.Start.Compare(b.Start) })
	return out, nil
}

// knownHours are the hours under a prefix of their keys that the platform has counts for, in no order.
func knownHours(s *store.Store, prefix string) (out []collector.Hour, err error) {
	raw, err := s.States(prefix)
	if err != nil {
		return nil, err
	}
	for k, v := range raw {
		var h collector.Hour
		if err := json.Unmarshal(v, &h); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		if h.Known {
			out = append(out, h)
		}
	}
	return out, nil
}

// gaps are the times of which posts are missing, oldest first: those that the ledger has, which are lost, and what sources
// are behind now and could still fetch (pending).
func gaps(s *store.Store, now time.Time) (lost, pending []collector.Gap, err error) {
	lost, pending = []collector.Gap{}, []collector.Gap{}
	entries, err := s.Ledger()
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		lost = append(lost, e.Gaps...)
	}
	all, err := statuses(s)
	if err != nil {
		return nil, nil, err
	}
	for _, st := range all {
		behind := now.Sub(st.Through)
		if st.Through.IsZero() || behind < max(pendingAfter*time.Duration(st.Every), time.Hour) {
			continue
		}
		reason := "not running"
		if st.Failing != "" {
			reason = "held up: " + st.Failing
		}
		pending = append(pending, collector.Gap{Source: st.Info.Name, From: st.Through, To: now, Reason: reason})
	}
	byStart := func(a, b collector.Gap) int { return a.From.Compare(b.From) }
	slices.SortFunc(lost, byStart)
	slices.SortFunc(pending, byStart)
	return lost, pending, nil
}

// ratio sums hours up: what share of the counted posts was delivered. ok is false when nothing was counted.
func ratio(hours []collector.Hour, since time.Time) (share float64, n int, ok bool) {
	var counted, delivered int64
	for _, h := range hours {
		if !h.Start.Before(since) {
			counted, delivered, n = counted+h.Counted, delivered+h.Delivered, n+1
		}
	}
	if counted == 0 {
		return 0, n, false
	}
	return float64(delivered) / float64(counted), n, true
}

// coverageDays is how many days of a period its coverage is told of, the last ones: hours are kept for ever, and a page must
// not read years of them.
const coverageDays = 30

// coverageIn compares what sources delivered with what their platforms counted, in the last days of a period. Sources whose
// platform does not count are left out.
func coverageIn(s *store.Store, all []collector.Status, from, to time.Time) (out []web.Coverage, err error) {
	if first := to.AddDate(0, 0, -coverageDays); from.Before(first) {
		from = first
	}
	for _, st := range all {
		c := web.Coverage{Source: st.Info.Name, From: from, To: to}
		for day := from.Truncate(24 * time.Hour); day.Before(to); day = day.AddDate(0, 0, 1) {
			hours, err := knownHours(s, st.Info.HourPrefix()+day.Format(time.DateOnly))
			if err != nil {
				return nil, err
			}
			for _, h := range hours {
				c.Hours, c.Counted, c.Delivered = c.Hours+1, c.Counted+h.Counted, c.Delivered+h.Delivered
			}
		}
		if c.Counted > 0 {
			out = append(out, c)
		}
	}
	return out, nil
}

// collectionOf gives the figures what the collection left out in their period, and when it goes on.
func collectionOf(s *store.Store, sum store.Summary, in *web.Inputs) error {
	all, err := statuses(s)
	if err != nil || len(all) == 0 {
		return err
	}
	for _, st := range all {
		if !st.Next.IsZero() && (in.NextRun.IsZero() || st.Next.Before(in.NextRun)) {
			in.NextRun = st.Next
		}
	}
	lost, pending, err := gaps(s, time.Now().UTC())
	if err != nil {
		return err
	}
	from, to := sum.First, sum.Last.AddDate(0, 0, 1) // of days
	if !sum.Filter.Since.IsZero() {
		from = sum.Filter.Since
	}
	if !sum.Filter.Until.IsZero() {
		to = sum.Filter.Until
	}
	if in.Coverage, err = coverageIn(s, all, from, to); err != nil {
		return err
	}
	for _, g := range append(lost, pending...) {
		if g.From.Before(to) && g.To.After(from) {
			in.Gaps = append(in.Gaps, web.Gap{From: g.From, To: g.To, Reason: g.Reason, Source: g.Source})
		}
	}
	return nil
}

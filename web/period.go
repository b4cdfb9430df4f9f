package web

import (
	"time"

	"stallwatch/store"
)

// Period is the time that figures are about, in whole UTC days, both included. It is empty when the filter leaves it open
// and there are no posts.
type Period struct {
	From *string `json:"from"`
	To   *string `json:"to"`
	Text string  `json:"text"` // "1 March to 6 July 2025"

	since, until time.Time // until is exclusive
}

// Empty reports whether there is no period.
func (p Period) Empty() bool { return p.From == nil }

// periodOf is the filter's period, its open ends closed by the first and last post.
func periodOf(s store.Summary) Period {
	since, until := s.Filter.Since.UTC(), s.Filter.Until.UTC()
	if since.IsZero() {
		since = s.First.UTC()
	}
	if until.IsZero() && !s.Last.IsZero() {
		until = s.Last.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	}
	if since.IsZero() || until.IsZero() || !since.Before(until) {
		return Period{Text: "no posts yet"}
	}
	since = since.Truncate(24 * time.Hour)
	from, to := since.Format(time.DateOnly), lastDay(until)
	return Period{From: &from, To: &to, Text: dateRange(since, until.Add(-time.Nanosecond)), since: since, until: until}
}

// lastDay is the last day before an exclusive end.
func lastDay(end time.Time) string { return end.UTC().Add(-time.Nanosecond).Format(time.DateOnly) }

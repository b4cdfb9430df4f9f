package xapi

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stallwatch/collector"
)

// countSpan is what one page of counts covers at most (docs.x.com: 31 days).
const countSpan = 31 * 24 * time.Hour

// hoursToCount are the whole hours that are collected and not yet counted.
func (s *Search) hoursToCount(w collector.Walk, now time.Time) (from, to time.Time) {
	if w.Counted.IsZero() || s.Counts <= 0 {
		return
	}
	from, to = w.Counted, w.Through.Truncate(time.Hour)
	if horizon := ceilHour(now.Add(-recentKeeps + time.Minute)); !s.Archive && from.Before(horizon) {
		from = horizon
	}
	if to.Sub(from) > countSpan {
		to = from.Add(countSpan)
	}
	return from, to
}

func (s *Search) toCount(w collector.Walk, now time.Time) bool {
	from, to := s.hoursToCount(w, now)
	return s.Counts > 0 && !w.Counted.IsZero() && to.After(from) && to.Sub(from) >= s.Counts
}

// count compares hours that are collected with X's counts. ok is false when it is not time, or when there is no money for
// it: posts matter more.
func (s *Search) count(ctx context.Context, r collector.Request, w collector.Walk, now time.Time) (page collector.Page, ok bool, err error) {
	if !s.toCount(w, now) {
		return page, false, nil
	}
	from, to := s.hoursToCount(w, now)
	hold, err := r.Purse.Reserve(r.Now, s.countCost())
	if err != nil {
		if errors.As(err, new(*collector.CapError)) {
			return page, false, nil
		}
		return page, true, err
	}
	buckets, next, err := s.Client.counts(ctx, r.Now, s.Archive, s.Query, from, to, "")
	if err == nil && next != "" {
		err = &collector.AnswerError{Status: 200, Billed: true, Err: fmt.Errorf("counts of %s to %s do not fit on a page", from, to)}
	}
	if err != nil {
		hold.Fail(err)
		return page, true, err
	}
	hold.Settle(s.countCost())
	for _, b := range buckets {
		whole := b.Start.Equal(b.Start.Truncate(time.Hour)) && b.End.Sub(b.Start) == time.Hour
		page.Hours = append(page.Hours, collector.Hour{Start: b.Start.Truncate(time.Hour), Counted: b.Posts, Known: whole})
	}
	w.Counted = to
	page.State, page.Cost, page.More = w.State(), s.countCost(), true
	return page, true, nil
}

func (s *Search) countCost() collector.Spend {
	price := s.Client.prices.CountsRecent
	if s.Archive {
		price = s.Client.prices.CountsAll
	}
	return collector.Spend{Requests: 1, Micros: price}
}

// Estimate is what collecting up to now will bring and cost.
type Estimate struct {
	From, To time.Time
	Posts    int64
	Least    collector.Spend // when no post refers to another
	Most     collector.Spend // when every post brings two others with it
	Asked    collector.Spend // what the estimate itself cost
}

// Estimate asks how many posts wait between what was collected and now. It reads no post. Asking costs money too, and is
// paid from the same purse.
func (s *Search) Estimate(ctx context.Context, r collector.Request) (e Estimate, err error) {
	w, err := collector.ReadWalk(r.State)
	if err != nil {
		return e, err
	}
	now := s.Client.now(r.Now)
	plan := s.plan(now)
	until := now.Add(-searchLag)
	if !s.Until.IsZero() && s.Until.Before(until) {
		until = s.Until
	}
	if open, _ := w.Open(now, plan); !open {
		return Estimate{From: w.Through, To: w.Through}, nil
	}
	e.From, e.To = w.Start, until.Truncate(time.Second)
	for at := e.From; at.Before(e.To); {
		end := at.Add(countSpan)
		if end.After(e.To) {
			end = e.To
		}
		if err := s.addCounts(ctx, r, &e, at, end); err != nil {
			return e, err
		}
		at = end
	}
	pages := (e.Posts + recentPage - 1) / recentPage
	if s.Archive {
		pages = (e.Posts + archivePage - 1) / archivePage
	}
	e.Least, e.Most = s.cost(e.Posts), s.cost(e.Posts*s.perPost())
	e.Least.Requests, e.Most.Requests = pages, pages
	return e, nil
}

func (s *Search) addCounts(ctx context.Context, r collector.Request, e *Estimate, from, to time.Time) error {
	for token := ""; ; {
		hold, err := r.Purse.Reserve(r.Now, s.countCost())
		if err != nil {
			return err
		}
		buckets, next, err := s.Client.counts(ctx, r.Now, s.Archive, s.Query, from, to, token)
		if err != nil {
			hold.Fail(err)
			return err
		}
		e.Asked = e.Asked.Plus(s.countCost())
		for _, b := range buckets {
			e.Posts += b.Posts
		}
		if next == "" || next == token {
			return nil
		}
		token = next
	}
}

func ceilHour(t time.Time) time.Time {
	h := t.UTC().Truncate(time.Hour)
	if h.Before(t) {
		h = h.Add(time.Hour)
	}
	return h
}

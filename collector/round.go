package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// round is one visit to a source under way.
type round struct {
	loop   *Loop
	source Source
	info   Info
	purse  *Account
	round  Round
	state  []byte
	status Status
	why    string // the reason of a gap, from before this round
	began  time.Time
}

func (r *round) load() (err error) {
	if r.state, err = r.loop.Sink.State(r.info.Key()); err != nil {
		return err
	}
	if r.status, err = ReadStatus(r.loop.Sink, r.info.Name); err != nil {
		return err
	}
	if r.status.Info.Query != r.info.Query { // another query, another source
		r.status = Status{}
	}
	r.why = r.status.reason(r.began)
	r.status.Info, r.status.Every, r.status.Next = r.info, Duration(r.loop.Every), time.Time{}
	if r.status.Began.IsZero() {
		r.status.Began = r.began
	}
	return nil
}

// pages fetches and commits until there is no more.
func (r *round) pages(ctx context.Context) error {
	for {
		page, err := r.fetch(ctx)
		if err != nil {
			return err
		}
		if err := r.commit(ctx, page); err != nil {
			return sinkFailed(err)
		}
		if r.loop.Watch != nil {
			r.loop.Watch(r.status, page, nil)
		}
		if !page.More {
			return nil
		}
		if r.info.Stream && r.loop.now().Sub(r.began) >= r.rollover() {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (r *round) rollover() time.Duration {
	if r.loop.Rollover > 0 {
		return r.loop.Rollover
	}
	return defaultRollover
}

// fetch gets one page, with as many tries as it is worth. A rate limit is waited for and is no try.
func (r *round) fetch(ctx context.Context) (Page, error) {
	pause := newPause()
	tries := r.loop.Tries
	if tries <= 0 {
		tries = defaultTries
	}
	for try := 1; ; {
		page, err := r.try(ctx)
		if err == nil {
			return page, nil
		}
		if ctx.Err() != nil {
			return page, ctx.Err()
		}
		var limited *RateLimitError
		wait := pause.NextBackOff()
		switch {
		case errors.As(err, &limited):
			if wait = limited.Wait; wait <= 0 {
				wait = max(time.Minute, pause.NextBackOff())
			}
			r.loop.log().Info("rate limit", "source", r.info.Name, "wait", wait.Round(time.Second), "detail", limited.Detail)
		case !Transient(err):
			return page, err
		default:
			if try++; try > tries {
				return page, fmt.Errorf("given up after %d tries: %w", tries, err)
			}
			r.loop.log().Warn("fetch failed", "source", r.info.Name, "try", try-1, "wait", wait.Round(time.Millisecond), "err", err)
		}
		if err := r.loop.waitUntil(ctx, r.loop.now().Add(wait)); err != nil {
			return page, err
		}
	}
}

func (r *round) try(ctx context.Context) (Page, error) {
	timeout := r.loop.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	now := r.loop.now()
	r.status.Tried = now
	page, err := r.source.Fetch(ctx, Request{State: r.state, Now: now, Purse: r.purse})
	if err != nil {
		return page, err
	}
	for i := range page.Batch.Posts {
		if page.Batch.Posts[i].Observed.IsZero() {
			page.Batch.Posts[i].Observed = now
		}
	}
	for i := range page.Gaps {
		if page.Gaps[i].Source = r.info.Name; page.Gaps[i].Reason == "" {
			page.Gaps[i].Reason = r.why
		}
	}
	return page, nil
}

// commit stores a page with everything that goes with it.
func (r *round) commit(ctx context.Context, p Page) error {
	st := r.status
	st.Pages++
	st.Posts += int64(len(p.Batch.Posts))
	st.Cost = st.Cost.Plus(p.Cost)
	if p.Through.After(st.Through) {
		st.Through = p.Through
	}
	if r.info.Stream || !p.More {
		st.Succeeded, st.Error, st.Failing = r.loop.now(), "", ""
	}
	err := r.purse.Commit(func(state map[string][]byte) error {
		state[r.info.Key()] = p.State
		state[StatusPrefix+r.info.Name] = encodeStatus(st)
		if err := r.addHours(state, p.Hours); err != nil {
			return err
		}
		return r.round.Commit(ctx, p, state)
	})
	if err != nil {
		return err
	}
	r.state, r.status = p.State, st
	for _, g := range p.Gaps {
		r.loop.log().Warn("gap", "source", g.Source, "from", g.From, "to", g.To, "reason", g.Reason)
	}
	for _, n := range p.Notices {
		r.loop.log().Info("notice", "source", r.info.Name, "text", n)
	}
	return nil
}

// HourKey is where the hour of a source is kept.
func (i Info) HourKey(start time.Time) string {
	return i.HourPrefix() + start.UTC().Format("2006-01-02T15")
}

// HourPrefix is what the keys of all hours of a source begin with.
func (i Info) HourPrefix() string { return "hour/" + i.Key()[len("source/"):] + "/" }

// addHours adds to what is known of hours.
func (r *round) addHours(state map[string][]byte, hours []Hour) error {
	for _, h := range hours {
		key := r.info.HourKey(h.Start)
		raw, err := r.loop.Sink.State(key)
		if err != nil {
			return err
		}
		if pending, ok := state[key]; ok {
			raw = pending
		}
		sum := h
		if raw != nil {
			var old Hour
			if err := json.Unmarshal(raw, &old); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			sum.Delivered += old.Delivered
			if !h.Known {
				sum.Counted, sum.Known = old.Counted, old.Known
			}
		}
		if state[key], err = json.Marshal(sum); err != nil {
			return err
		}
	}
	return nil
}

// finish closes the ledger entry and keeps what became of the round.
func (r *round) finish(ctx context.Context, err error) error {
	var broken *sinkError
	if errors.As(err, &broken) {
		return err
	}
	failed := err
	if ctx.Err() != nil {
		failed = nil // stopped by us
	}
	if e := r.round.Finish(err); e != nil {
		return sinkFailed(e)
	}
	if failed != nil {
		r.status.Error, r.status.Failing = Brief(failed.Error()), Lasting(failed)
		if r.status.Failing == "" {
			r.status.Failing = "error"
		}
		r.loop.log().Error("round failed", "source", r.info.Name, "kind", r.status.Failing, "err", failed)
	} else if err == nil {
		r.loop.log().Debug("round done", "source", r.info.Name, "through", r.status.Through)
	}
	saved := r.purse.Commit(func(state map[string][]byte) error {
		state[StatusPrefix+r.info.Name] = encodeStatus(r.status)
		return r.loop.Sink.Save(state)
	})
	if r.loop.Watch != nil {
		r.loop.Watch(r.status, Page{}, err)
	}
	if saved != nil {
		return sinkFailed(saved)
	}
	return err
}

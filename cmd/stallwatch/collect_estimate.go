package main

import (
	"context"
	"fmt"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/xapi"
)

// estimated is what collecting from one source would bring and cost.
type estimated struct {
	Source string    `json:"source"`
	Free   bool      `json:"free,omitempty"`
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
	Posts  int64     `json:"posts"`
	Least  float64   `json:"least_dollars"` // when no post brings another with it
	Most   float64   `json:"most_dollars"`  // when every post quotes one and answers another
	Asking float64   `json:"asking_dollars"`
	Left   left      `json:"left,omitzero"` // of the budget, after asking
	Fits   bool      `json:"fits"`          // the most is within it
	Error  string    `json:"error,omitempty"`
}

// estimate asks the paid sources how many posts wait.
func (a *app) estimate(ctx context.Context, k *keeper, sources []collector.Source) error {
	var out []estimated
	failed := false
	for _, s := range sources {
		i := s.Info()
		e := estimated{Source: i.Name, Free: true, Fits: true}
		if x, ok := s.(*xapi.Search); ok {
			var err error
			if e, err = k.estimate(ctx, x); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				e.Error, failed = err.Error(), true
			}
		}
		out = append(out, e)
	}
	if a.json {
		if err := a.writeJSON(out); err != nil {
			return err
		}
	} else {
		a.printEstimates(out)
	}
	if failed {
		return &failure{exitFailed, nil}
	}
	return nil
}

func (k *keeper) estimate(ctx context.Context, x *xapi.Search) (e estimated, err error) {
	i := x.Info()
	e.Source = i.Name
	state, err := k.store.State(i.Key())
	if err != nil {
		return e, err
	}
	purse := k.account(i.Account)
	now := time.Now().UTC()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	got, err := x.Estimate(ctx, collector.Request{State: state, Now: now, Purse: purse})
	if saved := purse.Commit(k.store.SetState); saved != nil && err == nil {
		err = saved
	}
	e.From, e.To, e.Posts, e.Asking = got.From, got.To, got.Posts, got.Asked.Dollars()
	e.Least, e.Most, e.Left = got.Least.Dollars(), got.Most.Dollars(), leftOf(purse.Left(now))
	may := purse.Left(now)
	e.Fits = got.Most.Micros <= may.Micros && got.Most.Posts <= may.Posts
	return e, err
}

func (a *app) printEstimates(list []estimated) {
	for _, e := range list {
		switch {
		case e.Error != "":
			a.say("%s: %s", e.Source, e.Error)
		case e.Free:
			fmt.Fprintf(a.stdout, "%-44s costs nothing\n", e.Source)
		case e.From.Equal(e.To):
			fmt.Fprintf(a.stdout, "%-44s nothing waits\n", e.Source)
		default:
			fmt.Fprintf(a.stdout, "%-44s %s posts from %s to %s: $%.2f", e.Source, comma(int(e.Posts)), e.From.Format("2006-01-02 15:04"), e.To.Format("2006-01-02 15:04"), e.Least)
			if e.Most > e.Least {
				fmt.Fprintf(a.stdout, ", at most $%.2f with the posts they refer to", e.Most)
			}
			fmt.Fprintf(a.stdout, " (asking cost $%.3f)\n", e.Asking)
			if !e.Fits {
				a.say("%s: the budget may not allow all of it: %s left", e.Source, e.Left)
			}
		}
	}
}

package main

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// storeSink is where live sources deliver: posts are judged and stored, and with them, in one transaction, what the source
// needs to go on.
type storeSink struct {
	store  *store.Store
	thesis *classify.Thesis
	judge  classify.Classifier
}

func (s *storeSink) State(key string) ([]byte, error) { return s.store.State(key) }

func (s *storeSink) Save(state map[string][]byte) error { return s.store.SetState(state) }

func (s *storeSink) Begin(i collector.Info) collector.Round {
	return &storeRound{sink: s, run: s.store.Begin(store.Entry{Action: "collect", Started: time.Now().UTC(), Version: version(), Thesis: s.thesis.ID,
		Model: s.judge.Card().ID, Source: i.Name, Query: i.Query, Basis: "api"})}
}

// storeRound is one ledger entry. A round that brought nothing and cost nothing leaves none.
type storeRound struct {
	sink *storeSink
	run  *store.Run
}

// maxNotices bounds how many different ones an entry holds.
const maxNotices = 20

// Commit stores a page.
func (r *storeRound) Commit(_ context.Context, p collector.Page, state map[string][]byte) error {
	forget, err := r.known(p.Batch.Deletes)
	if err != nil {
		return err
	}
	e := &r.run.Entry
	e.Cost = e.Cost.Plus(p.Cost)
	if len(p.Batch.Posts)+len(p.Batch.Skips)+len(p.Batch.Failures)+len(forget)+len(p.Gaps)+len(p.Notices) == 0 {
		return r.sink.store.SetState(state)
	}
	e.Gaps = append(e.Gaps, p.Gaps...)
	for _, n := range p.Notices {
		r.notice(n)
	}
	for _, f := range p.Batch.Failures {
		e.Totals.Failed++
		r.notice("could not be read: " + f.Err.Error())
	}
	for _, s := range p.Batch.Skips {
		e.Totals.Skipped[s.Reason]++
	}
	for i := range p.Batch.Posts {
		at := p.Batch.Posts[i].CreatedAt
		if e.First.IsZero() || at.Before(e.First) {
			e.First = at
		}
		if at.After(e.Last) {
			e.Last = at
		}
	}
	e.Totals.Read += len(p.Batch.Posts) + len(p.Batch.Skips) + len(p.Batch.Failures)
	items, err := r.sink.judged(p.Batch.Posts)
	if err != nil {
		return err
	}
	return r.run.Add(store.Batch{Items: items, Forget: forget, State: state})
}

func (r *storeRound) notice(text string) {
	e := &r.run.Entry
	if e.Notices == nil {
		e.Notices = map[string]int{}
	}
	text = collector.Brief(text)
	if _, ok := e.Notices[text]; !ok && len(e.Notices) >= maxNotices {
		text = "others"
	}
	e.Notices[text]++
}

// known leaves those that the store has: a stream tells of every deletion on the network.
func (r *storeRound) known(refs []collector.Ref) (out []collector.Ref, err error) {
	for _, ref := range refs {
		_, err := r.sink.store.Post(r.sink.thesis.ID, ref)
		if err == nil {
			out = append(out, ref)
		} else if !errors.Is(err, store.ErrNoPost) {
			return nil, err
		}
	}
	return out, nil
}

// judged classifies posts on all cores.
func (s *storeSink) judged(posts []collector.Post) ([]store.Item, error) {
	items := make([]store.Item, len(posts))
	errs := make([]error, len(posts))
	var wg sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for w := range n {
		wg.Go(func() {
			for i := w; i < len(posts); i += n {
				verdict, err := verdictOn(s.store, s.thesis.ID, s.judge, &posts[i])
				items[i], errs[i] = store.Item{Post: posts[i], Verdict: verdict}, err
			}
		})
	}
	wg.Wait()
	return items, errors.Join(errs...)
}

// Finish closes the entry.
func (r *storeRound) Finish(err error) error {
	e := &r.run.Entry
	if e.Totals.Read == 0 && e.Totals.Removed == 0 && len(e.Gaps) == 0 && e.Cost.Micros == 0 {
		return nil
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		e.Note = joinNotes(e.Note, "ended early: "+collector.Brief(err.Error()))
	}
	_, err = r.run.Finish(time.Now().UTC())
	return err
}

// keeper is what the process that has a store open for writing shares between everything that collects into it: who is under
// way, and what was spent.
type keeper struct {
	store *store.Store
	loop  *collector.Loop
	*accounts
}

// accounts are those of a store that are open.
type accounts struct {
	store *store.Store

	mu     sync.Mutex
	byName map[string]*collector.Account
}

func newKeeper(s *store.Store, t *classify.Thesis, c classify.Classifier) *keeper {
	k := &keeper{store: s, accounts: &accounts{store: s, byName: map[string]*collector.Account{}}}
	k.loop = &collector.Loop{Sink: &storeSink{s, t, c}, Account: k.account}
	return k
}

// on is the keeper for another thesis: same store, same money, same claims.
func (k *keeper) on(t *classify.Thesis, c classify.Classifier) *keeper {
	if k.thesis() == t.ID {
		return k
	}
	l := k.loop.With(nil, nil)
	l.Sink = &storeSink{k.store, t, c}
	return &keeper{k.store, l, k.accounts}
}

func (k *keeper) thesis() string { return k.loop.Sink.(*storeSink).thesis.ID }

func (a *accounts) account(name string) *collector.Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.byName[name]
}

// bound opens an account, or changes the budget of one that is open.
func (a *accounts) bound(name string, b collector.Budget) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.byName[name]; old != nil {
		old.SetLimit(b)
		return nil
	}
	state, err := a.store.State("account/" + name)
	if err != nil {
		return err
	}
	opened, err := collector.OpenAccount(name, b, state, func(key string, value []byte) error { return a.store.SetState(map[string][]byte{key: value}) })
	if err != nil {
		return err
	}
	a.byName[name] = opened
	return nil
}

package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Sink is where pages go. Its methods are called from the goroutine of each source.
type Sink interface {
	// State is what was committed under a key; nil when there is nothing.
	State(key string) ([]byte, error)
	// Save commits states alone.
	Save(state map[string][]byte) error
	// Begin opens the ledger entry of a round.
	Begin(i Info) Round
}

// Round is one visit to a source, which is one entry of the ledger.
type Round interface {
	// Commit stores a page's posts and deletions, and the states, in one transaction.
	Commit(ctx context.Context, p Page, state map[string][]byte) error
	// Finish closes the entry. err is what ended the round early, nil when it came to its end.
	Finish(err error) error
}

// Status is what is known of a source between rounds.
type Status struct {
	Info      Info      `json:"info"`
	Began     time.Time `json:"began,omitzero"`     // first round ever
	Tried     time.Time `json:"tried,omitzero"`     // last fetch
	Succeeded time.Time `json:"succeeded,omitzero"` // last round that came to its end, or last page of a stream
	Through   time.Time `json:"through,omitzero"`   // all before has been delivered
	Next      time.Time `json:"next,omitzero"`      // next round; zero: not planned
	Pages     int64     `json:"pages"`
	Posts     int64     `json:"posts"` // delivered, duplicates included
	Cost      Spend     `json:"cost,omitzero"`
	Error     string    `json:"error,omitempty"`   // of the last round, when it failed
	Failing   string    `json:"failing,omitempty"` // its kind: see Lasting; "error" for the others
	Every     Duration  `json:"every,omitempty"`
}

// Duration is a time.Duration that reads and writes as text.
type Duration time.Duration

// MarshalText writes it as Go does: 15m0s.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads 15m.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// StatusPrefix is where the status of each source is kept, by name.
const StatusPrefix = "status/"

// Loop visits sources. Set its fields before the first call.
type Loop struct {
	Sink     Sink
	Account  func(name string) *Account // the budget of an account; nil, or a nil answer: nothing costs anything
	Every    time.Duration              // from the beginning of one round to that of the next
	Timeout  time.Duration              // of one fetch; 0: two minutes
	Tries    int                        // of one fetch that fails for no lasting reason, before the round is given up; 0: 8
	Rollover time.Duration              // of a stream's ledger entry; 0: one hour
	Now      func() time.Time           // nil: time.Now. A wall clock, which may jump
	Log      *slog.Logger               // nil discards
	// Watch, if set, is told every page and the end of every round (with a zero page).
	Watch func(s Status, p Page, err error)

	claiming sync.Once
	claims   *claims
}

// claims are the names of sources with a round under way.
type claims struct {
	mu      sync.Mutex
	running map[string]bool
}

// With is a loop into the same sink with the same accounts and claims, and a log and a watch of its own: for a single round
// beside those that Run makes.
func (l *Loop) With(log *slog.Logger, watch func(s Status, p Page, err error)) *Loop {
	return &Loop{Sink: l.Sink, Account: l.Account, Every: l.Every, Timeout: l.Timeout, Tries: l.Tries, Rollover: l.Rollover, Now: l.Now, Log: log,
		Watch: watch, claims: l.claimed()}
}

func (l *Loop) claimed() *claims {
	l.claiming.Do(func() {
		if l.claims == nil {
			l.claims = &claims{running: map[string]bool{}}
		}
	})
	return l.claims
}

// defaults of a Loop.
const (
	defaultTimeout  = 2 * time.Minute
	defaultTries    = 8
	defaultRollover = time.Hour
	firstPause      = time.Second
	longestPause    = 5 * time.Minute
)

// ErrRunning says that a round of the source is under way already.
var ErrRunning = errors.New("a round of this source is under way")

func (l *Loop) now() time.Time {
	if l.Now != nil {
		return l.Now().UTC()
	}
	return time.Now().UTC()
}

func (l *Loop) account(i Info) *Account {
	if l.Account == nil || i.Account == "" {
		return nil
	}
	return l.Account(i.Account)
}

func (l *Loop) log() *slog.Logger {
	if l.Log != nil {
		return l.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Run visits every source at once and then whenever it is due, until ctx ends. Each source has a goroutine; Run waits for
// all. What goes wrong with a source is logged and kept in its status; only a sink that fails ends Run.
func (l *Loop) Run(ctx context.Context, sources []Source) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, s := range sources {
		wg.Go(func() {
			if err := l.visit(ctx, s); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// visit goes to one source again and again. A restart does not bring a visit forward that was planned.
func (l *Loop) visit(ctx context.Context, s Source) error {
	st, err := ReadStatus(l.Sink, s.Info().Name)
	if err != nil {
		return err
	}
	if now := l.now(); st.Info.Query == s.Info().Query && st.Next.After(now) && st.Next.Sub(now) <= l.Every {
		if err := l.waitUntil(ctx, st.Next); err != nil {
			return err
		}
	}
	for {
		began := l.now()
		err := l.Once(ctx, s)
		var broken *sinkError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &broken):
			return fmt.Errorf("%s: %w", s.Info().Name, err)
		case err == nil && s.Info().Stream:
			continue
		}
		next := began.Add(l.Every)
		if err != nil && !s.Info().Stream {
			next = later(next, l.now().Add(longestPause))
		} else if s.Info().Stream {
			next = l.now().Add(longestPause)
		}
		if err := l.plan(s.Info(), next); err != nil {
			return fmt.Errorf("%s: %w", s.Info().Name, err)
		}
		if err := l.waitUntil(ctx, next); err != nil {
			return err
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// waitUntil waits for a moment of the wall clock. It looks at the clock often, because timers stand still while a machine
// sleeps, and it does not wait longer than it was to be at first, because clocks are put back.
func (l *Loop) waitUntil(ctx context.Context, t time.Time) error {
	const look = 20 * time.Second
	longest := t.Sub(l.now())
	for waited := time.Duration(0); ; {
		left := min(t.Sub(l.now()), longest-waited)
		if left <= 0 {
			return nil
		}
		step := min(left, look)
		if err := sleep(ctx, step); err != nil {
			return err
		}
		waited += step
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sinkError is a failure of ours, not of a platform.
type sinkError struct{ err error }

func (e *sinkError) Error() string { return e.err.Error() }
func (e *sinkError) Unwrap() error { return e.err }

func sinkFailed(err error) error {
	if err == nil {
		return nil
	}
	return &sinkError{err}
}

// enter claims a source by its name.
func (c *claims) enter(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running[name] {
		return false
	}
	c.running[name] = true
	return true
}

func (c *claims) leave(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, name)
}

// Once makes one round: pages are fetched and committed until the source has no more for now, or fails for good. Of a
// stream a round ends after Rollover at the latest.
func (l *Loop) Once(ctx context.Context, s Source) (err error) {
	info := s.Info()
	c := l.claimed()
	if !c.enter(info.Name) {
		return ErrRunning
	}
	defer c.leave(info.Name)
	r := &round{loop: l, source: s, info: info, purse: l.account(info), began: l.now()}
	if err := r.load(); err != nil {
		return sinkFailed(err)
	}
	r.round = l.Sink.Begin(info)
	err = r.pages(ctx)
	if c, ok := s.(io.Closer); ok { // a stream's connection; the next round opens another
		c.Close()
	}
	return r.finish(ctx, err)
}

// ReadStatus reads what is known of a source, by its name.
func ReadStatus(s Sink, name string) (st Status, err error) {
	raw, err := s.State(StatusPrefix + name)
	if err != nil || raw == nil {
		return st, err
	}
	if err := json.Unmarshal(raw, &st); err != nil {
		return st, fmt.Errorf("status of %s: %w", name, err)
	}
	return st, nil
}

// plan writes down when a source is visited next.
func (l *Loop) plan(i Info, next time.Time) error {
	st, err := ReadStatus(l.Sink, i.Name)
	if err != nil {
		return err
	}
	st.Info, st.Next, st.Every = i, next, Duration(l.Every)
	return l.Sink.Save(map[string][]byte{StatusPrefix + i.Name: encodeStatus(st)})
}

func encodeStatus(st Status) []byte {
	raw, err := json.Marshal(st)
	if err != nil { // unreachable: strings, numbers and times of this era
		return nil
	}
	return raw
}

// newPause gives the growing, jittered pauses between tries.
func newPause() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier, b.RandomizationFactor = firstPause, longestPause, 2, 0.5
	b.Reset()
	return b
}

// reason puts a gap's cause in words, from the kind of the last error.
func (st *Status) reason(now time.Time) string {
	switch {
	case st.Failing == "budget":
		return "our budget was used up"
	case st.Failing == "platform":
		return "the platform's quota was used up"
	case st.Failing != "":
		return strings.TrimSuffix("failing: "+st.Failing+": "+st.Error, ": ")
	case st.Tried.IsZero() || now.Sub(st.Tried) > time.Hour:
		return "not running"
	}
	return "not collected in time"
}

package collector

import (
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"
)

// Unlimited stands for no limit in a Budget.
const Unlimited = math.MaxInt64

// Budget bounds what an account may spend. Zero allows nothing.
type Budget struct {
	MonthPosts, MonthMicros int64 // in one billing month
	RunPosts, RunMicros     int64 // in one run of the program
	ResetDay                int   // day of the month, 1 to 28, on which a billing month begins; 0 means 1
}

// Account counts what one paid account has spent. It cannot pass its budget: the worst case of a request is written down
// before the request is made, and corrected with the page that it brings. What a crash interrupts stays counted at its worst.
// Its methods are safe for concurrent use, and all do nothing on nil.
type Account struct {
	Name string
	save func(key string, value []byte) error

	mu     sync.Mutex
	limit  Budget
	months map[string]Spend // by first day of the billing month; what is reserved is in it
	run    Spend            // of this run of the program
}

// OpenAccount reads an account back. state is what was kept under its Key, nil for none; save must have the value on disk
// before it returns.
func OpenAccount(name string, limit Budget, state []byte, save func(key string, value []byte) error) (*Account, error) {
	a := &Account{Name: name, limit: limit, save: save, months: map[string]Spend{}}
	if state == nil {
		return a, nil
	}
	if err := json.Unmarshal(state, &a.months); err != nil {
		return nil, fmt.Errorf("account %s: what it has spent cannot be read: %w", name, err)
	}
	return a, nil
}

// Key is where the account's state is kept.
func (a *Account) Key() string { return "account/" + a.Name }

// month names the billing month of t by its first day. All months are kept, so that a clock that jumps ahead and back
// forgets nothing that was spent.
func (a *Account) month(t time.Time) string {
	day := max(a.limit.ResetDay, 1)
	t = t.UTC()
	first := time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC)
	if t.Day() < day {
		first = first.AddDate(0, -1, 0)
	}
	return first.Format(time.DateOnly)
}

// Left is what may still be spent at the time: the narrower of month and run.
func (a *Account) Left(now time.Time) Spend {
	if a == nil {
		return Spend{Unlimited, Unlimited, Unlimited}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.left(now)
}

func (a *Account) left(now time.Time) Spend {
	m := a.months[a.month(now)]
	return Spend{Unlimited,
		max(0, min(minus(a.limit.MonthPosts, m.Posts), minus(a.limit.RunPosts, a.run.Posts))),
		max(0, min(minus(a.limit.MonthMicros, m.Micros), minus(a.limit.RunMicros, a.run.Micros)))}
}

func minus(limit, used int64) int64 {
	if limit == Unlimited {
		return Unlimited
	}
	return limit - used
}

// Hold is an amount that is set aside for a request under way.
type Hold struct {
	a     *Account
	month string
	worst Spend
}

// Reserve sets the worst case of a request aside, on disk, before it is made. It fails with a CapError when the budget
// does not allow it; nothing is spent then.
func (a *Account) Reserve(now time.Time, worst Spend) (*Hold, error) {
	if a == nil {
		return nil, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if left := a.left(now); worst.Posts > left.Posts || worst.Micros > left.Micros {
		return nil, &CapError{"budget", fmt.Sprintf("account %s has %s left (%s), and the next request may cost %s", a.Name, left.text(), a.period(now), worst.text())}
	}
	h := &Hold{a, a.month(now), worst}
	h.add(worst)
	if err := a.save(a.Key(), a.state()); err != nil {
		h.add(Spend{-worst.Requests, -worst.Posts, -worst.Micros})
		return nil, err
	}
	return h, nil
}

// period says which bound is the narrower one.
func (a *Account) period(now time.Time) string {
	m := a.months[a.month(now)]
	if minus(a.limit.RunPosts, a.run.Posts) < minus(a.limit.MonthPosts, m.Posts) || minus(a.limit.RunMicros, a.run.Micros) < minus(a.limit.MonthMicros, m.Micros) {
		return "of this run's budget"
	}
	return "of the budget of the month that began on " + a.month(now)
}

func (s Spend) text() string {
	part := func(n int64, f string, v any) string {
		if n == Unlimited {
			return "any number of " + f
		}
		return fmt.Sprintf("%v %s", v, f)
	}
	return part(s.Posts, "posts", s.Posts) + " and " + part(s.Micros, "dollars", fmt.Sprintf("%.3f", s.Dollars()))
}

// Settle replaces the worst case by what the request really cost. It reaches the disk with the next commit.
func (h *Hold) Settle(cost Spend) {
	if h == nil {
		return
	}
	h.a.mu.Lock()
	defer h.a.mu.Unlock()
	h.add(Spend{cost.Requests - h.worst.Requests, cost.Posts - h.worst.Posts, cost.Micros - h.worst.Micros})
	h.worst = cost
}

// Fail settles the hold of a request that failed: nothing was spent if the platform answered that it would not deliver; the
// worst case stays counted if the answer was lost on its way.
func (h *Hold) Fail(err error) {
	if !billed(err) {
		h.Settle(Spend{})
	}
}

func (h *Hold) add(s Spend) {
	h.a.months[h.month] = h.a.months[h.month].Plus(s)
	h.a.run = h.a.run.Plus(s)
}

// Spent is what was spent in the billing month of now and in this run, what is reserved included.
func (a *Account) Spent(now time.Time) (month, run Spend) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.months[a.month(now)], a.run
}

// Limit is the account's budget, and SetLimit another from now on.
func (a *Account) Limit() Budget {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.limit
}

// SetLimit changes the budget; what is spent stays spent.
func (a *Account) SetLimit(b Budget) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limit = b
}

func (a *Account) state() []byte {
	raw, err := json.Marshal(a.months)
	if err != nil { // unreachable: strings and integers
		return nil
	}
	return raw
}

// Commit calls write with the account's state, to be written in one transaction with what was bought. No reservation comes
// between the two, so that an older state never overwrites a newer one.
func (a *Account) Commit(write func(state map[string][]byte) error) error {
	if a == nil {
		return write(map[string][]byte{})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return write(map[string][]byte{a.Key(): a.state()})
}

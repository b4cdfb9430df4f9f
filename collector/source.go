package collector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Source is one query to one live platform. It belongs to one goroutine. Fetch is called again and again with the state
// that its last committed page left; a source must not need anything else to go on after a crash.
type Source interface {
	Info() Info
	// Fetch asks the platform for the next page. An error leaves the state where it was: the same call may be made again.
	// Errors that say what to do are RateLimitError, CapError, AuthError and RefusedError; any other is worth a retry.
	Fetch(ctx context.Context, r Request) (Page, error)
}

// Info tells what a source is.
type Info struct {
	Name     string `json:"name"`     // unique among the sources of a store, as in "x/1" or "mastodon/mastodon.social/putin"
	Kind     string `json:"kind"`     // of the configuration: x, x-archive, bluesky, …
	Platform string `json:"platform"` // of its posts
	Query    string `json:"query"`    // what is asked, for the ledger; never a secret
	Account  string `json:"account"`  // whose budget it spends; empty when it costs nothing
	Stream   bool   `json:"stream"`   // the platform pushes; there is no end of a round
}

// Key is where the state of a source is kept. Another query is another key, so that a changed query begins anew and does
// not take the cursor of the old one for its own.
func (i Info) Key() string {
	sum := sha256.Sum256([]byte(i.Query))
	return "source/" + i.Name + "/" + hex.EncodeToString(sum[:6])
}

// Request is what Fetch is given.
type Request struct {
	State []byte    // of the last committed page; nil at the beginning
	Now   time.Time // UTC, by this machine's clock
	Purse *Account  // the budget to spend from; nil: nothing costs anything
}

// Page is what one fetch brought. It is committed whole, with its state, or not at all.
type Page struct {
	Batch   Batch
	State   []byte    // where to go on
	More    bool      // there is more to fetch now
	Through time.Time // everything before this has been delivered; zero: nothing new is known
	Cost    Spend     // what it cost
	Gaps    []Gap     // what can no longer be had
	Hours   []Hour    // posts per hour, to be added to what is known of the hours
	Notices []string  // what the platform said beside the posts: partial errors
}

// Gap is a time of which posts are missing.
type Gap struct {
	Source string    `json:"source,omitempty"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"` // for people: "not running", "budget", …
}

// Hour counts the posts of one hour: as the platform's counts endpoint has them, and as they were delivered.
type Hour struct {
	Start     time.Time `json:"start"` // UTC, on the hour
	Counted   int64     `json:"counted"`
	Delivered int64     `json:"delivered"`
	Known     bool      `json:"known"` // Counted is of the whole hour; until then it says nothing
}

// Spend is an amount of use: what is limited and what is billed.
type Spend struct {
	Requests int64 `json:"requests,omitempty"`
	Posts    int64 `json:"posts,omitempty"`
	Micros   int64 `json:"micros,omitempty"` // millionths of a dollar
}

// Plus is the sum of two amounts.
func (s Spend) Plus(t Spend) Spend {
	return Spend{s.Requests + t.Requests, s.Posts + t.Posts, s.Micros + t.Micros}
}

// Dollars is the money of an amount.
func (s Spend) Dollars() float64 { return float64(s.Micros) / 1e6 }

package collector

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// RateLimitError says that the platform wants to be left alone for a while, and that the same request will do then.
type RateLimitError struct {
	Wait   time.Duration // from the moment of the answer, by the platform's own clock; 0: it did not say
	Detail string
}

func (e *RateLimitError) Error() string {
	if e.Wait <= 0 {
		return "rate limited: " + e.Detail
	}
	return fmt.Sprintf("rate limited for %s: %s", e.Wait.Round(time.Second), e.Detail)
}

// CapError says that a quota is used up, ours or the platform's: asking again soon is of no use.
type CapError struct {
	Scope  string // "budget": ours; "platform": theirs
	Detail string
}

func (e *CapError) Error() string { return e.Scope + " exhausted: " + e.Detail }

// AuthError says that the platform does not accept the credentials.
type AuthError struct{ Detail string }

func (e *AuthError) Error() string { return "not authorised: " + e.Detail }

// RefusedError says that the platform refuses the request for what it is: a query it cannot read, a window it does not
// serve. The same request will be refused again.
type RefusedError struct {
	Status int
	Detail string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused (HTTP %d): %s", e.Status, e.Detail)
}

// AnswerError is an answer that is no good for now: a server's failure, a body cut short, bytes that are not JSON.
type AnswerError struct {
	Status int  // HTTP status; 0 when there was no answer at all
	Billed bool // the platform may have counted it as delivered
	Err    error
}

func (e *AnswerError) Error() string {
	if e.Status == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("HTTP %d: %v", e.Status, e.Err)
}

func (e *AnswerError) Unwrap() error { return e.Err }

// Transient reports whether a fetch that failed so is worth repeating soon.
func Transient(err error) bool {
	return err != nil && !errors.As(err, new(*RateLimitError)) && Lasting(err) == ""
}

// Lasting names the kind of an error that time alone does not mend, "" for the others.
func Lasting(err error) string {
	var c *CapError
	switch {
	case errors.As(err, &c):
		return c.Scope
	case errors.As(err, new(*AuthError)):
		return "authorisation"
	case errors.As(err, new(*RefusedError)):
		return "refused"
	}
	return ""
}

// Brief makes one short line of a platform's words, which may be a page of HTML.
func Brief(s string) string {
	s = strings.Join(strings.Fields(Clean(s)), " ")
	if len(s) <= 200 {
		return s
	}
	return strings.ToValidUTF8(s[:200], "") + "…"
}

// billed reports whether a platform may have counted a request that failed as delivered.
func billed(err error) bool {
	var a *AnswerError
	if errors.As(err, &a) {
		return a.Billed
	}
	return Transient(err)
}

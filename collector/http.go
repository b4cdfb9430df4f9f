package collector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// maxAnswer bounds one answer. The largest real page seen is 0.8 MB.
const maxAnswer = 64 << 20

// HTTP asks one host for JSON, and tells what came of it in the errors of this package. It belongs to one goroutine.
type HTTP struct {
	Base   string        // scheme and host, with or without a path; no slash at the end
	Client *http.Client  // nil: the default one. Its Timeout is not needed: the context has one
	Header http.Header   // sent along: authorisation, user agent
	Pace   *rate.Limiter // nil: as fast as it goes
	// Once has every request made at most once. net/http repeats a GET by itself when a connection that it had kept breaks
	// before the answer; where answers cost money each request therefore gets a connection of its own.
	Once bool
	// Judge may know better what an answer that is no success means. It returns nil to leave it to the rules here.
	Judge func(status int, p Problem) error

	resume time.Time // the host said that nothing is left until then
}

// Answer is a good answer: its body is well-formed JSON.
type Answer struct {
	Body   []byte
	Header http.Header
	Date   time.Time // by the host's clock; this machine's where the host does not say
}

// Problem is what a platform says when it refuses, in any of the shapes the networks use.
type Problem struct {
	Type   string // a URL that names the kind of problem
	Title  string
	Detail string
	Code   string // a short name or number
}

// String is the problem in one line.
func (p Problem) String() string {
	parts := []string{}
	for _, s := range []string{p.Title, p.Code, p.Detail} {
		if s != "" && (len(parts) == 0 || parts[len(parts)-1] != s) {
			parts = append(parts, s)
		}
	}
	return Brief(strings.Join(parts, ": "))
}

// Get asks for a path with a query.
func (h *HTTP) Get(ctx context.Context, path string, query url.Values) (Answer, error) {
	return h.Send(ctx, http.MethodGet, path, query, nil)
}

// Send asks with any method; a body is sent as JSON.
func (h *HTTP) Send(ctx context.Context, method, path string, query url.Values, body any) (Answer, error) {
	target := h.Base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return Answer{}, err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return Answer{}, &RefusedError{0, err.Error()}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return h.Do(req)
}

// Do sends a request that is ready but for the headers of h.
func (h *HTTP) Do(req *http.Request) (Answer, error) {
	if wait := time.Until(h.resume); wait > 0 {
		return Answer{}, &RateLimitError{wait, "the last answer said that no request is left"}
	}
	if h.Pace != nil {
		if err := h.Pace.Wait(req.Context()); err != nil {
			return Answer{}, &AnswerError{Err: err}
		}
	}
	for k, v := range h.Header {
		if req.Header.Get(k) == "" {
			req.Header[k] = v
		}
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	req.Close = req.Close || h.Once
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, &AnswerError{Billed: true, Err: err}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if len(raw) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
	}
	return h.read(resp, raw, err)
}

func (h *HTTP) read(resp *http.Response, raw []byte, err error) (Answer, error) {
	a := Answer{Body: raw, Header: resp.Header, Date: serverTime(resp.Header)}
	left, wait := rateHeaders(resp.Header, a.Date)
	if resp.StatusCode/100 != 2 {
		return a, h.judge(resp.StatusCode, readProblem(raw), wait)
	}
	switch {
	case err != nil:
		return a, &AnswerError{resp.StatusCode, true, fmt.Errorf("the answer was cut short: %w", err)}
	case !json.Valid(raw):
		return a, &AnswerError{resp.StatusCode, true, fmt.Errorf("the answer is not JSON: %q", Brief(string(raw[:min(len(raw), 400)])))}
	case left == 0 && wait > 0:
		h.resume = time.Now().Add(wait)
	}
	return a, nil
}

func (h *HTTP) judge(status int, p Problem, wait time.Duration) error {
	if h.Judge != nil {
		if err := h.Judge(status, p); err != nil {
			return err
		}
	}
	detail := p.String()
	if detail == "" {
		detail = http.StatusText(status)
	}
	switch {
	case status == http.StatusTooManyRequests:
		return &RateLimitError{wait, detail}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &AuthError{fmt.Sprintf("HTTP %d: %s", status, detail)}
	case status == http.StatusPaymentRequired:
		return &CapError{"platform", detail}
	case status >= 500 || status == http.StatusRequestTimeout || status < 400:
		if status == http.StatusServiceUnavailable && wait > 0 {
			return &RateLimitError{wait, detail}
		}
		return &AnswerError{Status: status, Err: errors.New(detail)}
	}
	return &RefusedError{status, detail}
}

// readProblem reads RFC 9457 problems, X's lists of errors, and the error objects of v1.1, Bluesky and Mastodon. A body that is no JSON
// is its own detail.
func readProblem(raw []byte) Problem {
	var b struct {
		Type, Title, Detail, Message string
		Error                        json.RawMessage
		Errors                       []struct {
			Type, Title, Detail, Message string
			Code                         word
		}
	}
	if Unmarshal(raw, &b) != nil {
		return Problem{Detail: Brief(string(raw[:min(len(raw), 400)]))}
	}
	p := Problem{Type: b.Type, Title: b.Title, Detail: b.Detail + b.Message}
	json.Unmarshal(b.Error, &p.Code)
	if len(b.Errors) > 0 {
		e := b.Errors[0]
		p.Code = string(e.Code)
		if p.Type == "" {
			p.Type = e.Type
		}
		if p.Title == "" {
			p.Title = e.Title
		}
		if more := e.Detail + e.Message; more != "" && p.Detail != more {
			p.Detail = strings.TrimSpace(p.Detail + " " + more)
		}
	}
	return p
}

// word is a string that some platforms write as a number.
type word string

// UnmarshalJSON takes either.
func (t *word) UnmarshalJSON(b []byte) error {
	*t = word(bytes.Trim(b, `"`))
	return nil
}

func serverTime(h http.Header) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t.UTC()
	}
	return time.Now().UTC()
}

// rateHeaders reads how many requests are left (-1: not said) and how long it is until there are more, in the three
// spellings in use: x-rate-limit-* with Unix seconds (X), X-RateLimit-* with a time (Mastodon), ratelimit-* (Bluesky);
// and Retry-After. The wait is counted by the host's own clock, so that a wrong one here does no harm.
func rateHeaders(h http.Header, now time.Time) (left int, wait time.Duration) {
	left = -1
	for _, prefix := range []string{"X-Rate-Limit-", "X-Ratelimit-", "Ratelimit-"} {
		if n, err := strconv.Atoi(h.Get(prefix + "Remaining")); err == nil {
			left = n
		}
		if w := until(h.Get(prefix+"Reset"), now); w > 0 {
			wait = w
		}
	}
	if w := until(h.Get("Retry-After"), now); w > wait {
		wait = w
	}
	return left, min(wait, 24*time.Hour)
}

// until reads a moment: Unix seconds, seconds from now, a time of RFC 3339 or of HTTP. One second is added because moments
// are in whole seconds.
func until(s string, now time.Time) time.Duration {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 1e9 {
			return time.Duration(max(0, min(n, 1<<20))) * time.Second
		}
		return max(0, time.Unix(n, 0).Sub(now)+time.Second)
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, err = http.ParseTime(s)
	}
	if err != nil {
		return 0
	}
	return max(0, t.Sub(now)+time.Second)
}

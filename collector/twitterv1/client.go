package twitterv1

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

	//lint:ignore SA1019 the project's owner fixed this module; v1.1 is served by compatible hosts only, and does not change
	"github.com/dghubble/go-twitter/twitter"
	"github.com/dghubble/oauth1"
	"golang.org/x/time/rate"

	"stallwatch/collector"
)

// Config is how to reach a host that speaks API v1.1. Twitter's own search of it ended on 28 September 2023.
type Config struct {
	Base                        string // with the path before /search/tweets.json, as in https://host.example/1.1
	Token                       string // app-only bearer token, or the four of OAuth 1.0a:
	ConsumerKey, ConsumerSecret string
	AccessToken, AccessSecret   string
	Client                      *http.Client
	Agent                       string
	Pace                        time.Duration // least time between two requests; 0: two seconds, as 450 in 15 minutes allow
}

// Search is a query of search/tweets kept up to date, paged by since_id and max_id.
type Search struct {
	Name    string
	Query   string
	Since   time.Time
	Overlap time.Duration
	Width   time.Duration // of a window; 0: a day
	Keeps   time.Duration // how far back the host answers; 0: for ever

	base *url.URL
	http *collector.HTTP
}

// Connect prepares the client.
func (s *Search) Connect(c Config) (*Search, error) {
	base, err := url.Parse(strings.TrimSuffix(c.Base, "/"))
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("x api v1.1: %q is no address of a host", c.Base)
	}
	h := &collector.HTTP{Client: c.Client, Header: http.Header{}, Judge: judge}
	if c.Pace <= 0 {
		c.Pace = 2 * time.Second
	}
	h.Pace = rate.NewLimiter(rate.Every(c.Pace), 1)
	if c.Token != "" {
		h.Header.Set("Authorization", "Bearer "+c.Token)
	} else if c.ConsumerKey != "" {
		ctx := context.Background()
		if c.Client != nil {
			ctx = context.WithValue(ctx, oauth1.HTTPClient, c.Client)
		}
		h.Client = oauth1.NewConfig(c.ConsumerKey, c.ConsumerSecret).Client(ctx, oauth1.NewToken(c.AccessToken, c.AccessSecret))
	}
	if c.Agent != "" {
		h.Header.Set("User-Agent", c.Agent)
	}
	s.base, s.http = base, h
	return s, nil
}

// judge reads the codes of v1.1 (developer.x.com, response codes): 88 is the rate limit, whatever the status.
func judge(_ int, p collector.Problem) error {
	switch p.Code {
	case "88":
		return &collector.RateLimitError{Detail: p.String()}
	case "32", "64", "89", "99", "135", "215", "220", "326":
		return &collector.AuthError{Detail: p.String()}
	}
	return nil
}

// Info tells what the source is.
func (s *Search) Info() collector.Info {
	i := collector.Info{Name: s.Name, Kind: "twitterv1", Platform: "x", Query: s.Query}
	if s.base != nil {
		i.Query += " on " + s.base.Host
	}
	return i
}

func (s *Search) plan() collector.Plan {
	p := collector.Plan{First: s.Since, Overlap: s.Overlap, Width: s.Width, Keeps: s.Keeps, Lag: 30 * time.Second}
	if p.Width <= 0 {
		p.Width = 24 * time.Hour
	}
	return p
}

// Fetch gets the next page of the window under way. The token of its Walk is the max_id to go on with.
func (s *Search) Fetch(ctx context.Context, r collector.Request) (page collector.Page, err error) {
	w, err := collector.ReadWalk(r.State)
	if err != nil {
		return page, err
	}
	open, gap := w.Open(r.Now, s.plan())
	if gap != nil {
		page.Gaps = []collector.Gap{*gap}
	}
	if open {
		a, err := s.ask(ctx, &w)
		if err != nil {
			return collector.Page{}, err
		}
		if page.Batch, err = Decode(a.Body); err != nil {
			return collector.Page{}, &collector.AnswerError{Status: 200, Err: err}
		}
		if err := s.advance(&w, &page, a); err != nil {
			return collector.Page{}, err
		}
	}
	page.State, page.Through = w.State(), w.Through
	page.More = w.Behind(r.Now, s.plan())
	return page, nil
}

// advance moves the window to below the lowest id. A page with fewer statuses than asked for is not the last one: hosts
// count before they leave out what they may not show. An empty one is.
func (s *Search) advance(w *collector.Walk, page *collector.Page, a collector.Answer) error {
	lowest := ""
	for i := range page.Batch.Posts {
		p := &page.Batch.Posts[i]
		if p.Observed.IsZero() {
			p.Observed = a.Date
		}
		if lowest == "" || collector.OlderID(p.ID, lowest) {
			lowest = p.ID
		}
	}
	if lowest == "" {
		if len(page.Batch.Failures) > 0 {
			return &collector.AnswerError{Status: 200, Err: fmt.Errorf("no status of a page can be read: %w", page.Batch.Failures[0].Err)}
		}
		page.Batch = collector.Batch{}
		w.Next("")
		return nil
	}
	if w.Token != "" && !collector.OlderID(lowest, w.Token) && lowest != w.Token {
		return &collector.AnswerError{Status: 200, Err: fmt.Errorf("asked for statuses up to %s, got only newer ones", w.Token)}
	}
	if at, ok := collector.SnowflakeTime(lowest); ok && w.Strange(at, at) {
		return &collector.AnswerError{Status: 200, Err: errors.New("a page of statuses from outside the window that was asked for")}
	}
	n, err := strconv.ParseInt(lowest, 10, 64)
	if err != nil {
		return &collector.AnswerError{Status: 200, Err: fmt.Errorf("id %q is no number", lowest)}
	}
	page.Hours = collector.PerHour(w.Seen(page.Batch.Posts))
	w.Next(strconv.FormatInt(n-1, 10))
	return nil
}

func (s *Search) ask(ctx context.Context, w *collector.Walk) (collector.Answer, error) {
	since, _ := strconv.ParseInt(collector.SnowflakeAt(w.Start), 10, 64) // unreachable: it was formatted from one
	until, _ := strconv.ParseInt(collector.SnowflakeAt(w.Until), 10, 64)
	upTo := until - 1
	if w.Token != "" {
		n, err := strconv.ParseInt(w.Token, 10, 64)
		if err != nil {
			return collector.Answer{}, fmt.Errorf("the kept cursor %q is no id", w.Token)
		}
		upTo = min(upTo, n)
	}
	t := &wire{ctx: ctx, search: s}
	found, resp, err := twitter.NewClient(&http.Client{Transport: t}).Search.Tweets(&twitter.SearchTweetParams{Query: s.Query,
		ResultType: "recent", Count: 100, SinceID: since - 1, MaxID: upTo, TweetMode: "extended", IncludeEntities: twitter.Bool(true)})
	return t.outcome(found, resp, err)
}

// wire is the transport under the library: it sends its requests to the configured host, with the caller's context, and
// keeps the answer as it came. The library's own account of an answer cannot be trusted: a 429 without a body and
// a 403 with one of v2 come out of it as success without statuses.
type wire struct {
	ctx    context.Context // of one call: the library has no place for it
	search *Search
	answer collector.Answer
	err    error
}

// RoundTrip sends the request where it belongs.
func (t *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(t.ctx)
	r.URL.Scheme, r.URL.Host, r.Host = t.search.base.Scheme, t.search.base.Host, ""
	r.URL.Path = t.search.base.Path + strings.TrimPrefix(r.URL.Path, "/1.1")
	if t.answer, t.err = t.search.http.Do(r); t.err != nil {
		return nil, t.err
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: t.answer.Header, Body: io.NopCloser(bytes.NewReader(t.answer.Body)), ContentLength: int64(len(t.answer.Body))}, nil
}

// outcome is the answer, or the real error: the wire's, or one that stands in an answer of status 200. That the library's
// types cannot hold a status is no error: this package's can.
func (t *wire) outcome(_ *twitter.Search, _ *http.Response, err error) (collector.Answer, error) {
	if t.err != nil {
		return t.answer, t.err
	}
	if t.answer.Body == nil {
		return t.answer, &collector.AnswerError{Err: errors.Join(errors.New("no answer"), err)}
	}
	var v struct {
		Statuses json.RawMessage `json:"statuses"`
		Errors   []struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := collector.Unmarshal(t.answer.Body, &v); err != nil {
		return t.answer, &collector.AnswerError{Status: 200, Err: err}
	}
	if len(v.Errors) > 0 {
		e := v.Errors[0]
		if err := judge(200, collector.Problem{Code: strconv.Itoa(e.Code), Detail: e.Message}); err != nil {
			return t.answer, err
		}
		if v.Statuses == nil {
			return t.answer, &collector.AnswerError{Status: 200, Err: fmt.Errorf("error %d: %s", e.Code, e.Message)}
		}
	}
	if v.Statuses == nil || v.Statuses[0] != '[' {
		return t.answer, &collector.AnswerError{Status: 200, Err: fmt.Errorf("not a page of statuses: %s", collector.Brief(string(t.answer.Body[:min(400, len(t.answer.Body))])))}
	}
	return t.answer, nil
}

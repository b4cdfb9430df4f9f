package xapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"stallwatch/collector"
)

// DefaultBase is where X answers.
const DefaultBase = "https://api.x.com"

// Prices are what X bills, in millionths of a dollar. DefaultPrices are those of its pricing page on 22 August 2026; a
// contract may say otherwise, so a configuration can.
type Prices struct {
	PostRead     int64 // each post in an answer, referenced posts included
	CountsRecent int64 // each request
	CountsAll    int64
}

// DefaultPrices are those of pay-per-use.
var DefaultPrices = Prices{PostRead: 5_000, CountsRecent: 5_000, CountsAll: 10_000}

// Names says which names of members a request uses; answers are read with both. X honoured both in September 2026.
type Names string

// The two sets of names.
const (
	TweetNames Names = "tweet" // tweet.fields, note_tweet, referenced_tweets.id
	PostNames  Names = "post"  // post.fields, note_post, referenced_posts.id
)

// Config is how to reach the API.
type Config struct {
	Base   string // DefaultBase when empty
	Token  string // app-only bearer token
	Names  Names
	Prices Prices
	Client *http.Client
	Agent  string        // user agent
	Pace   time.Duration // least time between two requests; 0: 1.1 s
}

// Client talks to X API v2. It belongs to one goroutine. The clients of one account may share a Pace.
type Client struct {
	http   collector.HTTP
	names  Names
	prices Prices
	skew   time.Duration // of X's clock against this machine's
}

// NewClient makes a client. Full-archive search takes one request a second (docs.x.com, rate limits); so does this client.
func NewClient(c Config) *Client {
	if c.Base == "" {
		c.Base = DefaultBase
	}
	if c.Names == "" {
		c.Names = TweetNames
	}
	if c.Pace <= 0 {
		c.Pace = 1100 * time.Millisecond
	}
	h := http.Header{"Authorization": {"Bearer " + c.Token}}
	if c.Agent != "" {
		h.Set("User-Agent", c.Agent)
	}
	return &Client{http: collector.HTTP{Base: strings.TrimSuffix(c.Base, "/"), Client: c.Client, Header: h,
		Pace: rate.NewLimiter(rate.Every(c.Pace), 1), Judge: judge, Once: true}, names: c.Names, prices: c.Prices}
}

// judge tells the two meanings of 429 apart, and finds a used-up quota behind other statuses too: X has sent it with 402
// and 403.
func judge(status int, p collector.Problem) error {
	text := strings.ToLower(p.Title + " " + p.Detail)
	switch {
	case strings.HasSuffix(p.Type, "/problems/usage-capped"), strings.Contains(text, "usagecapexceeded"), strings.Contains(text, "usage cap exceeded"):
		return &collector.CapError{Scope: "platform", Detail: p.String()}
	case status == http.StatusPaymentRequired, strings.HasSuffix(p.Type, "/problems/credits"), strings.Contains(text, "creditsdepleted"):
		return &collector.CapError{Scope: "platform", Detail: p.String()}
	}
	return nil
}

// get asks, and learns X's clock from the answer. here is this machine's time.
func (c *Client) get(ctx context.Context, here time.Time, path string, q url.Values) (collector.Answer, error) {
	began := time.Now()
	a, err := c.http.Get(ctx, path, q)
	if !a.Date.IsZero() {
		c.skew = a.Date.Sub(here.Add(time.Since(began))).Round(time.Second)
	}
	return a, err
}

// now is X's time, as far as it is known.
func (c *Client) now(here time.Time) time.Time { return here.Add(c.skew) }

// Usage is what X says it has counted of the project's month.
type Usage struct {
	Used     int64 // posts
	Cap      int64
	ResetDay int
}

// Usage asks for the project's usage. It costs nothing; X allows 50 requests in 15 minutes.
func (c *Client) Usage(ctx context.Context, here time.Time) (Usage, error) {
	a, err := c.get(ctx, here, "/2/usage/tweets", url.Values{"days": {"1"}})
	if err != nil {
		return Usage{}, fmt.Errorf("x usage: %w", err)
	}
	var v struct { // numbers in the documentation, strings in the OpenAPI description
		Data struct {
			Used     collector.Number `json:"project_usage"`
			Cap      collector.Number `json:"project_cap"`
			ResetDay collector.Number `json:"cap_reset_day"`
		} `json:"data"`
	}
	if err := collector.Unmarshal(a.Body, &v); err != nil {
		return Usage{}, fmt.Errorf("x usage: %w", err)
	}
	n := func(v collector.Number) int64 {
		if p := v.Ptr(); p != nil {
			return *p
		}
		return -1
	}
	if n(v.Data.Used) < 0 {
		return Usage{}, fmt.Errorf("x usage: the answer has no project_usage: %s", collector.Brief(string(a.Body)))
	}
	return Usage{n(v.Data.Used), n(v.Data.Cap), int(n(v.Data.ResetDay))}, nil
}

// Bucket is the count of posts between two times.
type Bucket struct {
	Start, End time.Time
	Posts      int64
}

// counts asks for one page of counts per hour. A hold for its price must have been made.
func (c *Client) counts(ctx context.Context, here time.Time, archive bool, query string, from, to time.Time, token string) (out []Bucket, next string, err error) {
	path := "/2/tweets/counts/recent"
	if archive {
		path = "/2/tweets/counts/all"
	}
	q := url.Values{"query": {query}, "granularity": {"hour"}, "start_time": {stamp(from)}, "end_time": {stamp(to)}}
	if token != "" {
		q.Set("next_token", token)
	}
	a, err := c.get(ctx, here, path, q)
	if err != nil {
		return nil, "", err
	}
	var v struct {
		Data []struct {
			Start  time.Time         `json:"start"`
			End    time.Time         `json:"end"`
			Tweets *collector.Number `json:"tweet_count"`
			Posts  *collector.Number `json:"post_count"`
		} `json:"data"`
		Meta struct {
			Next string `json:"next_token"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(a.Body, &v); err != nil {
		return nil, "", &collector.AnswerError{Status: 200, Billed: true, Err: err}
	}
	for _, d := range v.Data {
		n := d.Posts
		if n == nil {
			n = d.Tweets
		}
		if n == nil || n.Ptr() == nil || !d.End.After(d.Start) {
			return nil, "", &collector.AnswerError{Status: 200, Billed: true, Err: fmt.Errorf("counts: a bucket of no known shape: %s", collector.Brief(string(a.Body)))}
		}
		out = append(out, Bucket{d.Start.UTC(), d.End.UTC(), *n.Ptr()})
	}
	return out, v.Meta.Next, nil
}

// stamp writes a time as X wants it, to the second.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"stallwatch/collector"
)

// DefaultPDS is the server that most accounts log in at. It hands searches on to the network's index.
const DefaultPDS = "https://bsky.social"

// Session is a login with an app password. Searching needs one: without it the public address answers 403
// (bluesky-social/atproto#3423). It is safe for concurrent use by several searches.
//
// github.com/bluesky-social/indigo is not used: for two calls it brings some sixty modules, and its types know fewer
// shapes of records than this package's decoder.
type Session struct {
	base, identifier, password string
	client                     *http.Client
	agent                      string

	mu      sync.Mutex
	access  string
	refresh string
}

// NewSession prepares a login; the first search makes it. base may be empty.
func NewSession(base, identifier, password string, client *http.Client, agent string) *Session {
	if base == "" {
		base = DefaultPDS
	}
	return &Session{base: strings.TrimSuffix(base, "/"), identifier: identifier, password: password, client: client, agent: agent}
}

func (s *Session) http(header http.Header) *collector.HTTP {
	if s.agent != "" {
		header.Set("User-Agent", s.agent)
	}
	return &collector.HTTP{Base: s.base, Client: s.client, Header: header, Judge: judge}
}

// errExpired says that a token has run out.
var errExpired = &collector.AuthError{Detail: "the token has expired"}

// judge knows that the servers say so with HTTP 400.
func judge(status int, p collector.Problem) error {
	if p.Code == "ExpiredToken" {
		return errExpired
	}
	if status == http.StatusBadRequest && p.Code == "InvalidToken" {
		return &collector.AuthError{Detail: p.String()}
	}
	return nil
}

// token returns a token; stale is one that was refused.
func (s *Session) token(ctx context.Context, stale string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.access != "" && s.access != stale {
		return s.access, nil
	}
	if s.refresh != "" { // logins are limited to 300 a day, refreshing is not
		old := s.refresh
		s.refresh = ""
		if err := s.login(ctx, "refreshSession", http.Header{"Authorization": {"Bearer " + old}}, nil); err == nil {
			return s.access, nil
		}
	}
	err := s.login(ctx, "createSession", http.Header{}, map[string]string{"identifier": s.identifier, "password": s.password})
	return s.access, err
}

func (s *Session) login(ctx context.Context, method string, h http.Header, body any) error {
	a, err := s.http(h).Send(ctx, http.MethodPost, "/xrpc/com.atproto.server."+method, nil, body)
	if err != nil {
		return fmt.Errorf("bluesky %s: %w", method, err)
	}
	var v struct {
		Access  string `json:"accessJwt"`
		Refresh string `json:"refreshJwt"`
	}
	if err := json.Unmarshal(a.Body, &v); err != nil || v.Access == "" {
		return &collector.AnswerError{Status: 200, Err: fmt.Errorf("bluesky %s: the answer has no accessJwt", method)}
	}
	s.access, s.refresh = v.Access, v.Refresh
	return nil
}

// Search is a query of app.bsky.feed.searchPosts kept up to date.
type Search struct {
	Session *Session
	Name    string
	Query   string // Lucene-like: words, "phrases", #tag, from:handle, lang:en
	Lang    string // only posts that say they are in it; empty: all
	Since   time.Time
	Overlap time.Duration
	Width   time.Duration // of a window; 0: six hours

	pace *rate.Limiter
	skew time.Duration
}

// Info tells what the source is.
func (s *Search) Info() collector.Info {
	q := s.Query
	if s.Lang != "" {
		q += " lang=" + s.Lang
	}
	return collector.Info{Name: s.Name, Kind: "bluesky", Platform: "bluesky", Query: q}
}

func (s *Search) plan() collector.Plan {
	p := collector.Plan{First: s.Since, Overlap: s.Overlap, Width: s.Width, Lag: 30 * time.Second}
	if p.Width <= 0 {
		p.Width = 6 * time.Hour
	}
	return p
}

// Fetch gets the next page of the window under way.
func (s *Search) Fetch(ctx context.Context, r collector.Request) (page collector.Page, err error) {
	w, err := collector.ReadWalk(r.State)
	if err != nil {
		return page, err
	}
	open, _ := w.Open(r.Now.Add(s.skew), s.plan())
	if open {
		a, err := s.ask(ctx, &w)
		var refused *collector.RefusedError
		if errors.As(err, &refused) && w.Token != "" { // the index gives up on deep cursors: go on by time
			w.Drop()
			a, err = s.ask(ctx, &w)
		}
		if err != nil {
			return page, err
		}
		s.skew = time.Until(a.Date).Round(time.Second)
		if err := s.take(&w, a, &page); err != nil {
			return page, err
		}
	}
	page.State, page.Through = w.State(), w.Through
	page.More = w.Behind(r.Now.Add(s.skew), s.plan())
	return page, nil
}

func (s *Search) ask(ctx context.Context, w *collector.Walk) (a collector.Answer, err error) {
	if s.pace == nil { // 3,000 requests in 5 minutes are allowed; be modest
		s.pace = rate.NewLimiter(rate.Every(500*time.Millisecond), 1)
	}
	q := url.Values{"q": {s.Query}, "sort": {"latest"}, "limit": {strconv.Itoa(100)},
		"since": {w.Start.UTC().Format(time.RFC3339)}, "until": {w.Until.UTC().Format(time.RFC3339)}}
	if s.Lang != "" {
		q.Set("lang", s.Lang)
	}
	if w.Token != "" {
		q.Set("cursor", w.Token)
	}
	stale := ""
	for range 3 {
		token, err := s.Session.token(ctx, stale)
		if err != nil {
			return a, err
		}
		h := s.Session.http(http.Header{"Authorization": {"Bearer " + token}})
		h.Pace = s.pace
		if a, err = h.Get(ctx, "/xrpc/app.bsky.feed.searchPosts", q); !errors.Is(err, errExpired) {
			return a, err
		}
		stale = token
	}
	return a, errExpired
}

// take reads a page of views. Its order is by the earlier of createdAt and indexedAt, which since and until bound too.
func (s *Search) take(w *collector.Walk, a collector.Answer, page *collector.Page) error {
	var v struct {
		Cursor string            `json:"cursor"`
		Posts  []json.RawMessage `json:"posts"`
	}
	if err := json.Unmarshal(a.Body, &v); err != nil || v.Posts == nil {
		return &collector.AnswerError{Status: 200, Err: fmt.Errorf("not a page of posts: %s", collector.Brief(string(a.Body[:min(len(a.Body), 400)])))}
	}
	var newest, oldest time.Time
	for i, raw := range v.Posts {
		b, err := Decode(raw)
		if err != nil {
			b = collector.Batch{Failures: []collector.Failure{{Index: i, Err: err}}}
		}
		page.Batch.Posts = append(page.Batch.Posts, b.Posts...)
		page.Batch.Skips = append(page.Batch.Skips, b.Skips...)
		page.Batch.Failures = append(page.Batch.Failures, b.Failures...)
		if at := sortTime(raw); !at.IsZero() {
			if at.After(newest) {
				newest = at
			}
			if oldest.IsZero() || at.Before(oldest) {
				oldest = at
			}
		}
	}
	if !oldest.IsZero() && w.Strange(newest, oldest) {
		return &collector.AnswerError{Status: 200, Err: errors.New("a page of posts from outside the window that was asked for")}
	}
	for i := range page.Batch.Posts {
		page.Batch.Posts[i].Observed = a.Date
	}
	if !oldest.IsZero() {
		w.Reached = oldest
	}
	w.Pages++
	if v.Cursor != "" && v.Cursor == w.Token {
		w.Drop()
		return nil
	}
	if len(v.Posts) == 0 {
		v.Cursor = ""
	}
	w.Next(v.Cursor)
	return nil
}

func sortTime(raw []byte) time.Time {
	var v struct {
		Indexed string `json:"indexedAt"`
		Record  struct {
			Created string `json:"createdAt"`
		} `json:"record"`
	}
	if json.Unmarshal(raw, &v) != nil {
		return time.Time{}
	}
	created, err1 := time.Parse(time.RFC3339, v.Record.Created)
	indexed, err2 := time.Parse(time.RFC3339, v.Indexed)
	switch {
	case err1 != nil:
		return indexed
	case err2 != nil || created.Before(indexed):
		return created
	}
	return indexed
}

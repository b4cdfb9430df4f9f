// Package sourcetest runs the same suite over every live source: paging, restarts, interruptions, rate limits, cut bodies,
// repeated pages, wrong clocks, expired credentials, hostile text. Time in it is that of a testing/synctest bubble, so that hours
// of waiting take none.
package sourcetest

import (
	"context"
	"maps"
	"sync"

	"stallwatch/collector"
)

// Sink keeps in memory what a store would keep. It is safe for concurrent use.
type Sink struct {
	// Fail, if set, is asked before each commit, and its error is the commit's.
	Fail func(commits int) error

	mu      sync.Mutex
	states  map[string][]byte
	posts   map[collector.Ref]collector.Post
	arrived map[collector.Ref]int
	gone    map[collector.Ref]bool
	commits int
	Gaps    []collector.Gap
	Notices []string
	Rounds  int
}

// NewSink returns an empty sink.
func NewSink() *Sink {
	return &Sink{states: map[string][]byte{}, posts: map[collector.Ref]collector.Post{}, arrived: map[collector.Ref]int{}, gone: map[collector.Ref]bool{}}
}

// State is what was committed under a key.
func (s *Sink) State(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states[key], nil
}

// States are all with a prefix.
func (s *Sink) States(prefix string) map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]byte{}
	for k, v := range s.states {
		if len(k) >= len(prefix) && k[:len(prefix)] == prefix {
			out[k] = v
		}
	}
	return out
}

// Save commits states alone.
func (s *Sink) Save(state map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.states, state)
	return nil
}

// Begin opens a round.
func (s *Sink) Begin(collector.Info) collector.Round {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Rounds++
	return (*round)(s)
}

// Posts are those that are kept, by platform and id.
func (s *Sink) Posts() map[collector.Ref]collector.Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.posts)
}

// Arrivals is how often posts were delivered, in all.
func (s *Sink) Arrivals() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.arrived {
		n += k
	}
	return n
}

// Commits is how many pages were committed.
func (s *Sink) Commits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commits
}

type round Sink

// Commit takes a page, or nothing of it.
func (r *round) Commit(_ context.Context, p collector.Page, state map[string][]byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Fail != nil {
		if err := r.Fail(r.commits); err != nil {
			return err
		}
	}
	for _, post := range p.Batch.Posts {
		ref := collector.Ref{Platform: post.Platform, ID: post.ID}
		r.arrived[ref]++
		if !r.gone[ref] {
			r.posts[ref] = post
		}
	}
	for _, ref := range p.Batch.Deletes {
		delete(r.posts, ref)
		r.gone[ref] = true
	}
	maps.Copy(r.states, state)
	r.Gaps = append(r.Gaps, p.Gaps...)
	r.Notices = append(r.Notices, p.Notices...)
	r.commits++
	return nil
}

// Finish does nothing.
func (r *round) Finish(error) error { return nil }

package main

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"stallwatch/classify"
	"stallwatch/store"
	"stallwatch/web"
)

// evidenceWords is how many words of a post are marked.
const evidenceWords = 4

// explainer finds the words that carried the verdict on a post.
type explainer func(store.Record) web.Evidence

// explaining asks the classifier, at once: for the careful tier 0.2 to 0.8 s a post, since it reads the post again without each word.
func explaining(c classify.Classifier) explainer {
	return func(r store.Record) (e web.Evidence) {
		if r.Verdict.Model != c.Card().ID {
			return web.Evidence{OtherModel: true}
		}
		s := r.Verdict.Stance
		words := slices.DeleteFunc(c.Explain(r.Post.Text, s, len(r.Post.Text)), func(w classify.Evidence) bool { return w.Gain <= 0 })
		words = words[:min(evidenceWords, len(words))]
		slices.SortFunc(words, func(a, b classify.Evidence) int { return a.Start - b.Start })
		for _, w := range words {
			if last := len(e.Spans) - 1; last >= 0 && strings.TrimSpace(r.Post.Text[e.Spans[last].End:w.Start]) == "" { // one phrase
				e.Spans[last].End = w.End
				continue
			}
			e.Spans = append(e.Spans, web.Span{Start: w.Start, End: w.End})
		}
		return e
	}
}

// seeker finds evidence aside, so that no page waits for the careful tier. A page shows what is known; what is not is found for the next one.
type seeker struct {
	explain explainer
	model   string
	written func() uint64 // the store's generation
	found   atomic.Uint64 // grows when there is more to show
	wake    chan struct{}

	mu     sync.Mutex
	known  map[question]web.Evidence
	sought []store.Record // the latest last, none twice
	shown  time.Time      // when found grew
}

// question is what the evidence of one model depends on.
type question struct {
	text   [sha256.Size]byte
	stance classify.Stance
}

func questionOf(r store.Record) question {
	return question{sha256.Sum256([]byte(r.Post.Text)), r.Verdict.Stance}
}

// seeker remembers the evidence of rememberedEvidence posts and seeks that of the soughtEvidence asked for last. What it finds it shows
// every showEvery, and when nothing more is sought. Where the store was written to within writerBusy, it rests after each post for
// writerShare times as long as the post took: the machine is the writer's and the readers'.
const (
	rememberedEvidence = 4096
	soughtEvidence     = 64
	showEvery          = 2 * time.Second
	writerBusy         = 2 * time.Second
	writerShare        = 3
)

func newSeeker(s *store.Store, c classify.Classifier) *seeker {
	return &seeker{explain: explaining(c), model: c.Card().ID, written: s.Generation, wake: make(chan struct{}, 1), known: map[question]web.Evidence{}}
}

// generation changes when the store does and when there is more to show.
func (k *seeker) generation() uint64 { return k.written() + k.found.Load() }

// evidence is what is known now.
func (k *seeker) evidence(r store.Record) web.Evidence {
	if r.Verdict.Model != k.model {
		return web.Evidence{OtherModel: true}
	}
	q := questionOf(r)
	k.mu.Lock()
	defer k.mu.Unlock()
	if e, ok := k.known[q]; ok {
		return e
	}
	k.forget(q)
	k.sought = append(k.sought, r)
	k.sought = k.sought[max(0, len(k.sought)-soughtEvidence):]
	select {
	case k.wake <- struct{}{}:
	default:
	}
	return web.Evidence{Sought: true}
}

// forget takes a question off those that are sought. k.mu is held.
func (k *seeker) forget(q question) {
	k.sought = slices.DeleteFunc(k.sought, func(r store.Record) bool { return questionOf(r) == q })
}

// run finds what is sought until ctx ends.
func (k *seeker) run(ctx context.Context) error {
	written, changed := k.written(), time.Time{}
	for ctx.Err() == nil {
		r, ok := k.next()
		if !ok {
			select {
			case <-k.wake:
			case <-ctx.Done():
			}
			continue
		}
		begun := time.Now()
		k.learn(questionOf(r), k.explain(r))
		if now := k.written(); now != written {
			written, changed = now, time.Now()
		}
		if time.Since(changed) < writerBusy {
			select {
			case <-time.After(writerShare * time.Since(begun)):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// next is the post asked for last, which stays among those that are sought.
func (k *seeker) next() (r store.Record, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.sought) == 0 {
		return r, false
	}
	return k.sought[len(k.sought)-1], true
}

func (k *seeker) learn(q question, e web.Evidence) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= rememberedEvidence {
		clear(k.known)
	}
	k.known[q] = e
	k.forget(q)
	if len(k.sought) == 0 || time.Since(k.shown) >= showEvery {
		k.shown = time.Now()
		k.found.Add(1)
	}
}

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// TestEvidenceIsTheModels: the words that are marked are those of the model that judged, four at most, none of them against the verdict.
func TestEvidenceIsTheModels(t *testing.T) {
	judge := testJudge(t)
	const text = "Putin keeps talking only to buy time while his army advances, and another ceasefire call changes nothing https://example.org/a"
	r := store.Record{Post: collector.Post{Platform: "x", ID: "1", Text: text}, Verdict: judge.Classify(text, "en")}
	explain := explaining(judge)
	e := explain(r)
	if n := len(e.Spans); n == 0 || n > evidenceWords || e.OtherModel || e.Sought {
		t.Fatalf("evidence is %+v, want 1 to %d spans", e, evidenceWords)
	}
	marked := func(w classify.Evidence) bool {
		return slices.ContainsFunc(e.Spans, func(s web.Span) bool { return s.Start <= w.Start && w.End <= s.End })
	}
	n := 0
	for i, w := range judge.Explain(text, r.Verdict.Stance, len(text)) { // the strongest first, for or against
		if want := w.Gain > 0 && n < evidenceWords; marked(w) != want {
			t.Errorf("%d. word %q with gain %.2f is marked: %v", i+1, w.Text, w.Gain, !want)
		}
		if w.Gain > 0 {
			n++
		}
	}
	for i, s := range e.Spans {
		if i > 0 && strings.TrimSpace(text[e.Spans[i-1].End:s.Start]) == "" {
			t.Errorf("spans %d and %d are one phrase", i-1, i)
		}
	}
	r.Verdict.Model = "another"
	if e := explain(r); !e.OtherModel || len(e.Spans) > 0 {
		t.Errorf("the evidence of a verdict of another model is %+v", e)
	}
}

// sought is a seeker with a slow classifier and how often that was asked.
func sought(asked *[]string, generation *atomic.Uint64) *seeker {
	explain := func(r store.Record) web.Evidence {
		*asked = append(*asked, r.Post.ID)
		return web.Evidence{Spans: []web.Span{{Start: 0, End: len(r.Post.ID)}}}
	}
	return &seeker{explain: explain, model: "m", written: generation.Load, wake: make(chan struct{}, 1), known: map[question]web.Evidence{}}
}

func soughtPost(id, text string) store.Record {
	return store.Record{Post: collector.Post{ID: id, Text: text}, Verdict: classify.Verdict{Model: "m"}}
}

// TestSeeker: what a page asks for is found aside, the latest first, each text once, and the pages' generation grows when it is there.
func TestSeeker(t *testing.T) {
	var asked []string
	var written atomic.Uint64
	k := sought(&asked, &written)
	for _, id := range []string{"1", "2", "1", "3"} {
		if e := k.evidence(soughtPost(id, "text "+id)); !e.Sought {
			t.Fatalf("post %s: %+v at once", id, e)
		}
	}
	if e := k.evidence(soughtPost("again", "text 2")); !e.Sought || len(k.sought) != 3 {
		t.Fatalf("%d posts are sought, want 3", len(k.sought))
	}
	other := soughtPost("4", "text 4")
	other.Verdict.Model = "another"
	if e := k.evidence(other); !e.OtherModel || e.Sought {
		t.Errorf("a verdict of another model: %+v", e)
	}
	before := k.generation()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- k.run(ctx) }()
	for k.generation() == before || len(k.pending()) > 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(asked, " "); got != "again 3 1" {
		t.Errorf("looked for %s, want the latest first and each text once", got)
	}
	if e := k.evidence(soughtPost("7", "text 3")); e.Sought || len(e.Spans) != 1 || e.Spans[0].End != 1 {
		t.Errorf("evidence that was found is %+v", e)
	}
	if now := k.generation(); now == before {
		t.Error("the generation did not grow")
	} else if written.Add(1); k.generation() == now {
		t.Error("the generation does not grow with the store's")
	}
}

// TestSeekerIsBounded: of more posts than it can look for, the latest are.
func TestSeekerIsBounded(t *testing.T) {
	var asked []string
	k := sought(&asked, new(atomic.Uint64))
	for i := range 3 * soughtEvidence {
		k.evidence(soughtPost(fmt.Sprint(i), fmt.Sprint("text ", i)))
	}
	if p := k.pending(); len(p) != soughtEvidence || p[len(p)-1].Post.ID != fmt.Sprint(3*soughtEvidence-1) {
		t.Errorf("%d posts are sought, the last is %s", len(p), p[len(p)-1].Post.ID)
	}
	for i := range rememberedEvidence + 10 {
		k.learn(question{stance: classify.Stance(i % 4), text: [32]byte{byte(i), byte(i >> 8), 1}}, web.Evidence{})
	}
	if len(k.known) > rememberedEvidence {
		t.Errorf("%d are remembered", len(k.known))
	}
}

func (k *seeker) pending() []store.Record {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]store.Record{}, k.sought...)
}

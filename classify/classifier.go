package classify

import (
	"fmt"
	"sync"
)

// Linear judges posts with the linear model of a thesis. It is safe for concurrent use.
type Linear struct {
	thesis    *Thesis
	model     *model
	gate      gate
	extractor extractor
	pool      sync.Pool // *[]occurrence
}

// Load reads the thesis's model.bin. An error that wraps ErrStaleModel says what to run.
func Load(t *Thesis) (*Linear, error) {
	raw, err := t.File("model.bin")
	if err != nil {
		return nil, fmt.Errorf("thesis %s %w", t.ID, errNoModel)
	}
	m, err := readModel(raw)
	if err != nil {
		return nil, fmt.Errorf("thesis %s: model.bin: %w", t.ID, err)
	}
	c := &m.card
	stale := ""
	switch {
	case c.Thesis != t.ID:
		stale = fmt.Sprintf("it was trained for thesis %q", c.Thesis)
	case c.Features != featureVersion:
		stale = fmt.Sprintf("it has features of version %d, this binary %d", c.Features, featureVersion)
	case c.Definition != t.definitionHash():
		stale = "thesis.yaml has another gate or lexicon than it was trained with"
	}
	if stale == "" {
		if corpus, err := t.File("train.jsonl"); err == nil && hashHex(corpus) != c.Corpus {
			stale = "train.jsonl has changed since"
		}
	}
	if stale != "" {
		return nil, fmt.Errorf("thesis %s: %w: %s; run: stallwatch thesis train", t.ID, ErrStaleModel, stale)
	}
	return &Linear{thesis: t, model: m, gate: newGate(t.Gate, t.Language),
		extractor: extractor{mask: uint32(c.Buckets - 1), lexicon: newLexicon(t.Lexicon)},
		pool:      sync.Pool{New: func() any { s := make([]occurrence, 0, 2048); return &s }}}, nil
}

// Card is what the model says of itself.
func (l *Linear) Card() Card { return l.model.card }

// Classify judges one post. lang is what the platform said of its language, or empty.
func (l *Linear) Classify(text, lang string) Verdict {
	v, _ := l.judge(text, lang)
	return v
}

// judge also reports whether the model was asked: that is, the post has words, may be in the thesis's language, and passes the gate.
func (l *Linear) judge(text, lang string) (v Verdict, asked bool) {
	v = Verdict{Model: l.model.card.ID, Tier: TierFast}
	passes, abstain := l.look(text, lang)
	v.Abstain = abstain
	if abstain == AbstainLanguage {
		v.Stance = Unrelated // by the codebooks' rule for what cannot be understood; it is not counted
		return v, false
	}
	if !passes {
		v.P = l.model.card.OffTopic
		v.Stance = top(v.P)
		return v, false
	}
	buf := l.pool.Get().(*[]occurrence)
	occ := l.extractor.extract((*buf)[:0], text)
	v.P = l.model.card.probabilities(l.model.score(occ))
	*buf = occ
	l.pool.Put(buf)
	v.Stance = top(v.P)
	if v.P[v.Stance] < l.model.card.Threshold {
		v.Abstain = AbstainUnsure
	}
	return v, true
}

// look reads a post once for what can be said without the model. The words' languages are counted only for a post that the
// first look leaves in doubt, one in twenty.
func (l *Linear) look(text, lang string) (passes bool, abstain Abstention) {
	if !hasWords(text) {
		return false, AbstainNoText
	}
	home := l.thesis.Language
	if tag := primaryTag(lang); tag != "" {
		if tag != home {
			return false, AbstainLanguage
		}
		return l.gate.pass(text), AbstainNone
	}
	passes, doubtful := l.gate.look(text)
	if doubtful {
		if tag := detect(text, home); tag != "" && tag != home {
			return false, AbstainLanguage
		}
	}
	return passes, AbstainNone
}

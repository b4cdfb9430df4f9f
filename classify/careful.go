package classify

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"

	"stallwatch/classify/encoder"
)

// Classifier judges posts. Implementations are safe for concurrent use.
type Classifier interface {
	// Classify judges one post. lang is what the platform said of its language, or empty.
	Classify(text, lang string) Verdict
	// Explain lists the words that moved the verdict towards or away from a stance, the strongest first, at most n.
	Explain(text string, s Stance, n int) []Evidence
	// Card is what the model says of itself.
	Card() Card
}

// ErrNoCareful is wrapped by errors that say why there is no careful tier.
var ErrNoCareful = errors.New("no careful tier")

// CarefulFile is the head's file in a thesis's folder.
const CarefulFile = "careful.bin"

// Careful is the second tier: posts that the fast tier calls on topic, or is not sure to be unrelated, go through a sentence encoder
// and the thesis's head on it; the verdict mixes what both say. The encoder is unpacked at the first such post. A text that came before
// is not encoded again.
type Careful struct {
	fast    *Linear
	head    *head
	encoder func() (*encoder.Encoder, error)
	memo    memo
}

// LoadCareful reads the thesis's careful.bin, for the encoder in this binary, on top of the fast tier. An error wraps ErrNoCareful when
// there is none, or ErrStaleModel, and then says what to run.
func LoadCareful(l *Linear) (*Careful, error) {
	t := l.thesis
	card, err := encoder.ShippedCard()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoCareful, err)
	}
	raw, err := t.File(CarefulFile)
	if err != nil {
		return nil, fmt.Errorf("%w: thesis %s has no %s; 'stallwatch thesis train' makes one", ErrNoCareful, t.ID, CarefulFile)
	}
	c, err := NewCareful(l, raw, card, encoder.Shipped)
	if err != nil {
		return nil, fmt.Errorf("thesis %s: %s: %w", t.ID, CarefulFile, err)
	}
	return c, nil
}

// TunedHead reports whether the thesis has a head that was tuned together with the encoder of the card given, and its id.
func TunedHead(t *Thesis, card encoder.Card) (id string, ok bool) {
	raw, err := t.File(CarefulFile)
	if err != nil {
		return "", false
	}
	h, err := readHead(raw)
	if err != nil || !h.card.Tuned || h.card.Encoder != card.ID() {
		return "", false
	}
	return h.id, true
}

// LoadBest reads the thesis's classifier: both tiers, or the fast one alone where there is no careful one or fast is set.
func LoadBest(t *Thesis, fast bool) (Classifier, error) {
	l, err := Load(t)
	if err != nil {
		return nil, err
	}
	if fast {
		return l, nil
	}
	c, err := LoadCareful(l)
	if errors.Is(err, ErrNoCareful) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// NewCareful puts a head over the fast tier, after checking that it fits the thesis and the encoder of the card. The encoder is opened, perhaps
// again and again, when a post needs it.
func NewCareful(l *Linear, raw []byte, card encoder.Card, enc func() (*encoder.Encoder, error)) (*Careful, error) {
	h, err := readHead(raw)
	if err != nil {
		return nil, err
	}
	stale := ""
	switch {
	case h.card.Thesis != l.thesis.ID:
		stale = fmt.Sprintf("it was fitted for thesis %q", h.card.Thesis)
	case h.card.Encoder != card.ID() || h.card.Shape[0][1] != card.Hidden:
		stale = fmt.Sprintf("it was fitted on encoder %s; this binary has %s", h.card.Encoder, card.ID())
	case h.card.Corpus != "" && h.card.Corpus != l.model.card.Corpus:
		stale = "train.jsonl has changed since"
	}
	if stale != "" {
		return nil, fmt.Errorf("%w: %s; run: stallwatch thesis train", ErrStaleModel, stale)
	}
	return &Careful{fast: l, head: h, encoder: enc}, nil
}

// Card is the fast tier's card with the head's in it. Its id names both.
func (c *Careful) Card() Card {
	card := c.fast.Card()
	card.ID += "+" + c.head.id
	card.Careful = &c.head.card
	return card
}

// Fast is the tier below.
func (c *Careful) Fast() *Linear { return c.fast }

// Classify judges one post. Every verdict has the id of both models, whichever tier gave it.
func (c *Careful) Classify(text, lang string) Verdict {
	return c.ClassifyUnless(text, lang, func() (v Verdict, known bool) { return v, false })
}

// ClassifyUnless is Classify where a verdict of this model on the same post may be known: it asks before the encoder would be.
func (c *Careful) ClassifyUnless(text, lang string, known func() (Verdict, bool)) Verdict {
	v, passed := c.fast.judge(text, lang)
	v.Model = c.fast.model.card.ID + "+" + c.head.id
	if !passed || !c.asks(v) {
		return v
	}
	key := sha256.Sum256([]byte(text))
	if before, ok := c.memo.get(key); ok {
		return before
	}
	if before, ok := known(); ok {
		return before
	}
	x := c.vectors([]string{text})[0]
	v.P = c.head.card.probabilities(c.head.mix(v.P, x.X))
	v.Tier, v.Cut, v.Stance, v.Abstain = TierCareful, x.Cut, top(v.P), AbstainNone
	if v.P[v.Stance] < c.head.card.Threshold {
		v.Abstain = AbstainUnsure
	}
	c.memo.put(key, v)
	return v
}

// asks reports whether a verdict of the fast model is to be looked at again.
func (c *Careful) asks(v Verdict) bool {
	return v.Stance != Unrelated || v.P[Unrelated] < c.head.card.AskBelow
}

// opened is the encoder. The weights are part of the binary and were checked when it was built: if they cannot be unpacked, the
// binary itself is damaged.
func (c *Careful) opened() *encoder.Encoder {
	e, err := c.encoder()
	if err != nil {
		panic(fmt.Sprintf("the encoder in this binary is damaged: %v", err))
	}
	return e
}

// vectors asks the encoder.
func (c *Careful) vectors(texts []string) []encoder.Vector {
	plain := make([]string, len(texts))
	for i, t := range texts {
		plain[i] = plainText(t)
	}
	return c.opened().Encode(plain)
}

var (
	linkPattern    = regexp.MustCompile(`https?://\S+`)
	straightQuotes = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`)
)

// plainText is the text as the encoder was tuned on it: quotes straight, no links, single spaces. classify/train/tune.py does the same.
func plainText(s string) string {
	return strings.Join(strings.Fields(linkPattern.ReplaceAllString(straightQuotes.Replace(s), " ")), " ")
}

// mix adds up what the two tiers say of a post.
func (c *CarefulCard) mix(fast, enc [NumStances]float64) (z [NumStances]float64) {
	for s := range z {
		z[s] = c.Bias[s] + c.WFast*logOf(fast[s]) + c.WEnc*logOf(enc[s])
	}
	return z
}

// mix adds up what the fast tier's probabilities and the encoder's vector say of a post.
func (h *head) mix(fast [NumStances]float64, x []float32) [NumStances]float64 {
	return h.card.mix(fast, normalised(h.logits(x)))
}

// logOf is the logarithm of a probability; what is all but impossible stays finite.
func logOf(p float64) float64 { return math.Log(math.Max(p, 1e-6)) }

// memo remembers the verdicts on the latest texts: reposts and slogans come again and again. Two generations bound it: the
// older is dropped when the younger is full.
type memo struct {
	mu           sync.Mutex
	young, older map[[sha256.Size]byte]Verdict // guarded by mu
}

// memoSize is how many verdicts a generation holds, about 3 MB.
const memoSize = 1 << 14

func (m *memo) get(key [sha256.Size]byte) (v Verdict, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok = m.young[key]; !ok {
		v, ok = m.older[key]
	}
	return v, ok
}

func (m *memo) put(key [sha256.Size]byte, v Verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.young == nil || len(m.young) >= memoSize {
		m.young, m.older = make(map[[sha256.Size]byte]Verdict), m.young
	}
	m.young[key] = v
}

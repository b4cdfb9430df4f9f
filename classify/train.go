package classify

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// TrainConfig holds what training can be told. What is zero comes from thesis.yaml's training section, and what is not there
// either is chosen: see choose.
type TrainConfig struct {
	L2         [numBlocks]float64 // strength of the L2 penalty of each expert
	Buckets    int                // hash table; 0 is 1<<18
	MinPosts   int                // a feature must stand in so many posts; 0 is 2, or 3 for largeCorpus posts
	Folds      int                // for choosing and for eval.json; 0 is 5
	Iterations int                // of L-BFGS; 0 is 200
	Temper     float64            // the summed logits are divided by it
}

// largeCorpus is from how many posts on a feature of two posts is taken for chance.
const largeCorpus = 3000

func (c TrainConfig) withDefaults(t Training, posts int) TrainConfig {
	if c.L2 == ([numBlocks]float64{}) {
		copy(c.L2[:], t.L2)
	}
	few := 2
	if posts >= largeCorpus {
		few = 3
	}
	c.Buckets = cmp.Or(c.Buckets, 1<<18)
	c.MinPosts = cmp.Or(c.MinPosts, t.MinPosts, few)
	c.Folds = cmp.Or(c.Folds, 5)
	c.Iterations = cmp.Or(c.Iterations, 200)
	c.Temper = cmp.Or(c.Temper, t.Temperature)
	return c
}

// Trained is the outcome of training: the bytes of model.bin and the evaluation on held-out batches.
type Trained struct {
	Model   []byte
	Card    Card
	HeldOut Evaluation
	Tried   []Trial // what the settings were chosen from; empty when all were given

	trainer *trainer              // what FitHead goes on with
	logits  [][NumStances]float64 // held out, by post
}

// Train fits a model on the thesis's train.jsonl. The same bytes in give the same model bytes out on one architecture.
// Validation holds out whole series of batches (posts without a batch are dealt by a hash of their id).
func Train(t *Thesis, cfg TrainConfig) (*Trained, error) {
	posts, err := t.Corpus()
	if err != nil {
		return nil, err
	}
	raw, err := t.File("train.jsonl")
	if err != nil {
		return nil, err
	}
	if len(posts) == 0 {
		return nil, fmt.Errorf("thesis %s: train.jsonl holds no posts", t.ID)
	}
	tr := newTrainer(t, cfg.withDefaults(t.Training, len(posts)), posts)
	chosen, err := tr.choose()
	if err != nil {
		return nil, err
	}
	card := Card{Thesis: t.ID, Features: featureVersion, Corpus: hashHex(raw), Definition: t.definitionHash(), Posts: len(posts),
		Buckets: tr.cfg.Buckets, Temper: chosen.temper, L2: chosen.l2[:], Weights: chosen.weights[:],
		Threshold: t.Training.Abstain}
	card.OffTopic = tr.offTopic()
	m, err := tr.fit(tr.all(), chosen.l2, chosen.weights)
	if err != nil {
		return nil, err
	}
	rows := m.rows(&card)
	card.ID = t.ID + weightsID(packRows(rows), card.Threshold)
	var buf bytes.Buffer
	if err := writeModel(&buf, card, rows); err != nil {
		return nil, err
	}
	return &Trained{Model: buf.Bytes(), Card: card, HeldOut: tr.evaluate(chosen.logits, &card), Tried: chosen.tried,
		trainer: tr, logits: chosen.logits}, nil
}

func hashHex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

type trainer struct {
	cfg       TrainConfig
	thesis    *Thesis
	posts     []Labelled
	extractor extractor
	gate      gate
	features  [][]occurrence // by post
	passes    []bool         // by post: the gate
}

func newTrainer(t *Thesis, cfg TrainConfig, posts []Labelled) *trainer {
	tr := &trainer{cfg: cfg, thesis: t, posts: posts,
		extractor: extractor{mask: uint32(cfg.Buckets - 1), lexicon: newLexicon(t.Lexicon)}, gate: newGate(t.Gate, t.Language)}
	tr.features = make([][]occurrence, len(tr.posts))
	tr.passes = make([]bool, len(tr.posts))
	for i, p := range tr.posts {
		tr.features[i] = tr.extractor.extract(nil, p.Text)
		tr.passes[i] = tr.gate.pass(p.Text)
	}
	return tr
}

func (tr *trainer) all() []int {
	idx := make([]int, len(tr.posts))
	for i := range idx {
		idx[i] = i
	}
	return idx
}

// fold deals whole series of batches to folds: a series is the part of a batch's name before the first hyphen, the work
// of one writer. Holding out single batches would flatter the model, and make it too sure of itself.
func (tr *trainer) fold(p Labelled) int {
	key, _, _ := strings.Cut(p.Batch, "-")
	if key == "" {
		key = p.ID
	}
	h := fnv.New64a()
	h.Write([]byte(key))
	return int(h.Sum64() % uint64(tr.cfg.Folds))
}

// split deals the posts into those a fold learns from and those it holds out.
func (tr *trainer) split(f int) (in, held []int) {
	for i, p := range tr.posts {
		if tr.fold(p) == f {
			held = append(held, i)
		} else {
			in = append(in, i)
		}
	}
	return in, held
}

// offTopic is how posts that fail the gate are labelled, smoothed by one post of each stance and nine unrelated.
func (tr *trainer) offTopic() (p [NumStances]float64) {
	p = [NumStances]float64{0.5, 0.5, 0.5, 9}
	sum := 10.5
	for i, ok := range tr.passes {
		if !ok {
			p[tr.posts[i].Stance]++
			sum++
		}
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}

func (tr *trainer) evaluate(logits [][NumStances]float64, card *Card) Evaluation {
	judged := make([]Judged, len(tr.posts))
	for i, p := range tr.posts {
		v := Verdict{P: card.OffTopic}
		if tr.passes[i] {
			v.P = card.probabilities(logits[i])
		}
		v.Stance = top(v.P)
		judged[i] = Judged{p, v}
	}
	return Evaluate(judged)
}

func top(p [NumStances]float64) Stance {
	best := Agree
	for c := range p {
		if p[c] > p[best] {
			best = Stance(c)
		}
	}
	return best
}

var errNoModel = errors.New("has no model.bin; run: stallwatch thesis train")

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

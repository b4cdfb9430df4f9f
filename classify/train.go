package classify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strings"
)

// TrainConfig holds what training can be told. The zero value is what the built-in theses use.
type TrainConfig struct {
	L2         [numBlocks]float64 // strength of the L2 penalty of each expert; 0 is 1, 1, 3
	Buckets    int                // hash table; 0 is 1<<18
	MinPosts   int                // a feature must stand in so many posts; 0 is 3
	Folds      int                // for eval.json; 0 is 5
	Iterations int                // of L-BFGS; 0 is 200
	Temper     float64            // the summed logits are divided by it; 0 is 2
}

func (c TrainConfig) withDefaults() TrainConfig {
	def := func(p *float64, v float64) {
		if *p == 0 {
			*p = v
		}
	}
	for b, v := range [numBlocks]float64{wordBlock: 1, charBlock: 1, frameBlock: 3} {
		def(&c.L2[b], v)
	}
	if c.Buckets == 0 {
		c.Buckets = 1 << 18
	}
	if c.MinPosts == 0 {
		c.MinPosts = 3
	}
	if c.Folds == 0 {
		c.Folds = 5
	}
	if c.Iterations == 0 {
		c.Iterations = 200
	}
	def(&c.Temper, 2)
	return c
}

// Trained is the outcome of training: the bytes of model.bin and the evaluation on held-out batches.
type Trained struct {
	Model   []byte
	Card    Card
	HeldOut Evaluation

	trainer *trainer              // what FitHead goes on with
	logits  [][NumStances]float64 // held out, by post
}

// Train fits a model on the thesis's train.jsonl. The same bytes in give the same model bytes out on one architecture.
// Validation holds out whole series of batches (posts without a batch are dealt by a hash of their id).
func Train(t *Thesis, cfg TrainConfig) (*Trained, error) {
	cfg = cfg.withDefaults()
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
	tr := &trainer{cfg: cfg, thesis: t, posts: posts,
		extractor: extractor{mask: uint32(cfg.Buckets - 1), lexicon: newLexicon(t.Lexicon)}, gate: newGate(t.Gate, t.Language)}
	tr.extract()
	logits, err := tr.crossValidate()
	if err != nil {
		return nil, err
	}
	card := Card{Thesis: t.ID, Features: featureVersion, Corpus: hashHex(raw), Definition: t.definitionHash(), Posts: len(posts),
		Buckets: cfg.Buckets, Temper: cfg.Temper}
	card.OffTopic = tr.offTopic()
	m, err := tr.fit(tr.all())
	if err != nil {
		return nil, err
	}
	rows := m.rows(&card)
	card.ID = t.ID + weightsID(packRows(rows))
	var buf bytes.Buffer
	if err := writeModel(&buf, card, rows); err != nil {
		return nil, err
	}
	return &Trained{Model: buf.Bytes(), Card: card, HeldOut: tr.evaluate(logits, &card),
		trainer: tr, logits: logits}, nil
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

func (tr *trainer) extract() {
	tr.features = make([][]occurrence, len(tr.posts))
	tr.passes = make([]bool, len(tr.posts))
	for i, p := range tr.posts {
		tr.features[i] = tr.extractor.extract(nil, p.Text)
		tr.passes[i] = tr.gate.pass(p.Text)
	}
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

// crossValidate gives every post the logits of a model that has not seen its batch.
func (tr *trainer) crossValidate() ([][NumStances]float64, error) {
	out := make([][NumStances]float64, len(tr.posts))
	for f := range tr.cfg.Folds {
		var in, held []int
		for i, p := range tr.posts {
			if tr.fold(p) == f {
				held = append(held, i)
			} else {
				in = append(in, i)
			}
		}
		if len(held) == 0 || len(in) == 0 {
			continue
		}
		m, err := tr.fit(in)
		if err != nil {
			return nil, err
		}
		full := m.model(tr.cfg.Buckets)
		for _, i := range held {
			out[i] = full.score(tr.features[i])
		}
	}
	return out, nil
}

// fitted is a softmax over the columns that stand for buckets in use.
type fitted struct {
	softmax
	buckets []uint32 // by column, ascending
	idf     []float64
}

// fit fits one expert for each family of features and adds them up, which multiplies what they give the stances: a product of experts
// (Hinton 2002). Fitted together they share out the quirks of the corpus among themselves and do worse on posts of
// other origin; see doc.go.
func (tr *trainer) fit(idx []int) (*fitted, error) {
	f := &fitted{}
	f.countDocuments(tr, idx)
	f.W = make([][NumStances]float64, len(f.buckets))
	column := make(map[uint32]int32, len(f.buckets))
	for c, b := range f.buckets {
		column[b] = int32(c)
	}
	weights := tr.weights(idx)
	for b := range numBlocks {
		ex := make([]example, 0, len(idx))
		for k, i := range idx {
			e := vectorise(tr.features[i], b, column, f.idf)
			e.stance, e.weight = tr.posts[i].Stance, weights[k]
			ex = append(ex, e)
		}
		expert, err := fitSoftmax(ex, len(f.buckets), tr.cfg.L2[b], tr.cfg.Iterations)
		if err != nil {
			return nil, err
		}
		f.add(expert)
	}
	return f, nil
}

// add adds an expert. Families hardly meet in a bucket: each hashes with a seed of its own.
func (f *fitted) add(expert softmax) {
	for c := range f.W {
		for k := range f.W[c] {
			f.W[c][k] += expert.W[c][k]
		}
	}
	for k := range f.Bias {
		f.Bias[k] += expert.Bias[k]
	}
}

// countDocuments fills buckets and idf: ln((n+1)/(df+1)) + 1, quantised as it will be stored.
func (f *fitted) countDocuments(tr *trainer, idx []int) {
	df := make([]int32, tr.cfg.Buckets)
	seen := make([]int32, tr.cfg.Buckets)
	for k, i := range idx {
		for _, o := range tr.features[i] {
			if seen[o.bucket] != int32(k+1) {
				seen[o.bucket] = int32(k + 1)
				df[o.bucket]++
			}
		}
	}
	for b, n := range df {
		if int(n) >= tr.cfg.MinPosts {
			f.buckets = append(f.buckets, uint32(b))
			idf := math.Log(float64(len(idx)+1)/float64(n+1)) + 1
			f.idf = append(f.idf, math.Round(idf/idfStep)*idfStep)
		}
	}
}

// vectorise makes the vector that model.score scores: idf-weighted counts of one family of features, of unit length.
func vectorise(occ []occurrence, b block, column map[uint32]int32, idf []float64) (e example) {
	counts := map[int32]float64{}
	norm := 0.0
	for _, o := range occ {
		if c, ok := column[o.bucket]; ok && o.block == b {
			counts[c] += idf[c]
			norm += idf[c] * idf[c]
		}
	}
	e.cols = slices.Sorted(maps.Keys(counts))
	for _, c := range e.cols {
		e.vals = append(e.vals, counts[c]/math.Sqrt(norm))
	}
	return e
}

// Smoothing and bound of the weights below.
const (
	weightSmoothing = 8.0 // posts of the prior's mixture added to each batch
	maxWeight       = 5.0 // times the median
)

// weights makes the stances stand in the proportions of the thesis's prior within every batch: a batch is one voice, and
// the habits of a voice that mostly takes one side must not teach the model that side. Posts without a batch are one. In
// our trials this was worth more than any choice of features; see doc.go.
func (tr *trainer) weights(idx []int) []float64 {
	prior := tr.thesis.Prior.vector()
	counts := map[string]*[NumStances]float64{}
	for _, i := range idx {
		p := &tr.posts[i]
		if counts[p.Batch] == nil {
			counts[p.Batch] = &[NumStances]float64{}
		}
		counts[p.Batch][p.Stance]++
	}
	w := make([]float64, len(idx))
	for k, i := range idx {
		n, s := counts[tr.posts[i].Batch], tr.posts[i].Stance
		all := n[Agree] + n[Disagree] + n[Discuss] + n[Unrelated]
		w[k] = prior[s] * (all + weightSmoothing) / (n[s] + weightSmoothing*prior[s])
	}
	sorted := slices.DeleteFunc(slices.Sorted(slices.Values(w)), func(v float64) bool { return v == 0 }) // a prior may rule a stance out
	if len(sorted) == 0 {
		return slices.Repeat([]float64{1}, len(w))
	}
	top, sum := maxWeight*sorted[len(sorted)/2], 0.0
	for k := range w {
		w[k] = min(w[k], top)
		sum += w[k]
	}
	for k := range w {
		w[k] *= float64(len(w)) / sum
	}
	return w
}

// model is the fitted model for scoring within training.
func (f *fitted) model(buckets int) *model {
	m := &model{card: Card{Bias: f.Bias}, weights: make([]row, buckets)}
	for c, b := range f.buckets {
		r := &m.weights[b]
		r.idf = float32(f.idf[c])
		for k := range r.w {
			r.w[k] = float32(f.idf[c] * f.W[c][k])
		}
	}
	return m
}

// rows quantises the weights and notes their scale and the bias in the card.
func (f *fitted) rows(card *Card) []stored {
	top := 0.0
	for _, w := range f.W {
		for _, v := range w {
			top = math.Max(top, math.Abs(v))
		}
	}
	card.Scale = max(top, 1e-9) / math.MaxInt16
	card.Bias = f.Bias
	rows := make([]stored, len(f.buckets))
	for c, b := range f.buckets {
		rows[c] = stored{bucket: b, idf: uint8(min(255, math.Round(f.idf[c]/idfStep)))}
		for k, v := range f.W[c] {
			rows[c].w[k] = int16(math.Round(v / card.Scale))
		}
	}
	return rows
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

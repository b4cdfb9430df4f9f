package classify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"sync"

	"gonum.org/v1/gonum/optimize"

	"stallwatch/classify/encoder"
)

// TrainedHead is the outcome of fitting a head: the bytes of careful.bin and the evaluation of both tiers together on held-out batches.
type TrainedHead struct {
	File    []byte
	ID      string // of the two models together, as verdicts have it
	Card    CarefulCard
	HeldOut Evaluation
}

// headStrengths are the L2 strengths that cross-validation chooses among, on vectors whose elements have variance 1. Heads on a few hundred
// posts want 100 to 300 (TweetEval).
var headStrengths = []float64{30, 100, 300, 1000}

// askBelow is the probability of unrelated from which on the fast tier is believed.
const askBelow = 0.9

// encodeChunk is how many posts are encoded between two reports of progress.
const encodeChunk = 64

// FitHead fits a softmax regression on the encoder's vectors, and the weights with which the two tiers are mixed, to the posts that were
// trained on and that the gate lets pass. Both are chosen by the same folds as the fast tier's evaluation. progress, if not nil, is told
// how many posts are encoded. It stops when ctx ends.
func (t *Trained) FitHead(ctx context.Context, e *encoder.Encoder, progress func(done, total int)) (*TrainedHead, error) {
	tr := t.trainer
	f := &headFit{trainer: tr, rows: map[int][]float32{}}
	for i, ok := range tr.passes {
		if ok {
			f.idx = append(f.idx, i)
		}
	}
	if len(f.idx) == 0 {
		return nil, fmt.Errorf("thesis %s: no training post passes the gate", tr.thesis.ID)
	}
	for done := 0; done < len(f.idx); done += encodeChunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chunk := f.idx[done:min(done+encodeChunk, len(f.idx))]
		texts := make([]string, len(chunk))
		for k, i := range chunk {
			texts[k] = plainText(tr.posts[i].Text)
		}
		for k, v := range e.Encode(texts) {
			f.rows[chunk[k]] = v.X
		}
		if progress != nil {
			progress(done+len(chunk), len(f.idx))
		}
	}
	f.standardise(e.Card().Hidden)
	return f.fit(t, e)
}

// headFit is the state of fitting one head.
type headFit struct {
	*trainer
	idx        []int             // posts that pass the gate
	rows       map[int][]float32 // their vectors
	mean, size []float64         // of every element: what is subtracted, and divided by
}

func (f *headFit) standardise(n int) {
	f.mean, f.size = make([]float64, n), make([]float64, n)
	for _, i := range f.idx {
		for k, v := range f.rows[i] {
			f.mean[k] += float64(v) / float64(len(f.idx))
		}
	}
	for _, i := range f.idx {
		for k, v := range f.rows[i] {
			d := float64(v) - f.mean[k]
			f.size[k] += d * d / float64(len(f.idx))
		}
	}
	for k, v := range f.size {
		f.size[k] = math.Sqrt(v) + 1e-6
	}
}

func (f *headFit) fit(t *Trained, e *encoder.Encoder) (*TrainedHead, error) {
	best, held := 0.0, map[int][NumStances]float64(nil)
	for _, l2 := range headStrengths {
		p, err := f.crossValidate(l2)
		if err != nil {
			return nil, err
		}
		if held != nil && f.loss(p) >= f.loss(held) {
			break // the loss has one valley
		}
		best, held = l2, p
	}
	c := e.Card()
	card := CarefulCard{Thesis: f.thesis.ID, Encoder: c.ID(), Temper: 1, AskBelow: askBelow, Posts: len(f.idx), Corpus: t.Card.Corpus,
		Threshold: t.Card.Threshold,
		Fitted:    fmt.Sprintf("softmax regression on the encoder's vectors, L2 %g by cross-validation", best)}
	fast := map[int][NumStances]float64{}
	for _, i := range f.idx {
		fast[i] = t.Card.probabilities(t.logits[i])
	}
	if err := f.fitMix(&card, fast, held); err != nil {
		return nil, err
	}
	d, err := f.dense(f.idx, best)
	if err != nil {
		return nil, err
	}
	raw, err := writeHead(card, []dense{d})
	if err != nil {
		return nil, err
	}
	h, err := readHead(raw)
	if err != nil {
		return nil, err
	}
	return &TrainedHead{File: raw, ID: t.Card.ID + "+" + h.id, Card: h.card, HeldOut: f.evaluate(t, h, fast, held)}, nil
}

// dense fits the layer to some posts, and takes the standardisation into its weights.
func (f *headFit) dense(idx []int, l2 float64) (d dense, err error) {
	weights := f.weights(idx)
	ex := make([]example, len(idx))
	cols := make([]int32, len(f.mean))
	for k := range cols {
		cols[k] = int32(k)
	}
	for k, i := range idx {
		ex[k] = example{cols: cols, vals: make([]float64, len(cols)), stance: f.posts[i].Stance, weight: weights[k]}
		for j, v := range f.rows[i] {
			ex[k].vals[j] = (float64(v) - f.mean[j]) / f.size[j]
		}
	}
	m, err := fitSoftmax(ex, len(cols), l2, f.cfg.Iterations, nil)
	if err != nil {
		return d, err
	}
	for s := range NumStances {
		row, bias := make([]float32, len(cols)), m.Bias[s]
		for j := range row {
			w := m.W[j][s] / f.size[j]
			row[j] = float32(w)
			bias -= w * f.mean[j]
		}
		d.rows, d.bias = append(d.rows, row), append(d.bias, float32(bias))
	}
	return d, nil
}

// crossValidate gives every post the probabilities of a head that has not seen its series.
func (f *headFit) crossValidate(l2 float64) (map[int][NumStances]float64, error) {
	out := make(map[int][NumStances]float64, len(f.idx))
	var mu sync.Mutex // guards out and errs
	var errs []error
	var wg sync.WaitGroup
	for fold := range f.cfg.Folds {
		wg.Go(func() {
			p, err := f.heldOut(fold, l2)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(out, p)
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// heldOut judges one fold by a head fitted on the others.
func (f *headFit) heldOut(fold int, l2 float64) (map[int][NumStances]float64, error) {
	var in, held []int
	for _, i := range f.idx {
		if f.fold(f.posts[i]) == fold {
			held = append(held, i)
		} else {
			in = append(in, i)
		}
	}
	out := make(map[int][NumStances]float64, len(held))
	if len(held) == 0 || len(in) == 0 { // all posts are one series: nothing is known
		for _, i := range held {
			out[i] = normalised([NumStances]float64{})
		}
		return out, nil
	}
	d, err := f.dense(in, l2)
	if err != nil {
		return nil, err
	}
	h := head{layers: []dense{d}}
	for _, i := range held {
		out[i] = normalised(h.logits(f.rows[i]))
	}
	return out, nil
}

// loss is the weighted cross-entropy of held-out probabilities.
func (f *headFit) loss(p map[int][NumStances]float64) (sum float64) {
	weights := f.weights(f.idx)
	for k, i := range f.idx {
		sum -= weights[k] * logOf(p[i][f.posts[i].Stance])
	}
	return sum
}

// mixPrior is how many posts' worth of belief there is in weights of one half each and no bias.
const mixPrior = 20

// fitMix finds the weights of the two tiers, and a bias for each stance, that make the held-out posts most likely.
func (f *headFit) fitMix(card *CarefulCard, fast, enc map[int][NumStances]float64) error {
	weights := f.weights(f.idx)
	set := func(c *CarefulCard, x []float64) {
		c.WFast, c.WEnc, c.Bias = math.Abs(x[0]), math.Abs(x[1]), [NumStances]float64(x[2:])
	}
	loss := func(x []float64) float64 {
		c := *card
		set(&c, x)
		sum := mixPrior / 2 * ((c.WFast-0.5)*(c.WFast-0.5) + (c.WEnc-0.5)*(c.WEnc-0.5))
		for _, b := range c.Bias {
			sum += mixPrior / 2 * b * b
		}
		for k, i := range f.idx {
			sum -= weights[k] * logOf(normalised(c.mix(fast[i], enc[i]))[f.posts[i].Stance])
		}
		return sum
	}
	start := append([]float64{0.5, 0.5}, make([]float64, NumStances)...)
	result, err := optimize.Minimize(optimize.Problem{Func: loss}, start, &optimize.Settings{FuncEvaluations: 2000}, &optimize.NelderMead{})
	if result == nil {
		return fmt.Errorf("weights of the tiers: %w", err)
	}
	set(card, result.X)
	return nil
}

// evaluate judges every post as the two tiers would that have not seen its series.
func (f *headFit) evaluate(t *Trained, h *head, fast, enc map[int][NumStances]float64) Evaluation {
	judge := Careful{head: h}
	judged := make([]Judged, len(f.posts))
	for i, p := range f.posts {
		v := Verdict{P: t.Card.OffTopic}
		if f.passes[i] {
			v.P = fast[i]
			if v.Stance = top(v.P); judge.asks(v) {
				v.P = h.card.probabilities(h.card.mix(fast[i], enc[i]))
			}
		}
		v.Stance = top(v.P)
		judged[i] = Judged{p, v}
	}
	return Evaluate(judged)
}

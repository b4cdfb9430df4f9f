package classify

import (
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/optimize"
)

// penalties are the L2 strengths that cross-validation chooses among, one for all experts, from strong to weak, so that each fit
// begins close to its end.
var penalties = []float64{3, 1, 0.3, 0.1}

// Trial is one penalty that was tried, and what it scores on held-out posts with the weights of the experts that go with it.
type Trial struct {
	L2      [numBlocks]float64 `json:"l2"`
	Weights [numBlocks]float64 `json:"weights"`
	LogLoss float64            `json:"log_loss"` // mean, in nats
	MacroF1 float64            `json:"macro_f1"`
	FAvg    float64            `json:"f_avg"`
}

// choice is what was given or chosen, and the held-out logits that go with it.
type choice struct {
	l2, weights [numBlocks]float64
	temper      float64
	logits      [][NumStances]float64
	tried       []Trial
}

// heldOut are the logits of each expert for every post, from a model that has not seen the post's series.
type heldOut [][numBlocks][NumStances]float64

// choose settles what neither the configuration nor thesis.yaml gives, on held-out posts. Without given penalties it tries
// some, weighs the experts for each so that the posts are most likely, and takes the one with the highest macro-F1. With them
// the experts weigh the same. The same held-out posts give the figures of eval.json, which are that much flattered.
func (tr *trainer) choose() (*choice, error) {
	given := tr.cfg.L2 != [numBlocks]float64{}
	grid := [][numBlocks]float64{tr.cfg.L2}
	if !given {
		grid = nil
		for _, k := range penalties {
			grid = append(grid, [numBlocks]float64{k, k, k})
		}
	}
	held, err := tr.crossValidate(grid)
	if err != nil {
		return nil, err
	}
	if given {
		c := &choice{l2: grid[0], weights: evenWeights, temper: tr.cfg.Temper}
		if c.temper == 0 {
			c.temper = 2 // the experts overlap: their sum is too sure of itself
		}
		c.logits = held[0].sum(c.weights)
		return c, nil
	}
	var best *choice
	var tried []Trial
	most := math.Inf(-1)
	for g, h := range held {
		c := &choice{l2: grid[g], temper: 1}
		loss := 0.0
		if c.weights, loss, err = tr.weigh(h); err != nil {
			return nil, err
		}
		c.logits = h.sum(c.weights)
		e := tr.evaluate(c.logits, &Card{Temper: 1, OffTopic: tr.offTopic()})
		tried = append(tried, Trial{c.l2, c.weights, loss, e.MacroF1, e.FAvg})
		if e.MacroF1 > most {
			best, most = c, e.MacroF1
		}
	}
	best.tried = tried
	if tr.cfg.Temper != 0 {
		best.temper = tr.cfg.Temper
	}
	return best, nil
}

var evenWeights = [numBlocks]float64{1, 1, 1}

func (h heldOut) sum(weights [numBlocks]float64) [][NumStances]float64 {
	out := make([][NumStances]float64, len(h))
	for i := range h {
		for b, w := range weights {
			for k, z := range h[i][b] {
				out[i][k] += w * z
			}
		}
	}
	return out
}

// weightPrior is how many posts' worth of belief there is in experts that share one vote.
const weightPrior = 10

// weigh finds the weights of a logarithmic opinion pool (Genest and Zidek 1986): those that make the held-out posts most
// likely, none below 0. It is stacking (Wolpert 1992), and calibrates: overlapping experts get a vote together.
func (tr *trainer) weigh(h heldOut) (weights [numBlocks]float64, loss float64, err error) {
	abs := func(x []float64) (w [numBlocks]float64) {
		for b := range w {
			w[b] = math.Abs(x[b])
		}
		return w
	}
	likely := func(w [numBlocks]float64) (sum float64, n int) {
		for i := range h {
			if !tr.passes[i] {
				continue
			}
			var z [NumStances]float64
			for b := range w {
				for k, v := range h[i][b] {
					z[k] += w[b] * v
				}
			}
			sum -= logOf(normalised(z)[tr.posts[i].Stance])
			n++
		}
		return sum, n
	}
	start := make([]float64, numBlocks)
	for b := range start {
		start[b] = 1 / float64(numBlocks)
	}
	result, err := optimize.Minimize(optimize.Problem{Func: func(x []float64) float64 {
		w := abs(x)
		sum, _ := likely(w)
		for b, v := range w {
			sum += weightPrior * (v - start[b]) * (v - start[b])
		}
		return sum
	}}, start, &optimize.Settings{FuncEvaluations: 300}, &optimize.NelderMead{})
	if result == nil {
		return weights, 0, fmt.Errorf("weights of the experts: %w", err)
	}
	weights = abs(result.X)
	sum, n := likely(weights)
	return weights, sum / float64(max(n, 1)), nil
}

// crossValidate gives the held-out logits for each set of penalties.
func (tr *trainer) crossValidate(l2 [][numBlocks]float64) ([]heldOut, error) {
	out := make([]heldOut, len(l2))
	for s := range out {
		out[s] = make(heldOut, len(tr.posts))
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for f := range tr.cfg.Folds {
		g.Go(func() error {
			in, held := tr.split(f)
			if len(held) == 0 || len(in) == 0 {
				return nil
			}
			p := tr.prepare(in)
			for s := range l2 {
				if err := p.fit(l2[s], tr.cfg.Iterations); err != nil {
					return err
				}
				for b := range numBlocks {
					p.score(b, tr, held, out[s])
				}
			}
			return nil
		})
	}
	return out, g.Wait()
}

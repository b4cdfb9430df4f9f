package classify

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/optimize"
)

// example is one training text as a sparse vector over columns.
type example struct {
	cols   []int32
	vals   []float64
	stance Stance
	weight float64
}

// softmax is a linear model: score of class c is Bias[c] + Σ W[col][c]·value.
type softmax struct {
	W    [][NumStances]float64
	Bias [NumStances]float64
}

// shards is in how many parts loss and gradient are summed. It does not follow the number of processors, so that the same
// input gives the same model bytes on any machine of one architecture.
const shards = 8

// fitSoftmax minimises Σ weight·cross-entropy + l2/2·‖W‖² by L-BFGS, from start on, or from zero without one. The
// minimum is one and the same wherever it starts.
func fitSoftmax(ex []example, cols int, l2 float64, iterations int, start *softmax) (softmax, error) {
	p := problem{ex: ex, cols: cols, l2: l2, columns: transpose(ex, cols)}
	x := make([]float64, cols*NumStances+NumStances)
	if start != nil {
		start.pack(x)
	}
	settings := &optimize.Settings{MajorIterations: iterations, GradientThreshold: 1e-4,
		Converger: &optimize.FunctionConverge{Relative: 1e-6, Iterations: 5}}
	result, err := optimize.Minimize(optimize.Problem{Func: p.loss, Grad: p.gradient}, x, settings, &optimize.LBFGS{Store: 8})
	if result == nil {
		return softmax{}, fmt.Errorf("fit: %w", err)
	}
	m := softmax{W: make([][NumStances]float64, cols)}
	for c := range m.W {
		copy(m.W[c][:], result.X[c*NumStances:])
	}
	copy(m.Bias[:], result.X[cols*NumStances:])
	return m, nil
}

// pack writes the weights and, behind them, the bias as one vector.
func (m *softmax) pack(x []float64) {
	for c := range m.W {
		copy(x[c*NumStances:], m.W[c][:])
	}
	copy(x[len(m.W)*NumStances:], m.Bias[:])
}

// score gives the logits of an example.
func (m *softmax) score(e *example) [NumStances]float64 {
	z := m.Bias
	for k, c := range e.cols {
		for j, w := range m.W[c] {
			z[j] += w * e.vals[k]
		}
	}
	return z
}

type problem struct {
	ex      []example
	cols    int
	l2      float64
	columns columns

	at        []float64 // point of the last evaluation
	f         float64
	grad      []float64
	residuals [][NumStances]float64 // weight·(p − y) by example
}

// columns are the examples turned about: for each column where it stands and with what value, in order of the examples.
// With them each goroutine sums the gradient of columns of its own, always in the same order.
type columns struct {
	first []int32 // by column, and the end
	rows  []int32
	vals  []float64
}

func transpose(ex []example, cols int) columns {
	c := columns{first: make([]int32, cols+1)}
	for i := range ex {
		for _, col := range ex[i].cols {
			c.first[col+1]++
		}
	}
	for k := range cols {
		c.first[k+1] += c.first[k]
	}
	next := slices.Clone(c.first)
	c.rows, c.vals = make([]int32, c.first[cols]), make([]float64, c.first[cols])
	for i := range ex {
		for k, col := range ex[i].cols {
			c.rows[next[col]], c.vals[next[col]] = int32(i), ex[i].vals[k]
			next[col]++
		}
	}
	return c
}

func (p *problem) loss(x []float64) float64 {
	p.evaluate(x)
	return p.f
}

func (p *problem) gradient(grad, x []float64) {
	p.evaluate(x)
	copy(grad, p.grad)
}

// evaluate computes loss and gradient together, once a point.
func (p *problem) evaluate(x []float64) {
	if p.at != nil && equal(p.at, x) {
		return
	}
	p.at = append(p.at[:0], x...)
	if p.grad == nil {
		p.grad, p.residuals = make([]float64, len(x)), make([][NumStances]float64, len(p.ex))
	}
	losses := make([]float64, shards)
	inShards(func(s int) {
		for i := s; i < len(p.ex); i += shards {
			losses[s] += p.residual(x, i, &p.residuals[i])
		}
	})
	p.f = 0
	for _, l := range losses {
		p.f += l
	}
	inShards(func(s int) { p.sumColumns(x, s*p.cols/shards, (s+1)*p.cols/shards) })
	bias := p.cols * NumStances
	for _, v := range x[:bias] {
		p.f += p.l2 / 2 * v * v
	}
	clear(p.grad[bias:])
	for i := range p.residuals {
		for j, r := range p.residuals[i] {
			p.grad[bias+j] += r
		}
	}
}

// sumColumns sums the gradient of the columns from lo to hi.
func (p *problem) sumColumns(x []float64, lo, hi int) {
	for c := lo; c < hi; c++ {
		var g [NumStances]float64
		for j := range g {
			g[j] = p.l2 * x[c*NumStances+j]
		}
		for k := p.columns.first[c]; k < p.columns.first[c+1]; k++ {
			r, v := &p.residuals[p.columns.rows[k]], p.columns.vals[k]
			for j := range g {
				g[j] += r[j] * v
			}
		}
		copy(p.grad[c*NumStances:], g[:])
	}
}

func inShards(do func(shard int)) {
	var wg sync.WaitGroup
	for s := range shards {
		wg.Go(func() { do(s) })
	}
	wg.Wait()
}

func (p *problem) residual(x []float64, i int, r *[NumStances]float64) float64 {
	e := &p.ex[i]
	var z [NumStances]float64
	copy(z[:], x[p.cols*NumStances:])
	for k, c := range e.cols {
		w := x[int(c)*NumStances : int(c)*NumStances+NumStances]
		for j := range z {
			z[j] += w[j] * e.vals[k]
		}
	}
	q := normalised(z)
	loss := -e.weight * math.Log(math.Max(q[e.stance], 1e-12))
	for j := range q {
		r[j] = e.weight * q[j]
	}
	r[e.stance] -= e.weight
	return loss
}

func equal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// normalised is the softmax of z.
func normalised(z [NumStances]float64) (p [NumStances]float64) {
	top := max(z[0], z[1], z[2], z[3])
	sum := 0.0
	for i := range z {
		p[i] = math.Exp(z[i] - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

package classify

import (
	"fmt"
	"math"
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

// shards is in how many parts the gradient is summed. It does not follow the number of processors, so that the same
// input gives the same model bytes on any machine of one architecture.
const shards = 8

// fitSoftmax minimises Σ weight·cross-entropy + l2/2·‖W‖² by L-BFGS.
func fitSoftmax(ex []example, cols int, l2 float64, iterations int) (softmax, error) {
	p := problem{ex: ex, cols: cols, l2: l2}
	x := make([]float64, cols*NumStances+NumStances)
	settings := &optimize.Settings{MajorIterations: iterations, GradientThreshold: 1e-4,
		Converger: &optimize.FunctionConverge{Relative: 1e-7, Iterations: 5}}
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

type problem struct {
	ex   []example
	cols int
	l2   float64

	at   []float64 // point of the last evaluation
	f    float64
	grad []float64
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
	var wg sync.WaitGroup
	losses := make([]float64, shards)
	// residuals[i] = weight·(p − y): the gradient is then summed column by column in a fixed order.
	residuals := make([][NumStances]float64, len(p.ex))
	for s := range shards {
		wg.Go(func() {
			for i := s; i < len(p.ex); i += shards {
				losses[s] += p.residual(x, i, &residuals[i])
			}
		})
	}
	wg.Wait()
	p.f = 0
	for _, l := range losses {
		p.f += l
	}
	if p.grad == nil {
		p.grad = make([]float64, len(x))
	}
	bias := p.cols * NumStances
	for i, v := range x[:bias] {
		p.grad[i] = p.l2 * v
		p.f += p.l2 / 2 * v * v
	}
	clear(p.grad[bias:])
	for i := range p.ex {
		e, r := &p.ex[i], &residuals[i]
		for k, c := range e.cols {
			g := p.grad[int(c)*NumStances : int(c)*NumStances+NumStances]
			for j := range r {
				g[j] += r[j] * e.vals[k]
			}
		}
		for j := range r {
			p.grad[bias+j] += r[j]
		}
	}
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
	top := math.Max(math.Max(z[0], z[1]), math.Max(z[2], z[3]))
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

package encoder

import (
	"math"
	"slices"
)

// scratch is the working memory of one forward pass. The texts of a batch lie one after another, without padding: only
// attention needs to know where one ends.
type scratch struct {
	ids  []int32
	ends []int // where each text's tokens end
	x    []float32
	y    []float32
	qkv  []float32
	wide []float32
	in   inputs
	head head
}

// forward runs the batch in s through the layers and fills in the vectors.
func (e *Encoder) forward(s *scratch, out []Vector) {
	h, f, n := e.card.Hidden, e.card.Inner, len(s.ids)
	// Attention reads whole tiles from any row on.
	rows := padRows(n) + tileRows
	s.x, s.y = sized(s.x, rows*h), sized(s.y, rows*h)
	s.qkv, s.wide = sized(s.qkv, rows*3*h), sized(s.wide, rows*f)
	e.embedding(s)
	for i := range e.layers {
		l := &e.layers[i]
		s.linear(s.qkv, s.x, n, &l.qkv)
		e.attention(s, s.y)
		s.linear(s.wide, s.y, n, &l.out)
		l.attended.addTo(s.x, s.wide, n)
		s.linear(s.wide, s.x, n, &l.up)
		gelu(s.wide[:n*f])
		s.linear(s.y, s.wide, n, &l.down)
		l.done.addTo(s.x, s.y, n)
	}
	start := 0
	for i, end := range s.ends {
		out[i].X = e.pooled(s.x[start*h : end*h])
		start = end
	}
}

// linear sets y to what the layer m makes of n rows of x.
func (s *scratch) linear(y, x []float32, n int, m *matrix) {
	s.in.set(x, n, m)
	s.in.multiply(y, m.n, m)
}

// sized gives a slice of n values, which may be left over from before.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func (e *Encoder) embedding(s *scratch) {
	h, start := e.card.Hidden, 0
	for _, end := range s.ends {
		for i := start; i < end; i++ {
			x := s.x[i*h : (i+1)*h]
			clear(x)
			e.words.addRow(x, int(s.ids[i]))
			e.places.addRow(x, i-start)
			e.embed.apply(x)
		}
		start = end
	}
	clear(s.x[len(s.ids)*h:])
}

// pooled makes one vector of the rows of a text.
func (e *Encoder) pooled(rows []float32) []float32 {
	h := e.card.Hidden
	v := slices.Clone(rows[:h])
	if e.card.Pooling == "mean" {
		for r := h; r < len(rows); r += h {
			for j := range v {
				v[j] += rows[r+j]
			}
		}
		scale(v, float32(h)/float32(len(rows)))
	}
	if e.card.Normalise {
		var sum float64
		for _, a := range v {
			sum += float64(a) * float64(a)
		}
		scale(v, float32(1/math.Max(math.Sqrt(sum), 1e-12)))
	}
	return v
}

func scale(v []float32, by float32) {
	for i := range v {
		v[i] *= by
	}
}

// head is the working memory of one attention head over one text.
type head struct {
	keys, values  packed
	weights, sums []float32
	zero          []float32
}

// attention sets ctx to softmax(Q·Kᵀ/√d + B)·V of every head and text of the batch (Vaswani et al. 2017, equation 1), where B depends on
// the distance between two tokens alone (nearness).
func (e *Encoder) attention(s *scratch, ctx []float32) {
	start := 0
	for _, end := range s.ends {
		for k := range e.card.Heads {
			e.attend(s, ctx, start, end-start, k)
		}
		start = end
	}
}

func (e *Encoder) attend(s *scratch, ctx []float32, start, n, k int) {
	h := e.card.Hidden
	d, ld := h/e.card.Heads, 3*h
	t := &s.head
	wide := panels(n) * panel
	t.zero = sized(t.zero, max(wide, d)) // never written
	t.weights, t.sums = sized(t.weights, padRows(n)*wide), sized(t.sums, padRows(n)*d)
	qkv := s.qkv[start*ld+k*d:]
	t.packKeys(qkv[h:], ld, n, d)
	t.packValues(qkv[2*h:], ld, n, d)
	multiply(t.weights, wide, qkv, ld, n, &t.keys, t.zero)
	by := float32(1 / math.Sqrt(float64(d)))
	bias := e.nearby[k]
	for i := range n {
		row := t.weights[i*wide : (i+1)*wide]
		for j, b := range bias[e.card.MaxTokens-1-i:][:n] {
			row[j] += b
		}
		softmax(row, n, by)
	}
	multiply(t.sums, d, t.weights, wide, n, &t.values, t.zero)
	for i := range n {
		copy(ctx[(start+i)*h+k*d:], t.sums[i*d:(i+1)*d])
	}
}

// packKeys makes Kᵀ, a column for each token; columns past the last are zero.
func (t *head) packKeys(keys []float32, ld, n, d int) {
	t.keys = packed{d, n, sized(t.keys.data, panels(n)*panel*d)}
	for j := range panels(n) * panel {
		dst := t.keys.data[j/panel*panel*d+j%panel:]
		if j >= n {
			for i := range d {
				dst[i*panel] = 0
			}
			continue
		}
		for i, v := range keys[j*ld : j*ld+d] {
			dst[i*panel] = v
		}
	}
}

// packValues makes V, a row for each token.
func (t *head) packValues(values []float32, ld, n, d int) {
	t.values = packed{n, d, sized(t.values.data, n*d)}
	for j := 0; j < d; j += panel {
		dst := t.values.data[j*n:]
		for i := range n {
			copy(dst[i*panel:(i+1)*panel], values[i*ld+j:])
		}
	}
}

package encoder

import "math"

// matrix holds the weights of a linear layer as they are stored: int8, one scale an output. A product with it is one of whole numbers: the
// inputs of a row are rounded to whole steps, ±maxSteps at most, so that every sum is exact and the same in every kernel and order. What
// is lost is the rounding of the inputs, about 1e-4 of a row's largest.
type matrix struct {
	k, n  int       // inputs and outputs
	steps float32   // an input is rounded to -steps … steps: no sum leaves an int32
	data  []int8    // panel after panel of 16 outputs; within one, group inputs of output 0, of output 1, …, then the next inputs
	scale []float32 // of an output
	bias  []float32
}

// maxSteps is the finest rounding that the kernel for arm64 can split into two int8.
const maxSteps = 127 * 256

func newMatrix(k, n int) matrix {
	return matrix{k: k, n: n, steps: maxSteps, data: make([]int8, k*n), scale: make([]float32, n), bias: make([]float32, n)}
}

// setOutput sets the weights of output j.
func (m *matrix) setOutput(j int, weights []byte) {
	dst := m.data[j/panel*panel*m.k+j%panel*group:]
	sum := 0
	for i, w := range weights {
		dst[i/group*group*panel+i%group] = int8(w)
		sum += max(int(int8(w)), -int(int8(w)))
	}
	m.steps = min(m.steps, float32(math.MaxInt32/max(sum, 1)))
}

// inputs are the rows that go into a linear layer, rounded. One is used by one product at a time.
type inputs struct {
	k, rows int
	q       []int16 // row after row
	scale   []float32
	words   [][8]int64 // working memory of panelPortable
	//lint:ignore U1000 arm64's kernels take it
	split []int8 // the two bytes of every input
}

// set takes rows rows of k values each.
func (in *inputs) set(x []float32, rows int, m *matrix) {
	k, padded := m.k, padRows(rows)
	in.k, in.rows, in.q, in.scale = k, rows, sized(in.q, padded*k), sized(in.scale, padded)
	for r := range rows {
		in.scale[r] = roundRow(in.q[r*k:(r+1)*k], x[r*k:(r+1)*k], m.steps)
	}
	clear(in.q[rows*k:])
	clear(in.scale[rows:])
	in.arrange()
}

// multiply sets c, whose rows are ldc apart, to the layer's outputs. It writes whole tiles: padRows(rows) rows.
func (in *inputs) multiply(c []float32, ldc int, m *matrix) {
	rows := padRows(in.rows)
	for top := 0; top < rows; top += rowBlock {
		end := min(top+rowBlock, rows)
		for j := 0; j < m.n; j += panel {
			in.panel(c[j:], ldc, top, end, m, j)
		}
	}
}

// roundRowPortable rounds a row to whole steps and returns what a step is worth.
func roundRowPortable(q []int16, x []float32, steps float32) float32 {
	var most float32
	for _, v := range x {
		most = max(most, v, -v)
	}
	if !(most > smallest) {
		clear(q)
		return 0
	}
	by := steps / most
	q = q[:len(x)]
	for i, v := range x {
		q[i] = int16(math.Float32bits(float32(v*by)+roundBias) - roundBits)
	}
	return most / steps
}

const (
	// roundBias is 1.5·2^23: added to a small number it leaves the number, rounded to even, in the lowest bits.
	roundBias = 3 << 22
	roundBits = 0x4B400000 // float32 bits of roundBias
	smallest  = 1e-30      // a row of smaller values is zero
)

// panelPortable is the product of rows top to end with one panel in Go. A word holds the weights of two outputs, so that one
// multiplication of words makes two products: the sums are w·2³² + v, with |v| < 2³¹.
func (in *inputs) panelPortable(c []float32, ldc, top, end int, m *matrix, j int) {
	k := in.k
	w := m.data[j*k : (j+panel)*k]
	in.words = sized(in.words, k/4)
	pairs := in.words
	for col := 0; col < panel; col += 4 {
		for i := 0; i < k; i += group {
			at := (*[4 * group]int8)(w[i*panel+col*group:])
			for d := range group {
				pair := (*[2]int64)(pairs[(i+d)/4][(i+d)%4*2:])
				pair[0] = int64(at[group+d])<<32 + int64(at[d])
				pair[1] = int64(at[3*group+d])<<32 + int64(at[2*group+d])
			}
		}
		for r := top; r < min(end, in.rows); r++ {
			s, t := sums(in.q[r*k:(r+1)*k], pairs)
			in.store(c[r*ldc+col:], r, m, j+col, s, t)
		}
	}
}

// sums multiplies a row with two words for each input.
func sums(a []int16, words [][8]int64) (s, t int64) {
	for i := range words {
		x, w := (*[4]int16)(a[4*i:]), &words[i]
		s += int64(x[0])*w[0] + int64(x[1])*w[2] + int64(x[2])*w[4] + int64(x[3])*w[6]
		t += int64(x[0])*w[1] + int64(x[1])*w[3] + int64(x[2])*w[5] + int64(x[3])*w[7]
	}
	return s, t
}

// store writes four outputs of row r, from output j on.
func (in *inputs) store(c []float32, r int, m *matrix, j int, sums ...int64) {
	for i, s := range sums {
		low := int32(s)
		for d, v := range [2]int32{low, int32((s - int64(low)) >> 32)} {
			o := 2*i + d
			c[o] = float32(float32(float32(v)*in.scale[r])*m.scale[j+o]) + m.bias[j+o]
		}
	}
}

package encoder

import (
	"math"

	"golang.org/x/sys/cpu"
)

// accelerated reports whether the processor has what the kernels in assembly need. Only tests change it.
var accelerated = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// hasDot reports whether VPDPWSSD multiplies and adds up in one. Only tests change it.
var hasDot = cpu.X86.HasAVX512VNNI && cpu.X86.HasAVX512VL

// group is how many inputs of one output stand together in a panel: VPMADDWD adds up two products.
const group = 2

// tileAVX2 is the micro-kernel: twelve vectors of eight sums. The lengths of the slices are the caller's to hold.
//
//go:noescape
func tileAVX2(k int, a *float32, lda int, b, bias, c *float32, ldc int)

// linearAVX2 is the micro-kernel of a linear layer: twelve vectors of eight sums of whole numbers, for pairs pairs of inputs. a has
// rows (3 or 6) rows of 2·pairs inputs, rowScale what their steps are worth.
//
//go:noescape
func linearAVX2(rows, pairs int, a *int16, rowScale *float32, b *int8, scale, bias, c *float32, ldc int)

// roundRowAVX2 is roundRowPortable for a multiple of 16 values.
//
//go:noescape
func roundRowAVX2(n int, q *int16, x *float32, steps float32) float32

func tile(k int, a []float32, lda int, b, bias, c []float32, ldc int) {
	if !accelerated {
		tilePortable(k, a, lda, b, bias, c, ldc)
		return
	}
	tileAVX2(k, &a[0], lda, &b[0], &bias[0], &c[0], ldc)
}

func roundRow(q []int16, x []float32, steps float32) float32 {
	if !accelerated {
		return roundRowPortable(q, x, steps)
	}
	return roundRowAVX2(len(x), &q[0], &x[0], steps)
}

// softmaxAVX2 is softmaxPortable for a multiple of 8 values.
//
//go:noescape
func softmaxAVX2(n int, x *float32, by float32)

func softmax(x []float32, n int, by float32) {
	if !accelerated {
		softmaxPortable(x[:n], by)
		return
	}
	whole := (n + 7) &^ 7
	for i := n; i < whole; i++ {
		x[i] = -math.MaxFloat32
	}
	softmaxAVX2(whole, &x[0], by)
}

// geluAVX2 is geluPortable for a multiple of 8 values.
//
//go:noescape
func geluAVX2(n int, x *float32)

func gelu(x []float32) {
	if !accelerated || len(x)%8 != 0 {
		geluPortable(x)
		return
	}
	geluAVX2(len(x), &x[0])
}

// normAVX2 sets x to norm(x + y) for a multiple of 8 values.
//
//go:noescape
func normAVX2(n int, x, y, gain, bias *float32, epsilon float32)

func (l *layerNorm) addRow(x, y []float32) {
	if !accelerated {
		l.addRowPortable(x, y)
		return
	}
	normAVX2(len(x), &x[0], &y[0], &l.gain[0], &l.bias[0], l.epsilon)
}

func (in *inputs) arrange() {}

func (in *inputs) panel(c []float32, ldc, top, end int, m *matrix, j int) {
	if !accelerated {
		in.panelPortable(c, ldc, top, end, m, j)
		return
	}
	k := in.k
	b, scale, bias := m.data[j*k:(j+panel)*k], m.scale[j:j+panel], m.bias[j:j+panel]
	for r := top; r < end; r += tileRows {
		rows := tileRows
		if in.rows-r <= tileRows/2 {
			rows = tileRows / 2
		}
		a := in.q[r*k : (r+rows)*k]
		out := c[r*ldc : (r+rows-1)*ldc+panel]
		linearAVX2(rows, k/group, &a[0], &in.scale[r], &b[0], &scale[0], &bias[0], &out[0], ldc)
	}
}

package encoder

import "golang.org/x/sys/cpu"

// accelerated reports whether the processor has the dot products of ARMv8.2, as Apple's and all servers' since 2019 have. Only tests change it.
var accelerated = cpu.ARM64.HasASIMDDP

// group is how many inputs of one output stand together in a panel: SDOT adds up four products.
const group = 4

// tileNEON is the micro-kernel: 24 vectors of four sums. The lengths of the slices are the caller's to hold.
//
//go:noescape
func tileNEON(k int, a *float32, lda int, b, bias, c *float32, ldc int)

// linearNEON is the micro-kernel of a linear layer: 24 vectors of four sums of whole numbers. a has six rows, each of the upper bytes of k
// inputs and then the lower ones; rowScale says what their steps are worth. k is a multiple of 16.
//
//go:noescape
func linearNEON(k int, a *int8, rowScale *float32, b *int8, scale, bias, c *float32, ldc int)

func tile(k int, a []float32, lda int, b, bias, c []float32, ldc int) {
	if !accelerated {
		tilePortable(k, a, lda, b, bias, c, ldc)
		return
	}
	tileNEON(k, &a[0], lda, &b[0], &bias[0], &c[0], ldc)
}

// arrange splits the inputs of every row into two signed bytes each: input = 256·upper + lower.
func (in *inputs) arrange() {
	k := in.k
	in.split = sized(in.split, 2*len(in.q))
	for r := 0; r < len(in.q); r += k {
		upper, lower := in.split[2*r:2*r+k], in.split[2*r+k:2*r+2*k]
		for i, q := range in.q[r : r+k] {
			lower[i] = int8(q)
			upper[i] = int8((q - int16(int8(q))) >> 8)
		}
	}
}

func (in *inputs) panel(c []float32, ldc, top, end int, m *matrix, j int) {
	if !accelerated {
		in.panelPortable(c, ldc, top, end, m, j)
		return
	}
	k := in.k
	b, scale, bias := m.data[j*k:(j+panel)*k], m.scale[j:j+panel], m.bias[j:j+panel]
	for r := top; r < end; r += tileRows {
		a := in.split[2*r*k : 2*(r+tileRows)*k]
		out := c[r*ldc : (r+tileRows-1)*ldc+panel]
		linearNEON(k, &a[0], &in.scale[r], &b[0], &scale[0], &bias[0], &out[0], ldc)
	}
}

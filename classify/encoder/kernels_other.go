//go:build !amd64 && !arm64

package encoder

// accelerated is false where there is no kernel in assembly.
var accelerated = false

const group = 1

func tile(k int, a []float32, lda int, b, bias, c []float32, ldc int) {
	tilePortable(k, a, lda, b, bias, c, ldc)
}

func (in *inputs) arrange() {}

func (in *inputs) panel(c []float32, ldc, top, end int, m *matrix, j int) {
	in.panelPortable(c, ldc, top, end, m, j)
}

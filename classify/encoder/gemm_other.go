//go:build !amd64

package encoder

// accelerated is false where there is no kernel in assembly.
var accelerated = false

func tile(k int, a []float32, lda int, b, bias, c []float32, ldc int) {
	tilePortable(k, a, lda, b, bias, c, ldc)
}

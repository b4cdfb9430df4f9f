package encoder

import "golang.org/x/sys/cpu"

// accelerated reports whether the processor has what tileAVX2 needs. Only tests change it.
var accelerated = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// tileAVX2 is the micro-kernel: twelve vectors of eight sums. The lengths of the slices are the caller's to hold.
//
//go:noescape
func tileAVX2(k int, a *float32, lda int, b, bias, c *float32, ldc int)

func tile(k int, a []float32, lda int, b, bias, c []float32, ldc int) {
	if !accelerated {
		tilePortable(k, a, lda, b, bias, c, ldc)
		return
	}
	tileAVX2(k, &a[0], lda, &b[0], &bias[0], &c[0], ldc)
}

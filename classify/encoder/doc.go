// Package encoder turns short texts into vectors with a small BERT (Devlin et al. 2019), in Go alone: a WordPiece tokeniser, the encoder
// layers and pooling. It knows nothing of stances; package classify puts a head on its vectors.
//
// The weights are a file of our own format (format.go), written by classify/train/export.py from a torch checkpoint and
// embedded in the binary ([Shipped]); weights.md says whose they are. Matrices are stored as int8 with one scale a row. At loading the
// layers' matrices become float32, packed for the kernel; the embeddings, half of all weights, stay int8.
//
// Almost all time goes into one matrix product (gemm.go). Its inner tile is written in assembly for AVX2 (gemm_amd64.s) and
// in Go for every other processor; the two agree to 1e-4 in the vectors. One core, 48×384 by 384×1536, float32, all measured in one
// run on a busy machine, so that only the ratios count: this tile 27 GFLOP/s, viterin/vek v0.4.3's dot product 10 and its matrix
// product 9, gonum v0.17 2.5, the Go tile 1.6. That is why the kernel is ours: nothing kept for Go without cgo and without
// experiments in the toolchain comes near, and a kernel is 70 lines.
//
// A text of more than [Card].MaxTokens tokens is cut at the end of a sentence and [Vector].Cut says so. Every part is linear in the
// text, apart from attention, which is quadratic in the tokens that are left. Hostile text gives a vector like any other.
package encoder

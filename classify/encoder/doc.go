// Package encoder turns short texts into vectors with a small BERT (Devlin et al. 2019), in Go alone: a WordPiece tokeniser, the encoder
// layers and pooling. It knows nothing of stances; package classify puts a head on its vectors.
//
// The weights are a file of our own format (format.go), written by classify/train/export.py from a torch checkpoint and
// embedded in the binary ([Shipped]); weights.md says whose they are. Matrices are stored as int8 with one scale a row, and stay so in memory.
//
// Almost all time goes into the linear layers (linear.go). Their inputs are rounded, row by row, to whole numbers of 16 bits; then
// every product is one of whole numbers, exact, and the same to the last bit on every processor. Rounding moves a value of the vector by up to 8e-5
// of the vectors' mean length (679 posts; cosine at least 0.9999999). The inner tile is written in assembly for AVX2 (VPMADDWD, which
// multiplies twice as many 16-bit numbers at a time as there are float32) and for arm64 with dot products (SDOT: Apple's
// processors, servers since 2019), and in Go for every other. Softmax, GELU, normalisation and rounding have AVX2 versions too. Between kernels
// a value of the vector differs by up to 1e-4 of its length, since last digits decide roundings.
//
// One core of an EPYC 7003 at 2.45 GHz, quiet, 45 tokens, 478 million products: 9.5–10.5 ms with AVX2, of which 80 % in the linear layers
// (55·10⁹ products a second; 59·10⁹ if the three pipes that add whole numbers were always full), about 190 ms in Go.
// Before, with float32: 20 ms, at the processor's limit for float32 (39·10⁹). Libraries for float32 products, measured on a busy machine beside
// that kernel's 27 GFLOP/s: viterin/vek v0.4.3's dot product 10, its matrix product 9, gonum v0.17 2.5. hugot v0.6.1
// runs the same network from ONNX without cgo (gomlx's Go backend): about 650 ms for such a text on one core, quiet. That is why the kernels are ours.
//
// A text of more than [Card].MaxTokens tokens is cut at the end of a sentence and [Vector].Cut says so. Every part is linear in the
// text, apart from attention, which is quadratic in the tokens that are left. Hostile text gives a vector like any other.
package encoder

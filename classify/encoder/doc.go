// Package encoder turns short texts into vectors with a small MPNet (Song et al. 2020: BERT whose attention also knows how far apart two tokens
// are), in Go alone: a WordPiece tokeniser, the encoder layers and pooling. It knows nothing of stances; package classify puts a head on its vectors.
//
// The weights are a file of our own format (format.go), written by classify/train/export.py from a torch checkpoint and
// embedded in the binary ([Shipped]); weights.md says whose they are. Matrices are stored as int8 with one scale a row, and stay so in memory.
//
// Almost all time goes into the linear layers (linear.go). Their inputs are rounded, row by row, to whole numbers of 16 bits; then
// every product is one of whole numbers, exact, and the same to the last bit on every processor. Rounding moves a value of the vector by up to 8e-5
// of the vectors' mean length (679 posts; cosine at least 0.9999999). The inner tile is written in assembly for AVX2 (VPMADDWD, which
// multiplies twice as many 16-bit numbers at a time as there are float32; VPDPWSSD, which also adds them up, where there is AVX512-VNNI) and for
// arm64 with dot products (SDOT: Apple's processors, servers since 2019), and in Go for every other. Softmax, GELU, normalisation and rounding have AVX2 versions too. Between kernels
// a value of the vector differs by up to 1e-4 of its length, since last digits decide roundings.
//
// One core of an EPYC with AVX-512 at some 2.6 GHz, quiet, 45 tokens, 1.9 billion products (go test -bench Encode ./classify/encoder): 28 ms, with
// AVX2 alone 37–38, in Go 650; two cores together 12.5 ms a text. Four fifths of it are the linear layers (55–60·10⁹ products a second with AVX2,
// about the most that its pipes for whole numbers do, 85·10⁹ with VPDPWSSD). The first call unpacks the weights in 0.2 s; 'stallwatch explain TEXT' then takes
// 150 MiB of memory, of which 38 are the packed weights in the binary's own pages.
//
// Why the kernels are ours, measured on MiniLM, a quarter of this encoder's size: with float32 at the processor's limit
// 20 ms where whole numbers took 10. Libraries for float32 products beside that kernel's 27 GFLOP/s on a busy machine: viterin/vek v0.4.3's dot product 10,
// its matrix product 9, gonum v0.17 2.5. hugot v0.6.1 ran the same network from ONNX without cgo (gomlx's Go backend) in about 650 ms.
//
// A text of more than [Card].MaxTokens tokens is cut at the end of a sentence and [Vector].Cut says so. Every part is linear in the
// text, apart from attention, which is quadratic in the tokens that are left. Hostile text gives a vector like any other.
package encoder

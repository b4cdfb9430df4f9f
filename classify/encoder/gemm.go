package encoder

// The one matrix product of this package: C = A·B + bias, A of any number of rows, B packed in panels of 16 columns. A micro-kernel
// computes a tile of tileRows × panel, with the sums in registers (Goto & van de Geijn 2008, "Anatomy of high-performance matrix
// multiplication").
const (
	tileRows = 6
	panel    = 16
)

// rowBlock is how many rows of A are multiplied with all panels before the next ones: their part of A stays in the cache.
const rowBlock = 96

// packed is a matrix B of k rows and n columns: panel after panel, within a panel row after row.
type packed struct {
	k, n int
	data []float32
}

// panels returns how many panels hold n columns.
func panels(n int) int { return (n + panel - 1) / panel }

// padRows rounds up to whole tiles: every buffer that a product reads or writes has so many rows.
func padRows(n int) int { return (n + tileRows - 1) / tileRows * tileRows }

// multiply sets c, whose rows are ldc apart, to a·b + bias for rows rows of a, which are lda apart. It reads and writes
// padRows(rows) rows and whole panels.
func multiply(c []float32, ldc int, a []float32, lda, rows int, b *packed, bias []float32) {
	rows = padRows(rows)
	for top := 0; top < rows; top += rowBlock {
		end := min(top+rowBlock, rows)
		for j := range panels(b.n) {
			w := b.data[j*b.k*panel : (j+1)*b.k*panel]
			for i := top; i < end; i += tileRows {
				tile(b.k, a[i*lda:(i+tileRows-1)*lda+b.k], lda, w, bias[j*panel:(j+1)*panel], c[i*ldc+j*panel:(i+tileRows-1)*ldc+(j+1)*panel], ldc)
			}
		}
	}
}

// tilePortable is the micro-kernel in Go: two rows by four columns at a time are what the registers hold.
func tilePortable(k int, a []float32, lda int, b, bias, c []float32, ldc int) {
	for i := 0; i < tileRows; i += 2 {
		a0, a1 := a[i*lda:i*lda+k], a[(i+1)*lda:(i+1)*lda+k]
		for j := 0; j < panel; j += 4 {
			s0, s1 := [4]float32(bias[j:]), [4]float32(bias[j:])
			for x := range a0 {
				v0, v1 := a0[x], a1[x]
				w := (*[4]float32)(b[x*panel+j:])
				s0[0] += v0 * w[0]
				s0[1] += v0 * w[1]
				s0[2] += v0 * w[2]
				s0[3] += v0 * w[3]
				s1[0] += v1 * w[0]
				s1[1] += v1 * w[1]
				s1[2] += v1 * w[2]
				s1[3] += v1 * w[3]
			}
			copy(c[i*ldc+j:], s0[:])
			copy(c[(i+1)*ldc+j:], s1[:])
		}
	}
}

package encoder

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// portably runs f without the kernels in assembly.
func portably(f func()) {
	was := accelerated
	accelerated = false
	defer func() { accelerated = was }()
	f()
}

// randomMatrix has weights over the whole of int8, or the worst for an int32 sum: all -128.
func randomMatrix(rnd *rand.Rand, k, n int, worst bool) *matrix {
	m := newMatrix(k, n)
	row := make([]byte, k)
	for j := range n {
		for i := range row {
			row[i] = byte(rnd.Uint32())
			if worst {
				row[i] = 0x80
			}
		}
		m.setOutput(j, row)
		m.scale[j], m.bias[j] = rnd.Float32()/100, rnd.Float32()-0.5
	}
	return &m
}

// TestLinear holds both kernels of the linear layer to the product worked out in float64, and to each other to the last bit.
func TestLinear(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		rows, k, n int
		worst      bool
	}{{1, 16, 16, false}, {3, 32, 48, false}, {4, 48, 16, false}, {6, 384, 32, false}, {45, 1536, 16, false}, {100, 64, 16, false}, {2, maxInner, 16, true}} {
		m := randomMatrix(rnd, c.k, c.n, c.worst)
		x := make([]float32, c.rows*c.k)
		for i := range x {
			x[i] = float32(rnd.NormFloat64())
			if c.worst {
				x[i] = 3
			}
		}
		product := func() []float32 {
			var in inputs
			y := make([]float32, padRows(c.rows)*c.n)
			in.set(x, c.rows, m)
			in.multiply(y, c.n, m)
			return y[:c.rows*c.n]
		}
		fast := product()
		portably(func() {
			if slow := product(); !slices.Equal(fast, slow) {
				t.Errorf("%+v: the kernels differ", c)
			}
		})
		for r := range c.rows {
			for j := range c.n {
				var want, size float64
				for i := range c.k {
					w := float64(m.data[j/panel*panel*c.k+i/group*group*panel+j%panel*group+i%group])
					want += w * float64(x[r*c.k+i])
					size += w * w
				}
				want = want*float64(m.scale[j]) + float64(m.bias[j])
				// Each input is off by half a step of at most 6 in steps: six standard deviations of the sum, or a few last digits.
				near := 6*math.Sqrt(size/12)*6/float64(m.steps)*float64(m.scale[j]) + 1e-5*math.Abs(want) + 1e-6
				if d := math.Abs(float64(fast[r*c.n+j]) - want); !(d < near) {
					t.Fatalf("%+v: row %d, output %d is off by %v, want less than %v", c, r, j, d, near)
				}
			}
		}
	}
}

func TestRoundRow(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for name, fill := range map[string]func(i int) float32{
		"normal": func(int) float32 { return float32(rnd.NormFloat64()) },
		"zero":   func(int) float32 { return 0 },
		"tiny":   func(int) float32 { return 1e-35 },
		"huge":   func(i int) float32 { return float32(1-2*(i%2)) * 1e30 },
		"halves": func(i int) float32 { return float32(i) + 0.5 }, // with the largest at steps: ties
	} {
		x := make([]float32, 64)
		for i := range x {
			x[i] = fill(i)
		}
		fast, slow := make([]int16, len(x)), make([]int16, len(x))
		const steps = 63.5
		worth := roundRow(fast, x, steps)
		if other := roundRowPortable(slow, x, steps); other != worth || !slices.Equal(fast, slow) {
			t.Errorf("%s: %v of %v, portable %v of %v", name, fast, worth, slow, other)
		}
		for i, v := range x {
			if d := math.Abs(float64(slow[i])*float64(worth) - float64(v)); !(d <= 0.5001*float64(worth) || math.Abs(float64(v)) < smallest) {
				t.Errorf("%s: %v is rounded to %d of %v", name, v, slow[i], worth)
			}
		}
	}
}

// TestMathematics holds gelu, softmax and the layer normalisation to float64, in both versions.
func TestMathematics(t *testing.T) {
	mathematics(t, "kernels")
	portably(func() { mathematics(t, "portable") })
}

func mathematics(t *testing.T, version string) {
	near := func(what string, got []float32, want []float64, tolerance float64) {
		for i, g := range got {
			if d := math.Abs(float64(g) - want[i]); !(d < tolerance) {
				t.Errorf("%s, %s: value %d is %v, want %v", version, what, i, g, want[i])
				return
			}
		}
	}
	x, want := make([]float32, 1600), make([]float64, 1600)
	for i := range x {
		x[i] = float32(i)/100 - 8
		want[i] = 0.5 * float64(x[i]) * math.Erfc(-float64(x[i])/math.Sqrt2)
	}
	gelu(x)
	near("gelu", x, want, 2e-6)
	x[0], x[1], x[2] = 100, -100, 0
	gelu(x[:8])
	near("gelu far out", x[:3], []float64{100, 0, 0}, 1e-6)

	for _, n := range []int{1, 7, 8, 45, 256} {
		row, want := make([]float32, padRows(n)+panel), make([]float64, n)
		sum := 0.0
		for i := range n {
			row[i] = float32(i%19)*3 - 20
			want[i] = math.Exp(float64(row[i]) / 5)
			sum += want[i]
		}
		for i := range want {
			want[i] /= sum
		}
		softmax(row, n, 0.2)
		near("softmax", row[:n], want, 1e-6)
	}
	row := []float32{-1e4, 0, 3, 1e4, 2, 2, 2, 2}
	softmax(row, 8, 1)
	near("softmax far out", row, []float64{0, 0, 0, 1, 0, 0, 0, 0}, 1e-9)

	const n = 48
	norm := layerNorm{gain: make([]float32, n), bias: make([]float32, n), epsilon: 1e-3}
	a, b, sums := make([]float32, n), make([]float32, n), make([]float64, n)
	var mean, variance float64
	for i := range n {
		norm.gain[i], norm.bias[i], a[i], b[i] = float32(i)/10, float32(-i), float32(i*i%7), float32(i%5)
		sums[i] = float64(a[i] + b[i])
		mean += sums[i] / n
	}
	for _, v := range sums {
		variance += (v - mean) * (v - mean) / n
	}
	for i, v := range sums {
		sums[i] = (v-mean)/math.Sqrt(variance+1e-3)*float64(norm.gain[i]) + float64(norm.bias[i])
	}
	norm.addRow(a, b)
	near("layer normalisation", a, sums, 1e-5)
}

func TestExp(t *testing.T) {
	for x := -86.0; x <= 0; x += 1.0 / 64 {
		if got, want := float64(exp(float32(x))), math.Exp(x); math.Abs(got-want) > 5e-7*want {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	if exp(-1000) != 0 || exp(0) != 1 {
		t.Errorf("exp(-1000) = %v, exp(0) = %v", exp(-1000), exp(0))
	}
}

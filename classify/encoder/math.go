package encoder

import "math"

// layerNorm is layer normalisation (Ba et al. 2016).
type layerNorm struct {
	gain, bias []float32
	epsilon    float32
}

// apply normalises one row in place.
func (l *layerNorm) apply(x []float32) {
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		d := float64(v) - mean
		squares += d * d
	}
	m, k := float32(mean), float32(1/math.Sqrt(squares/float64(len(x))+float64(l.epsilon)))
	gain, bias := l.gain[:len(x)], l.bias[:len(x)]
	for i, v := range x {
		x[i] = (v-m)*k*gain[i] + bias[i]
	}
}

// addTo sets x to norm(x + y), row by row.
func (l *layerNorm) addTo(x, y []float32, rows int) {
	h := len(l.gain)
	for r := range rows {
		l.addRow(x[r*h:(r+1)*h], y[r*h:(r+1)*h])
	}
}

func (l *layerNorm) addRowPortable(x, y []float32) {
	for i, v := range y {
		x[i] += v
	}
	l.apply(x)
}

// geluPortable sets every x to x·Φ(x), the Gaussian error linear unit (Hendrycks & Gimpel 2016), to 2e-6: by straight lines between the
// points of a table. Beyond its ends the function is 0 or x to the last digit of a float32.
func geluPortable(x []float32) {
	for i, v := range x {
		t := (v + geluReach) * geluSteps
		if !(t > 0 && t < 2*geluReach*geluSteps) { // also what is not a number
			x[i] = max(v, 0)
			continue
		}
		k := int(t)
		p := geluTable[k]
		x[i] = p + (t-float32(k))*(geluTable[k+1]-p)
	}
}

const (
	geluReach = 6   // the table goes from -geluReach to geluReach
	geluSteps = 256 // points to 1
)

var geluTable = func() (t [2*geluReach*geluSteps + 2]float32) {
	for k := range t {
		x := float64(k)/geluSteps - geluReach
		t[k] = float32(0.5 * x * math.Erfc(-x/math.Sqrt2))
	}
	return t
}()

// softmaxPortable sets x to exp(by·x) over their sum.
func softmaxPortable(x []float32, by float32) {
	top := x[0]
	for _, v := range x[1:] {
		top = max(top, v)
	}
	var sum float32
	for i, v := range x {
		x[i] = exp(by * (v - top))
		sum += x[i]
	}
	scale(x, 1/sum)
}

// exp is e to the x for x ≤ 0, to about 1e-7 of its value: 2^n by the exponent's bits, the rest by Taylor's polynomial.
func exp(x float32) float32 {
	if x < -87 { // below the smallest normal number
		return 0
	}
	n := int32(x*math.Log2E - 0.5)
	r := float32(float64(x) - float64(n)*math.Ln2)
	p := r*(1.0/5040) + 1.0/720
	p = r*p + 1.0/120
	p = r*p + 1.0/24
	p = r*p + 1.0/6
	p = r*p + 0.5
	p = r*p + 1
	p = r*p + 1
	return math.Float32frombits(math.Float32bits(p) + uint32(n)<<23)
}

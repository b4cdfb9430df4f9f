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
		xr, yr := x[r*h:(r+1)*h], y[r*h:(r+1)*h]
		for i, v := range yr {
			xr[i] += v
		}
		l.apply(xr)
	}
}

// gelu sets every x to x·Φ(x), the Gaussian error linear unit (Hendrycks & Gimpel 2016), in its exact form.
func gelu(x []float32) {
	for i, v := range x {
		x[i] = 0.5 * v * (1 + erf(v*math.Sqrt2/2))
	}
}

// erf is the error function to about 1e-6: a quotient of polynomials on [-4, 4], beyond which float32 knows only ±1. The coefficients
// are those of Eigen's generic_fast_erf_float.
func erf(x float32) float32 {
	x = max(-4, min(4, x))
	s := x * x
	p := s*-2.72614225801306e-10 + 2.77068142495902e-08
	p = s*p - 2.10102402082508e-06
	p = s*p - 5.69250639462346e-05
	p = s*p - 7.34990630326855e-04
	p = s*p - 2.95459980854025e-03
	p = s*p - 1.60960333262415e-02
	q := s*-1.45660718464996e-05 - 2.13374055278905e-04
	q = s*q - 1.68282697438203e-03
	q = s*q - 7.37332916720468e-03
	q = s*q - 1.42647390514189e-02
	return x * p / q
}

// softmax sets x to exp(by·x) over their sum.
func softmax(x []float32, by float32) {
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
	n := math.Floor(float64(x)*math.Log2E + 0.5)
	r := float32(float64(x) - n*math.Ln2)
	p := r*(1.0/5040) + 1.0/720
	p = r*p + 1.0/120
	p = r*p + 1.0/24
	p = r*p + 1.0/6
	p = r*p + 0.5
	p = r*p + 1
	p = r*p + 1
	return math.Float32frombits(math.Float32bits(p) + uint32(int32(n))<<23)
}

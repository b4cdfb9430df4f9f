package prevalence

import "math"

// Pair sums what the difference of two shares needs to know of authors who are behind both: of two periods, or of two judgements of
// the same posts.
type Pair struct {
	A, B           Sums
	Both           int // authors with posts on both sides
	aa, an, na, nn float64
}

// Add counts one author, with a of n posts a success on each side; a side without posts has n = 0.
func (p *Pair) Add(aA, nA, aB, nB int) {
	if nA > 0 {
		p.A.Add(aA, nA)
	}
	if nB > 0 {
		p.B.Add(aB, nB)
	}
	if nA > 0 && nB > 0 {
		p.Both++
		p.aa += float64(aA) * float64(aB)
		p.an += float64(aA) * float64(nB)
		p.na += float64(nA) * float64(aB)
		p.nn += float64(nA) * float64(nB)
	}
}

// Correlation is that of the errors of the two shares pA and pB over authors,
//
//	Σ_g u_g·v_g / √(Σ_g u_g² · Σ_g v_g²)   with   u_g = a_g − pA·n_g on one side and v_g likewise on the other,
//
// the cluster-robust covariance over the two cluster-robust errors. It is 0 with fewer than [MinClusters] authors on both
// sides, where it cannot be told.
func (p *Pair) Correlation(pA, pB float64) float64 {
	if p.Both < MinClusters {
		return 0
	}
	u := p.A.AA - 2*pA*p.A.AN + pA*pA*p.A.NN
	v := p.B.AA - 2*pB*p.B.AN + pB*pB*p.B.NN
	if u <= 0 || v <= 0 {
		return 0
	}
	cross := p.aa - pB*p.an - pA*p.na + pA*pB*p.nn
	return math.Max(-1, math.Min(1, cross/math.Sqrt(u*v)))
}

package prevalence

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCorrelatedDifferenceCovers draws authors who post on both sides, or posts judged twice, and counts how often the interval of
// the difference holds the true one. The interval that takes the sides for separate must hold it as well, and be wider.
func TestCorrelatedDifferenceCovers(t *testing.T) {
	for _, c := range []struct {
		name   string
		shared float64 // how much of an author's leaning is the same on both sides
		delta  float64
		twice  bool // the same posts, judged twice
	}{
		{"authors who stay", 1, 0.08, false}, {"authors who change", 0, 0.08, false}, {"one judge a little off the other", 1, 0.03, true},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		const draws = 300
		held, apart, narrower := 0, 0, 0.0
		truth := expected(c.delta, c.twice)
		for range draws {
			var p Pair
			var kA, nA, kB, nB int
			for range 150 {
				lean := beta(r)
				other := lean
				if r.Float64() > c.shared {
					other = beta(r)
				}
				posts := 1 + r.IntN(6)
				a := binomial(r, posts, lean)
				b := binomial(r, posts, math.Min(1, other*(1+2*c.delta)))
				if c.twice {
					b = a + binomial(r, posts-a, c.delta*2)
				}
				p.Add(a, posts, b, posts)
				kA, nA, kB, nB = kA+a, nA+posts, kB+b, nB+posts
			}
			before, after := Clustered(kA, nA, p.A), Clustered(kB, nB, p.B)
			d := DifferenceCorrelated(before, after, p.Correlation(before.P, after.P))
			if d.Lo <= truth && truth <= d.Hi {
				held++
			}
			wide := Difference(before, after)
			if wide.Lo <= truth && truth <= wide.Hi {
				apart++
			}
			narrower += (d.Hi - d.Lo) / (wide.Hi - wide.Lo) / draws
		}
		coverage := float64(held) / draws
		t.Logf("%s: coverage %.3f (%.3f when the sides are taken for separate), width %.2f of theirs", c.name, coverage, float64(apart)/draws, narrower)
		if coverage < 0.93 {
			t.Errorf("%s: the interval covers %.3f, want 0.93 or more", c.name, coverage)
		}
		if c.shared == 1 && narrower > 0.95 {
			t.Errorf("%s: the correlation narrows the interval to %.2f only", c.name, narrower)
		}
	}
}

// beta draws a leaning with mean ½ that is far from ½ for most: Beta(½, ½), by the arcsine law.
func beta(r *rand.Rand) float64 { return math.Pow(math.Sin(math.Pi/2*r.Float64()), 2) }

func binomial(r *rand.Rand, n int, p float64) (k int) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}

// expected is the true difference of the shares: E[min(1, X(1+2δ))] − ½, by numbers, or ½·2δ for posts judged twice.
func expected(delta float64, twice bool) float64 {
	if twice {
		return delta
	}
	const steps = 100_000
	sum := 0.0
	for i := range steps {
		x := math.Pow(math.Sin(math.Pi/2*(float64(i)+0.5)/steps), 2)
		sum += math.Min(1, x*(1+2*delta)) - x
	}
	return sum / steps
}

func TestCorrelationAtTheEnds(t *testing.T) {
	var same, few Pair
	for i := range 20 {
		same.Add(i%3, 2+i%3, i%3, 2+i%3)
		if i < MinClusters-1 {
			few.Add(i%2, 1, i%2, 1)
		}
	}
	if r := same.Correlation(0.3, 0.3); math.Abs(r-1) > 1e-12 {
		t.Errorf("the same on both sides correlates by %v", r)
	}
	if r := few.Correlation(0.5, 0.5); r != 0 {
		t.Errorf("too few authors correlate by %v", r)
	}
	e := Clustered(30, 60, same.A)
	if d := DifferenceCorrelated(e, e, 1); d.Lo != 0 || d.Hi != 0 {
		t.Errorf("a share differs from itself by %v to %v", d.Lo, d.Hi)
	}
	if d, want := DifferenceCorrelated(Wilson(56, 70), Wilson(48, 80), 0), Difference(Wilson(56, 70), Wilson(48, 80)); d != want {
		t.Errorf("without correlation %v, want %v", d, want)
	}
}

package classify

import (
	"math"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
)

// Judged is a labelled post with a verdict on it.
type Judged struct {
	Labelled
	Verdict Verdict
}

// Evaluation compares verdicts with labels. Abstentions for uncertainty count by their most probable stance; the
// trade-off of abstaining is in Coverage.
type Evaluation struct {
	Posts     int                         `json:"posts"`
	Accuracy  float64                     `json:"accuracy"`
	MacroF1   float64                     `json:"macro_f1"`             // over the stances that are labelled at least once
	FAvg      float64                     `json:"f_avg"`                // (F1 of agree + F1 of disagree)/2
	ECE       float64                     `json:"ece"`                  // of the largest probability, ten bins of equal mass
	Brier     float64                     `json:"brier"`                // mean of Σ (p−y)², 0 to 2
	ByStance  [NumStances]StanceScore     `json:"by_stance"`            //
	Confusion [NumStances][NumStances]int `json:"confusion"`            // [label][verdict]
	ByStratum map[string]StratumScore     `json:"by_stratum,omitempty"` //
	Coverage  []CoveragePoint             `json:"coverage"`             // of abstaining below a threshold
}

// StanceScore is how one stance is found. NaN never occurs: a stance never given has precision 0 by convention and
// Labelled or Given says so.
type StanceScore struct {
	Stance    Stance  `json:"stance"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Labelled  int     `json:"labelled"`
	Given     int     `json:"given"`
}

// StratumScore is the accuracy within one stratum.
type StratumScore struct {
	Posts    int     `json:"posts"`
	Accuracy float64 `json:"accuracy"`
}

// CoveragePoint is the share of posts judged and their accuracy when the model abstains below Threshold.
type CoveragePoint struct {
	Threshold float64 `json:"threshold"`
	Coverage  float64 `json:"coverage"`
	Accuracy  float64 `json:"accuracy"`
	MacroF1   float64 `json:"macro_f1"`
}

// Evaluate compares verdicts with labels.
func Evaluate(posts []Judged) Evaluation {
	e := Evaluation{Posts: len(posts)}
	e.ByStance, _, _ = scores(e.Confusion) // names the stances
	if len(posts) == 0 {
		return e
	}
	strata := map[string][2]int{}
	for _, p := range posts {
		e.Confusion[p.Stance][p.Verdict.Stance]++
		s := strata[p.Stratum]
		s[0]++
		if p.Stance == p.Verdict.Stance {
			s[1]++
		}
		strata[p.Stratum] = s
		for c, q := range p.Verdict.P {
			if Stance(c) == p.Stance {
				q--
			}
			e.Brier += q * q
		}
	}
	e.Brier /= float64(len(posts))
	e.ByStance, e.Accuracy, e.MacroF1 = scores(e.Confusion)
	e.FAvg = (e.ByStance[Agree].F1 + e.ByStance[Disagree].F1) / 2
	e.ECE = calibrationError(posts)
	if _, only := strata[""]; !only || len(strata) > 1 {
		e.ByStratum = map[string]StratumScore{}
		for name, s := range strata {
			e.ByStratum[name] = StratumScore{s[0], float64(s[1]) / float64(s[0])}
		}
	}
	e.Coverage = coverage(posts)
	return e
}

// EvaluateOn judges labelled posts, on as many processors as there are, and compares.
func EvaluateOn(c Classifier, posts []Labelled) Evaluation { return Evaluate(JudgeAll(c, posts)) }

// JudgeAll judges labelled posts on as many processors as there are.
func JudgeAll(c Classifier, posts []Labelled) []Judged {
	judged := make([]Judged, len(posts))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(posts); i = int(next.Add(1)) - 1 {
				judged[i] = Judged{posts[i], c.Classify(posts[i].Text, posts[i].Lang)}
			}
		})
	}
	wg.Wait()
	return judged
}

// Sure are the posts that are still judged when the model abstains below a threshold.
func Sure(judged []Judged, threshold float64) (sure []Judged) {
	for _, p := range judged {
		if p.Verdict.P[p.Verdict.Stance] >= threshold {
			sure = append(sure, p)
		}
	}
	return sure
}

// scores reads per-stance scores, accuracy and macro-F1 off a confusion matrix.
func scores(m [NumStances][NumStances]int) (by [NumStances]StanceScore, accuracy, macro float64) {
	var total, right, labelled int
	for c := range m {
		s := StanceScore{Stance: Stance(c)}
		for k := range m {
			s.Labelled += m[c][k]
			s.Given += m[k][c]
		}
		hit := float64(m[c][c])
		if s.Given > 0 {
			s.Precision = hit / float64(s.Given)
		}
		if s.Labelled > 0 {
			s.Recall = hit / float64(s.Labelled)
			labelled++
		}
		if hit > 0 {
			s.F1 = 2 * s.Precision * s.Recall / (s.Precision + s.Recall)
		}
		by[c] = s
		if s.Labelled > 0 {
			macro += s.F1
		}
		total += s.Labelled
		right += m[c][c]
	}
	if total > 0 {
		accuracy, macro = float64(right)/float64(total), macro/float64(labelled)
	}
	return by, accuracy, macro
}

const calibrationBins = 10

func calibrationError(posts []Judged) float64 {
	type pair struct {
		p  float64
		ok bool
	}
	ps := make([]pair, len(posts))
	for i, p := range posts {
		ps[i] = pair{p.Verdict.P[p.Verdict.Stance], p.Stance == p.Verdict.Stance}
	}
	sort.Slice(ps, func(i, j int) bool { return ps[i].p < ps[j].p })
	ece := 0.0
	for b := range calibrationBins {
		lo, hi := b*len(ps)/calibrationBins, (b+1)*len(ps)/calibrationBins
		var conf, right float64
		for _, p := range ps[lo:hi] {
			conf += p.p
			if p.ok {
				right++
			}
		}
		ece += math.Abs(conf-right) / float64(len(ps))
	}
	return ece
}

func coverage(posts []Judged) (out []CoveragePoint) {
	for _, t := range []float64{0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} {
		var m [NumStances][NumStances]int
		n := 0
		for _, p := range Sure(posts, t) {
			m[p.Stance][p.Verdict.Stance]++
			n++
		}
		_, accuracy, macro := scores(m)
		out = append(out, CoveragePoint{t, float64(n) / float64(len(posts)), accuracy, macro})
	}
	return out
}

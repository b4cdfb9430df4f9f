package classify

import (
	"math"
	"sort"
)

// Evidence is one word of the original text and what it did for a verdict.
type Evidence struct {
	Start int     `json:"start"` // bytes of the original text
	End   int     `json:"end"`
	Text  string  `json:"text"`
	Gain  float64 `json:"gain"` // in logits, for the stance against the mean of the others; negative speaks against it
}

// Explain lists the words that moved the verdict towards or away from a stance, the strongest first, at most n. The
// gain of a feature that spans several words is shared evenly among them.
func (l *Linear) Explain(text string, s Stance, n int) []Evidence {
	toks := tokenise(text)
	occ := l.extractor.extract(nil, text)
	gains := make([]float64, len(toks))
	scale := l.model.blockScales(occ)
	for _, o := range occ {
		if o.end == 0 { // manner of the whole text
			continue
		}
		g := scale[o.block] * l.model.weights[o.bucket].margin(s)
		lo := sort.Search(len(toks), func(i int) bool { return toks[i].end > o.start })
		hi := lo
		for hi < len(toks) && toks[hi].start < o.end {
			hi++
		}
		for i := lo; i < hi; i++ {
			gains[i] += g / float64(hi-lo)
		}
	}
	var out []Evidence
	for i, t := range toks {
		if t.kind == mark || gains[i] == 0 {
			continue
		}
		if k := len(out); k > 0 && out[k-1].Start == t.start { // parts of one contraction
			out[k-1].Gain += gains[i]
			continue
		}
		out = append(out, Evidence{t.start, t.end, text[t.start:t.end], gains[i]})
	}
	sort.SliceStable(out, func(i, j int) bool { return math.Abs(out[i].Gain) > math.Abs(out[j].Gain) })
	return out[:max(0, min(n, len(out)))]
}

func (m *model) blockScales(occ []occurrence) (k [numBlocks]float64) {
	for _, o := range occ {
		idf := m.weights[o.bucket].idf
		k[o.block] += float64(idf * idf)
	}
	for b, norm := range k {
		if norm > 0 {
			k[b] = 1 / math.Sqrt(norm) / m.card.Temper
		}
	}
	return k
}

// margin is the weight for s over the mean weight for the others.
func (r *row) margin(s Stance) float64 {
	others := 0.0
	for c, w := range r.w {
		if Stance(c) != s {
			others += float64(w)
		}
	}
	return float64(r.w[s]) - others/(NumStances-1)
}

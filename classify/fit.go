package classify

import (
	"maps"
	"math"
	"slices"
)

// fitted is a softmax over the columns that stand for buckets in use.
type fitted struct {
	softmax
	buckets []uint32 // by column, ascending
	idf     []float64
}

// fit fits one expert for each family of features and adds them up, which multiplies what they give the stances: a product of experts
// (Hinton 2002). Fitted together they share out the quirks of the corpus among themselves and do worse on posts of
// other origin; see doc.go.
func (tr *trainer) fit(idx []int, l2, weights [numBlocks]float64) (*fitted, error) {
	p := tr.prepare(idx)
	if err := p.fit(l2, tr.cfg.Iterations); err != nil {
		return nil, err
	}
	return p.sum(weights), nil
}

// prepared are posts as the experts see them.
type prepared struct {
	buckets []uint32 // by column, ascending
	idf     []float64
	experts [numBlocks]expert
}

// expert is one family of features: it knows the columns that it has alone, and its last fit.
type expert struct {
	examples []example
	columns  []int32 // its columns among all, ascending
	softmax  *softmax
}

func (tr *trainer) prepare(idx []int) *prepared {
	p := &prepared{}
	p.countDocuments(tr, idx)
	column := make(map[uint32]int32, len(p.buckets))
	for c, b := range p.buckets {
		column[b] = int32(c)
	}
	weights := tr.weights(idx)
	for b := range numBlocks {
		e := &p.experts[b]
		own := make([]int32, len(p.buckets)) // column among its own, and 1
		for k, i := range idx {
			x := vectorise(tr.features[i], b, column, p.idf)
			x.stance, x.weight = tr.posts[i].Stance, weights[k]
			for _, c := range x.cols {
				own[c] = 1
			}
			e.examples = append(e.examples, x)
		}
		for c := range own {
			if own[c] != 0 {
				e.columns = append(e.columns, int32(c))
				own[c] = int32(len(e.columns))
			}
		}
		for _, x := range e.examples {
			for k, c := range x.cols {
				x.cols[k] = own[c] - 1
			}
		}
	}
	return p
}

// fit fits every expert, beginning from its last fit.
func (p *prepared) fit(l2 [numBlocks]float64, iterations int) error {
	for b := range p.experts {
		e := &p.experts[b]
		m, err := fitSoftmax(e.examples, len(e.columns), l2[b], iterations, e.softmax)
		if err != nil {
			return err
		}
		e.softmax = &m
	}
	return nil
}

// sum adds up the experts by their weights. They hardly meet in a bucket: each hashes with a seed of its own.
func (p *prepared) sum(weights [numBlocks]float64) *fitted {
	f := &fitted{buckets: p.buckets, idf: p.idf, softmax: softmax{W: make([][NumStances]float64, len(p.buckets))}}
	for b := range p.experts {
		e := &p.experts[b]
		for c, w := range e.softmax.W {
			for k := range w {
				f.W[e.columns[c]][k] += weights[b] * w[k]
			}
		}
		for k := range f.Bias {
			f.Bias[k] += weights[b] * e.softmax.Bias[k]
		}
	}
	return f
}

// score gives what one expert says of some posts.
func (p *prepared) score(b block, tr *trainer, idx []int, out heldOut) {
	e := &p.experts[b]
	own := make(map[uint32]int32, len(e.columns))
	idf := make([]float64, len(e.columns))
	for k, c := range e.columns {
		own[p.buckets[c]], idf[k] = int32(k), p.idf[c]
	}
	for _, i := range idx {
		x := vectorise(tr.features[i], b, own, idf)
		out[i][b] = e.softmax.score(&x)
	}
}

// countDocuments fills buckets and idf: ln((n+1)/(df+1)) + 1, quantised as it will be stored.
func (p *prepared) countDocuments(tr *trainer, idx []int) {
	df := make([]int32, tr.cfg.Buckets)
	seen := make([]int32, tr.cfg.Buckets)
	for k, i := range idx {
		for _, o := range tr.features[i] {
			if seen[o.bucket] != int32(k+1) {
				seen[o.bucket] = int32(k + 1)
				df[o.bucket]++
			}
		}
	}
	for b, n := range df {
		if int(n) >= tr.cfg.MinPosts {
			p.buckets = append(p.buckets, uint32(b))
			idf := math.Log(float64(len(idx)+1)/float64(n+1)) + 1
			p.idf = append(p.idf, math.Round(idf/idfStep)*idfStep)
		}
	}
}

// vectorise makes the vector that model.score scores: idf-weighted counts of one family of features, of unit length.
func vectorise(occ []occurrence, b block, column map[uint32]int32, idf []float64) (e example) {
	counts := map[int32]float64{}
	norm := 0.0
	for _, o := range occ {
		if c, ok := column[o.bucket]; ok && o.block == b {
			counts[c] += idf[c]
			norm += idf[c] * idf[c]
		}
	}
	e.cols = slices.Sorted(maps.Keys(counts))
	for _, c := range e.cols {
		e.vals = append(e.vals, counts[c]/math.Sqrt(norm))
	}
	return e
}

// Smoothing and bound of the weights below.
const (
	weightSmoothing = 8.0 // posts of the prior's mixture added to each batch
	maxWeight       = 5.0 // times the median
)

// prior is the thesis's, or the shares of the stances in the corpus.
func (tr *trainer) prior() (p [NumStances]float64) {
	if tr.thesis.Prior != (Prior{}) {
		return tr.thesis.Prior.vector()
	}
	for i := range tr.posts {
		p[tr.posts[i].Stance] += 1 / float64(len(tr.posts))
	}
	return p
}

// weights makes the stances stand in the proportions of the prior within every batch: a batch is one voice, and
// the habits of a voice that mostly takes one side must not teach the model that side. Posts without a batch are one. In
// our trials this was worth more than any choice of features; see doc.go.
func (tr *trainer) weights(idx []int) []float64 {
	prior := tr.prior()
	counts := map[string]*[NumStances]float64{}
	for _, i := range idx {
		p := &tr.posts[i]
		if counts[p.Batch] == nil {
			counts[p.Batch] = &[NumStances]float64{}
		}
		counts[p.Batch][p.Stance]++
	}
	w := make([]float64, len(idx))
	for k, i := range idx {
		n, s := counts[tr.posts[i].Batch], tr.posts[i].Stance
		all := n[Agree] + n[Disagree] + n[Discuss] + n[Unrelated]
		w[k] = prior[s] * (all + weightSmoothing) / (n[s] + weightSmoothing*prior[s])
	}
	sorted := slices.DeleteFunc(slices.Sorted(slices.Values(w)), func(v float64) bool { return v == 0 }) // a prior may rule a stance out
	if len(sorted) == 0 {
		return slices.Repeat([]float64{1}, len(w))
	}
	top, sum := maxWeight*sorted[len(sorted)/2], 0.0
	for k := range w {
		w[k] = min(w[k], top)
		sum += w[k]
	}
	for k := range w {
		w[k] *= float64(len(w)) / sum
	}
	return w
}

// rows quantises the weights and notes their scale and the bias in the card.
func (f *fitted) rows(card *Card) []stored {
	top := 0.0
	for _, w := range f.W {
		for _, v := range w {
			top = math.Max(top, math.Abs(v))
		}
	}
	card.Scale = max(top, 1e-9) / math.MaxInt16
	card.Bias = f.Bias
	rows := make([]stored, len(f.buckets))
	for c, b := range f.buckets {
		rows[c] = stored{bucket: b, idf: uint8(min(255, math.Round(f.idf[c]/idfStep)))}
		for k, v := range f.W[c] {
			rows[c].w[k] = int16(math.Round(v / card.Scale))
		}
	}
	return rows
}

package encoder

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Encoder turns texts into vectors. It is read-only and safe for concurrent use.
type Encoder struct {
	card   Card
	pieces *wordpiece
	words  table
	places table
	embed  layerNorm
	nearby [][]float32 // of each head, see nearness
	layers []layer
	pool   sync.Pool // *scratch
}

// layer is one encoder block of BERT and MPNet: post-norm, GELU.
type layer struct {
	qkv, out, up, down matrix
	attended, done     layerNorm
}

// read takes the tensors in the order of the file: embeddings of words and positions and their normalisation; the bias of every head for
// every bucket of distances, bucket by bucket; then, for every layer, query, key, value and output of the attention, its normalisation, the two feed-forward matrices and the
// normalisation of the layer. Every matrix of a layer is followed by its bias.
func (e *Encoder) read(r *tensorReader) {
	c := &e.card
	e.words, e.places = r.rows(c.Vocab, c.Hidden), r.rows(c.Positions, c.Hidden)
	e.embed = r.norm(c)
	e.nearby = nearness(r.vector(c.Buckets*c.Heads), c)
	e.layers = make([]layer, c.Layers)
	for i := range e.layers {
		l := &e.layers[i]
		l.qkv = newMatrix(c.Hidden, 3*c.Hidden)
		for part := range 3 {
			r.matrix(&l.qkv, part*c.Hidden, c.Hidden)
		}
		l.out = r.linear(c.Hidden, c.Hidden)
		l.attended = r.norm(c)
		l.up = r.linear(c.Hidden, c.Inner)
		l.down = r.linear(c.Inner, c.Hidden)
		l.done = r.norm(c)
	}
}

func (r *tensorReader) linear(k, n int) matrix {
	m := newMatrix(k, n)
	r.matrix(&m, 0, n)
	return m
}

func (r *tensorReader) norm(c *Card) layerNorm {
	return layerNorm{gain: r.vector(c.Hidden), bias: r.vector(c.Hidden), epsilon: float32(c.Epsilon)}
}

// Card is what the encoder says of itself.
func (e *Encoder) Card() Card { return e.card }

// ID names the encoder: its name, a hyphen and the head of the hash of its weights.
func (c Card) ID() string { return c.Name + "-" + c.SHA256[:min(8, len(c.SHA256))] }

// Vector is what the encoder makes of one text.
type Vector struct {
	X   []float32 // Card.Hidden values
	Cut bool      // the text was longer than Card.MaxTokens: the rest was not read
}

// batchTokens is about how many tokens go through the layers together: enough that the weights, which come from main memory, are
// used often, few enough that the activations stay in the cache.
const batchTokens = 96

// Encode makes a vector of every text, on as many processors as there are. A text's vector does not depend on its neighbours.
func (e *Encoder) Encode(texts []string) []Vector {
	out := make([]Vector, len(texts))
	if len(texts) == 1 {
		e.encode(out, texts)
		return out
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	work := func() {
		for {
			lo := int(next.Add(chunkTexts)) - chunkTexts
			if lo >= len(texts) {
				return
			}
			hi := min(lo+chunkTexts, len(texts))
			e.encode(out[lo:hi], texts[lo:hi])
		}
	}
	for range min(runtime.GOMAXPROCS(0), (len(texts)+chunkTexts-1)/chunkTexts) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return out
}

// chunkTexts is how many texts a processor takes at a time.
const chunkTexts = 4

// encode works through a few texts on one processor.
func (e *Encoder) encode(out []Vector, texts []string) {
	s, _ := e.pool.Get().(*scratch)
	if s == nil {
		s = &scratch{}
	}
	defer e.pool.Put(s)
	for done := 0; done < len(texts); {
		s.ids, s.ends = s.ids[:0], s.ends[:0]
		from := done
		for done < len(texts) && len(s.ids) < batchTokens {
			s.ids, out[done].Cut = e.pieces.tokenise(s.ids, texts[done], e.card.MaxTokens)
			s.ends = append(s.ends, len(s.ids))
			done++
		}
		e.forward(s, out[from:done])
	}
}

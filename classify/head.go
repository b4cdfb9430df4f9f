package classify

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// headMagic opens careful.bin. After it come one line of JSON (the CarefulCard) and, for every layer, its weights row by row and its
// bias, little-endian float32. classify/train/export.py writes such files too.
const headMagic = "stallwatch-careful 1\n"

// CarefulCard is what a head on the encoder says of itself. It stands readable at the head of careful.bin. A post's logits are
// Bias + WFast·log p(fast tier) + WEnc·log p(head), divided by Temper.
type CarefulCard struct {
	Thesis    string              `json:"thesis"`
	Encoder   string              `json:"encoder"`                 // id of the encoder it was fitted on
	Shape     [][2]int            `json:"shape"`                   // outputs and inputs of every layer; tanh stands between layers
	WFast     float64             `json:"w_fast"`                  //
	WEnc      float64             `json:"w_enc"`                   //
	Bias      [NumStances]float64 `json:"bias"`                    //
	Temper    float64             `json:"temperature"`             //
	Threshold float64             `json:"threshold"`               // largest probability below which the verdict abstains
	AskBelow  float64             `json:"ask_below"`               // posts the fast tier calls unrelated are judged if it gives that less
	Posts     int                 `json:"posts"`                   // training posts
	Corpus    string              `json:"corpus_sha256,omitempty"` // of train.jsonl; empty: not tied to one
	Fitted    string              `json:"fitted"`                  // how
	Tuned     bool                `json:"tuned,omitempty"`         // fitted together with the encoder, by torch: training in Go does not replace it
	SHA256    string              `json:"sha256"`                  // of the layers
}

// head is a small network on the encoder's vector. It is read-only after loading.
type head struct {
	card   CarefulCard
	layers []dense
	id     string // "careful-" and the head of the hash of the file
}

// dense is one linear layer: a row of weights for each output.
type dense struct {
	rows [][]float32
	bias []float32
}

// Bounds on what a damaged header can make the reader allocate.
const (
	maxHeadLayers = 4
	maxHeadWidth  = 1 << 12
)

func (c *CarefulCard) check() error {
	if n := len(c.Shape); n < 1 || n > maxHeadLayers || c.Shape[n-1][0] != NumStances {
		return fmt.Errorf("layers %v", c.Shape)
	}
	for i, s := range c.Shape {
		if s[0] < 1 || s[0] > maxHeadWidth || s[1] < 1 || s[1] > maxHeadWidth || i > 0 && s[1] != c.Shape[i-1][0] {
			return fmt.Errorf("layers %v", c.Shape)
		}
	}
	if !(c.Temper > 1e-3 && c.Temper < 1e3) {
		return fmt.Errorf("temperature %v", c.Temper)
	}
	for _, v := range append(c.Bias[:], c.WFast, c.WEnc, c.Threshold, c.AskBelow) {
		if !(math.Abs(v) < 1e3) {
			return fmt.Errorf("%v is out of range", v)
		}
	}
	return nil
}

// probabilities calibrates logits.
func (c *CarefulCard) probabilities(z [NumStances]float64) [NumStances]float64 {
	for i := range z {
		z[i] /= c.Temper
	}
	return normalised(z)
}

func readHead(raw []byte) (*head, error) {
	sum := sha256.Sum256(raw)
	h := &head{id: "careful-" + hex.EncodeToString(sum[:4])}
	line, ok := bytes.CutPrefix(raw, []byte(headMagic))
	if !ok {
		return nil, fmt.Errorf("%w: not a head of this version", ErrStaleModel)
	}
	line, body, ok := bytes.Cut(line, []byte{'\n'})
	if !ok {
		return nil, errors.New("header: no end")
	}
	if err := json.Unmarshal(line, &h.card); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.card.check(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if hashHex(body) != h.card.SHA256 {
		return nil, errors.New("weights: damaged, or not those of the header")
	}
	for _, s := range h.card.Shape {
		if len(body) < 4*(s[0]*s[1]+s[0]) {
			return nil, errors.New("weights: shorter than the header says")
		}
		d := dense{}
		for range s[0] {
			d.rows = append(d.rows, takeFloats(&body, s[1]))
		}
		d.bias = takeFloats(&body, s[0])
		h.layers = append(h.layers, d)
	}
	if len(body) > 0 {
		return nil, errors.New("weights: longer than the header says")
	}
	return h, h.finite()
}

func takeFloats(b *[]byte, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32((*b)[4*i:]))
	}
	*b = (*b)[4*n:]
	return v
}

func (h *head) finite() error {
	for _, d := range h.layers {
		for _, row := range append(slices.Clone(d.rows), d.bias) {
			for _, v := range row {
				if !(math.Abs(float64(v)) < 1e6) {
					return fmt.Errorf("a weight is %v", v)
				}
			}
		}
	}
	return nil
}

// writeHead makes the bytes of careful.bin, and fills in what the card says of the layers.
func writeHead(card CarefulCard, layers []dense) ([]byte, error) {
	var body []byte
	card.Shape = nil
	for _, d := range layers {
		card.Shape = append(card.Shape, [2]int{len(d.rows), len(d.rows[0])})
		for _, row := range append(slices.Clone(d.rows), d.bias) {
			for _, v := range row {
				body = binary.LittleEndian.AppendUint32(body, math.Float32bits(v))
			}
		}
	}
	card.SHA256 = hashHex(body)
	line, err := json.Marshal(card)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte(headMagic), line, []byte{'\n'}, body), nil
}

// logits runs a vector through the layers. A vector of another length is a bug: the encoder's id was compared.
func (h *head) logits(x []float32) (z [NumStances]float64) {
	for i, d := range h.layers {
		out := make([]float32, len(d.rows))
		for j, row := range d.rows {
			sum := float64(d.bias[j])
			for k, w := range row {
				sum += float64(w) * float64(x[k])
			}
			if i == len(h.layers)-1 {
				z[j] = sum
			} else {
				out[j] = float32(math.Tanh(sum))
			}
		}
		x = out
	}
	return z
}

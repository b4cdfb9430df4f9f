package classify

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ErrStaleModel is wrapped by errors about a model that does not fit this binary or its thesis folder.
var ErrStaleModel = errors.New("model is stale")

// modelMagic opens model.bin. After it come one line of JSON (the Card) and a zstd stream of little-endian numbers:
// for every bucket in use its number (delta, uvarint), its inverse document frequency (uint8, idfStep each) and one
// int16 a stance (Card.Scale each).
const modelMagic = "stallwatch-model 1\n"

// Card is what a model says of itself. It stands readable at the head of model.bin.
type Card struct {
	ID         string              `json:"id"` // thesis id, a hyphen and the head of the hash of the weights
	Thesis     string              `json:"thesis"`
	Features   int                 `json:"features"`          // featureVersion
	Corpus     string              `json:"corpus_sha256"`     // of train.jsonl
	Definition string              `json:"thesis_sha256"`     // of gate and lexicon in thesis.yaml
	Posts      int                 `json:"posts"`             // training posts
	Buckets    int                 `json:"buckets"`           // size of the hash table, a power of two
	Bias       [NumStances]float64 `json:"bias"`              //
	Scale      float64             `json:"scale"`             // value of one unit of a stored weight
	Temper     float64             `json:"temperature"`       // logits are divided by it
	L2         []float64           `json:"l2,omitempty"`      // penalties of the experts, given or chosen
	Weights    []float64           `json:"weights,omitempty"` // of the experts, given or chosen; they are in the stored weights
	Threshold  float64             `json:"threshold"`         // largest probability below which the model abstains
	OffTopic   [NumStances]float64 `json:"off_topic"`         // probabilities of a post that fails the gate

	Careful *CarefulCard `json:"careful,omitempty"` // of the tier above, where there is one; not in model.bin
}

// model is a trained linear model. It is read-only after loading.
type model struct {
	card    Card
	weights []row // by bucket
}

// row is one bucket: the weights are already multiplied by the idf, which alone remains for the norm.
type row struct {
	idf float32
	w   [NumStances]float32
}

// idfStep is the value of one unit of a stored idf.
const idfStep = 1.0 / 16

// score gives the uncalibrated logits of a text's occurrences.
func (m *model) score(occ []occurrence) (z [NumStances]float64) {
	var norm [numBlocks]float64
	var sum [numBlocks][NumStances]float32
	for _, o := range occ {
		r := &m.weights[o.bucket]
		norm[o.block] += float64(r.idf * r.idf)
		s := &sum[o.block]
		s[0] += r.w[0]
		s[1] += r.w[1]
		s[2] += r.w[2]
		s[3] += r.w[3]
	}
	z = m.card.Bias
	for b := range norm {
		if norm[b] == 0 {
			continue
		}
		k := 1 / math.Sqrt(norm[b])
		for c := range z {
			z[c] += k * float64(sum[b][c])
		}
	}
	return z
}

// probabilities calibrates logits.
func (c *Card) probabilities(z [NumStances]float64) [NumStances]float64 {
	for i := range z {
		z[i] /= c.Temper
	}
	return normalised(z)
}

// stored is one bucket as it stands in the file.
type stored struct {
	bucket uint32
	idf    uint8
	w      [NumStances]int16
}

func writeModel(w io.Writer, card Card, rows []stored) error {
	head, err := json.Marshal(card)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s%s\n", modelMagic, head); err != nil {
		return err
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		return err
	}
	if _, err := z.Write(packRows(rows)); err != nil {
		return err
	}
	return z.Close()
}

func packRows(rows []stored) []byte {
	var buf []byte
	last := uint32(0)
	for _, r := range rows {
		buf = binary.AppendUvarint(buf, uint64(r.bucket-last))
		last = r.bucket
		buf = append(buf, r.idf)
		for _, v := range r.w {
			buf = binary.LittleEndian.AppendUint16(buf, uint16(v))
		}
	}
	return buf
}

// maxBuckets bounds what a damaged header can make the reader allocate.
const maxBuckets = 1 << 22

// maxRecord is the most bytes one bucket takes.
const maxRecord = 4 + 1 + 2*NumStances

func readModel(raw []byte) (*model, error) {
	if !bytes.HasPrefix(raw, []byte(modelMagic)) {
		return nil, fmt.Errorf("%w: not a model of this version", ErrStaleModel)
	}
	r := bufio.NewReader(bytes.NewReader(raw[len(modelMagic):]))
	head, err := r.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("model header: %w", err)
	}
	m := &model{}
	if err := json.Unmarshal(head, &m.card); err != nil {
		return nil, fmt.Errorf("model header: %w", err)
	}
	if err := m.card.check(); err != nil {
		return nil, fmt.Errorf("model header: %w", err)
	}
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	body, err := io.ReadAll(io.LimitReader(z, int64(m.card.Buckets)*maxRecord+1))
	if err != nil {
		return nil, fmt.Errorf("model weights: %w", err)
	}
	if !strings.HasSuffix(m.card.ID, weightsID(body, m.card.Threshold)) {
		return nil, fmt.Errorf("model weights: they are not those of model %s", m.card.ID)
	}
	return m, m.unpack(body)
}

// weightsID is how a model's id ends: a hyphen and the head of the hash of its unpacked weights, and of the threshold where it has
// one, for then it gives other verdicts.
func weightsID(body []byte, threshold float64) string {
	if threshold != 0 {
		body = binary.LittleEndian.AppendUint64(slices.Clone(body), math.Float64bits(threshold))
	}
	sum := sha256.Sum256(body)
	return "-" + hex.EncodeToString(sum[:4])
}

// check reports numbers that no training gives: with them, probabilities would not be numbers.
func (c *Card) check() error {
	if n := c.Buckets; n <= 0 || n > maxBuckets || n&(n-1) != 0 {
		return fmt.Errorf("%d buckets", n)
	}
	if !(c.Temper > 1e-3 && c.Temper < 1e3) || !(c.Scale > 0 && c.Scale < 1e3) {
		return fmt.Errorf("temperature %v, scale %v", c.Temper, c.Scale)
	}
	for _, v := range slices.Concat(c.Bias[:], c.OffTopic[:], []float64{c.Threshold}) {
		if math.Abs(v) > 1e6 {
			return fmt.Errorf("%v is out of range", v)
		}
	}
	return nil
}

func (m *model) unpack(body []byte) error {
	m.weights = make([]row, m.card.Buckets)
	at := uint64(0)
	for len(body) > 0 {
		d, n := binary.Uvarint(body)
		if n <= 0 || d == 0 && at > 0 || len(body) < n+1+2*NumStances || d >= uint64(m.card.Buckets) || at+d >= uint64(m.card.Buckets) {
			return errors.New("model weights: damaged")
		}
		at += d
		body = body[n:]
		r := &m.weights[at]
		r.idf = float32(body[0]) * idfStep
		for c := range r.w {
			r.w[c] = r.idf * float32(m.card.Scale) * float32(int16(binary.LittleEndian.Uint16(body[1+2*c:])))
		}
		body = body[1+2*NumStances:]
	}
	return nil
}

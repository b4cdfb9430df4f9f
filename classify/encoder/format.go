package encoder

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
)

// magic opens a file of weights. After it come one line of JSON (the Card) and a zstd stream: the vocabulary, one piece a line, and the
// tensors in the order of [Encoder.read]. A vector is float32 values; a matrix is one float32 scale a row, then one int8 an element;
// an element is worth scale·int8. All numbers are little-endian. classify/train/export.py writes such files.
const magic = "stallwatch-encoder 2\n"

// Card is what an encoder says of itself. It stands readable at the head of the file.
type Card struct {
	Name      string  `json:"name"`      // as in all-mpnet-base-v2-6
	Source    string  `json:"source"`    // where the weights come from and what was done to them
	Licence   string  `json:"licence"`   // of the weights
	Vocab     int     `json:"vocab"`     // pieces
	Hidden    int     `json:"hidden"`    // length of a vector
	Layers    int     `json:"layers"`    //
	Heads     int     `json:"heads"`     //
	Inner     int     `json:"inner"`     // width of the feed-forward layers
	Positions int     `json:"positions"` // rows of the position embedding
	Buckets   int     `json:"buckets"`   // of distances between tokens
	Epsilon   float64 `json:"epsilon"`   // of the layer normalisation
	Pooling   string  `json:"pooling"`   // "mean" or "cls"
	Normalise bool    `json:"normalise"` // whether vectors have unit length
	MaxTokens int     `json:"max_tokens"`
	SHA256    string  `json:"sha256"` // of the unpacked stream
}

// Bounds on what a damaged header can make the reader allocate.
const (
	maxVocab  = 1 << 18
	maxHidden = 1 << 11
	maxInner  = 1 << 13
	maxLayers = 24
	maxHead   = 4 << 10   // bytes of the header
	maxBody   = 256 << 20 // bytes of the unpacked stream
)

func (c *Card) check() error {
	in := func(v, lo, hi int) bool { return lo <= v && v <= hi }
	switch {
	case !in(c.Vocab, 4, maxVocab), !in(c.Positions, 3, 1<<12), !in(c.MaxTokens, 3, c.Positions):
		return fmt.Errorf("%d pieces, %d positions, at most %d tokens", c.Vocab, c.Positions, c.MaxTokens)
	case !in(c.Buckets, 4, 256), c.Buckets%4 != 0:
		return fmt.Errorf("%d buckets of distances", c.Buckets)
	case !in(c.Hidden, panel, maxHidden), !in(c.Inner, panel, maxInner), !in(c.Layers, 1, maxLayers), !in(c.Heads, 1, 64):
		return fmt.Errorf("%d layers of %d and %d with %d heads", c.Layers, c.Hidden, c.Inner, c.Heads)
	case c.Inner%panel != 0, c.Hidden%(c.Heads*panel) != 0:
		return fmt.Errorf("the width of a head and of the inner layers must be a multiple of %d", panel)
	case c.Pooling != "mean" && c.Pooling != "cls":
		return fmt.Errorf("pooling %q", c.Pooling)
	case !(c.Epsilon > 0 && c.Epsilon < 1):
		return fmt.Errorf("epsilon %v", c.Epsilon)
	case c.size() > maxBody:
		return errors.New("too large")
	}
	return nil
}

// size is the bytes of the tensors.
func (c *Card) size() int {
	h, f := c.Hidden, c.Inner
	matrix := func(rows, cols int) int { return rows * (4 + cols) }
	layer := 4*(matrix(h, h)+4*h) + matrix(f, h) + 4*f + matrix(h, f) + 4*h + 4*4*h
	return matrix(c.Vocab, h) + matrix(c.Positions, h) + 2*4*h + 4*c.Buckets*c.Heads + c.Layers*layer
}

// Read makes an encoder of a file of weights. It unpacks while it reads, so that it needs little memory beside the encoder's own.
func Read(file io.Reader) (*Encoder, error) {
	e, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("encoder: %w", err)
	}
	return e, nil
}

func read(file io.Reader) (*Encoder, error) {
	packed := bufio.NewReaderSize(file, maxHead)
	card, err := readCard(packed)
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	sum := sha256.New()
	e, r := &Encoder{card: card}, &tensorReader{r: bufio.NewReaderSize(io.TeeReader(io.LimitReader(z, maxBody), sum), 1<<16)}
	vocab, err := r.vocabulary(card.Vocab)
	if err != nil {
		return nil, err
	}
	e.read(r)
	if r.err == nil {
		if _, err := r.r.ReadByte(); !errors.Is(err, io.EOF) {
			r.err = errors.New("longer than the header says")
		}
	}
	if r.err != nil {
		return nil, fmt.Errorf("weights: %w", r.err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != card.SHA256 {
		return nil, errors.New("weights: damaged, or not those of the header")
	}
	if r.odd {
		return nil, errors.New("weights: one is not a number")
	}
	e.pieces, err = newWordpiece(vocab, card.Vocab)
	return e, err
}

// readCard reads the header only, with a buffer of maxHead bytes.
func readCard(r *bufio.Reader) (card Card, err error) {
	start, err := r.Peek(len(magic))
	if string(start) != magic {
		if err != nil && !errors.Is(err, io.EOF) {
			return card, err
		}
		return card, errors.New("not a file of encoder weights of this version")
	}
	r.Discard(len(magic))
	head, err := r.ReadSlice('\n')
	if err != nil {
		return card, fmt.Errorf("header: no end: %w", err)
	}
	if err := json.Unmarshal(head, &card); err != nil {
		return card, fmt.Errorf("header: %w", err)
	}
	if err := card.check(); err != nil {
		return card, fmt.Errorf("header: %w", err)
	}
	return card, nil
}

// tensorReader takes vocabulary and tensors off the unpacked stream. After an error everything is zero.
type tensorReader struct {
	r   *bufio.Reader
	buf []byte
	odd bool // something is infinite or not a number
	err error
}

// maxPiece bounds the bytes of one piece of the vocabulary.
const maxPiece = 1 << 10

func (r *tensorReader) vocabulary(size int) (vocab []byte, err error) {
	for range size {
		line, err := r.r.ReadSlice('\n')
		if err == nil && len(line) > maxPiece {
			err = errors.New("one is longer")
		}
		if err != nil {
			return nil, fmt.Errorf("vocabulary: %d pieces of at most %d bytes expected: %w", size, maxPiece, err)
		}
		vocab = append(vocab, line...)
	}
	return vocab, nil
}

// take reads n bytes, which are good until the next call.
func (r *tensorReader) take(n int) []byte {
	if cap(r.buf) < n {
		r.buf = make([]byte, n)
	}
	b := r.buf[:n]
	if r.err == nil {
		_, r.err = io.ReadFull(r.r, b)
	}
	if r.err != nil {
		clear(b)
	}
	return b
}

func (r *tensorReader) vector(n int) []float32 {
	v := make([]float32, n)
	b := r.take(4 * n)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		r.odd = r.odd || !(math.Abs(float64(v[i])) < 1e9)
	}
	return v
}

// rows takes a matrix as it is stored.
func (r *tensorReader) rows(rows, cols int) table {
	t := table{cols: cols, scale: r.vector(rows), q: make([]int8, rows*cols)}
	for i := range rows {
		row := t.q[i*cols : (i+1)*cols]
		for k, v := range r.take(cols) {
			row[k] = int8(v)
		}
	}
	return t
}

// matrix takes one matrix of torch's linear layers, a row for each output, and its bias, as n outputs of m from at on.
func (r *tensorReader) matrix(m *matrix, at, n int) {
	copy(m.scale[at:], r.vector(n))
	for j := range n {
		m.setOutput(at+j, r.take(m.k))
	}
	copy(m.bias[at:], r.vector(n))
}

// table is a matrix of rows to look up. It stays in int8: few of its rows are wanted for a text.
type table struct {
	cols  int
	scale []float32
	q     []int8
}

// addRow adds row i to x.
func (t *table) addRow(x []float32, i int) {
	s := t.scale[i]
	for j, q := range t.q[i*t.cols : (i+1)*t.cols] {
		x[j] += s * float32(q)
	}
}

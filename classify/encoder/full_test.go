package encoder

import (
	"bytes"
	"errors"
	"math"
	"os"
	"testing"
)

// full is the shipped encoder; STALLWATCH_ENCODER names another file of weights to test instead.
func full(t testing.TB) *Encoder {
	t.Helper()
	e, err := Shipped()
	if name := os.Getenv("STALLWATCH_ENCODER"); name != "" {
		var raw []byte
		if raw, err = os.ReadFile(name); err == nil {
			e, err = Read(bytes.NewReader(raw))
		}
	}
	if errors.Is(err, ErrAbsent) {
		t.Skip("SKIPPED: what needs the full weights: classify/encoder/weights.bin is not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestFullAsTorch(t *testing.T) {
	e := full(t)
	file := "testdata/weights.jsonl"
	if name := os.Getenv("STALLWATCH_ENCODER_VECTORS"); name != "" {
		file = name
	}
	t.Logf("%s: furthest from torch: %.1e", e.card.ID(), compare(t, e, references(t, file)))
}

// TestMeaning holds that the weights are those of a sentence encoder: a paraphrase without a shared word is nearer than another subject.
func TestMeaning(t *testing.T) {
	e := full(t)
	v := e.Encode([]string{"Moscow is dragging out these negotiations.", "The Kremlin keeps delaying all peace talks", "My daughter baked bread yesterday"})
	dot := func(a, b []float32) (s float32) {
		for i := range a {
			s += a[i] * b[i]
		}
		return s
	}
	for i := range v {
		scale(v[i].X, float32(1/math.Sqrt(float64(dot(v[i].X, v[i].X)))))
	}
	same, other := dot(v[0].X, v[1].X), dot(v[0].X, v[2].X)
	t.Logf("paraphrase %.2f, another subject %.2f", same, other)
	if !(same > other) {
		t.Errorf("a paraphrase is at %v, another subject at %v", same, other)
	}
}

func BenchmarkTokenise(b *testing.B) {
	e := full(b)
	var ids []int32
	for b.Loop() {
		ids, _ = e.pieces.tokenise(ids[:0], text45, e.card.MaxTokens)
	}
	b.ReportMetric(float64(len(ids)), "tokens")
}

func BenchmarkEncode(b *testing.B) {
	e := full(b)
	for b.Loop() {
		e.Encode([]string{text45})
	}
}

func BenchmarkEncodePortable(b *testing.B) {
	e := full(b)
	portably(func() {
		for b.Loop() {
			e.Encode([]string{text45})
		}
	})
}

func BenchmarkEncodeBatch(b *testing.B) {
	e := full(b)
	texts := make([]string, 32)
	for i := range texts {
		texts[i] = text45
	}
	for b.Loop() {
		e.Encode(texts)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N*len(texts)), "ms/text")
}

func BenchmarkRead(b *testing.B) {
	full(b)
	raw, err := files.ReadFile("weights.bin")
	if err != nil {
		raw, err = os.ReadFile(os.Getenv("STALLWATCH_ENCODER"))
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Read(bytes.NewReader(raw)); err != nil {
			b.Fatal(err)
		}
	}
}

// text45 has 45 tokens with [CLS] and [SEP].
const text45 = "He keeps talking about peace while the missiles fly every single night, and then he asks for one more meeting, one more call, " +
	"one more pause. That is called buying time, my friends, and nothing else."

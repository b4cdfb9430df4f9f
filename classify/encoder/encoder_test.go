package encoder

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// reference is one text with what tokenizers and torch make of it.
type reference struct {
	Text   string    `json:"text"`
	IDs    []int32   `json:"ids"`
	Vector []float32 `json:"vector"`
}

func references(t testing.TB, file string) (out []reference) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var r reference
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, r)
	}
	if len(out) == 0 || sc.Err() != nil {
		t.Fatalf("%s: %d references, %v", file, len(out), sc.Err())
	}
	return out
}

func tiny(t testing.TB) *Encoder {
	t.Helper()
	raw, err := os.ReadFile("testdata/tiny.bin")
	if err != nil {
		t.Fatal(err)
	}
	e, err := Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// tolerance is how far a value may be from torch's.
const tolerance = 1e-3

func compare(t *testing.T, e *Encoder, refs []reference) (worst float64) {
	t.Helper()
	var texts []string
	for _, r := range refs {
		texts = append(texts, r.Text)
		if ids, _ := e.pieces.tokenise(nil, r.Text, e.card.MaxTokens); !slices.Equal(ids, r.IDs) {
			t.Errorf("tokenise(%q) = %v, want %v", r.Text, ids, r.IDs)
		}
	}
	for i, v := range e.Encode(texts) {
		for j, x := range v.X {
			worst = max(worst, math.Abs(float64(x-refs[i].Vector[j])))
		}
		if v.Cut || len(v.X) != len(refs[i].Vector) {
			t.Errorf("Encode(%q): %d values, cut %v", texts[i], len(v.X), v.Cut)
		}
	}
	if !(worst < tolerance) {
		t.Errorf("furthest from torch: %v, want less than %v", worst, tolerance)
	}
	return worst
}

func TestEncodeAsTorch(t *testing.T) {
	t.Logf("furthest from torch: %.1e", compare(t, tiny(t), references(t, "testdata/tiny.jsonl")))
}

// TestPortable holds the kernels to the same answers: the sums of the linear layers are the same to the last bit (TestLinear), but what is
// between them differs in the last digits, and so does the rounding of an input here and there.
func TestPortable(t *testing.T) {
	if !accelerated {
		t.Skip("SKIPPED: comparison of the kernels: there is none in assembly for this processor")
	}
	for _, e := range []*Encoder{tiny(t), full(t)} {
		texts := []string{"he keeps talking", "peace, while the missiles fly.", strings.Repeat("again ", 40)}
		fast := e.Encode(texts)
		portably(func() {
			for i, v := range e.Encode(texts) {
				var worst, length float64
				for j, x := range v.X {
					worst, length = max(worst, math.Abs(float64(x-fast[i].X[j]))), length+float64(x)*float64(x)
				}
				worst /= math.Sqrt(length)
				t.Logf("%s, text %d: a value is %.1e of the vector's length apart", e.card.Name, i, worst)
				if !(worst < 1e-4) {
					t.Errorf("%s, text %d: portable and accelerated are %v of the vector's length apart", e.card.Name, i, worst)
				}
			}
		})
	}
}

// TestNeighbours holds that a text's vector does not depend on what else is encoded.
func TestNeighbours(t *testing.T) {
	e := tiny(t)
	var texts []string
	for i := range 40 {
		texts = append(texts, strings.Repeat("the talks resume. ", i%13)+strings.Repeat("x", i))
	}
	for i, v := range e.Encode(texts) {
		if alone := e.Encode(texts[i : i+1])[0]; !slices.Equal(alone.X, v.X) {
			t.Fatalf("text %d alone gives another vector than among others", i)
		}
	}
}

func TestCut(t *testing.T) {
	e := tiny(t) // at most 48 tokens
	ids := func(text string) []int32 {
		ids, _ := e.pieces.tokenise(nil, text, e.card.MaxTokens)
		return ids
	}
	sentence := "the talks resume while he keeps talking. " // 8 tokens
	for name, c := range map[string]struct {
		text, read string
		cut        bool
	}{
		"fits":               {strings.Repeat(sentence, 5), strings.Repeat(sentence, 5), false},
		"exactly":            {strings.Repeat("the ", 46), strings.Repeat("the ", 46), false},
		"at a sentence":      {strings.Repeat(sentence, 9), strings.Repeat(sentence, 5), true},
		"at a word":          {strings.Repeat("the ", 47), strings.Repeat("the ", 46), true},
		"early end of one":   {"the. " + strings.Repeat("the ", 90), "the. " + strings.Repeat("the ", 44), true},
		"not inside a word":  {strings.Repeat("the ", 45) + "istanbul the", strings.Repeat("the ", 45), true},
		"longer than limits": {strings.Repeat("the ", 1e5), strings.Repeat("the ", 46), true},
	} {
		got, cut := e.pieces.tokenise(nil, c.text, e.card.MaxTokens)
		if want := ids(c.read); cut != c.cut || !slices.Equal(got, want) {
			t.Errorf("%s: tokenise gives %d tokens, cut %v; want %d, %v", name, len(got), cut, len(want), c.cut)
		}
	}
}

package classify

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"stallwatch/classify/encoder"
)

// tinyEncoder is the random encoder of package encoder's tests: its vectors differ from text to text, and mean nothing.
func tinyEncoder(tb testing.TB) *encoder.Encoder {
	tb.Helper()
	raw, err := os.ReadFile("encoder/testdata/tiny.bin")
	if err != nil {
		tb.Fatal(err)
	}
	e, err := encoder.Read(bytes.NewReader(raw))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// cats is a small thesis with both tiers, and how often the encoder was asked for.
type cats struct {
	*Careful
	fitted *TrainedHead
	asked  int
}

func catTiers(tb testing.TB) *cats {
	tb.Helper()
	th, dir := thesisFolder(tb, catCorpus(tb))
	trained := train(tb, th)
	fitted, err := trained.FitHead(tb.Context(), tinyEncoder(tb), nil)
	if err != nil {
		tb.Fatal(err)
	}
	writeTestFile(tb, filepath.Join(dir, "model.bin"), trained.Model)
	l, err := Load(th)
	if err != nil {
		tb.Fatal(err)
	}
	out := &cats{fitted: fitted}
	e := tinyEncoder(tb)
	var mu sync.Mutex
	out.Careful, err = NewCareful(l, fitted.File, e.Card(), func() (*encoder.Encoder, error) {
		mu.Lock()
		defer mu.Unlock()
		out.asked++
		return e, nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestCarefulTier(t *testing.T) {
	c := catTiers(t)
	for _, x := range []struct {
		name, text, lang string
		tier             Tier
		cut              bool
	}{
		{"on topic", "cats rule this house", "en", TierCareful, false},
		{"fails the gate", "dogs sleep all day", "en", TierFast, false},
		{"another language", "cats rule", "de", TierFast, false},
		{"no words", "https://example.org", "", TierFast, false},
		{"over-long", strings.Repeat("cats rule this house and the talks resume. ", 40), "en", TierCareful, true},
	} {
		before := c.asked
		v := c.Classify(x.text, x.lang)
		if v.Tier != x.tier || v.Cut != x.cut || v.Model != c.Card().ID {
			t.Errorf("%s: verdict %+v, want tier %s, cut %v, model %s", x.name, v, x.tier, x.cut, c.Card().ID)
		}
		if asked := c.asked > before; asked != (x.tier == TierCareful) {
			t.Errorf("%s: encoder asked: %v", x.name, asked)
		}
		sum := 0.0
		for _, p := range v.P {
			sum += p
		}
		if v.Abstain != AbstainLanguage && math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: probabilities sum to %v", x.name, sum)
		}
		if before = c.asked; c.Classify(x.text, x.lang) != v || c.asked != before {
			t.Errorf("%s: judged a second time", x.name)
		}
	}
	if fast := c.Fast().Card().ID; !strings.HasPrefix(c.Card().ID, fast+"+careful-") || c.Card().ID != c.fitted.ID || c.Card().Careful.Encoder != tinyEncoder(t).Card().ID() {
		t.Errorf("model id %s, fitted as %s, on top of %s", c.Card().ID, c.fitted.ID, fast)
	}
}

// TestMix holds a verdict to the formula that the card documents.
func TestMix(t *testing.T) {
	c := catTiers(t)
	const text = "the vet asks whether a kitten can reign"
	card := c.Card().Careful
	fast, enc := c.Fast().Classify(text, "en").P, normalised(c.head.logits(c.vectors([]string{text})[0].X))
	var want [NumStances]float64
	sum := 0.0
	for s := range want {
		want[s] = math.Exp((card.Bias[s] + card.WFast*math.Log(fast[s]) + card.WEnc*math.Log(enc[s])) / card.Temper)
		sum += want[s]
	}
	for s, p := range c.Classify(text, "en").P {
		if math.Abs(p-want[s]/sum) > 1e-9 {
			t.Errorf("P(%s) = %v, want %v", Stance(s), p, want[s]/sum)
		}
	}
}

func TestCarefulExplain(t *testing.T) {
	c := catTiers(t)
	const text = "no cat ever ruled here, dogs do"
	v := c.Classify(text, "en")
	words := c.Explain(text, v.Stance, 100)
	if len(words) != 7 {
		t.Fatalf("%d words, want 7: %v", len(words), words)
	}
	for i, w := range words {
		if text[w.Start:w.End] != w.Text || i > 0 && math.Abs(w.Gain) > math.Abs(words[i-1].Gain) {
			t.Errorf("evidence %d is %+v", i, w)
		}
		without := text[:w.Start] + " " + text[w.End:]
		at := func(text string) float64 {
			return margin(c.head.mix(c.fast.probabilities(text), c.vectors([]string{text})[0].X), v.Stance)
		}
		if want := at(text) - at(without); math.Abs(w.Gain-want) > 1e-6 {
			t.Errorf("%q: gain %v, want %v", w.Text, w.Gain, want)
		}
	}
	long := strings.Repeat("cats rule https://a.example/b ", 400)
	got := c.Explain(long, Agree, 1000)
	if len(got) == 0 || len(got) > maxOccluded {
		t.Errorf("%d parts of a long text are left out in turn, want at most %d", len(got), maxOccluded)
	}
	read := 15 * c.opened().Card().MaxTokens // of the first words two and a link are 30 bytes
	for _, w := range got {
		if w.End > read || strings.HasPrefix(w.Text, "http") {
			t.Errorf("the encoder cannot have read %q at %d", w.Text, w.Start)
		}
	}
	if got := c.Explain("dogs sleep", Agree, 3); len(got) == 0 {
		t.Error("a post for the fast tier alone has no evidence")
	}
}

func TestStaleHead(t *testing.T) {
	c := catTiers(t)
	good := tinyEncoder(t).Card()
	other := good
	other.SHA256 = strings.Repeat("0", 64)
	if _, err := NewCareful(c.fast, c.fitted.File, other, nil); !errors.Is(err, ErrStaleModel) || !strings.Contains(err.Error(), "run: stallwatch thesis train") {
		t.Errorf("a head of another encoder: %v", err)
	}
	card := c.fitted.Card
	card.Corpus = "another"
	raw, err := writeHead(card, c.head.layers)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCareful(c.fast, raw, good, nil); !errors.Is(err, ErrStaleModel) {
		t.Errorf("a head of another corpus: %v", err)
	}
	th, _ := thesisFolder(t, "")
	if _, err := LoadCareful(&Linear{thesis: th}); !errors.Is(err, ErrNoCareful) {
		t.Errorf("a thesis without a head: %v", err)
	}
}

func TestHeadRoundTrip(t *testing.T) {
	card := CarefulCard{Thesis: "x", Temper: 2}
	layers := []dense{{[][]float32{{1, 2}, {3, 4}, {5, 6}}, []float32{0.5, 0, 0}}, {[][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}, []float32{0, 0, 0, 1}}}
	raw, err := writeHead(card, layers)
	if err != nil {
		t.Fatal(err)
	}
	h, err := readHead(raw)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := math.Tanh(0.1+0.4+0.5), math.Tanh(0.3+0.8), math.Tanh(0.5+1.2)
	for s, z := range h.logits([]float32{0.1, 0.2}) {
		if want := []float64{a, b, c, a + b + c + 1}[s]; math.Abs(z-want) > 1e-6 {
			t.Errorf("logit %d is %v, want %v", s, z, want)
		}
	}
	for i := range raw {
		bad := append([]byte{}, raw...)
		bad[i] ^= 0x10
		if h, err := readHead(bad); err == nil && h.card.SHA256 != hashHex(raw[len(raw)-4*25:]) {
			t.Errorf("byte %d changed: no error", i)
		}
	}
	if _, err := readHead(raw[:len(raw)-1]); err == nil {
		t.Error("a head cut short is read")
	}
}

func FuzzReadHead(f *testing.F) {
	raw, err := writeHead(CarefulCard{Thesis: "x", Temper: 1}, []dense{{[][]float32{{1}, {2}, {3}, {4}}, make([]float32, NumStances)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(headMagic + `{"shape":[[4,0]],"temperature":1}` + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := readHead(raw)
		if err != nil {
			return
		}
		for _, p := range h.card.probabilities(h.mix([NumStances]float64{1}, make([]float32, h.card.Shape[0][1]))) {
			if math.IsNaN(p) {
				t.Errorf("a probability is %v", p)
			}
		}
	})
}

// TestCarefulHostile sends through both tiers what people send to break programs.
func TestCarefulHostile(t *testing.T) {
	c := catTiers(t)
	for _, s := range append(slices.Clone(hostileChars), hostilePairs...) {
		s = filled(s, 4_000)
		v := c.Classify("cat "+s, "en")
		c.Explain("cat "+s, Agree, 3)
		for _, p := range v.P {
			if !(p >= 0 && p <= 1) {
				t.Errorf("Classify(%.40q) = %+v", s, v)
			}
		}
	}
}

func BenchmarkMemo(b *testing.B) {
	c := catTiers(b)
	for b.Loop() {
		c.Classify("cats rule this house", "en")
	}
}

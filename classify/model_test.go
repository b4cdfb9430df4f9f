package classify

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// smallModel is a model of three buckets.
func smallModel(tb testing.TB) (Card, []stored, []byte) {
	tb.Helper()
	rows := []stored{{bucket: 0, idf: 16, w: [NumStances]int16{1, -1, 0, 32767}}, {bucket: 5, idf: 255, w: [NumStances]int16{-32768}}, {bucket: 15, idf: 1, w: [NumStances]int16{2, 3, 4, 5}}}
	card := Card{ID: "t" + weightsID(packRows(rows), .25), Thesis: "t", Features: featureVersion, Corpus: "c", Definition: "d", Posts: 7, Buckets: 16, Scale: .5, Temper: .65,
		Bias: [NumStances]float64{.1, .2, .3, .4}, Threshold: .25, OffTopic: [NumStances]float64{.1, .1, .1, .7}}
	var buf bytes.Buffer
	if err := writeModel(&buf, card, rows); err != nil {
		tb.Fatal(err)
	}
	return card, rows, buf.Bytes()
}

func TestModelRoundTrip(t *testing.T) {
	card, rows, raw := smallModel(t)
	m, err := readModel(raw)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(card, m.card); d != "" {
		t.Errorf("card (-want +got):\n%s", d)
	}
	want := make([]row, card.Buckets)
	for _, r := range rows {
		idf := float32(r.idf) * idfStep
		want[r.bucket].idf = idf
		for c, w := range r.w {
			want[r.bucket].w[c] = idf * float32(card.Scale) * float32(w)
		}
	}
	if d := cmp.Diff(want, m.weights, cmp.AllowUnexported(row{})); d != "" {
		t.Errorf("weights (-want +got):\n%s", d)
	}
	var again bytes.Buffer
	if err := writeModel(&again, m.card, rows); err != nil || !bytes.Equal(raw, again.Bytes()) {
		t.Errorf("written again, the model has other bytes (%v)", err)
	}
}

// rebuilt is a model with another card or body.
func rebuilt(tb testing.TB, raw []byte, change func(c *Card, body []byte) []byte) []byte {
	tb.Helper()
	head, packed, _ := bytes.Cut(raw[len(modelMagic):], []byte("\n"))
	var c Card
	if err := json.Unmarshal(head, &c); err != nil {
		tb.Fatal(err)
	}
	z, err := zstd.NewReader(bytes.NewReader(packed))
	if err != nil {
		tb.Fatal(err)
	}
	defer z.Close()
	body, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	body = change(&c, body)
	head, err = json.Marshal(c)
	if err != nil {
		tb.Fatal(err)
	}
	w, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return append([]byte(modelMagic+string(head)+"\n"), w.EncodeAll(body, nil)...)
}

func TestDamagedModels(t *testing.T) {
	_, _, raw := smallModel(t)
	sign := func(c *Card, body []byte) []byte { c.ID = "t" + weightsID(body, c.Threshold); return body }
	for name, b := range map[string][]byte{
		"another magic":    append([]byte("stallwatch-model 2\n"), raw[len(modelMagic):]...),
		"no JSON":          []byte(modelMagic + "hello\n"),
		"no line":          []byte(modelMagic + "{}"),
		"empty card":       []byte(modelMagic + "{}\n"),
		"junk at the end":  append(bytes.Clone(raw), "junk"...),
		"other weights":    rebuilt(t, raw, func(_ *Card, body []byte) []byte { body[3]++; return body }),
		"no weights":       rebuilt(t, raw, func(_ *Card, body []byte) []byte { return nil }),
		"half a bucket":    rebuilt(t, raw, func(c *Card, body []byte) []byte { return sign(c, body[:len(body)-1]) }),
		"bucket 16 of 16":  rebuilt(t, raw, func(c *Card, body []byte) []byte { body[20] = 11; return sign(c, body) }),
		"bucket twice":     rebuilt(t, raw, func(c *Card, body []byte) []byte { return sign(c, append(body, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)) }),
		"endless number":   rebuilt(t, raw, func(c *Card, body []byte) []byte { return sign(c, bytes.Repeat([]byte{0xff}, 64)) }),
		"a bomb":           rebuilt(t, raw, func(c *Card, body []byte) []byte { return sign(c, make([]byte, 64<<20)) }),
		"no buckets":       rebuilt(t, raw, func(c *Card, body []byte) []byte { c.Buckets = 0; return body }),
		"odd buckets":      rebuilt(t, raw, func(c *Card, body []byte) []byte { c.Buckets = 17; return body }),
		"many buckets":     rebuilt(t, raw, func(c *Card, body []byte) []byte { c.Buckets = 1 << 40; return body }),
		"no temperature":   rebuilt(t, raw, func(c *Card, body []byte) []byte { c.Temper = 0; return body }),
		"tiny temperature": rebuilt(t, raw, func(c *Card, body []byte) []byte { c.Temper = 1e-300; return body }),
		"huge scale":       rebuilt(t, raw, func(c *Card, body []byte) []byte { c.Scale = 1e300; return body }),
		"huge bias":        rebuilt(t, raw, func(c *Card, body []byte) []byte { c.Bias[2] = -1e300; return body }),
	} {
		if m, err := readModel(b); err == nil {
			t.Errorf("%s: readModel gives %+v and no error", name, m.card)
		}
	}
	if _, err := readModel(rebuilt(t, raw, func(_ *Card, body []byte) []byte { return body })); err != nil {
		t.Errorf("a model rebuilt without a change: %v", err)
	}
	// Cut anywhere, it is no model.
	for n := range raw {
		if _, err := readModel(raw[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are read as a model", n, len(raw))
		}
	}
}

func TestLoadErrors(t *testing.T) {
	lines := catCorpus(t)
	th, _ := thesisFolder(t, lines)
	good := train(t, th).Model
	if _, err := Load(th); err == nil || errors.Is(err, ErrStaleModel) || !strings.Contains(err.Error(), "run: stallwatch thesis train") {
		t.Errorf("without a model: %v, want an error that says what to run", err)
	}
	for name, c := range map[string]struct {
		model []byte
		more  string // lines added to the corpus
		yaml  func(string) string
		want  string // "" is no error
		stale bool
	}{
		"fits":            {model: good, want: ""},
		"another thesis":  {model: rebuilt(t, good, func(c *Card, b []byte) []byte { c.Thesis = "dogs"; return b }), want: `trained for thesis "dogs"`, stale: true},
		"older features":  {model: rebuilt(t, good, func(c *Card, b []byte) []byte { c.Features--; return b }), want: "features of version", stale: true},
		"another corpus":  {model: good, more: "\n", want: "train.jsonl has changed", stale: true},
		"another gate":    {model: good, yaml: func(s string) string { return strings.Replace(s, "kitten*]", "kitty]", 1) }, want: "another gate or lexicon", stale: true},
		"another title":   {model: good, yaml: func(s string) string { return strings.Replace(s, "title: ", "title: Really: ", 1) }, want: "thesis.yaml"},
		"another wording": {model: good, yaml: func(s string) string { return strings.Replace(s, "title: A", "title: Another", 1) }, want: ""},
		"an older format": {model: []byte("stallwatch-model 0\n"), want: "not a model of this version", stale: true},
		"an empty file":   {model: []byte{}, want: "not a model of this version", stale: true},
		"damaged":         {model: good[:len(good)-9], want: "model weights"},
	} {
		t.Run(name, func(t *testing.T) {
			_, dir := thesisFolder(t, lines+c.more)
			if c.yaml != nil {
				file := filepath.Join(dir, "thesis.yaml")
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				writeTestFile(t, file, []byte(c.yaml(string(b))))
			}
			writeTestFile(t, filepath.Join(dir, "model.bin"), c.model)
			th, err := LoadThesis(dir)
			if err == nil {
				_, err = Load(th)
			}
			switch {
			case c.want == "" && err != nil:
				t.Errorf("%v, want no error", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want an error with %q", err, c.want)
			case errors.Is(err, ErrStaleModel) != c.stale:
				t.Errorf("%v: stale is %v, want %v", err, !c.stale, c.stale)
			case c.stale && c.want != "not a model of this version" && !strings.Contains(err.Error(), "run: stallwatch thesis train"):
				t.Errorf("%v does not say what to run", err)
			}
		})
	}
}

func TestModelSize(t *testing.T) {
	raw, err := builtInThesis(t).File("model.bin")
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 8<<20 {
		t.Errorf("model.bin has %d bytes, want at most 8 MiB", len(raw))
	}
}

func FuzzReadModel(f *testing.F) {
	_, rows, raw := smallModel(f)
	f.Add(raw)
	f.Add([]byte(modelMagic))
	f.Add([]byte(modelMagic + "{}\n"))
	for _, n := range []int{len(raw) / 2, len(raw) - 1} {
		f.Add(raw[:n])
	}
	for i := len(modelMagic); i < len(raw); i += 37 {
		b := bytes.Clone(raw)
		b[i] ^= 0x10
		f.Add(b)
	}
	f.Add(packRows(rows))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = (&model{card: Card{Buckets: 16, Scale: 1}}).unpack(b) // past the checksum of the stream
		m, err := readModel(b)
		if err != nil {
			return
		}
		x := extractor{mask: uint32(m.card.Buckets - 1)}
		for _, text := range []string{"", onTopic200} {
			for _, p := range m.card.probabilities(m.score(x.extract(nil, text))) {
				if math.IsNaN(p) {
					t.Errorf("a model that reads gives probabilities that are not numbers: %+v", m.card)
				}
			}
		}
	})
}

package classify

import (
	"math"
	"strings"
	"testing"
)

// checkEvidence fails unless every piece of evidence is a span of the text and the strongest come first.
func checkEvidence(tb testing.TB, text string, why []Evidence) {
	tb.Helper()
	for i, e := range why {
		if e.Start < 0 || e.Start >= e.End || e.End > len(text) || text[e.Start:e.End] != e.Text || !atRune(text, e.Start) || !atRune(text, e.End) {
			tb.Fatalf("Explain(%.60q): %+v is not a span of the text", text, e)
		}
		if math.IsNaN(e.Gain) || math.IsInf(e.Gain, 0) {
			tb.Fatalf("Explain(%.60q): %+v", text, e)
		}
		if i > 0 && math.Abs(e.Gain) > math.Abs(why[i-1].Gain) {
			tb.Fatalf("Explain(%.60q): %+v comes after the weaker %+v", text, e, why[i-1])
		}
	}
}

func TestExplainSpans(t *testing.T) {
	l := builtInModel(t)
	for _, text := range []string{onTopic200, "", "🙄 Putin’s “cease fire” isn’t one…", "#PutinIsStalling!!", "cease fire", "@a https://b.example Putin", "\xffPutin\xff", filled("Putin is stalling. ", 30_000)} {
		for s := range Stance(NumStances) {
			why := l.Explain(text, s, 1<<20)
			checkEvidence(t, text, why)
			places := map[int]bool{}
			for _, e := range why {
				if places[e.Start] {
					t.Errorf("Explain(%.40q, %v): two pieces of evidence begin at %d", text, s, e.Start)
				}
				places[e.Start] = true
			}
		}
	}
}

func TestExplainLimit(t *testing.T) {
	l := builtInModel(t)
	all := l.Explain(onTopic200, Agree, 1<<20)
	for _, n := range []int{-1, 0, 1, 3, len(all), len(all) + 9} {
		want := max(0, min(n, len(all)))
		if got := l.Explain(onTopic200, Agree, n); len(got) != want {
			t.Errorf("Explain(…, %d) gives %d words, want %d", n, len(got), want)
		}
	}
}

// A contraction is one piece of evidence; a joined "cease fire" spans both words.
func TestExplainJoins(t *testing.T) {
	l := builtInModel(t)
	found := map[string]bool{}
	for _, e := range l.Explain("He can’t want a cease fire", Agree, 99) {
		found[e.Text] = true
	}
	if !found["can’t"] || !found["cease fire"] {
		t.Errorf("the evidence is %v, want can’t and cease fire among it", found)
	}
}

// The gains of all words and marks, with the bias and the manner of the text, make up the logits: nothing is counted twice.
func TestGainsAddUp(t *testing.T) {
	l := builtInModel(t)
	text := "Putin is only buying time"
	occ := l.extractor.extract(nil, text)
	scale := l.model.blockScales(occ)
	for s := range Stance(NumStances) {
		z := l.model.score(occ)
		others, bias := -z[s], -l.model.card.Bias[s]
		for c := range z {
			others += z[c]
			bias += l.model.card.Bias[c]
		}
		want := (z[s] - others/3 - l.model.card.Bias[s] + bias/3) / l.model.card.Temper
		got := 0.0
		for _, e := range l.Explain(text, s, 99) {
			got += e.Gain
		}
		for _, o := range occ {
			if o.end == 0 {
				got += scale[o.block] * l.model.weights[o.bucket].margin(s)
			}
		}
		if math.Abs(got-want) > 1e-4 {
			t.Errorf("%v: the gains sum to %v, the logits say %v", s, got, want)
		}
	}
}

func TestExplainFindsTheWord(t *testing.T) {
	th, _ := thesisFolder(t, catCorpus(t))
	l := trainAndLoad(t, th)
	for _, text := range []string{"cats rule, obey", "obey your cat"} {
		why := l.Explain(text, Agree, 9)
		if len(why) == 0 {
			t.Fatalf("Explain(%q) finds nothing", text)
		}
		for _, e := range why {
			if strings.TrimSpace(e.Text) != e.Text {
				t.Errorf("Explain(%q): %q has white space", text, e.Text)
			}
		}
	}
	gain := func(text, word string) float64 {
		for _, e := range l.Explain(text, Agree, 9) {
			if e.Text == word {
				return e.Gain
			}
		}
		t.Fatalf("Explain(%q) lacks %q", text, word)
		return 0
	}
	if obey, not := gain("my cat reigns and we obey", "obey"), gain("cats do not rule anything", "not"); obey <= 0 || not >= 0 {
		t.Errorf("for agreeing, obey gains %v and not gains %v; want one above and one below 0", obey, not)
	}
}

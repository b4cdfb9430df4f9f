package classify

import (
	"math"
	"slices"
	"sync"
	"testing"
)

// Two posts of 200 characters: one that the model judges, one that the gate turns away.
const (
	onTopic200 = "Putin says he's ready for talks, then he doesn't sign a thing and the bombs keep falling. That isn't diplomacy, it's stalling: he wants time to rearm, and he won't agree to a ceasefire in #Istanbul :("
	gateFail   = "Just made the best banana bread of my life, and nobody was home to see it; so here is a photo instead. Recipe below if anyone likes: four bananas, some patience, and a bit more butter than you'd think"
)

func TestBenchmarkPosts(t *testing.T) {
	g := newGate(builtInThesis(t).Gate, "en")
	for text, want := range map[string]bool{onTopic200: true, gateFail: false} {
		if len(text) != 200 || g.pass(text) != want {
			t.Errorf("%.30q… has %d characters and passes the gate: %v; want 200 and %v", text, len(text), g.pass(text), want)
		}
	}
}

func TestClassify(t *testing.T) {
	l := builtInModel(t)
	for _, c := range []struct {
		text, lang string
		want       Stance
		abstain    Abstention
	}{
		{gateFail, "en", Unrelated, AbstainNone},
		{onTopic200, "en", Agree, AbstainNone},
		{onTopic200, "", Agree, AbstainNone},
		{onTopic200, "und", Agree, AbstainNone},
		{onTopic200, "de", Unrelated, AbstainLanguage},
		{"Путін не хоче миру, він просто тягне час", "", Unrelated, AbstainLanguage},
		{"", "", Unrelated, AbstainNoText},
		{"https://example.org @putin", "en", Unrelated, AbstainNoText},
		{"https://example.org", "de", Unrelated, AbstainNoText},
	} {
		v := l.Classify(c.text, c.lang)
		if v.Abstain == AbstainUnsure { // the model may well be unsure; then Stance is its best guess
			v.Abstain = AbstainNone
		}
		if v.Abstain != c.abstain || v.Stance != c.want {
			t.Errorf("Classify(%.40q, %q) = %v, %q; want %v, %q", c.text, c.lang, v.Stance, v.Abstain, c.want, c.abstain)
		}
		if v.Model != l.Card().ID {
			t.Errorf("Classify(%.40q).Model = %q, want %q", c.text, v.Model, l.Card().ID)
		}
		if got := l.Classify(c.text, c.lang).Classified(); got != (l.Classify(c.text, c.lang).Abstain == AbstainNone) {
			t.Errorf("Classify(%.40q).Classified() = %v", c.text, got)
		}
		checkVerdict(t, c.text, v)
	}
}

// checkVerdict fails unless the probabilities are such and the stance is the most probable one.
func checkVerdict(tb testing.TB, text string, v Verdict) {
	tb.Helper()
	if v.Abstain == AbstainLanguage {
		if v.P != [NumStances]float64{} {
			tb.Errorf("Classify(%.60q): %v, want no probabilities for another language", text, v.P)
		}
		return
	}
	sum := 0.0
	for _, p := range v.P {
		if !(p >= 0 && p <= 1) {
			tb.Errorf("Classify(%.60q): probabilities %v", text, v.P)
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 || v.P[v.Stance] != slices.Max(v.P[:]) {
		tb.Errorf("Classify(%.60q): %v with probabilities %v, which sum to %v", text, v.Stance, v.P, sum)
	}
}

// Verdicts do not depend on who else is asking, nor on what was asked before. Run with -race.
func TestClassifyConcurrently(t *testing.T) {
	l := builtInModel(t)
	posts, err := l.thesis.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := 0; i < len(posts); i += 100 {
		texts = append(texts, posts[i].Text)
	}
	texts = append(texts, "", "\xff", filled("Ⱥ's ", 5000), filled("putin's ", 20_000))
	want := make([]Verdict, len(texts))
	why := make([][]Evidence, len(texts))
	for i, s := range texts {
		want[i], why[i] = l.Classify(s, ""), l.Explain(s, Agree, 3)
	}
	forgetProse(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for k := range texts {
				i := (k*7 + g*13) % len(texts)
				if got := l.Classify(texts[i], ""); got != want[i] {
					t.Errorf("Classify(%.40q) = %+v, alone %+v", texts[i], got, want[i])
				}
				if got := l.Explain(texts[i], Agree, 3); !slices.Equal(got, why[i]) {
					t.Errorf("Explain(%.40q) = %+v, alone %+v", texts[i], got, why[i])
				}
			}
		})
	}
	wg.Wait()
}

func FuzzClassify(f *testing.F) {
	l := builtInModel(f)
	for _, s := range append(slices.Clone(hostileChars), hostilePairs...) {
		f.Add("putin "+filled(s, 40), "")
	}
	f.Add(onTopic200, "en")
	f.Add(gateFail, "und")
	f.Add("Putin will keinen Frieden und das ist auch nicht neu", "in-doubt")
	f.Fuzz(func(t *testing.T, text, lang string) {
		v := l.Classify(text, lang)
		checkVerdict(t, text, v)
		if again := l.Classify(text, lang); again != v {
			t.Errorf("Classify(%q, %q) = %+v, then %+v", text, lang, v, again)
		}
		checkEvidence(t, text, l.Explain(text, v.Stance, 1<<20))
	})
}

func BenchmarkGateFail(b *testing.B) {
	l := builtInModel(b)
	for name, lang := range map[string]string{"lang=en": "en", "lang=none": ""} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Classify(gateFail, lang)
			}
		})
	}
}

func BenchmarkClassify200(b *testing.B) {
	l := builtInModel(b)
	for name, lang := range map[string]string{"lang=en": "en", "lang=none": ""} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Classify(onTopic200, lang)
			}
		})
	}
}

func BenchmarkClassifyParallel(b *testing.B) {
	l := builtInModel(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Classify(onTopic200, "en")
		}
	})
}

func BenchmarkExplain200(b *testing.B) {
	l := builtInModel(b)
	for b.Loop() {
		l.Explain(onTopic200, Agree, 5)
	}
}

// BenchmarkLoad reads the thesis and its model, as every command does at its start.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		builtInModel(b)
	}
}

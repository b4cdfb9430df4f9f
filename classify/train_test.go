package classify

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func train(tb testing.TB, th *Thesis) *Trained {
	tb.Helper()
	got, err := Train(th, smallConfig)
	if err != nil {
		tb.Fatal(err)
	}
	return got
}

// trainAndLoad writes the model into the thesis's folder and loads it from there.
func trainAndLoad(tb testing.TB, th *Thesis) *Linear {
	tb.Helper()
	dir := tb.TempDir()
	for _, name := range []string{"thesis.yaml", "codebook.md", "train.jsonl"} {
		b, err := th.File(name)
		if err != nil {
			tb.Fatal(err)
		}
		writeTestFile(tb, filepath.Join(dir, name), b)
	}
	writeTestFile(tb, filepath.Join(dir, "model.bin"), train(tb, th).Model)
	th, err := LoadThesis(dir)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := Load(th)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// The same folder gives the same bytes, also when it is read anew.
func TestTrainIsDeterministic(t *testing.T) {
	lines := catCorpus(t)
	th, _ := thesisFolder(t, lines)
	first := train(t, th)
	for range 3 {
		th, _ := thesisFolder(t, lines)
		again := train(t, th)
		if !bytes.Equal(first.Model, again.Model) {
			t.Fatalf("two trainings differ: %s and %s", first.Card.ID, again.Card.ID)
		}
		a, _ := json.Marshal(first.HeldOut)
		b, err := json.Marshal(again.HeldOut)
		if err != nil || !bytes.Equal(a, b) {
			t.Fatalf("the figures of two trainings differ (%v):\n%s\n%s", err, a, b)
		}
	}
}

func TestTrainLearns(t *testing.T) {
	th, _ := thesisFolder(t, catCorpus(t))
	l := trainAndLoad(t, th)
	posts, err := th.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	if e := EvaluateOn(l, posts); e.Accuracy < 0.9 {
		t.Errorf("accuracy on its own training posts is %.2f:\n%s", e.Accuracy, e.Table())
	}
	if c := l.Card(); c.Posts != len(posts) || c.Thesis != "cats-rule" || c.Features != featureVersion || !strings.HasPrefix(c.ID, "cats-rule-") {
		t.Errorf("card %+v", c)
	}
	if v := l.Classify("the train is late", "en"); v.Stance != Unrelated || v.P != l.Card().OffTopic {
		t.Errorf("a post without cats: %+v", v)
	}
}

// A corpus without a stance, or with one stance only, gives a model that does not speak of it, and no NaN.
func TestTrainWithoutAStance(t *testing.T) {
	for _, without := range [][]Stance{{Disagree}, {Agree, Discuss}, {Agree, Disagree, Discuss}, {Disagree, Discuss, Unrelated}} {
		th, _ := thesisFolder(t, catCorpus(t, without...))
		l := trainAndLoad(t, th)
		for _, text := range []string{"cats rule this house", "my cat", "cats do not rule anything"} {
			v := l.Classify(text, "en")
			checkVerdict(t, text, v)
			for _, s := range without {
				if v.Stance == s {
					t.Errorf("without %v: Classify(%q) = %v", without, text, v.Stance)
				}
			}
		}
	}
}

// A prior may rule stances out, even all that are labelled, or most: training still gives weights that are numbers.
func TestTrainWithPriorOfZero(t *testing.T) {
	for _, c := range []struct {
		prior   Prior
		without []Stance
	}{
		{Prior{Agree: 1}, nil},
		{Prior{Agree: 0.5, Disagree: 0.5}, nil},
		{Prior{Unrelated: 1}, []Stance{Disagree, Discuss, Unrelated}},
		{Prior{Agree: 0.01, Disagree: 0.99}, []Stance{Disagree}},
	} {
		th, _ := thesisFolder(t, catCorpus(t, c.without...))
		th.Prior = c.prior
		posts, err := th.Corpus()
		if err != nil {
			t.Fatal(err)
		}
		tr := &trainer{posts: posts, thesis: th}
		sum := 0.0
		for _, w := range tr.weights(tr.all()) {
			sum += w
		}
		if math.Abs(sum-float64(len(posts))) > 1e-9 {
			t.Errorf("prior %+v without %v: the weights sum to %v, want %d", c.prior, c.without, sum, len(posts))
		}
		if _, err := readModel(train(t, th).Model); err != nil {
			t.Errorf("prior %+v without %v: %v", c.prior, c.without, err)
		}
	}
}

// What thesis.yaml gives is taken; the rest is chosen, and the model that is written gives the held-out logits' scale.
func TestChoose(t *testing.T) {
	th, _ := thesisFolder(t, catCorpus(t))
	got := train(t, th)
	if len(got.Tried) != len(penalties) || len(got.Card.L2) != int(numBlocks) || len(got.Card.Weights) != int(numBlocks) {
		t.Fatalf("%d settings tried, card %+v", len(got.Tried), got.Card)
	}
	best := 0.0
	for _, x := range got.Tried {
		best = max(best, x.MacroF1)
		for _, w := range x.Weights {
			if !(w >= 0) {
				t.Errorf("weights %v", x.Weights)
			}
		}
		if !(x.LogLoss > 0 && x.LogLoss < 5) {
			t.Errorf("log loss %v", x.LogLoss)
		}
	}
	if got.HeldOut.MacroF1 != best {
		t.Errorf("macro-F1 of what was chosen is %v, the best tried %v", got.HeldOut.MacroF1, best)
	}
	th.Training = Training{L2: []float64{2, 3, 4}, Temperature: 1.5}
	got = train(t, th)
	if c := got.Card; len(got.Tried) != 0 || !slices.Equal(c.L2, th.Training.L2) || c.Temper != 1.5 {
		t.Errorf("with settings given: tried %v, card %+v", got.Tried, c)
	}
}

// The weights of the pool silence an expert that speaks at random.
func TestWeigh(t *testing.T) {
	th, _ := thesisFolder(t, catCorpus(t))
	posts, err := th.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	tr := newTrainer(th, smallConfig.withDefaults(Training{}, len(posts)), posts)
	h := make(heldOut, len(posts))
	for i, p := range posts {
		h[i][wordBlock][p.Stance] = 1
		h[i][frameBlock][i%NumStances] = 3
	}
	w, _, err := tr.weigh(h)
	if err != nil || w[wordBlock] < 0.8 || w[frameBlock] > 0.1 {
		t.Errorf("weights %v, %v: the words are always right, the frames chance", w, err)
	}
}

// A prior that the thesis does not give is what the corpus has.
func TestPriorOfCorpus(t *testing.T) {
	tr := &trainer{thesis: &Thesis{}, posts: []Labelled{{Stance: Agree}, {Stance: Agree}, {Stance: Agree}, {Stance: Discuss}}}
	if got, want := tr.prior(), [NumStances]float64{Agree: 0.75, Discuss: 0.25}; got != want {
		t.Errorf("prior %v, want %v", got, want)
	}
}

func TestTrainOnLittle(t *testing.T) {
	th, _ := thesisFolder(t, "")
	if _, err := Train(th, smallConfig); err == nil || !strings.Contains(err.Error(), "holds no posts") {
		t.Errorf("an empty corpus: %v, want an error that says so", err)
	}
	th, _ = thesisFolder(t, `{"id":"1","text":"a cat","stance":"agree"}`)
	train(t, th)
	th, _ = thesisFolder(t, `{"id":"1","text":"a cat","stance":"agree"}`+"\n{}\n[")
	if _, err := Train(th, smallConfig); err == nil || !strings.Contains(err.Error(), "train.jsonl:2: ") || !strings.Contains(err.Error(), "train.jsonl:3: ") {
		t.Errorf("bad lines: %v, want an error that names lines 2 and 3", err)
	}
}

// Within every batch the stances weigh as the prior says, as far as each is there, and all weights sum to the posts.
func TestWeights(t *testing.T) {
	var posts []Labelled
	for range 90 {
		posts = append(posts, Labelled{Stance: Agree, Batch: "x"})
	}
	for range 10 {
		posts = append(posts, Labelled{Stance: Discuss, Batch: "x"})
	}
	tr := &trainer{posts: posts, thesis: &Thesis{Prior: Prior{1, 1, 1, 1}}}
	w := tr.weights(tr.all())
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	if math.Abs(sum-100) > 1e-9 {
		t.Errorf("the weights sum to %v, want 100", sum)
	}
	if ratio, want := w[99]/w[0], (90+8*.25)/(10+8*.25); ratio < 1 || ratio > want+1e-9 {
		t.Errorf("a scarce post weighs %v times a frequent one, want more than 1 and at most %v", ratio, want)
	}
}

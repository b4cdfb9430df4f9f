package classify_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stallwatch/classify"
)

const (
	agree     = classify.Agree
	disagree  = classify.Disagree
	discuss   = classify.Discuss
	unrelated = classify.Unrelated
)

// judged is a post of one label with a verdict of probability p; the rest goes to the label, or to another stance.
func judged(label, verdict classify.Stance, p float64, stratum string) classify.Judged {
	v := classify.Verdict{Stance: verdict}
	v.P[verdict] = p
	if label != verdict {
		v.P[label] = 1 - p
	} else {
		v.P[(label+1)%classify.NumStances] = 1 - p
	}
	return classify.Judged{Labelled: classify.Labelled{Stance: label, Stratum: stratum}, Verdict: v}
}

// tenPosts are one for each bin of the calibration error. By hand: 7 of 10 are right;
// agree 2/3 and 2/3, disagree 1/2 and 1/2, discuss 1 and 1/2, unrelated 3/4 and 1 (precision and recall).
var tenPosts = []classify.Judged{
	judged(agree, agree, .9, "a"), judged(agree, agree, .8, "a"), judged(agree, disagree, .6, "a"),
	judged(disagree, disagree, .7, "a"), judged(disagree, unrelated, .5, "a"),
	judged(discuss, discuss, .95, "b"), judged(discuss, agree, .55, "b"),
	judged(unrelated, unrelated, .99, "b"), judged(unrelated, unrelated, .85, "b"), judged(unrelated, unrelated, .65, "b"),
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) < 1e-9) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestEvaluateByHand(t *testing.T) {
	e := classify.Evaluate(tenPosts)
	wantConfusion := [4][4]int{{2, 1, 0, 0}, {0, 1, 0, 1}, {1, 0, 1, 0}, {0, 0, 0, 3}}
	if e.Posts != 10 || e.Confusion != wantConfusion {
		t.Errorf("%d posts, confusion %v; want 10, %v", e.Posts, e.Confusion, wantConfusion)
	}
	near(t, "accuracy", e.Accuracy, .7)
	for s, want := range [4][5]float64{{2. / 3, 2. / 3, 2. / 3, 3, 3}, {.5, .5, .5, 2, 2}, {1, .5, 2. / 3, 2, 1}, {.75, 1, 6. / 7, 3, 4}} {
		got := e.ByStance[s]
		near(t, got.Stance.String()+" precision", got.Precision, want[0])
		near(t, got.Stance.String()+" recall", got.Recall, want[1])
		near(t, got.Stance.String()+" F1", got.F1, want[2])
		near(t, got.Stance.String()+" labelled", float64(got.Labelled), want[3])
		near(t, got.Stance.String()+" given", float64(got.Given), want[4])
	}
	near(t, "macro-F1", e.MacroF1, (2./3+.5+2./3+6./7)/4)
	near(t, "F_avg", e.FAvg, 7./12)
	near(t, "ECE", e.ECE, .281)       // (.1+.2+.3+.05+.01+.15+.35 + .6+.5+.55)/10
	near(t, "Brier", e.Brier, .24002) // 2·(Σ(1−p)² of the right + Σp² of the wrong)/10
	near(t, "accuracy of stratum a", e.ByStratum["a"].Accuracy, .6)
	near(t, "accuracy of stratum b", e.ByStratum["b"].Accuracy, .8)
	for _, c := range e.Coverage {
		switch c.Threshold {
		case 0:
			near(t, "coverage at 0", c.Coverage, 1)
			near(t, "macro-F1 at 0", c.MacroF1, e.MacroF1)
		case .6:
			near(t, "coverage at .6", c.Coverage, .8)
			near(t, "accuracy at .6", c.Accuracy, 7./8)
		case .9:
			near(t, "coverage at .9", c.Coverage, .3)
			near(t, "accuracy at .9", c.Accuracy, 1)
			near(t, "macro-F1 at .9", c.MacroF1, 1)
		}
	}
}

// A post taken for another language has no probabilities: it counts as unrelated, never for agreeing.
func TestEvaluateForeign(t *testing.T) {
	_, l := builtIn(t)
	e := classify.EvaluateOn(l, []classify.Labelled{{Text: "Путін не хоче миру, він просто тягне час", Stance: unrelated}, {Text: "Putin is stalling", Lang: "fr", Stance: agree}})
	if e.Posts != 2 || e.ByStance[unrelated].Given != 2 {
		t.Errorf("%d posts, %d of them judged unrelated; want 2 and 2", e.Posts, e.ByStance[unrelated].Given)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Error(err)
	}
}

// Nothing is ever NaN: whatever is missing, the figures go through JSON.
func TestEvaluateDegenerate(t *testing.T) {
	for name, posts := range map[string][]classify.Judged{
		"nothing":       nil,
		"one right":     {judged(agree, agree, 1, "")},
		"one wrong":     {judged(discuss, agree, .3, "")},
		"one class":     {judged(agree, agree, .5, ""), judged(agree, agree, .6, "")},
		"always absent": {judged(agree, disagree, .5, ""), judged(disagree, agree, .6, "")},
	} {
		e := classify.Evaluate(posts)
		if _, err := json.Marshal(e); err != nil { // NaN and Inf are not JSON
			t.Errorf("%s: %v: %+v", name, err, e)
		}
		if e.Table() == "" {
			t.Errorf("%s: no table", name)
		}
	}
	// macro-F1 is over the stances that are labelled
	near(t, "macro-F1 of one class", classify.Evaluate([]classify.Judged{judged(agree, agree, 1, "")}).MacroF1, 1)
}

func TestEvalReport(t *testing.T) {
	r := classify.EvalReport{Model: "m", HeldOut: classify.Evaluate(tenPosts)}
	r.Add(classify.External{Name: "x", SHA256: "1"})
	r.Add(classify.External{Name: "y", SHA256: "2"})
	r.Add(classify.External{Name: "x", SHA256: "3", Evaluation: classify.Evaluate(tenPosts)})
	raw, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var back classify.EvalReport
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, back); d != "" {
		t.Errorf("report after a round trip (-want +got):\n%s", d)
	}
	if len(back.External) != 2 || back.External[1].SHA256 != "3" {
		t.Errorf("external entries %+v, want y and the new x", back.External)
	}
}

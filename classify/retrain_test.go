package classify

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestModelIsReproduced trains the built-in thesis anew and gets model.bin and the held-out figures of eval.json, to the last bit.
func TestModelIsReproduced(t *testing.T) {
	if os.Getenv("STALLWATCH_RETRAIN") != "1" {
		t.Skip("SKIPPED: training the built-in thesis anew, a minute on two cores, runs only with STALLWATCH_RETRAIN=1, and without -race")
	}
	th := builtInThesis(t)
	want, err := th.File("model.bin")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Train(th, TrainConfig{})
	if err != nil {
		t.Fatal(err)
	}
	const run = "run: go run ./cmd/stallwatch thesis train classify/theses/putin-stalling"
	if !bytes.Equal(got.Model, want) {
		t.Errorf("model.bin is not what training gives (%s, want %s); %s", builtInModel(t).Card().ID, got.Card.ID, run)
	}
	if d := cmp.Diff(savedReport(t).HeldOut, got.HeldOut); d != "" {
		t.Errorf("held-out figures of eval.json (-) and of training (+); %s\n%s", run, d)
	}
}

func savedReport(t *testing.T) (r EvalReport) {
	t.Helper()
	raw, err := builtInThesis(t).File(EvalFile)
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The figures of every evaluation in eval.json follow from its confusion matrix.
func TestSavedFiguresFollowFromConfusion(t *testing.T) {
	report := savedReport(t)
	check := func(name string, e Evaluation) {
		by, accuracy, macro := scores(e.Confusion)
		want := e
		want.ByStance, want.Accuracy, want.MacroF1, want.FAvg = by, accuracy, macro, (by[Agree].F1+by[Disagree].F1)/2
		if d := cmp.Diff(want, e); d != "" {
			t.Errorf("%s: figures from its confusion matrix (-) and as saved (+):\n%s", name, d)
		}
		n := 0
		for _, s := range by {
			n += s.Labelled
		}
		if n != e.Posts || n == 0 {
			t.Errorf("%s: %d posts in the confusion matrix, %d in all", name, n, e.Posts)
		}
	}
	for r := &report; r != nil; r = r.Careful {
		if r == &report || r.HeldOut.Posts > 0 { // a head tuned with its encoder has seen every batch: nothing is held out
			check(r.Model+" held out", r.HeldOut)
		}
		for _, e := range r.External {
			check(r.Model+" "+e.Name, e.Evaluation)
		}
	}
}

package classify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// EvalFile is the evaluation beside a model.
const EvalFile = "eval.json"

// EvalReport is the content of eval.json: how well the model beside it does. Training writes it with the held-out figures;
// evaluating on other files adds External ones, which hold for the same model only. The figures of both tiers together are in Careful;
// a head that was tuned with its encoder has seen every batch and has no HeldOut.
type EvalReport struct {
	Model    string     `json:"model"`
	Corpus   string     `json:"corpus_sha256"`
	HeldOut  Evaluation `json:"held_out,omitzero"` // cross-validation over whole batches of train.jsonl
	External []External `json:"external"`
	Tried    []Trial    `json:"tried,omitempty"` // the settings that cross-validation chose from

	Careful *EvalReport `json:"careful,omitempty"` // where the thesis has a careful tier
}

// For is the part of the report that is about a model; nil when there is none.
func (r *EvalReport) For(model string) *EvalReport {
	if r == nil || r.Model == model {
		return r
	}
	return r.Careful.For(model)
}

// External is an evaluation on posts that are not part of the thesis.
type External struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // of the file
	Evaluation
}

// Add puts an evaluation into the report, in place of an older one of the same name.
func (r *EvalReport) Add(e External) {
	r.External = slices.DeleteFunc(r.External, func(x External) bool { return x.Name == e.Name })
	r.External = append(r.External, e)
}

// Encode writes the report as eval.json holds it.
func (r *EvalReport) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "\t")
	return append(b, '\n'), err
}

// Table writes an evaluation for people: scores by stance, the confusion matrix, strata and the price of abstaining.
func (e *Evaluation) Table() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%d posts   macro-F1 %.3f   F_avg(agree, disagree) %.3f   accuracy %.3f   ECE %.3f   Brier %.3f", e.Posts, e.MacroF1, e.FAvg,
		e.Accuracy, e.ECE, e.Brier)
	line("\n%-10s %9s %9s %9s %9s", "", "precision", "recall", "F1", "labelled")
	for _, s := range e.ByStance {
		line("%-10s %9.3f %9.3f %9.3f %9d", s.Stance, s.Precision, s.Recall, s.F1, s.Labelled)
	}
	line("\nlabel \\ verdict %8s %8s %8s %9s", Agree, Disagree, Discuss, Unrelated)
	for c, row := range e.Confusion {
		line("%-15s %8d %8d %8d %9d", Stance(c), row[Agree], row[Disagree], row[Discuss], row[Unrelated])
	}
	if len(e.ByStratum) > 0 {
		line("\n%-24s %6s %9s", "stratum", "posts", "accuracy")
		for _, name := range sortedKeys(e.ByStratum) {
			line("%-24s %6d %9.3f", name, e.ByStratum[name].Posts, e.ByStratum[name].Accuracy)
		}
	}
	line("\nabstain below %9s %9s %9s", "coverage", "accuracy", "macro-F1")
	for _, c := range e.Coverage {
		line("%13.2f %9.3f %9.3f %9.3f", c.Threshold, c.Coverage, c.Accuracy, c.MacroF1)
	}
	return b.String()
}

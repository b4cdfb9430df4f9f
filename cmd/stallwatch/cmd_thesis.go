package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"stallwatch/classify"
)

func (a *app) thesisCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "thesis",
		Short: "Make, check, train and evaluate a thesis",
		Long: `A thesis is a folder: thesis.yaml (what is claimed, wording, gate, lexicon, events), codebook.md (what the stances mean)
and train.jsonl (posts written or licensed for training, one a line with id, text, stance and batch). Training adds
model.bin and eval.json. Where DIR is left out, --thesis says which thesis.`,
	}
	c.AddCommand(a.thesisListCommand(), a.thesisNewCommand(), a.thesisValidateCommand(), a.thesisTrainCommand(), a.thesisEvaluateCommand())
	return c
}

// thesisArg is the thesis a subcommand is about: its argument is a folder, whatever it looks like.
func (a *app) thesisArg(args []string) (*classify.Thesis, string, error) {
	dir := a.thesis
	if len(args) > 0 {
		dir = args[0]
		if !strings.ContainsAny(dir, `/\`) {
			dir = "./" + dir
		}
	}
	t, err := classify.LoadThesis(dir)
	return t, dir, err
}

func (a *app) thesisListCommand() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the built-in theses", Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error {
			for _, id := range classify.BuiltInTheses() {
				t, err := classify.LoadThesis(id)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "%s\t%s\n", t.ID, t.Claim)
			}
			return nil
		})}
}

func (a *app) thesisValidateCommand() *cobra.Command {
	return &cobra.Command{Use: "validate [DIR]", Short: "Check a thesis's files", Args: cobra.MaximumNArgs(1),
		RunE: does(func(_ context.Context, args []string) error {
			t, dir, err := a.thesisArg(args)
			if err != nil {
				return err
			}
			posts, err := t.Corpus()
			if err != nil {
				return err
			}
			if _, err := t.CodebookHash(); err != nil {
				return err
			}
			var n [classify.NumStances]int
			for _, p := range posts {
				n[p.Stance]++
			}
			fmt.Fprintf(a.stdout, "%s: %s: %d events, %d training posts", dir, t.ID, len(t.Events), len(posts))
			for s, k := range n {
				fmt.Fprintf(a.stdout, ", %d %s", k, classify.Stance(s))
			}
			fmt.Fprintln(a.stdout)
			if _, err := classify.LoadBest(t, a.fast); err != nil {
				a.say("%v", err)
			}
			return nil
		})}
}

func (a *app) thesisTrainCommand() *cobra.Command {
	return &cobra.Command{Use: "train DIR", Short: "Train a thesis's model: writes DIR/model.bin and DIR/eval.json", Args: cobra.ExactArgs(1),
		Long: `Trains on DIR/train.jsonl and writes DIR/model.bin, and DIR/eval.json with the figures on held-out batches.
The same train.jsonl and thesis.yaml give the same bytes on one processor architecture. What the training section of thesis.yaml
does not fix (l2, min_posts, temperature) is chosen by cross-validation over whole batches; eval.json lists what was tried. Without a
prior in thesis.yaml training assumes the shares of the stances in train.jsonl.

Then it fits the careful tier: a head on the sentence encoder that comes with the program, and the weights of the mix with the fast
tier, in DIR/careful.bin. A head that was tuned together with this encoder is kept; delete the file to fit one anew. --fast leaves
the careful tier alone.`,
		RunE: does(func(ctx context.Context, args []string) error {
			t, dir, err := a.thesisArg(args)
			if err != nil {
				return err
			}
			a.say("Training %s …", t.ID)
			trained, err := classify.Train(t, classify.TrainConfig{})
			if err != nil {
				return err
			}
			report := classify.EvalReport{Model: trained.Card.ID, Corpus: trained.Card.Corpus, HeldOut: trained.HeldOut, External: []classify.External{}, Tried: trained.Tried}
			head, err := a.trainHead(ctx, t, trained, &report)
			if err != nil {
				return err
			}
			eval, err := report.Encode()
			if err != nil {
				return err
			}
			if head != nil {
				if err := writeFile(filepath.Join(dir, classify.CarefulFile), head); err != nil {
					return err
				}
			}
			err = errors.Join(writeFile(filepath.Join(dir, "model.bin"), trained.Model), writeFile(filepath.Join(dir, classify.EvalFile), eval))
			if err != nil {
				return err
			}
			if n := len(trained.Tried); n > 0 {
				a.say("Chosen from %d settings by cross-validation: penalties %v, weights %.2f (words, letters, frames).", n, trained.Card.L2, trained.Card.Weights)
			}
			a.say("Wrote %s (%d bytes) and %s.\nOn held-out batches:", filepath.Join(dir, "model.bin"), len(trained.Model), classify.EvalFile)
			if a.json {
				return a.writeJSON(report)
			}
			_, err = fmt.Fprint(a.stdout, trained.HeldOut.Table())
			if head != nil && err == nil {
				_, err = fmt.Fprintf(a.stdout, "\nBoth tiers together, on the same batches:\n%s", report.Careful.HeldOut.Table())
			}
			return err
		})}
}

// writeFile replaces a file whole or not at all.
func writeFile(name string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".stallwatch-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

func (a *app) thesisEvaluateCommand() *cobra.Command {
	var on, save string
	var abstain float64
	c := &cobra.Command{Use: "evaluate [DIR]", Short: "Compare the model's verdicts with labelled posts", Args: cobra.MaximumNArgs(1),
		Long: `Judges the posts of --on FILE (JSONL with id, text and stance) and prints macro-F1, the confusion matrix, calibration and
what abstaining would cost. --save NAME also adds the figures to the thesis's eval.json under that name. --abstain P shows the figures as they would be if the
model abstained below P, and how many posts of each stance would be left; to make it so, write abstain: P into the training section
of thesis.yaml and train. Without it the model never abstains for being unsure: it is unsure of some stances more often than of
others, so that shares of what is left would be biased.`,
		RunE: does(func(_ context.Context, args []string) error {
			t, dir, err := a.thesisArg(args)
			if err != nil {
				return err
			}
			raw, err := os.ReadFile(on)
			if err != nil {
				return err
			}
			posts, err := classify.ReadLabelled(bytes.NewReader(raw), on)
			if err != nil {
				return err
			}
			judge, err := classify.LoadBest(t, a.fast)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(raw)
			judged := classify.JudgeAll(judge, posts)
			e := classify.External{Name: save, SHA256: hex.EncodeToString(sum[:]), Evaluation: classify.Evaluate(judged)}
			if save != "" {
				if err := saveEvaluation(dir, judge.Card().ID, e); err != nil {
					return err
				}
			}
			all := e.Evaluation
			if abstain > 0 {
				e.Evaluation = classify.Evaluate(classify.Sure(judged, abstain))
			}
			if a.json {
				return a.writeJSON(e.Evaluation)
			}
			fmt.Fprintf(a.stdout, "model %s on %s\n", judge.Card().ID, on)
			if abstain > 0 {
				fmt.Fprintf(a.stdout, "abstaining below %v leaves %d of %d posts:", abstain, e.Posts, all.Posts)
				for s, x := range e.ByStance {
					fmt.Fprintf(a.stdout, " %d of %d %s", x.Labelled, all.ByStance[s].Labelled, x.Stance)
				}
				fmt.Fprintln(a.stdout)
			}
			_, err = fmt.Fprint(a.stdout, e.Table())
			return err
		})}
	c.Flags().StringVar(&on, "on", "", "`FILE` of labelled posts")
	c.Flags().StringVar(&save, "save", "", "add the figures to eval.json under this `NAME`")
	c.Flags().Float64Var(&abstain, "abstain", 0, "show the figures of abstaining below this probability `P`")
	_ = c.MarkFlagRequired("on")
	c.MarkFlagsMutuallyExclusive("save", "abstain")
	return c
}

func saveEvaluation(dir, model string, e classify.External) error {
	file := filepath.Join(dir, classify.EvalFile)
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("--save needs a thesis folder: %w", err)
	}
	var report classify.EvalReport
	if err := json.Unmarshal(raw, &report); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	of := report.For(model)
	if fast, _, both := strings.Cut(model, "+"); of == nil && both && fast == report.Model {
		report.Careful = &classify.EvalReport{Model: model, Corpus: report.Corpus}
		of = report.Careful
	}
	if of == nil {
		return fmt.Errorf("%s is of model %s, not of %s; run: stallwatch thesis train %s", file, report.Model, model, dir)
	}
	of.Add(e)
	b, err := report.Encode()
	if err != nil {
		return err
	}
	return writeFile(file, b)
}

func (a *app) thesisNewCommand() *cobra.Command {
	return &cobra.Command{Use: "new DIR", Short: "Begin a thesis: writes thesis.yaml, codebook.md and an empty train.jsonl", Args: cobra.ExactArgs(1),
		RunE: does(func(_ context.Context, args []string) error {
			dir := args[0]
			if err := os.Mkdir(dir, 0o755); err != nil {
				if errors.Is(err, fs.ErrExist) {
					return fmt.Errorf("%s exists; a new thesis needs a new folder", dir)
				}
				return err
			}
			for name, text := range classify.Template(filepath.Base(dir)) {
				if err := writeFile(filepath.Join(dir, name), []byte(text)); err != nil {
					return err
				}
			}
			a.say("Wrote %s. Next: fill in thesis.yaml and codebook.md, put labelled posts into train.jsonl, then\n  stallwatch thesis validate %s\n  stallwatch thesis train %s",
				dir, dir, dir)
			return nil
		})}
}

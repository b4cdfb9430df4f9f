package classify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stallwatch/classify/encoder"
)

// tweetEval is where TweetEval's stance data lies (Barbieri et al. 2020; Mohammad et al. 2016), if it is there.
const tweetEval = "../../shared/bench/tweeteval"

// tweetStances maps TweetEval's labels: none, against, favor.
var tweetStances = [3]Stance{Unrelated, Disagree, Agree}

// TestTweetEval makes a thesis of each of TweetEval's five targets, trains both tiers on train and validation as 'stallwatch
// thesis train' does, judges the test posts once, and prints the pooled F_avg, as the benchmark defines it. All settings are
// chosen by cross-validation within train and validation. Without encoder weights it tells of the fast tier alone.
func TestTweetEval(t *testing.T) {
	if os.Getenv("STALLWATCH_TWEETEVAL") != "1" {
		t.Skip("SKIPPED: TweetEval, two minutes, runs only with STALLWATCH_TWEETEVAL=1")
	}
	targets, _ := filepath.Glob(tweetEval + "/*/train_text.txt")
	if len(targets) == 0 {
		t.Skip("SKIPPED: TweetEval: no data in ../shared")
	}
	e, err := encoder.Shipped()
	if name := os.Getenv("STALLWATCH_ENCODER"); name != "" {
		raw, readErr := os.ReadFile(name)
		if readErr != nil {
			t.Fatal(readErr)
		}
		e, err = encoder.Read(bytes.NewReader(raw))
	}
	switch {
	case errors.Is(err, encoder.ErrAbsent):
		t.Log("no encoder weights: the careful tier was not tried")
		e = nil
	case err != nil:
		t.Fatal(err)
	}
	var fast, careful []Judged
	for _, file := range targets {
		f, c := judgeTweets(t, e, filepath.Dir(file))
		fast, careful = append(fast, f...), append(careful, c...)
	}
	for name, judged := range map[string][]Judged{"fast": fast, "careful": careful} {
		if x := Evaluate(judged); x.Posts > 0 {
			t.Logf("%-8s %d posts, pooled F_avg %.3f, macro-F1 %.3f, ECE %.3f", name, x.Posts, x.FAvg, x.MacroF1, x.ECE)
		}
	}
}

func tweets(t *testing.T, dir, part string) (out []Labelled) {
	t.Helper()
	var lines [2][]string
	for i, kind := range []string{"text", "labels"} {
		b, err := os.ReadFile(filepath.Join(dir, part+"_"+kind+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = strings.Split(strings.TrimSpace(string(b)), "\n")
	}
	for i, text := range lines[0] {
		out = append(out, Labelled{ID: fmt.Sprint(part, i), Text: text, Stance: tweetStances[lines[1][i][0]-'0'], Lang: "en"})
	}
	return out
}

func judgeTweets(t *testing.T, e *encoder.Encoder, dir string) (fast, careful []Judged) {
	t.Helper()
	th, folder := tweetThesis(t, append(tweets(t, dir, "train"), tweets(t, dir, "val")...))
	trained, err := Train(th, TrainConfig{})
	if err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(folder, "model.bin"), trained.Model)
	l, err := Load(th)
	if err != nil {
		t.Fatal(err)
	}
	judge := func(c Classifier) (out []Judged) {
		for _, p := range tweets(t, dir, "test") {
			out = append(out, Judged{p, c.Classify(p.Text, p.Lang)})
		}
		return out
	}
	fast = judge(l)
	t.Logf("%-9s %d posts to train, %d to judge: F_avg fast %.3f (%.3f held out); L2 %v, weights %.2f", filepath.Base(dir), trained.Card.Posts, len(fast), Evaluate(fast).FAvg,
		trained.HeldOut.FAvg, trained.Card.L2, trained.Card.Weights)
	if e == nil {
		return fast, nil
	}
	fitted, err := trained.FitHead(t.Context(), e, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCareful(l, fitted.File, e.Card(), func() (*encoder.Encoder, error) { return e, nil })
	if err != nil {
		t.Fatal(err)
	}
	careful = judge(c)
	t.Logf("%-9s F_avg careful %.3f (%.3f held out); %s; weights %.2f and %.2f", filepath.Base(dir), Evaluate(careful).FAvg, fitted.HeldOut.FAvg, fitted.Card.Fitted,
		fitted.Card.WFast, fitted.Card.WEnc)
	return fast, careful
}

// tweetThesis is a thesis folder as thesis new makes it: without gate, lexicon and prior.
func tweetThesis(t *testing.T, posts []Labelled) (*Thesis, string) {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for _, p := range posts {
		if err := enc.Encode(p); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	for name, content := range Template("tweets") {
		if name == "train.jsonl" {
			content = b.String()
		}
		writeTestFile(t, filepath.Join(dir, name), []byte(content))
	}
	th, err := LoadThesis(dir)
	if err != nil {
		t.Fatal(err)
	}
	return th, dir
}

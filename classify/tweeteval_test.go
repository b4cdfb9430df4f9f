package classify

import (
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

// TestTweetEval trains both tiers on each of TweetEval's five targets (train and validation in), judges the test posts once, and prints the
// pooled F_avg, as the benchmark defines it.
func TestTweetEval(t *testing.T) {
	if os.Getenv("STALLWATCH_TWEETEVAL") != "1" {
		t.Skip("SKIPPED: TweetEval, two minutes, runs only with STALLWATCH_TWEETEVAL=1")
	}
	targets, _ := filepath.Glob(tweetEval + "/*/train_text.txt")
	e, err := encoder.Shipped()
	if name := os.Getenv("STALLWATCH_ENCODER"); name != "" {
		raw, readErr := os.ReadFile(name)
		if readErr != nil {
			t.Fatal(readErr)
		}
		e, err = encoder.Read(raw)
	}
	if len(targets) == 0 || errors.Is(err, encoder.ErrAbsent) {
		t.Skip("SKIPPED: TweetEval: no data in ../shared, or no encoder weights")
	}
	if err != nil {
		t.Fatal(err)
	}
	var fast, careful []Judged
	for _, file := range targets {
		f, c := judgeTweets(t, e, filepath.Dir(file))
		fast, careful = append(fast, f...), append(careful, c...)
	}
	for name, judged := range map[string][]Judged{"fast": fast, "careful": careful} {
		x := Evaluate(judged)
		t.Logf("%-8s %d posts, pooled F_avg %.3f, macro-F1 %.3f, ECE %.3f", name, x.Posts, x.FAvg, x.MacroF1, x.ECE)
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
	trained, err := Train(th, TrainConfig{L2: [numBlocks]float64{0.03, 0.03, 0.1}, Temper: 1})
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := trained.FitHead(t.Context(), e, nil)
	if err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(folder, "model.bin"), trained.Model)
	l, err := Load(th)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCareful(l, fitted.File, e.Card(), func() (*encoder.Encoder, error) { return e, nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range tweets(t, dir, "test") {
		fast = append(fast, Judged{p, l.Classify(p.Text, p.Lang)})
		careful = append(careful, Judged{p, c.Classify(p.Text, p.Lang)})
	}
	a, b := Evaluate(fast), Evaluate(careful)
	t.Logf("%-9s %d posts to train, %d to judge: F_avg fast %.3f, careful %.3f; %s; weights %.2f and %.2f", filepath.Base(dir), trained.Card.Posts, len(fast), a.FAvg,
		b.FAvg, fitted.Card.Fitted, fitted.Card.WFast, fitted.Card.WEnc)
	return fast, careful
}

// tweetThesis is a thesis folder without gate and lexicon, whose prior is what the posts have.
func tweetThesis(t *testing.T, posts []Labelled) (*Thesis, string) {
	t.Helper()
	var b strings.Builder
	var n [NumStances]float64
	enc := json.NewEncoder(&b)
	for _, p := range posts {
		n[p.Stance] += 1 / float64(len(posts))
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
	th.Prior = Prior{Agree: n[Agree], Disagree: n[Disagree], Discuss: n[Discuss], Unrelated: n[Unrelated]}
	return th, dir
}

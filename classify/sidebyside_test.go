package classify_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stallwatch/classify"
)

// TestSideBySide judges the same posts with our model, with fastText and with scikit-learn's TF-IDF and LinearSVC, all
// trained on train.jsonl, and prints posts a second. Nothing is asserted of times. Speed alone is compared: the posts are from the
// training corpus.
func TestSideBySide(t *testing.T) {
	if os.Getenv("STALLWATCH_SIDE_BY_SIDE") != "1" {
		t.Skip("SKIPPED: the comparison with fastText and scikit-learn runs only with STALLWATCH_SIDE_BY_SIDE=1")
	}
	const python = "/usr/bin/python3" // Debian's, for which python3-sklearn is installed
	if _, err := exec.LookPath("fasttext"); err != nil {
		t.Skipf("SKIPPED: nothing was compared: %v", err)
	}
	if out, err := exec.Command(python, "-c", "import sklearn").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: nothing was compared: no scikit-learn for %s: %v\n%s", python, err, out)
	}
	posts := corpus(t)
	texts := sample(posts, 5000)
	dir := t.TempDir()
	t.Logf("%d posts of %d trained on; mean length %d bytes", len(texts), len(posts), meanLength(texts))
	ours(t, texts)
	fastText(t, dir, posts, texts)
	linearSVC(t, python, dir, posts, texts)
}

// sample is n posts in an order that follows the hash of their ids.
func sample(posts []classify.Labelled, n int) []classify.Labelled {
	out := slices.Clone(posts)
	slices.SortFunc(out, func(a, b classify.Labelled) int {
		x, y := sha256.Sum256([]byte(a.ID)), sha256.Sum256([]byte(b.ID))
		return cmp.Or(bytes.Compare(x[:], y[:]), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(n, len(out))]
}

func meanLength(posts []classify.Labelled) int {
	n := 0
	for _, p := range posts {
		n += len(p.Text)
	}
	return n / len(posts)
}

func rate(n int, d time.Duration) string {
	return fmt.Sprintf("%8.0f posts/s (%v)", float64(n)/d.Seconds(), d.Round(time.Millisecond))
}

func ours(t *testing.T, texts []classify.Labelled) {
	start := time.Now()
	_, l := builtIn(t)
	loaded := time.Since(start)
	start = time.Now()
	for _, p := range texts {
		l.Classify(p.Text, "en")
	}
	first := time.Since(start)
	start = time.Now()
	for _, p := range texts {
		l.Classify(p.Text, "en")
	}
	one := time.Since(start)
	start = time.Now()
	var wg sync.WaitGroup
	for g := range 2 {
		wg.Go(func() {
			for i := g; i < len(texts); i += 2 {
				l.Classify(texts[i].Text, "en")
			}
		})
	}
	wg.Wait()
	t.Logf("ours, first time:             %s, loading %v before it", rate(len(texts), first), loaded.Round(time.Millisecond))
	t.Logf("ours, second time:            %s", rate(len(texts), one))
	t.Logf("ours, two goroutines:         %s", rate(len(texts), time.Since(start)))
}

// lines writes one post a line, prefix and label before the text.
func lines(t *testing.T, file, prefix, between string, posts []classify.Labelled) string {
	t.Helper()
	var b strings.Builder
	for _, p := range posts {
		fmt.Fprintf(&b, "%s%s%s%s\n", prefix, p.Stance, between, strings.Join(strings.Fields(p.Text), " "))
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func run(t *testing.T, name string, args ...string) (string, time.Duration) {
	t.Helper()
	start := time.Now()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out), time.Since(start)
}

func fastText(t *testing.T, dir string, posts, texts []classify.Labelled) {
	model := filepath.Join(dir, "model")
	_, trained := run(t, "fasttext", "supervised", "-input", lines(t, filepath.Join(dir, "ft.train"), "__label__", " ", posts), "-output", model,
		"-wordNgrams", "2", "-epoch", "25", "-lr", "0.5", "-dim", "100", "-thread", "2", "-verbose", "0")
	file := lines(t, filepath.Join(dir, "ft.test"), "__label__", " ", texts)
	single := lines(t, filepath.Join(dir, "ft.one"), "__label__", " ", texts[:1])
	_, load := run(t, "fasttext", "predict", model+".bin", single)
	out, all := run(t, "fasttext", "predict", model+".bin", file)
	if n := strings.Count(out, "__label__"); n != len(texts) {
		t.Fatalf("fasttext predicts %d of %d posts", n, len(texts))
	}
	t.Logf("fasttext predict, whole run:  %s, trained in %v", rate(len(texts), all), trained.Round(time.Millisecond))
	t.Logf("fasttext predict, less load:  %s, loading %v before it", rate(len(texts), max(all-load, time.Millisecond)), load.Round(time.Millisecond))
}

func linearSVC(t *testing.T, python, dir string, posts, texts []classify.Labelled) {
	out, _ := run(t, python, filepath.Join("testdata", "linearsvc.py"), lines(t, filepath.Join(dir, "svc.train"), "", "\t", posts), lines(t, filepath.Join(dir, "svc.test"), "", "\t", texts))
	var fit, batch, single float64
	if _, err := fmt.Sscan(out, &fit, &batch, &single); err != nil {
		t.Fatalf("linearsvc.py prints %q: %v", out, err)
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	t.Logf("TF-IDF + LinearSVC, in bulk:  %s, trained in %v", rate(len(texts), seconds(batch)), seconds(fit).Round(time.Millisecond))
	t.Logf("TF-IDF + LinearSVC, by one:   %s", rate(len(texts), seconds(single)))
}

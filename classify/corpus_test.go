package classify_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"stallwatch/classify"
)

func TestReadLabelled(t *testing.T) {
	in := `{"id":"1","text":"a","stance":"agree","batch":"x","voice":"v","stratum":"s","lang":"en","other":1}

	  {"id":"2","text":"b","stance":"unrelated"}` + "\r\n"
	got, err := classify.ReadLabelled(strings.NewReader(in), "f")
	want := []classify.Labelled{{ID: "1", Text: "a", Stance: classify.Agree, Batch: "x", Voice: "v", Stratum: "s", Lang: "en"}, {ID: "2", Text: "b", Stance: classify.Unrelated}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("ReadLabelled: %v (-want +got):\n%s", err, d)
	}
}

// Every bad line is reported by its number, and the good ones are read.
func TestReadLabelledErrors(t *testing.T) {
	lines := []struct{ line, err string }{
		{`{"id":"1","text":"a","stance":"agree"}`, ""},
		{`{"id":"2","text":"a"}`, "f:2: stance is missing"},
		{`{"id":"3","text":"a","stance":null}`, "f:3: stance is missing"},
		{`{"id":"4","text":"a","stance":"maybe"}`, `f:4: stance "maybe" is not one of`},
		{`{"id":"5","text":"a","stance":"Agree"}`, `f:5: stance "Agree"`},
		{`{"id":"6","text":"a","stance":2}`, "f:6: json:"},
		{`{"id":"7","stance":"agree"}`, "f:7: text is missing"},
		{`{"id":"8","text":" \n ","stance":"agree"}`, "f:8: text is missing"},
		{``, ""},
		{`not json`, "f:10: invalid character"},
		{`{"id":"11"`, "f:11: unexpected end"},
		{`[]`, "f:12: json:"},
		{`{"id":"13","text":"a","stance":"discuss"}`, ""},
		{"\xff\xfe", "f:14: invalid character"},
		{`{"id":"15","text":"a","stance":"agree"} {}`, "f:15: invalid character"},
		{`{"id":7,"text":"a","stance":"agree"}`, "f:16: json:"},
	}
	var in []string
	bad := 0
	for _, l := range lines {
		in = append(in, l.line)
		if l.err != "" {
			bad++
		}
	}
	got, err := classify.ReadLabelled(strings.NewReader(strings.Join(in, "\n")), "f")
	if err == nil || len(got) != 2 {
		t.Fatalf("ReadLabelled = %d posts, %v; want 2 and errors", len(got), err)
	}
	for _, l := range lines {
		if l.err != "" && !strings.Contains(err.Error(), l.err) {
			t.Errorf("the error lacks %q:\n%v", l.err, err)
		}
	}
	if n := strings.Count(err.Error(), "f:"); n != bad {
		t.Errorf("%d lines are reported, want %d:\n%v", n, bad, err)
	}
}

func TestReadLabelledLongLineAndBrokenReader(t *testing.T) {
	first := `{"id":"1","text":"a","stance":"agree"}` + "\n"
	got, err := classify.ReadLabelled(strings.NewReader(first+strings.Repeat("x", 5<<20)), "f")
	if len(got) != 1 || err == nil || !strings.Contains(err.Error(), "f:2: ") {
		t.Errorf("a line of 5 MiB: %d posts, %v; want 1 and an error for line 2", len(got), err)
	}
	broken := errors.New("disk on fire")
	if _, err := classify.ReadLabelled(io.MultiReader(strings.NewReader(first), iotest.ErrReader(broken)), "f"); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v, want %v", err, broken)
	}
}

func TestStanceNames(t *testing.T) {
	for s := range classify.Stance(classify.NumStances) {
		if got, err := classify.ParseStance(s.String()); got != s || err != nil {
			t.Errorf("ParseStance(%q) = %v, %v", s.String(), got, err)
		}
		b, err := json.Marshal(s)
		if want := `"` + s.String() + `"`; string(b) != want || err != nil {
			t.Errorf("Marshal(%v) = %s, %v, want %s", s, b, err, want)
		}
	}
	for _, name := range []string{"", "AGREE", "agree ", "none"} {
		if _, err := classify.ParseStance(name); err == nil {
			t.Errorf("ParseStance(%q) gives no error", name)
		}
	}
}

// goldFile holds real posts, which are never committed: it stands beside the repository where there is one.
const goldFile = "../../shared/gold/dev.jsonl"

func gold(t *testing.T) ([]classify.Labelled, []byte) {
	t.Helper()
	raw, err := os.ReadFile(filepath.FromSlash(goldFile))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("SKIPPED: %s is not here, so nothing was compared with the real posts: %v", goldFile, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	posts, err := classify.ReadLabelled(bytes.NewReader(raw), goldFile)
	if err != nil {
		t.Fatal(err)
	}
	return posts, raw
}

func builtIn(tb testing.TB) (*classify.Thesis, *classify.Linear) {
	tb.Helper()
	th, err := classify.LoadThesis("")
	if err != nil {
		tb.Fatal(err)
	}
	l, err := classify.Load(th)
	if err != nil {
		tb.Fatal(err)
	}
	return th, l
}

// The figures on real posts that stand beside the built-in model are those the model reaches.
func TestEvalFileIsTrue(t *testing.T) {
	th, l := builtIn(t)
	raw, err := th.File(classify.EvalFile)
	if err != nil {
		t.Fatal(err)
	}
	var report classify.EvalReport
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	if report.Model != l.Card().ID || report.Corpus != l.Card().Corpus {
		t.Errorf("%s is of model %s and corpus %.12s, the model is %s of corpus %.12s", classify.EvalFile, report.Model, report.Corpus, l.Card().ID, l.Card().Corpus)
	}
	if report.HeldOut.Posts != l.Card().Posts {
		t.Errorf("%d posts were held out in turn, the model learnt from %d", report.HeldOut.Posts, l.Card().Posts)
	}
	posts, file := gold(t)
	sum := sha256.Sum256(file)
	for _, e := range report.External {
		if e.SHA256 != hex.EncodeToString(sum[:]) {
			continue
		}
		near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
		if d := cmp.Diff(e.Evaluation, classify.EvaluateOn(l, posts), near); d != "" {
			t.Errorf("figures on %s (-%s +now):\n%s", goldFile, classify.EvalFile, d)
		}
		return
	}
	t.Skipf("SKIPPED: %s has no external entry for %s (sha256 %x), so its figures on real posts were not checked", classify.EvalFile, goldFile, sum)
}

// The corpus is whole: an id of its own, a batch and a voice for every post, and all stances.
func TestTrainingCorpus(t *testing.T) {
	posts := corpus(t)
	ids := map[string]bool{}
	var n [classify.NumStances]int
	for _, p := range posts {
		if p.ID == "" || p.Batch == "" || p.Voice == "" {
			t.Errorf("post %q of batch %q and voice %q lacks one of them: %.60q", p.ID, p.Batch, p.Voice, p.Text)
		}
		if ids[p.ID] {
			t.Errorf("two posts have the id %q", p.ID)
		}
		ids[p.ID] = true
		n[p.Stance]++
	}
	if len(posts) < 6000 {
		t.Errorf("the corpus has %d posts, want 6,000 or more", len(posts))
	}
	for s, k := range n {
		if k == 0 {
			t.Errorf("no post is labelled %v", classify.Stance(s))
		}
	}
}

func corpus(t *testing.T) []classify.Labelled {
	t.Helper()
	th, err := classify.LoadThesis("")
	if err != nil {
		t.Fatal(err)
	}
	posts, err := th.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	return posts
}

// minWords is how many words a text must have for its shingles to tell anything.
const minWords = 8

// nearDuplicate is the Jaccard index of word 3-shingles from which two texts count as one.
const nearDuplicate = 0.6

func plainWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
}

func shingles(text string) map[string]bool {
	words := plainWords(text)
	if len(words) < minWords {
		return nil
	}
	set := map[string]bool{}
	for i := 0; i+3 <= len(words); i++ {
		set[strings.Join(words[i:i+3], " ")] = true
	}
	return set
}

// nearPairs calls found for each pair of texts, one of a and one of b, that are near-duplicates.
func nearPairs(a, b []classify.Labelled, found func(x, y classify.Labelled, jaccard float64)) {
	index := map[string][]int{}
	sizes := make([]int, len(b))
	for i, p := range b {
		set := shingles(p.Text)
		sizes[i] = len(set)
		for s := range set {
			index[s] = append(index[s], i)
		}
	}
	for _, p := range a {
		set := shingles(p.Text)
		common := map[int]int{}
		for s := range set {
			for _, i := range index[s] {
				common[i]++
			}
		}
		for i, n := range common {
			if j := float64(n) / float64(len(set)+sizes[i]-n); j >= nearDuplicate {
				found(p, b[i], j)
			}
		}
	}
}

// Validation holds out whole batches: a post must not stand in another batch in almost the same words.
func TestNoNearDuplicatesAcrossBatches(t *testing.T) {
	posts := corpus(t)
	nearPairs(posts, posts, func(x, y classify.Labelled, j float64) {
		if x.Batch != y.Batch && x.ID < y.ID {
			t.Errorf("%s of %s and %s of %s are near-duplicates (%.2f):\n\t%s\n\t%s", x.ID, x.Batch, y.ID, y.Batch, j, x.Text, y.Text)
		}
	})
}

// No post of the corpus is a real one of the gold set, nor one in almost the same words.
func TestCorpusHasNoRealPost(t *testing.T) {
	real, _ := gold(t)
	posts := corpus(t)
	texts := map[string]string{}
	for _, p := range real {
		texts[strings.Join(plainWords(p.Text), " ")] = p.ID
	}
	for _, p := range posts {
		if id, ok := texts[strings.Join(plainWords(p.Text), " ")]; ok && len(plainWords(p.Text)) > 0 {
			t.Errorf("%s is the real post %s: %q", p.ID, id, p.Text)
		}
	}
	nearPairs(posts, real, func(x, y classify.Labelled, j float64) {
		t.Errorf("%s is nearly the real post %s (%.2f): %q", x.ID, y.ID, j, x.Text)
	})
}

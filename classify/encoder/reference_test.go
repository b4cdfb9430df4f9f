package encoder

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// python is an interpreter with what classify/train/requirements.txt names; STALLWATCH_PYTHON names another.
func python(t *testing.T) string {
	t.Helper()
	name := os.Getenv("STALLWATCH_PYTHON")
	if name == "" {
		name = "python3"
	}
	if err := exec.Command(name, "-c", "import transformers").Run(); err != nil {
		t.Skipf("SKIPPED: comparison with the reference tokeniser: %s cannot import transformers (see classify/train/requirements.txt; STALLWATCH_PYTHON names another)", name)
	}
	return name
}

// realTexts are the corpus and, where they are, posts that people wrote.
func realTexts(t *testing.T) (texts []string) {
	t.Helper()
	lines, err := filepath.Glob("../theses/*/train.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	gold, _ := filepath.Glob("../../../shared/gold/*.jsonl")
	for _, file := range append(lines, gold...) {
		for _, line := range fileLines(t, file) {
			var l struct{ Text string }
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			texts = append(texts, l.Text)
		}
	}
	plain, _ := filepath.Glob("../../../shared/bench/tweeteval/*/*_text.txt")
	for _, file := range plain {
		texts = append(texts, fileLines(t, file)...)
	}
	if len(gold) == 0 || len(plain) == 0 {
		t.Logf("SKIPPED in part: no real posts in ../shared, only %d written ones", len(texts))
	}
	return texts
}

func fileLines(t *testing.T, file string) []string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(b), "\n"), "\n")
}

// TestReferenceTokeniser compares token by token with tokenizers 0.15.
func TestReferenceTokeniser(t *testing.T) {
	e, py := full(t), python(t)
	const most = 512
	var texts []string
	for _, s := range append(realTexts(t), hostile...) {
		if !strings.ContainsAny(s, "[") && len(s) < 1000 { // special tokens are not ours to read; cuts are ours
			texts = append(texts, s)
		}
	}
	vocab := filepath.Join(t.TempDir(), "vocab.txt")
	if err := os.WriteFile(vocab, e.pieces.list(e.card.Vocab), 0o600); err != nil {
		t.Fatal(err)
	}
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, s := range texts {
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(py, "../train/tokens.py", vocab, fmt.Sprint(most))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 1<<20)
	wrong := 0
	for i, s := range texts {
		var want []int32
		if !sc.Scan() || json.Unmarshal(sc.Bytes(), &want) != nil {
			t.Fatalf("the reference answers for %d of %d texts", i, len(texts))
		}
		if got, _ := e.pieces.tokenise(nil, strings.ToValidUTF8(s, "\ufffd"), most); !slices.Equal(got, want) {
			if wrong++; wrong < 10 {
				t.Errorf("tokenise(%q)\n got %v\nwant %v", s, got, want)
			}
		}
	}
	t.Logf("%d of %d texts differ", wrong, len(texts))
}

// list is the vocabulary as a file.
func (w *wordpiece) list(size int) []byte {
	lines := make([]string, size)
	for p, id := range w.first {
		lines[id] = p
	}
	for p, id := range w.next {
		lines[id] = "##" + p
	}
	lines[w.unknown], lines[w.cls], lines[w.sep] = "[UNK]", "[CLS]", "[SEP]"
	return []byte(strings.Join(lines, "\n") + "\n")
}

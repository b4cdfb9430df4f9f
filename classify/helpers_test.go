package classify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// builtInThesis is the thesis every command uses unless told otherwise.
func builtInThesis(tb testing.TB) *Thesis {
	tb.Helper()
	t, err := LoadThesis("")
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func builtInModel(tb testing.TB) *Linear {
	tb.Helper()
	l, err := Load(builtInThesis(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// thesisFolder writes a small thesis whose gate and lexicon know cats, and whose corpus is lines.
func thesisFolder(tb testing.TB, lines string) (*Thesis, string) {
	tb.Helper()
	dir := tb.TempDir()
	for name, content := range Template("cats-rule") {
		if name == "train.jsonl" {
			content = lines
		}
		if name == "thesis.yaml" {
			content = strings.Replace(content, "any: [] ", "any: [[cat]] ", 1)
			content = strings.Replace(content, "groups: {} ", "groups: {cat: [cat, cats, kitten*]} ", 1)
			content = strings.Replace(content, "lexicon: {}", "lexicon: {cat: [cat*, kitten*], rule: [rule*, reign*], not: [no, not, never]}", 1)
		}
		writeTestFile(tb, filepath.Join(dir, name), []byte(content))
	}
	t, err := LoadThesis(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return t, dir
}

func writeTestFile(tb testing.TB, name string, b []byte) {
	tb.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		tb.Fatal(err)
	}
}

// catCorpus is a corpus of four batches; without names the stances to leave out.
func catCorpus(tb testing.TB, without ...Stance) string {
	tb.Helper()
	phrases := [NumStances][]string{
		Agree:     {"cats rule this house", "my cat reigns and we obey", "every kitten is a queen, cats rule", "the cat rules us all, plainly"},
		Disagree:  {"cats do not rule anything", "no cat ever ruled here, dogs do", "a kitten can't rule, stop it", "cats never reign in this house!"},
		Discuss:   {"do cats rule, or do they not?", "a report says cats rule some houses", "who rules, cat or dog? reports differ", "the vet asks whether a kitten can reign"},
		Unrelated: {"the cat sat on a mat today", "bought food for the kitten", "rain again, and the train is late", "my cats sleep all day long"},
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for batch, name := range []string{"a-1", "b-1", "c-1", "d-1"} {
		for s, texts := range phrases {
			for k, text := range texts {
				if skip(without, Stance(s)) {
					continue
				}
				p := Labelled{ID: name + "-" + Stance(s).String() + "-" + string(rune('0'+k)), Text: text + " " + strings.Repeat("indeed ", batch), Stance: Stance(s), Batch: name, Voice: "plain"}
				if err := enc.Encode(p); err != nil {
					tb.Fatal(err)
				}
			}
		}
	}
	return b.String()
}

func skip(without []Stance, s Stance) bool {
	for _, w := range without {
		if w == s {
			return true
		}
	}
	return false
}

// smallConfig trains in milliseconds.
var smallConfig = TrainConfig{Buckets: 1 << 12, MinPosts: 1, Folds: 2, Iterations: 40}

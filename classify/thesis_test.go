package classify

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLoadThesis(t *testing.T) {
	th, err := LoadThesis("")
	if err != nil || th.ID != DefaultThesis {
		t.Fatalf("LoadThesis(%q) = %+v, %v", "", th, err)
	}
	if !slices.Contains(BuiltInTheses(), DefaultThesis) {
		t.Errorf("BuiltInTheses() = %v lacks %s", BuiltInTheses(), DefaultThesis)
	}
	if len(th.Events) == 0 || th.Events[0].Date.IsZero() || th.Claim == "" {
		t.Errorf("the built-in thesis has no claim or dated events: %+v", th)
	}
	if h, err := th.CodebookHash(); err != nil || len(h) != 12 {
		t.Errorf("CodebookHash() = %q, %v", h, err)
	}
	for name, want := range map[string]string{
		"no-such": "is not built in (there is " + DefaultThesis, "..": "", "./nowhere": "nowhere", "/": "thesis.yaml", "a\x00/": "", "putin-stalling/../putin-stalling": "",
	} {
		if _, err := LoadThesis(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("LoadThesis(%q): %v, want an error with %q", name, err, want)
		}
	}
	if _, err := th.File("nothing"); err == nil || !strings.Contains(err.Error(), DefaultThesis) {
		t.Errorf("File(nothing): %v, want an error that names the thesis", err)
	}
}

func readYAML(yaml string) (*Thesis, error) {
	return readThesis(fstest.MapFS{"thesis.yaml": {Data: []byte(yaml)}}, "t")
}

func TestTemplateIsValid(t *testing.T) {
	th, err := readYAML(Template("my-thesis")["thesis.yaml"])
	if err != nil || th.ID != "my-thesis" || len(th.Gate.Any) != 0 {
		t.Errorf("the template gives %+v, %v", th, err)
	}
}

// All mistakes are reported together, each with its field.
func TestThesisMistakes(t *testing.T) {
	_, err := readYAML(`
id: Not An Id
title: ""
language: en
wording: {say: x, agree: " ", disagree: x, discuss: x}
prior: {agree: -1, disagree: -1, discuss: -1, unrelated: -1}
training: {l2: [0, .nan], min_posts: -1, temperature: 1000, abstain: 2}
gate:
  any: [[subject], [nobody]]
  groups: {subject: [ok, "two words", "ab*", "*", "é"]}
lexicon: {class: [fine, "wrong!"]}
events:
  - {date: 2025-07-03, title: a, description: b, source: c}
  - {date: 2025-02-30, title: a, description: b, source: c}
  - {date: 2025-01-01, title: a, description: b}
`)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"thesis.yaml: id: ", "training.l2: NaN is not", "training.l2: has 2 strengths, needs 3", "training.l2: 0 is not", "training.min_posts: -1", "training.temperature: 1000", "training.abstain: 2", "title: is missing", "claim: is missing", "wording.agree: is missing", "prior: ", `gate.any[1]: there is no group "nobody"`,
		`gate.groups.subject: "two words"`, `gate.groups.subject: "ab*"`, `gate.groups.subject: "*"`, `gate.groups.subject: "é"`, `lexicon.class: "wrong!"`, "events[1].date", "events[2]: needs",
		"thesis t: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

func TestThesisYAMLErrors(t *testing.T) {
	good := Template("x")["thesis.yaml"]
	for name, yaml := range map[string]string{
		"empty":          "",
		"a list":         "- a",
		"not YAML":       "\t{",
		"unknown field":  good + "\ncolour: red\n",
		"field twice":    good + "\nid: y\n",
		"wrong type":     strings.Replace(good, "lexicon: {}", "lexicon: [a]", 1),
		"prior .nan":     good + "\nprior: {agree: .nan, disagree: 1, discuss: 1, unrelated: 1}\n",
		"prior .inf":     good + "\nprior: {agree: .inf, disagree: 1, discuss: 1, unrelated: 1}\n",
		"two strengths":  good + "\ntraining: {l2: [1, 2]}\n",
		"four strengths": good + "\ntraining: {l2: [1, 2, 3, 4]}\n",
		"prior below 0":  good + "\nprior: {agree: -0.5, disagree: -0.5, discuss: -0.5, unrelated: -0.5}\n",
		"NUL":            "\x00",
	} {
		if th, err := readYAML(yaml); err == nil {
			t.Errorf("%s: read as %+v", name, th)
		}
	}
	if _, err := readThesis(fstest.MapFS{}, "t"); err == nil || !strings.Contains(err.Error(), "thesis t: ") {
		t.Errorf("without thesis.yaml: %v", err)
	}
}

// The definition a model depends on is gate, lexicon and prior, not the words of the page.
func TestDefinitionHash(t *testing.T) {
	good := Template("x")["thesis.yaml"]
	hash := func(yaml string) string {
		t.Helper()
		th, err := readYAML(yaml)
		if err != nil {
			t.Fatal(err)
		}
		return th.definitionHash()
	}
	base := hash(good)
	if base == "" || hash(strings.Replace(good, "A short question", "Another", 1)) != base {
		t.Error("the hash follows the title")
	}
	for _, c := range [][2]string{{"lexicon: {}", "lexicon: {a: [b]}"}, {"groups: {} ", "groups: {a: [b]} "}, {"lexicon: {}", "lexicon: {}\nprior: {agree: 1}"}} {
		if got := hash(strings.Replace(good, c[0], c[1], 1)); got == base {
			t.Errorf("the hash does not follow %q", c[1])
		}
	}
}

func TestLexicon(t *testing.T) {
	classes := map[string][]string{"talk": {"Talk*", "TALKING"}, "tall": {"talks"}, "long": {"talkative*"}}
	for range 20 { // maps have no order; the lexicon does not follow it
		l := newLexicon(classes)
		for w, want := range map[string]string{"talk": "talk", "talking": "talk", "talks": "tall", "talkative": "long", "talkativeness": "long", "tal": "", "ta": "", "": ""} {
			if got := l.class(w); got != want {
				t.Fatalf("class(%q) = %q, want %q", w, got, want)
			}
		}
		twice := newLexicon(map[string][]string{"a": {"word", "pre*"}, "b": {"word", "pre*"}, "c": {"word", "pre*"}})
		if w, p := twice.class("word"), twice.class("prefix"); w != "c" || p != "a" {
			t.Fatalf("words of several classes are in %q and %q now, in c and a before", w, p)
		}
	}
}

func FuzzLoadThesis(f *testing.F) {
	f.Add(Template("x")["thesis.yaml"])
	for _, s := range []string{"", "id: x", "- a", "a: &a [*a]", "lexicon: {a: [\"K*\"]}", "gate: {any: [[]]}", "prior: {agree: .nan}", "events: [{date: 2025-01-01}]", "!!binary x", "? {a: b}\n: c", "<<: *x", "%YAML 9"} {
		f.Add(s)
		f.Add(Template("x")["thesis.yaml"] + "\n" + s)
	}
	f.Fuzz(func(t *testing.T, yaml string) {
		if len(yaml) > 4<<10 { // go-yaml takes quadratic time for nested brackets; a thesis is the operator's own file
			t.Skip("longer than what is worth the time")
		}
		th, err := readYAML(yaml)
		if err != nil {
			return
		}
		g, l := newGate(th.Gate, "en"), newLexicon(th.Lexicon)
		g.pass(onTopic200)
		l.class("putin")
		for _, p := range th.Prior.vector() {
			if th.Prior != (Prior{}) && !(p >= 0 && p <= 1) {
				t.Errorf("prior %+v gives shares %v", th.Prior, th.Prior.vector())
			}
		}
		if h := th.definitionHash(); h == "" || h != th.definitionHash() {
			t.Errorf("the definition has no lasting hash: %q", h)
		}
	})
}

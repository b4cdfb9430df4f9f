package classify

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// DefaultThesis is the id of the thesis every command uses unless told otherwise.
const DefaultThesis = "putin-stalling"

//go:embed all:theses
var builtIn embed.FS

// Thesis is a claim that posts can agree or disagree with, and all that is needed to judge them. A thesis is data: a
// folder with thesis.yaml, codebook.md, train.jsonl and what training makes of them, model.bin and eval.json.
type Thesis struct {
	ID       string              `yaml:"id"`       // the folder's name
	Title    string              `yaml:"title"`    // short, for a page's head
	Claim    string              `yaml:"claim"`    // one sentence, the claim itself
	Language string              `yaml:"language"` // BCP 47 primary tag the model reads
	Wording  Wording             `yaml:"wording"`
	Gate     Gate                `yaml:"gate"`
	Lexicon  map[string][]string `yaml:"lexicon"`  // classes of words that frames are made of; a word may end in *
	Prior    Prior               `yaml:"prior"`    // shares of the stances that training assumes; all zero: those of the corpus
	Training Training            `yaml:"training"` // what training is not to choose by itself
	Events   []Event             `yaml:"events"`
	Queries  map[string][]string `yaml:"queries"` // what to ask each kind of live source for, unless a project says otherwise

	fsys fs.FS
}

// Wording is how sentences about the thesis are completed.
type Wording struct {
	Say      string `yaml:"say"`      // "… of stance-taking posts we collected <say>"
	Agree    string `yaml:"agree"`    // headings over posts of each stance
	Disagree string `yaml:"disagree"` //
	Discuss  string `yaml:"discuss"`  //
}

// Gate is the cheap test that a post can be on topic at all: it needs, for one of the alternatives Any, a word of every
// group that the alternative names. A word of a group is a whole word of ASCII letters and digits, without regard to case;
// one that ends in * stands for all words that begin so. Without alternatives every post passes.
type Gate struct {
	Any    [][]string          `yaml:"any"`
	Groups map[string][]string `yaml:"groups"`
}

// maxGroups is how many groups a gate can tell apart.
const maxGroups = 64

func (g *Gate) check(bad func(field, format string, args ...any)) {
	if len(g.Groups) > maxGroups {
		bad("gate.groups", "there are %d; at most %d", len(g.Groups), maxGroups)
	}
	for name, words := range g.Groups {
		checkWords("gate.groups."+name, words, bad)
	}
	for i, names := range g.Any {
		for _, n := range names {
			if _, ok := g.Groups[n]; !ok {
				bad(fmt.Sprintf("gate.any[%d]", i), "there is no group %q", n)
			}
		}
	}
}

var wordPattern = regexp.MustCompile(`^([a-z0-9]+|[a-z0-9]{3,}\*)$`)

func checkWords(field string, words []string, bad func(field, format string, args ...any)) {
	for _, w := range words {
		if !wordPattern.MatchString(strings.ToLower(w)) {
			bad(field, "%q is not a word of letters and digits, or three of them or more and a *", w)
		}
	}
}

// Prior is the mixture of stances among the posts a model will meet, as far as one can say beforehand.
type Prior struct {
	Agree     float64 `yaml:"agree"`
	Disagree  float64 `yaml:"disagree"`
	Discuss   float64 `yaml:"discuss"`
	Unrelated float64 `yaml:"unrelated"`
}

func share(p float64) bool { return p >= 0 && p <= 1 }

func (p Prior) vector() [NumStances]float64 {
	sum := p.Agree + p.Disagree + p.Discuss + p.Unrelated
	return [NumStances]float64{p.Agree / sum, p.Disagree / sum, p.Discuss / sum, p.Unrelated / sum}
}

// Training are settings of training. What is not given is chosen by cross-validation.
type Training struct {
	L2          []float64 `yaml:"l2"`          // penalties on words, letters and frames
	MinPosts    int       `yaml:"min_posts"`   // a feature must stand in so many posts
	Temperature float64   `yaml:"temperature"` // logits are divided by it: higher is less sure
	Abstain     float64   `yaml:"abstain"`     // largest probability below which the model calls itself unsure; 0 is never
}

func (t *Training) check(bad func(field, format string, args ...any)) {
	if n := len(t.L2); n != 0 && n != int(numBlocks) {
		bad("training.l2", "has %d strengths, needs %d: for words, letters and frames", n, numBlocks)
	}
	for _, v := range t.L2 {
		if !(v > 0 && v <= 1e6) {
			bad("training.l2", "%v is not a strength above 0", v)
		}
	}
	if t.MinPosts < 0 {
		bad("training.min_posts", "%d is not a number of posts", t.MinPosts)
	}
	if !share(t.Abstain) {
		bad("training.abstain", "%v is not a probability", t.Abstain)
	}
	if v := t.Temperature; v != 0 && !(v >= 0.01 && v <= 100) {
		bad("training.temperature", "%v is not between 0.01 and 100", v)
	}
}

// Event is a dated happening that charts mark.
type Event struct {
	Date        time.Time `yaml:"-" json:"date"`
	Day         string    `yaml:"date" json:"-"` // 2006-01-02
	Title       string    `yaml:"title" json:"title"`
	Description string    `yaml:"description" json:"description"`
	Source      string    `yaml:"source" json:"source"` // URL to cite
	Publisher   string    `yaml:"publisher" json:"publisher"`
}

var idPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// LoadThesis reads a thesis by the id of a built-in one or, where the name holds a path separator or is ".", from that folder. All
// mistakes of the folder are reported together, each with its file and field.
func LoadThesis(name string) (*Thesis, error) {
	if name == "" {
		name = DefaultThesis
	}
	if name == "." || strings.ContainsAny(name, `/\`) {
		return readThesis(os.DirFS(name), name)
	}
	sub, err := fs.Sub(builtIn, path.Join("theses", name))
	if err == nil {
		_, err = fs.Stat(sub, ".")
	}
	if err != nil {
		return nil, fmt.Errorf("thesis %q is not built in (there is %s); to read a folder write its path, as in ./%s",
			name, strings.Join(BuiltInTheses(), ", "), name)
	}
	return readThesis(sub, name)
}

// BuiltInTheses lists the ids of the theses in the binary.
func BuiltInTheses() (ids []string) {
	entries, _ := fs.ReadDir(builtIn, "theses") // unreachable: the folder is embedded
	for _, e := range entries {
		if e.IsDir() {
			ids = append(ids, e.Name())
		}
	}
	return ids
}

func readThesis(fsys fs.FS, name string) (*Thesis, error) {
	raw, err := fs.ReadFile(fsys, "thesis.yaml")
	if err != nil {
		return nil, fmt.Errorf("thesis %s: %w", name, err)
	}
	t := &Thesis{fsys: fsys}
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(t); err != nil {
		return nil, fmt.Errorf("thesis %s: thesis.yaml: %w", name, err)
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("thesis %s: %w", name, err)
	}
	return t, nil
}

// check fills in what is derived and reports every mistake.
func (t *Thesis) check() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("thesis.yaml: "+field+": "+format, args...))
	}
	if !idPattern.MatchString(t.ID) {
		bad("id", "%q is not lower-case letters and digits joined by hyphens", t.ID)
	}
	for field, v := range map[string]string{"title": t.Title, "claim": t.Claim, "language": t.Language, "wording.say": t.Wording.Say,
		"wording.agree": t.Wording.Agree, "wording.disagree": t.Wording.Disagree, "wording.discuss": t.Wording.Discuss} {
		if strings.TrimSpace(v) == "" {
			bad(field, "is missing")
		}
	}
	if p := t.Prior; !share(p.Agree) || !share(p.Disagree) || !share(p.Discuss) || !share(p.Unrelated) {
		bad("prior", "shares are numbers from 0 to 1")
	}
	t.Gate.check(bad)
	t.Training.check(bad)
	for class, words := range t.Lexicon {
		checkWords("lexicon."+class, words, bad)
	}
	for kind, list := range t.Queries {
		for i, q := range list {
			if strings.TrimSpace(q) == "" {
				bad(fmt.Sprintf("queries.%s[%d]", kind, i), "is empty")
			}
		}
	}
	for i := range t.Events {
		e := &t.Events[i]
		var err error
		if e.Date, err = time.Parse(time.DateOnly, e.Day); err != nil {
			bad(fmt.Sprintf("events[%d].date", i), "%q is not a date such as 2025-07-03", e.Day)
		}
		if e.Title == "" || e.Description == "" || e.Source == "" {
			bad(fmt.Sprintf("events[%d]", i), "needs title, description and source")
		}
		if i > 0 && e.Date.Before(t.Events[i-1].Date) {
			bad(fmt.Sprintf("events[%d].date", i), "events are in order of time")
		}
	}
	return errors.Join(errs...)
}

// definitionHash tells whether what a model depends on in thesis.yaml has changed.
func (t *Thesis) definitionHash() string {
	b, err := json.Marshal(struct {
		Gate    Gate
		Lexicon map[string][]string
		Prior   Prior
	}{t.Gate, t.Lexicon, t.Prior})
	if err != nil { // unreachable: strings only
		return ""
	}
	return hashHex(b)
}

// File reads one file of the thesis's folder.
func (t *Thesis) File(name string) ([]byte, error) {
	b, err := fs.ReadFile(t.fsys, name)
	if err != nil {
		return nil, fmt.Errorf("thesis %s: %w", t.ID, err)
	}
	return b, nil
}

// CodebookHash is the first 12 hexadecimal digits of the SHA-256 of codebook.md, which goes with every coding.
func (t *Thesis) CodebookHash() (string, error) {
	b, err := t.File("codebook.md")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6]), nil
}

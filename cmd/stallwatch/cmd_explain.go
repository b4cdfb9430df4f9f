package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

func (a *app) explainCommand() *cobra.Command {
	var words int
	var lang string
	c := &cobra.Command{
		Use:   "explain ID|TEXT",
		Short: "Show a verdict with the words that moved it",
		Long: `Judges a text, or a post of the store, and shows the four probabilities and the words that spoke for and against the
verdict, with their gain in logits. ID is platform:id, as posts and export write it, or a bare id where one platform alone has it;
everything else is TEXT. "-" reads the text from standard input.

A post of the store is judged again by the model of now; where that says something else than the verdict stored, both are shown.`,
		Example: `  stallwatch explain x:1940812345678901234
  stallwatch explain "He only talks to win time"`,
		Args: cobra.MinimumNArgs(1),
		RunE: does(func(_ context.Context, args []string) error { return a.explain(strings.Join(args, " "), lang, words) }),
	}
	c.Flags().IntVar(&words, "words", 8, "how many words to show")
	c.Flags().StringVar(&lang, "lang", "", "language of the TEXT, when it is known")
	return c
}

// explanation is what explain --json writes.
type explanation struct {
	ID       string              `json:"id,omitempty"`
	Text     string              `json:"text"`
	Model    string              `json:"model"`
	Tier     classify.Tier       `json:"tier,omitempty"`
	Stance   *classify.Stance    `json:"stance"` // null when nothing can be said
	P        *probabilities      `json:"p"`
	Abstain  classify.Abstention `json:"abstain,omitempty"`
	Evidence []classify.Evidence `json:"evidence"`
	Stored   *storedJudgement    `json:"stored,omitempty"`
}

// storedJudgement is the verdict that the store counts.
type storedJudgement struct {
	Stance  *classify.Stance    `json:"stance"`
	Abstain classify.Abstention `json:"abstain,omitempty"`
	Model   string              `json:"model"`
	Codings []store.Coding      `json:"codings,omitempty"`
}

var refPattern = regexp.MustCompile(`^(?:([a-z0-9._-]+):)?(\S+)$`)

func (a *app) explain(arg, lang string, words int) error {
	thesis, judge, err := a.judge()
	if err != nil {
		return err
	}
	e := explanation{Text: arg}
	if arg == "-" {
		raw, err := io.ReadAll(io.LimitReader(a.stdin, 1<<20))
		if err != nil {
			return err
		}
		e.Text = strings.ToValidUTF8(strings.TrimSpace(string(raw)), "\uFFFD")
	} else if r, err := a.findPost(thesis.ID, arg); err != nil {
		return err
	} else if r != nil {
		e.ID, e.Text, lang = r.Post.Platform+":"+r.Post.ID, r.Post.Text, r.Post.Lang
		e.Stored = &storedJudgement{Abstain: r.Verdict.Abstain, Model: r.Verdict.Model, Codings: r.Codings}
		if r.Verdict.Classified() {
			e.Stored.Stance = &r.Verdict.Stance
		}
	}
	v := judge.Classify(e.Text, lang)
	e.Model, e.Tier, e.Abstain, e.Evidence = v.Model, v.Tier, v.Abstain, []classify.Evidence{}
	if v.Abstain != classify.AbstainLanguage {
		e.Stance, e.P = &v.Stance, &probabilities{v.P[classify.Agree], v.P[classify.Disagree], v.P[classify.Discuss], v.P[classify.Unrelated]}
		e.Evidence = append(e.Evidence, judge.Explain(e.Text, v.Stance, words)...)
	}
	if a.json {
		return a.writeJSON(e)
	}
	return a.printExplanation(&e)
}

// findPost looks for a post where arg can be the name of one. It is nil when arg is a text.
func (a *app) findPost(thesis, arg string) (*store.Record, error) {
	m := refPattern.FindStringSubmatch(arg)
	if m == nil || m[1] == "" && strings.Trim(m[2], "0123456789") != "" {
		return nil, nil
	}
	if _, err := os.Stat(a.db); err != nil && m[1] != "" {
		return nil, nil // no store: a word with a colon is a text
	}
	s, err := a.openToRead()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	platforms := []string{m[1]}
	if m[1] == "" {
		sum, err := s.Summary(thesis, store.Filter{})
		if err != nil {
			return nil, err
		}
		platforms = nil
		for _, g := range sum.Platforms {
			platforms = append(platforms, g.Name)
		}
	}
	var found []store.Record
	for _, p := range platforms {
		r, err := s.Post(thesis, collector.Ref{Platform: p, ID: m[2]})
		if err == nil {
			found = append(found, r)
		} else if !errors.Is(err, store.ErrNoPost) {
			return nil, err
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%s has no post %s judged on %s; to judge it as a text use 'stallwatch explain -'", a.db, arg, thesis)
	case 1:
		return &found[0], nil
	}
	return nil, fmt.Errorf("%s has the id %s on %s and %s: write PLATFORM:%[2]s", a.db, arg, found[0].Post.Platform, found[1].Post.Platform)
}

func (a *app) printExplanation(e *explanation) error {
	w := bufio.NewWriter(a.stdout)
	if e.ID != "" {
		fmt.Fprintf(w, "%s\n", printable(e.ID))
	}
	fmt.Fprintf(w, "%s\n\n", marked(e.Text, e.Evidence))
	switch {
	case e.Stance == nil:
		fmt.Fprintf(w, "Not classified: %s.\n", e.Abstain)
	case e.Abstain != "":
		fmt.Fprintf(w, "Not classified (%s); the nearest stance is %s.\n", e.Abstain, *e.Stance)
	default:
		fmt.Fprintf(w, "%s\n", *e.Stance)
	}
	if e.P != nil {
		for i, p := range []float64{e.P.Agree, e.P.Disagree, e.P.Discuss, e.P.Unrelated} {
			fmt.Fprintf(w, "  %-10s %5.1f %%  %s\n", classify.Stance(i), 100*p, strings.Repeat("█", int(40*p+0.5)))
		}
	}
	if len(e.Evidence) > 0 {
		fmt.Fprintf(w, "\nWords for (+) and against (−) %s, in logits:\n", *e.Stance)
	}
	for _, x := range e.Evidence {
		fmt.Fprintf(w, "  %s  %s\n", strings.Replace(fmt.Sprintf("%+.2f", x.Gain), "-", "−", 1), printable(x.Text))
	}
	fmt.Fprintf(w, "\nModel %s.\n", e.Model)
	if s := e.Stored; s != nil && (s.Model != e.Model || s.Abstain != e.Abstain || s.Stance != nil && e.Stance != nil && *s.Stance != *e.Stance) {
		said := "not classified (" + string(s.Abstain) + ")"
		if s.Stance != nil {
			said = s.Stance.String()
		}
		fmt.Fprintf(w, "The store counts it as %s, by model %s.\n", said, s.Model)
	}
	if e.Stored != nil {
		for _, c := range e.Stored.Codings {
			fmt.Fprintf(w, "Coded %s by %s on %s.\n", printable(c.Label), printable(c.Coder), c.At.Format("2 January 2006"))
		}
	}
	return w.Flush()
}

// marked is the text with brackets around the words that spoke for the verdict.
func marked(text string, evidence []classify.Evidence) string {
	spans := slices.DeleteFunc(slices.Clone(evidence), func(e classify.Evidence) bool { return e.Gain <= 0 })
	slices.SortFunc(spans, func(a, b classify.Evidence) int { return a.Start - b.Start })
	var b strings.Builder
	at := 0
	for _, e := range spans {
		if e.Start < at || e.End > len(text) {
			continue
		}
		b.WriteString(printable(text[at:e.Start]) + "[" + printable(text[e.Start:e.End]) + "]")
		at = e.End
	}
	return b.String() + printable(text[at:])
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/collector/export"
)

// classifyFlags are the flags of classify.
type classifyFlags struct {
	from    string
	columns map[string]string
	explain bool
}

func (a *app) classifyCommand() *cobra.Command {
	var f classifyFlags
	c := &cobra.Command{
		Use:   "classify [FILE…]",
		Short: "Judge texts in a pipe, or the posts of export files, without a store",
		Long: `A filter: writes one verdict for each text, in the order of the input. Nothing is stored.

Standard input is read as JSONL with "id" and "text" (and "lang", if known), or as plain lines. With --from auto, and
for files, every format that import knows is read, packed or not. The output is JSONL: "id", "stance", "p" with the four
probabilities, "tier" (which of the two gave the verdict, fast or careful), "cut" when only the beginning of an over-long text was read,
and "abstain" with the reason when the post is not classified. On a terminal it is a table, unless --json is given.

A table (CSV, TSV) comes out as the same table, byte for byte, with columns added at the end of each row: stance, not_classified,
p_agree, p_disagree, p_discuss, p_unrelated (with stallwatch_ before each where the table has such a column). Its text may
stand beside nothing else; name it with --map text=COLUMN where it is not found.

What cannot be read is named on standard error and left out; the exit status is then 3.`,
		Example: `  echo 'Putin is only playing for time' | stallwatch classify --json
  jq -c '{id, text}' posts.jsonl | stallwatch classify > verdicts.jsonl
  zcat tweets.jsonl.gz | stallwatch classify --from auto > verdicts.jsonl
  stallwatch classify comments.csv > judged.csv`,
		RunE: does(func(ctx context.Context, args []string) error { return a.classify(ctx, args, f) }),
	}
	c.Flags().StringVar(&f.from, "from", "", "how to read: lines, or auto for every format of import (default: lines, auto for files)")
	c.Flags().StringToStringVar(&f.columns, "map", nil, "columns of generic input, as `FIELD=COLUMN,…`")
	c.Flags().BoolVar(&f.explain, "explain", false, "add the words that moved the verdict, with their gain in logits")
	return c
}

func (a *app) classify(ctx context.Context, files []string, f classifyFlags) error {
	switch f.from {
	case "", "auto":
	case "lines":
		if len(files) > 0 || len(f.columns) > 0 {
			return &failure{exitUsage, fmt.Errorf("--from lines reads standard input, without FILE and --map")}
		}
	default:
		return &failure{exitUsage, fmt.Errorf("--from: %q is not lines or auto", f.from)}
	}
	_, judge, err := a.judge()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.stdout, 1<<16)
	w := &verdictWriter{judge: judge, explain: f.explain, table: isTerminal(a.stdout) && !a.json, out: out, say: a.say}
	if len(files) == 0 && f.from != "auto" && len(f.columns) == 0 {
		err = classifyLines(ctx, a.stdin, w)
	} else {
		if len(files) == 0 {
			files = []string{"-"}
		}
		for _, name := range files {
			if err = classifyExport(ctx, name, export.Options{Map: f.columns, TextOnly: true}, w); err != nil {
				break
			}
		}
	}
	if e := out.Flush(); err == nil {
		err = e
	}
	if err == nil && w.bad > 0 {
		return &failure{exitPartial, nil}
	}
	return err
}

// verdictLine is one line of classify's output.
type verdictLine struct {
	ID       string              `json:"id"`
	Platform string              `json:"platform,omitempty"`
	Stance   *classify.Stance    `json:"stance"` // null when nothing can be said
	P        *probabilities      `json:"p"`
	Tier     classify.Tier       `json:"tier,omitempty"`
	Cut      bool                `json:"cut,omitempty"` // only the beginning of an over-long text was read
	Abstain  classify.Abstention `json:"abstain,omitempty"`
	Evidence []classify.Evidence `json:"evidence,omitempty"`

	text string
}

type probabilities struct {
	Agree     float64 `json:"agree"`
	Disagree  float64 `json:"disagree"`
	Discuss   float64 `json:"discuss"`
	Unrelated float64 `json:"unrelated"`
}

// verdictWriter makes and writes verdicts. judged is for any number of goroutines, the rest for one.
type verdictWriter struct {
	judge          classify.Classifier
	explain, table bool
	out            *bufio.Writer
	say            func(format string, args ...any)
	header         []byte // of the table that comes out, "" for none
	bad            int    // items that could not be read
}

// written is what a worker has made of some input.
type written struct {
	out      []byte
	problems []error
}

func (w *verdictWriter) finish(p *written) error {
	for _, err := range p.problems {
		w.bad++
		w.say("%v", err)
	}
	if _, err := w.out.Write(p.out); err != nil {
		return err
	}
	if w.out.Buffered() > 0 && len(p.out) < 1<<12 { // a person may be waiting
		return w.out.Flush()
	}
	return nil
}

func (w *verdictWriter) verdict(id, platform, text, lang string) verdictLine {
	v := verdictLine{ID: id, Platform: platform, text: text}
	verdict := w.judge.Classify(text, lang)
	v.Abstain = verdict.Abstain
	if v.Abstain == classify.AbstainLanguage {
		return v
	}
	v.Tier, v.Cut = verdict.Tier, verdict.Cut
	v.Stance, v.P = &verdict.Stance, &probabilities{verdict.P[classify.Agree], verdict.P[classify.Disagree], verdict.P[classify.Discuss], verdict.P[classify.Unrelated]}
	if w.explain {
		v.Evidence = w.judge.Explain(text, verdict.Stance, evidenceWords)
	}
	return v
}

// line writes a verdict by itself.
func (w *verdictWriter) line(b *bytes.Buffer, v verdictLine) {
	if w.table {
		v.row(b)
		return
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // unreachable: nothing in it lacks a form in JSON
}

// row writes the verdict for people.
func (v *verdictLine) row(w io.Writer) {
	name, p := "not classified: "+string(v.Abstain), ""
	if v.Abstain == classify.AbstainNone {
		name = v.Stance.String()
		p = fmt.Sprintf("%.2f", []float64{v.P.Agree, v.P.Disagree, v.P.Discuss, v.P.Unrelated}[*v.Stance])
	}
	fmt.Fprintf(w, "%-10s %4s  %s\n", name, p, shortened(v.text, 100))
	for _, e := range v.Evidence {
		fmt.Fprintf(w, "%17s%+.2f %s\n", "", e.Gain, printable(e.Text))
	}
}

// shortened is a text for a line of a terminal, of at most n characters.
func shortened(s string, n int) string {
	text := []rune(printable(s))
	if len(text) > n {
		text = append(text[:n-1], '…')
	}
	return string(text)
}

// printable drops control characters: text of posts must not steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"stallwatch/classify"
)

func (a *app) classifyCommand() *cobra.Command {
	var explain bool
	c := &cobra.Command{
		Use:   "classify",
		Short: "Judge the texts on standard input",
		Long: `A filter: reads JSONL with "id" and "text" (and "lang", if known), or plain lines, from standard input, and writes
one line for each in the same order: "id", "stance", "p" with the four probabilities, and "abstain" with the reason when
the post is not classified. On a terminal it writes a table instead, unless --json is given.

A line that cannot be read is named on standard error and left out; the exit status is then 3.`,
		Example: `  echo 'Putin is only playing for time' | stallwatch classify --json
  jq -c '{id, text}' posts.jsonl | stallwatch classify > verdicts.jsonl`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error { return a.classify(ctx, explain) }),
	}
	c.Flags().BoolVar(&explain, "explain", false, "add the words that moved the verdict, with their gain in logits")
	return c
}

// verdictLine is one line of classify's output.
type verdictLine struct {
	ID       string              `json:"id"`
	Stance   *classify.Stance    `json:"stance"` // null when nothing can be said
	P        *probabilities      `json:"p"`
	Abstain  classify.Abstention `json:"abstain,omitempty"`
	Evidence []classify.Evidence `json:"evidence,omitempty"`

	text string
	err  error // the line could not be read
}

type probabilities struct {
	Agree     float64 `json:"agree"`
	Disagree  float64 `json:"disagree"`
	Discuss   float64 `json:"discuss"`
	Unrelated float64 `json:"unrelated"`
}

// block is some lines on their way through a worker.
type block struct {
	first int // number of the first line
	lines [][]byte
	out   []verdictLine
	done  chan struct{}
}

// blockLines is how many lines a worker takes at a time.
const blockLines = 512

func (a *app) classify(ctx context.Context, explain bool) error {
	_, judge, err := a.judge()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, ordered := make(chan *block), make(chan *block, 2*runtime.GOMAXPROCS(0))
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for b := range work {
				for i, line := range b.lines {
					b.out = append(b.out, judgeLine(judge, line, b.first+i, explain))
				}
				close(b.done)
			}
		}()
	}
	var readErr error
	go func() {
		defer close(ordered)
		defer close(work)
		readErr = readBlocks(ctx, a.stdin, work, ordered)
	}()
	bad, err := a.writeVerdicts(ordered)
	cancel()
	for range ordered { // after an error: let the reader come to its end
	}
	switch {
	case err != nil:
		return err
	case readErr != nil:
		return readErr
	case bad > 0:
		return &failure{exitPartial, nil}
	}
	return nil
}

func readBlocks(ctx context.Context, r io.Reader, work, ordered chan<- *block) error {
	in := bufio.NewReaderSize(r, 1<<20)
	number, eof := 1, false
	for !eof {
		b := &block{first: number, done: make(chan struct{})}
		// A block also ends where the input pauses, so that a person who types gets an answer.
		for len(b.lines) < blockLines && (len(b.lines) == 0 || in.Buffered() > 0) {
			line, err := in.ReadBytes('\n')
			if len(line) > 0 {
				b.lines = append(b.lines, bytes.TrimRight(line, "\r\n"))
				number++
			}
			if eof = errors.Is(err, io.EOF); eof {
				break
			}
			if err != nil {
				return fmt.Errorf("standard input: %w", err)
			}
		}
		select {
		case ordered <- b:
			work <- b
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// judgeLine judges one line: JSON when it begins with a brace, otherwise the text itself.
func judgeLine(judge *classify.Linear, line []byte, number int, explain bool) verdictLine {
	in := struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
		Lang string          `json:"lang"`
	}{}
	v := verdictLine{ID: fmt.Sprint(number), text: strings.ToValidUTF8(string(line), "\uFFFD")}
	if trimmed := bytes.TrimLeft(line, " \t\ufeff"); len(trimmed) > 0 && trimmed[0] == '{' {
		err := json.Unmarshal(trimmed, &in)
		switch {
		case err != nil:
			v.err = err
		case in.Text == nil:
			v.err = errors.New(`no "text"`)
		default:
			v.text = *in.Text
			if len(in.ID) > 0 && json.Unmarshal(in.ID, &v.ID) != nil {
				v.ID = string(in.ID) // a number, to the last digit
			}
		}
		if v.err != nil {
			v.err = fmt.Errorf("standard input:%d: %w", number, v.err)
			return v
		}
	}
	v.fill(judge, in.Lang, explain)
	return v
}

func (v *verdictLine) fill(judge *classify.Linear, lang string, explain bool) {
	verdict := judge.Classify(v.text, lang)
	v.Abstain = verdict.Abstain
	if v.Abstain == classify.AbstainLanguage {
		return
	}
	p := probabilities{verdict.P[classify.Agree], verdict.P[classify.Disagree], verdict.P[classify.Discuss], verdict.P[classify.Unrelated]}
	v.Stance, v.P = &verdict.Stance, &p
	if explain {
		v.Evidence = judge.Explain(v.text, verdict.Stance, evidenceWords)
	}
}

func (a *app) writeVerdicts(ordered <-chan *block) (bad int, err error) {
	out := bufio.NewWriterSize(a.stdout, 1<<16)
	defer out.Flush()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	table := isTerminal(a.stdout) && !a.json
	for b := range ordered {
		<-b.done
		for i := range b.out {
			v := &b.out[i]
			if v.err != nil {
				bad++
				a.say("%v", v.err)
				continue
			}
			if table {
				err = v.row(out)
			} else {
				err = enc.Encode(v)
			}
			if err != nil {
				return bad, err
			}
		}
		if err := out.Flush(); err != nil {
			return bad, err
		}
	}
	return bad, nil
}

// row writes the verdict for people.
func (v *verdictLine) row(w io.Writer) error {
	name, p := "not classified: "+string(v.Abstain), ""
	if v.Abstain == classify.AbstainNone {
		name = v.Stance.String()
		p = fmt.Sprintf("%.2f", []float64{v.P.Agree, v.P.Disagree, v.P.Discuss, v.P.Unrelated}[*v.Stance])
	}
	text := []rune(printable(v.text))
	if len(text) > 100 {
		text = append(text[:99], '…')
	}
	_, err := fmt.Fprintf(w, "%-10s %4s  %s\n", name, p, string(text))
	for _, e := range v.Evidence {
		if err == nil {
			_, err = fmt.Fprintf(w, "%17s%+.2f %s\n", "", e.Gain, printable(e.Text))
		}
	}
	return err
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

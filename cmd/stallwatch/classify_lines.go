package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// blockLines is how many lines a worker takes at a time.
const blockLines = 512

// block is some lines on their way through a worker.
type block struct {
	first int // number of the first line
	lines [][]byte
	written
}

// classifyLines judges the lines of standard input.
func classifyLines(ctx context.Context, in io.Reader, w *verdictWriter) error {
	r := bufio.NewReaderSize(in, 1<<20)
	number, eof := 1, false
	read := func() (*block, error) {
		if eof {
			return nil, io.EOF
		}
		b := &block{first: number}
		// A block also ends where the input pauses, so that a person who types gets an answer.
		for len(b.lines) < blockLines && (len(b.lines) == 0 || r.Buffered() > 0) {
			line, err := r.ReadBytes('\n')
			if len(line) > 0 {
				b.lines = append(b.lines, bytes.TrimRight(line, "\r\n"))
				number++
			}
			if eof = errors.Is(err, io.EOF); eof {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("standard input: %w", err)
			}
		}
		return b, nil
	}
	work := func(b *block) {
		var out bytes.Buffer
		for i, line := range b.lines {
			v, err := w.judgeLine(line, b.first+i)
			if err != nil {
				b.problems = append(b.problems, fmt.Errorf("standard input:%d: %w", b.first+i, err))
				continue
			}
			w.line(&out, v)
		}
		b.out = out.Bytes()
	}
	return inOrder(ctx, read, work, func(b *block) error { return w.finish(&b.written) })
}

// judgeLine judges one line: JSON when it begins with a brace, otherwise the text itself.
func (w *verdictWriter) judgeLine(line []byte, number int) (verdictLine, error) {
	in := struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
		Lang string          `json:"lang"`
	}{}
	id := fmt.Sprint(number)
	trimmed := bytes.TrimLeft(line, " \t\ufeff")
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return w.verdict(id, "", strings.ToValidUTF8(string(line), "\uFFFD"), ""), nil
	}
	if err := json.Unmarshal(trimmed, &in); err != nil {
		return verdictLine{}, err
	}
	if in.Text == nil {
		return verdictLine{}, errors.New(`no "text" (--from auto reads the export formats)`)
	}
	if len(in.ID) > 0 && json.Unmarshal(in.ID, &id) != nil {
		id = string(in.ID) // a number, to the last digit
	}
	return w.verdict(id, "", *in.Text, in.Lang), nil
}

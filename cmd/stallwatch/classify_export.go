package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"stallwatch/classify"
	"stallwatch/cmd/stallwatch/dataset"
	"stallwatch/collector"
	"stallwatch/collector/export"
)

// addedColumns are what classify adds to a table.
var addedColumns = []string{"stance", "not_classified", "p_agree", "p_disagree", "p_discuss", "p_unrelated"}

var errOtherTable = errors.New("a table with other columns than the first, or posts that are no table: classify it by itself")

var errUnknown = errors.New("of no known form ('stallwatch formats' lists them; plain lines of text are read with --from lines)")

// batch is some values of a file on their way through a worker.
type batch struct {
	values []export.Value
	header []byte // to write before the rows; nil unless the table begins here
	delim  byte
	written
}

// classifyExport judges the posts of one export file.
func classifyExport(ctx context.Context, name string, opt export.Options, w *verdictWriter) error {
	f, err := export.Open(name, opt)
	if err != nil {
		w.bad++
		w.say("%v", err)
		return nil
	}
	defer f.Close()
	first := true
	read := func() (*batch, error) {
		b := &batch{}
		for size := 0; len(b.values) < chunkValues && size < chunkBytes; {
			v, err := f.Next()
			if err != nil && (len(b.values) == 0 || !errors.Is(err, io.EOF)) {
				return nil, err
			}
			if err != nil {
				break
			}
			b.values = append(b.values, v)
			size += len(v.Raw)
		}
		if header, delim := b.values[0].Header(); first && header != nil && w.header == nil {
			w.header = header
			b.header, b.delim = header, delim
		}
		first = false
		return b, nil
	}
	err = inOrder(ctx, read, func(b *batch) { w.judgeBatch(f, b) }, func(b *batch) error { return w.finish(&b.written) })
	for _, warning := range f.Warnings() {
		w.say("%s: warning: %s", name, warning)
	}
	return err
}

func (w *verdictWriter) judgeBatch(f *export.File, b *batch) {
	var out bytes.Buffer
	if b.header != nil {
		writeHeader(&out, b.header, b.delim, w.explain)
	}
	for _, v := range b.values {
		header, delim := v.Header()
		switch {
		case v.Err != nil || w.header == nil && header == nil:
			w.judgeValue(&out, f, v, b)
		case !bytes.Equal(header, w.header):
			b.problems = append(b.problems, &export.PlaceError{File: f.Name(), Member: v.Member, Line: v.Line, Offset: v.Offset, Err: errOtherTable})
		default:
			w.judgeRow(&out, f, v, delim, b)
		}
	}
	b.out = out.Bytes()
}

// judgeValue writes a verdict for every post of a value.
func (w *verdictWriter) judgeValue(out *bytes.Buffer, f *export.File, v export.Value, b *batch) {
	r := f.Decode(v)
	for _, x := range r.Failures {
		b.problems = append(b.problems, x.Err)
	}
	for _, s := range r.Skips {
		if s.Reason == collector.SkipUnknown {
			b.problems = append(b.problems, &export.PlaceError{File: f.Name(), Member: v.Member, Line: v.Line, Offset: v.Offset, Err: errUnknown})
		}
	}
	for _, p := range r.Posts {
		w.line(out, w.verdict(p.ID, p.Platform, p.Text, p.Lang))
	}
}

func writeHeader(out *bytes.Buffer, header []byte, delim byte, explain bool) {
	prefix := ""
	for _, c := range addedColumns {
		if bytes.Contains(header, []byte(c)) {
			prefix = "stallwatch_"
		}
	}
	out.Write(header)
	names := addedColumns
	if explain {
		names = append(names[:len(names):len(names)], "evidence")
	}
	for _, c := range names {
		fmt.Fprintf(out, "%c%s%s", delim, prefix, c)
	}
	out.WriteByte('\n')
}

// judgeRow writes the row as it stands, and its verdict behind it.
func (w *verdictWriter) judgeRow(out *bytes.Buffer, f *export.File, v export.Value, delim byte, b *batch) {
	r := f.Decode(v)
	for _, x := range r.Failures {
		b.problems = append(b.problems, x.Err)
	}
	var cells []string
	switch {
	case len(r.Posts) > 0:
		cells = w.rowCells(w.verdict("", "", r.Posts[0].Text, r.Posts[0].Lang))
	case len(r.Skips) > 0 && r.Skips[0].Reason == collector.SkipNoText:
		cells = []string{"", string(classify.AbstainNoText)}
	default:
		return // a failure, or a header repeated
	}
	row := bytes.TrimRight(v.Raw, "\r\n")
	out.Write(row)
	n := len(addedColumns)
	if w.explain {
		n++
	}
	for i := range n {
		out.WriteByte(delim)
		if i < len(cells) {
			out.Write(dataset.AppendCSV(out.AvailableBuffer(), cells[i]))
		}
	}
	if end := v.Raw[len(row):]; len(end) > 0 {
		out.Write(end)
	} else {
		out.WriteByte('\n')
	}
}

func (w *verdictWriter) rowCells(v verdictLine) []string {
	cells := []string{"", string(v.Abstain)}
	if v.Stance != nil && v.Abstain == classify.AbstainNone {
		cells[0] = v.Stance.String()
	}
	if v.P != nil {
		for _, p := range []float64{v.P.Agree, v.P.Disagree, v.P.Discuss, v.P.Unrelated} {
			cells = append(cells, strconv.FormatFloat(p, 'f', 5, 64))
		}
	}
	if len(v.Evidence) > 0 {
		raw, _ := json.Marshal(v.Evidence) // unreachable: no value lacks a form in JSON
		cells = append(cells, string(raw))
	}
	return cells
}

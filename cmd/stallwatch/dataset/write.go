package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"stallwatch/store"
)

// Writer writes records as a table. It is for one goroutine. Close completes the table, not what is under it.
type Writer interface {
	Write(*store.Record) error
	Close() error
}

// Formats are the names that New takes.
var Formats = []string{"csv", "jsonl", "parquet"}

// New begins a table on w. With text it has all columns. version names the program in Parquet's footer.
func New(w io.Writer, format string, text bool, version string) (Writer, error) {
	switch format {
	case "csv":
		return newCSV(w, text)
	case "jsonl":
		return &jsonlWriter{w: bufio.NewWriterSize(w, 1<<16), columns: Columns(text)}, nil
	case "parquet":
		options := []parquet.WriterOption{parquet.Compression(&parquet.Snappy), parquet.CreatedBy("stallwatch", version, ""), parquet.MaxRowsPerRowGroup(1 << 16)}
		if text {
			return &parquetWriter[FullRow]{w: parquet.NewGenericWriter[FullRow](w, options...), row: func(r FullRow) FullRow { return r }}, nil
		}
		return &parquetWriter[Row]{w: parquet.NewGenericWriter[Row](w, options...), row: func(r FullRow) Row { return r.Row }}, nil
	}
	return nil, fmt.Errorf("format %q is not one of %s", format, strings.Join(Formats, ", "))
}

// timeLayout is RFC 3339 with milliseconds, always three of them.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

type csvWriter struct {
	w       *bufio.Writer
	columns []Column
	line    []byte
}

func newCSV(w io.Writer, text bool) (*csvWriter, error) {
	c := &csvWriter{w: bufio.NewWriterSize(w, 1<<16), columns: Columns(text)}
	if text {
		c.line = append(c.line, "\ufeff"...)
	}
	for i, col := range c.columns {
		if i > 0 {
			c.line = append(c.line, ',')
		}
		c.line = append(c.line, col.Name...)
	}
	_, err := c.w.Write(append(c.line, '\n'))
	return c, err
}

func (c *csvWriter) Write(rec *store.Record) error {
	r := NewRow(rec)
	c.line = c.line[:0]
	for i, col := range c.columns {
		if i > 0 {
			c.line = append(c.line, ',')
		}
		c.line = appendCell(c.line, col.value(&r))
	}
	_, err := c.w.Write(append(c.line, '\n'))
	return err
}

func (c *csvWriter) Close() error { return c.w.Flush() }

func appendCell(b []byte, v value) []byte {
	switch {
	case v.number != nil:
		return strconv.AppendFloat(b, *v.number, 'f', -1, 64)
	case v.count != nil:
		return strconv.AppendInt(b, *v.count, 10)
	case v.flag != nil:
		return strconv.AppendBool(b, *v.flag)
	case !v.at.IsZero():
		return v.at.UTC().AppendFormat(b, timeLayout)
	case len(v.list) > 0:
		return AppendCSV(b, string(appendJSONList(nil, v.list)))
	}
	return AppendCSV(b, v.text)
}

// AppendCSV appends a cell of text, guarded and quoted where it must be.
func AppendCSV(b []byte, s string) []byte {
	guarded := isFormula(s)
	if !guarded && !strings.ContainsAny(s, "\",;\t\r\n|'") && (s == "" || s[0] != ' ' && s[len(s)-1] != ' ') {
		return append(b, s...)
	}
	b = append(b, '"')
	if guarded {
		b = append(b, '\'')
	}
	for i := range len(s) {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// isFormula reports whether a spreadsheet may take a cell for a formula, apostrophes before it left aside.
func isFormula(s string) bool {
	s = strings.TrimLeft(s, "' \u00a0")
	if s == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("=+-@\t\r\n＝＋－＠", r)
}

// Unguard takes off the apostrophe that AppendCSV put before a cell; other cells are as they were.
func Unguard(s string) string {
	if len(s) > 0 && s[0] == '\'' && isFormula(s) {
		return s[1:]
	}
	return s
}

type jsonlWriter struct {
	w       *bufio.Writer
	columns []Column
	line    []byte
}

func (j *jsonlWriter) Write(rec *store.Record) error {
	j.line = append(AppendJSON(j.line[:0], rec, j.columns), '\n')
	_, err := j.w.Write(j.line)
	return err
}

// AppendJSON appends a record as one JSON object with the given columns.
func AppendJSON(b []byte, rec *store.Record, columns []Column) []byte {
	r := NewRow(rec)
	b = append(b, '{')
	for i, col := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), col.Name...), `":`...)
		b = appendJSON(b, col.value(&r))
	}
	return append(b, '}')
}

func (j *jsonlWriter) Close() error { return j.w.Flush() }

func appendJSON(b []byte, v value) []byte {
	switch {
	case v.isList:
		return appendJSONList(b, v.list)
	case v.text != "":
		return appendJSONString(b, v.text)
	case !v.at.IsZero():
		b = v.at.UTC().AppendFormat(append(b, '"'), timeLayout)
		return append(b, '"')
	case v.number != nil || v.count != nil || v.flag != nil:
		return appendCell(b, v)
	}
	return append(b, "null"...)
}

func appendJSONList(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONString(b, s)
	}
	return append(b, ']')
}

func appendJSONString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendHardString(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendHardString(b []byte, s string) []byte {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string is always JSON
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}

type parquetWriter[T any] struct {
	w   *parquet.GenericWriter[T]
	row func(FullRow) T
	buf []T
}

// parquetBatch is how many rows are handed over at once.
const parquetBatch = 512

func (p *parquetWriter[T]) Write(rec *store.Record) error {
	p.buf = append(p.buf, p.row(NewRow(rec)))
	if len(p.buf) < parquetBatch {
		return nil
	}
	return p.flush()
}

func (p *parquetWriter[T]) flush() error {
	_, err := p.w.Write(p.buf)
	p.buf = p.buf[:0]
	return err
}

func (p *parquetWriter[T]) Close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.w.Close()
}

// FormatTime writes a time as every table does.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

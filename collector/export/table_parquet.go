package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"stallwatch/collector"
)

const (
	parquetRows = 128 // read at a time
	// maxColumn is the largest part of a column that one row group may hold, unpacked: a page of it must fit into memory.
	maxColumn = 2 << 30
)

// parquet reads a member that is a Parquet file: a table whose records are told apart by columns, as those of CSV are.
func (w *walker) parquet(r io.ReaderAt, size int64, member string) bool {
	f, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return w.fail(member, 0, fmt.Errorf("parquet: damaged or cut: %w", err))
	}
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			if n := c.MetaData.TotalUncompressedSize; n > maxColumn || n > freeOutput && n/maxRatio > c.MetaData.TotalCompressedSize {
				return w.fail(member, 0, errGrows)
			}
		}
	}
	columns := parquetColumns(f.Schema())
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.name
	}
	t, err := newTable(w.file, header, nil)
	if err != nil {
		return w.fail(member, 0, err)
	}
	t.guarded = false
	line := 0
	for _, g := range f.RowGroups() {
		if !w.rowGroup(g, t, columns, member, &line) {
			return false
		}
	}
	return true
}

func (w *walker) rowGroup(g parquet.RowGroup, t *table, columns []parquetColumn, member string, line *int) bool {
	rows := g.Rows()
	defer rows.Close()
	buf := make([]parquet.Row, parquetRows)
	for {
		n, err := rows.ReadRows(buf)
		for _, row := range buf[:n] {
			*line++
			v := Value{Member: member, Line: *line, table: t, Fields: make([]string, len(columns))}
			for i, cell := range cellsOf(row, len(columns)) {
				v.Fields[i] = columns[i].text(cell)
			}
			if !w.yield(v) {
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return w.fail(member, *line+1, fmt.Errorf("parquet: damaged or cut: %w", err))
		}
	}
}

// cellsOf parts a row's values by column: a list has several.
func cellsOf(row parquet.Row, columns int) [][]parquet.Value {
	out := make([][]parquet.Value, columns)
	for i := 0; i < len(row); {
		c, from := row[i].Column(), i
		for i++; i < len(row) && row[i].Column() == c; i++ {
		}
		if 0 <= c && c < columns {
			out[c] = row[from:i]
		}
	}
	return out
}

// spoolParquet puts a Parquet file that arrives in a stream on disk, because what it holds is said at its end.
func (w *walker) spoolParquet(r io.Reader, member string) bool {
	tmp, n, err := spool(r, "stallwatch-*.parquet")
	if err != nil {
		return w.fail(member, 0, err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	return w.parquet(tmp, n, member)
}

// parquetColumn is a leaf of the schema.
type parquetColumn struct {
	name string
	list bool
	unit time.Duration // of a timestamp; 0: it is none
	date bool          // days since 1970
}

func parquetColumns(s *parquet.Schema) []parquetColumn {
	var out []parquetColumn
	for _, path := range s.Columns() {
		leaf, _ := s.Lookup(path...)
		c := parquetColumn{list: leaf.MaxRepetitionLevel > 0}
		var names []string
		for _, p := range path {
			if p != "list" && p != "element" && p != "array" && p != "item" && p != "bag" && p != "array_element" {
				names = append(names, p)
			}
		}
		c.name = strings.Join(names, ".")
		if leaf.Node != nil {
			c.unit, c.date = timeOf(leaf.Node.Type())
		}
		out = append(out, c)
	}
	return out
}

// timeOf is the unit of a timestamp's type, in the newer and the older way of saying it.
func timeOf(t parquet.Type) (unit time.Duration, date bool) {
	if l := t.LogicalType(); l != nil {
		switch v := l.Value.(type) {
		case *format.TimestampType:
			switch v.Unit.Value.(type) {
			case *format.MilliSeconds:
				return time.Millisecond, false
			case *format.MicroSeconds:
				return time.Microsecond, false
			}
			return time.Nanosecond, false
		case *format.DateType:
			return 0, true
		}
	}
	if c := t.ConvertedType(); c != nil {
		switch *c {
		case 9:
			return time.Millisecond, false
		case 10:
			return time.Microsecond, false
		case 6:
			return 0, true
		}
	}
	return 0, false
}

// text is a cell as a table of text would hold it; a list is JSON.
func (c *parquetColumn) text(cell []parquet.Value) string {
	if !c.list {
		if len(cell) == 0 || cell[0].IsNull() {
			return ""
		}
		return c.one(cell[0])
	}
	items := []string{}
	for _, v := range cell {
		if !v.IsNull() {
			items = append(items, c.one(v))
		}
	}
	if len(items) == 0 {
		return ""
	}
	raw, _ := json.Marshal(items)
	return string(raw)
}

func (c *parquetColumn) one(v parquet.Value) string {
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.FormatBool(v.Boolean())
	case parquet.Int32:
		if c.date {
			return time.Unix(int64(v.Int32())*86400, 0).UTC().Format(time.RFC3339)
		}
		return strconv.FormatInt(int64(v.Int32()), 10)
	case parquet.Int64:
		return c.integer(v.Int64())
	case parquet.Int96: // nanoseconds of the day, and the Julian day: Spark's and Impala's timestamps
		n := v.Int96()
		nanos := int64(n[0]) | int64(n[1])<<32
		return time.Unix((int64(n[2])-2440588)*86400, nanos).UTC().Format(time.RFC3339Nano)
	case parquet.Float:
		return float(float64(v.Float()))
	case parquet.Double:
		return float(v.Double())
	}
	return collector.Clean(string(v.ByteArray()))
}

func (c *parquetColumn) integer(n int64) string {
	switch c.unit {
	case 0:
		return strconv.FormatInt(n, 10)
	case time.Millisecond:
		return time.UnixMilli(n).UTC().Format(time.RFC3339Nano)
	case time.Microsecond:
		return time.UnixMicro(n).UTC().Format(time.RFC3339Nano)
	}
	return time.Unix(0, n).UTC().Format(time.RFC3339Nano)
}

// float writes whole numbers as such while they are exact. Others keep their exponent, by which an id is known to have
// lost its last digits.
func float(f float64) string {
	switch {
	case math.IsNaN(f):
		return ""
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case math.Abs(f) >= 1e15:
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

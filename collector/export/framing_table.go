package export

import (
	"io"

	"stallwatch/collector"
)

// tableFramer hands on the records of a table whose header it has read.
type tableFramer struct {
	csv    *csvReader
	member string
	yield  func(Value) bool
	table  *table
	first  *Value // a record that has been read already, because the table has no header
}

func (f *tableFramer) run() bool {
	if f.first != nil {
		f.first.table, f.first.Err = f.table, nil
		if !f.yield(*f.first) {
			return false
		}
	}
	for {
		v := Value{Member: f.member, Line: f.csv.w.line, Offset: f.csv.w.offset, table: f.table}
		fields, raw, err := f.csv.next()
		if err == io.EOF {
			return true
		}
		v.Fields, v.Raw, v.Err = fields, raw, err
		if err == nil && f.table.isHeader(fields) {
			v.skip = collector.SkipHeader
		}
		if !f.yield(v) {
			return false
		}
	}
}

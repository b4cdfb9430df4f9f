package export

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// xlsxRows reads the rows of a sheet.
type xlsxRows struct {
	d     *sheetXML
	b     *workbook
	cells []string
	rows  int
}

// maxSheetColumns is how many columns Excel has.
const maxSheetColumns = 1 << 14

func (x *xlsxRows) next() ([]string, error) {
	for {
		t, err := x.d.outer()
		if err != nil {
			return nil, err
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "row" {
			n, _ := strconv.Atoi(attr(e, "r"))
			if x.rows++; n > x.rows && n-x.rows < 1000 { // rows without cells are left out
				x.rows = n
			}
			return x.row()
		}
	}
}

func (x *xlsxRows) row() ([]string, error) {
	x.cells = x.cells[:0]
	for {
		t, err := x.d.RawToken()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			column := columnOf(attr(t, "r"), len(x.cells))
			if column >= maxSheetColumns {
				return nil, errors.New("xlsx: a row has more cells than Excel has columns")
			}
			for len(x.cells) <= column {
				x.cells = append(x.cells, "")
			}
			if x.cells[column], err = x.cell(attr(t, "t"), attr(t, "s")); err != nil {
				return nil, err
			}
		case xml.EndElement:
			if t.Name.Local == "row" {
				return x.cells, nil
			}
		}
	}
}

// columnOf is the column of a cell such as C5, from 0; next where the cell does not say.
func columnOf(cell string, next int) int {
	n := 0
	for i := 0; i < len(cell) && i < 4 && 'A' <= cell[i] && cell[i] <= 'Z'; i++ {
		n = n*26 + int(cell[i]-'A') + 1
	}
	if n == 0 {
		return next
	}
	return n - 1
}

func (x *xlsxRows) cell(kind, style string) (string, error) {
	var value strings.Builder
	in := ""
	for {
		t, err := x.d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if in = t.Name.Local; in == "is" {
				s, err := richText(x.d, "is")
				if err != nil {
					return "", err
				}
				value.WriteString(s)
			}
		case xml.CharData:
			if in == "v" {
				value.Write(t)
			}
		case xml.EndElement:
			if in = ""; t.Name.Local == "c" {
				return x.value(kind, style, value.String())
			}
		}
	}
}

// value is what a cell says: numbers as they are stored, dates as such.
func (x *xlsxRows) value(kind, style, v string) (string, error) {
	switch kind {
	case "s":
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n >= x.b.count {
			return "", fmt.Errorf("xlsx: there is no text number %.20q", v)
		}
		return x.b.strings[n>>chunkBits][n&(1<<chunkBits-1)], nil
	case "inlineStr", "d":
		return v, nil
	case "str":
		return unescapeCell(v), nil
	case "e":
		return "", nil
	case "b":
		return strconv.FormatBool(v == "1"), nil
	}
	if s, err := strconv.Atoi(style); err == nil && 0 <= s && s < len(x.b.dates) && x.b.dates[s] {
		return x.b.date(v), nil
	}
	return v, nil
}

// date writes a number of days as a date, or as a time of the day when it is less than one.
func (b *workbook) date(v string) string {
	days, err := strconv.ParseFloat(v, 64)
	if err != nil || days < 0 || days > 3e6 {
		return v
	}
	at := b.zero.Add(time.Duration(days*86400+0.5) * time.Second)
	switch {
	case days < 1:
		return at.Format(time.TimeOnly)
	case days == float64(int(days)):
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}

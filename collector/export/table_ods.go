package export

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ods reads LibreOffice's spreadsheets (OpenDocument 1.3, part 3, chapter 9), sheet by sheet.
func (w *walker) ods(z *zip.Reader, member string) bool {
	d, err := w.part(named(z, "content.xml"), "content.xml")
	if err != nil {
		return w.fail(member, 0, fmt.Errorf("ods: %w", err))
	}
	defer d.Close()
	for {
		t, err := d.outer()
		if err == io.EOF {
			return true
		}
		if err != nil {
			return w.fail(member, 0, fmt.Errorf("ods: %w", err))
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "table" && e.Name.Space == "table" {
			if !w.sheet(&odsRows{d: d}, member, attr(e, "name")) {
				return false
			}
		}
	}
}

// odsRows reads the rows of a sheet, up to its end.
type odsRows struct {
	d      *sheetXML
	cells  []string
	blanks int // cells without anything before the next one
	ended  bool
}

func (o *odsRows) next() ([]string, error) {
	for !o.ended {
		t, err := o.d.outer()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "table-row" { // one that is repeated is the same post
				err = o.row()
				return o.cells, err
			}
		case xml.EndElement:
			o.ended = t.Name.Local == "table" && t.Name.Space == "table"
		}
	}
	return nil, io.EOF
}

// repeats is how often something comes, which no more than the columns of a sheet can.
func repeats(e xml.StartElement, name string) int {
	n, _ := strconv.Atoi(attr(e, name))
	return min(max(n, 1), maxSheetColumns)
}

func (o *odsRows) row() error {
	o.cells, o.blanks = o.cells[:0], 0
	for {
		t, err := o.d.RawToken()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "table-cell" || t.Name.Local == "covered-table-cell" {
				if err := o.cell(t); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if t.Name.Local == "table-row" {
				return nil
			}
		}
	}
}

// cell reads a cell: a number or a date as it is stored, any other as it is shown.
func (o *odsRows) cell(e xml.StartElement) error {
	var s strings.Builder
	aside := 0 // in a comment on the cell
	for paragraphs := 0; ; {
		t, err := o.d.RawToken()
		if err == nil && s.Len() > maxRow {
			err = errRow
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "annotation":
				aside++
			case "p":
				if paragraphs++; paragraphs > 1 && aside == 0 {
					s.WriteByte('\n')
				}
			case "s":
				s.WriteString(strings.Repeat(" ", min(repeats(t, "c"), 1000)))
			case "tab":
				s.WriteByte('\t')
			case "line-break":
				s.WriteByte('\n')
			}
		case xml.CharData:
			if aside == 0 {
				s.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "annotation":
				aside--
			case e.Name.Local:
				o.add(odsValue(e, s.String()), repeats(e, "number-columns-repeated"))
				return nil
			}
		}
	}
}

func odsValue(e xml.StartElement, shown string) string {
	switch attr(e, "value-type") {
	case "float", "percentage", "currency":
		return attr(e, "value")
	case "date":
		return attr(e, "date-value")
	}
	return shown
}

// add adds n cells with the same value. Empty ones wait for one that is not.
func (o *odsRows) add(v string, n int) {
	if v == "" {
		o.blanks = min(o.blanks+n, maxSheetColumns)
		return
	}
	n = min(n, maxSheetColumns-len(o.cells)-o.blanks)
	if n <= 0 { // there are no more columns
		return
	}
	o.cells = append(append(o.cells, make([]string, o.blanks)...), slices.Repeat([]string{v}, n)...)
	o.blanks = 0
}

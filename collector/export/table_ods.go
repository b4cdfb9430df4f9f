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
	d, c, err := w.part(z, "content.xml")
	if err != nil {
		return w.fail(member, 0, fmt.Errorf("ods: %w", err))
	}
	defer c.Close()
	for {
		t, err := d.RawToken()
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
	d      *xml.Decoder
	cells  []string
	blanks int // cells without anything before the next one
	again  int // how often the row comes again
	ended  bool
}

func (o *odsRows) next() ([]string, error) {
	if o.again > 0 {
		o.again--
		return o.cells, nil
	}
	for !o.ended {
		t, err := o.d.RawToken()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "table-row" {
				if err := o.row(); err != nil {
					return nil, err
				}
				if o.again = min(repeats(t, "number-rows-repeated"), 1<<20) - 1; len(o.cells) == 0 {
					o.again = 0
				}
				return o.cells, nil
			}
		case xml.EndElement:
			o.ended = t.Name.Local == "table" && t.Name.Space == "table"
		}
	}
	return nil, io.EOF
}

func repeats(e xml.StartElement, name string) int {
	n, _ := strconv.Atoi(attr(e, name))
	return max(n, 1)
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
		o.blanks += n
		return
	}
	if len(o.cells)+o.blanks+n > maxSheetColumns {
		n, o.blanks = 1, 0
	}
	o.cells = append(append(o.cells, make([]string, o.blanks)...), slices.Repeat([]string{v}, n)...)
	o.blanks = 0
}

package export

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// xlsx reads Excel's workbooks (ECMA-376, part 1, chapter 18), sheet by sheet.
func (w *walker) xlsx(z *zip.Reader, member string) bool {
	b := workbook{w: w, z: z}
	if err := b.open(); err != nil {
		return w.fail(member, 0, fmt.Errorf("xlsx: %w", err))
	}
	for _, s := range b.sheets {
		d, c, err := w.part(z, s.part)
		if err != nil {
			if !w.fail(path.Join(member, s.name), 0, fmt.Errorf("xlsx: %w", err)) {
				return false
			}
			continue
		}
		more := w.sheet(&xlsxRows{d: d, b: &b}, member, s.name)
		c.Close()
		if !more {
			return false
		}
	}
	return true
}

// workbook is what the sheets of a workbook need of it.
type workbook struct {
	w       *walker
	z       *zip.Reader
	sheets  []struct{ name, part string }
	strings []string
	dates   []bool    // whether a style shows a number as a date
	zero    time.Time // of the numbers that are dates
}

func (b *workbook) open() error {
	targets := map[string]string{}
	err := b.each("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" {
			target := attr(e, "Target")
			if targets[attr(e, "Id")] = strings.TrimPrefix(target, "/"); !strings.HasPrefix(target, "/") {
				targets[attr(e, "Id")] = path.Join("xl", target)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.zero = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	err = b.each("xl/workbook.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			if yes(attr(e, "date1904")) {
				b.zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
			}
		case "sheet":
			for _, a := range e.Attr {
				if part := targets[a.Value]; a.Name.Local == "id" && part != "" {
					b.sheets = append(b.sheets, struct{ name, part string }{attr(e, "name"), part})
				}
			}
		}
		return nil
	})
	if err == nil && named(b.z, "xl/styles.xml") != nil {
		err = b.readStyles()
	}
	if err == nil && named(b.z, "xl/sharedStrings.xml") != nil {
		err = b.readStrings()
	}
	return err
}

// each calls f for every element of a part.
func (b *workbook) each(part string, f func(*xml.Decoder, xml.StartElement) error) error {
	d, c, err := b.w.part(b.z, part)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			if e, ok := t.(xml.StartElement); ok {
				err = f(d, e)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
}

// literal is what in a number's format is shown as it stands, and colours and conditions.
var shownLiteral = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.|[_*].`)

// readStyles finds out which styles show dates: those of built-in formats that do, and of formats with a year, a day or an hour.
func (b *workbook) readStyles() error {
	formats := map[string]bool{}
	inCells := false
	return b.each("xl/styles.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			code := strings.ToLower(shownLiteral.ReplaceAllString(attr(e, "formatCode"), ""))
			formats[attr(e, "numFmtId")] = strings.ContainsAny(code, "ydh") && code != "general"
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				id := attr(e, "numFmtId")
				n, _ := strconv.Atoi(id)
				date, own := formats[id]
				b.dates = append(b.dates, date || !own && (14 <= n && n <= 22 || 27 <= n && n <= 36 || 45 <= n && n <= 47 || 50 <= n && n <= 58))
			}
		}
		return nil
	})
}

func (b *workbook) readStrings() error {
	size := 0
	return b.each("xl/sharedStrings.xml", func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := richText(d, "si")
		b.strings = append(b.strings, s)
		if size += len(s); err == nil && size > maxStrings {
			err = errStrings
		}
		return err
	})
}

// escaped is how a character that XML cannot hold stands in a workbook.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// richText reads the text up to the end of an element, without what tells how to pronounce it.
func richText(d *xml.Decoder, end string) (string, error) {
	var s strings.Builder
	inText, aside := false, false
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
			aside = aside || t.Name.Local == "rPh"
		case xml.CharData:
			if inText && !aside {
				s.Write(t)
			}
		case xml.EndElement:
			inText = false
			switch t.Name.Local {
			case "rPh":
				aside = false
			case end:
				return unescapeCell(s.String()), nil
			}
		}
	}
}

func unescapeCell(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:6], 16, 16)
		return strings.ReplaceAll(string(rune(n)), "\r", "")
	})
}

// xlsxRows reads the rows of a sheet.
type xlsxRows struct {
	d     *xml.Decoder
	b     *workbook
	cells []string
	rows  int
}

// maxSheetColumns is how many columns Excel has.
const maxSheetColumns = 1 << 14

func (x *xlsxRows) next() ([]string, error) {
	for {
		t, err := x.d.RawToken()
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
	value, in := "", ""
	for {
		t, err := x.d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if in = t.Name.Local; in == "is" {
				if value, err = richText(x.d, "is"); err != nil {
					return "", err
				}
			}
		case xml.CharData:
			if in == "v" {
				value += string(t)
			}
		case xml.EndElement:
			if in = ""; t.Name.Local == "c" {
				return x.value(kind, style, value)
			}
		}
	}
}

// value is what a cell says: numbers as they are stored, dates as such.
func (x *xlsxRows) value(kind, style, v string) (string, error) {
	switch kind {
	case "s":
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n >= len(x.b.strings) {
			return "", fmt.Errorf("xlsx: there is no text number %.20q", v)
		}
		return x.b.strings[n], nil
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

package export

import (
	"archive/zip"
	"encoding/xml"
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

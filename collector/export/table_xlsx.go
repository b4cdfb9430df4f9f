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
	b := workbook{w: w, parts: map[string]*zip.File{}}
	for _, f := range z.File {
		b.parts[f.Name] = f
	}
	if err := b.open(); err != nil {
		return w.fail(member, 0, fmt.Errorf("xlsx: %w", err))
	}
	for _, s := range b.sheets {
		d, err := w.part(b.parts[s.part], s.part)
		if err != nil {
			if !w.fail(path.Join(member, s.name), 0, fmt.Errorf("xlsx: %w", err)) {
				return false
			}
			continue
		}
		more := w.sheet(&xlsxRows{d: d, b: &b}, member, s.name)
		d.Close()
		if !more {
			return false
		}
	}
	return true
}

// workbook is what the sheets of a workbook need of it.
type workbook struct {
	w       *walker
	parts   map[string]*zip.File
	sheets  []struct{ name, part string }
	strings [][]string // by the 1<<chunkBits
	count   int        // of strings
	dates   []bool     // whether a style shows a number as a date
	zero    time.Time  // of the numbers that are dates
}

func (b *workbook) open() error {
	targets := map[string]string{}
	err := b.each("xl/_rels/workbook.xml.rels", func(_ *sheetXML, e xml.StartElement) error {
		if len(targets) > maxParts {
			return errParts
		}
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
	listed := map[string]bool{}
	err = b.each("xl/workbook.xml", func(_ *sheetXML, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			if yes(attr(e, "date1904")) {
				b.zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
			}
		case "sheet":
			for _, a := range e.Attr {
				if part := targets[a.Value]; a.Name.Local == "id" && part != "" && !listed[part] {
					listed[part] = true
					b.sheets = append(b.sheets, struct{ name, part string }{attr(e, "name"), part})
				}
			}
		}
		return nil
	})
	if err == nil && b.parts["xl/styles.xml"] != nil {
		err = b.readStyles()
	}
	if err == nil && b.parts["xl/sharedStrings.xml"] != nil {
		err = b.readStrings()
	}
	return err
}

// each calls f for every element of a part.
func (b *workbook) each(part string, f func(*sheetXML, xml.StartElement) error) error {
	d, err := b.w.part(b.parts[part], part)
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		t, err := d.outer()
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
	return b.each("xl/styles.xml", func(_ *sheetXML, e xml.StartElement) error {
		if len(b.dates)+len(formats) > maxParts {
			return errParts
		}
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

// chunkBits says how many shared texts lie together: they need not be moved when there are more.
const chunkBits = 12

func (b *workbook) readStrings() error {
	size := 0
	return b.each("xl/sharedStrings.xml", func(d *sheetXML, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := richText(d, "si")
		if b.count&(1<<chunkBits-1) == 0 {
			b.strings = append(b.strings, make([]string, 0, 1<<chunkBits))
		}
		last := &b.strings[len(b.strings)-1]
		*last = append(*last, strings.Clone(s)) // without what the builder had to spare
		b.count++
		if size += len(s) + 32; err == nil && size > maxStrings {
			err = errStrings
		}
		return err
	})
}

// escaped is how a character that XML cannot hold stands in a workbook.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// richText reads the text up to the end of an element, without what tells how to pronounce it.
func richText(d *sheetXML, end string) (string, error) {
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

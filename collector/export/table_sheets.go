package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Spreadsheets are zips of XML. A sheet is read as the table that it would be if it were saved as CSV, so that all that holds for
// those holds for it: lines are those of that table.

// maxStrings is how large the texts that the cells of a workbook share may be: they must be in memory.
const maxStrings = 1 << 30

var errStrings = fmt.Errorf("a workbook with more than %d GiB of text: save its sheets as CSV", maxStrings>>30)

// sheetRows reads rows of cells from XML, one after the other.
type sheetRows interface {
	// next returns the cells of the next row, io.EOF behind the last. They are overwritten by the next call.
	next() ([]string, error)
}

// sheetReader writes rows as CSV for whoever reads it.
type sheetReader struct {
	rows  sheetRows
	width int // of the widest row so far: empty cells at the end of a row are not stored
	buf   bytes.Buffer
	err   error
}

func (s *sheetReader) Read(p []byte) (int, error) {
	for s.buf.Len() < len(p) && s.err == nil {
		var cells []string
		if cells, s.err = s.rows.next(); s.err == nil {
			s.write(cells)
		}
	}
	if s.buf.Len() == 0 {
		return 0, s.err
	}
	return s.buf.Read(p)
}

func (s *sheetReader) write(cells []string) {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if s.width = max(s.width, len(cells)); len(cells) == 0 {
		s.buf.WriteByte('\n')
		return
	}
	for i := range s.width {
		c := ""
		if i < len(cells) {
			c = cells[i]
		}
		if i > 0 {
			s.buf.WriteByte(',')
		}
		if c != "" {
			s.buf.WriteByte('"')
			s.buf.WriteString(strings.ReplaceAll(c, `"`, `""`))
			s.buf.WriteByte('"')
		}
	}
	s.buf.WriteByte('\n')
}

// spreadsheet reads a zip that is a workbook; ok is false when it is none.
func (w *walker) spreadsheet(z *zip.Reader, member string) (more, ok bool) {
	if f := named(z, "xl/workbook.xml"); f != nil {
		return w.xlsx(z, member), true
	}
	mimetype := named(z, "mimetype")
	if mimetype == nil {
		return true, false
	}
	r, err := mimetype.Open()
	if err != nil {
		return true, false
	}
	defer r.Close()
	if b, _ := io.ReadAll(io.LimitReader(r, 100)); strings.TrimSpace(string(b)) == "application/vnd.oasis.opendocument.spreadsheet" {
		return w.ods(z, member), true
	}
	return true, false
}

func named(z *zip.Reader, name string) *zip.File {
	for _, f := range z.File {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// part opens a part of a workbook.
func (w *walker) part(z *zip.Reader, name string) (*xml.Decoder, io.Closer, error) {
	f := named(z, name)
	if f == nil {
		return nil, nil, fmt.Errorf("the workbook lacks %s", name)
	}
	if f.Flags&1 != 0 {
		return nil, nil, errors.New("the workbook is encrypted: save it without a password")
	}
	r, err := f.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	d := xml.NewDecoder(&metered{r, w, "zip"})
	d.Strict = false
	return d, r, nil
}

// sheet reads one sheet as a table.
func (w *walker) sheet(rows sheetRows, member, name string) bool {
	w.dir, w.sheets = nil, true
	defer func() { w.sheets = false }()
	return w.text(&sheetReader{rows: rows}, path.Join(member, name))
}

// attr is an attribute of an element by its name without the prefix, "" when it has none.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

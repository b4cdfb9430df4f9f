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

const (
	maxStrings = 512 << 20 // the texts that the cells of a workbook share take no more memory: they must be in it
	maxRow     = 16 << 20  // bytes of a row, or of a shared text, as XML and as CSV: a cell of Excel's holds 32,767 letters
	maxParts   = 1 << 16   // sheets, and styles of cells
	maxPadding = 1 << 8    // cells up to which short rows are filled
)

var (
	errStrings = fmt.Errorf("a workbook with more than %d MiB of text: save its sheets as CSV", maxStrings>>20)
	errRow     = fmt.Errorf("a row or a text of more than %d MiB: save the sheet as CSV", maxRow>>20)
	errParts   = fmt.Errorf("a workbook with more than %d sheets or styles", maxParts)
)

// sheetRows reads rows of cells from XML, one after the other.
type sheetRows interface {
	// next returns the cells of the next row, io.EOF behind the last. They are overwritten by the next call.
	next() ([]string, error)
}

// sheetReader writes rows as CSV for whoever reads it. What it writes may be much more than what it reads, since a text can stand
// in many cells: it counts as unpacked.
type sheetReader struct {
	w     *walker
	rows  sheetRows
	seen  int // rows that are not empty
	width int // of the widest of those that the header can be among: empty cells at the end of a row are not stored
	buf   bytes.Buffer
	err   error
}

func (s *sheetReader) Read(p []byte) (int, error) {
	for s.buf.Len() < len(p) && s.err == nil {
		var cells []string
		if cells, s.err = s.rows.next(); s.err == nil {
			s.err = s.write(cells)
		}
	}
	if s.buf.Len() == 0 {
		return 0, s.err
	}
	return s.buf.Read(p)
}

func (s *sheetReader) write(cells []string) error {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	size := len(cells)
	for _, c := range cells {
		size += len(c)
	}
	if size > maxRow {
		return errRow
	}
	if s.w.grows(size) {
		return errGrows
	}
	if len(cells) == 0 {
		return s.buf.WriteByte('\n')
	}
	if s.seen++; s.seen <= maxPreambles+1 {
		s.width = min(max(s.width, len(cells)), maxPadding)
	}
	for i := range max(s.width, len(cells)) {
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
	return s.buf.WriteByte('\n')
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

// sheetXML reads XML whose rows and texts are of a size that a program for spreadsheets would write.
type sheetXML struct {
	*xml.Decoder
	r    io.ReadCloser
	left int
}

func (s *sheetXML) Read(p []byte) (int, error) {
	if s.left < 0 {
		return 0, errRow
	}
	n, err := s.r.Read(p)
	s.left -= n
	return n, err
}

func (s *sheetXML) Close() error { return s.r.Close() }

// outer is the next token, which may be as large as a row with all that is read of it by RawToken.
func (s *sheetXML) outer() (xml.Token, error) {
	s.left = maxRow
	return s.RawToken()
}

// part opens a part of a workbook.
func (w *walker) part(f *zip.File, name string) (*sheetXML, error) {
	if f == nil {
		return nil, fmt.Errorf("the workbook lacks %s", name)
	}
	if f.Flags&1 != 0 {
		return nil, errors.New("the workbook is encrypted: save it without a password")
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &sheetXML{r: struct {
		io.Reader
		io.Closer
	}{&metered{r, w, "zip"}, r}}
	s.Decoder = xml.NewDecoder(s)
	s.Strict = false
	return s, nil
}

// sheet reads one sheet as a table.
func (w *walker) sheet(rows sheetRows, member, name string) bool {
	w.dir, w.sheets = nil, true
	defer func() { w.sheets = false }()
	return w.text(&sheetReader{w: w, rows: rows}, path.Join(member, name))
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

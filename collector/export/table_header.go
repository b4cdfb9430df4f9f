package export

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"stallwatch/collector"
)

const (
	headSize     = 64 << 10 // of a table: enough to see how it is written
	sampleRows   = 400      // of which the first lookRows show what is in the columns
	lookRows     = 16
	maxPreambles = 32 // lines above a header
)

// delimited reads a table, if its header is one.
func (w *walker) delimited(win *window, head []byte, member string) bool {
	for len(win.rest()) < headSize && win.fill() {
	}
	if endsLinesAtCR(win.rest()) {
		win.endLinesAtCR()
	}
	for c, ok := win.at(0); ok && (c == '\n' || c == '\r'); c, ok = win.at(0) {
		win.take(1)
	}
	csv := &csvReader{w: win, guessed: func(charset string) {
		w.file.warnOnce(fmt.Sprintf("%s is not UTF-8: its letters are read as %s; if they look wrong, save it as UTF-8 and import it again",
			w.nameOf(member), charset))
	}}
	if csv.delim = takeSeparatorLine(win); csv.delim == 0 {
		csv.delim = sniffDelimiter(win.rest())
	}
	v, header, err := csv.header(member)
	if head[0] == '<' {
		w.markup(head, member)
	}
	if err != nil || head[0] == '<' || bytes.IndexByte(v.Raw, 0) >= 0 || !utf8.Valid(v.Raw) && len(header) < 2 {
		w.leaveOut(member, "neither JSON nor a table")
		return w.yield(Value{Member: member, Line: v.Line, Offset: v.Offset, skip: collector.SkipUnknown})
	}
	if n, delim := headerBelow(win.rest(), header, w.file.opt); delim != 0 {
		w.file.warn("%d lines above the header of %s are passed over", bytes.Count(win.take(n), []byte("\n"))+1, w.nameOf(member))
		csv.delim = delim
		v, header, _ = csv.header(member)
	}
	return w.rows(csv, v, header)
}

// header reads the header record.
func (c *csvReader) header(member string) (v Value, header []string, err error) {
	if c.delim == 0 {
		c.delim = ','
	}
	v = Value{Member: member, Line: c.w.line, Offset: c.w.offset}
	c.width = 0
	header, v.Raw, err = c.next()
	c.width = len(header)
	return v, header, err
}

// rows reads the table whose first record, v, has been read.
func (w *walker) rows(csv *csvReader, v Value, header []string) bool {
	sample := csv.sample()
	csv.dump = csv.delim == '\t' && slices.ContainsFunc(sample, func(s sampled) bool { return slices.Contains(s.fields, `\N`) })
	f := &tableFramer{csv: csv, member: v.Member, yield: w.yield}
	for len(header) > 1 && strings.TrimSpace(header[len(header)-1]) == "" { // no columns: what stands in them has spilt over
		header = header[:len(header)-1]
	}
	names := slices.Clone(header)
	if hasRowNames(sample, len(header), csv.delim) {
		names = append([]string{""}, names...)
		csv.width++
	}
	t := jsonTable(w.file, names, sample)
	if t == nil {
		var err error
		t, err = newTable(w.file, names, sample)
		if made := headerOf(header); made != nil && (err != nil || t.kind == &genericKind && len(w.file.opt.Map) == 0) {
			v.Fields = header
			f.first = &v
			t, err = newTable(w.file, made, sample)
		}
		if err != nil {
			return w.noTable(csv, v, header, err)
		}
	}
	t.raw, t.delim = trimEnd(v.Raw), csv.delim
	t.settleOrder(csv, sample, w.nameOf(v.Member))
	f.table = t
	csv.need = t.lastNeeded() + 1
	return f.run()
}

// endsLinesAtCR tells whether b is of the kind that spreadsheets call "CSV (Macintosh)": outside quotes its lines end in
// carriage returns. Line feeds then are inside cells.
func endsLinesAtCR(b []byte) bool {
	quoted, cr, lf := false, 0, 0
	for i, c := range b {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n' && cr == 0:
			return false
		case c == '\n':
			lf++
		case c == '\r' && i+1 < len(b) && b[i+1] != '\n':
			cr++
		}
	}
	return cr > lf
}

// takeSeparatorLine consumes the line by which a table tells Excel its delimiter, as sep=; and returns that; 0 when
// there is none.
func takeSeparatorLine(w *window) byte {
	n, _ := w.lineEnd(0)
	line := bytes.Trim(trimEnd(w.rest()[:min(n, 16)]), `"`)
	if len(line) != 5 || !bytes.EqualFold(line[:4], []byte("sep=")) || bytes.IndexByte(delimiters, line[4]) < 0 {
		return 0
	}
	w.take(n)
	return line[4]
}

// headerBelow looks for the header below lines that say where a table comes from, as Brandwatch puts them there. It has
// more cells than they have, it makes a table where the first record made none, and a record of its width follows it. n is how
// many bytes are above it; delim is 0 when there is none.
func headerBelow(b []byte, first []string, opt Options) (n int, delim byte) {
	if _, _, err := recognise(slices.Clone(first), nil, opt); err == nil || headerOf(first) != nil {
		return 0, 0
	}
	opt.TextOnly = false // that would take prose for a header
	width := filled(first)
	for range maxPreambles {
		end := bytes.IndexByte(b[n:], '\n')
		if end < 0 {
			return 0, 0
		}
		if delim := sniffDelimiter(b[n:]); delim != 0 {
			rows := sampleOf(b[n:], delim, 0, 2)
			if len(rows) == 2 && filled(rows[0].fields) > max(width, 2) && len(rows[0].fields) == len(rows[1].fields) {
				if _, _, err := recognise(rows[0].fields, nil, opt); err == nil {
					return n, delim
				}
			}
			if len(rows) > 0 {
				width = max(width, filled(rows[0].fields))
			}
		}
		n += end + 1
	}
	return 0, 0
}

// filled is how many cells of a record are not empty: spreadsheets make all records as long as the longest.
func filled(fields []string) (n int) {
	for _, c := range fields {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// sampled is a record that has been looked at and not consumed.
type sampled struct {
	raw    []byte
	fields []string
}

// sample looks at the records that come next, as far as they are read.
func (c *csvReader) sample() []sampled { return sampleOf(c.w.rest(), c.delim, c.width, sampleRows) }

func sampleOf(b []byte, delim byte, width, limit int) (rows []sampled) {
	c := &csvReader{w: &window{buf: b, end: len(b), max: maxValue, err: io.EOF}, delim: delim, width: width}
	for len(rows) < limit {
		fields, raw, err := c.next()
		switch {
		case err == io.EOF:
			return rows
		case err == nil && (len(c.w.rest()) > 0 || raw[len(raw)-1] == '\n' || len(b) < headSize):
			rows = append(rows, sampled{raw, fields})
		}
	}
	return rows
}

// hasRowNames tells whether R's write.table has put the rows' numbers before the first column, for which the header has no
// name: all rows have a cell more than it, and begin with different numbers.
func hasRowNames(sample []sampled, width int, delim byte) bool {
	seen := map[string]bool{}
	filled := false
	for _, s := range sample {
		if len(s.fields) != width+1 || delim != '\t' && s.raw[0] != '"' {
			return false
		}
		name := s.fields[0]
		if name == "" || name == "0" || len(name) > 9 || strings.Trim(name, "0123456789") != "" || seen[name] {
			return false
		}
		seen[name] = true
		filled = filled || s.fields[width] != ""
	}
	return filled && (len(sample) > 1 || seen["1"])
}

// isCAR tells whether head begins a content archive, as Bluesky gives people their repositories.
func isCAR(head []byte) bool {
	begin := head[:min(len(head), 64)]
	return bytes.Contains(begin, []byte("eroots")) && bytes.Contains(begin, []byte("gversion"))
}

// noTable tells a table without a mapping, which is a failure the user can mend, from prose, which is left out. One column
// under the name of a text is such a table. A sheet of a workbook is left out too, and a workbook of nothing else is of no known form.
func (w *walker) noTable(csv *csvReader, v Value, header []string, err error) bool {
	second, _, e := csv.next()
	switch {
	case len(header) == 1 && e == nil && len(second) == 1 && isBareX(bareID(second[0])):
		return w.foreign("ids", v.Member)
	case w.sheets: // workbooks have others, of notes and figures
		w.file.warn("sheet %s is left out: %v", w.nameOf(v.Member), err)
		v.skip = collector.SkipUnknown
		return w.yield(v)
	case len(w.file.opt.Map) > 0 || len(header) > 1 && e == nil && len(second) == len(header):
		v.Err = err
		return w.yield(v)
	case len(header) == 1 && e == nil && isTextName(header[0]):
		v.Err = fmt.Errorf("a list of texts, which says of none when it was posted: texts alone can be judged with \"stallwatch classify\", and to import them a column of dates is needed")
		return w.yield(v)
	}
	w.leaveOut(v.Member, "neither JSON nor a table")
	v.skip = collector.SkipUnknown
	return w.yield(v)
}

// isTextName tells whether a column of that name holds texts.
func isTextName(name string) bool {
	return slices.ContainsFunc(columnNames[squash(name)], func(p rankedName) bool { return p.field == "text" })
}

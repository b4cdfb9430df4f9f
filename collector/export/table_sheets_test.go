package export_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"stallwatch/collector/export"
)

// parts are those of a small workbook as Excel writes it, sheet apart.
func parts(sheet string) map[string]string {
	return map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="Posts" sheetId="1" r:id="rId7"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId7" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[Red]dd/mm/yyyy\ hh:mm"/><numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/></numFmts>
			<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml": `<sst><si><t>id</t></si><si><t>text</t></si><si><t>date</t></si><si><t>likes</t></si>
			<si><r><t>Some </t></r><r><rPr><b/></rPr><t xml:space="preserve">bold &amp; other words</t></r><rPh><t>nothing</t></rPh></si><si><t>Two_x000D_
lines, "quoted"</t></si></sst>`,
		"xl/worksheets/sheet1.xml": sheet,
	}
}

func zipOf(t testing.TB, files map[string]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(text))
	}
	z.Close()
	return b.Bytes()
}

const sheetHead = `<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c><x:c r="B1" t="s"><x:v>1</x:v></x:c><x:c r="C1" t="s"><x:v>2</x:v></x:c><x:c r="D1" t="s"><x:v>3</x:v></x:c></x:row>`

// TestWorkbook reads what Excel writes: shared, rich and inline texts, dates of 1904, numbers, and rows that leave cells out.
func TestWorkbook(t *testing.T) {
	for _, c := range []struct{ name, rows, want string }{
		{"shared texts and a date", `<x:row r="2"><x:c r="A2" t="str"><x:f>A9</x:f><x:v>1950000000000000001</x:v></x:c><x:c r="B2" t="s"><x:v>4</x:v></x:c><x:c r="C2" s="1"><x:v>44404.5</x:v></x:c><x:c r="D2"><x:v>1.2E1</x:v></x:c></x:row>`,
			"x 1950000000000000001 original 2025-07-29 01:06 \"\" 12///: Some bold & other words"},
		{"a day that no id says", `<x:row r="2"><x:c r="A2" t="inlineStr"><x:is><x:t>a_1</x:t></x:is></x:c><x:c r="B2" t="s"><x:v>5</x:v></x:c><x:c r="C2" s="3"><x:v>44404.5</x:v></x:c><x:c r="D2" t="e"><x:v>#N/A</x:v></x:c></x:row>`,
			"unknown a_1:ad2837b6eaa33e22 original 2025-07-28 12:00 \"\" ///: Two\nlines, \"quoted\""},
		{"cells and rows that do not say where they are", `<x:row/><x:row><x:c t="str"><x:v>1950000000000000001</x:v></x:c><x:c t="s"><x:v>4</x:v></x:c></x:row>`,
			"x 1950000000000000001 original 2025-07-29 01:06 \"\" ///: Some bold & other words"},
		{"a text that is not there", `<x:row><x:c t="s"><x:v>99</x:v></x:c></x:row>`, `failure FILE › Posts, line 2 (byte 27): xlsx: there is no text number "99"`},
		{"too wide a row", `<x:row><x:c r="XFE2"><x:v>99</x:v></x:c></x:row>`, `failure FILE › Posts, line 2 (byte 27): xlsx: a row has more cells than Excel has columns`},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := file(t, zipOf(t, parts(sheetHead+c.rows+`</x:sheetData></x:worksheet>`)))
			r := read(t, name, export.Options{})
			var got []string
			for _, p := range r.posts {
				got = append(got, row(p))
			}
			for _, err := range r.failures {
				got = append(got, "failure "+strings.ReplaceAll(err.Error(), name, "FILE"))
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("gives\n%s\nwant\n%s", s, c.want)
			}
		})
	}
}

// TestOpenDocument reads repeated cells and rows, comments and blanks as LibreOffice writes them.
func TestOpenDocument(t *testing.T) {
	content := `<office:document-content><office:body><office:spreadsheet><table:table table:name="S">
		<table:table-row><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2"/><table:table-cell><office:annotation><text:p>no</text:p></office:annotation><text:p>text</text:p></table:table-cell></table:table-row>
		<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="string"><text:p>1950000000000000001</text:p></table:table-cell><table:covered-table-cell table:number-columns-repeated="2"/><table:table-cell><text:p>a<text:s text:c="2"/><text:span>b</text:span><text:line-break/>c</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row>
		<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`
	r := read(t, file(t, zipOf(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})), export.Options{})
	if len(r.posts) != 1 || len(r.failures) > 0 || r.posts[0].Text != "a  b\nc" {
		t.Errorf("gives %+v, failures %v", r.posts, r.failures)
	}
}

// A sheet of notes beside the posts is left out and told of.
func TestNotes(t *testing.T) {
	content := `<office:document-content><table:table table:name="Notes"><table:table-row><table:table-cell><text:p>Month</text:p></table:table-cell><table:table-cell><text:p>Figure</text:p></table:table-cell></table:table-row>
		<table:table-row><table:table-cell><text:p>July</text:p></table:table-cell><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table>
		<table:table table:name="Posts"><table:table-row><table:table-cell><text:p>id</text:p></table:table-cell><table:table-cell><text:p>text</text:p></table:table-cell></table:table-row>
		<table:table-row><table:table-cell><text:p>1950000000000000001</text:p></table:table-cell><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row></table:table></office:document-content>`
	r := read(t, file(t, zipOf(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})), export.Options{})
	if got := describe(r); got != "x original 1950000000000000001  01:06 a\nskip unknown" || !strings.Contains(strings.Join(r.file.Warnings(), "\n"), "sheet Notes is left out: no known table") {
		t.Errorf("gives %q, warnings %q", got, r.file.Warnings())
	}
}

// TestHostileWorkbooks reads sheets that are much larger than what they are written in: each costs no more than its row or itself.
func TestHostileWorkbooks(t *testing.T) {
	const end = `</x:sheetData></x:worksheet>`
	post := func(id string) string {
		return `<x:row><x:c t="str"><x:v>` + id + `</x:v></x:c><x:c t="str"><x:v>Some words</x:v></x:c></x:row>`
	}
	excel := func(change map[string]string) map[string]string {
		p := parts(sheetHead + post("1950000000000000001") + end)
		maps.Copy(p, change)
		return p
	}
	ods := func(rows string) map[string]string {
		return map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": `<table:table table:name="S"><table:table-row><table:table-cell><text:p>id</text:p></table:table-cell><table:table-cell><text:p>text</text:p></table:table-cell></table:table-row>` +
			rows + `<table:table-row><table:table-cell><text:p>1950000000000000001</text:p></table:table-cell><table:table-cell><text:p>Some words</text:p></table:table-cell></table:table-row></table:table>`}
	}
	const huge = `table:number-columns-repeated="9223372036854775807"`
	for _, c := range []struct {
		name  string
		files map[string]string
		posts int
		fails string
	}{
		{"one text in very many cells", excel(map[string]string{"xl/sharedStrings.xml": "<si><t>" + strings.Repeat("a", 1<<20) + "</t></si>",
			"xl/worksheets/sheet1.xml": "<sheetData><row>" + strings.Repeat(`<c t="s"><v>0</v></c>`, 16000) + "</row>"}), 0, "more than 16 MiB"},
		{"a text that never ends", excel(map[string]string{"xl/sharedStrings.xml": "<si><t>" + strings.Repeat("a", 20<<20)}), 0, "more than 16 MiB"},
		{"an element that never ends", excel(map[string]string{"xl/worksheets/sheet1.xml": `<row a="` + strings.Repeat("a", 20<<20)}), 0, "more than 16 MiB"},
		{"a text in very many pieces", excel(map[string]string{"xl/worksheets/sheet1.xml": sheetHead + "<row><c><v>" + strings.Repeat("a<!---->", 1<<20) + "</v></c></row>" + post("1950000000000000001") + end}), 1, ""},
		{"very many styles", excel(map[string]string{"xl/styles.xml": "<cellXfs>" + strings.Repeat("<xf/>", 1<<17)}), 0, "65536 sheets or styles"},
		{"one sheet under very many names", excel(map[string]string{"xl/workbook.xml": `<sheets>` + strings.Repeat(`<sheet name="S" r:id="rId7"/>`, 1000) + `</sheets>`}), 1, ""},
		{"one wide row above long ones", excel(map[string]string{"xl/worksheets/sheet1.xml": sheetHead + `<row><c r="XFD2"><v>1</v></c></row>` + strings.Repeat(post("1950000000000000001"), 20000) + end}), 20000, "16384 cells where the header has 4"},
		{"a cell in as many columns as can be counted", ods(`<table:table-row><table:table-cell ` + huge + `/><table:table-cell ` + huge + `/><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>`), 1, ""},
		{"a row as often as can be counted", ods(`<table:table-row table:number-rows-repeated="1000000"><table:table-cell><text:p>1950000000000000003</text:p></table:table-cell><table:table-cell><text:p>Other words</text:p></table:table-cell></table:table-row>`), 2, ""},
		{"very many blanks", ods(`<table:table-row><table:table-cell><text:p>` + strings.Repeat(`<text:s text:c="1000"/>`, 20000) + `</text:p></table:table-cell></table:table-row>`), 0, "more than 16 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, file(t, zipOf(t, c.files)), export.Options{})
			if s := fmt.Sprint(r.failures); len(r.posts) != c.posts || (c.fails == "") != (len(r.failures) == 0) || !strings.Contains(s, c.fails) {
				t.Errorf("gives %d posts and %.300s, want %d and %q", len(r.posts), s, c.posts, c.fails)
			}
		})
	}
}

// TestForeign says what a file is that cannot be read, and how to convert it.
func TestForeign(t *testing.T) {
	for in, want := range map[string]string{
		"1951222220583862279\n1951236464440246279\n": "list of ids", "tweet_id\n1951222220583862279\n": "list of ids",
		"[01.08.25, 10:03:24] Ana: a\n[01.08.25, 10:04:24] Bo: b\n": "WhatsApp", "01/08/2025, 10:03 - Ana: a, b\n01/08/2025, 10:04 - Bo: b\n": "WhatsApp",
		"\u200e[8/1/25, 10:03:24\u202fAM] Ana: \u200ea\n": "WhatsApp",
		"SQLite format 3\x00xxxxxxxxxxxx":                 "sqlite3", "%PDF-1.7 and more": "PDF", "\xd0\xcf\x11\xe0xxxxxxxx": "Excel", "RDX3\nX\nxxxxxxxx": "write.csv", "$FL2@(#) xxxxxxxx": "SPSS",
		"<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel>\n": "RSS", "<?xml version=\"1.0\"?>\n<posts>\n<post/>\n": "XML", "<!DOCTYPE html>\n<html>\n<body>\n": "web page",
		string(zipOf(t, map[string]string{"word/document.xml": "<x/>"})): "Word", "\x80\x04\x95xxxxxxxxxx": "pickle",
	} {
		r := read(t, file(t, []byte(in)), export.Options{})
		if w := strings.Join(r.file.Warnings(), "\n"); !strings.Contains(w, want) || len(r.posts) > 0 {
			t.Errorf("%.20q gives %d posts and the warnings %q, want %q", in, len(r.posts), w, want)
		}
	}
}

func FuzzWorkbook(f *testing.F) {
	f.Add(sheetHead + `<x:row><x:c r="B2" t="s" s="1"><x:v>4</x:v></x:c></x:row>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		read(t, file(t, zipOf(t, parts(sheet))), export.Options{})
	})
}

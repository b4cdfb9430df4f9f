package export

import (
	"archive/zip"
	"bytes"
	"regexp"

	"stallwatch/collector"
)

// magic are the first bytes of what is not text.
var magic = []struct {
	name, bytes string
}{
	{"gz", "\x1f\x8b"}, {"bz2", "BZh"}, {"zst", "\x28\xb5\x2f\xfd"}, {"xz", "\xfd7zXZ\x00"}, {"zip", "PK\x03\x04"}, {"zip", "PK\x05\x06"},
	{"parquet", "PAR1"}, {"7z", "7z\xbc\xaf\x27\x1c"}, {"rar", "Rar!\x1a"}, {"sqlite", "SQLite format 3\x00"}, {"pdf", "%PDF"},
	{"xls", "\xd0\xcf\x11\xe0"}, {"png", "\x89PNG"}, {"jpg", "\xff\xd8\xff"}, {"gif", "GIF8"},
	{"rds", "RDX2\n"}, {"rds", "RDX3\n"}, {"rds", "X\n\x00\x00\x00"}, {"sav", "$FL2"}, {"sav", "$FL3"}, {"dta", "<stata_dta>"},
	{"arrow", "ARROW1"}, {"arrow", "FEA1"}, {"orc", "ORC"}, {"avro", "Obj\x01"}, {"hdf5", "\x89HDF"},
	{"pickle", "\x80\x02"}, {"pickle", "\x80\x03"}, {"pickle", "\x80\x04\x95"}, {"pickle", "\x80\x05\x95"}, {"numpy", "\x93NUMPY"},
}

// advice is what foreign formats are that can hold posts, and how to make of them what is read here.
var advice = map[string]string{
	"ids":      "a list of ids without texts: read the posts from the platform first, as with twarc2 hydrate FILE posts.jsonl",
	"7z":       "an archive of 7-Zip: unpack it first",
	"rar":      "an archive of WinRAR: unpack it first",
	"whatsapp": "a chat of WhatsApp's: private messages are not read",
	"sqlite":   "a database of SQLite: write its table of posts as CSV, as with sqlite3 -header -csv FILE 'SELECT * FROM posts' > posts.csv",
	"xls":      "an Excel workbook of before 2007, or one with a password: save it as .xlsx or as CSV UTF-8",
	"pdf":      "a PDF, which has lost the table that it shows: ask for the data as CSV, .xlsx or JSON",
	"docx":     "a Word document: copy the table in it into a spreadsheet, and save that as .xlsx or CSV",
	"odt":      "a text document: copy the table in it into a spreadsheet, and save that as .ods or CSV",
	"pptx":     "a presentation: ask for the data as CSV, .xlsx or JSON",
	"numbers":  "a spreadsheet of Apple's Numbers: export it as .xlsx or CSV",
	"rds":      "R's own form of data: in R, write.csv(readRDS(FILE), \"posts.csv\", row.names = FALSE), or load() for an .RData file",
	"sav":      "data of SPSS: save it as CSV there, or in R with write.csv(haven::read_sav(FILE), \"posts.csv\")",
	"dta":      "data of Stata: export delimited using posts.csv",
	"arrow":    "Arrow or Feather: in Python, pandas.read_feather(FILE).to_parquet(\"posts.parquet\")",
	"orc":      "ORC: in Python, pandas.read_orc(FILE).to_parquet(\"posts.parquet\")",
	"avro":     "Avro: write it as JSON lines, as with avro-tools tojson",
	"hdf5":     "HDF5: in Python, pandas.read_hdf(FILE).to_parquet(\"posts.parquet\")",
	"pickle":   "a Python pickle, which can run programs when it is opened: if you trust its maker, pandas.read_pickle(FILE).to_parquet(\"posts.parquet\")",
	"numpy":    "an array of NumPy, which holds numbers",
	"feed":     "a feed in RSS or Atom: convert it to JSON or CSV, with a column each for guid, title, description and pubDate",
	"xml":      "XML: convert it to JSON or CSV, with a row for each post",
}

// whatsApp is how a chat begins that WhatsApp has written, on either system.
var whatsApp = regexp.MustCompile(`^\x{200e}?\[?\d{1,2}[./-]\d{1,2}[./-]\d{2,4}, \d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[\s\x{202f}]?[AaPp]\.?[Mm]\.?)?(?:\] ?\x{200e}?| - )[^\n]{1,200}`)

// foreign leaves out a member that holds no text, and says what to do about one that can hold posts.
func (w *walker) foreign(kind, member string) bool {
	if words := advice[kind]; words != "" {
		w.file.warn("%s is %s", w.nameOf(member), words)
	}
	w.leaveOut(member, kind)
	return w.yield(Value{Member: member, skip: collector.SkipUnknown})
}

// document names what a zip is that is no archive of files, "" for one that is.
func document(z *zip.Reader) string {
	for _, f := range z.File {
		switch f.Name {
		case "word/document.xml":
			return "docx"
		case "ppt/presentation.xml":
			return "pptx"
		case "Index/Document.iwa":
			return "numbers"
		case "META-INF/manifest.xml":
			if named(z, "content.xml") != nil && named(z, "mimetype") != nil {
				return "odt"
			}
		}
	}
	return ""
}

var (
	feedStart = regexp.MustCompile(`<(?:rss|feed|rdf:RDF|channel)[\s>]`)
	pageStart = regexp.MustCompile(`(?i)^\s*(?:<!doctype html|<html|<head|<body)`)
)

// markup says what a text is that begins with <.
func (w *walker) markup(head []byte, member string) {
	head = head[:min(len(head), 4<<10)]
	switch {
	case bytes.Contains(head, []byte("page_wrap")) || bytes.Contains(head, []byte("tgme_")):
		w.file.warn("%s is a chat that Telegram has exported as HTML, which lacks the chat's id and part of the text: export it again in Telegram Desktop as \"machine-readable JSON\", and import the result.json", w.nameOf(member))
	case pageStart.Match(head):
		w.file.warn("%s is a web page, which shows posts in a form nobody can count on: save a recording of the browser's network tab (.har), or what an API or a download of the network gives", w.nameOf(member))
	case feedStart.Match(head):
		w.file.warn("%s is %s", w.nameOf(member), advice["feed"])
	case bytes.HasPrefix(head, []byte("<?xml")):
		w.file.warn("%s is %s", w.nameOf(member), advice["xml"])
	}
}

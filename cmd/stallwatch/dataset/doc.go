// Package dataset writes judged posts as tables: CSV, JSONL and Parquet, with the same columns in each, and describes
// those columns as a Frictionless Data schema.
//
// # Ids
//
// Every id is written with its platform, as x:1940812345678901234. A bare id of 19 digits is a number to Excel, to
// LibreOffice and to pandas.read_json, and its last digits are lost there; with the platform before it it is text to all of
// them. The platform is in a column of its own, so that the bare id is what follows the platform and one colon.
//
// # Spreadsheets
//
// A cell of text that a spreadsheet would take for a formula gets an apostrophe before it: one that begins, after blanks
// and apostrophes, with = + - @, their full-width forms, a tab, a carriage return or a line feed (OWASP, "CSV injection"). Numbers
// are never touched. [Unguard] takes the apostrophe off again, so that nothing is lost. CSV is UTF-8 after a byte order
// mark when it holds text, since Excel takes it for an 8-bit code page otherwise; lines end in LF; cells are literal: not
// trimmed, not HTML. An empty cell is a value that is not known. Lists are JSON arrays.
//
// # Authors
//
// There is no author column: a table that has authors and stances would say what each author thinks. Intervals
// clustered by author therefore cannot be made again from these tables; summary.json has them.
//
// # Import
//
// A table that was written with its text imports again: it is recognised by the columns post_id, p_agree and
// text. testdata/example.* is one small example of each format.
package dataset

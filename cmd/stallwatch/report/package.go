package report

import (
	"encoding/json"
	"io"
	"path"
	"strings"

	"stallwatch/cmd/stallwatch/dataset"
)

// dataPackage is datapackage.json (specs.frictionlessdata.io/data-package).
type dataPackage struct {
	Profile     string     `json:"profile"`
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Keywords    []string   `json:"keywords"`
	Sources     []source   `json:"sources"`
	Resources   []resource `json:"resources"`
}

type source struct {
	Title string `json:"title"`
	Hash  string `json:"hash,omitempty"` // not of the standard; of the file that was read
}

type resource struct {
	Profile     string          `json:"profile"`
	Type        string          `json:"type,omitempty"` // "file": no table that readers of text can check
	Name        string          `json:"name"`
	Path        string          `json:"path"`
	Title       string          `json:"title"`
	Format      string          `json:"format"`
	Mediatype   string          `json:"mediatype"`
	Encoding    string          `json:"encoding,omitempty"`
	Bytes       int64           `json:"bytes"`
	Hash        string          `json:"hash"`
	Schema      *dataset.Schema `json:"schema,omitempty"`
	Description string          `json:"description,omitempty"`
}

var mediatypes = map[string]string{"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json", "svg": "image/svg+xml",
	"png": "image/png", "md": "text/markdown", "html": "text/html"}

func writePackage(w io.Writer, in Input, files []File) error {
	p := dataPackage{Profile: "data-package", Name: "stallwatch-" + in.Thesis.ID, Title: in.Thesis.Title + ", " + in.Figures.Period.Text,
		Description: in.Thesis.Claim + " " + in.Figures.Headline.Caveat + " How it was made stands in METHODS.md.",
		Keywords:    []string{"stance", "social media", in.Thesis.ID}, Sources: []source{}}
	for _, e := range in.Figures.Ledger {
		s := source{Title: e.Source}
		if e.SHA256 != "" {
			s.Hash = "sha256:" + e.SHA256
		}
		p.Sources = append(p.Sources, s)
	}
	for _, f := range files {
		p.Resources = append(p.Resources, newResource(in, f))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(p)
}

func newResource(in Input, f File) resource {
	format := strings.TrimPrefix(path.Ext(f.Path), ".")
	r := resource{Profile: "data-resource", Name: strings.ToLower(strings.NewReplacer("/", "-", ".", "-").Replace(f.Path)), Path: f.Path, Title: titles[f.Path],
		Format: format, Mediatype: mediatypes[format], Bytes: f.Bytes, Hash: "sha256:" + f.SHA256}
	if r.Title == "" {
		r.Title = "Chart: " + strings.ReplaceAll(strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path)), "-", " ")
	}
	switch f.Path {
	case "posts.csv":
		schema := dataset.NewSchema(in.Text)
		r.Profile, r.Encoding, r.Schema = "tabular-data-resource", "utf-8", &schema
		if in.Text {
			r.Encoding = "utf-8-sig" // with a byte order mark, for Excel
			r.Description = "A cell of text that a spreadsheet would run begins with an apostrophe."
		}
	case "posts.parquet":
		r.Type = "file"
		r.Description = "The columns of posts.csv, with their types in the file; a value that is not known is null, and no cell has an apostrophe."
	case "summary.csv":
		r.Profile, r.Encoding, r.Schema = "tabular-data-resource", "utf-8", &summarySchema
	}
	return r
}

var titles = map[string]string{
	"posts.csv": "One row a post, with its stance", "posts.parquet": "The same as Parquet", "summary.csv": "Every number of the report, as one long table",
	"summary.json": "Every number of the report, with the ledger", "METHODS.md": "How the report was made", "report.html": "The report, to read",
}

// summarySchema describes the columns of web.WriteCSV; a test compares the names.
var summarySchema = dataset.Schema{MissingValues: []string{""}, Fields: []dataset.Field{
	{Name: "section", Type: "string", Description: "Which figure the row is of: headline, on_topic, robustness, change, posts, reposts, not_classified, series, event_before, event_after, event_change, platform, language, kind, note."},
	{Name: "name", Type: "string", Description: "Which of its kind."},
	{Name: "from", Type: "date", Description: "First day, UTC."},
	{Name: "to", Type: "date", Description: "Last day, itself included."},
	{Name: "n", Type: "integer", Description: "How many of what unit says."},
	{Name: "unit", Type: "string", Description: "posts or authors."},
	{Name: "authors", Type: "integer", Description: "How many authors the posts are by, as far as they are known."},
	{Name: "share", Type: "number", Description: "Share in 0 to 1; in change and event_change a difference of two shares."},
	{Name: "low", Type: "number", Description: "Lower end of its 95 % interval."},
	{Name: "high", Type: "number", Description: "Upper end of it."},
	{Name: "direction", Type: "string", Description: "Of a change: up, down or no clear change."},
	{Name: "agree", Type: "integer", Description: "Posts that agree."},
	{Name: "disagree", Type: "integer", Description: "Posts that disagree."},
	{Name: "discuss", Type: "integer", Description: "Posts that discuss."},
	{Name: "method", Type: "string", Description: "How the interval was made."},
	{Name: "note", Type: "string", Description: "What a reader must know."},
}}

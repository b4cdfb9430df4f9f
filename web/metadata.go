package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// csvMetadata describes the table of [WriteCSV] after the W3C recommendation "Metadata Vocabulary for Tabular Data"
// (CSV on the Web, 17 December 2015), in whose words its keys are; those under the names of Dublin Core and schema.org
// tell people what they look at.
type csvMetadata struct {
	Context     []any        `json:"@context"`
	URL         string       `json:"url"`
	Title       string       `json:"dc:title"`
	Description string       `json:"dc:description"`
	Created     string       `json:"dc:created,omitempty"`  // when the store was last written
	Temporal    string       `json:"dc:temporal,omitempty"` // the period, ISO 8601
	Creator     string       `json:"dc:creator"`
	Citation    string       `json:"schema:citation"`
	Measured    string       `json:"schema:measurementTechnique"`
	Claim       string       `json:"stallwatch:claim"`
	Unit        string       `json:"stallwatch:unit"`
	Caveat      string       `json:"stallwatch:caveat"`
	Model       *ModelCard   `json:"stallwatch:model"`
	Models      []string     `json:"stallwatch:models"`
	Codebook    string       `json:"stallwatch:codebook_sha256,omitempty"`
	Version     string       `json:"stallwatch:version,omitempty"`
	Synthetic   bool         `json:"stallwatch:synthetic"`
	Filter      Filter       `json:"stallwatch:filter"`
	Null        string       `json:"null"`
	Dialect     csvDialect   `json:"dialect"`
	Schema      tableColumns `json:"tableSchema"`
}

type csvDialect struct {
	Encoding string `json:"encoding"`
	Header   bool   `json:"header"`
}

type tableColumns struct {
	Columns []csvColumn `json:"columns"`
}

type csvColumn struct {
	Name        string `json:"name"`
	Title       string `json:"titles"`
	Datatype    string `json:"datatype"`
	Description string `json:"dc:description"`
}

// columns describes the columns of [WriteCSV] in their order.
var columns = []csvColumn{
	{"section", "section", "string", "Which figure the row holds: headline, on_topic, robustness, change, posts, reposts, not_classified, series, event_before, event_after, event_change, platform, language, kind or note."},
	{"name", "name", "string", "Which of its section. An apostrophe before = + - @ keeps spreadsheets from running the cell."},
	{"from", "from", "date", "First day (UTC) the figure is of."},
	{"to", "to", "date", "Last day (UTC), itself included."},
	{"n", "n", "integer", "Number of what unit says; of a share, its denominator."},
	{"unit", "unit", "string", "posts or authors."},
	{"authors", "authors", "integer", "Authors of the posts in the denominator."},
	{"share", "share", "number", "Share from 0 to 1, to four decimals; in the sections change and event_change a difference of shares from -1 to 1."},
	{"low", "low", "number", "Lower end of the 95 % interval."},
	{"high", "high", "number", "Upper end of the 95 % interval."},
	{"direction", "direction", "string", "up, down or no clear change."},
	{"agree", "agree", "integer", "Posts that agree with the claim."},
	{"disagree", "disagree", "integer", "Posts that disagree."},
	{"discuss", "discuss", "integer", "Posts that discuss the subject without taking a side."},
	{"method", "method", "string", "How the interval was made."},
	{"note", "note", "string", "What a reader must know."},
}

// What both metadata files say of the figures.
const (
	unit      = "posts with text of their own (original, reply, quote); reposts are counted apart"
	technique = "Stance of each post by a classifier; 95 % intervals clustered by author; shares of fewer than 20 posts left out of groups."
)

// Citation is how the figures are cited. The reader adds the address and the day of reading.
func (f Figures) Citation() string {
	c := "Stallwatch, “" + f.Thesis.Title + "”, " + f.Period.Text
	if f.LastUpdated != nil {
		c += ", as of " + date(*f.LastUpdated)
	}
	if f.Model != nil {
		c += ", classifier " + f.Model.ModelID
	}
	if f.Synthetic {
		c += ". " + syntheticNote
	}
	return c + "."
}

// Describe makes the metadata file of the figures' CSV, named url there: CSV on the Web, as JSON.
func Describe(f Figures, url, codebook, version string) ([]byte, error) {
	m := csvMetadata{
		Context: []any{"http://www.w3.org/ns/csvw", map[string]string{"@language": "en"}},
		URL:     url, Title: f.Thesis.Title, Creator: "Stallwatch",
		Description: f.Headline.Sentence + ". " + f.Headline.Caveat,
		Citation:    f.Citation(), Claim: f.Thesis.Claim, Caveat: caveat, Model: f.Model, Models: f.Models,
		Unit: unit, Measured: technique,
		Codebook: codebook, Version: version, Synthetic: f.Synthetic, Filter: f.Filter,
		Dialect: csvDialect{"utf-8", true}, Schema: tableColumns{columns},
	}
	if !f.Period.Empty() {
		m.Temporal = *f.Period.From + "/" + *f.Period.To
	}
	if f.LastUpdated != nil {
		m.Created = f.LastUpdated.Format(time.RFC3339)
	}
	return json.MarshalIndent(m, "", "  ")
}

func (s *Server) metadata(r *http.Request) *answer {
	return s.describe(r, "summary.csv", "application/csvm+json", Describe)
}

// describedBy is the Link header that leads from a download to its metadata file (for CSV: CSV on the Web, section 5.2).
func describedBy(path, contentType string, f Figures) string {
	u := url.URL{Path: path, RawQuery: strings.TrimPrefix(f.Filter.query(), "?")}
	return "<" + u.String() + `>; rel="describedby"; type="` + contentType + `"`
}

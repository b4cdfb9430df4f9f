package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// jsonMetadata describes the file of [WriteJSON] in the words of schema.org, as catalogues of data sets read them: a Dataset,
// its one download, and every field by its place in the file.
type jsonMetadata struct {
	Context      string          `json:"@context"`
	Type         string          `json:"@type"`
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	Modified     string          `json:"dateModified,omitempty"`
	Temporal     string          `json:"temporalCoverage,omitempty"` // ISO 8601
	Creator      jsonThing       `json:"creator"`
	Citation     string          `json:"citation"`
	Technique    string          `json:"measurementTechnique"`
	Version      string          `json:"version,omitempty"`
	Distribution jsonDownload    `json:"distribution"`
	Facts        []jsonValue     `json:"additionalProperty"`
	Variables    []jsonVariables `json:"variableMeasured"`
}

type jsonThing struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

type jsonDownload struct {
	Type   string `json:"@type"`
	URL    string `json:"contentUrl"`
	Format string `json:"encodingFormat"`
}

type jsonValue struct {
	Type  string `json:"@type"`
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// jsonVariables are a field. Its name is the way to it: dots into objects, [] into each element of a list.
type jsonVariables struct {
	Type        string `json:"@type"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// shareFields are what every share in the file has.
const shareFields = "share, low and high (of the 95 % interval) from 0 to 1 to four decimals, null together where there are too few posts; n, the denominator, in what unit says; authors; method of the interval; too_few."

// fields describes the keys of [Figures] in their order.
var fields = [][2]string{
	{"thesis", "Id, title and claim the posts are judged on; say completes the sentence of the headline."},
	{"filter", "What was asked for: first and last day (UTC, both included), step, platforms, languages, kinds; empty means all."},
	{"period", "First and last day of the figures, and in words."},
	{"synthetic", "Whether posts were written for a demonstration."},
	{"last_updated", "When an entry of the ledger was last finished (UTC)."},
	{"headline", "Share of stance-taking posts that agree: " + shareFields + " With its sentence and caveat."},
	{"change", "Difference of the headline to the period of the same length before, with its 95 % interval and direction; null without a first day."},
	{"on_topic", "Share of on-topic posts that agree: as in headline."},
	{"robustness[]", "The headline's share under another rule: name, and as in headline."},
	{"counts", "Posts with text of their own by verdict."},
	{"reposts", "Reposts by the verdict of what they repeat."},
	{"not_classified[]", "Posts without a verdict, by reason."},
	{"series[]", "One step: first and last day, share as in headline (given also where too_few, except on public servers), posts by stance, models that judged."},
	{"events[]", "An event with the shares of the seven days before its day and the seven from it, their difference, and other events in the same days."},
	{"platforms[]", "Share by platform: name, estimate as in headline, null where too_few."},
	{"languages[]", "Share by language, as platforms."},
	{"kinds[]", "Share by kind of post, as platforms."},
	{"typical_posts[]", "Posts that stand for a stance, the hard ones marked; p is the classifier's probability, spans the bytes of the words that carried the verdict, where they have been found."},
	{"typical_posts_rule", "How they were chosen."},
	{"model", "Classifier and its macro-F1 on posts it had not seen."},
	{"models[]", "Classifiers that judged the posts counted."},
	{"gaps[]", "Times of which posts are missing, with reason and source."},
	{"coverage[]", "By source: posts its platform counted under the query and posts delivered, in the hours for which both are known; the last 30 days of the period at most."},
	{"next_run", "Next collection planned (UTC), null where none is."},
	{"ledger[]", "Imports, collections and deletions the posts come from, newest first; their totals add up."},
}

// DescribeJSON makes the metadata file of the figures' JSON, named url there: a schema.org Dataset, as JSON.
func DescribeJSON(f Figures, url, codebook, version string) ([]byte, error) {
	m := jsonMetadata{
		Context: "https://schema.org", Type: "Dataset", Name: f.Thesis.Title, Description: f.Headline.Sentence + ". " + f.Headline.Caveat,
		Creator: jsonThing{"SoftwareApplication", "Stallwatch"}, Citation: f.Citation(), Technique: technique, Version: version,
		Distribution: jsonDownload{"DataDownload", url, "application/json"},
	}
	fact := func(name string, value any) { m.Facts = append(m.Facts, jsonValue{"PropertyValue", name, value}) }
	fact("claim", f.Thesis.Claim)
	fact("unit", unit)
	fact("caveat", caveat)
	fact("synthetic", f.Synthetic)
	fact("models", strings.Join(f.Models, ", "))
	fact("filter", strings.TrimPrefix(f.Filter.query(), "?"))
	if codebook != "" {
		fact("codebook_sha256", codebook)
	}
	for _, v := range fields {
		m.Variables = append(m.Variables, jsonVariables{"PropertyValue", v[0], v[1]})
	}
	if !f.Period.Empty() {
		m.Temporal = *f.Period.From + "/" + *f.Period.To
	}
	if f.LastUpdated != nil {
		m.Modified = f.LastUpdated.Format(time.RFC3339)
	}
	return json.MarshalIndent(m, "", "  ")
}

func (s *Server) metadataJSON(r *http.Request) *answer {
	return s.describe(r, "summary.json", "application/ld+json", DescribeJSON)
}

// describe answers with the metadata file of a download.
func (s *Server) describe(r *http.Request, of, contentType string, write func(f Figures, url, codebook, version string) ([]byte, error)) *answer {
	f, problem := s.figures(r)
	if problem != nil {
		return problem
	}
	hash, _ := s.Thesis.CodebookHash() // a thesis without a codebook has no hash
	b, err := write(f, of+f.Filter.query(), hash, s.Version)
	if err != nil {
		return s.failed(r, err) // unreachable: figures hold no value that JSON lacks
	}
	return newAnswer(contentType, slices.Concat(b, []byte("\n")))
}

package web

import (
	"bytes"
	"html/template"
	"io"
	"regexp"
	"strings"

	"stallwatch/classify"
)

// reportPage is the summary page as one file, with the method below it.
type reportPage struct {
	summaryPage
	CSS     template.CSS
	Methods []block
}

// WriteReport writes the summary page with its style sheet in it and the method, in Markdown, below: a file that opens
// without a server and asks nobody for anything. What is left out of the figures is left out of the page.
func WriteReport(w io.Writer, t *classify.Thesis, f Figures, methods, version string) error {
	s := &Server{Config: Config{Thesis: t, Version: version}, assets: loadAssets()}
	f.Ledger = nil                             // it is among the methods
	_, methods, _ = strings.Cut(methods, "\n") // the page has a title
	p := reportPage{summaryPage: s.summaryPage(f), CSS: template.CSS(styleSheet()), Methods: markdown(methods)}
	p.Few = false // there are no other steps to go to
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "report.html", p); err != nil {
		return err
	}
	_, err := w.Write(serverLink.ReplaceAllFunc(b.Bytes(), func(link []byte) []byte {
		to, ok := reportLinks[string(serverLink.FindSubmatch(link)[1])]
		if !ok {
			to = "#main"
		}
		return []byte(`href="` + to + `"`)
	}))
	return err
}

// serverLink is a link to a page of the server, which a file has not; reportLinks says what stands in for it.
var (
	serverLink  = regexp.MustCompile(`href="(/[a-z.-]*)[^"]*"`)
	reportLinks = map[string]string{"/method": "#method", "/runs": "#method", "/summary.csv": "summary.csv", "/summary.json": "summary.json"}
)

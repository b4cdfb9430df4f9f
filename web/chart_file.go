package web

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

// chartFile sends one of [Drawings] as a file: /chart.svg or /chart.png with the chart's name.
func (s *Server) chartFile(r *http.Request) *answer {
	f, problem := s.figures(r)
	if problem != nil {
		return problem
	}
	if len(f.Series) > maxSteps {
		return s.badFilter(r, []Problem{{"step", f.Filter.Step, "There are too many steps to draw. Choose wider ones or a shorter period."}})
	}
	drawings, err := Drawings(f.brief())
	if err != nil {
		return s.failed(r, err)
	}
	name := r.URL.Query().Get("chart")
	i := slices.IndexFunc(drawings, func(d Drawing) bool { return d.Name == name || name == "" })
	if i < 0 {
		var names []string
		for _, d := range drawings {
			names = append(names, d.Name)
		}
		return s.badFilter(r, []Problem{{"chart", brief(name, 80), "These posts have the charts: " + strings.Join(names, ", ") + "."}})
	}
	d := drawings[i]
	kind, ext, b := "image/svg+xml", ".svg", d.SVG
	if strings.HasSuffix(r.URL.Path, ".png") {
		var png bytes.Buffer
		if err := d.PNG(&png); err != nil {
			return s.failed(r, err)
		}
		kind, ext, b = "image/png", ".png", png.Bytes()
	}
	return newAnswer(kind, b).with("Content-Disposition", `attachment; filename="stallwatch-`+s.Thesis.ID+"-"+d.Name+ext+`"`)
}

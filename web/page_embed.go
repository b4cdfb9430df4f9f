package web

import "net/http"

// embedPage is the headline and the chart, to stand in a frame on another site. It has no script and no form.
type embedPage struct {
	frame
	F      Figures
	Charts []chart
	Query  string
}

func (s *Server) embed(r *http.Request) *answer {
	f, problem := s.figures(r)
	if problem != nil {
		return problem
	}
	f = f.brief()
	p := embedPage{frame: s.frame(f.Thesis.Title), F: f, Charts: newCharts(f), Query: f.Filter.query()}
	if f.Synthetic {
		p.Synthetic = syntheticNote
	}
	return s.render(r, http.StatusOK, "embed.html", p)
}

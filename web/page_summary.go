package web

import "net/http"

// summaryPage is the content of the summary.
type summaryPage struct {
	frame
	F Figures
}

func (s *server) summary(w http.ResponseWriter, r *http.Request) {
	f, ok := s.figures(w, r)
	if !ok {
		return
	}
	p := summaryPage{frame: s.frame(f.Thesis.Title), F: f}
	s.render(w, http.StatusOK, "summary.html", p)
}

package web

import "net/http"

// methodPage explains the figures and shows the thesis's own texts.
type methodPage struct {
	frame
	Claim    string
	MinCell  int
	Language string
	Codebook []block
	Card     []block // README.md, the model card
	Hash     string
}

func (s *Server) method(r *http.Request) *answer {
	p := methodPage{
		frame: s.frame("Method"), Claim: brief(s.Thesis.Claim, 5*roomNote), MinCell: MinCell, Language: languageName(s.Thesis.Language),
		Codebook: s.text("codebook.md"), Card: s.text("README.md"),
	}
	p.Page = "/method"
	if hash, err := s.Thesis.CodebookHash(); err == nil {
		p.Hash = hash
	}
	return s.render(r, http.StatusOK, "method.html", p)
}

// text reads a file of the thesis. One that is missing is nil, and the page says so.
func (s *Server) text(name string) []block {
	b, err := s.Thesis.File(name)
	if err != nil {
		return nil
	}
	return markdown(string(b))
}

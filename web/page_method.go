package web

import "net/http"

func (s *server) method(w http.ResponseWriter, _ *http.Request) {
	s.render(w, http.StatusOK, "method.html", struct{ frame }{s.frame("Method")})
}

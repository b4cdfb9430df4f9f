package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed templates
var templateFiles embed.FS

// pages holds every template. A mistake in one stops the program at its start, where a test finds it.
var pages = template.Must(template.New("").ParseFS(templateFiles, "templates/*.html"))

// syntheticNote is the banner over figures of invented posts.
const syntheticNote = "Synthetic demonstration data: written for this demo, not real posts"

// frame is what every page has around its content.
type frame struct {
	Title      string
	StyleSheet string
	Version    string
	Thesis     string
	Home       bool // the page is the summary itself
	Synthetic  string
}

func (s *server) frame(title string) frame {
	return frame{Title: title, StyleSheet: s.assets.url("style.css"), Version: s.Version, Thesis: s.Thesis.Title}
}

// render executes a whole page before the first byte is sent, so that no answer breaks off in the middle.
func (s *server) render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		s.Log.Error("render", "page", name, "err", err)
		http.Error(w, "This page could not be drawn. The log of the server says why.", http.StatusInternalServerError)
		return
	}
	send(w, status, "text/html; charset=utf-8", b.Bytes())
}

// messagePage is a page that says what went wrong and what to do next.
type messagePage struct {
	frame
	Heading  string
	Text     string
	Problems []Problem
	Command  string // to copy
}

func (s *server) badFilter(w http.ResponseWriter, problems []Problem) {
	s.render(w, http.StatusBadRequest, "message.html", messagePage{
		frame: s.frame("Address not understood"), Heading: "This address asks for something we cannot read",
		Text: "Nothing is wrong with the data. Correct what is listed here in the address, or start again from the summary.", Problems: problems,
	})
}

func (s *server) failed(w http.ResponseWriter) {
	m := messagePage{
		frame: s.frame("Figures not available"), Heading: "The figures could not be made",
		Text: "Load the page again in a minute. If it happens again, the server's log names the cause.",
	}
	if !s.Public {
		m.Text = "The log of this server names the cause. This command prints the same figures, or the error, in a terminal:"
		m.Command = "stallwatch summary"
	}
	s.render(w, http.StatusInternalServerError, "message.html", m)
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.render(w, http.StatusMethodNotAllowed, "message.html", messagePage{
			frame: s.frame("Pages can only be read"), Heading: "Pages can only be read", Text: "This server takes no input. Open the page instead.",
		})
		return
	}
	s.render(w, http.StatusNotFound, "message.html", messagePage{
		frame: s.frame("No such page"), Heading: "There is no page at this address",
		Text: "There is the summary, and there is a page on the method. Both are linked above.",
	})
}

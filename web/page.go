package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"stallwatch/store"
)

//go:embed templates
var templateFiles embed.FS

// pages holds every template. A mistake in one stops the program at its start, where a test finds it.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"date": date, "number": number, "plural": plural, "platform": platformName, "language": languageName, "next": func(n uint64) uint64 { return n + 1 }, "at": at, "width": width, "base": filepath.Base,
	"moment": moment, "percentOf": percentOf, "capital": capital, "skipped": skipped,
}).ParseFS(templateFiles, "templates/*.html"))

// at is a place on a scale from 0 to 100 % that is as wide as its column.
func at(x *float64) string { return strconv.FormatFloat(*x*100, 'f', -1, 64) + "%" }

// width is a length on that scale.
func width(from, to *float64) string { return at(round4(*to - *from)) }

// moment writes a time to the minute, with its zone.
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04") + " UTC" }

// percentOf is a plain proportion without an interval, such as the classifier's probability.
func percentOf(p float64) string { return percent(p) + thin + "%" }

// skipped is how much of what was read was no post, whatever the reason.
func skipped(t store.Totals) string {
	n := 0
	for _, k := range t.Skipped {
		n += k
	}
	return number(n)
}

// syntheticNote is the banner over figures of invented posts.
const syntheticNote = "Synthetic demonstration data: written for this demo, not real posts"

// frame is what every page has around its content.
type frame struct {
	Title      string
	Page       string // its address, of those in the navigation
	StyleSheet string
	Script     string
	Icon       string
	Version    string
	Thesis     string
	Public     bool
	Synthetic  string
	Address    string // for print, without the scheme: a proxy may have changed it
}

// navLink is a page of the navigation.
type navLink struct{ Path, Name string }

// Pages are those of the navigation. Posts can be browsed on the operator's own server only.
func (f frame) Pages() []navLink {
	links := []navLink{{"/", "Summary"}, {"/posts", "Posts"}, {"/runs", "Runs"}, {"/method", "Method"}}
	if f.Public {
		links = slices.Delete(links, 1, 2)
	}
	return links
}

func (s *Server) frame(title string) frame {
	return frame{Title: title, StyleSheet: s.assets.url("style.css"), Script: s.assets.url("page.js"), Icon: s.assets.url("icon.svg"),
		Version: s.Version, Thesis: brief(s.Thesis.Title, roomTitle), Public: s.Public}
}

// render executes a page.
func (s *Server) render(r *http.Request, status int, name string, data any) *answer {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		s.Log.Error("render", "page", name, "path", r.URL.Path, "err", err)
		return &answer{status: http.StatusInternalServerError, contentType: "text/plain; charset=utf-8",
			body: []byte("This page could not be drawn. The log of the server says why.\n")}
	}
	a := newAnswer("text/html; charset=utf-8", b.Bytes())
	if a.status = status; status != http.StatusOK {
		a.etag = ""
	}
	return a
}

// messagePage is a page that says what went wrong and what to do next.
type messagePage struct {
	frame
	Heading  string
	Text     string
	Problems []Problem
	Command  string // to copy
}

func (s *Server) badFilter(r *http.Request, problems []Problem) *answer {
	return s.render(r, http.StatusBadRequest, "message.html", messagePage{
		frame: s.frame("Address not understood"), Heading: "This address asks for something we cannot read",
		Text: "Nothing is wrong with the data. Correct what is listed here in the address, or start again from the summary.", Problems: problems,
	})
}

// failed logs the error, which no page prints.
func (s *Server) failed(r *http.Request, err error) *answer {
	s.Log.Error("figures", "path", r.URL.Path, "err", err)
	m := messagePage{
		frame: s.frame("Figures not available"), Heading: "The figures could not be made",
		Text: "Load the page again in a minute. If it happens again, the server's log names the cause.",
	}
	if !s.Public {
		m.Text = "The log of this server names the cause. This command prints the same figures, or the error, in a terminal:"
		m.Command = "stallwatch summary"
	}
	return s.render(r, http.StatusInternalServerError, "message.html", m)
}

func (s *Server) notFound(r *http.Request) *answer {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return s.render(r, http.StatusMethodNotAllowed, "message.html", messagePage{
			frame: s.frame("Pages can only be read"), Heading: "Pages can only be read", Text: "This server takes no input. Open the page instead.",
		}).with("Allow", "GET, HEAD")
	}
	return s.render(r, http.StatusNotFound, "message.html", messagePage{
		frame: s.frame("No such page"), Heading: "There is no page at this address",
		Text: "The pages there are stand in the head of this one.",
	})
}

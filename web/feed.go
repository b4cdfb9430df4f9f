package web

import (
	"crypto/sha1" //nolint:gosec // names, as RFC 9562 has them; not a protection
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"time"

	"stallwatch/classify/prevalence"
	"stallwatch/store"
)

// feedWeeks is how many weeks the feed holds.
const feedWeeks = 26

// The feed is Atom (RFC 4287). Its links are relative to the feed's own address, so that it is right behind any proxy.
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Author   string      `xml:"author>name"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Links     []atomLink `xml:"link"`
	Summary   string     `xml:"summary"`
}

// feed tells each week that is over, newest first. A week without a share to tell is not told. Filters of the address hold.
func (s *Server) feed(r *http.Request) *answer {
	q := r.URL.Query()
	q.Set("step", string(store.Week))
	r = r.Clone(r.Context())
	r.URL.RawQuery = q.Encode()
	f, problem := s.figures(r)
	if problem != nil {
		return problem
	}
	b, err := xml.MarshalIndent(newFeed(f), "", " ")
	if err != nil {
		return s.failed(r, err) // unreachable: all fields are text
	}
	return newAnswer("application/atom+xml; charset=utf-8", append([]byte(xml.Header), append(b, '\n')...))
}

func newFeed(f Figures) atomFeed {
	updated := time.Unix(0, 0).UTC()
	if f.LastUpdated != nil {
		updated = *f.LastUpdated
	}
	feed := atomFeed{
		Lang: "en", ID: urn("feed", f.Thesis.ID, f.Filter.query()), Title: f.Thesis.Title + " · Stallwatch", Author: "Stallwatch",
		Subtitle: "Each week's share of stance-taking posts that agree. " + caveat, Updated: updated.Format(time.RFC3339),
		Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: "/feed.atom" + f.Filter.query("step", "")},
			{Rel: "alternate", Type: "text/html", Href: "/" + f.Filter.query("step", "week")}},
	}
	for i := range slices.Backward(f.Series) {
		w := f.Series[i]
		if w.end.After(updated) || !w.Defined() || w.TooFew || len(feed.Entries) == feedWeeks {
			continue // not over yet, or nothing to tell
		}
		e := atomEntry{
			ID: urn("week", f.Thesis.ID, f.Filter.query(), w.From), Published: w.end.Format(time.RFC3339), Updated: w.end.Format(time.RFC3339),
			Title:   fmt.Sprintf("%s of stance-taking posts %s, %s", w.WithInterval(), f.Thesis.Say, w.When()),
			Links:   []atomLink{{Rel: "alternate", Type: "text/html", Href: "/" + f.Filter.query("since", w.From, "until", w.To, "step", "day")}},
			Summary: fmt.Sprintf("In the week of %s, %s of %s %s. %s", w.When(), w.WithInterval(), w.Base(), f.Thesis.Say, caveat),
		}
		if i > 0 {
			e.Summary += weekChange(f.Series[i-1], w)
		}
		if f.Synthetic {
			e.Summary += " " + syntheticNote + "."
		}
		feed.Entries = append(feed.Entries, e)
	}
	return feed
}

// weekChange compares a week with the one before.
func weekChange(before, after Step) string {
	if !before.Defined() || before.TooFew {
		return ""
	}
	c := asChange(prevalence.Difference(before.estimate, after.estimate))
	return fmt.Sprintf(" Against the week before: %s.", c.Sentence())
}

// urn is a name that stays the same wherever the server stands: a UUID of version 5 (RFC 9562, section 5.5).
func urn(parts ...string) string {
	h := sha1.New() //nolint:gosec // see the import
	h.Write([]byte{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8})
	fmt.Fprintf(h, "stallwatch %q", parts)
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

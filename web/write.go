package web

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// WriteJSON writes the figures as indented JSON.
func WriteJSON(w io.Writer, f Figures) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(f)
}

// csvHeader names the columns. One table holds all: section says which figure a row is, name which of its kind.
var csvHeader = []string{"section", "name", "from", "to", "n", "unit", "authors", "share", "low", "high", "direction", "note"}

// WriteCSV writes the figures as one long table. Shares are as in JSON; differences are in the share columns of the
// sections change and event_change. An undefined value is an empty cell.
func WriteCSV(w io.Writer, f Figures) error {
	c := table{csv.NewWriter(w)}
	c.row(csvHeader...)
	c.share("headline", f.Headline.Sentence, f.Period.From, f.Period.To, f.Headline.Share, caveat)
	c.share("on_topic", "agree", f.Period.From, f.Period.To, f.OnTopic, "")
	for _, l := range f.Robustness {
		c.share("robustness", l.Name, f.Period.From, f.Period.To, l.Share, "")
	}
	if f.Change != nil {
		c.change("change", f.Change.Sentence, f.Change.From, f.Change.To, f.Change.Change)
	}
	c.counts("posts", f.Counts)
	c.counts("reposts", f.Reposts)
	for _, r := range f.NotClassified {
		c.count("not_classified", r.Reason, r.Posts)
	}
	c.series(f.Series)
	c.events(f.Events)
	c.groups("platform", f.Platforms)
	c.groups("language", f.Langs)
	c.groups("kind", f.Kinds)
	if f.Synthetic {
		c.row("note", "synthetic", "", "", "", "", "", "", "", "", "", syntheticNote)
	}
	c.w.Flush()
	return c.w.Error()
}

// table writes rows; csv.Writer keeps the first error until Flush.
type table struct{ w *csv.Writer }

func (t table) row(cells ...string) { _ = t.w.Write(cells) }

func (t table) share(section, name string, from, to *string, s Share, note string) {
	if s.TooFew {
		note = "too few"
	}
	t.row(section, text(name), deref(from), deref(to), strconv.Itoa(s.N), s.Unit, optInt(s.Authors),
		decimal(s.Share), decimal(s.Low), decimal(s.High), "", strings.TrimSpace(s.Method+"; "+note))
}

func (t table) change(section, name, from, to string, c Change) {
	t.row(section, text(name), from, to, "", "", "", decimal(&c.Diff), decimal(&c.Low), decimal(&c.High), c.Direction, "difference of shares")
}

func (t table) count(section, name string, n int) {
	t.row(section, text(name), "", "", strconv.Itoa(n), "posts", "", "", "", "", "", "")
}

func (t table) counts(section string, c Counts) {
	t.count(section, "agree", c.Agree)
	t.count(section, "disagree", c.Disagree)
	t.count(section, "discuss", c.Discuss)
	t.count(section, "unrelated", c.Unrelated)
	t.count(section, "not classified", c.Unclassified)
}

func (t table) series(steps []Step) {
	for _, s := range steps {
		t.share("series", "agree", &s.From, &s.To, s.Share, "")
	}
}

func (t table) events(events []EventChange) {
	for _, e := range events {
		if e.Before != nil {
			t.share("event_before", e.Title, nil, &e.Date, *e.Before, "")
			t.share("event_after", e.Title, &e.Date, nil, *e.After, "")
		}
		if e.Change != nil {
			t.change("event_change", e.Title, e.Date, e.Date, *e.Change)
		}
	}
}

func (t table) groups(section string, gs []Group) {
	for _, g := range gs {
		if g.Share == nil {
			t.row(section, text(g.Name), "", "", "", "", "", "", "", "", "", "too few")
			continue
		}
		t.share(section, g.Name, nil, nil, *g.Share, "")
	}
}

// text keeps a cell from being run as a formula by a spreadsheet (OWASP, "CSV injection"): names come from files.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

func decimal(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

func optInt(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

package web

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteJSON writes the figures as indented JSON.
func WriteJSON(w io.Writer, f Figures) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(f)
}

// record is one row of the CSV: section says which figure it is, name which of its kind.
type record struct {
	section, name, from, to  string
	n                        *int
	unit                     string
	share                    Share // for authors, share, low, high and method
	direction                string
	agree, disagree, discuss *int
	note                     string
}

var csvHeader = []string{"section", "name", "from", "to", "n", "unit", "authors", "share", "low", "high", "direction",
	"agree", "disagree", "discuss", "method", "note"}

func (r record) cells() []string {
	return []string{r.section, text(r.name), r.from, r.to, optInt(r.n), r.unit, optInt(r.share.Authors),
		decimal(r.share.Share), decimal(r.share.Low), decimal(r.share.High), r.direction,
		optInt(r.agree), optInt(r.disagree), optInt(r.discuss), r.share.Method, r.note}
}

// WriteCSV writes the figures as one long table. Shares are as in JSON; in the sections change and event_change the
// columns share, low and high hold a difference of shares. An undefined value is an empty cell.
func WriteCSV(w io.Writer, f Figures) error {
	from, to := deref(f.Period.From), deref(f.Period.To)
	rows := []record{
		ofShare("headline", f.Headline.Sentence, from, to, f.Headline.Share),
		ofShare("on_topic", "agree", from, to, f.OnTopic),
	}
	rows[0].note = caveat
	for _, l := range f.Robustness {
		rows = append(rows, ofShare("robustness", l.Name, from, to, l.Share))
	}
	if c := f.Change; c != nil {
		rows = append(rows, ofChange("change", c.Sentence, c.From, c.To, c.Change))
	}
	rows = append(rows, ofCounts("posts", f.Counts)...)
	rows = append(rows, ofCounts("reposts", f.Reposts)...)
	for _, r := range f.NotClassified {
		rows = append(rows, ofCount("not_classified", r.Reason, r.Posts))
	}
	rows = append(rows, ofSeries(f.Series)...)
	rows = append(rows, ofEvents(f.Events)...)
	rows = append(rows, ofGroups("platform", f.Platforms)...)
	rows = append(rows, ofGroups("language", f.Langs)...)
	rows = append(rows, ofGroups("kind", f.Kinds)...)
	if f.Synthetic {
		rows = append(rows, record{section: "note", name: "synthetic", note: syntheticNote})
	}
	c := csv.NewWriter(w)
	_ = c.Write(csvHeader) // the writer keeps its first error
	for _, r := range rows {
		_ = c.Write(r.cells())
	}
	c.Flush()
	return c.Error()
}

func ofShare(section, name, from, to string, s Share) record {
	r := record{section: section, name: name, from: from, to: to, n: &s.N, unit: s.Unit, share: s}
	if s.TooFew {
		r.note = "too few"
	}
	return r
}

func ofChange(section, name, from, to string, c Change) record {
	return record{section: section, name: name, from: from, to: to, direction: c.Direction,
		share: Share{Share: &c.Diff, Low: &c.Low, High: &c.High, Method: "difference of shares"}}
}

func ofCount(section, name string, n int) record {
	return record{section: section, name: name, n: &n, unit: "posts"}
}

func ofCounts(section string, c Counts) []record {
	return []record{
		ofCount(section, "agree", c.Agree), ofCount(section, "disagree", c.Disagree), ofCount(section, "discuss", c.Discuss),
		ofCount(section, "unrelated", c.Unrelated), ofCount(section, "not classified", c.Unclassified),
	}
}

func ofSeries(steps []Step) (rows []record) {
	for _, s := range steps {
		r := ofShare("series", "agree", s.From, s.To, s.Share)
		r.agree, r.disagree, r.discuss = s.Agree, s.Disagree, &s.Discuss
		rows = append(rows, r)
	}
	return rows
}

func ofEvents(events []EventChange) (rows []record) {
	for _, e := range events {
		if e.Before != nil {
			day := func(offset int) string { return e.day.AddDate(0, 0, offset).Format(time.DateOnly) }
			rows = append(rows, ofShare("event_before", e.Title, day(-windowDays), day(-1), *e.Before),
				ofShare("event_after", e.Title, day(0), day(windowDays-1), *e.After))
		}
		if e.Change != nil {
			rows = append(rows, ofChange("event_change", e.Title, e.Date, e.Date, *e.Change))
		}
	}
	return rows
}

func ofGroups(section string, gs []Group) (rows []record) {
	for _, g := range gs {
		if g.Share == nil {
			rows = append(rows, record{section: section, name: g.Name, note: "too few"})
			continue
		}
		rows = append(rows, ofShare(section, g.Name, "", "", *g.Share))
	}
	return rows
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

package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mapping says which column holds which field. Under "of" it says which network has such columns, where one has, under
// "seen" which fields were found by what is in the columns, under "shared" that one id, or url, stands beside several texts, and under
// "parent" which column names the post that the row is a comment on.
type mapping map[string]string

// fieldIndex numbers the fields.
var fieldIndex = func() map[string]int {
	m := map[string]int{}
	for i, f := range guesses {
		m[f.name] = i
	}
	return m
}()

// guess maps the columns of JSON by their names. override wins; a column number of it counts from 1.
func guess(columns []string, override map[string]string) (mapping, error) {
	return guessTable(columns, nil, override)
}

// Ranks of names by their places in guesses, and what is added to them.
const (
	lessExact = 500
	weakName  = 1000
	unlikely  = 2000 // by what is in the column
	noRank    = 1 << 30
)

// guessTable maps the columns of a table, of which some rows have been looked at, or none.
func guessTable(columns []string, sample []sampled, override map[string]string) (mapping, error) {
	var rank [64]int
	m := mapping{}
	for i := range guesses {
		rank[i] = noRank
	}
	views := lookAt(columns, sample[:min(lookRows, len(sample))])
	for i, c := range columns {
		for _, p := range columnNames[squash(c)] {
			n := p.rank
			if p.weak {
				if views == nil {
					continue
				}
				n += weakName
			}
			if views != nil {
				n += views[i].doubt(p)
			}
			if c == "_id" { // the database's
				n += lessExact
			}
			if f := fieldIndex[p.field]; n < rank[f] {
				rank[f], m[p.field] = n, c
			}
		}
	}
	for _, twice := range [][2]string{{"name", "handle"}, {"clocktime", "date"}, {"platform", "handle"}} {
		if m[twice[0]] == m[twice[1]] {
			delete(m, twice[0])
		}
	}
	if m["author"] == "" && m["handle"] == "" && m["name"] != "" { // what tells people apart, if anything
		m["handle"] = m["name"]
		delete(m, "name")
	}
	if views != nil && m["text"] == "" { // the heading is the text, or what stands under it
		m.headings(columns)
	}
	if err := m.override(columns, override); err != nil {
		return nil, err
	}
	if views != nil && !m.usable() && len(override) == 0 {
		m.seen(columns, views)
	}
	if views != nil && len(override) == 0 && m.usable() {
		m.keyed(columns, views)
		m.dated(columns, views)
	}
	if override["id"] == "" {
		m.comments(columns, views)
	}
	switch {
	case m["id"] != "" && m.shares("id", columns, sample):
		m.shared()
	case m["id"] == "" && m.shares("url", columns, sample):
		m["shared"] = "url"
	}
	m.network(columns)
	for i := range views {
		if views[i].clients > 0 && squash(columns[i]) == "source" { // from which program of X's: it also names Instagram
			if m["of"] = "x"; m["platform"] == columns[i] {
				delete(m, "platform")
			}
		}
	}
	return m, nil
}

// headings finds the text of a table in which posts, or articles, have headings.
func (m mapping) headings(columns []string) {
	for _, name := range []string{"description", "summary", "abstract", "openingtext"} {
		if i := slices.IndexFunc(columns, func(c string) bool { return squash(c) == name }); i >= 0 && m["title"] != "" {
			m["text"] = columns[i]
			return
		}
	}
	if m["title"] != "" {
		m["text"] = m["title"]
		delete(m, "title")
	}
}

func (m mapping) override(columns []string, override map[string]string) error {
	for f, c := range override {
		if f == "date_order" {
			continue
		}
		if n, err := strconv.Atoi(c); err == nil && 1 <= n && n <= len(columns) && !slices.Contains(columns, c) {
			c = columns[n-1]
		}
		if c != "" && !slices.Contains(columns, c) {
			return fmt.Errorf("there is no column %q for %s; the columns are %s", c, f, list(columns))
		}
		m[f] = c
	}
	return nil
}

// networkColumns are columns that one network alone has.
var networkColumns = map[string]string{"peeridchannelid": "telegram", "peeridchatid": "telegram", "toidchannelid": "telegram",
	"微博正文": "weibo", "微博内容": "weibo", "微博id": "weibo", "videodescription": "tiktok", "textdisplay": "youtube", "recordcreatedat": "bluesky",
	"commsnum": "reddit", "selftext": "reddit", "upvoteratio": "reddit", "cdate": "gettr", "lkbpst": "gettr",
	"guildid": "discord", "shareid": "linkedin", "sharecommentary": "linkedin"}

// network keeps which network the columns are of, when their names say it.
func (m mapping) network(columns []string) {
	for _, c := range columns {
		if p := networkColumns[squash(c)]; p != "" {
			m["of"] = p
			return
		}
		if strings.HasPrefix(strings.ToLower(c), "subreddit") {
			m["of"] = "reddit"
			return
		}
	}
	if strings.Contains(squash(m["id"]), "tweet") || strings.Contains(squash(m["text"]), "tweet") {
		m["of"] = "x"
	}
}

// shownColumns is how many columns a message names.
const shownColumns = 20

func list(columns []string) string {
	if len(columns) > shownColumns {
		columns = append(slices.Clone(columns[:shownColumns]), "…")
	}
	for i, c := range columns {
		if r := []rune(strings.Join(strings.Fields(c), " ")); len(r) > shownName {
			c = string(r[:shownName]) + "…"
			columns = slices.Clone(columns)
			columns[i] = c
		}
	}
	return strings.Join(columns, ", ")
}

// shownName is how much of a name a message shows: what has no header has texts for names.
const shownName = 40

// usable tells whether the mapping can make posts: it needs the text and one thing that says whose or when or which.
func (m mapping) usable() bool { return m["text"] != "" && m.places() }

func (m mapping) places() bool {
	return m["id"] != "" || m["date"] != "" || m["author"] != "" || m["handle"] != "" || m["url"] != ""
}

// lacks says what a mapping that is not usable lacks.
func (m mapping) lacks(columns []string) error {
	what := "no column of it looks like the posts' text beside an id or a date"
	switch {
	case m["text"] != "":
		what = fmt.Sprintf("the text seems to be in %q, but no column looks like an id, a date, an author or a link", m["text"])
	case m.places():
		what = "no column of it looks like the posts' text"
	}
	return fmt.Errorf("no known table, and %s: say which with --map text=COLUMN --map id=COLUMN --map date=COLUMN; the columns are %s",
		what, list(columns))
}

// words describes the mapping, for a person to check.
func (m mapping) words() string {
	var s []string
	for _, f := range guesses {
		if c := m[f.name]; c != "" {
			by := ""
			if strings.Contains(m["seen"], f.name+";") {
				by = " (by what is in it)"
			}
			s = append(s, f.name+" from "+strconv.Quote(c)+by)
		}
	}
	if m["date"] != "" {
		s = append(s, "dates without a zone taken for UTC")
	}
	return strings.Join(s, ", ")
}

package export

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// view is what a column's cells look like in the rows that were looked at.
type view struct {
	rows    int
	filled  int // cells that are not blank
	wordy   int // cells of several words
	words   int
	dates   int // cells that are dates, and more than a small number
	days    int // of these, those without a time
	long    int // numbers as long as networks' ids
	numbers int
	nets    int             // cells that name a network
	clients int             // cells that name a program of X's
	keys    int             // cells that can tell one post from all others
	values  map[string]bool // of all cells
}

// lookAt views every column; nil when there is no row.
func lookAt(columns []string, sample []sampled) []view {
	if len(sample) == 0 {
		return nil
	}
	views := make([]view, len(columns))
	for _, s := range sample {
		for i, c := range s.fields[:min(len(s.fields), len(columns))] {
			views[i].add(strings.TrimSpace(c))
		}
	}
	return views
}

var (
	plainNumber = regexp.MustCompile(`^[-+]?[\d., ]+%?$`)
	plainKey    = regexp.MustCompile(`^(?:\d{5,}|[A-Za-z0-9_:-]{8,}|(?:https?|at)://\S+)$`)
)

// maxLook is how much of a cell is looked at.
const maxLook = 4 << 10

func (v *view) add(cell string) {
	v.rows++
	if blank(cell) {
		return
	}
	cell = cell[:min(len(cell), maxLook)]
	v.filled++
	if v.values == nil {
		v.values = map[string]bool{}
	}
	v.values[cell] = true
	if n := countWords(cell); n > 2 && !strings.HasPrefix(cell, "{") && !strings.HasPrefix(cell, "[") {
		v.wordy++
		v.words += n
	}
	if plainNumber.MatchString(cell) {
		v.numbers++
		if len(cell) > len("1700000000000.0") {
			v.long++
		}
	}
	if strings.HasPrefix(cell, "Twitter for ") || strings.HasPrefix(cell, "Twitter Web ") ||
		strings.HasPrefix(cell, `<a href="http://twitter.com/`) || strings.HasPrefix(cell, `<a href="https://mobile.twitter.com"`) {
		v.clients++
	}
	if knownNetworks[platformName(cell)] {
		v.nets++
	}
	if len(cell) >= 8 && len(cell) < 80 {
		if _, err := parseDate(cell, "dmy"); err == nil {
			v.dates++
			if len(cell) <= len(time.DateOnly) && !isDigits(cell) {
				v.days++
			}
			v.wordy = max(0, v.wordy-1)
			return
		}
	}
	if plainKey.MatchString(cell) {
		v.keys++
	}
}

// countWords counts runs of letters; in scripts without blanks between words two letters count for one.
func countWords(s string) (n int) {
	inside, ideographs := false, 0
	for _, r := range s {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
			ideographs++
			inside = false
			continue
		}
		letter := unicode.IsLetter(r) || r == '\'' || r == '’'
		if letter && !inside {
			n++
		}
		inside = letter || inside && !unicode.IsSpace(r)
	}
	return n + ideographs/2
}

// doubt is what is added to the rank of a name for what is in its column, noRank when that rules it out.
func (v *view) doubt(p rankedName) int {
	if v.filled == 0 {
		return unlikely
	}
	switch p.field {
	case "text":
		if v.filled > 1 && (v.numbers == v.filled || v.dates == v.filled) || p.weak && v.wordy == 0 {
			return noRank
		}
		if v.wordy == 0 {
			return unlikely
		}
	case "date":
		if v.dates == 0 {
			if p.weak {
				return noRank
			}
			return unlikely
		}
		if v.days == v.dates {
			return lessExact
		}
	case "platform":
		if p.weak && v.nets == 0 {
			return noRank
		}
	case "chat":
		if v.nets == v.filled {
			return noRank
		}
	case "id":
		if v.filled > 1 && v.wordy == v.filled || len(v.values) < v.filled {
			return unlikely
		}
	}
	return 0
}

// seen finds the text, a date and an id where names do not show them: the column with the most words, the first of dates, the
// first in which every row has a key of its own. A text alone is none: prose has commas too.
func (m mapping) seen(columns []string, views []view) {
	text, most := -1, 2
	for i, v := range views {
		if !ofAccounts[squash(columns[i])] && v.wordy*2 > v.filled && v.words > most*v.filled && countWords(columns[i]) < 5 {
			text, most = i, v.words/v.filled
		}
	}
	m.dated(columns, views)
	m.find("id", columns, func(i int) bool {
		v := views[i]
		return v.filled > 1 && v.keys == v.filled && len(v.values) == v.filled && v.dates == 0
	})
	if m.places() {
		m.find("text", columns, func(i int) bool { return i == text })
	}
}

// keyed finds the id in a column that is called one, or holds links to records of the AT protocol, if it has a key for each row.
func (m mapping) keyed(columns []string, views []view) {
	m.find("id", columns, func(i int) bool {
		v := views[i]
		if v.filled == 0 || v.filled < v.rows || v.keys < v.filled || len(v.values) < v.filled {
			return false
		}
		for cell := range v.values {
			if !strings.HasPrefix(cell, "at://") {
				return saysID.MatchString(columns[i]) && !saysOther.MatchString(columns[i])
			}
		}
		return true
	})
}

// dated finds a date under a name of its own: a column of nothing else, if it is not that of something else.
func (m mapping) dated(columns []string, views []view) {
	m.find("date", columns, func(i int) bool {
		v := views[i]
		return v.filled > 0 && v.dates == v.filled && v.long == 0 && !saysOther.MatchString(columns[i])
	})
}

// saysID tells the names of ids, saysOther those of something else's than the post's.
var (
	saysID    = regexp.MustCompile(`(?:^|[_. -])(?i:id|ids|uuid|guid|uri)(?:$|[_. -])|[a-z]I[dD]$`)
	saysOther = regexp.MustCompile(`(?i)user|author|account|profile|owner|member|person|poster|commenter|channel|chat|group|page|sender|from|repl(?:y|ies)|parent|conversation|thread|video|quote|retweet|repost|place|geo|source|label|topic|media|lang|join|birth|collect|scrap|crawl|retriev|fetch|updat|edit|delet|end`)
)

// shares tells whether rows that were looked at, of many not one alone, have one id, or one url, and different texts, by
// different authors or not even alike at the beginning, as two versions of one post are: it is that of the post that both are
// comments on, as a rule.
func (m mapping) shares(field string, columns []string, sample []sampled) bool {
	column := func(field string) int { return slices.Index(columns, m[field]) }
	id, text, by := column(field), column("text"), max(column("author"), column("handle"))
	first, clashes := map[string][]string{}, 0
	for _, s := range sample {
		if id < 0 || text < 0 || max(id, text, by) >= len(s.fields) || blank(s.fields[id]) || blank(s.fields[text]) ||
			floatID.MatchString(s.fields[id]) {
			continue
		}
		one, ok := first[s.fields[id]]
		if !ok {
			first[s.fields[id]] = s.fields
			continue
		}
		if one[text] != s.fields[text] && (by >= 0 && one[by] != s.fields[by] || beginning(one[text]) != beginning(s.fields[text])) {
			clashes++
		}
	}
	return clashes > len(sample)/200
}

func beginning(text string) string { return text[:min(len(text), 8)] }

// ofAccounts are columns with words in them that are no posts, such as what people say of themselves.
var ofAccounts = wordSet("description userdescription authordescription bio userbio about profile location userlocation address source name fullname displayname title reason error")

// find maps a field that no name shows to the first free column that is right for it.
func (m mapping) find(field string, columns []string, right func(i int) bool) {
	if m[field] != "" {
		return
	}
	free := func(c string) bool {
		for _, taken := range m {
			if taken == c {
				return false
			}
		}
		return c != ""
	}
	for i, c := range columns {
		if free(c) && right(i) {
			m[field] = c
			m["seen"] += field + ";"
			return
		}
	}
}

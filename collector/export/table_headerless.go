package export

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	digits   = regexp.MustCompile(`^\d{15,19}$`)
	handle   = regexp.MustCompile(`^@?[A-Za-z_][A-Za-z0-9_]{1,29}$`)
	isoDay   = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	zoneDate = regexp.MustCompile(`^([A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d) ([A-Z]{3,4}) (\d{4})$`)
	dayClock = regexp.MustCompile(`^\d\d:\d\d:\d\d$`)
)

// headerOf is the header that a table without one should have had, nil when the first record is a header, or tells nothing:
// Sentiment140's six columns, old twint's, or those that an id, a date and a text in the record give away.
func headerOf(first []string) []string {
	switch {
	case len(first) == 6 && zoneDate.MatchString(first[2]) && strings.Trim(first[1], "0123456789") == "" && first[1] != "":
		return []string{"target", "ids", "date", "flag", "user", "text"}
	case len(first) >= 6 && strings.Trim(first[0], "0123456789") == "" && isoDay.MatchString(first[1]) && dayClock.MatchString(first[2]):
		return slices.Clone(oldTwint)
	}
	header := make([]string, len(first))
	text, id, date, user := -1, -1, -1, -1
	for i, c := range first {
		header[i] = fmt.Sprintf("column %d", i+1)
		c = strings.TrimSpace(c)
		_, err := parseDate(c, "dmy")
		switch {
		case id < 0 && digits.MatchString(c):
			id = i
		case date < 0 && err == nil && len(c) >= 8:
			date = i
		case strings.Contains(c, " ") && len(c) > 14 && (text < 0 || len(c) > len(first[text])):
			text = i
		case user < 0 && handle.MatchString(c) && !blank(c) && !strings.EqualFold(c, "NO_QUERY"):
			user = i
		}
	}
	if text < 0 || id < 0 && date < 0 {
		return nil
	}
	for name, i := range map[string]int{"text": text, "id": id, "date": date, "username": user} {
		if i >= 0 {
			header[i] = name
		}
	}
	return header
}

// oldTwint are the columns of twint before it wrote a header; some versions leave the counts out.
var oldTwint = []string{"id", "date", "time", "timezone", "username", "tweet", "replies", "retweets", "likes", "hashtags"}

var oldTwintKind = kind{name: "csv twint old", what: "twint before it wrote headers", has: oldTwint[:6], rejoin: rejoinOldTwint,
	post: tool("x", mapping{"id": "id", "clock": "date", "text": "tweet", "handle": "username", "likes": "likes", "reposts": "retweets",
		"replies": "replies", "hashtags": "hashtags"}, nil)}

var sentiment140Kind = kind{name: "csv sentiment140", what: "Sentiment140, with a header or without",
	has:  []string{"target", "ids", "date", "flag", "user", "text"},
	post: tool("x", mapping{"id": "ids", "date": "date", "text": "text", "handle": "user"}, nil)}

var countsAtEnd = regexp.MustCompile(`\|(\d+)\|(\d+)\|(\d+)\|((?:#[^|]*)?)$`)

// rejoinOldTwint cuts a line of old twint's, whose text may hold the delimiter: five cells stand before it, and behind it
// three counts and hashtags, or hashtags alone.
func rejoinOldTwint(raw []byte, fields []string) []string {
	all := strings.SplitN(decodeCell(trimEnd(raw)), "|", 6)
	if len(all) < 6 {
		return fields
	}
	text := all[5]
	var end []string
	if m := countsAtEnd.FindStringSubmatchIndex(text); m != nil {
		end = []string{text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]], text[m[8]:m[9]]}
		text = text[:m[0]]
	} else if i := strings.LastIndexByte(text, '|'); i >= 0 && (i == len(text)-1 || text[i+1] == '#') {
		end = []string{"", "", "", text[i+1:]}
		text = text[:i]
	}
	text = strings.ReplaceAll(strings.Trim(text, `"`), `""`, `"`)
	return append(append(all[:5:5], text), end...)
}

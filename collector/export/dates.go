package export

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// layouts of dates that say which number is which. Those without a zone are read as UTC.
var layouts = []string{
	time.RFC3339, "2006-01-02 15:04:05", time.RubyDate, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00",
	"2006-01-02 15:04:05-0700", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04:05Z07", "2006-01-02 15:04 -0700", "2006-01-02 15:04 Z07:00", "2006-01-02 15:04Z07:00", "Mon Jan 2 15:04:05 2006", "2006-01-02, 15:04:05", "2006.01.02 15:04:05", "02 Jan 2006 15:04:05 -0700", "Jan 2, 2006 15:04:05", "Jan 2, 2006 15:04",
	"3:04 PM · Jan 2, 2006", "15:04 · 2 Jan 2006", "15:04 · Jan 2, 2006", "Mon, 02 Jan 2006 15:04:05", "Monday, January 2, 2006 3:04 PM", "Monday, January 2, 2006 15:04:05", "20060102150405", "2006/01/02 15:04:05 -0700", "2006-01-02T15:04:05 -0700",
	"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02T15:04Z", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02", "20060102T150405Z",
	time.RFC1123, time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", "02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006", "2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006", "2.1.06 15:04:05", "2.1.06 15:04", "2.1.06",
	"Jan 2, 2006 · 3:04 PM UTC", "Jan 2, 2006, 3:04 PM", "Jan 2, 2006 3:04 PM", "Jan 2, 2006", "January 2, 2006 3:04 PM", "January 2, 2006", "2 Jan 2006 15:04:05",
	"2 Jan 2006 15:04", "2 Jan 2006", "2 January 2006", "02-Jan-2006 15:04:05", "02-Jan-2006 3:04PM", "02-Jan-2006", "Jan 2, 2006 @ 15:04:05",
}

var (
	errNoDate = errors.New("no date")
	slashDate = regexp.MustCompile(`^(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?:,? +(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp][Mm]))?)?$`)
	zoneDate  = regexp.MustCompile(`^([A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d) ([A-Z]{3,4}) (\d{4})$`)
	zoneLast  = regexp.MustCompile(`^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d) ([A-Z]{3,4})$`)
	serial    = regexp.MustCompile(`^[3-5]\d{4}(\.\d+)?$`)
)

// zones are the abbreviations that mean one thing in the data we know (Sentiment140 writes PDT); time.Parse would take
// any abbreviation for UTC.
var zones = map[string]int{"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BST": 1, "WEST": 1, "MSK": 3, "JST": 9, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}

// shape is what a date can be told from others by at a glance, so that not every layout has to be tried on it.
type shape struct{ digit, slash, comma, dot bool }

func shapeOf(s string) shape {
	return shape{'0' <= s[0] && s[0] <= '9', strings.IndexByte(s, '/') >= 0, strings.IndexByte(s, ',') >= 0, strings.Contains(s, "·")}
}

// shapes are those of layouts.
var shapes = func() []shape {
	out := make([]shape, len(layouts))
	for i, l := range layouts {
		out[i] = shapeOf(l)
	}
	return out
}()

// parseDate reads a date as exports write it. order is "dmy" or "mdy" for dates such as 03/04/2022, "" when nobody said;
// such a date is then an error that names the way out, unless it can be read in one way only.
func parseDate(s, order string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if blank(s) {
		return time.Time{}, errNoDate
	}
	if at, ok := parseEpoch(s); ok {
		return at, nil
	}
	shape := shapeOf(s)
	for i, l := range layouts {
		if shapes[i] != shape {
			continue
		}
		if at, err := time.Parse(l, s); err == nil && at.Year() >= 1970 {
			return at.UTC(), nil
		}
	}
	if m := zoneDate.FindStringSubmatch(s); m != nil {
		if h, ok := zones[m[2]]; ok {
			at, err := time.Parse("Mon Jan 2 15:04:05 2006", m[1]+" "+m[3])
			return at.Add(-time.Duration(h) * time.Hour), err
		}
	}
	if m := zoneLast.FindStringSubmatch(s); m != nil {
		if h, ok := zones[m[2]]; ok {
			at, err := time.Parse("2006-01-02 15:04:05", strings.Replace(m[1], "T", " ", 1))
			return at.Add(-time.Duration(h) * time.Hour), err
		}
	}
	if serial.MatchString(s) { // a spreadsheet's date, whose format somebody has changed to a number: days since 30 December 1899
		days, _ := strconv.ParseFloat(s, 64)
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(days*86400)) * time.Second), nil
	}
	if m := slashDate.FindStringSubmatch(s); m != nil {
		return parseSlashes(s, m, order)
	}
	return time.Time{}, fmt.Errorf("the date %.40q is in no form that is known; write it as 2006-01-02T15:04:05Z", s)
}

// parseEpoch reads Unix time in seconds, milliseconds or microseconds, with a fraction or not. It covers 2001 to 2128.
func parseEpoch(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 1e9 || strings.Trim(fraction, "0123456789") != "" {
		return time.Time{}, false
	}
	switch {
	case n < 5e9:
		f, _ := strconv.ParseFloat("0."+fraction+"0", 64)
		return time.Unix(n, int64(math.Round(f*1e9))).UTC(), true
	case 1e12 <= n && n < 5e12:
		return time.UnixMilli(n).UTC(), true
	case 1e15 <= n && n < 5e15:
		return time.UnixMicro(n).UTC(), true
	}
	return time.Time{}, false
}

func parseSlashes(s string, m []string, order string) (time.Time, error) {
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	if order == "" {
		switch {
		case a > 12:
			order = "dmy"
		case b > 12 || a == b:
			order = "mdy"
		default:
			return time.Time{}, fmt.Errorf("the date %.40q can be read in two ways; say which with --map date_order=dmy or --map date_order=mdy", s)
		}
	}
	day, month := b, a
	if order == "dmy" {
		day, month = a, b
	}
	year, _ := strconv.Atoi(m[3])
	if year < 100 {
		year += 2000
	}
	hour, _ := strconv.Atoi(m[4])
	minute, _ := strconv.Atoi(m[5])
	second, _ := strconv.Atoi(m[6])
	if half := strings.ToLower(m[7]); half != "" {
		hour %= 12
		if half == "pm" {
			hour += 12
		}
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if at.Day() != day || int(at.Month()) != month || at.Hour() != hour || at.Minute() != minute {
		return time.Time{}, fmt.Errorf("the date %.40q does not exist, read as %s", s, order)
	}
	return at, nil
}

// blank tells whether a cell says that there is nothing, in the words of the programs that write them.
func blank(s string) bool {
	switch s {
	case "", "nan", "NaN", "None", "NULL", "null", "NA", "N/A", "<NA>", "NaT", "undefined", `\N`:
		return true
	}
	return false
}

// Package dates reads dates as people and programs write them: in ISO 8601 and its kin, as Unix time, as a spreadsheet's number of days, or
// part by part with months' names in ten languages.
package dates

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	slashDate = regexp.MustCompile(`^\D{0,12}(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?:\D|$)`)
	serial    = regexp.MustCompile(`^[3-5]\d{4}(\.\d+)?$`)
)

// Read reads a date as exports write it, UTC where it has no zone. order is "dmy" or "mdy" for dates such as 03/04/2022,
// "" when nobody said; such a date is then an error that names the way out, unless it can be read in one way only. zoned tells
// whether the date says which moment it is: by a zone, or as Unix time.
func Read(s, order string) (at time.Time, zoned bool, err error) {
	s = strings.TrimSpace(s)
	if layout := common(s); layout != "" {
		if at, err := time.Parse(layout, s); err == nil && at.Year() >= 1970 {
			return at.UTC(), layout != time.DateTime, nil
		}
	}
	if at, ok := parseEpoch(s); ok {
		return at, true, nil
	}
	if at, ok := parseSerial(s); ok {
		return at, false, nil
	}
	d := written{s: s}
	if !d.read() {
		return at, false, errForm(s)
	}
	at, err = d.time(order)
	return at, d.zoned, err
}

// parseSerial reads a spreadsheet's date whose format somebody has changed to a number: days since 30 December 1899.
func parseSerial(s string) (at time.Time, ok bool) {
	if s == "" || s[0] < '3' || s[0] > '5' || !serial.MatchString(s) {
		return at, false
	}
	days, _ := strconv.ParseFloat(s, 64)
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(days*86400)) * time.Second), true
}

// common is the layout that most files have, of dates that look like it; the rest is read part by part.
func common(s string) string {
	switch {
	case len(s) >= 20 && s[4] == '-' && s[10] == 'T':
		return time.RFC3339
	case len(s) == len(time.DateTime) && s[4] == '-' && s[10] == ' ':
		return time.DateTime
	case len(s) == len(time.RubyDate) && s[3] == ' ' && s[13] == ':':
		return time.RubyDate
	}
	return ""
}

func errForm(s string) error {
	if ago.MatchString(s) {
		return fmt.Errorf("the date %.40q counts from the day on which somebody read the page, which it does not name", s)
	}
	return fmt.Errorf("the date %.40q is in no form that is known; write it as 2006-01-02T15:04:05Z", s)
}

// parseEpoch reads Unix time in seconds, milliseconds or microseconds, with a fraction or not. It covers 2001 to 2128.
func parseEpoch(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if len(whole) < 10 {
		return time.Time{}, false
	}
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

// ago is a date that says how long ago something was, as pages show it.
var ago = regexp.MustCompile(`(?i)^\d+ ?(?:s|m|h|d|w|y|mo|min|mins|hr|hrs|std|tg|sec|ч|мин|дн?|г)\.?$|^(?:just now|now|yesterday|today|gestern|heute|hier|hoy|ayer|hoje|ontem|oggi|ieri|вчера|сегодня|сейчас|вчора|сьогодні|wczoraj|dziś|dzisiaj|dün|bugün|昨天|今天|刚刚)(?:\PL|$)|(?:^|\PL)(?:ago|fa|atrás|atras|назад|тому|temu|önce)$|前$|^(?:vor|hace|há|il y a|acum|منذ)(?:\PL|$)`)

// orderDay reads a day of which it depends on the country what its first two numbers are.
func orderDay(s string, a, b int, order string) (day, month int, err error) {
	if order == "" {
		switch {
		case a > 12:
			order = "dmy"
		case b > 12 || a == b:
			order = "mdy"
		default:
			return 0, 0, fmt.Errorf("the date %.40q can be read in two ways; say which with --map date_order=dmy or --map date_order=mdy", s)
		}
	}
	if order == "dmy" {
		return a, b, nil
	}
	return b, a, nil
}

// Slashed tells whether a date begins with its day and its month in an order that depends on the country.
func Slashed(date string) bool { return slashDate.MatchString(date) }

// Order is the one order in which a date has a day and a month, "" when it can have both or has none.
func Order(date string) string {
	m := slashDate.FindStringSubmatch(date)
	if m == nil {
		return ""
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	switch {
	case 12 < a && a < 32 && b < 13:
		return "dmy"
	case a < 13 && 12 < b && b < 32:
		return "mdy"
	}
	return ""
}

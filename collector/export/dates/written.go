package dates

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// written reads a date that is written out, part by part: numbers, a month's name, a time of the day, a zone, in whatever order.
type written struct {
	s     string
	i     int
	nums  [6]number
	n     int
	month time.Month
	// what comes before the number at hand
	sep     byte
	atClock bool // directly behind a time of the day, where a sign begins a zone

	hasClock, zoned    bool
	hour, min, sec, ns int
	half               int // 1 am, 2 pm
	offset             int // seconds east of UTC
	skipped            bool
}

// number is a number of a date: how many digits it has, and what separates it from the one before.
type number struct {
	value, digits int
	sep           byte
}

// read cuts s into its parts. It is false when something in it is no part of a date.
func (d *written) read() bool {
	for d.i < len(d.s) {
		c := d.s[d.i]
		switch {
		case '0' <= c && c <= '9':
			if !d.digits() {
				return false
			}
		case (c == '+' || c == '-') && d.atClock && d.zone():
		case c == '(' && d.hasClock && strings.HasSuffix(d.s, ")"):
			d.i = len(d.s) // the zone's name
		case c < utf8.RuneSelf && strings.IndexByte(" ,./-:@|_\t", c) >= 0:
			if c != ' ' {
				d.sep, d.atClock = c, d.atClock && c == ','
			}
			d.i++
		default:
			if !d.word() {
				return false
			}
		}
	}
	return d.n > 0
}

// run reads up to max digits and returns their value and how many they are.
func (d *written) run(max int) (v, n int) {
	for n < max && d.i < len(d.s) && '0' <= d.s[d.i] && d.s[d.i] <= '9' {
		v = v*10 + int(d.s[d.i]-'0')
		d.i++
		n++
	}
	return v, n
}

// peek tells whether byte c is at the present place and a digit behind it.
func (d *written) peek(c byte) bool {
	return d.i+1 < len(d.s) && d.s[d.i] == c && '0' <= d.s[d.i+1] && d.s[d.i+1] <= '9'
}

func (d *written) digits() bool {
	v, n := d.run(15)
	switch {
	case n <= 2 && !d.hasClock && (d.peek(':') || d.peek('h')):
		return d.clock(v)
	case n == 8 || n == 14 || n == 12:
		if d.n > 0 {
			return false
		}
		return d.compact(v, n)
	case n > 4 || n == 3 || d.n == len(d.nums):
		return false
	}
	d.nums[d.n] = number{v, n, d.sep}
	d.n++
	d.sep, d.atClock = 0, false
	return true
}

// clock reads the rest of a time of the day.
func (d *written) clock(hour int) bool {
	d.hour, d.hasClock, d.atClock = hour, true, true
	d.i++
	var n int
	if d.min, n = d.run(2); n != 2 {
		return false
	}
	if d.peek(':') {
		d.i++
		if d.sec, n = d.run(2); n != 2 {
			return false
		}
		if d.peek('.') || d.peek(',') {
			d.i++
			d.ns, n = d.run(9)
			for ; n < 9; n++ {
				d.ns *= 10
			}
			d.run(len(d.s))
		}
	}
	return true
}

// compact takes 20060102, 200601021504 or 20060102150405 apart, and what follows the first as T150405.
func (d *written) compact(v, n int) bool {
	day := v
	if n > 8 {
		clock := v
		if n == 12 {
			clock *= 100
		}
		day, clock = clock/1e6, clock%1e6
		d.setClock(clock)
	} else if d.peek('T') || d.peek('t') || d.peek('_') {
		d.i++
		if clock, n := d.run(6); n == 6 {
			d.setClock(clock)
		} else if n == 4 {
			d.setClock(clock * 100)
		} else {
			return false
		}
	}
	d.nums[0], d.nums[1], d.nums[2] = number{day / 10000, 4, 0}, number{day / 100 % 100, 2, 0}, number{day % 100, 2, 0}
	d.n = 3
	return true
}

func (d *written) setClock(v int) {
	d.hour, d.min, d.sec, d.hasClock, d.atClock = v/10000, v/100%100, v%100, true, true
}

// zone reads +02:00, +0200 or +02; it takes nothing where none is there.
func (d *written) zone() bool {
	start, sign := d.i, 1
	if d.s[d.i] == '-' {
		sign = -1
	}
	d.i++
	h, n := d.run(4)
	m := 0
	switch {
	case n == 4:
		h, m = h/100, h%100
	case n > 0 && n <= 2 && d.peek(':'):
		d.i++
		m, _ = d.run(2)
	case n != 2:
		d.i = start
		return false
	}
	if h > 14 || m > 59 || d.i < len(d.s) && (d.s[d.i] == '-' || d.s[d.i] == '/') {
		d.i = start
		return false
	}
	d.offset, d.zoned, d.atClock = sign*(h*3600+m*60), true, false
	return true
}

// word reads a run of letters, which must mean something, or be the day of the week at the beginning.
func (d *written) word() bool {
	start := d.i
	for d.i < len(d.s) {
		r, size := utf8.DecodeRuneInString(d.s[d.i:])
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
			break
		}
		d.i += size
		if unicode.Is(unicode.Han, r) && strings.ContainsRune("年月日时時分秒点", r) {
			break
		}
	}
	if d.i == start {
		r, size := utf8.DecodeRuneInString(d.s[d.i:])
		d.i += size
		return unicode.IsSpace(r) || strings.ContainsRune("·•–º'ª", r)
	}
	word := d.s[start:d.i]
	if h, ok := zones[word]; ok && d.hasClock {
		d.offset, d.zoned, d.atClock = h*3600, true, true
		return true
	}
	word = strings.ToLower(word)
	if (word == "a" || word == "p") && strings.HasPrefix(strings.ToLower(d.s[d.i:]), ".m") {
		word += "m"
		d.i += len(".m")
	}
	if h := halves[word]; h != 0 {
		if !d.hasClock && d.n > 0 && !strings.ContainsAny(d.s[d.i:], ":时時点시") { // 10 AM
			d.n--
			d.hour, d.hasClock = d.nums[d.n].value, d.nums[d.n].digits <= 2
		}
		d.half, d.atClock = h, true
		return true
	}
	return d.named(word, start)
}

// named reads a month's name, and what may stand beside it.
func (d *written) named(word string, start int) bool {
	if m, ok := monthNames[word]; ok && (d.month == 0 || d.month == time.March && d.n <= 1) { // mar is Tuesday too
		d.month = m
		return true
	}
	behindDigit := start > 0 && '0' <= d.s[start-1] && d.s[start-1] <= '9'
	switch word {
	case "st", "nd", "rd", "th", "er", "ro", "º":
		return behindDigit
	case "时", "時", "点", "시": // the number before it is the hour
		if d.n == 0 || d.hasClock {
			return false
		}
		d.n--
		d.hour, d.hasClock = d.nums[d.n].value, true
		return true
	case "分", "분":
		if d.n == 0 || !d.hasClock {
			return false
		}
		d.n--
		d.min = d.nums[d.n].value
		return true
	case "秒", "초":
		if d.n == 0 || !d.hasClock {
			return false
		}
		d.n--
		d.sec = d.nums[d.n].value
		return true
	}
	if slices.Contains(fillers, word) {
		return true
	}
	first := !d.skipped && d.n == 0 && d.month == 0 || unicode.Is(unicode.Han, firstRune(word))
	d.skipped = true
	return first
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// time puts the parts together.
func (d *written) time(order string) (time.Time, error) {
	year, month, day, err := d.day(order)
	if err != nil {
		return time.Time{}, err
	}
	if d.half > 0 && d.hour <= 12 {
		d.hour = d.hour%12 + 12*(d.half-1)
	}
	at := time.Date(year, time.Month(month), day, d.hour, d.min, d.sec, d.ns, time.UTC)
	if at.Day() != day || int(at.Month()) != month || at.Hour() != d.hour || at.Minute() != d.min || d.sec > 60 || year < 1970 || year > 9999 {
		if order != "" && d.month == 0 && d.nums[0].digits < 4 {
			return time.Time{}, fmt.Errorf("the date %.40q does not exist, read as %s", d.s, order)
		}
		return time.Time{}, fmt.Errorf("the date %.40q does not exist", d.s)
	}
	return at.Add(-time.Duration(d.offset) * time.Second), nil
}

// day finds out which number is the year, the month and the day.
func (d *written) day(order string) (year, month, day int, err error) {
	n := d.nums[:d.n]
	if !d.hasClock && (d.n == 6 && n[0].digits == 4 || d.n >= 5 && d.month == 0 &&
		n[d.n-1].sep == '.') { // 2006-01-02-15-04-05, 02.01.2006 15.04
		d.hour, d.min = n[3].value, n[4].value
		if d.n == 6 {
			d.sec = n[5].value
		}
		n = n[:3]
	}
	switch {
	case d.month != 0 && len(n) == 2:
		a, b := n[0], n[1]
		if a.digits == 4 {
			a, b = b, a
		}
		if b.digits < 2 || b.digits == 3 || a.digits > 2 {
			return 0, 0, 0, errForm(d.s)
		}
		year, month, day = century(b), int(d.month), a.value
	case d.month != 0 || len(n) != 3 || n[0].digits > 2 && n[0].digits < 4 || n[1].digits > 2:
		return 0, 0, 0, errForm(d.s)
	case n[0].digits == 4 && n[2].digits <= 2:
		year, month, day = n[0].value, n[1].value, n[2].value
	case n[2].digits == 2 || n[2].digits == 4:
		year, day, month = century(n[2]), n[0].value, n[1].value
		if n[1].sep != '.' {
			day, month, err = orderDay(d.s, day, month, order)
		}
	default:
		return 0, 0, 0, errForm(d.s)
	}
	return year, month, day, err
}

// century is a year, of whose digits two may be left out.
func century(n number) int {
	if n.digits == 2 {
		return 2000 + n.value
	}
	return n.value
}

package web

import (
	"math"
	"strconv"
	"strings"
	"time"

	"stallwatch/classify"
)

// thin is the narrow no-break space between a number and its per cent sign.
const thin = "\u202f"

// Percent is the share in whole per cents, or what stands in its place.
func (s Share) Percent() string {
	switch {
	case s.Defined():
		return percent(*s.Share) + thin + "%"
	case s.TooFew:
		return "too few"
	}
	return "no posts"
}

// Interval is the 95 % interval, "58–68 %", or empty.
func (s Share) Interval() string {
	if !s.Defined() {
		return ""
	}
	return percent(*s.Low) + "–" + percent(*s.High) + thin + "%"
}

// WithInterval is both in one breath: "63 % (58–68 %)".
func (s Share) WithInterval() string {
	if !s.Defined() {
		return s.Percent()
	}
	return s.Percent() + "\u00a0(" + s.Interval() + ")"
}

// Base is what the share is of: "1,204 posts by 873 authors".
func (s Share) Base() string {
	if s.Unit == "authors" {
		return plural(s.N, "author", "authors")
	}
	base := plural(s.N, "post", "posts")
	if s.Authors != nil {
		base += " by " + plural(*s.Authors, "author", "authors")
	}
	return base
}

// percent does not round a share into certainty: 0 and 100 are exact.
func percent(p float64) string {
	switch n := math.Round(p * 100); {
	case n == 0 && p > 0:
		return "under" + thin + "1"
	case n == 100 && p < 1:
		return "over" + thin + "99"
	default:
		return strconv.Itoa(int(n))
	}
}

// Sentence is the change in words: "up 7 points (2–12)".
func (c *Change) Sentence() string { return c.Phrase() + " (" + c.Range() + ")" }

// Phrase is the change without its interval.
func (c *Change) Phrase() string {
	if !c.Clear() {
		return c.Direction
	}
	size := percent(math.Abs(c.Diff))
	if size == "1" || strings.HasPrefix(size, "under") {
		return c.Direction + " " + size + " point"
	}
	return c.Direction + " " + size + " points"
}

// Range is the interval: the size of a change that is clear, with signs and unit for one that is not.
func (c *Change) Range() string {
	switch c.Direction {
	case "up":
		return percent(c.Low) + "–" + percent(c.High)
	case "down":
		return percent(-c.High) + "–" + percent(-c.Low)
	}
	return signed(c.Low) + " to " + signed(c.High) + " points"
}

// signed writes the sign with the real minus.
func signed(x float64) string {
	switch n := int(math.Round(x * 100)); {
	case n < 0:
		return "−" + strconv.Itoa(-n)
	case n > 0:
		return "+" + strconv.Itoa(n)
	}
	return "0"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// number groups thousands by commas.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func date(t time.Time) string { return t.UTC().Format("2 January 2006") }

// dateRange leaves out what the end of the range repeats.
func dateRange(from, to time.Time) string {
	switch {
	case from.Format(time.DateOnly) == to.Format(time.DateOnly):
		return date(to)
	case from.Year() == to.Year() && from.Month() == to.Month():
		return from.Format("2") + "–" + date(to)
	case from.Year() == to.Year():
		return from.Format("2 January") + " to " + date(to)
	}
	return date(from) + " to " + date(to)
}

// platformName writes a platform as it writes itself, as far as a capital can do that.
func platformName(id string) string {
	switch id {
	case "":
		return "not stated"
	case "youtube":
		return "YouTube"
	case "tiktok":
		return "TikTok"
	}
	return capital(id)
}

// languages names those most seen beside English; others keep their code.
var languages = map[string]string{
	"": "not stated", "und": "not stated", "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
	"pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "uk": "Ukrainian", "ru": "Russian", "tr": "Turkish", "ja": "Japanese",
	"ar": "Arabic", "fi": "Finnish", "sv": "Swedish", "cs": "Czech", "el": "Greek", "hi": "Hindi", "zh": "Chinese",
}

func languageName(tag string) string {
	if name, ok := languages[tag]; ok {
		return name
	}
	return tag
}

func kindName(kind string) string {
	switch kind {
	case "original":
		return "Original posts"
	case "reply":
		return "Replies"
	case "quote":
		return "Quotes"
	case "repost":
		return "Reposts"
	}
	return kind
}

// Why is the reason as it stands after a number of posts.
func (r Reason) Why() string {
	switch classify.Abstention(r.Reason) {
	case classify.AbstainLanguage:
		return "in another language"
	case classify.AbstainUnsure:
		return "where the classifier is unsure"
	case classify.AbstainNoText:
		return "without words"
	}
	return r.Reason
}

// Steps is the plural of the filter's step.
func (f Filter) Steps() string { return f.Step + "s" }

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

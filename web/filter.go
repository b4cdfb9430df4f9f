package web

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"stallwatch/collector"
	"stallwatch/store"
)

// maxValues bounds a list in an address; no query of a person is longer.
const maxValues = 20

var (
	platformPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)
	langPattern     = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$`)
)

// Problem is a mistake in an address, as a sentence for its reader.
type Problem struct {
	Field, Value, Fix string
}

// parseFilter reads an address's query. Names it does not know are let through: links get such things added on their way.
// All mistakes are reported together.
func parseFilter(q url.Values) (f store.Filter, problems []Problem) {
	bad := func(field, value, fix string) { problems = append(problems, Problem{field, brief(value, 80), fix}) }
	for _, field := range []string{"since", "until", "step"} {
		if v := q[field]; len(v) > 1 {
			bad(field, v[1], "This stands there twice. Leave one out.")
		}
	}
	f.Since = parseDay(q, "since", bad)
	f.Until = parseDay(q, "until", bad)
	if !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1) // the address names the last day
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until) {
		bad("until", q.Get("until"), "The last day comes before the first. Exchange the two.")
	}
	switch step := q.Get("step"); store.Step(step) {
	case "", store.Day, store.Week, store.Month:
		f.Step = store.Step(step)
	default:
		bad("step", step, "Write day, week or month.")
	}
	f.Platforms = parseList(q, "platform", platformPattern, "Write a platform in lower case, such as x or bluesky.", bad)
	f.Langs = parseList(q, "lang", langPattern, "Write a language code, such as en or de.", bad)
	for _, k := range parseList(q, "kind", platformPattern, "Write original, reply or quote.", bad) {
		if !slices.Contains(kinds, collector.Kind(k)) {
			bad("kind", k, "Write original, reply or quote. Reposts are counted apart.")
			continue
		}
		f.Kinds = append(f.Kinds, collector.Kind(k))
	}
	return f, problems
}

func parseDay(q url.Values, field string, bad func(field, value, fix string)) (t time.Time) {
	v := q.Get(field)
	if v == "" {
		return t
	}
	t, err := time.Parse(time.DateOnly, v)
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		bad(field, v, "Write the day as year, month, day: 2025-07-03.")
		return time.Time{}
	}
	return t
}

// parseList reads values written as a=1&a=2 or a=1,2. An empty one means all.
func parseList(q url.Values, field string, pattern *regexp.Regexp, fix string, bad func(field, value, fix string)) (out []string) {
	for _, v := range strings.Split(strings.Join(q[field], ","), ",") {
		switch v = strings.TrimSpace(v); {
		case v == "" || slices.Contains(out, v):
		case !pattern.MatchString(v):
			bad(field, v, fix)
		case len(out) == maxValues:
			bad(field, v, fmt.Sprintf("Choose at most %d values.", maxValues))
			return out
		default:
			out = append(out, v)
		}
	}
	return out
}

// query writes the filter as an address's query, with values replaced by name, an empty one taking it
// out; it is the inverse of parseFilter.
func (f Filter) query(replace ...string) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("since", f.Since)
	set("until", f.Until)
	set("step", f.Step) // also a day: an address without a step leaves its choice to the server
	set("platform", strings.Join(f.Platforms, ","))
	set("lang", strings.Join(f.Langs, ","))
	set("kind", strings.Join(f.Kinds, ","))
	for i := 0; i+1 < len(replace); i += 2 {
		q.Del(replace[i])
		set(replace[i], replace[i+1])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

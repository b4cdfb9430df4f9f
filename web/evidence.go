package web

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPost is how many bytes of a post a page shows, maxLines how many lines that end in it. The longest posts of X have
// 25,000 characters.
const (
	maxPost  = 900
	maxLines = 12
)

// segment is a piece of a post's text, marked where it is evidence.
type segment struct {
	Text string
	Mark bool
}

// segments cuts a text at the spans. Spans come from outside this package: those that do not fit the text, or cut a
// character in two, and of overlapping ones the later, are left out.
func segments(text string, spans []Span) (segs []segment) {
	text = cut(text)
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.Start - b.Start })
	end := 0
	for _, s := range spans {
		if s.Start < end || s.End <= s.Start || s.End > len(text) || !boundary(text, s.Start) || !boundary(text, s.End) {
			continue
		}
		if s.Start > end {
			segs = append(segs, segment{Text: text[end:s.Start]})
		}
		segs, end = append(segs, segment{text[s.Start:s.End], true}), s.End
	}
	if end < len(text) {
		segs = append(segs, segment{Text: text[end:]})
	}
	return segs
}

func boundary(s string, i int) bool { return i == len(s) || utf8.RuneStart(s[i]) }

// cut ends a long text at a whole character, with an ellipsis.
func cut(text string) string {
	n := len(text)
	if n > maxPost {
		n = maxPost
		for !utf8.RuneStart(text[n]) {
			n--
		}
	}
	lines := 0
	for i := range n {
		if text[i] != '\n' {
			continue
		}
		if lines++; lines == maxLines {
			n = i
			break
		}
	}
	if n == len(text) {
		return text
	}
	return strings.TrimRight(text[:n], " \t\r\n") + "…"
}

package collector

import (
	"html"
	"strings"
	"time"
	"unicode/utf8"
)

// Unescape is Clean for text that the source has HTML-escaped: the entities are undone exactly once.
func Unescape(s string) string {
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	return Clean(s)
}

// Language is the language a platform gave, or "" for X's codes that say there is none: und (undetermined), zxx and the
// q-codes (only hashtags, mentions, media, links, or too short).
func Language(code string) string {
	switch code {
	case "und", "zxx", "qam", "qct", "qht", "qme", "qst":
		return ""
	}
	return Clean(code)
}

// LanguageIn is Language of a JSON string.
func LanguageIn(raw []byte) string {
	if string(raw) == `"en"` { // the language of most, which needs no string of its own
		return "en"
	}
	return Language(Text(raw))
}

// longPosts is the day X began to take posts of more than 280 characters.
var longPosts = time.Date(2023, 2, 8, 0, 0, 0, 0, time.UTC)

// MaybeCut tells whether a text that X's API gave in its short field may be the beginning of a longer post. X cuts those
// to some 270 or 280 characters, in 2025 without an ellipsis (xdevplatform/samples#202), and twarc and 4CAT never asked
// for the long form. Before long posts existed nothing was cut.
func MaybeCut(text string, created time.Time) bool {
	return len(text) >= 270 && utf8.RuneCountInString(text) >= 270 && !created.Before(longPosts)
}

// TrimRepost takes "RT @name: " off a repost's own text and reports the name, for sources that do not give the original.
func TrimRepost(text string) (rest, handle string, ok bool) {
	after, ok := strings.CutPrefix(text, "RT @")
	if !ok {
		return text, "", false
	}
	n := strings.IndexFunc(after, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if n < 1 || !strings.HasPrefix(after[n:], ": ") {
		return text, "", false
	}
	return after[n+2:], after[:n], true
}

// EndsCut tells whether a text ends the way X cuts: with an ellipsis, or with an ellipsis and the link to the rest.
func EndsCut(text string) bool {
	if i := strings.LastIndex(text, " https://t.co/"); i > 0 && !strings.ContainsAny(text[i+1:], " \n") {
		text = text[:i]
	}
	return strings.HasSuffix(text, "…")
}

// AddURL appends a link unless it is empty or there already.
func AddURL(urls []string, u string) []string { return addOnce(urls, u) }

// AddHashtag appends a hashtag without its sign unless it is empty or there already.
func AddHashtag(tags []string, tag string) []string {
	return addOnce(tags, strings.TrimPrefix(strings.TrimPrefix(tag, "#"), "＃"))
}

func addOnce(list []string, s string) []string {
	s = Clean(s)
	if s == "" {
		return list
	}
	for _, old := range list {
		if old == s {
			return list
		}
	}
	if list == nil {
		list = make([]string, 0, 4) // most lists that are not empty have some
	}
	return append(list, s)
}

package collector

import (
	"html"
	"strings"
	"time"
	"unicode/utf8"
)

// Unescape is Clean for text that the source has HTML-escaped: the entities are undone exactly once. Only what ends in a
// semicolon is one, as escapers write it: in text that nobody has escaped, &timestamp= is part of a link.
func Unescape(s string) string {
	at := strings.IndexByte(s, '&')
	if at < 0 {
		return Clean(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for at >= 0 {
		b.WriteString(s[:at])
		s = s[at:]
		end := entityEnd(s)
		b.WriteString(entity(s[:end]))
		s = s[end:]
		at = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return Clean(b.String())
}

// entityEnd is where the entity ends that s begins with, or 1 when it begins with none.
func entityEnd(s string) int {
	for i := 1; i < min(len(s), 33); i++ { // the longest name has 31 letters
		switch c := s[i]; {
		case c == ';':
			return i + 1
		case c != '#' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z'):
			return 1
		}
	}
	return 1
}

// entity is what an entity stands for, or itself when it is none.
func entity(s string) string {
	switch s {
	case "&":
		return s
	case "&amp;":
		return "&"
	case "&lt;":
		return "<"
	case "&gt;":
		return ">"
	}
	u := html.UnescapeString(s)
	if len(u) > 1 && u[len(u)-1] == ';' { // it has undone a beginning, such as the &times of &timestamp;
		return s
	}
	return u
}

// Language is the language a platform gave, or "" for codes that say there is none: und (undetermined), zxx and X's
// q-codes (only hashtags, mentions, media, links, or too short). Tools that show languages by name get their codes back.
func Language(code string) string {
	switch code {
	case "und", "zxx", "qam", "qct", "qht", "qme", "qst":
		return ""
	}
	if len(code) > 3 {
		if c, ok := languages[strings.ToLower(code)]; ok {
			return c
		}
	}
	return Clean(code)
}

// languages are the codes of languages by name: of those that X tells apart, in English as social media monitors and
// X's own data releases write them.
var languages = map[string]string{
	"albanian": "sq", "amharic": "am", "arabic": "ar", "armenian": "hy", "azerbaijani": "az", "basque": "eu", "belarusian": "be",
	"bengali": "bn", "bangla": "bn", "bosnian": "bs", "bulgarian": "bg", "burmese": "my", "catalan": "ca", "chinese": "zh",
	"simplified chinese": "zh", "traditional chinese": "zh", "chinese (simplified)": "zh", "chinese (traditional)": "zh",
	"croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "estonian": "et", "farsi": "fa",
	"farsi (persian)": "fa", "persian": "fa", "filipino": "tl", "tagalog": "tl", "tagalog (filipino)": "tl", "finnish": "fi",
	"french": "fr", "georgian": "ka", "german": "de", "greek": "el", "gujarati": "gu", "haitian creole": "ht", "hebrew": "he",
	"hindi": "hi", "hungarian": "hu", "icelandic": "is", "indonesian": "id", "italian": "it", "japanese": "ja", "kannada": "kn",
	"kazakh": "kk", "khmer": "km", "korean": "ko", "kurdish": "ku", "lao": "lo", "latvian": "lv", "lithuanian": "lt",
	"macedonian": "mk", "malay": "ms", "malayalam": "ml", "marathi": "mr", "mongolian": "mn", "nepali": "ne", "norwegian": "no",
	"oriya": "or", "panjabi": "pa", "punjabi": "pa", "pashto": "ps", "polish": "pl", "portuguese": "pt", "romanian": "ro",
	"russian": "ru", "serbian": "sr", "sindhi": "sd", "sinhala": "si", "slovak": "sk", "slovenian": "sl", "somali": "so",
	"spanish": "es", "swahili": "sw", "swedish": "sv", "tamil": "ta", "telugu": "te", "thai": "th", "turkish": "tr",
	"ukrainian": "uk", "urdu": "ur", "uzbek": "uz", "vietnamese": "vi", "welsh": "cy",
	"language undefined": "", "undefined": "", "undetermined": "", "unknown": "",
}

// longPosts is the day X began to take posts of more than 280 characters.
var longPosts = time.Date(2023, 2, 8, 0, 0, 0, 0, time.UTC)

// MaybeCut tells whether a text that X's API gave in its short field may be the beginning of a longer post. X cuts those
// to some 270 or 280 characters, in 2025 without an ellipsis (xdevplatform/samples#202), and twarc and 4CAT never asked
// for the long form. Before long posts existed nothing was cut; and what is longer, behind the names that a reply begins with, has not been.
func MaybeCut(text string, created time.Time) bool {
	if len(text) < 270 || created.Before(longPosts) || utf8.RuneCountInString(text) < 270 {
		return false
	}
	for strings.HasPrefix(text, "@") {
		_, text, _ = strings.Cut(text, " ")
	}
	return utf8.RuneCountInString(text) <= maxCut
}

// maxCut is the length that no cut text has: links that somebody has put in place of t.co's may add some to the 280 characters.
const maxCut = 320

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
	if i := strings.LastIndexByte(text, ' '); i > 0 && strings.HasPrefix(text[i+1:], "https://t.co/") && strings.IndexByte(text[i:], '\n') < 0 {
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

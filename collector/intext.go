package collector

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// AddFromText adds the links and hashtags that stand in the post's text, for networks whose data does not list them.
func AddFromText(p *Post) {
	text := p.Text
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case (i == 0 || !isWord(lastRune(text[:i]))) && (strings.HasPrefix(rest, "https://") || strings.HasPrefix(rest, "http://")):
			n := linkEnd(rest)
			p.URLs = AddURL(p.URLs, strings.TrimRight(rest[:n], ".,;:!?…)]}»”'*_"))
			i += n
		case rest[0] == '#' && (i == 0 || !isWord(lastRune(text[:i])) && text[i-1] != '&' && text[i-1] != '/'):
			n := strings.IndexFunc(rest[1:], func(r rune) bool { return !isWord(r) })
			if n < 0 {
				n = len(rest) - 1
			}
			if tag := rest[1 : 1+n]; strings.IndexFunc(tag, unicode.IsLetter) >= 0 {
				p.Hashtags = AddHashtag(p.Hashtags, tag)
			}
			i += 1 + n
		default:
			_, n := utf8.DecodeRuneInString(rest)
			i += n
		}
		if len(p.URLs) > maxFromText || len(p.Hashtags) > maxFromText {
			return
		}
	}
}

// maxFromText bounds what is looked through for each link and hashtag that is added: no post has so many.
const maxFromText = 200

func isWord(r rune) bool { return r == '_' || unicode.In(r, unicode.L, unicode.N, unicode.M) }

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// linkEnd is where a link ends that s begins with.
func linkEnd(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"«“|", r) })
	if n < 0 {
		return len(s)
	}
	return n
}

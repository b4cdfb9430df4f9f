package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits that keep hostile text cheap. They bind the judging of a post, not what is stored of it.
const (
	maxText = 16 << 10 // bytes of a post that are read; the longest real post met is a tenth of it
	maxSpan = 256      // bytes between two white spaces that are read; a longer span is one "long" token
)

// tokenKind tells words, which n-grams are made of, from marks.
type tokenKind uint8

const (
	word tokenKind = iota
	mark           // punctuation, emoji
	link
	mention
	number
)

// token is one word or mark with its place in the original text (bytes).
type token struct {
	text       string // normalised: lower case, variants joined
	start, end int
	kind       tokenKind
}

// tokenise splits a post into normalised tokens. Words that are letters only stand for themselves, as they do in
// prose's tokeniser; all others (contractions, abbreviations, hyphens) are split by prose. Punctuation is parted from a
// word first, because prose drops a contraction that punctuation follows ("I don't!" becomes "I do").
func tokenise(text string) []token { return appendTokens(make([]token, 0, len(text)/5+8), text) }

// appendTokens is tokenise into room that is there.
func appendTokens(toks []token, text string) []token {
	text = cutAtRune(text, maxText)
	for i := 0; i < len(text); {
		j, letters := i, true
		for j < len(text) {
			r, n := rune(text[j]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(text[j:])
			}
			if isSpace(r) {
				break
			}
			letters = letters && 'a' <= r|0x20 && r|0x20 <= 'z'
			j += n
		}
		switch {
		case i == j:
			_, n := utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		case letters && j-i <= maxSpan: // as appendSpan would have it, at once
			toks = append(toks, token{normaliseWord(text[i:j]), i, j, word})
		default:
			toks = appendSpan(toks, text, i, j)
		}
		i = j
	}
	return joinVariants(toks)
}

func isSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	return unicode.IsSpace(r)
}

// cutAtRune is the head of s of at most n bytes that does not end within a rune.
func cutAtRune(s string, n int) string {
	if n >= len(s) {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// appendSpan adds the tokens of text[i:j], which holds no white space.
func appendSpan(toks []token, text string, i, j int) []token {
	span := text[i:j]
	switch {
	case isLink(span):
		return append(toks, token{"<url>", i, j, link})
	case len(span) > maxSpan:
		return append(toks, token{"<long>", i, j, mark})
	}
	// Leading and trailing marks.
	for i < j {
		r, n := utf8.DecodeRuneInString(text[i:j])
		if isWordRune(r) || (r == '@' || r == '#') && startsWord(text[i+n:j]) {
			break
		}
		toks, i = appendMark(toks, text, i, j)
	}
	core := i
	k := i
	for k < j {
		r, n := utf8.DecodeRuneInString(text[k:j])
		if !isWordRune(r) && !(joins(r) && startsWord(text[k+n:j])) && !(k == core && (r == '@' || r == '#')) {
			break
		}
		k += n
	}
	if k > core {
		toks = appendCore(toks, text, core, k)
	}
	if k < j {
		if k == i { // unreachable: the first rune of a core is a word rune or a sign before one
			k = j
		}
		toks = appendSpan(toks, text, k, j)
	}
	return toks
}

// appendMark adds one mark; a run of the same mark counts as that mark doubled.
func appendMark(toks []token, text string, i, j int) ([]token, int) {
	r, n := utf8.DecodeRuneInString(text[i:j])
	end, run := i+n, 1
	for end < j {
		q, m := utf8.DecodeRuneInString(text[end:j])
		if q != r {
			break
		}
		end += m
		run++
	}
	if r == utf8.RuneError || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || r == 0xFE0F {
		return toks, end // combining marks, joiners and broken bytes carry nothing
	}
	name := markName(r)
	switch {
	case run > 1 && name == ".":
		name = "..."
	case run > 1 && name != "...":
		name += name
	}
	return append(toks, token{name, i, end, mark}), end
}

func markName(r rune) string {
	switch r {
	case '“', '”', '„', '«', '»', '"':
		return `"`
	case '‘', '’', '\'', '`':
		return "'"
	case '…':
		return "..."
	case '–', '—':
		return "-"
	}
	return string(r)
}

// appendCore adds the tokens of a span that begins and ends in word runes.
func appendCore(toks []token, text string, i, j int) []token {
	core := text[i:j]
	switch core[0] {
	case '@':
		return append(toks, token{"<user>", i, j, mention})
	case '#':
		return appendHashtag(toks, text, i, j)
	}
	letters, digits := true, true
	for _, r := range core {
		if !unicode.IsLetter(r) {
			letters = false
		}
		if (r < '0' || r > '9') && r != ',' && r != '.' {
			digits = false
		}
	}
	switch {
	case letters:
		return append(toks, token{normaliseWord(core), i, j, word})
	case digits && len(core) <= 4:
		return append(toks, token{core, i, j, number})
	case digits:
		return append(toks, token{"<num>", i, j, number})
	}
	for _, part := range splitByProse(core) {
		toks = append(toks, token{part, i, j, word})
	}
	return toks
}

// appendHashtag adds a hashtag as the words its capitals part, behind a mark that a hashtag stood here.
func appendHashtag(toks []token, text string, i, j int) []token {
	toks = append(toks, token{"#", i, i + 1, mark})
	start := i + 1
	flush := func(end int) {
		if end > start {
			toks = append(toks, token{normaliseWord(text[start:end]), start, end, word})
		}
		start = end
	}
	var before rune
	for k, r := range text[i+1 : j] {
		at := i + 1 + k
		if !isWordRune(r) {
			flush(at)
			start = at + utf8.RuneLen(r)
		} else if unicode.IsUpper(r) && !unicode.IsUpper(before) || unicode.IsDigit(r) != unicode.IsDigit(before) && before != 0 {
			flush(at)
		}
		before = r
	}
	flush(j)
	return toks
}

func isLink(s string) bool {
	return len(s) > 7 && (foldPrefix(s, "http://") || foldPrefix(s, "https://") || foldPrefix(s, "www."))
}

// foldPrefix is strings.HasPrefix without regard to ASCII case; prefix is lower case.
func foldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '$' || r == '%'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// joins reports marks that may stand inside a word: don't, cease-fire, U.S., 1,000.
func joins(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´' || r == '-' || r == '.' || r == ',' || r == '&'
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && isWordRune(r)
}

// normaliseWord lower-cases, and shortens letters drawn out ("sooooo") to two.
func normaliseWord(s string) string {
	plain := true
	run := 0
	for k := 0; k < len(s); k++ {
		c := s[k]
		if c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
		if k > 0 && c == s[k-1] {
			run++
			plain = plain && run < 2
		} else {
			run = 0
		}
	}
	if plain {
		return s
	}
	low := strings.ToLower(s)
	out := make([]byte, 0, len(low))
	var last rune
	run = 0
	for _, r := range low {
		if r == last {
			if run++; run >= 2 {
				continue
			}
		} else {
			last, run = r, 0
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// joinVariants joins spellings that writers mix: "cease fire" and "cease-fire".
func joinVariants(toks []token) []token {
	out := toks[:0]
	for _, t := range toks {
		if n := len(out); t.kind == word && n > 0 && t.text == "fire" && out[n-1].text == "cease" {
			out[n-1].text, out[n-1].end = "ceasefire", t.end
			continue
		}
		out = append(out, t)
	}
	return out
}

package classify

import (
	"strings"
	"unicode"
)

// hasWords reports whether anything but links, mentions, marks and white space is in the text.
func hasWords(text string) bool {
	for span := range strings.FieldsSeq(cutAtRune(text, maxText)) {
		if isLink(span) || span[0] == '@' {
			continue
		}
		for _, r := range span {
			if unicode.IsLetter(r) {
				return true
			}
		}
	}
	return false
}

// noLanguage are X's codes for posts without a language of their own: undetermined, only mentions, only hashtags, only
// links, only media, no linguistic content.
var noLanguage = map[string]bool{"und": true, "qam": true, "qct": true, "qht": true, "qme": true, "qst": true, "zxx": true, "art": true, "in-doubt": true}

// primaryTag is the language a platform names, lower case without region or script, or empty where it names none.
func primaryTag(platform string) string {
	tag := strings.ToLower(strings.TrimSpace(platform))
	if noLanguage[tag] {
		return ""
	}
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	if noLanguage[tag] || len(tag) < 2 || len(tag) > 3 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return tag
}

// stopWords are frequent words of a language. One that two languages share says nothing; so do those of other languages
// that look English or stand in names ("war", "as", "Los Angeles", "von der Leyen"), which are listed under both.
var stopWords = func() map[string]string {
	m := map[string]string{}
	for lang, words := range map[string]string{
		"en": "the and is are was were to of in that it for with this they you he not be have has will on we at but what do so if who all can just about there from an my your his no would how when why me us our their been than then these those only even more out up don't it's isn't won't can't i'm " +
			"as war come met pour plus sur pas per con sin son sen ben van von der die den des de del la le lo los las el il est var mi sono da das dos no one era",
		"de": "der die das und ist nicht ein eine ich sie wir mit auf für von zu den dem des auch wird sich sind war aber wie wenn noch nur oder haben hat kein keine mehr schon über nach dass wirklich wieder im ja bei vom zum zur kann sein weil sondern uns hier jetzt immer alle diese einen einem einer mich war",
		"fr": "le les des est et une pas que qui dans pour avec sur ce cette il nous vous ils sont mais ou où plus être avoir fait c'est n'est d'un qu'il aux ses leur tout la ne du je elle elles rien très donc aussi toujours encore même faire peut fait sera était cela ça",
		"es": "el los las una que no es por con para del se su lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también hay está son la quiere todos bien dice sólo hacer esto eso ese ni fue así ahora siempre nada quien desde hasta mucho hace puede tiene aquí está",
		"pt": "os as um uma que não é por com para do da se na no em como mais mas dos foi ao ele das tem à seu sua ou ser quando muito nos já está também só pelo",
		"it": "il gli una che non è per con del della di sono si ma come anche più nel alla dei lo le ha questo questa quando perché cosa ci ancora essere la ha è stato sempre senza loro tutti sta vuole fatto nella sulla degli delle dei fare molto solo detto",
		"nl": "de het een en van ik dat niet zijn op te met voor er maar ook dit wat die is naar bij nog wel geen hij wij worden",
		"pl": "nie się na jest to że w z do jak ale co tak po czy już tylko jego jej ich przez dla jako są był być może bardzo",
		"tr": "bir ve bu için ile de da çok ne var ama gibi daha en olarak sonra kadar değil mi o ben sen",
	} {
		for _, w := range strings.Fields(words) {
			if other, both := m[w]; both && other != lang {
				m[w] = "" // says nothing
			} else {
				m[w] = lang
			}
		}
	}
	return m
}()

// hasStopWords are the languages that stopWords knows.
var hasStopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, lang := range stopWords {
		m[lang] = true
	}
	return m
}()

// foreignPieces are the stop words of other languages than home as the gate's scan meets them: in ASCII, and cut at the apostrophe.
func foreignPieces(home string) map[string]bool {
	m := map[string]bool{}
	for w, lang := range stopWords {
		if lang == "" || lang == home || strings.ContainsFunc(w, func(r rune) bool { return r > unicode.MaxASCII }) {
			continue
		}
		piece, _, _ := strings.Cut(w, "'")
		m[piece] = true
	}
	return m
}

// minStopWords is how many different stop words another language must have, and double those of the expected one, to be
// believed: posts are short, and a post that is dropped wrongly is worse than a foreign one that is judged.
const minStopWords = 3

// detect is the primary tag of a post's language by script, or by stop words for the Latin script. Empty means that nobody
// can tell, which is no reason to abstain. home is the language that is expected.
func detect(text, home string) string {
	words := map[string]int{} // by script
	counts := map[string]int{}
	seen := map[string]bool{}
	for span := range strings.FieldsSeq(cutAtRune(text, 2048)) {
		if isLink(span) || span[0] == '@' || span[0] == '#' {
			continue
		}
		script, weight := scriptOf(span)
		words[script] += weight
		w := strings.Trim(strings.ToLower(strings.ReplaceAll(span, "’", "'")), `.,!?;:"“”()…`)
		if lang := stopWords[w]; lang != "" && !seen[w] {
			seen[w] = true
			counts[lang]++
		}
	}
	script, expected := mostly(words), homeScript(home)
	switch {
	case script == "" || script == expected && expected != "latin":
		return ""
	case script != expected && script != "latin":
		return script
	case expected == "latin" && !hasStopWords[home]: // nothing to compare with
		return ""
	}
	best := mostly(counts)
	if best != home && (counts[best] < minStopWords || counts[best] < 2*counts[home]) {
		return ""
	}
	return best
}

// scriptOf tells the script most letters of a word have, and for how many words it counts: some scripts part none.
func scriptOf(w string) (script string, weight int) {
	var latin, cyrillic, other, unparted int
	for _, r := range w {
		switch {
		case r <= unicode.MaxASCII:
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				latin++
			}
		case !unicode.IsLetter(r):
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic++
		default:
			other++
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
				unparted++
			}
		}
	}
	switch {
	case latin+cyrillic+other == 0:
		return "", 0
	case latin >= cyrillic && latin >= other:
		return "latin", 1
	case cyrillic >= other:
		return "cyrillic", 1
	}
	return "other", 1 + unparted/2
}

// mostly is the key of the largest count, the first by name among equals, or empty.
func mostly(counts map[string]int) (best string) {
	most := 0
	for _, k := range sortedKeys(counts) {
		if k != "" && counts[k] > most {
			best, most = k, counts[k]
		}
	}
	return best
}

// homeScript is the script a language is written in, as far as detect tells scripts apart.
func homeScript(lang string) string {
	switch lang {
	case "uk", "ru", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg":
		return "cyrillic"
	case "ar", "fa", "ur", "he", "yi", "el", "hy", "ka", "hi", "bn", "ta", "te", "mr", "th", "zh", "ja", "ko", "am", "my", "km":
		return "other"
	}
	return "latin"
}

package classify

import (
	"strings"
	"unicode"
)

// hasWords reports whether anything but links, mentions, marks and white space is in the text.
func hasWords(text string) bool {
	for _, span := range strings.Fields(cutAtRune(text, maxText)) {
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
var noLanguage = map[string]bool{"": true, "und": true, "qam": true, "qct": true, "qht": true, "qme": true, "qst": true, "zxx": true, "art": true, "in-doubt": true}

// language is the primary tag of a post's language: the platform's word, or else what script and stop words say.
// Empty means that nobody can tell, which is no reason to abstain.
func language(text, platform string) string {
	if i := strings.IndexAny(platform, "-_"); i > 0 {
		platform = platform[:i]
	}
	platform = strings.ToLower(platform)
	if !noLanguage[platform] {
		return platform
	}
	return detect(text)
}

// stopWords are frequent words of a language that English lacks, or of English.
var stopWords = func() map[string]string {
	m := map[string]string{}
	for lang, words := range map[string]string{
		"en": "the and is are was were to of in that it for with this they you he not be have has will on we at but what do so if who all can just about there from an my your his no would how when why me us our their been than then these those only even more out up don't it's isn't won't can't i'm",
		"de": "der die das und ist nicht ein eine ich sie wir mit auf für von zu den dem des auch wird sich sind war aber wie wenn noch nur oder haben hat kein keine mehr schon über nach",
		"fr": "le les des est et une pas que qui dans pour avec sur ce cette il nous vous ils sont mais ou où plus être avoir fait c'est n'est d'un qu'il aux ses leur tout",
		"es": "el los las una que no es por con para del se su lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también hay está son",
		"pt": "os as um uma que não é por com para do da se na no em como mais mas dos foi ao ele das tem à seu sua ou ser quando muito nos já está também só pelo",
		"it": "il gli una che non è per con del della di sono si ma come anche più nel alla dei lo le ha questo questa quando perché cosa ci ancora essere",
		"nl": "de het een en van ik dat niet zijn op te met voor er maar ook dit wat die is naar bij nog wel geen hij wij worden",
		"pl": "nie się na jest to że w z do jak ale co tak po czy już tylko jego jej ich przez dla jako są był być może bardzo",
		"tr": "bir ve bu için ile de da çok ne var ama gibi daha en olarak sonra kadar değil mi o ben sen",
	} {
		for _, w := range strings.Fields(words) {
			if _, both := m[w]; both {
				m[w] = "" // says nothing
			} else {
				m[w] = lang
			}
		}
	}
	return m
}()

// minStopWords is how many stop words another language must have, and double those of English, to be believed: posts
// are short, and an English post that is dropped is worse than a foreign one that is judged.
const minStopWords = 3

// detect tells a language by script, or by stop words for the Latin script.
func detect(text string) string {
	var latin, cyrillic, other int
	counts := map[string]int{}
	for _, span := range strings.Fields(cutAtRune(text, 2048)) {
		if isLink(span) || span[0] == '@' || span[0] == '#' {
			continue
		}
		for _, r := range span {
			switch {
			case r < unicode.MaxASCII && unicode.IsLetter(r), unicode.Is(unicode.Latin, r):
				latin++
			case unicode.Is(unicode.Cyrillic, r):
				cyrillic++
			case unicode.IsLetter(r):
				other++
			}
		}
		w := strings.Trim(strings.ToLower(strings.ReplaceAll(span, "’", "'")), `.,!?;:"“”()…`)
		if lang := stopWords[w]; lang != "" {
			counts[lang]++
		}
	}
	switch total := latin + cyrillic + other; {
	case total == 0:
		return ""
	case cyrillic > total/2:
		return "cyrillic"
	case other > total/2:
		return "other"
	}
	best := ""
	for _, lang := range sortedKeys(counts) {
		if best == "" || counts[lang] > counts[best] {
			best = lang
		}
	}
	if best != "en" && (counts[best] < minStopWords || counts[best] < 2*counts["en"]) {
		return ""
	}
	return best
}

package classify

import (
	"strings"
	"testing"
	"unicode"
)

// language is the platform's word, or else what can be told from the text.
func language(text, platform, home string) string {
	if tag := primaryTag(platform); tag != "" {
		return tag
	}
	return detect(text, home)
}

func TestPlatformLanguage(t *testing.T) {
	const english, german = "Putin is stalling and they all know it", "Putin will keinen Frieden und das ist auch nicht neu, sondern schon lange so"
	for _, c := range []struct{ text, platform, want string }{
		{english, "en", "en"},
		{english, "EN-gb", "en"},
		{english, "en_US", "en"},
		{english, " en ", "en"},
		{english, "de", "de"}, // the platform's word comes first
		{german, "en", "en"},
		{german, "zh-Hans", "zh"},
		{german, "", "de"},
		{german, "und", "de"},
		{german, "UND", "de"},
		{german, "qme", "de"},
		{german, "qht", "de"},
		{german, "qst", "de"},
		{german, "qct", "de"},
		{german, "qam", "de"},
		{german, "art", "de"},
		{german, "zxx", "de"},
		{german, "in-doubt", "de"}, // not Indonesian's old code
		{german, "in", "in"},
		{english, "und", "en"},
		{english, "zxx", "en"},
		{english, "-", "en"},
		{english, "x", "en"},
		{english, "unknown", "en"},
		{english, "\xff\xff", "en"},
		{"ok", "qme", ""},
		{"", "", ""},
		{"👍 123", "und", ""},
	} {
		if got := language(c.text, c.platform, "en"); got != c.want {
			t.Errorf("language(%q, %q) = %q, want %q", c.text, c.platform, got, c.want)
		}
	}
}

var shortEnglish = []string{
	"lol", "no", "Da.", "so?", "Putin", "Die Putin die", "war", "War. War. War.", "Die in war, die", "Man, o man", "Son, come on", "As if", "As bad as ever, as always as planned",
	"Von der Leyen: sanctions stay", "Von der Leyen meets Macron. Von der Leyen reaffirms support.", "Las Vegas, Los Angeles, El Paso", "El Salvador hosts Putin", "De Gaulle was right",
	"La la la", "Le Monde: Putin stalling", "Sin tax", "Per Reuters: Putin meets Xi", "Come on come on", "Sen. Graham", "Sen. Graham met Zelensky", "Ben Wallace: Putin lies", "Par for course",
	"Putin liar", "Stalling tactics, again", "Ceasefire now!", "#StopPutin #Ukraine", "Slava Ukraini!", "Слава Україні! Putin can rot in hell", "Zelensky said \"Слава Україні\" twice today",
	"Peace talks? Pas de chance", "c'est la vie Putin", "Que sera sera, ceasefire edition", "Donbas, Crimea, Kherson", "OK boomer", "hmm", "ha ha ha", "Putin nyet", "Mi casa su casa, says Trump", "Der Spiegel: Putin plays for time",
	"Bild, Die Welt, Der Spiegel: Merz calls Putin", "gg ez", "wtf", "plus ca change", "vis a vis Putin", "per se", "Putin et al.", "ad hoc talks", "do re mi", "@a @b no", "da da da", "NATO o NATO", "man is he on to me",
	"Reuters: Kremlin rejects truce", "BREAKING: Putin, Trump call set", "I", "a", "U.S.", "…", "1.5 mio", "Longest is actually рентгеноэлектрокардиографический or something",
}

func TestShortEnglishIsNeverForeign(t *testing.T) {
	for _, text := range shortEnglish {
		for _, platform := range []string{"", "und", "zxx"} {
			if got := language(text, platform, "en"); got != "" && got != "en" {
				t.Errorf("language(%q, %q) = %q, want en or none", text, platform, got)
			}
		}
	}
}

// Not one post of the corpus, and no stretch of 3 to 30 words of one, is taken for another language; but for the few that
// hold a sentence of one.
func TestCorpusIsEnglish(t *testing.T) {
	posts, err := builtInThesis(t).Corpus()
	if err != nil {
		t.Fatal(err)
	}
	foreign := map[string]bool{"pol22-071": true} // "Energiewende jetzt! Nicht Putin, nicht Gas, nicht Kohle."
	ascii := func(s string) bool {
		return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) })
	}
	n := 0
	for _, p := range posts {
		if foreign[p.ID] {
			continue
		}
		if got := detect(p.Text, "en"); got != "" && got != "en" {
			t.Errorf("%s: detect(%q) = %q", p.ID, p.Text, got)
		}
		words := strings.Fields(p.Text)
		for _, k := range []int{3, 5, 8, 12, 20, 30} {
			for i := 0; i+k <= len(words); i += k {
				text := strings.Join(words[i:i+k], " ")
				if got := detect(text, "en"); got != "" && got != "en" && ascii(text) {
					t.Errorf("%s: detect(%q) = %q", p.ID, text, got)
				}
				n++
			}
		}
	}
	if n < 1000 {
		t.Fatalf("only %d stretches were checked", n)
	}
}

var foreignPosts = []struct{ lang, text string }{
	{"de", "Putin will keinen Frieden, er spielt nur auf Zeit und alle wissen es"},
	{"de", "Ich glaube nicht, dass Putin wirklich verhandeln will #Ukraine"},
	{"de", "Der Kreml hat die Gespräche wieder verschoben, das war ja klar"},
	{"de", "Wir haben schon wieder eine Waffenruhe, die keine ist"},
	{"fr", "Poutine ne veut pas la paix, il cherche à gagner du temps avec ses négociations"},
	{"fr", "Les négociations sont une farce et tout le monde le sait"},
	{"fr", "C'est évident que le Kremlin joue la montre dans cette guerre"},
	{"es", "Putin no quiere la paz, sólo está ganando tiempo para su ofensiva"},
	{"es", "Las negociaciones son una farsa y todos lo saben muy bien"},
	{"es", "El Kremlin dice que está listo para hablar, pero sólo con sus condiciones"},
	{"pt", "Putin não quer a paz, ele está só a ganhar tempo para uma nova ofensiva"},
	{"pt", "As negociações são uma farsa e já não há quem acredite nisso, mas foi sempre assim"},
	{"it", "Putin non vuole la pace, sta solo prendendo tempo per la sua offensiva, come sempre è stato"},
	{"it", "Il Cremlino ha detto che i negoziati sono possibili, ma non questa settimana"},
	{"nl", "Poetin wil geen vrede, hij speelt alleen op tijd en dat is niet nieuw"},
	{"nl", "De onderhandelingen zijn een farce en dat weet iedereen nog wel"},
	{"pl", "Putin nie chce pokoju, on tylko gra na czas i to jest jasne dla wszystkich"},
	{"pl", "Rozmowy to farsa, ale nie ma już nikogo, kto w to wierzy, tylko Trump"},
	{"tr", "Putin barış istemiyor, bu çok açık ve herkes için böyle, ama kimse bir şey yapmıyor"},
	{"cyrillic", "Путін не хоче миру, він просто тягне час, і всі це знають"},
	{"cyrillic", "Путин не хочет мира, он просто тянет время #NATO #Ukraine"},
	{"other", "بوتين لا يريد السلام وهو يماطل فقط لكسب الوقت"},
	{"other", "פוטין לא רוצה שלום, הוא רק מושך זמן כל הזמן"},
	{"other", "Ο Πούτιν δεν θέλει ειρήνη, απλώς κερδίζει χρόνο πάλι"},
	{"other", "普京不想要和平,他只是在拖延时间 Trump"},
	{"other", "プーチンは平和を望んでいない、時間稼ぎをしているだけだ"},
	{"other", "푸틴은 평화를 원하지 않는다 그는 그저 시간을 끌고 있을 뿐이다"},
	{"other", "पुतिन शांति नहीं चाहते, वे केवल समय काट रहे हैं"},
}

func TestForeignPosts(t *testing.T) {
	l := builtInModel(t)
	for _, c := range foreignPosts {
		if got := language(c.text, "", "en"); got != c.lang {
			t.Errorf("language(%q) = %q, want %q", c.text, got, c.lang)
		}
		if v := l.Classify(c.text, ""); v.Abstain != AbstainLanguage {
			t.Errorf("Classify(%q) abstains for %q, want %q", c.text, v.Abstain, AbstainLanguage)
		}
	}
}

// A thesis in another language keeps its own posts, with and without the platform's word.
func TestOtherHomes(t *testing.T) {
	for _, c := range []struct{ home, text, want string }{
		{"de", "Putin will Zeit", ""},
		{"de", "Putin will keinen Frieden, er spielt nur auf Zeit und alle wissen es", "de"},
		{"de", "They say that he will not sign, and we all know why", "en"},
		{"uk", "Путін тягне час", ""},
		{"uk", "They say that he will not sign, and we all know why", "en"},
		{"ru", "بوتين لا يريد السلام", "other"},
		{"ja", "プーチンは時間稼ぎをしている", ""},
		{"ar", "بوتين يماطل", ""},
		{"ar", "Путін тягне час", "cyrillic"},
		{"sv", "Det är inte sant att Putin vill ha fred, och det vet alla om de vill", ""},
		{"sv", "Путін тягне час", "cyrillic"},
	} {
		if got := language(c.text, "", c.home); got != c.want {
			t.Errorf("language(%q) at home in %s = %q, want %q", c.text, c.home, got, c.want)
		}
		if got := language(c.text, c.home, c.home); got != c.home {
			t.Errorf("language(%q, %s) = %q", c.text, c.home, got)
		}
	}
}

func TestHasWords(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, " \n": false, "https://example.org/words": false, "@user @other": false, "!!! 123 🙄": false, "@user ok": true, "#Putin": true,
		"5 лет": true, "\xff": false, "\xffa": true, "www.words.example": false,
	} {
		if got := hasWords(text); got != want {
			t.Errorf("hasWords(%q) = %v, want %v", text, got, want)
		}
	}
}

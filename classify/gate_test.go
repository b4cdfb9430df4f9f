package classify

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestGate(t *testing.T) {
	g := newGate(Gate{
		Any: [][]string{{"subject"}, {"somebody", "matter"}},
		Groups: map[string][]string{"subject": {"putin*", "nato"}, "somebody": {"he", "him"}, "matter": {"stall*", "time", "he"},
			"idle": {"cat"}},
	}, "en")
	for text, want := range map[string]bool{
		"":                                false,
		"nothing of note":                 false,
		"Putin":                           true,
		"PUTINISTAS!":                     true,
		"#Putin's":                        true,
		"xputin":                          false,
		"puti":                            false,
		"nato,":                           true,
		"natos":                           false,
		"(NATO)":                          true,
		"he":                              true, // he stands in both groups
		"him":                             false,
		"time":                            false,
		"him, stalling":                   true,
		"stall … him":                     true,
		"the cat":                         false,
		"they are stalling":               false,
		"he’s":                            true,
		"\xffnato\xff":                    true,
		"é-nato-é":                        true,
		strings.Repeat("x", 99):           false,
		strings.Repeat("x ", 9999):        false,
		"putin" + strings.Repeat("x", 99): true,
		strings.Repeat("é ", 50) + "nato": true,
	} {
		if got := g.pass(text); got != want {
			t.Errorf("pass(%.40q) = %v, want %v", text, got, want)
		}
	}
}

func TestGateWithoutAlternatives(t *testing.T) {
	g := newGate(Gate{Groups: map[string][]string{"cat": {"cat"}}}, "en")
	for _, text := range []string{"", "dog", "cat"} {
		if !g.pass(text) {
			t.Errorf("pass(%q) = false, want true: there are no alternatives", text)
		}
	}
}

// Every word of the built-in gate opens it together with the other groups its alternative names.
func TestGateOfThesis(t *testing.T) {
	th := builtInThesis(t)
	g := newGate(th.Gate, "en")
	for _, names := range th.Gate.Any {
		for k, name := range names {
			for _, w := range th.Gate.Groups[name] {
				text := strings.TrimSuffix(w, "*")
				for o, other := range names {
					if o != k {
						text += " " + strings.TrimSuffix(th.Gate.Groups[other][0], "*")
					}
				}
				if !g.pass(strings.ToUpper(text)) {
					t.Errorf("pass(%q) = false for %v", text, names)
				}
			}
		}
	}
}

// The gate is asked about every post: it allocates nothing.
func TestGateAllocatesNothing(t *testing.T) {
	g := newGate(builtInThesis(t).Gate, "en")
	for _, text := range []string{gateFail, onTopic200} {
		if n := testing.AllocsPerRun(100, func() { g.pass(text); g.look(text) }); n != 0 {
			t.Errorf("pass and look of %.30q allocate %v times", text, n)
		}
	}
}

// A look passes what pass does, and where it leaves no doubt about the language, neither does detect.
func checkLook(t *testing.T, g *gate, text, home string) {
	t.Helper()
	pass, doubtful := g.look(text)
	if want := g.pass(text); pass != want {
		t.Errorf("look(%q) passes it: %v, pass: %v", text, pass, want)
	}
	if tag := detect(text, home); !doubtful && tag != "" && tag != home {
		t.Errorf("look(%q) leaves no doubt about the language, but detect gives %q", text, tag)
	}
}

func FuzzLook(f *testing.F) {
	th := builtInThesis(f)
	gates := map[string]gate{}
	for _, home := range []string{"en", "de", "uk", "sv"} {
		gates[home] = newGate(th.Gate, home)
	}
	for _, c := range foreignPosts {
		f.Add(c.text)
		f.Add(strings.ReplaceAll(c.text, " ", "' "))
	}
	for _, s := range slices.Concat(shortEnglish, hostileChars, hostilePairs) {
		f.Add(s)
	}
	f.Add("C'est n'est d'un, qu'il! C’EST")
	f.Fuzz(func(t *testing.T, text string) {
		for home, g := range gates {
			checkLook(t, &g, text, home)
		}
	})
}

func TestLookAtCorpus(t *testing.T) {
	th := builtInThesis(t)
	g := newGate(th.Gate, "en")
	posts, err := th.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	doubted := 0
	for _, p := range posts {
		checkLook(t, &g, p.Text, "en")
		if _, doubtful := g.look(p.Text); doubtful {
			doubted++
		}
	}
	t.Logf("%d of %d posts are left in doubt", doubted, len(posts))
	if doubted > len(posts)/10 {
		t.Errorf("%d of %d posts are left in doubt, more than a tenth", doubted, len(posts))
	}
}

// What isMark takes for a mark is none of Unicode's letters.
func TestIsMark(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if isMark(string(r)) && unicode.IsLetter(r) {
			t.Errorf("isMark(%q), U+%04X, is true of a letter", r, r)
		}
	}
	for _, s := range []string{"’", "“", "…", "—", "€", "✅", "🙄", "\ufe0f", "\u200d"} {
		if !isMark(s) {
			t.Errorf("isMark(%q) = false", s)
		}
	}
}

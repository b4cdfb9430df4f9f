package classify

import (
	"strings"
	"testing"
)

func TestGate(t *testing.T) {
	g := newGate(Gate{
		Any: [][]string{{"subject"}, {"somebody", "matter"}},
		Groups: map[string][]string{"subject": {"putin*", "nato"}, "somebody": {"he", "him"}, "matter": {"stall*", "time", "he"},
			"idle": {"cat"}},
	})
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
	g := newGate(Gate{Groups: map[string][]string{"cat": {"cat"}}})
	for _, text := range []string{"", "dog", "cat"} {
		if !g.pass(text) {
			t.Errorf("pass(%q) = false, want true: there are no alternatives", text)
		}
	}
}

// Every word of the built-in gate opens it together with the other groups its alternative names.
func TestGateOfThesis(t *testing.T) {
	th := builtInThesis(t)
	g := newGate(th.Gate)
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
	g := newGate(builtInThesis(t).Gate)
	for _, text := range []string{gateFail, onTopic200} {
		if n := testing.AllocsPerRun(100, func() { g.pass(text) }); n != 0 {
			t.Errorf("pass(%.30q) allocates %v times", text, n)
		}
	}
}

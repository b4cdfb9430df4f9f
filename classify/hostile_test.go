package classify

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// hostileChars are characters that have hurt tokenisers, prose's among them.
var hostileChars = []string{"!", "'", "’", "Ⱥ", "#", "@", "-", "\xff", "\xf0\x9f", "🙄", "\u0301", "\u200d", "\u202e", "\u200f", "ם", "ع", ".", ",", "&", "?", "\"",
	"`", "´", "…", "—", "_", "$", "%", "a", "A", "ß", "İ", "ǅ", "0", "9", " ", "\n", "\t", "\u00a0", "\u2028", "\x00", "\ufeff", "\ufffd", "\ufe0f", "\u20e3", "🇺", "👩", "é",
	"中", "한", "ｆ", "ﷺ", "\U000e0061", "\U0010ffff", "/", ":", "\\", "(", "*", "~", "^", "|", "<", "=", "n"}

// hostilePairs are repeated as they stand, or with white space that parts the words.
var hostilePairs = []string{"a'", "'s", "n't", "don't ", "can't've ", "Ⱥ's ", "ȺȺȺȺȺȺȺȺ's ", "a-", "-a ", "a-b-c-d-e-f ", "#a", "#A", "#aB ", "@a", "@a ", "a@", "@#", "#@", "a.", "a,1",
	"1,", "1, ", "http://", "http://a ", "www.a ", "! ", "!?", "' ", "'\" ", "🙄\u200d", "👩\u200d", "👩\u200d ", "e\u0301", "e\u0301 ", "\xffa", "a\xff ", "\u202ea", "م ", "م'", "cease ", "cease fire ", "cease-fire ",
	"not ", "no no ", "putin ", "putin's ", "Putin! ", "he will ", "U.S. ", "a\x00", "\u200da ", "&amp; ", "_a_ ", "$1 ", "50% ", "A a ", "İ ", "ﷺ' ", "中-", "a’b ", "x.y.z. "}

// filled is s repeated and cut to n bytes.
func filled(s string, n int) string { return strings.Repeat(s, n/len(s)+1)[:n] }

// work is what judging a text costs, counted rather than timed: tokens, features, allocations and bytes allocated.
type work struct{ tokens, features, allocs, bytes float64 }

func measure(l *Linear, text string) work {
	proseAnswers.mu.Lock()
	proseAnswers.byWord = map[string][]string{}
	proseAnswers.mu.Unlock()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	l.look(text, "")
	occ := l.extractor.extractIn(&room{}, nil, text)
	runtime.ReadMemStats(&after)
	return work{tokens: float64(len(tokenise(text))), features: float64(len(occ)),
		allocs: float64(after.Mallocs - before.Mallocs), bytes: float64(after.TotalAlloc - before.TotalAlloc)}
}

// TestHostileTextIsLinear compares the work on 25 kB with that on 100 kB, and below the limit of what is read, on 4 kB with
// that on 16 kB: four times the text may cost four times the work and a little, never sixteen times.
func TestHostileTextIsLinear(t *testing.T) {
	l := builtInModel(t)
	forgetProse(t)
	for _, s := range append(slices.Clone(hostileChars), hostilePairs...) {
		for _, size := range []int{4 << 10, 25_000} {
			small, large := filled(s, size), filled(s, 4*size)
			checkTokens(t, large)
			a, b := measure(l, small), measure(l, large)
			for _, c := range []struct {
				what         string
				small, large float64
				slack        float64
			}{{"tokens", a.tokens, b.tokens, 8}, {"features", a.features, b.features, 64}, {"allocations", a.allocs, b.allocs, 64}, {"bytes", a.bytes, b.bytes, 64 << 10}} {
				if c.large > 6*c.small+c.slack {
					t.Errorf("%q × %d bytes: %s grow from %.0f to %.0f for four times the text", s, size, c.what, c.small, c.large)
				}
			}
		}
	}
}

// BenchmarkHostile prints what 100 kB of one character or pair cost; the memory of prose's answers is emptied before each.
func BenchmarkHostile(b *testing.B) {
	l := builtInModel(b)
	for _, s := range append(slices.Clone(hostileChars), hostilePairs...) {
		text := filled(s, 100_000)
		b.Run(fmt.Sprintf("%+q", s), func(b *testing.B) {
			forgetProse(b)
			for b.Loop() {
				proseAnswers.byWord = map[string][]string{}
				l.Classify(text, "en")
			}
		})
	}
}

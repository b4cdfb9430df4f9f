package classify

import (
	"regexp"
	"strings"
	"sync"

	"github.com/jdkato/prose/v2"
)

// splitByProse splits one word with inner marks into normalised words by prose's tokeniser: "don't" into do, not;
// "he's" into he, 's. The answers are remembered: the words that need it are few and come again and again.
func splitByProse(core string) []string {
	if parts, ok := proseAnswers.get(core); ok {
		return parts
	}
	parts := askProse(core)
	proseAnswers.put(core, parts)
	return parts
}

// askProse runs the tokeniser alone: without tagging and extraction prose loads no model.
func askProse(core string) (parts []string) {
	// prose knows the straight apostrophe only, and panics on letters whose lower case has another length.
	plain := strings.Map(func(r rune) rune {
		if r == '’' || r == '‘' || r == '`' || r == '´' {
			return '\''
		}
		return r
	}, core)
	if head, tail, ok := cutContraction(plain); ok {
		return append(askProse(head), askProse(tail)...)
	}
	defer func() {
		if recover() != nil {
			parts = []string{normaliseWord(plain)}
		}
	}()
	if plain == "" {
		return nil
	}
	d, err := prose.NewDocument(plain, prose.WithTagging(false), prose.WithExtraction(false), prose.WithSegmentation(false))
	if err != nil {
		return []string{normaliseWord(plain)}
	}
	for _, t := range d.Tokens() {
		for _, w := range strings.Split(t.Text, "-") {
			if w = contraction(normaliseWord(w)); w != "" {
				parts = append(parts, w)
			}
		}
	}
	return parts
}

// contractionInside finds a contraction that something other than a letter follows within the word.
var contractionInside = regexp.MustCompile(`(?i)^(.*?(?:n't|[a-z]'(?:ll|re|m|s|d)))([^a-z].*)$`)

// cutContraction parts a contraction from what follows it within a word ("can't.But", "shouldn't've", "_don't_"): prose
// would drop the contraction.
func cutContraction(w string) (head, tail string, ok bool) {
	m := contractionInside.FindStringSubmatch(w)
	if m == nil {
		return "", "", false
	}
	return m[1], strings.TrimLeft(m[2], "-.,&_"), true
}

// contraction writes the halves of a contraction as the words they stand for.
func contraction(w string) string {
	switch w {
	case "n't":
		return "not"
	case "ca":
		return "can"
	case "wo":
		return "will"
	case "'ll":
		return "will"
	case "'re":
		return "are"
	case "'m":
		return "am"
	case "'ve":
		return "have"
	}
	return w
}

// proseAnswers is shared by all goroutines.
var proseAnswers = answers{byWord: map[string][]string{}}

// maxAnswers bounds the memory of hostile input; the common contractions are a few hundred.
const maxAnswers = 8192

// answers remembers what prose said of a word.
type answers struct {
	mu     sync.RWMutex
	byWord map[string][]string // guarded by mu
}

func (a *answers) get(w string) ([]string, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	parts, ok := a.byWord[w]
	return parts, ok
}

func (a *answers) put(w string, parts []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.byWord) < maxAnswers {
		a.byWord[strings.Clone(w)] = parts
	}
}

package classify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/jdkato/prose/v2"
)

func texts(toks []token) []string {
	out := make([]string, len(toks))
	for i, t := range toks {
		out[i] = t.text
	}
	return out
}

func TestTokenise(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// Contractions keep their negation, whatever follows: prose alone drops it.
		{"I don't!", "i do not !"},
		{"can't.", "can not ."},
		{"I can’t.", "i can not ."},
		{"CAN’T!!!", "can not !!"},
		{"won't, ever", "will not , ever"},
		{"DON'T", "do not"},
		{"“isn’t”", `" is not "`},
		{"‘don’t’", "' do not '"},
		{"(wouldn't)", "( would not )"},
		{"isn't?!", "is not ? !"},
		{"didn't…", "did not ..."},
		{"doesn't—yet", "does not - yet"},
		{"don't--well", "do not -- well"},
		{"ain't", "ai not"},
		// … also where no white space follows, or marks of emphasis stand round it.
		{"I can't.But he", "i can not but he"},
		{"don't,so", "do not so"},
		{"won't-ever", "will not ever"},
		{"I-don't-know", "i do not know"},
		{"_don't_", "_do not"},
		{"don't&won't", "do not will not"},
		{"shouldn't've.", "should not have ."},
		{"don`t!", "do not !"},
		{"don´t.", "do not ."},
		{"he'll.But", "he will but"},
		// Other contractions.
		{"I'm", "i am"},
		{"we'll!", "we will !"},
		{"you're.", "you are ."},
		{"he's", "he 's"},
		{"Putin’s", "putin 's"},
		// Cease-fire in all spellings.
		{"ceasefire", "ceasefire"},
		{"cease fire now", "ceasefire now"},
		{"Cease-Fire!", "ceasefire !"},
		{"CEASE FIRE", "ceasefire"},
		{"cease. fire", "cease . fire"},
		{"#CeaseFireNow", "# ceasefire now"},
		// Hashtags, mentions, links, numbers.
		{"#PutinIsStalling", "# putin is stalling"},
		{"#NATO2025", "# nato 2025"},
		{"#peace", "# peace"},
		{"#", "#"},
		{"##", "##"},
		{"#1", "# 1"},
		{"@POTUS:", "<user> :"},
		{"@ me", "@ me"},
		{"see https://example.org/a?b#c", "see <url>"},
		{"HTTPS://EXAMPLE.ORG www.example.org", "<url> <url>"},
		{"http://", "http : //"},
		{"2025 100,000 3.5", "2025 <num> 3.5"},
		// Marks and emoji.
		{"no!!!!!!!!", "no !!"},
		{"well... well…", "well ... well ..."},
		{"🙄🙄🙄 sure", "🙄🙄 sure"},
		{"ok👍", "ok 👍"},
		{"👩\u200d👧", "👩 👧"},
		{"soooooo", "soo"},
		{"U.S. talks", "u.s . talks"},
		{"AT&T", "at&t"},
		// Nothing, and what is not text.
		{"", ""},
		{" \n\t\u2028", ""},
		{"\xff\xfe", ""},
		{"a\xffb", "a b"},
		{"\u200d\u0301", ""},
		{"Путин тянет", "путин тянет"},
		{"بوتين يماطل", "بوتين يماطل"},
		{strings.Repeat("x", maxSpan+1) + " y", "<long> y"},
	} {
		if got := strings.Join(texts(tokenise(c.in)), " "); got != c.want {
			t.Errorf("tokenise(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTokeniseOffsets(t *testing.T) {
	text := "Putin can’t, “cease fire” 🙄 #NoDeal @x!"
	var got []string
	for _, k := range tokenise(text) {
		got = append(got, k.text+"="+text[k.start:k.end])
	}
	want := []string{"putin=Putin", "can=can’t", "not=can’t", ",=,", "\"=“", "ceasefire=cease fire", "\"=”", "🙄=🙄", "#=#", "no=No", "deal=Deal", "<user>=@x", "!=!"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("tokenise(%q) (-want +got):\n%s", text, d)
	}
}

// checkTokens fails unless every token stands in its text, begins and ends between runes, and the tokens are in order.
func checkTokens(tb testing.TB, text string) []token {
	tb.Helper()
	toks := tokenise(text)
	last := 0
	for i, k := range toks {
		switch {
		case k.start < 0 || k.start >= k.end || k.end > len(text):
			tb.Fatalf("tokenise(%.60q): token %d %q is [%d:%d] of %d bytes", text, i, k.text, k.start, k.end, len(text))
		case !atRune(text, k.start) || !atRune(text, k.end):
			tb.Fatalf("tokenise(%.60q): token %d %q [%d:%d] cuts a rune", text, i, k.text, k.start, k.end)
		case k.start < last:
			tb.Fatalf("tokenise(%.60q): token %d %q begins at %d, before %d", text, i, k.text, k.start, last)
		case k.text == "":
			tb.Fatalf("tokenise(%.60q): token %d is empty", text, i)
		}
		last = k.start
	}
	return toks
}

// atRune reports whether i does not lie within a rune of s.
func atRune(s string, i int) bool {
	if i == 0 || i == len(s) || utf8.RuneStart(s[i]) {
		return true
	}
	for k := i - 1; k >= 0 && i-k < utf8.UTFMax; k-- {
		if utf8.RuneStart(s[k]) {
			_, n := utf8.DecodeRuneInString(s[k:])
			return k+n <= i // a stray continuation byte belongs to no rune
		}
	}
	return true
}

// On plain words the result is that of the tokeniser of prose, which is the one named in the thesis's method.
func TestTokeniseLikeProse(t *testing.T) {
	posts, err := builtInThesis(t).Corpus()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i := 0; i < len(posts); i += 20 {
		var words []string
		for _, w := range strings.Fields(posts[i].Text) {
			if !strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }) {
				words = append(words, w)
			}
		}
		if len(words) == 0 {
			continue
		}
		text := strings.Join(words, " ")
		d, err := prose.NewDocument(text, prose.WithTagging(false), prose.WithExtraction(false), prose.WithSegmentation(false))
		if err != nil {
			t.Fatal(err)
		}
		var want []token
		for _, k := range d.Tokens() {
			want = append(want, token{text: normaliseWord(k.Text), kind: word})
		}
		if d := cmp.Diff(texts(joinVariants(want)), texts(tokenise(text))); d != "" {
			t.Errorf("tokenise(%q) differs from prose (-prose +ours):\n%s", text, d)
		}
		compared += len(words)
	}
	if compared < 1000 {
		t.Fatalf("only %d words compared", compared)
	}
}

// Every contraction of a negation in the corpus gives one "not".
func TestNegationsOfCorpus(t *testing.T) {
	posts, err := builtInThesis(t).Corpus()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range posts {
		for _, w := range strings.Fields(p.Text) {
			want := strings.Count(strings.ToLower(strings.ReplaceAll(w, "’", "'")), "n't")
			if want == 0 || len(w) > maxSpan || isLink(w) {
				continue
			}
			n++
			got := 0
			for _, k := range tokenise(w) {
				if k.text == "not" {
					got++
				}
			}
			if got != want {
				t.Errorf("%s: tokenise(%q) = %q: %d of %d negations kept", p.ID, w, texts(tokenise(w)), got, want)
			}
		}
	}
	if n == 0 {
		t.Fatal("no contraction in the corpus: nothing was checked")
	}
}

// A word's prose answer is remembered; memory stays bounded.
func TestProseAnswersAreBounded(t *testing.T) {
	forgetProse(t)
	for i := range maxAnswers + 100 {
		proseAnswers.put(fmt.Sprint("w'", i), nil)
	}
	if n := len(proseAnswers.byWord); n > maxAnswers {
		t.Errorf("%d answers remembered, want at most %d", n, maxAnswers)
	}
	if got := texts(tokenise("I can't.")); !slices.Equal(got, []string{"i", "can", "not", "."}) {
		t.Errorf("tokenise with a full memory = %q", got)
	}
}

// forgetProse empties the memory of prose's answers, now and after the test.
func forgetProse(tb testing.TB) {
	clear := func() {
		proseAnswers.mu.Lock()
		defer proseAnswers.mu.Unlock()
		proseAnswers.byWord = map[string][]string{}
	}
	clear()
	tb.Cleanup(clear)
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"I don't!", "can’t.But", "cease-fire", "#CeaseFireNow", "👩\u200d👧", "\xff'\xfe", "ȺȺȺȺȺȺȺȺ's", "www.x.y", "x@y.z", "1,000.5%", "_don't_", "İİ't"} {
		f.Add(s)
	}
	for _, s := range append(slices.Clone(hostileChars), hostilePairs...) {
		f.Add(filled(s, 40))
	}
	f.Fuzz(func(t *testing.T, text string) {
		toks := checkTokens(t, text)
		if max := 2*len(text) + 8; len(toks) > max {
			t.Errorf("%d tokens of %d bytes", len(toks), len(text))
		}
		if d := cmp.Diff(texts(toks), texts(tokenise(strings.Clone(text)))); d != "" {
			t.Errorf("tokenise(%q) differs the second time:\n%s", text, d)
		}
		for _, w := range []string{"don't", "can’t"} {
			if got := texts(tokenise(w + " " + text)); len(got) < 2 || got[1] != "not" {
				t.Errorf("tokenise(%q) = %q loses its negation", w+" "+text, got)
			}
		}
	})
}

func BenchmarkTokenise(b *testing.B) {
	text := onTopic200
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		tokenise(text)
	}
}

package classify

import "strings"

// gate is a compiled Gate with what a first look at the language needs. It is asked about every post: it reads a post
// once and allocates nothing.
type gate struct {
	any      []uint64            // alternatives, each the bits of the groups it needs
	words    map[string]uint64   // word to the bits of its groups
	prefixes map[string][]prefix // first letters to the prefixes that begin so
	foreign  map[string]bool     // stop words of languages other than home
	known    bloom               // words and foreign, by hash
	begins   bloom               // prefixes, by their first letters
}

type prefix struct {
	text   string
	groups uint64
}

// prefixKey is how many letters of a prefix find it.
const prefixKey = 3

// newGate compiles a gate for posts in the language home.
func newGate(g Gate, home string) gate {
	c := gate{words: map[string]uint64{}, prefixes: map[string][]prefix{}, foreign: foreignPieces(home)}
	bits := map[string]uint64{}
	for i, name := range sortedKeys(g.Groups) {
		bits[name] = 1 << i
		for _, w := range g.Groups[name] {
			w = strings.ToLower(w)
			if p, ok := strings.CutSuffix(w, "*"); ok {
				c.prefixes[p[:prefixKey]] = append(c.prefixes[p[:prefixKey]], prefix{p, bits[name]})
				c.begins.add(hashWord(p[:prefixKey]))
			} else {
				c.words[w] |= bits[name]
				c.known.add(hashWord(w))
			}
		}
	}
	for w := range c.foreign {
		c.known.add(hashWord(w))
	}
	for _, names := range g.Any {
		var mask uint64
		for _, n := range names {
			mask |= bits[n]
		}
		c.any = append(c.any, mask)
	}
	return c
}

// pass reports whether text has the words of one of the alternatives; a gate without any lets everything pass. A word is a
// run of ASCII letters and digits.
func (g *gate) pass(text string) bool {
	if len(g.any) == 0 {
		return true
	}
	var s scan
	for s.next(text) {
		if g.mayKnow(&s) && g.satisfied(g.match(&s, text)) {
			return true
		}
	}
	return false
}

// look is pass, and tells besides whether text may be in another language: whether it has a letter outside ASCII, or at
// least minStopWords stop words of other languages. Where it has not, detect finds no other language either.
func (g *gate) look(text string) (pass, doubtful bool) {
	var s scan
	pass = len(g.any) == 0
	foreign := 0
	for s.next(text) {
		if !g.mayKnow(&s) {
			continue
		}
		if !pass {
			pass = g.satisfied(g.match(&s, text))
		}
		var buf [maxGateWord]byte
		if g.foreign[string(s.word(&buf, text))] {
			foreign++
		}
	}
	return pass, s.letters || foreign >= minStopWords
}

func (g *gate) satisfied(have uint64) bool {
	for _, mask := range g.any {
		if have&mask == mask {
			return true
		}
	}
	return false
}

// mayKnow is false for nearly every word that match can do without.
func (g *gate) mayKnow(s *scan) bool { return g.known.has(s.hash) || g.begins.has(s.head) }

// match adds the groups of the word at hand to those met before, and returns all.
func (g *gate) match(s *scan, text string) uint64 {
	var buf [maxGateWord]byte
	w := s.word(&buf, text)
	s.have |= g.words[string(w)]
	if len(w) >= prefixKey {
		for _, p := range g.prefixes[string(w[:prefixKey])] {
			if len(w) >= len(p.text) && string(w[:len(p.text)]) == p.text {
				s.have |= p.groups
			}
		}
	}
	return s.have
}

// scan walks over the words of a text.
type scan struct {
	start, end int    // the word at hand
	hash, head uint64 // of the whole word, and of its first letters
	have       uint64 // groups met
	letters    bool   // there were letters outside ASCII
}

// maxGateWord is how much of a word is compared.
const maxGateWord = 32

// next goes to the next word.
func (s *scan) next(text string) bool {
	i := s.end
	for ; i < len(text); i++ {
		c := folded[text[i]]
		if c > otherLetter {
			break
		}
		if c == otherLetter && !isMark(text[i:]) {
			s.letters = true
		}
	}
	if i == len(text) {
		return false
	}
	s.start = i
	h := uint64(0)
	for ; i < len(text); i++ {
		c := folded[text[i]]
		if c <= otherLetter {
			break
		}
		h = hashByte(h, c)
		if i-s.start == prefixKey-1 {
			s.head = h
		}
	}
	if i-s.start < prefixKey {
		s.head = h
	}
	s.end, s.hash = i, h
	return true
}

// word writes the head of the word at hand into buf, in lower case.
func (s *scan) word(buf *[maxGateWord]byte, text string) []byte {
	n := min(s.end-s.start, len(buf))
	for k := range n {
		buf[k] = folded[text[s.start+k]]
	}
	return buf[:n]
}

// otherLetter stands in folded for bytes that may begin a letter outside ASCII.
const otherLetter = 1

// folded is the lower case of ASCII letters and digits, otherLetter for the first byte of a longer rune, 0 for the rest.
var folded = func() (t [256]byte) {
	for c := range t {
		switch b := byte(c); {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
			t[c] = b
		case 'A' <= b && b <= 'Z':
			t[c] = b + 'a' - 'A'
		case b >= 0xC2:
			t[c] = otherLetter
		}
	}
	return t
}()

// isMark reports what most runes outside ASCII are in an English post: quotation marks, dashes and the like, the joiners and
// selectors of emoji, and emoji.
func isMark(s string) bool {
	if len(s) < 3 {
		return false
	}
	switch s[0] {
	case 0xE2: // U+2000 to U+206F, U+20A0 to U+20FF, U+2190 to U+2BFF
		return s[1] == 0x80 || s[1] == 0x81 && s[2] < 0xB0 || s[1] == 0x82 && s[2] >= 0xA0 || s[1] == 0x83 || s[1] >= 0x87 && s[1] <= 0xAF
	case 0xEF: // variation selectors
		return s[1] == 0xB8 && s[2] <= 0x8F
	case 0xF0: // U+1F000 to U+1FAFF
		return s[1] == 0x9F && (s[2] >= 0x80 && s[2] <= 0xAB)
	}
	return false
}

// bloom is a small set of hashes that may take a stranger for a member (about one in thirty), and never the reverse.
type bloom [256]uint64

func (b *bloom) add(h uint64) { b[h>>6&255] |= 1 << (h & 63) }

func (b *bloom) has(h uint64) bool { return b[h>>6&255]>>(h&63)&1 != 0 }

func hashByte(h uint64, c byte) uint64 {
	h = (h ^ uint64(c)) * 0x9E3779B97F4A7C15
	return h ^ h>>32
}

func hashWord(w string) (h uint64) {
	for i := range len(w) {
		h = hashByte(h, w[i])
	}
	return h
}

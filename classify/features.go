package classify

import (
	"math"
	"slices"
	"strings"
	"sync"
)

// featureVersion changes whenever the same text would give other features: a model of another version is stale.
const featureVersion = 2

// block is a family of features: its vector has unit length and an expert of its own.
type block uint8

const (
	wordBlock  block = iota // words, their pairs and triples; words under a negation
	charBlock               // letters in a row within a word, 2 to 5
	frameBlock              // the thesis's lexicon classes in a row, and the manner of the text
	numBlocks
)

// occurrence is one feature at one place of a text.
type occurrence struct {
	bucket     uint32 // hash, below the model's number of buckets
	block      block
	start, end int // bytes of the original text
}

// extractor turns text into features. It is read-only and safe for concurrent use.
type extractor struct {
	mask    uint32
	lexicon lexicon
}

// Seeds keep the kinds of features apart in the common table.
const (
	seedWord    = 0x9E3779B97F4A7C15
	seedNegated = 0xC2B2AE3D27D4EB4F
	seedChar    = 0x165667B19E3779F9
	seedFrame   = 0x27D4EB2F165667C5
	seedManner  = 0x85EBCA77C2B2AE63
)

// extract appends the features of text to dst.
func (x *extractor) extract(dst []occurrence, text string) []occurrence {
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	return x.extractIn(r, dst, text)
}

func (x *extractor) extractIn(r *room, dst []occurrence, text string) []occurrence {
	toks, hashes := appendTokens(slices.Grow(r.toks[:0], len(text)/5+8), text), r.hashes[:0]
	for _, t := range toks {
		hashes = append(hashes, hashString(seedWord, t.text))
	}
	dst = x.words(dst, toks, hashes)
	dst = x.chars(dst, toks)
	dst = x.frames(dst, toks)
	dst = x.manner(dst, toks, text)
	clear(toks) // lets go of the text
	r.toks, r.hashes = toks, hashes
	return dst
}

// room is what extract works in; it is used again for the next text.
type room struct {
	toks   []token
	hashes []uint64
}

var rooms = sync.Pool{New: func() any { return &room{} }}

func (x *extractor) add(dst []occurrence, h uint64, b block, start, end int) []occurrence {
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	return append(dst, occurrence{uint32(h) & x.mask, b, start, end})
}

// negationReach is how many tokens after a negator count as negated, up to the next mark.
const negationReach = 4

func (x *extractor) words(dst []occurrence, toks []token, hashes []uint64) []occurrence {
	negated := 0
	for i, t := range toks {
		h := hashes[i]
		dst = x.add(dst, h, wordBlock, t.start, t.end)
		if i > 0 {
			h = mix(hashes[i-1], h)
			dst = x.add(dst, h, wordBlock, toks[i-1].start, t.end)
		}
		if i > 1 {
			dst = x.add(dst, mix(hashes[i-2], h), wordBlock, toks[i-2].start, t.end)
		}
		switch {
		case isNegator(t.text):
			negated = negationReach
		case t.kind == mark:
			negated = 0
		case negated > 0:
			dst = x.add(dst, hashes[i]^seedNegated, wordBlock, t.start, t.end)
			negated--
		}
	}
	return dst
}

func isNegator(w string) bool {
	switch w {
	case "not", "no", "never", "nobody", "none", "nothing", "without", "neither", "nor", "zero", "cannot",
		"dont", "cant", "wont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "aint", "wouldnt", "couldnt", "shouldnt", "hasnt", "havent", "hadnt":
		return true
	}
	return false
}

const (
	minChars = 3
	maxChars = 5
)

func (x *extractor) chars(dst []occurrence, toks []token) []occurrence {
	var padded [40]byte
	for _, t := range toks {
		if t.kind != word {
			continue
		}
		padded[0] = ' '
		n := 1 + copy(padded[1:len(padded)-1], t.text)
		padded[n] = ' '
		n++
		for i := 0; i < n; i++ {
			h := uint64(seedChar)
			for k := i; k < n && k-i < maxChars; k++ {
				h = (h ^ uint64(padded[k])) * 0x100000001B3
				if k-i+1 >= minChars {
					dst = x.add(dst, h, charBlock, t.start, t.end)
				}
			}
		}
	}
	return dst
}

// frames are the lexicon classes of a sentence in the order they come, whatever stands between: "he has no wish at all
// to end this" is he·not·want·end. They carry from one way of putting a thing to another.
func (x *extractor) frames(dst []occurrence, toks []token) []occurrence {
	type hit struct {
		h          uint64
		start, end int
	}
	row := make([]hit, 0, 32)
	flush := func() {
		for i := range row {
			h := uint64(seedFrame)
			for k := i; k < len(row) && k-i < 4; k++ {
				h = mix(h, row[k].h)
				dst = x.add(dst, h, frameBlock, row[i].start, row[k].end)
			}
		}
		row = row[:0]
	}
	for _, t := range toks {
		if t.kind == mark && (t.text == "." || t.text == "!" || t.text == "?" || t.text == "...") {
			flush()
			continue
		}
		name := x.lexicon.class(t.text)
		if name == "" && isNegator(t.text) {
			name = "not"
		}
		if name == "" {
			continue
		}
		h := hashString(seedFrame, name)
		if n := len(row); n > 0 && row[n-1].h == h {
			row[n-1].end = t.end
			continue
		}
		row = append(row, hit{h, t.start, t.end})
	}
	flush()
	return dst
}

// manner is how a text is written: its length, marks, links and capitals.
func (x *extractor) manner(dst []occurrence, toks []token, text string) []occurrence {
	var words, questions, exclaims, quotes, links, first int
	for _, t := range toks {
		switch {
		case t.kind == word:
			words++
			if t.text == "i" || t.text == "my" || t.text == "we" {
				first++
			}
		case t.kind == link:
			links++
		case strings.HasPrefix(t.text, "?"):
			questions++
		case strings.HasPrefix(t.text, "!"):
			exclaims++
		case t.text == `"`:
			quotes++
		}
	}
	say := func(name string, n, top int) {
		for k := 1; k <= min(n, top); k++ {
			dst = x.add(dst, mix(hashString(seedManner, name), uint64(k)), frameBlock, 0, 0)
		}
	}
	say("length", int(math.Log2(float64(words+1))*1.5), 14)
	say("question", questions, 2)
	say("exclaim", exclaims, 2)
	say("quote", quotes, 2)
	say("link", links, 2)
	say("first", first, 2)
	if len(toks) > 0 {
		last := toks[len(toks)-1]
		dst = x.add(dst, hashString(seedManner, "last "+lastName(last)), frameBlock, last.start, last.end)
	}
	if strings.HasPrefix(text, "@") {
		say("reply", 1, 1)
	}
	return dst
}

func lastName(t token) string {
	if t.kind == word || t.kind == number {
		return "word"
	}
	return t.text
}

func hashString(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 0x100000001B3
	}
	return h
}

func mix(a, b uint64) uint64 { return (a<<7 | a>>57) ^ b*0x9E3779B97F4A7C15 }

// lexicon maps words to the classes a thesis names in thesis.yaml.
type lexicon struct {
	words    map[string]string
	prefixes map[string][]lexiconPrefix
}

type lexiconPrefix struct{ text, class string }

func newLexicon(classes map[string][]string) lexicon {
	l := lexicon{words: map[string]string{}, prefixes: map[string][]lexiconPrefix{}}
	for _, class := range sortedKeys(classes) {
		for _, w := range classes[class] {
			w = strings.ToLower(w)
			if p, ok := strings.CutSuffix(w, "*"); ok {
				l.prefixes[p[:prefixKey]] = append(l.prefixes[p[:prefixKey]], lexiconPrefix{p, class})
			} else {
				l.words[w] = class
			}
		}
	}
	return l
}

func (l *lexicon) class(w string) string {
	if c, ok := l.words[w]; ok {
		return c
	}
	if len(w) >= prefixKey {
		best := lexiconPrefix{}
		for _, p := range l.prefixes[w[:prefixKey]] {
			if strings.HasPrefix(w, p.text) && len(p.text) > len(best.text) {
				best = p
			}
		}
		return best.class
	}
	return ""
}

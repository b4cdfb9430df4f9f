package classify

import "strings"

// gate is a compiled Gate. It reads ASCII words only and allocates nothing, for it is asked about every post.
type gate struct {
	groups   int
	words    map[string]uint64   // word to the bits of the groups it satisfies
	prefixes map[string][]prefix // first three letters to the prefixes that begin so
}

type prefix struct {
	text   string
	groups uint64
}

const prefixKey = 3

func newGate(g Gate) gate {
	c := gate{groups: len(g.All), words: map[string]uint64{}, prefixes: map[string][]prefix{}}
	for i, group := range g.All {
		for _, w := range group {
			w = strings.ToLower(w)
			if p, ok := strings.CutSuffix(w, "*"); ok {
				c.prefixes[p[:prefixKey]] = append(c.prefixes[p[:prefixKey]], prefix{p, 1 << i})
			} else {
				c.words[w] |= 1 << i
			}
		}
	}
	return c
}

// pass reports whether text has a word of every group; no groups pass everything.
func (g *gate) pass(text string) bool {
	want := uint64(1)<<g.groups - 1
	var have uint64
	var buf [32]byte
	n := 0
	for i := 0; have != want && i <= len(text); i++ {
		if i < len(text) {
			if c := lowerLetter(text[i]); c != 0 {
				if n < len(buf) {
					buf[n] = c
				}
				n++
				continue
			}
		}
		if n > 0 {
			have |= g.match(buf[:min(n, len(buf))])
			n = 0
		}
	}
	return have == want
}

// lowerLetter is the lower case of an ASCII letter or digit, otherwise 0.
func lowerLetter(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	}
	return 0
}

func (g *gate) match(w []byte) uint64 {
	bits := g.words[string(w)]
	if len(w) >= prefixKey {
		for _, p := range g.prefixes[string(w[:prefixKey])] {
			if len(w) >= len(p.text) && string(w[:len(p.text)]) == p.text {
				bits |= p.groups
			}
		}
	}
	return bits
}

package classify

import "strings"

// gate is a compiled Gate. It reads ASCII words only and allocates nothing, for it is asked about every post.
type gate struct {
	any      []uint64            // alternatives, each the bits of the groups it needs
	words    map[string]uint64   // word to the bits of its groups
	prefixes map[string][]prefix // first letters to the prefixes that begin so
}

type prefix struct {
	text   string
	groups uint64
}

// prefixKey is how many letters of a prefix find it.
const prefixKey = 3

func newGate(g Gate) gate {
	c := gate{words: map[string]uint64{}, prefixes: map[string][]prefix{}}
	bits := map[string]uint64{}
	for i, name := range sortedKeys(g.Groups) {
		bits[name] = 1 << i
		for _, w := range g.Groups[name] {
			w = strings.ToLower(w)
			if p, ok := strings.CutSuffix(w, "*"); ok {
				c.prefixes[p[:prefixKey]] = append(c.prefixes[p[:prefixKey]], prefix{p, bits[name]})
			} else {
				c.words[w] |= bits[name]
			}
		}
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

// pass reports whether text has the words of one of the alternatives; a gate without any lets everything pass.
func (g *gate) pass(text string) bool {
	if len(g.any) == 0 {
		return true
	}
	var have uint64
	var buf [32]byte
	n := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) {
			if c := lowerLetter(text[i]); c != 0 {
				if n < len(buf) {
					buf[n] = c
				}
				n++
				continue
			}
		}
		if n == 0 {
			continue
		}
		if bits := g.match(buf[:min(n, len(buf))]); bits&^have != 0 {
			have |= bits
			if g.satisfied(have) {
				return true
			}
		}
		n = 0
	}
	return false
}

func (g *gate) satisfied(have uint64) bool {
	for _, mask := range g.any {
		if have&mask == mask {
			return true
		}
	}
	return false
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

package store

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Near-duplicates are posts whose sets of word shingles have a Jaccard similarity of minJaccard or more. MinHash with
// locality-sensitive banding (Broder 1997; Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, section 3.4) finds
// the candidates, and the sets themselves decide. With 6 bands of 3 rows two posts of similarity s become candidates
// with probability 1−(1−s³)⁶: 0.987 at 0.8, 0.9996 at 0.9, 1 for equal texts.
const (
	minJaccard   = 0.8
	shingleWords = 3
	minWords     = 5 // below, people say the same by chance
	bandCount    = 6
	bandRows     = 3
)

// shingles is the set of hashes of all runs of three words of a text, sorted: in lower case, without links, mentions and
// punctuation. It is nil for texts of fewer than minWords words.
func shingles(text string) []uint64 {
	var window [shingleWords]uint64
	var out []uint64
	words := 0
	for field := range strings.FieldsSeq(text) {
		if field[0] == '@' || strings.HasPrefix(field, "http://") || strings.HasPrefix(field, "https://") {
			continue
		}
		for word := range wordHashes(field) {
			window[words%shingleWords] = word
			words++
			if words >= shingleWords {
				h := uint64(shingleSeed)
				for i := range shingleWords {
					h = mix(h ^ window[(words+i)%shingleWords])
				}
				out = append(out, h)
			}
		}
	}
	if words < minWords {
		return nil
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const (
	shingleSeed = 0x9e3779b97f4a7c15
	fnvOffset   = 14695981039346656037
	fnvPrime    = 1099511628211
)

// wordHashes yields the hash (FNV-1a of the lower-case letters and digits) of each word of a field.
func wordHashes(field string) func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		h, in := uint64(fnvOffset), false
		for _, r := range field {
			if r != '\'' && r != '’' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				if in && !yield(h) {
					return
				}
				h, in = fnvOffset, false
				continue
			}
			if r == '\'' || r == '’' {
				continue // don't and dont are one word
			}
			var b [utf8.UTFMax]byte
			for _, c := range b[:utf8.EncodeRune(b[:], unicode.ToLower(r))] {
				h = (h ^ uint64(c)) * fnvPrime
			}
			in = true
		}
		if in {
			yield(h)
		}
	}
}

// mix is the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// sketch is what near-duplicates are found by: a hash of the minima of each band.
type sketch [bandCount]uint32

func sketchOf(set []uint64) (k sketch) {
	for b := range k {
		var minima [bandRows]uint64
		for r := range minima {
			seed, least := bandSeeds[b*bandRows+r], uint64(math.MaxUint64)
			for _, s := range set {
				least = min(least, mix(s^seed))
			}
			minima[r] = least
		}
		h := uint64(b)
		for _, m := range minima {
			h = mix(h ^ m)
		}
		k[b] = uint32(h)
	}
	return k
}

// bandSeeds stand for the permutations of MinHash.
var bandSeeds = func() (seeds [bandCount * bandRows]uint64) {
	for i := range seeds {
		seeds[i] = mix(uint64(i+1) * shingleSeed)
	}
	return seeds
}()

// jaccard is the similarity of two sorted sets.
func jaccard(a, b []uint64) float64 {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			both++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if either := len(a) + len(b) - both; either > 0 {
		return float64(both) / float64(either)
	}
	return 0
}

package encoder

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// wordpiece is BERT's tokeniser for lower-cased text (Devlin et al. 2019; Wu et al. 2016): text is cleaned, lower-cased and
// stripped of accents, split at spaces and punctuation, and every word cut greedily into the longest pieces of the vocabulary.
// It is read-only and safe for concurrent use.
//
// It gives what the Rust library tokenizers 0.15 gives, with two exceptions: the text cannot name special tokens ("[SEP]" in a post
// is punctuation and a word), and some 500 marks and punctuation signs that Unicode got after version 8 are treated as today's
// Unicode has them.
type wordpiece struct {
	first, next        map[string]int32 // pieces that begin a word, and those that go on with one
	longest            int              // bytes of the longest piece
	unknown, cls, sep  int32
	fullStop, ask, cry int32 // ends of sentences; -1 where the vocabulary has none
}

// maxWord is how many characters a word may have; a longer one is unknown.
const maxWord = 100

// newWordpiece reads a vocabulary, one piece a line.
func newWordpiece(vocab []byte, size int) (*wordpiece, error) {
	w := &wordpiece{first: make(map[string]int32, size), next: make(map[string]int32, size/4)}
	for id := range int32(size) {
		line, rest, ok := bytes.Cut(vocab, []byte{'\n'})
		if !ok {
			return nil, fmt.Errorf("vocabulary: %d pieces, want %d", id, size)
		}
		vocab = rest
		piece := string(line)
		if p, ok := strings.CutPrefix(piece, "##"); ok && p != "" {
			w.next[p] = id
			w.longest = max(w.longest, len(p))
		} else {
			w.first[piece] = id
			w.longest = max(w.longest, len(piece))
		}
	}
	if len(vocab) > 0 {
		return nil, errors.New("vocabulary: more pieces than the header says")
	}
	for piece, id := range map[string]*int32{"[UNK]": &w.unknown, "[CLS]": &w.cls, "[SEP]": &w.sep} {
		n, ok := w.first[piece]
		if !ok {
			return nil, fmt.Errorf("vocabulary: no %s", piece)
		}
		*id = n
		delete(w.first, piece)
	}
	for piece, id := range map[string]*int32{".": &w.fullStop, "?": &w.ask, "!": &w.cry} {
		if n, ok := w.first[piece]; ok {
			*id = n
		} else {
			*id = -1
		}
	}
	return w, nil
}

// tokenise appends the pieces of text to dst between [CLS] and [SEP], most of them at most. A longer text is cut, at the end of a
// sentence where there is one in the second half, else at the end of a word; cut reports that.
func (w *wordpiece) tokenise(dst []int32, text string, most int) (ids []int32, cut bool) {
	s := splitter{w: w, ids: append(dst, w.cls), stop: len(dst) + most - 1, lastWord: len(dst) + 1, sentence: -1}
	for _, r := range text {
		if s.add(r); s.full {
			break
		}
	}
	s.flush()
	if s.full {
		end := s.lastWord
		if s.sentence > len(dst)+most/2 {
			end = s.sentence
		}
		s.ids = s.ids[:end]
	}
	return append(s.ids, w.sep), s.full
}

// splitter is the state of one tokenisation.
type splitter struct {
	w        *wordpiece
	ids      []int32
	word     [4 * maxWord]byte // the word so far, normalised
	n, chars int               // its bytes and characters; chars > maxWord: too long
	stop     int               // where ids is full
	lastWord int               // where the last word that fitted ended
	sentence int               // where the last sentence that fitted ended; -1: none
	full     bool
	buf      [64]byte
}

func (s *splitter) add(r rune) {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		s.letter(r)
	case 'A' <= r && r <= 'Z':
		s.letter(r + 'a' - 'A')
	case r == ' ' || r == '\n' || r == '\t' || r == '\r':
		s.flush()
	case dropped(r):
	case unicode.IsSpace(r):
		s.flush()
	case r < utf8.RuneSelf:
		s.sign(r)
	default:
		s.decomposed(r)
	}
}

// dropped reports control, format and private characters, and what stands for invalid UTF-8.
func dropped(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// decomposed adds a character as base characters in lower case, without accents.
func (s *splitter) decomposed(r rune) {
	ideograph := isIdeograph(r)
	if ideograph {
		s.flush()
	}
	for _, d := range string(norm.NFD.AppendString(s.buf[:0], string(r))) {
		switch {
		case unicode.Is(unicode.Mn, d):
		case d < utf8.RuneSelf && !isLetterOrDigit(d) || unicode.IsPunct(d):
			s.sign(d)
		default:
			s.letter(unicode.ToLower(d))
		}
	}
	if ideograph {
		s.flush()
	}
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isIdeograph reports the blocks of CJK ideographs, which BERT makes words of their own.
func isIdeograph(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || 0x20000 <= r && r <= 0x2A6DF || 0x2A700 <= r && r <= 0x2B81F ||
		0x2B920 <= r && r <= 0x2CEAF || 0xF900 <= r && r <= 0xFAFF || 0x2F800 <= r && r <= 0x2FA1F
}

func (s *splitter) letter(r rune) {
	if s.chars++; s.chars <= maxWord {
		s.n += utf8.EncodeRune(s.word[s.n:], r)
	}
}

// sign adds a punctuation sign, a word of its own.
func (s *splitter) sign(r rune) {
	s.flush()
	s.letter(r)
	s.flush()
	if k := len(s.ids) - 1; !s.full && (s.ids[k] == s.w.fullStop || s.ids[k] == s.w.ask || s.ids[k] == s.w.cry) {
		s.sentence = len(s.ids)
	}
}

// flush cuts the word into pieces.
func (s *splitter) flush() {
	if s.chars == 0 || s.full {
		return
	}
	start := len(s.ids)
	word, whole := s.word[:s.n], s.chars <= maxWord
	s.n, s.chars = 0, 0
	pieces := s.w.first
	for whole && len(word) > 0 {
		n := min(len(word), s.w.longest)
		id, ok := pieces[string(word[:n])]
		for !ok && n > 0 {
			_, size := utf8.DecodeLastRune(word[:n])
			n -= size
			id, ok = pieces[string(word[:n])]
		}
		if whole = n > 0; whole {
			s.ids = append(s.ids, id)
			word, pieces = word[n:], s.w.next
		}
	}
	if !whole {
		s.ids = append(s.ids[:start], s.w.unknown)
	}
	if len(s.ids) > s.stop {
		s.full = true
		return
	}
	s.lastWord = len(s.ids)
}

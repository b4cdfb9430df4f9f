package encoder

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are texts that people send to break programs.
var hostile = []string{
	"", " ", "\x00", "\xff\xfe\xfd", "a\x00b\xffc", "\u202e\u2066right to left\u2069", strings.Repeat("\u200d", 1e5), strings.Repeat("a", 1e5),
	strings.Repeat("!", 1e5), strings.Repeat("e\u0301", 5e4), "z" + strings.Repeat("\u0300", 1e5), strings.Repeat("👩‍👩‍👧‍👦", 2e4), strings.Repeat("中", 1e5),
	strings.Repeat("\U000FFFFF", 1e4), "ȺȺȺȺȺȺȺȺ's", "[SEP] [CLS] [PAD] ##ing", strings.Repeat("\ufdfa", 1e4), "ß ŉ ǰ ΐ ﬃ İ ı", strings.Repeat("각", 1e4),
	strings.Repeat(" ", 1e6),
}

func TestHostile(t *testing.T) {
	e := tiny(t)
	for i, v := range e.Encode(hostile) {
		checkVector(t, e, hostile[i], v)
	}
}

func checkVector(t *testing.T, e *Encoder, text string, v Vector) {
	t.Helper()
	var squares float64
	for _, x := range v.X {
		squares += float64(x) * float64(x)
	}
	if !(squares > 0.99 && squares < 1.01) { // the tiny encoder's vectors have unit length
		t.Errorf("Encode(%.40q) has length %v", text, squares)
	}
}

func FuzzEncode(f *testing.F) {
	e := tiny(f)
	for _, s := range hostile {
		f.Add(s[:min(len(s), 2000)])
	}
	f.Fuzz(func(t *testing.T, text string) {
		ids, cut := e.pieces.tokenise(nil, text, e.card.MaxTokens)
		if len(ids) < 2 || len(ids) > e.card.MaxTokens || cut && len(ids) < 3 && !strings.ContainsFunc(text, func(r rune) bool { return r != utf8.RuneError }) {
			t.Errorf("tokenise(%q) gives %d tokens, cut %v", text, len(ids), cut)
		}
		checkVector(t, e, text, e.Encode([]string{text})[0])
	})
}

func FuzzRead(f *testing.F) {
	raw, err := os.ReadFile("testdata/tiny.bin")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(magic))
	f.Add(raw[:len(raw)/2])
	f.Add([]byte(magic + `{"vocab":5,"hidden":16,"layers":1,"heads":1,"inner":16,"positions":3,"max_tokens":3,"pooling":"cls","epsilon":1e-12}` + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if e, err := Read(bytes.NewReader(raw)); err == nil {
			e.Encode([]string{"text"})
		}
	})
}

func TestReadDamaged(t *testing.T) {
	raw, err := os.ReadFile("testdata/tiny.bin")
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte{}, raw...)
	flipped[len(raw)-100] ^= 1
	for name, b := range map[string][]byte{"empty": nil, "another format": []byte("PK\x03\x04"), "half": raw[:len(raw)/2], "a bit flipped": flipped,
		"no end of header": raw[:len(magic)+20], "absurd size": []byte(magic + `{"vocab":200000,"hidden":2048,"layers":24}` + "\n")} {
		if _, err := Read(bytes.NewReader(b)); err == nil {
			t.Errorf("%s: Read gives no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

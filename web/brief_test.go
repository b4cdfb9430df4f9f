package web

import (
	"strings"
	"testing"
)

func TestBrief(t *testing.T) {
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{
		{"Call, no breakthrough", 40, "Call, no breakthrough"},
		{"Call, no breakthrough", 7, "Call, n…"},
		{" a\n\n\tb  c ", 40, "a b c"},
		{"abc", 3, "abc"}, {"abcd", 3, "abc…"}, {"", 3, ""}, {" ", 3, ""},
		{"right \u202Eleft\u202C \u2066x\u2069\u200f\x00", 40, "right left x"},
		{"Z" + strings.Repeat("\u0351", 60) + "e\u0301", 40, "Z" + strings.Repeat("\u0351", maxMarks) + "e\u0301"},
		{"नमस्ते 👩\u200d👧", 40, "नमस्ते 👩\u200d👧"}, // what scripts and emoji need stays
	} {
		if got := brief(tt.s, tt.n); got != tt.want {
			t.Errorf("brief(%q, %d) = %q, want %q", tt.s, tt.n, got, tt.want)
		}
	}
	if got := cut("a\nb" + strings.Repeat("\n", 300) + "c"); got != "a\nb…" {
		t.Errorf("a post of empty lines is shown as %q", got)
	}
}

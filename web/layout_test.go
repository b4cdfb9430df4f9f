package web

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestEventLabels: over many random sets of events, no label or box meets another, leaves the drawing, or hides a line. It
// is inside the package because a page does not tell where a label ends.
func TestEventLabels(t *testing.T) {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 2))
		days := 3 + r.IntN(1500)
		var events []EventChange
		for d := 0; d < days && len(events) < 14; d += 1 + r.IntN(1+days/4) {
			events = append(events, EventChange{Title: strings.Repeat("x", 1+r.IntN(30)), day: start.AddDate(0, 0, d), Source: "https://a.example"})
		}
		for _, l := range layouts {
			p := plotter{layout: l, from: start, to: start.AddDate(0, 0, days)}
			ms, _, numbered := p.markers(events)
			if err := overlaps(ms, l.width); err != "" {
				t.Fatalf("seed %d, %s, %d events in %d days, numbered %v: %s", seed, l.id, len(events), days, numbered, err)
			}
			if len(ms) != len(events) {
				t.Fatalf("seed %d: %d lines for %d events", seed, len(ms), len(events))
			}
		}
	}
}

func overlaps(ms []marker, width float64) string {
	for i, a := range ms {
		if a.Label == "" {
			continue
		}
		if a.from < 0 || a.to > width+0.01 {
			return fmt.Sprintf("label %q covers %.0f to %.0f of %.0f", a.Label, a.from, a.to, width)
		}
		for j, b := range ms {
			if i == j {
				continue
			}
			if b.Label != "" && a.row == b.row && a.from < b.to && b.from < a.to {
				return fmt.Sprintf("labels %q and %q meet", a.Label, b.Label)
			}
			if b.row > a.row && float64(b.X) > a.from && float64(b.X) < a.to {
				return fmt.Sprintf("the line of %q crosses %q", b.Label, a.Label)
			}
		}
	}
	return ""
}

func TestTicks(t *testing.T) {
	for _, days := range []int{1, 2, 5, 10, 20, 45, 90, 180, 400, 1500, 6000} {
		from := time.Date(2024, 11, 13, 0, 0, 0, 0, time.UTC)
		for _, l := range layouts {
			p := plotter{layout: l, from: from, to: from.AddDate(0, 0, days), steps: []Step{{start: from, end: from.AddDate(0, 0, 1)}}}
			ts := p.ticks()
			if len(ts) == 0 {
				t.Errorf("%d days, %s: no tick", days, l.id)
			}
			for i := 1; i < len(ts); i++ {
				if room := float64(ts[i].X - ts[i-1].X); room < p.widthOf(ts[i].Label) {
					t.Errorf("%d days, %s: %q and %q are %.0f apart", days, l.id, ts[i-1].Label, ts[i].Label, room)
				}
			}
		}
	}
}

func TestSegments(t *testing.T) {
	join := func(segs []segment) (s string) {
		for _, g := range segs {
			if g.Mark {
				s += "[" + g.Text + "]"
				continue
			}
			s += g.Text
		}
		return s
	}
	for _, tt := range []struct {
		text  string
		spans []Span
		want  string
	}{
		{"he is stalling", []Span{{6, 14}}, "he is [stalling]"},
		{"he is stalling", []Span{{6, 14}, {0, 2}}, "[he] is [stalling]"},
		{"abc", []Span{{0, 2}, {1, 3}, {-1, 1}, {2, 9}, {2, 2}, {3, 1}}, "[ab]c"},
		{"«й»", []Span{{1, 3}, {2, 4}}, "«[й]»"},
		{"", []Span{{0, 0}, {0, 1}}, ""},
	} {
		if got := join(segments(tt.text, tt.spans)); got != tt.want {
			t.Errorf("segments(%q, %v) = %q, want %q", tt.text, tt.spans, got, tt.want)
		}
	}
	long := strings.Repeat("й", maxPost)
	if got := join(segments(long, []Span{{0, 2}, {maxPost, maxPost + 2}})); len(got) > maxPost+10 || !strings.HasSuffix(got, "й…") {
		t.Errorf("a long post is shown as %d bytes, …%q", len(got), got[len(got)-6:])
	}
}

func TestMarkdown(t *testing.T) {
	text := "# Codebook\nJudge *one* post.\nOnly that.\n\n- **agree**: says `yes`\n  and more\n- see [it](https://a.example/x) or [file](eval.json) or [bad](javascript:alert)\n\n" +
		"| a | b |\n|---|---|\n| 1 | <b>2</b> |\n\n```\n# code\n```\n### Ties\n1. first"
	bs := markdown(text)
	if len(bs) != 7 || len(bs[2].Items) != 2 || bs[2].Items[1][1].URL != "https://a.example/x" || bs[2].Items[1][3].URL != "" || bs[2].Items[1][5].URL != "" {
		t.Fatalf("blocks = %+v", bs)
	}
	if bs[0].Heading[0].Text != "Codebook" || bs[1].Para[0].Text != "Judge *one* post. Only that." || !bs[2].Items[0][0].Bold || !bs[2].Items[0][2].Code {
		t.Errorf("blocks = %+v", bs[:3])
	}
	if len(bs[3].Head) != 2 || bs[3].Rows[0][1][0].Text != "<b>2</b>" || bs[4].Code != "# code" || !bs[5].Deep || len(bs[6].Items) != 1 {
		t.Errorf("blocks = %+v", bs)
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("# a\n|b|\n|-|\n```\n- c\n[x](y) **z** `w`")
	f.Fuzz(func(t *testing.T, text string) { markdown(text) })
}

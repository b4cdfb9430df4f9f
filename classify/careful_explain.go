package classify

import (
	"math"
	"sort"
	"strings"
)

// maxOccluded is how many parts of a text are left out in turn: each costs a pass through the encoder.
const maxOccluded = 64

// Explain lists the words whose absence would move the verdict on a stance most, the strongest first, at most n (occlusion, Zeiler &
// Fergus 2014). The gain is what the word adds to the stance's logit over the mean of the others, before the temperature. In a long text
// several words in a row are left out together; what comes after the words the encoder can have read is no evidence.
func (c *Careful) Explain(text string, s Stance, n int) []Evidence {
	if v, passed := c.fast.judge(text, c.fast.thesis.Language); !passed || !c.asks(v) {
		return c.fast.Explain(text, s, n)
	}
	parts := wordSpans(text, maxOccluded, c.opened().Card().MaxTokens)
	texts := []string{text}
	for _, p := range parts {
		texts = append(texts, text[:p.Start]+strings.Repeat(" ", min(1, p.End-p.Start))+text[p.End:])
	}
	margins := make([]float64, len(texts))
	for i, x := range c.vectors(texts) {
		margins[i] = margin(c.head.mix(c.fast.probabilities(texts[i]), x.X), s)
	}
	for i := range parts {
		parts[i].Gain = margins[0] - margins[i+1]
	}
	sort.SliceStable(parts, func(i, j int) bool { return math.Abs(parts[i].Gain) > math.Abs(parts[j].Gain) })
	return parts[:max(0, min(n, len(parts)))]
}

// margin is the logit of s over the mean of the others.
func margin(z [NumStances]float64, s Stance) float64 {
	return (z[s]*NumStances - z[Agree] - z[Disagree] - z[Discuss] - z[Unrelated]) / (NumStances - 1)
}

// wordSpans are the first words of a text, several together where there are more than most. Links are none: the encoder does not see them.
func wordSpans(text string, most, first int) (spans []Evidence) {
	for _, t := range tokenise(text) {
		if k := len(spans); t.kind != mark && t.kind != link && (k == 0 || spans[k-1].Start != t.start) { // a contraction has several tokens
			spans = append(spans, Evidence{Start: t.start, End: t.end})
		}
	}
	spans = spans[:min(first, len(spans))]
	if n := len(spans); n > most {
		step := (n + most - 1) / most
		for i := 0; i < n; i += step {
			spans[i/step] = Evidence{Start: spans[i].Start, End: spans[min(i+step, n)-1].End}
		}
		spans = spans[:(n+step-1)/step]
	}
	for i, s := range spans {
		spans[i].Text = text[s.Start:s.End]
	}
	return spans
}

// probabilities are the linear model's, whatever the gate says.
func (l *Linear) probabilities(text string) [NumStances]float64 {
	return l.model.card.probabilities(l.model.score(l.extractor.extract(nil, text)))
}

package web

import (
	"slices"
	"strings"
	"time"
)

// breakLine is where another model begins to judge: figures on its two sides are not quite of one make.
type breakLine struct {
	X, Top, Bottom px
	LabelX, LabelY px
	Anchor, Label  string
	Title          string
}

// Cap is the little flag on top of the line, which tells it from an event's.
func (b breakLine) Cap() string {
	return "M" + (b.X - 4).String() + " " + b.Top.String() + "h8l-4 6z"
}

// outage is a time in which nothing was collected.
type outage struct {
	X, Y, W, H px
	Title      string
}

// Gap is a time in which the collection did not run or lost posts, as the ledger has it. To is exclusive.
type Gap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
	Source string    `json:"source"`
}

// When is the gap in words.
func (g Gap) When() string {
	if g.To.Sub(g.From) < 48*time.Hour {
		return moment(g.From) + " to " + moment(g.To)
	}
	return dateRange(g.From.UTC(), g.To.UTC())
}

// breaks are between steps whose posts were judged by different models.
func (p plotter) breaks() (bs []breakLine) {
	var last []string
	for _, s := range p.steps {
		if len(s.Models) == 0 {
			continue
		}
		if last != nil && !slices.Equal(last, s.Models) {
			x := p.x(s.start)
			b := breakLine{X: px(x), Top: px(p.top), Bottom: px(p.top + p.plot), LabelX: px(x + 6), LabelY: px(p.top + p.plot - 7),
				Anchor: "start", Label: "other model",
				Title: "From " + date(s.start) + " judged by " + strings.Join(s.Models, " and ") + ", before by " + strings.Join(last, " and ")}
			if x+6+p.widthOf(b.Label) > p.width-p.right {
				b.LabelX, b.Anchor = px(x-6), "end"
			}
			bs = append(bs, b)
		}
		last = s.Models
	}
	if len(bs) > 1 { // one word says it for all
		for i := range bs[1:] {
			bs[i+1].Label = ""
		}
	}
	return bs
}

// outages are the gaps that fall into the chart, at least as wide as can be seen.
func (p plotter) outages(gaps []Gap) (os []outage) {
	const least = 2.0
	for _, g := range gaps {
		from, to := g.From, g.To
		if from.Before(p.from) {
			from = p.from
		}
		if to.After(p.to) {
			to = p.to
		}
		if !from.Before(to) {
			continue
		}
		x := p.x(from)
		title := "Not collected, " + g.When()
		if g.Reason != "" {
			title += ": " + g.Reason
		}
		os = append(os, outage{X: px(x), Y: px(p.top), W: px(max(least, p.x(to)-x)), H: px(p.plot), Title: title})
	}
	return os
}

// xs is where each step stands.
func (p plotter) xs() string {
	var b strings.Builder
	for i, s := range p.steps {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(px(p.middle(s)).String())
	}
	return b.String()
}

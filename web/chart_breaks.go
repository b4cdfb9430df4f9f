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

// outage is a time in which nothing was collected: shaded, with a bar on the axis that a short one is seen by.
type outage struct {
	X, Y, W, H px
	Title      string
}

// FootY is the top of the bar, whose height is 4.
func (o outage) FootY() px { return o.Y + o.H - 4 }

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

// breaks are between steps whose posts were judged by different models. One of them says in words what it is, where these
// meet no event's line and no other break.
func (p plotter) breaks(events []EventChange) (bs []breakLine) {
	var last []string
	for _, s := range p.steps {
		if len(s.Models) == 0 {
			continue
		}
		if last != nil && !slices.Equal(last, s.Models) {
			bs = append(bs, breakLine{X: px(p.x(s.start)), Top: px(p.top), Bottom: px(p.top + p.plot),
				Title: "From " + date(s.start) + " judged by " + strings.Join(s.Models, " and ") + ", before by " + strings.Join(last, " and ")})
		}
		last = s.Models
	}
	lines := []float64{p.left, p.width - p.right}
	for _, e := range events {
		lines = append(lines, p.x(e.day))
	}
	for _, b := range bs {
		lines = append(lines, float64(b.X))
	}
	const label, away = "other model", 6
	for i := range bs {
		x, w := float64(bs[i].X), p.widthOf(label)+away+2
		free := func(from, to float64) bool {
			return !slices.ContainsFunc(lines, func(l float64) bool { return l > from && l < to })
		}
		switch {
		case free(x, x+w):
			bs[i].LabelX, bs[i].Anchor = px(x+away), "start"
		case free(x-w, x):
			bs[i].LabelX, bs[i].Anchor = px(x-away), "end"
		default:
			continue
		}
		bs[i].Label, bs[i].LabelY = label, px(p.top+p.plot-9)
		break
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

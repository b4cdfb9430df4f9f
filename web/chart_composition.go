package web

import (
	"fmt"
	"math"
	"slices"
)

// compositionHeights of the plot, by layout.
var compositionHeights = map[string]float64{"wide": 150, "middle": 130, "narrow": 120}

// composition shows what on-topic posts do, step by step: the shares of those that agree, disagree and discuss, one on
// another to 100 %.
type composition struct {
	ID, Class   string
	W, H        px
	Title, Desc string
	Left, Right px
	Grid        []gridLine
	Bottom      px
	parts
	Ticks  []tick
	TickY  px
	Labels []partLabel
	Xs     string
}

// partLabel stands at the end of the last bar, in place of a legend.
type partLabel struct {
	X, Y        px
	Class, Name string
	Share       string
}

// MarkEnd is the foot of a tick.
func (c composition) MarkEnd() px { return c.Bottom + 5 }

// YearY is the line below a tick's label.
func (c composition) YearY() px { return c.TickY + 16 }

// newCompositions draws the composition once for each layout; none when no step has the posts for it.
func newCompositions(f Figures) (cs []composition) {
	if !slices.ContainsFunc(f.Series, composed) {
		return nil
	}
	for _, l := range layouts {
		cs = append(cs, newComposition(l, f))
	}
	return cs
}

// composed reports whether the step has the posts for shares, and may tell them.
func composed(s Step) bool { return s.Agree != nil && s.N+s.Discuss >= MinCell }

func newComposition(l layout, f Figures) composition {
	l.plot = compositionHeights[l.id]
	p := newPlotter(l, f)
	p.top = 10
	c := composition{ID: "parts-" + l.id, Class: l.id, W: px(l.width), Left: px(l.left), Right: px(l.width - l.right), Bottom: px(p.top + p.plot),
		Title: "What on-topic posts do, by " + f.Filter.Step, Xs: p.xs()}
	for _, pc := range []int{50, 100} {
		c.Grid = append(c.Grid, gridLine{px(p.y(float64(pc) / 100)), fmt.Sprint(pc) + thin + "%"})
	}
	var last *Step
	for i, s := range p.steps {
		if composed(s) {
			last = &p.steps[i]
		}
	}
	c.parts = p.stack(float64(c.Bottom), func(s Step) float64 {
		if !composed(s) {
			return 0
		}
		return p.plot / float64(s.N+s.Discuss)
	})
	c.Labels = p.partLabels(*last)
	c.Desc = fmt.Sprintf("Of %s on topic in %s, the last %s shown: %s agree, %s disagree, %s discuss. Steps of fewer than %d on-topic posts are left out. The table under the chart above has the counts.",
		plural(last.N+last.Discuss, "post", "posts"), last.When(), f.Filter.Step, c.Labels[0].Share, c.Labels[1].Share, c.Labels[2].Share, MinCell)
	p.ticksOf(&c)
	return c
}

func (p plotter) ticksOf(c *composition) {
	c.Ticks = p.ticks()
	c.TickY = c.Bottom + px(p.font) + 6
	c.H = c.Bottom + px(p.axis)
}

// NameY is the line below a label's share.
func (l partLabel) NameY() px { return l.Y + 15 }

// partLabels stand at the middles of the parts of a step, pushed apart where the parts are thin.
func (p plotter) partLabels(s Step) []partLabel {
	const apart = 31.0 // two lines
	all := float64(s.N + s.Discuss)
	parts := []struct {
		class string
		n     int
	}{{"agree", *s.Agree}, {"disagree", *s.Disagree}, {"discuss", s.Discuss}}
	ys := make([]float64, len(parts))
	foot := 0.0
	for i, part := range parts {
		ys[i] = p.y(foot + float64(part.n)/all/2)
		foot += float64(part.n) / all
	}
	low := p.top + p.plot - 12
	for i := range ys { // from the foot up
		ys[i] = math.Min(ys[i], low)
		low = ys[i] - apart
	}
	high := p.top + 4
	for i := range slices.Backward(ys) { // and from the top down
		ys[i] = math.Max(ys[i], high)
		high = ys[i] + apart
	}
	labels := make([]partLabel, len(parts))
	for i, part := range parts {
		labels[i] = partLabel{X: px(p.width - p.right + 8), Y: px(ys[i]), Class: part.class, Name: part.class,
			Share: percent(float64(part.n)/all) + thin + "%"}
	}
	return labels
}

package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The charts are drawn here and not by a library. Of those kept for Go, go-analyze/charts v0.6 and gonum/plot v0.17 were
// looked at: both write style attributes with fixed colours, which our Content-Security-Policy refuses and a dark page
// cannot change. What they would save beside that, a scale and a polyline, is the smaller part of this file.
// Geometry is computed into a chart; templates/chart.html writes it, so that html/template escapes every label.

// px is a length in a chart's own units, written with one decimal: a tenth of a pixel is not seen.
type px float64

func (p px) String() string { return strconv.FormatFloat(math.Round(float64(p)*10)/10+0, 'f', -1, 64) }

// chart is the share over time above a strip of volumes.
type chart struct {
	ID          string // unique on the page; also the class by which CSS chooses the drawing for the screen
	W, H        px
	Title, Desc string
	Dense       bool // steps so narrow that a thick line would hide its dots
	Left, Right px   // of the plot
	Top, Bottom px   // of the plot
	Grid        []gridLine
	Ticks       []tick
	TickY       px
	Bands       []string // path data
	Lines       []string
	Gaps        []string
	Whiskers    []string
	Dots        []dot
	End         *endLabel
	Markers     []marker
	Numbered    bool // events have numbers, whose key stands under the chart
	Strip       strip
	Breaks      []breakLine
	Outages     []outage
	Xs          string // where each step stands, for the script
}

type gridLine struct {
	Y     px
	Label string
}

type dot struct {
	X, Y, R px
	Few     bool
	Title   string
}

type endLabel struct {
	X, Y  px
	Share string
}

// strip is the volume of posts, one path a stance.
type strip struct {
	Top, Bottom px
	Head        string
	HeadY       px
	Keys        []stripKey
	parts
}

type stripKey struct {
	X, Y, TextX, TextY px
	Class, Name        string
}

// layout is what differs between the drawings for a wide screen, a tablet and a phone.
type layout struct {
	id                           string
	width, left, right           float64 // right is the gutter of the end label
	plot, strip                  float64 // heights
	font                         float64
	eventRows                    int
	maxDot                       float64
	titles                       bool // of dots, for a mouse; phones have the table
	keysBelow                    bool // keys of the strip stand on a line of their own
	tickGap                      float64
	head, gap, axis, row, keyGap float64
}

var layouts = []layout{
	{id: "wide", width: 1040, left: 48, right: 68, plot: 300, strip: 48, font: 13, eventRows: 3, maxDot: 5, titles: true,
		tickGap: 44, head: 24, gap: 16, axis: 42, row: 24, keyGap: 22},
	{id: "middle", width: 720, left: 46, right: 66, plot: 260, strip: 48, font: 13, eventRows: 3, maxDot: 4.5,
		tickGap: 28, head: 24, gap: 16, axis: 42, row: 24, keyGap: 20},
	{id: "narrow", width: 343, left: 44, right: 58, plot: 210, strip: 48, font: 12, eventRows: 2, maxDot: 4,
		tickGap: 14, keysBelow: true, head: 44, gap: 12, axis: 40, row: 22, keyGap: 14},
}

// newCharts draws the series once for each layout; none when there is nothing to draw.
func newCharts(f Figures) (cs []chart) {
	if len(f.Series) == 0 {
		return nil
	}
	for _, l := range layouts {
		cs = append(cs, newChart(l, f))
	}
	return cs
}

func newPlotter(l layout, f Figures) plotter {
	return plotter{layout: l, steps: f.Series, from: f.Series[0].start, to: f.Series[len(f.Series)-1].end}
}

// plotter places times and shares.
type plotter struct {
	layout
	steps    []Step
	from, to time.Time
	top      float64 // of the plot
}

func newChart(l layout, f Figures) chart {
	p := newPlotter(l, f)
	c := chart{ID: l.id, W: px(l.width), Title: "Share of stance-taking posts that agree, by " + f.Filter.Step, Desc: describe(f)}
	var rows int
	c.Markers, rows, c.Numbered = p.markers(f.Events)
	p.top = 10 + float64(rows)*l.row
	for i := range c.Markers {
		c.Markers[i].place(p.top, l.row, p.top+l.plot)
	}
	c.Left, c.Right, c.Bottom = px(l.left), px(l.width-l.right), px(p.top+l.plot)
	for _, pc := range []int{25, 50, 75, 100} {
		c.Grid = append(c.Grid, gridLine{px(p.y(float64(pc) / 100)), strconv.Itoa(pc) + thin + "%"})
	}
	c.Dense = p.room() < 3
	p.curve(&c)
	c.Breaks, c.Outages, c.Xs = p.breaks(f.Events), p.outages(f.Gaps), p.xs()
	c.Strip = p.volumes(f.Filter.Step)
	c.Ticks = p.ticks()
	c.TickY = c.Strip.Bottom + px(l.font) + 6
	c.H = c.Strip.Bottom + px(l.axis)
	return c
}

func (p plotter) x(t time.Time) float64 {
	return p.left + (p.width-p.left-p.right)*float64(t.Sub(p.from))/float64(p.to.Sub(p.from))
}

func (p plotter) y(share float64) float64 { return p.top + p.plot*(1-share) }

// middle is where a step's dot stands.
func (p plotter) middle(s Step) float64 { return p.x(s.start.Add(s.end.Sub(s.start) / 2)) }

// curve draws band and line through the steps with enough posts, dashes between the runs of such steps, and a dot for
// every step with a share; where dots would merge into the line there are none on it.
func (p plotter) curve(c *chart) {
	var last *Step // of the run before
	for i := 0; i < len(p.steps); {
		run := solidRun(p.steps[i:])
		if len(run) == 0 {
			i++
			continue
		}
		if last != nil {
			c.Gaps = append(c.Gaps, p.path([]Step{*last, run[0]}, share))
		}
		p.run(c, run)
		last = &run[len(run)-1]
		i += len(run)
	}
	biggest := 1
	for _, s := range p.steps {
		biggest = max(biggest, s.N)
	}
	for _, s := range p.steps {
		if s.Defined() && (s.TooFew || p.room() >= 2) {
			c.Dots = append(c.Dots, p.dot(s, biggest))
		}
	}
	if last != nil {
		c.End = &endLabel{X: px(p.middle(*last) + p.maxDot + 5), Y: px(p.y(*last.Share.Share)), Share: last.Percent()}
	}
}

// MarkEnd is the foot of a tick.
func (c chart) MarkEnd() px { return c.Strip.Bottom + 5 }

// YearY is the line below a tick's label.
func (c chart) YearY() px { return c.TickY + 16 }

// solidRun is the longest beginning of steps that have enough posts for a line; empty when the first has not.
func solidRun(steps []Step) []Step {
	for i, s := range steps {
		if !s.Defined() || s.TooFew {
			return steps[:i]
		}
	}
	return steps
}

func (p plotter) run(c *chart, run []Step) {
	if len(run) == 1 {
		x := px(p.middle(run[0]))
		c.Whiskers = append(c.Whiskers, fmt.Sprintf("M%s %sV%s", x, px(p.y(*run[0].Low)), px(p.y(*run[0].High))))
		return
	}
	c.Lines = append(c.Lines, p.path(run, share))
	band := p.path(run, high)
	for i := len(run) - 1; i >= 0; i-- {
		band += fmt.Sprintf("L%s %s", px(p.middle(run[i])), px(p.y(*run[i].Low)))
	}
	c.Bands = append(c.Bands, band+"Z")
}

func share(s Step) float64 { return *s.Share.Share }
func high(s Step) float64  { return *s.High }

func (p plotter) path(steps []Step, value func(Step) float64) string {
	var b strings.Builder
	for i, s := range steps {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&b, "%s%s %s", command, px(p.middle(s)), px(p.y(value(s))))
	}
	return b.String()
}

// room is the width of a step.
func (p plotter) room() float64 { return (p.width - p.left - p.right) / float64(len(p.steps)) }

// dot has an area in proportion to n, within what the eye can tell and the width of a step allows.
func (p plotter) dot(s Step, biggest int) dot {
	most := math.Max(1.3, math.Min(p.maxDot, p.room()*0.75))
	r := math.Max(1.3, most*math.Sqrt(float64(s.N)/float64(biggest)))
	if s.TooFew {
		r = math.Max(r, 2) // a ring with less has no inside
	}
	d := dot{X: px(p.middle(s)), Y: px(p.y(*s.Share.Share)), R: px(r), Few: s.TooFew}
	if p.titles && p.room() >= minBar {
		d.Title = fmt.Sprintf("%s: %s of %s", s.When(), s.WithInterval(), s.Base())
	}
	return d
}

// When is the step's day or days in words.
func (s Step) When() string { return dateRange(s.start, s.end.Add(-time.Nanosecond)) }

// describe says what the chart shows, for those who do not see it.
func describe(f Figures) string {
	var lowest, highest, last *Step
	for i := range f.Series {
		s := &f.Series[i]
		if !s.Defined() || s.TooFew {
			continue
		}
		if lowest == nil || share(*s) < share(*lowest) {
			lowest = s
		}
		if highest == nil || share(*s) > share(*highest) {
			highest = s
		}
		last = s
	}
	if last == nil {
		return fmt.Sprintf("No %s in %s has the %d stance-taking posts a share needs.", f.Filter.Step, f.Period.Text, MinCell)
	}
	return fmt.Sprintf("From %s. Lowest %s (%s), highest %s (%s), last %s (%s). The table under the chart has every value.",
		f.Period.Text, lowest.Percent(), lowest.When(), highest.Percent(), highest.When(), last.WithInterval(), last.When())
}

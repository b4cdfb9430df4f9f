package web

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

type tick struct {
	X     px
	Label string
	Year  string // below the label, where the year begins
	Mark  bool   // draw a line at X
}

// scale is a distance between ticks.
type scale struct {
	days, months int
	format       string
	chars        int // of the longest label
}

var scales = []scale{
	{days: 1, format: "2 Jan", chars: 6}, {days: 2, format: "2 Jan", chars: 6}, {days: 7, format: "2 Jan", chars: 6},
	{days: 14, format: "2 Jan", chars: 6},
	{months: 1, format: "Jan", chars: 3}, {months: 3, format: "Jan", chars: 3},
	{months: 12, format: "2006", chars: 4}, {months: 60, format: "2006", chars: 4}, {months: 300, format: "2006", chars: 4},
}

// ticks are as close as their labels allow.
func (p plotter) ticks() (ts []tick) {
	days := p.to.Sub(p.from).Hours() / 24
	width := p.width - p.left - p.right
	for _, s := range scales {
		apart := width / days * (float64(s.days) + float64(s.months)*30.4)
		if apart < p.textWidth(s.chars)+p.tickGap {
			continue
		}
		year := 0
		for t := s.first(p.from); t.Before(p.to); t = s.next(t) {
			k := tick{X: px(p.x(t)), Label: t.Format(s.format), Mark: true}
			if s.days > 0 && p.steps[0].end.Sub(p.steps[0].start) <= 24*time.Hour {
				k.X, k.Mark = px(p.x(t.Add(12*time.Hour))), false // under the day's dot
			}
			if t.Year() != year && s.format != "2006" {
				year, k.Year = t.Year(), t.Format("2006")
			}
			ts = append(ts, k)
		}
		if len(ts) > 0 {
			return ts
		}
	}
	return ts
}

// first is the first tick from t on.
func (s scale) first(t time.Time) time.Time {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	if s.months == 0 {
		if s.days >= 7 { // weeks begin on Monday
			day = day.AddDate(0, 0, (8-int(day.Weekday()))%7)
		}
		return day
	}
	month := t.Year()*12 + int(t.Month()) - 1
	if day.Day() > 1 || t.After(day) {
		month++
	}
	month += (s.months - month%s.months) % s.months
	return time.Date(month/12, time.Month(month%12+1), 1, 0, 0, 0, 0, time.UTC)
}

func (s scale) next(t time.Time) time.Time { return t.AddDate(0, s.months, s.days) }

// textWidth estimates the width of a label on the generous side: the reader's font is not known.
func (p plotter) textWidth(chars int) float64 { return float64(chars) * p.font * 0.58 }

func (p plotter) widthOf(s string) float64 { return p.textWidth(utf8.RuneCountInString(s)) }

// volumes draws the posts of each step by stance, agree at the foot.
func (p plotter) volumes(step string) strip {
	top := p.top + p.plot + p.gap + p.head
	s := strip{Top: px(top), Bottom: px(top + p.strip), HeadY: px(p.top + p.plot + p.gap + p.font + 2)}
	most := 0
	for _, st := range p.steps {
		most = max(most, st.N+st.Discuss)
	}
	s.Head = fmt.Sprintf("On-topic posts a %s, at most %s", step, number(most))
	s.Keys = p.stripKeys(float64(s.HeadY), s.Head)
	if most == 0 {
		return s
	}
	unit := p.strip / float64(most)
	s.parts = p.stack(float64(s.Bottom), func(Step) float64 { return unit })
	return s
}

// parts are the areas of the stances, one path each: each stands on the foot and is covered by the next.
type parts struct {
	Discuss  string
	Hidden   string // steps whose stances are withheld
	Disagree string
	Agree    string
}

// stack draws the posts of each step by stance, agree at the foot; unit is the height of a post.
func (p plotter) stack(bottom float64, unit func(Step) float64) parts {
	known := func(n func(Step) int) func(Step) int {
		return func(s Step) int {
			if s.Agree == nil {
				return 0
			}
			return n(s)
		}
	}
	draw := func(n func(Step) int) string {
		return p.towers(bottom, func(s Step) float64 { return unit(s) * float64(n(s)) })
	}
	return parts{
		Discuss: draw(func(s Step) int {
			if s.Discuss == 0 {
				return 0
			}
			return s.N + s.Discuss
		}),
		Hidden:   draw(func(s Step) int { return s.N - known(func(s Step) int { return s.N })(s) }),
		Disagree: draw(known(func(s Step) int { return s.N })),
		Agree:    draw(known(func(s Step) int { return *s.Agree })),
	}
}

// minBar is how wide a step is from which on its bar stands apart from the next.
const minBar = 6

// towers is the outline of bars of the heights, as one path.
func (p plotter) towers(bottom float64, height func(Step) float64) string {
	var b strings.Builder
	foot, open := px(bottom), false
	for _, s := range p.steps {
		h, from, to := height(s), p.x(s.start), p.x(s.end)
		apart := to-from >= minBar
		if apart {
			to -= min(2, (to-from)/5)
		}
		if open && (apart || h <= 0) {
			fmt.Fprintf(&b, "V%s", foot)
			open = false
		}
		if h <= 0 {
			continue
		}
		if !open {
			fmt.Fprintf(&b, "M%s %s", px(from), foot)
			open = true
		}
		fmt.Fprintf(&b, "V%sH%s", px(bottom-h), px(to))
	}
	if open {
		fmt.Fprintf(&b, "V%s", foot)
	}
	return b.String()
}

// stripKeys stand behind the strip's head or, where there is no room, below it.
func (p plotter) stripKeys(y float64, head string) (keys []stripKey) {
	x := p.left + p.widthOf(head) + p.keyGap
	if p.keysBelow {
		x, y = p.left, y+p.font+8
	}
	for _, name := range []string{"agree", "disagree", "discuss"} {
		keys = append(keys, stripKey{X: px(x), Y: px(y - 9), TextX: px(x + 15), TextY: px(y), Class: name, Name: name})
		x += 15 + p.widthOf(name) + p.keyGap
	}
	return keys
}

package web

import "strconv"

// marker is an event on a chart: a dotted line with its title, or with a number where titles do not fit.
type marker struct {
	X, Top, Bottom px // the line
	LabelX, LabelY px
	Anchor         string // "start" or "end"
	Label          string
	Source         string
	Title          string // date and title, for a mouse
	Width          px     // of a number's box

	row      int
	from, to float64 // what the label covers
}

// place gives the marker its heights, known once the number of rows is.
func (m *marker) place(plotTop, row float64, bottom float64) {
	base := plotTop - 4 - float64(m.row)*row
	m.LabelY, m.Top, m.Bottom = px(base-5), px(base-row+6), px(bottom)
	if m.Source == "" {
		m.Top = px(base) // below the boxes
	}
}

// markers puts titles in rows above the plot so that no title meets another or the line of another; where that takes more
// rows than there are, it numbers the events.
func (p plotter) markers(events []EventChange) (ms []marker, rows int, numbered bool) {
	if len(events) == 0 {
		return nil, 0, false
	}
	if ms, ok := p.stagger(events); ok {
		for _, m := range ms {
			rows = max(rows, m.row+1)
		}
		return ms, rows, false
	}
	return p.number(events), 1, true
}

// stagger goes from the last event to the first: a title extends to the right, over the lines that are already placed.
func (p plotter) stagger(events []EventChange) ([]marker, bool) {
	ms := make([]marker, len(events))
	for i := len(events) - 1; i >= 0; i-- {
		m, ok := p.fit(events[i], ms[i+1:])
		if !ok {
			return nil, false
		}
		ms[i] = m
	}
	return ms, true
}

// fit finds the lowest row that is free right of the line, or else left of it: titles all on one side read as a list.
func (p plotter) fit(e EventChange, placed []marker) (marker, bool) {
	x, w := p.x(e.day), p.widthOf(e.Title)
	right := marker{from: x, to: x + 5 + w, LabelX: px(x + 5), Anchor: "start"}
	left := marker{from: x - 5 - w, to: x, LabelX: px(x - 5), Anchor: "end"}
	for _, m := range []marker{right, left} {
		for row := range p.eventRows {
			m.X, m.row, m.Label, m.Source, m.Title = px(x), row, e.Title, e.Source, e.When()+": "+e.Title
			if m.from >= 0 && m.to <= p.width && m.free(placed) {
				return m, true
			}
		}
	}
	return marker{}, false
}

// free reports whether the label meets none of the others, nor a line of theirs, nor its line a label of theirs.
func (m marker) free(others []marker) bool {
	const gap = 10
	for _, o := range others {
		switch {
		case m.row == o.row && m.from < o.to+gap && o.from < m.to+gap:
			return false
		case m.row > o.row && float64(m.X) > o.from-gap && float64(m.X) < o.to+gap:
			return false
		case m.row < o.row && float64(o.X) > m.from-gap && float64(o.X) < m.to+gap:
			return false
		}
	}
	return true
}

// number gives each event its place in the list, and one box to those that stand too close for two. A box keeps its left
// edge when it grows, away from the box before.
func (p plotter) number(events []EventChange) (ms []marker) {
	const gap, inside = 3, 5
	box, first, end := -1, 0, 0.0 // index of the last box, number of its first event, its right edge
	for i, e := range events {
		x, title := p.x(e.day), e.When()+": "+e.Title
		m := marker{X: px(x)}
		if box >= 0 && x < end+gap+inside {
			ms = append(ms, m) // a line that shares the box
			ms[box].Title += "; " + title
			p.box(&ms[box], strconv.Itoa(first)+"–"+strconv.Itoa(i+1), x)
			end = ms[box].to
			continue
		}
		first, box = i+1, len(ms)
		m.Title = title
		m.from = max(x-(p.widthOf(strconv.Itoa(first))+10)/2, end+gap)
		p.box(&m, strconv.Itoa(first), x)
		ms, end = append(ms, m), m.to
	}
	return ms
}

// box puts a label of digits into its box, which reaches over the line at x.
func (p plotter) box(m *marker, label string, x float64) {
	w := max(p.widthOf(label)+10, x-m.from+5)
	m.Label, m.Width, m.from = label, px(w), min(m.from, p.width-w)
	m.to, m.LabelX = m.from+w, px(m.from+w/2)
}

// BoxX and BoxY are the corner of a number's box.
func (m marker) BoxX() px { return px(m.from) }

// BoxY is explained at BoxX.
func (m marker) BoxY() px { return m.LabelY - 13 }

// When is the event's day in words.
func (e EventChange) When() string { return date(e.day) }

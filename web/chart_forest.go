package web

import "strconv"

// forest is a chart of shares with their intervals, one a row, as meta-analyses draw them.
type forest struct {
	ID, Title, Desc string
	W, H            px
	Left, Right     px // of the scale
	Top, Bottom     px
	Grid            []gridLine
	TickY           px
	Rows            []forestRow
}

type forestRow struct {
	Y, TextY, ValueX px
	Name, Value      string
	Shown            bool // there is a share
	X, Low, High     px
}

// ForestRow is one row for [CompareDrawing].
type ForestRow struct {
	Name  string
	Share Share
}

const (
	forestWidth = 1040
	forestLeft  = 330
	forestRight = 720
	forestTop   = 28
	forestStep  = 30
)

// newForest draws shares on a scale from 0 to 100 %.
func newForest(id, title, desc string, rows []ForestRow) forest {
	f := forest{ID: id, Title: title, Desc: desc, W: forestWidth, Left: forestLeft, Right: forestRight, Top: forestTop}
	x := func(p float64) px { return px(forestLeft + (forestRight-forestLeft)*p) }
	for i, r := range rows {
		y := px(forestTop + forestStep/2 + i*forestStep)
		row := forestRow{Y: y, TextY: y + 5, Name: r.Name, ValueX: forestRight + 24, Value: r.Share.WithInterval() + ", " + r.Share.Base()}
		if r.Share.Defined() {
			row.Shown, row.X, row.Low, row.High = true, x(*r.Share.Share), x(*r.Share.Low), x(*r.Share.High)
		} else if r.Share.TooFew {
			row.Value = "too few: " + r.Share.Base()
		}
		f.Rows = append(f.Rows, row)
	}
	f.Bottom = px(forestTop + len(rows)*forestStep)
	f.TickY, f.H = forestTop-10, f.Bottom+14
	for _, pc := range []int{0, 25, 50, 75, 100} {
		f.Grid = append(f.Grid, gridLine{x(float64(pc) / 100), strconv.Itoa(pc) + thin + "%"})
	}
	return f
}

func robustnessForest(f Figures) forest {
	var rows []ForestRow
	for _, r := range f.Robustness {
		rows = append(rows, ForestRow{r.Name, r.Share})
	}
	return newForest("robustness", "The same share under other rules, "+f.Period.Text, "Each row is the share of stance-taking posts that agree, with its 95 % interval.", rows)
}

func eventForest(f Figures) forest {
	var rows []ForestRow
	for _, e := range f.Events {
		if e.Before != nil && e.After != nil {
			rows = append(rows, ForestRow{brief(e.Title, 28) + ", " + e.When() + ": before", *e.Before}, ForestRow{"… and after", *e.After})
		}
	}
	return newForest("before-and-after", "The seven days before each event and the seven from its day on", "Each row is the share of stance-taking posts that agree, with its 95 % interval.", rows)
}

// CompareDrawing draws two or more shares under each other.
func CompareDrawing(title, desc string, rows []ForestRow) (Drawing, error) {
	return draw("comparison", title, "forest", newForest("comparison", title, desc, rows))
}

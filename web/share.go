package web

import (
	"math"

	"stallwatch/classify/prevalence"
	"stallwatch/store"
)

// MinCell is the fewest posts a share is given for; fewer are "too few". The number serves the privacy of authors as much
// as precision.
const MinCell = 20

// How the interval of a share was made.
const (
	methodClustered = "clustered by author"
	methodVoice     = "one author, one voice"
	methodWilson    = "Wilson, uncorrected"
)

// Share is a share in [0, 1] with its 95 % interval. Share, Low and High are nil together: when there is nothing to
// divide by, or when TooFew.
type Share struct {
	Share   *float64 `json:"share"`
	Low     *float64 `json:"low"`
	High    *float64 `json:"high"`
	N       int      `json:"n"`    // what Unit says
	Unit    string   `json:"unit"` // "posts" or "authors"
	Authors *int     `json:"authors"`
	Method  string   `json:"method"`
	TooFew  bool     `json:"too_few"` // fewer than MinCell
}

// newShare hides nothing: TooFew says only that the posts are few. See [Share.hideFew].
func newShare(e prevalence.Estimate, method string) Share {
	s := Share{N: e.N, Unit: "posts", Method: method, TooFew: e.N > 0 && e.N < MinCell}
	if e.Clusters > 0 {
		s.Authors = &e.Clusters
	}
	if method == methodVoice {
		s.Unit = "authors"
	}
	if e.Defined {
		s.Share, s.Low, s.High = round4(e.P), round4(e.Lo), round4(e.Hi)
	}
	return s
}

func (s Share) hideFew() Share {
	if s.TooFew {
		s.Share, s.Low, s.High = nil, nil, nil
	}
	return s
}

// Defined reports whether there is a share to show.
func (s Share) Defined() bool { return s.Share != nil }

func clustered(c store.Cell) prevalence.Estimate {
	return prevalence.Clustered(c.Agree, c.StanceTaking(), c.Sums)
}

func clusteredShare(c store.Cell) Share { return newShare(clustered(c), methodClustered).hideFew() }

// ShareOf is the headline's share of a cell, with the interval that allows for authors.
func ShareOf(c store.Cell) Share { return clusteredShare(c) }

// ChangeOf is a difference as every view gives it.
func ChangeOf(c prevalence.Change) *Change { return asChange(c) }

// Change is the difference of two shares, in [-1, 1], with its 95 % interval.
type Change struct {
	Diff      float64 `json:"diff"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Direction string  `json:"direction"` // "up", "down" or "no clear change"
}

// newChange is nil unless both cells have the posts for a share.
func newChange(before, after store.Cell) *Change {
	if before.StanceTaking() < MinCell || after.StanceTaking() < MinCell {
		return nil
	}
	return asChange(prevalence.Difference(clustered(before), clustered(after)))
}

func asChange(c prevalence.Change) *Change {
	return &Change{Diff: *round4(c.Diff), Low: *round4(c.Lo), High: *round4(c.Hi), Direction: c.Direction()}
}

// Clear reports whether the interval excludes no change.
func (c *Change) Clear() bool { return c != nil && (c.Direction == "up" || c.Direction == "down") }

// round4 rounds to the four decimals that all views share. Negative zero is made 0, or CSV would print "-0".
func round4(x float64) *float64 {
	x = math.Round(x*1e4)/1e4 + 0
	return &x
}

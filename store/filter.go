package store

import (
	"slices"
	"time"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/collector"
)

// Filter chooses posts. A zero field chooses all.
type Filter struct {
	Since, Until time.Time // UTC; Until is exclusive. Summary counts by whole hours: both are taken down to the hour
	Platforms    []string
	Langs        []string
	Kinds        []collector.Kind
	Step         Step // width of the series; zero is Day

	CountsOnly bool // Summary leaves out the sums over authors and is faster for it; shares then have no interval

	// The rest is for Posts and Each alone; Summary counts by stance anyway.
	Stances    []classify.Stance // none of them includes posts whose verdict abstains
	Abstained  bool              // posts whose verdict abstains; with Stances: these as well
	MinP, MaxP float64           // of the stance's probability, both inclusive; MaxP 0 is 1
	Text       string            // occurs in the post's text, in upper or lower case
	Cluster    string            // near-duplicates of each other: a Record.Cluster
}

// Step is the width of one point of a series, in UTC.
type Step string

// The steps. Weeks begin on Monday.
const (
	Hour  Step = "hour"
	Day   Step = "day"
	Week  Step = "week"
	Month Step = "month"
)

// Cell counts a group of posts by their verdict on one thesis.
type Cell struct {
	Agree        int `json:"agree"`
	Disagree     int `json:"disagree"`
	Discuss      int `json:"discuss"`
	Unrelated    int `json:"unrelated"`
	Unclassified int `json:"unclassified"`
	// Sums are over the authors of stance-taking posts, a post counting as a success when it agrees. A post of unknown
	// author is an author of its own.
	Sums prevalence.Sums `json:"-"`
}

// StanceTaking counts the posts that take a side.
func (c Cell) StanceTaking() int { return c.Agree + c.Disagree }

// OnTopic counts the posts that are about the thesis.
func (c Cell) OnTopic() int { return c.Agree + c.Disagree + c.Discuss }

// Total counts all posts, classified or not.
func (c Cell) Total() int { return c.OnTopic() + c.Unrelated + c.Unclassified }

// Point is one step of a series.
type Point struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Cell  Cell      `json:"cell"`
	// Models are those that judged the posts, sorted; not to be changed, points may share them.
	Models []string `json:"models,omitempty"`
}

// Group is the cell of one value of a dimension.
type Group struct {
	Name string `json:"name"`
	Cell Cell   `json:"cell"`
}

// Summary is what the store counts under one thesis and filter. It holds counts only: shares and intervals are made of
// them by package prevalence. The unit is the post with text of its own (original, reply, quote); reposts stand apart.
type Summary struct {
	Thesis       string          `json:"thesis"`
	Filter       Filter          `json:"filter"`
	First        time.Time       `json:"first"` // days of the earliest and latest post, zero when there is none
	Last         time.Time       `json:"last"`
	Posts        Cell            `json:"posts"`
	Reposts      Cell            `json:"reposts"`
	WithReposts  Cell            `json:"with_reposts"`
	Collapsed    Cell            `json:"collapsed"` // posts, of near-duplicates only the first that was stored
	OnTopic      prevalence.Sums `json:"-"`         // over the authors of on-topic Posts, of whose posts those that agree are the successes
	Series       []Point         `json:"series"`    // every step from First to Last, empty ones included; see maxPoints
	Platforms    []Group         `json:"platforms"`
	Langs        []Group         `json:"langs"`
	Kinds        []Group         `json:"kinds"`
	Unclassified map[string]int  `json:"unclassified"` // by reason
	Models       []string        `json:"models"`
}

// match reports whether the filter chooses posts with these properties; time is the caller's matter.
func (f *Filter) match(platform, kind, lang string) bool {
	return (len(f.Platforms) == 0 || slices.Contains(f.Platforms, platform)) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, collector.Kind(kind))) &&
		(len(f.Langs) == 0 || slices.Contains(f.Langs, lang))
}

// matchVerdict reports whether the filter chooses posts of this verdict.
func (f *Filter) matchVerdict(s classify.Stance, abstained bool, p float64) bool {
	return f.matchStance(s, abstained) && p >= f.MinP && (f.MaxP == 0 || p <= f.MaxP)
}

func (f *Filter) matchStance(s classify.Stance, abstained bool) bool {
	switch {
	case len(f.Stances) == 0 && !f.Abstained:
		return true
	case abstained:
		return f.Abstained
	}
	return slices.Contains(f.Stances, s)
}

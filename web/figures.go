package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/collector"
	"stallwatch/store"
)

// caveat stands beside every headline.
const caveat = "Posts matching our query, not public opinion."

// Figures are all that is published about one thesis under one filter.
type Figures struct {
	Thesis        ThesisInfo    `json:"thesis"`
	Filter        Filter        `json:"filter"`
	Period        Period        `json:"period"`
	Synthetic     bool          `json:"synthetic"`
	LastUpdated   *time.Time    `json:"last_updated"`
	Headline      Headline      `json:"headline"`
	Change        *PeriodChange `json:"change"` // against the period of the same length before; null where there is none
	OnTopic       Share         `json:"on_topic"`
	Robustness    []Labelled    `json:"robustness"`
	Counts        Counts        `json:"counts"`
	Reposts       Counts        `json:"reposts"`
	NotClassified []Reason      `json:"not_classified"`
	Series        []Step        `json:"series"`
	Events        []EventChange `json:"events"`
	Platforms     []Group       `json:"platforms"`
	Langs         []Group       `json:"languages"`
	Kinds         []Group       `json:"kinds"`
	Posts         []TypicalPost `json:"typical_posts"`
	PostsRule     string        `json:"typical_posts_rule"`
	Model         *ModelCard    `json:"model"`
	Models        []string      `json:"models"` // that judged the posts counted
	Gaps          []Gap         `json:"gaps"`
	Coverage      []Coverage    `json:"coverage"` // by source, of those whose platform counts
	NextRun       *time.Time    `json:"next_run"` // of the collection; null when none is planned
	Ledger        []store.Entry `json:"ledger"`

	choices Choices
}

// ThesisInfo says what the posts are judged on.
type ThesisInfo struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Claim string `json:"claim"`
	Say   string `json:"say"` // completes "… of stance-taking posts we collected"
}

// Filter is a store.Filter as the page's address writes it: the last day is included, empty means all.
type Filter struct {
	Since     string   `json:"since"`
	Until     string   `json:"until"`
	Step      string   `json:"step"`
	Platforms []string `json:"platforms"`
	Langs     []string `json:"languages"`
	Kinds     []string `json:"kinds"`
}

// Headline is the share of stance-taking posts that agree, and the sentence that says so.
type Headline struct {
	Share
	Sentence string `json:"sentence"`
	Caveat   string `json:"caveat"`
}

// PeriodChange is the headline's change against the period before.
type PeriodChange struct {
	From string `json:"from"` // the period compared with
	To   string `json:"to"`
	Change
	Sentence string `json:"sentence"`
}

// Labelled is the headline's share under another rule.
type Labelled struct {
	Name string `json:"name"`
	Share
}

// Counts are numbers of posts by verdict.
type Counts struct {
	Posts        int `json:"posts"`
	StanceTaking int `json:"stance_taking"`
	OnTopic      int `json:"on_topic"`
	Agree        int `json:"agree"`
	Disagree     int `json:"disagree"`
	Discuss      int `json:"discuss"`
	Unrelated    int `json:"unrelated"`
	Unclassified int `json:"not_classified"`
}

// Reason counts posts that were not classified, by why.
type Reason struct {
	Reason string `json:"reason"`
	Posts  int    `json:"posts"`
}

// Step is one step of the series. Its share is given even where TooFew, except on public pages, where the counts it could
// be made of are null as well.
type Step struct {
	From string `json:"from"`
	To   string `json:"to"`
	Share
	Agree    *int `json:"agree"`
	Disagree *int `json:"disagree"`
	Discuss  int  `json:"discuss"`
	// Models are those that judged the step's posts, sorted; where they differ from those of the step before, the
	// chart has a break.
	Models []string `json:"models,omitempty"`

	start, end time.Time
	estimate   prevalence.Estimate // before rounding
}

// EventChange compares the week before an event's day with the week from that day on. Before, After and Change are null
// when the weeks were not counted, Change also when a side has too few posts.
type EventChange struct {
	Date        string  `json:"date"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Source      string  `json:"source"`
	Publisher   string  `json:"publisher"`
	Before      *Share  `json:"before"`
	After       *Share  `json:"after"`
	Change      *Change `json:"change"`
	// Also are the titles of other events in the same two weeks, which the change may be owed to as well.
	Also []string `json:"also"`

	day time.Time
}

// LastEvent is the latest event with posts to compare on both sides; nil when there is none.
func (f Figures) LastEvent() *EventChange {
	for i := range slices.Backward(f.Events) {
		if f.Events[i].Change != nil {
			return &f.Events[i]
		}
	}
	return nil
}

// Group is one value of a dimension.
type Group struct {
	Name   string `json:"name"`
	TooFew bool   `json:"too_few"`
	Share  *Share `json:"estimate"` // null when TooFew, the count with it
}

// NewFigures makes the figures of a summary. The headline is over the whole filtered period.
func NewFigures(s store.Summary, t *classify.Thesis, in Inputs) Figures {
	f := Figures{
		Thesis:        ThesisInfo{t.ID, t.Title, t.Claim, t.Wording.Say},
		Filter:        newFilter(s.Filter),
		Period:        periodOf(s),
		Synthetic:     in.Synthetic,
		OnTopic:       newShare(onTopic(s), methodClustered).hideFew(),
		Robustness:    robustness(s),
		Counts:        counts(s.Posts),
		Reposts:       counts(s.Reposts),
		NotClassified: reasons(s.Unclassified),
		Series:        series(s.Series),
		Platforms:     groups(s.Platforms),
		Langs:         groups(s.Langs),
		Kinds:         groups(s.Kinds),
		Posts:         orEmpty(in.Posts),
		PostsRule:     in.PostsRule,
		Model:         in.Model,
		Models:        orEmpty(s.Models),
		Gaps:          orEmpty(in.Gaps),
		Coverage:      orEmpty(in.Coverage),
		Ledger:        orEmpty(in.Ledger),
		choices:       choices(s, in.Choices),
	}
	if !in.LastUpdated.IsZero() {
		u := in.LastUpdated.UTC()
		f.LastUpdated = &u
	}
	if !in.NextRun.IsZero() {
		n := in.NextRun.UTC()
		f.NextRun = &n
	}
	f.Headline = headline(s, t)
	f.Change = periodChange(s, in.Previous)
	f.Events = eventChanges(t.Events, f.Period, in.Windows)
	return f
}

func newFilter(f store.Filter) Filter {
	v := Filter{Step: string(f.Step), Platforms: orEmpty(f.Platforms), Langs: orEmpty(f.Langs), Kinds: []string{}}
	if v.Step == "" {
		v.Step = string(store.Day)
	}
	if !f.Since.IsZero() {
		v.Since = f.Since.UTC().Format(time.DateOnly)
	}
	if !f.Until.IsZero() {
		v.Until = lastDay(f.Until)
	}
	for _, k := range f.Kinds {
		v.Kinds = append(v.Kinds, string(k))
	}
	return v
}

func headline(s store.Summary, t *classify.Thesis) Headline {
	h := Headline{Share: clusteredShare(s.Posts), Caveat: caveat}
	switch {
	case h.Defined():
		h.Sentence = h.Percent() + " of stance-taking posts we collected " + t.Wording.Say
	case h.TooFew:
		h.Sentence = "Too few posts take a side to give a share: " + number(h.N) + " of the " + number(MinCell) + " it needs"
	default:
		h.Sentence = "No post takes a side"
	}
	return h
}

func robustness(s store.Summary) []Labelled {
	voice := newShare(oneVoice(s.Posts), methodVoice)
	return []Labelled{
		{"Headline", clusteredShare(s.Posts)},
		{"With reposts", clusteredShare(s.WithReposts)},
		{"One author, one voice", voice.hideFew()},
		{"Near-duplicates counted once", clusteredShare(s.Collapsed)},
		{"Uncorrected", newShare(wilson(s.Posts), methodWilson).hideFew()},
	}
}

func counts(c store.Cell) Counts {
	return Counts{
		Posts: c.Total(), StanceTaking: c.StanceTaking(), OnTopic: c.OnTopic(),
		Agree: c.Agree, Disagree: c.Disagree, Discuss: c.Discuss, Unrelated: c.Unrelated, Unclassified: c.Unclassified,
	}
}

// reasons are in order of number, then name.
func reasons(byReason map[string]int) []Reason {
	rs := []Reason{}
	for _, name := range slices.Sorted(maps.Keys(byReason)) {
		rs = append(rs, Reason{name, byReason[name]})
	}
	slices.SortStableFunc(rs, func(a, b Reason) int { return b.Posts - a.Posts })
	return rs
}

func series(points []store.Point) []Step {
	steps := make([]Step, 0, len(points))
	for _, p := range points {
		e := clustered(p.Cell)
		steps = append(steps, Step{
			From: p.Start.UTC().Format(time.DateOnly), To: lastDay(p.End), start: p.Start.UTC(), end: p.End.UTC(),
			Share: newShare(e, methodClustered), estimate: e,
			Models: p.Models,
			Agree:  &p.Cell.Agree, Disagree: &p.Cell.Disagree, Discuss: p.Cell.Discuss,
		})
	}
	return steps
}

// groups are in order of size, those of too few last and by name, so that the order does not tell their counts.
func groups(gs []store.Group) []Group {
	gs = slices.Clone(gs)
	size := func(g store.Group) int {
		if n := g.Cell.StanceTaking(); n >= MinCell {
			return n
		}
		return 0
	}
	slices.SortStableFunc(gs, func(a, b store.Group) int {
		if d := size(b) - size(a); d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
	out := make([]Group, 0, len(gs))
	for _, g := range gs {
		s := clusteredShare(g.Cell)
		if g.Cell.StanceTaking() < MinCell {
			out = append(out, Group{Name: g.Name, TooFew: true})
			continue
		}
		out = append(out, Group{Name: g.Name, Share: &s})
	}
	return out
}

// choices join what the summary has, what the filter asks for and what the caller knows of, as far as an address can ask
// for it: a value that is empty or no name cannot be asked for.
func choices(s store.Summary, c Choices) Choices {
	names := func(allowed *regexp.Regexp, gs []store.Group, more ...[]string) []string {
		all := slices.Concat(more...)
		for _, g := range gs {
			all = append(all, g.Name)
		}
		slices.Sort(all)
		all = slices.DeleteFunc(all, func(v string) bool { return !allowed.MatchString(v) })
		return slices.Compact(all)
	}
	return Choices{
		Platforms: names(platformPattern, s.Platforms, c.Platforms, s.Filter.Platforms),
		Langs:     names(langPattern, s.Langs, c.Langs, s.Filter.Langs),
	}
}

// Kinds a filter can choose, in the order the page offers them.
var kinds = []collector.Kind{collector.Original, collector.Reply, collector.Quote}

// orEmpty makes JSON write [] where there is nothing.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

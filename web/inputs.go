package web

import (
	"slices"
	"time"

	"stallwatch/classify"
	"stallwatch/store"
)

// Inputs are what figures show beside the counts of a summary. A zero field is shown as missing.
type Inputs struct {
	Posts       []TypicalPost
	PostsRule   string        // how Posts were chosen, a sentence
	Ledger      []store.Entry // newest first
	Model       *ModelCard
	Synthetic   bool // some posts were written for a demonstration
	LastUpdated time.Time
	NextRun     time.Time   // of the collection
	Gaps        []Gap       // of the collection, in the summary's period
	Coverage    []Coverage  // of the collection, by source
	Windows     []Window    // from [EventWindows], counted
	Previous    *store.Cell // counts of the posts of [PreviousPeriod]
	Choices     Choices
}

// Coverage is how many of the posts that a platform counted under a query a source delivered, over the hours between From
// and To (exclusive) for which both are known.
type Coverage struct {
	Source    string    `json:"source"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Hours     int       `json:"hours"`
	Counted   int64     `json:"counted"`
	Delivered int64     `json:"delivered"`
}

// Percent is the part delivered, which is over 100 where posts were counted late.
func (c Coverage) Percent() string { return percentOf(float64(c.Delivered) / float64(c.Counted)) }

// When are the days in words.
func (c Coverage) When() string { return dateRange(c.From.UTC(), c.To.UTC().Add(-time.Nanosecond)) }

// Posts is the number counted.
func (c Coverage) Posts() string { return number(int(c.Counted)) }

// TypicalPost is a post that stands for those of its stance.
type TypicalPost struct {
	Stance    classify.Stance `json:"stance"`
	Text      string          `json:"text,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
	Permalink string          `json:"permalink,omitempty"`
	Platform  string          `json:"platform"`
	P         float64         `json:"p"` // probability of the stance
	Spans     []Span          `json:"spans,omitempty"`
	Hard      bool            `json:"hard,omitempty"`      // one the classifier was unsure of, not one that is typical
	Synthetic bool            `json:"synthetic,omitempty"` // written for a demonstration, by nobody: public pages may quote it
}

// Span is the range of bytes [Start, End) of a post's text that holds evidence: a word, or in a long post a few.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Evidence is what is known of the words that carried a verdict.
type Evidence struct {
	Spans      []Span // none overlap; empty where no word alone carried it
	Sought     bool   // they are being looked for
	OtherModel bool   // another model judged than the one that could tell
}

// EvidenceNote says what is marked in posts of which this is known.
func EvidenceNote(known []Evidence) string {
	note := "Underlined are the words that carried the verdict: those without which the classifier would be least sure of it."
	if slices.ContainsFunc(known, func(e Evidence) bool { return e.Sought }) {
		note += " Some are still being looked for and appear when they are found."
	}
	if slices.ContainsFunc(known, func(e Evidence) bool { return e.OtherModel }) {
		note += " Posts that another model judged have none until they are judged anew (stallwatch reclassify)."
	}
	return note
}

// ModelCard says which model judged and how well it did on posts it had not seen.
type ModelCard struct {
	ModelID     string  `json:"model_id"`
	MacroF1     float64 `json:"macro_f1"`
	EvaluatedOn string  `json:"evaluated_on"` // what the posts were, to follow "on"
	N           int     `json:"n"`
}

// Choices are the values that the page's filters offer. Those of the summary are offered in any case.
type Choices struct {
	Platforms []string `json:"-"`
	Langs     []string `json:"-"`
}

// Window is an event with the week before its day and the week from its day on. The ends are exclusive.
type Window struct {
	Event                   classify.Event
	Since, Middle, Until    time.Time
	BeforeCount, AfterCount store.Cell // to be counted by the caller over [Since, Middle) and [Middle, Until)
}

// windowDays is the length of each side of an event.
const windowDays = 7

// EventWindows lists what has to be counted around the events in the summary's period. The weeks are whole even where
// they reach out of the period: half a week compared with a whole one is no comparison. They cannot be added up from
// the series, whose daily sums take an author who posts on two days for two.
func EventWindows(s store.Summary, t *classify.Thesis) (ws []Window) {
	for _, e := range eventsWithin(t.Events, periodOf(s)) {
		ws = append(ws, Window{Event: e, Since: e.Date.AddDate(0, 0, -windowDays), Middle: e.Date, Until: e.Date.AddDate(0, 0, windowDays)})
	}
	return ws
}

// PreviousPeriod is the period of the same length before the filter's, with an exclusive end. ok is false when the filter
// has no beginning, so that nothing comes before.
func PreviousPeriod(s store.Summary) (since, until time.Time, ok bool) {
	p := periodOf(s)
	if s.Filter.Since.IsZero() || p.Empty() {
		return since, until, false
	}
	return p.since.Add(-p.until.Sub(p.since)), p.since, true
}

func eventsWithin(events []classify.Event, p Period) (in []classify.Event) {
	for _, e := range events {
		if !p.Empty() && !e.Date.Before(p.since) && e.Date.Before(p.until) {
			in = append(in, e)
		}
	}
	return in
}

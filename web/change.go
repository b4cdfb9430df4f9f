package web

import (
	"time"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/store"
)

// onTopic is agree as a share of on-topic posts.
func onTopic(s store.Summary) prevalence.Estimate {
	return prevalence.Clustered(s.Posts.Agree, s.Posts.OnTopic(), s.OnTopic)
}

func wilson(c store.Cell) prevalence.Estimate { return prevalence.Wilson(c.Agree, c.StanceTaking()) }

func oneVoice(c store.Cell) prevalence.Estimate { return prevalence.OneVoice(c.Sums) }

func periodChange(s store.Summary, previous *store.Cell) *PeriodChange {
	since, until, ok := PreviousPeriod(s)
	if !ok || previous == nil {
		return nil
	}
	c := newChange(*previous, s.Posts)
	if c == nil {
		return nil
	}
	days := int(until.Sub(since).Hours()+12) / 24
	return &PeriodChange{
		From: since.Format(time.DateOnly), To: lastDay(until),
		Change: *c, Sentence: c.Sentence() + " against the " + plural(days, "day", "days") + "\u00a0before",
	}
}

func eventChanges(events []classify.Event, p Period, windows []Window) []EventChange {
	out := []EventChange{}
	for _, e := range eventsWithin(events, p) {
		ec := EventChange{
			Date: e.Date.Format(time.DateOnly), Title: e.Title, Description: e.Description, Source: e.Source, Publisher: e.Publisher,
			Also: []string{}, day: e.Date,
		}
		for _, w := range windows {
			if w.Event.Title == e.Title && w.Event.Date.Equal(e.Date) {
				before, after := clusteredShare(w.BeforeCount), clusteredShare(w.AfterCount)
				ec.Before, ec.After, ec.Change = &before, &after, newChange(w.BeforeCount, w.AfterCount)
			}
		}
		for _, other := range events {
			apart := other.Date.Sub(e.Date).Abs()
			if other.Title != e.Title && apart < windowDays*24*time.Hour {
				ec.Also = append(ec.Also, other.Title)
			}
		}
		out = append(out, ec)
	}
	return out
}

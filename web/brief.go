package web

import (
	"slices"
	"strings"
	"unicode"
)

// Names, titles and notes come from files of strangers: a page gives each the room that an honest one needs, in characters.
const (
	roomName  = 60  // of a model, a platform, a reason
	roomTitle = 140 // of a thesis, an event
	roomNote  = 300
)

// maxMarks is how many combining marks a character keeps; no script of today stacks more.
const maxMarks = 4

// brief is s on one line, without what turns the direction of the text around it and without towers of marks, cut after n
// characters.
func brief(s string, n int) string {
	var b strings.Builder
	kept, marks, blank := 0, 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			blank = b.Len() > 0
			continue
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if kept >= n {
			return b.String() + "…"
		}
		if blank {
			b.WriteByte(' ')
			blank = false
			kept++
		}
		b.WriteRune(r)
		kept++
	}
	return b.String()
}

// brief are the figures as a page shows them: every name and title cut to the room it has. Numbers stay as they are;
// downloads have the whole words.
func (f Figures) brief() Figures {
	f.Thesis.Title, f.Thesis.Say = brief(f.Thesis.Title, roomTitle), brief(f.Thesis.Say, roomTitle)
	f.PostsRule = brief(f.PostsRule, 2*roomNote)
	f.Models = briefAll(f.Models)
	f.NotClassified = each(f.NotClassified, func(r *Reason) { r.Reason = brief(r.Reason, roomName) })
	f.Gaps = each(f.Gaps, func(g *Gap) { g.Reason, g.Source = brief(g.Reason, roomTitle), brief(g.Source, roomName) })
	f.Coverage = each(f.Coverage, func(c *Coverage) { c.Source = brief(c.Source, roomName) })
	f.Events = each(f.Events, func(e *EventChange) { e.Title, e.Also = brief(e.Title, roomTitle), briefAll(e.Also) })
	f.Series = each(f.Series, func(s *Step) { s.Models = briefAll(s.Models) })
	f.Posts = each(f.Posts, func(p *TypicalPost) { p.Platform = brief(p.Platform, roomName) })
	for _, groups := range []*[]Group{&f.Platforms, &f.Langs, &f.Kinds} {
		*groups = each(*groups, func(g *Group) { g.Name = brief(g.Name, roomName) })
	}
	if f.Model != nil {
		m := *f.Model
		m.ModelID, m.EvaluatedOn = brief(m.ModelID, roomName), brief(m.EvaluatedOn, roomTitle)
		f.Model = &m
	}
	return f
}

// each is a copy of a list with every element changed: the figures may be shared.
func each[T any](list []T, change func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		change(&list[i])
	}
	return list
}

func briefAll(names []string) []string {
	return each(names, func(s *string) { *s = brief(*s, roomName) })
}

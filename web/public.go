package web

import (
	"path/filepath"
	"slices"
	"strings"
)

// Public are the figures as a public page shows them: without verbatim posts, shares of few and paths of files.
func (f Figures) Public() Figures { return f.public() }

// public leaves out what a page for others must not show: verbatim posts, shares of few, paths of files, errors. That some posts
// of a store are synthetic does not free the rest: a post says so itself.
func (f Figures) public() Figures {
	f.Ledger = slices.Clone(f.Ledger)
	for i := range f.Ledger {
		f.Ledger[i].Source = filepath.Base(f.Ledger[i].Source)
	}
	// What follows the colon is an error of the operator's network or account.
	f.Gaps = each(f.Gaps, func(g *Gap) { g.Reason, _, _ = strings.Cut(g.Reason, ":") })
	f.Posts = slices.Clone(f.Posts)
	for i := range f.Posts {
		if !f.Posts[i].Synthetic {
			f.Posts[i].Text, f.Posts[i].Spans = "", nil
		}
	}
	f.Series = slices.Clone(f.Series)
	for i := range f.Series {
		if f.Series[i].TooFew {
			f.Series[i].Share, f.Series[i].Agree, f.Series[i].Disagree = f.Series[i].hideFew(), nil, nil
		}
	}
	return f
}

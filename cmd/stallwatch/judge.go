package main

import (
	"errors"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// verdictOn judges a post. Where the careful tier is to look at it, which takes milliseconds, a verdict of the same model on the same
// text is taken from the store, which takes microseconds: an import that was interrupted goes on where it stopped. Without a store
// every post is judged.
func verdictOn(s *store.Store, thesis string, judge classify.Classifier, p *collector.Post) (v classify.Verdict, err error) {
	careful, ok := judge.(*classify.Careful)
	if !ok || s == nil {
		return judge.Classify(p.Text, p.Lang), nil
	}
	v = careful.ClassifyUnless(p.Text, p.Lang, func() (classify.Verdict, bool) {
		var r store.Record
		r, err = s.Post(thesis, collector.Ref{Platform: p.Platform, ID: p.ID})
		return r.Verdict, err != nil && !errors.Is(err, store.ErrNoPost) || err == nil && r.Verdict.Model == judge.Card().ID && r.Post.Text == p.Text && r.Post.Lang == p.Lang
	})
	if errors.Is(err, store.ErrNoPost) {
		err = nil
	}
	return v, err
}

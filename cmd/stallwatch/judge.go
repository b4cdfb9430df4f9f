package main

import (
	"errors"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// verdictOn judges a post, unless the store has a verdict of the same model on the same text: the careful tier takes milliseconds, a
// look into the store microseconds. Without a store every post is judged. An import that was interrupted goes on where it stopped by this.
func verdictOn(s *store.Store, thesis string, judge classify.Classifier, p *collector.Post) (classify.Verdict, error) {
	if _, careful := judge.(*classify.Careful); careful && s != nil {
		r, err := s.Post(thesis, collector.Ref{Platform: p.Platform, ID: p.ID})
		switch {
		case err == nil && r.Verdict.Model == judge.Card().ID && r.Post.Text == p.Text && r.Post.Lang == p.Lang:
			return r.Verdict, nil
		case err != nil && !errors.Is(err, store.ErrNoPost):
			return classify.Verdict{}, err
		}
	}
	return judge.Classify(p.Text, p.Lang), nil
}

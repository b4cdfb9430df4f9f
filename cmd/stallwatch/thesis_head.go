package main

import (
	"context"
	"errors"

	"stallwatch/classify"
	"stallwatch/classify/encoder"
)

// trainHead fits the careful tier's head after the fast tier, and notes its figures in the report. It returns nothing where there is none
// to be written, and says why.
func (a *app) trainHead(ctx context.Context, t *classify.Thesis, trained *classify.Trained, report *classify.EvalReport) ([]byte, error) {
	if a.fast {
		return nil, nil
	}
	e, err := encoder.Shipped()
	if errors.Is(err, encoder.ErrAbsent) {
		a.say("No careful tier: %v.", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if id, ok := classify.TunedHead(t, e.Card()); ok {
		a.say("Kept %s: it was tuned together with the encoder. Its figures are out of date: run 'stallwatch thesis evaluate' with --save.", classify.CarefulFile)
		report.Careful = &classify.EvalReport{Model: trained.Card.ID + "+" + id, Corpus: trained.Card.Corpus, External: []classify.External{}}
		return nil, nil
	}
	a.say("Fitting the careful tier on encoder %s …", e.Card().ID())
	var progress func(done, total int)
	if isTerminal(a.stderr) {
		bar := newCountBar(ctx, a.stderr, "encoding ")
		defer bar.finish()
		progress = func(done, total int) { bar.update(int64(done), int64(total)) }
	}
	head, err := trained.FitHead(ctx, e, progress)
	if err != nil {
		return nil, err
	}
	report.Careful = &classify.EvalReport{Model: head.ID, Corpus: trained.Card.Corpus, HeldOut: head.HeldOut, External: []classify.External{}}
	return head.File, nil
}

package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"stallwatch/classify"
	"stallwatch/collector"
)

func (a *app) reclassifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reclassify",
		Short: "Judge the stored posts anew after the thesis's model has changed",
		Long: `Judges every stored post that has no verdict of the current model yet, and puts the new verdict and its counts in the place
of the old. The ledger notes the break: figures before it and after it come of different models. Interrupted, it goes on
where it was when run again; run again when done, it changes nothing.`,
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context, _ []string) error {
			thesis, judge, err := a.judging()
			if err != nil {
				return err
			}
			s, err := a.openToRead() // a store that is not there is not to be made
			if err != nil {
				return err
			}
			s.Close()
			if s, err = a.openToWrite("stallwatch reclassify"); err != nil {
				return err
			}
			defer s.Close()
			bar := a.countBar(ctx, "reclassify")
			got, err := s.Reclassify(ctx, thesis.ID, judge.Card().ID, version(), judgeAll(judge), bar.update)
			bar.finish()
			if err != nil {
				return err
			}
			switch {
			case a.json:
				return a.writeJSON(map[string]any{"model": judge.Card().ID, "judged": got.Judged, "changed": got.Changed, "entry": got.Entry, "resumed": got.Resumed})
			case got.Judged == 0:
				fmt.Fprintf(a.stdout, "every post has its verdict of %s\n", judge.Card().ID)
			default:
				fmt.Fprintf(a.stdout, "%s posts judged by %s, %s of them otherwise than before; ledger entry %d\n", comma(got.Judged), judge.Card().ID, comma(got.Changed), got.Entry)
			}
			return nil
		}),
	}
}

// judgeAll judges posts on all processors.
func judgeAll(judge classify.Classifier) func([]collector.Post) []classify.Verdict {
	return func(posts []collector.Post) []classify.Verdict {
		out := make([]classify.Verdict, len(posts))
		workers := runtime.GOMAXPROCS(0)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := w; i < len(posts); i += workers {
					out[i] = judge.Classify(posts[i].Text, posts[i].Lang)
				}
			})
		}
		wg.Wait()
		return out
	}
}

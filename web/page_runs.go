package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"stallwatch/collector"
	"stallwatch/store"
)

// runsOnPage is how many ledger entries a page lists.
const runsOnPage = 50

// runsPage lists the ledger, newest first.
type runsPage struct {
	frame
	Runs  []ledgerRun
	Total int
	Older string // address of the next page, empty at the end
	Newer bool   // the page does not begin with the newest entry
}

// ledgerRun is a ledger entry as the page writes it.
type ledgerRun struct {
	store.Entry
	Source string
	Sums   string // how the totals add up
	Lost   string // what was skipped, by reason
}

func (s *Server) runs(r *http.Request) *answer {
	before, problem := s.before(r)
	if problem != nil {
		return problem
	}
	p := runsPage{frame: s.frame("Runs"), Newer: before > 0}
	p.Page = "/runs"
	if s.Ledger != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), figuresTimeout)
		defer cancel()
		entries, err := s.Ledger(ctx)
		if err != nil {
			return s.failed(r, err)
		}
		p.Total = len(entries)
		if before > 0 {
			entries = slices.DeleteFunc(slices.Clone(entries), func(e store.Entry) bool { return e.Seq >= before })
		}
		if len(entries) > runsOnPage {
			entries = entries[:runsOnPage]
			p.Older = "/runs?before=" + strconv.FormatUint(entries[len(entries)-1].Seq, 10)
		}
		for _, e := range entries {
			p.Runs = append(p.Runs, newRun(e, s.Public))
		}
	}
	p.Address = r.Host + r.URL.RequestURI()
	return s.render(r, http.StatusOK, "runs.html", p)
}

// before is the entry that the page lists those before of; 0 when the address names none.
func (s *Server) before(r *http.Request) (uint64, *answer) {
	v := r.URL.Query().Get("before")
	if v == "" {
		return 0, nil
	}
	seq, err := strconv.ParseUint(v, 10, 64)
	if err != nil || seq == 0 {
		return 0, s.badFilter(r, []Problem{{"before", brief(v, 80), "Write the number of an entry, such as 120."}})
	}
	return seq, nil
}

func newRun(e store.Entry, public bool) ledgerRun {
	t := e.Totals
	skipped := 0
	for _, n := range t.Skipped {
		skipped += n
	}
	out := ledgerRun{Entry: e, Source: e.Source, Sums: fmt.Sprintf("%s read = %s stored + %s known already + %s skipped + %s failed",
		number(t.Read), number(t.Stored), number(t.Duplicate), number(skipped), number(t.Failed))}
	if public {
		out.Source = filepath.Base(e.Source)
	}
	out.Source, out.Note, out.Basis = brief(out.Source, roomNote), brief(out.Note, roomNote), brief(out.Basis, roomTitle)
	out.Action, out.Model, out.Version = brief(out.Action, roomName), brief(out.Model, roomName), brief(out.Version, roomName)
	var lost []string
	for _, reason := range slices.SortedFunc(maps.Keys(t.Skipped), func(a, b collector.Reason) int { return t.Skipped[b] - t.Skipped[a] }) {
		if n := t.Skipped[reason]; n > 0 {
			lost = append(lost, number(n)+" "+brief(string(reason), roomName))
		}
	}
	out.Lost = strings.Join(lost, ", ")
	return out
}

// Span is the time of the posts read.
func (r ledgerRun) Span() string {
	if r.First.IsZero() || r.Last.IsZero() {
		return ""
	}
	return dateRange(r.First.UTC(), r.Last.UTC())
}

// Short is the beginning of the file's hash.
func (r ledgerRun) Short() string { return brief(r.SHA256, 12) }

// FormatNames are the formats read, the commonest first.
func (r ledgerRun) FormatNames() string {
	names := slices.SortedFunc(maps.Keys(r.Formats), func(a, b string) int {
		if d := r.Formats[b] - r.Formats[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return brief(strings.Join(names, ", "), roomNote)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"stallwatch/cmd/stallwatch/config"
	"stallwatch/collector"
	"stallwatch/store"
)

func (a *app) sourcesCommand() *cobra.Command {
	var hours bool
	c := &cobra.Command{
		Use:   "sources",
		Short: "Show how each live source does: last success, lag, coverage, gaps, budget left",
		Long: `Shows each source that was ever visited or is in the configuration: when a visit last succeeded, up to when all posts were
collected and how far that is behind, what share of the posts that the platform counted was delivered (X only; by hour with
--hours), when it is visited next, and what went wrong. Then the gaps, lost and pending, and what is left of the budget.`,
		Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error { return a.showSources(hours) }),
	}
	a.configFlag(c)
	c.Flags().BoolVar(&hours, "hours", false, "list the hours that were compared with the platform's counts")
	return c
}

// sourceState is one source as sources shows it.
type sourceState struct {
	collector.Status
	LagSeconds *int64           `json:"lag_seconds,omitempty"`
	Coverage   *float64         `json:"coverage,omitempty"` // of the last seven days
	Hours      []collector.Hour `json:"hours,omitempty"`
}

// accountState is one account as sources shows it.
type accountState struct {
	Name  string          `json:"name"`
	Spent collector.Spend `json:"spent"` // this billing month
	Left  left            `json:"left"`
}

// left is what a budget still allows; nil where nothing bounds it.
type left struct {
	Posts   *int64   `json:"posts"`
	Dollars *float64 `json:"dollars"`
}

func leftOf(s collector.Spend) (l left) {
	if s.Posts != collector.Unlimited {
		l.Posts = &s.Posts
	}
	if s.Micros != collector.Unlimited {
		d := s.Dollars()
		l.Dollars = &d
	}
	return l
}

// String is it for people.
func (l left) String() string {
	var parts []string
	if l.Dollars != nil {
		parts = append(parts, fmt.Sprintf("$%.2f", *l.Dollars))
	}
	if l.Posts != nil {
		parts = append(parts, humanize.Comma(*l.Posts)+" posts")
	}
	if parts == nil {
		return "no bound"
	}
	return strings.Join(parts, " and ")
}

// sourcesView is what sources --json writes.
type sourcesView struct {
	Sources  []sourceState   `json:"sources"`
	Accounts []accountState  `json:"accounts"`
	Lost     []collector.Gap `json:"gaps_lost"`
	Pending  []collector.Gap `json:"gaps_pending"`
}

func (a *app) showSources(hours bool) error {
	c, err := a.readConfig()
	var broken *failure
	if errors.As(err, &broken) {
		return err
	} // a store can be looked at without a configuration
	s, err := a.openToRead()
	if err != nil {
		return err
	}
	defer s.Close()
	v, err := a.viewSources(s, c, time.Now().UTC())
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(v)
	}
	a.printSources(v, hours)
	return nil
}

func (a *app) viewSources(s *store.Store, c *config.Config, now time.Time) (v sourcesView, err error) {
	known, err := statuses(s)
	if err != nil {
		return v, err
	}
	if c != nil {
		if known, err = a.addUnvisited(known, c); err != nil {
			return v, err
		}
		if b, ok := c.Budget(config.AccountX); ok {
			acc, err := readAccount(s, config.AccountX, b)
			if err != nil {
				return v, err
			}
			month, _ := acc.Spent(now)
			v.Accounts = append(v.Accounts, accountState{config.AccountX, month, leftOf(acc.Left(now))})
		}
	}
	for _, st := range known {
		one := sourceState{Status: st}
		if !st.Through.IsZero() {
			lag := int64(now.Sub(st.Through) / time.Second)
			one.LagSeconds = &lag
		}
		if one.Hours, err = coverage(s, st.Info); err != nil {
			return v, err
		}
		if r, _, ok := ratio(one.Hours, now.AddDate(0, 0, -7)); ok {
			one.Coverage = &r
		}
		v.Sources = append(v.Sources, one)
	}
	v.Lost, v.Pending, err = gaps(s, now)
	return v, err
}

// readAccount reads an account to look at it.
func readAccount(s *store.Store, name string, b collector.Budget) (*collector.Account, error) {
	raw, err := s.State("account/" + name)
	if err != nil {
		return nil, err
	}
	return collector.OpenAccount(name, b, raw, func(string, []byte) error { return errors.New("read only") })
}

// addUnvisited adds the sources of the configuration that the store knows nothing of.
func (a *app) addUnvisited(known []collector.Status, c *config.Config) ([]collector.Status, error) {
	t, err := a.thesisOnly()
	if err != nil {
		return nil, err
	}
	list, err := a.sources(c, t.Queries, true)
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, st := range known {
		have[st.Info.Name] = true
	}
	for _, src := range list {
		if i := src.Info(); !have[i.Name] {
			st := collector.Status{Info: i}
			if src.Err != nil {
				st.Error, st.Failing = src.Err.Error(), "no secret"
			}
			known = append(known, st)
		}
	}
	return known, nil
}

func (a *app) printSources(v sourcesView, hours bool) {
	line := func(format string, args ...any) { fmt.Fprintf(a.stdout, format+"\n", args...) }
	line("%-40s %-16s %10s %10s %9s %-16s", "Source", "last success", "behind", "posts", "coverage", "next")
	for _, s := range v.Sources {
		lag, cover := "–", "–"
		if s.LagSeconds != nil {
			lag = shortTime(time.Duration(*s.LagSeconds) * time.Second)
		}
		if s.Coverage != nil {
			cover = percent(*s.Coverage)
		}
		line("%-40s %-16s %10s %10s %9s %-16s", s.Info.Name, moment(s.Succeeded), lag, humanize.Comma(s.Posts), cover, moment(s.Next))
		if s.Error != "" {
			line("  %s: %s", s.Failing, s.Error)
		}
		if !hours {
			continue
		}
		for _, h := range s.Hours {
			line("  %s  %7d counted %7d delivered", h.Start.Format("2006-01-02 15:04"), h.Counted, h.Delivered)
		}
	}
	if len(v.Sources) == 0 {
		line("none yet: 'stallwatch config example' shows how to name some")
	}
	for _, x := range v.Accounts {
		line("Account %s: $%.2f for %s posts this month; left: %s", x.Name, x.Spent.Dollars(), humanize.Comma(x.Spent.Posts), x.Left)
	}
	printGaps(line, "Gap, lost", v.Lost)
	printGaps(line, "Gap, may yet be filled", v.Pending)
}

func printGaps(line func(string, ...any), what string, list []collector.Gap) {
	for _, g := range list {
		line("%s: %s from %s to %s: %s", what, g.Source, moment(g.From), moment(g.To), g.Reason)
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// shortTime is a length of time in its two largest units.
func shortTime(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return d.String()
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}

//go:build unix

package store_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// shaped changes an item to what the benchmarks' usual store has not. "wide": eleven years, thirty languages of which each
// is rarer than the one before, six platforms, three models, and a fifth of the authors unknown. "burst": nine tenths of all
// posts in one hour, half of them by one author.
func (g *synthetic) shaped(it *store.Item) {
	p := &it.Post
	begin := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	switch g.shape {
	case "wide":
		p.CreatedAt = begin.AddDate(-10, 0, 0).Add(time.Duration(p.CreatedAt.Sub(begin) * 11)).Truncate(time.Millisecond)
		p.Lang = fmt.Sprintf("l%d", int(30*math.Pow(g.rnd.Float64(), 4)))
		if g.rnd.IntN(4) == 0 {
			p.Platform = []string{"telegram", "reddit", "threads"}[g.rnd.IntN(3)]
		}
		if g.rnd.IntN(5) == 0 {
			p.Author = collector.Author{}
		}
		it.Verdict.Model = fmt.Sprintf("linear-%d", 3*g.made/(g.total+1))
	case "burst":
		if noon := begin.AddDate(0, 6, 0); g.rnd.IntN(10) > 0 {
			p.CreatedAt = noon.Add(time.Duration(float64(time.Hour) * float64(g.made) / float64(g.total+1))).Truncate(time.Millisecond)
			if g.rnd.IntN(2) == 0 && p.Platform == "x" {
				p.Author.ID = "1"
			}
		}
	}
}

// seriesFilters are the summaries that BenchmarkSummary asks for beside benchFilters.
var seriesFilters = []benchFilter{
	{"weeks", store.Filter{Step: store.Week}},
	{"months", store.Filter{Step: store.Month}},
	{"hours-of-month", store.Filter{Step: store.Hour, Since: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2025, 7, 2, 0, 0, 0, 0, time.UTC)}},
	{"hours-of-five-years", store.Filter{Step: store.Hour, Since: time.Date(2020, 7, 1, 0, 0, 0, 0, time.UTC)}}, // nearly as many points as there may be
	{"hours-of-five-years-x", store.Filter{Step: store.Hour, Since: time.Date(2020, 7, 1, 0, 0, 0, 0, time.UTC), Platforms: []string{"x"}}},
	{"hours-x", store.Filter{Step: store.Hour, Platforms: []string{"x"}}},
	{"hours-facets", store.Filter{Step: store.Hour, Platforms: []string{"x", "bluesky"}, Langs: []string{"en", "de", "l0", "l3"}, Kinds: []collector.Kind{collector.Original, collector.Reply}}},
	{"hours-reposts", store.Filter{Step: store.Hour, Kinds: []collector.Kind{collector.Repost}}},
	{"hours-counts", store.Filter{Step: store.Hour, CountsOnly: true}},
}

// postFilters are the searches that BenchmarkPosts makes beside benchFilters.
var postFilters = []benchFilter{
	{"stance", store.Filter{Stances: []classify.Stance{classify.Disagree}}},
	{"pair", store.Filter{Platforms: []string{"mastodon"}, Kinds: []collector.Kind{collector.Repost}}},
	{"triple", store.Filter{Stances: []classify.Stance{classify.Disagree}, Platforms: []string{"bluesky"}, Langs: []string{"uk", "l15"}}},
	{"rare", rareFilter(store.Filter{})},
	{"rare-newest", rareFilter(store.Filter{Since: time.Date(2025, 12, 31, 5, 30, 0, 0, time.UTC)})},
	{"rare-middle", rareFilter(store.Filter{Until: time.Date(2025, 7, 1, 12, 30, 0, 0, time.UTC)})},
	{"rare-oldest", rareFilter(store.Filter{Until: time.Date(2025, 1, 2, 5, 30, 0, 0, time.UTC)})},
	{"rare-sure", rareFilter(store.Filter{MinP: 0.999})},
	{"rare-abstained", store.Filter{Abstained: true, Platforms: []string{"mastodon"}, Langs: []string{"uk", "l20"}, Kinds: []collector.Kind{collector.Quote}}},
	{"rare-lang", store.Filter{Langs: []string{"l29"}}},
	{"rare-text", rareFilter(store.Filter{Text: "et"})},
	{"no-such-platform", store.Filter{Platforms: []string{"elsewhere"}}},
	{"sure", store.Filter{Stances: []classify.Stance{classify.Agree}, MinP: 0.99}},
	{"surest", store.Filter{MinP: 0.99999}},
	{"unsure", store.Filter{MaxP: 0.50001}},
	{"narrow", store.Filter{Stances: []classify.Stance{classify.Agree}, MinP: 0.7, MaxP: 0.70001}},
	{"text", store.Filter{Text: "et"}},
	{"no-such-text", store.Filter{Text: "not in any post"}},
}

// rareFilter makes f choose values that are common each for itself, and rare together.
func rareFilter(f store.Filter) store.Filter {
	f.Stances, f.Platforms = []classify.Stance{classify.Disagree}, []string{"mastodon"}
	f.Langs, f.Kinds = []string{"uk", "l15"}, []collector.Kind{collector.Repost}
	return f
}

// largestCluster is a search of the largest of the clusters that a thousand posts on topic are in.
func largestCluster(b *testing.B, s *store.Store) []benchFilter {
	posts, _, err := s.Posts(thesis, store.Filter{Stances: []classify.Stance{classify.Agree}}, "", 1000)
	if err != nil {
		b.Fatal(err)
	}
	sizes, largest := map[string]int{}, ""
	for _, r := range posts {
		if r.Cluster != "" {
			if sizes[r.Cluster]++; sizes[r.Cluster] > sizes[largest] {
				largest = r.Cluster
			}
		}
	}
	if largest == "" {
		return nil
	}
	return []benchFilter{{"cluster", store.Filter{Cluster: largest}}}
}

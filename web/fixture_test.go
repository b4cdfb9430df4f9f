package web_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"stallwatch/classify"
	"stallwatch/classify/prevalence"
	"stallwatch/collector"
	"stallwatch/store"
	"stallwatch/web"
)

// sample is an invented collection: few authors write most posts, some days are quiet, some are missing.
type sample struct {
	posts []samplePost
	first time.Time
	days  int
}

type samplePost struct {
	at                   time.Time
	author               int
	stance               classify.Stance
	abstain              classify.Abstention
	platform, lang, kind string
}

// newSample draws about perDay posts on each of so many days from first, the same ones for the same seed.
func newSample(first time.Time, days int, perDay float64, seed uint64) sample {
	r := rand.New(rand.NewPCG(seed, 1))
	s := sample{first: first, days: days}
	for d := range days {
		n := perDay * (0.6 + 0.8*r.Float64())
		switch {
		case d >= 60 && d < 66: // collection stood still
			n = 0
		case d >= 100 && d < 112: // a quiet stretch
			n *= 0.12
		}
		if d%45 == 15 {
			n *= 3 // a day of news
		}
		for range int(math.Round(n)) {
			s.posts = append(s.posts, s.draw(r, d))
		}
	}
	return s
}

func (s sample) draw(r *rand.Rand, day int) samplePost {
	author := int(math.Pow(r.Float64(), 3) * 1500)
	p := samplePost{
		at: s.first.AddDate(0, 0, day).Add(time.Duration(r.IntN(86400)) * time.Second), author: author,
		platform: []string{"x", "x", "x", "bluesky", "bluesky", "mastodon"}[r.IntN(6)], lang: "en",
		kind: []string{"original", "reply", "reply", "quote"}[r.IntN(4)],
	}
	lean := 0.5 + 0.08*math.Sin(float64(day)/28) + 0.06*float64(day)/float64(s.days) + 0.25*math.Sin(float64(author)*12.9)
	switch u := r.Float64(); {
	case u < 0.34:
		p.stance = classify.Disagree
		if r.Float64() < lean {
			p.stance = classify.Agree
		}
	case u < 0.52:
		p.stance = classify.Discuss
	case u < 0.9:
		p.stance = classify.Unrelated
	case u < 0.96:
		p.abstain, p.lang = classify.AbstainLanguage, "de"
	default:
		p.abstain = classify.AbstainUnsure
	}
	if r.IntN(400) == 0 {
		p.platform = "telegram"
	}
	return p
}

// cell counts the posts that ok chooses, as the store will.
func (s sample) cell(ok func(samplePost) bool) (c store.Cell) {
	authors := map[int][2]int{}
	for _, p := range s.posts {
		switch {
		case !ok(p):
		case p.abstain != "":
			c.Unclassified++
		case p.stance == classify.Unrelated:
			c.Unrelated++
		case p.stance == classify.Discuss:
			c.Discuss++
		default:
			a := authors[p.author]
			a[1]++
			if p.stance == classify.Agree {
				a[0]++
				c.Agree++
			} else {
				c.Disagree++
			}
			authors[p.author] = a
		}
	}
	for _, id := range sortedKeys(authors) { // floats add up in the same order every time
		c.Sums.Add(authors[id][0], authors[id][1])
	}
	return c
}

func sortedKeys(m map[int][2]int) (keys []int) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// onTopic are the sums over authors of on-topic posts.
func (s sample) onTopic() (sums prevalence.Sums) {
	authors := map[int][2]int{}
	for _, p := range s.posts {
		if p.abstain == "" && p.stance != classify.Unrelated {
			a := authors[p.author]
			a[1]++
			if p.stance == classify.Agree {
				a[0]++
			}
			authors[p.author] = a
		}
	}
	for _, id := range sortedKeys(authors) {
		sums.Add(authors[id][0], authors[id][1])
	}
	return sums
}

func (s sample) between(since, until time.Time) store.Cell {
	return s.cell(func(p samplePost) bool { return !p.at.Before(since) && p.at.Before(until) })
}

func (s sample) group(value func(samplePost) string) (gs []store.Group) {
	var names []string
	for _, p := range s.posts {
		if !slices.Contains(names, value(p)) {
			names = append(names, value(p))
		}
	}
	slices.Sort(names)
	for _, n := range names {
		gs = append(gs, store.Group{Name: n, Cell: s.cell(func(p samplePost) bool { return value(p) == n })})
	}
	return gs
}

// summary is what the store would say of the sample under a filter of time and step.
func (s sample) summary(f store.Filter) store.Summary {
	in := sample{first: s.first, days: s.days}
	for _, p := range s.posts {
		if (f.Since.IsZero() || !p.at.Before(f.Since)) && (f.Until.IsZero() || p.at.Before(f.Until)) {
			in.posts = append(in.posts, p)
		}
	}
	sum := store.Summary{Thesis: classify.DefaultThesis, Filter: f, Unclassified: map[string]int{}}
	if len(in.posts) == 0 {
		return sum
	}
	byTime := func(a, b samplePost) int { return a.at.Compare(b.at) }
	sum.First, sum.Last = slices.MinFunc(in.posts, byTime).at, slices.MaxFunc(in.posts, byTime).at
	sum.Posts = in.cell(func(samplePost) bool { return true })
	sum.WithReposts, sum.Reposts = sum.Posts, store.Cell{Agree: 40, Disagree: 22, Discuss: 9}
	sum.WithReposts.Agree += 40
	sum.WithReposts.Disagree += 22
	for start := step(sum.First, f.Step, 0); start.Before(sum.Last); start = step(start, f.Step, 1) {
		end := step(start, f.Step, 1)
		sum.Series = append(sum.Series, store.Point{Start: start, End: end, Cell: in.between(start, end), Models: []string{"fast-1"}})
	}
	sum.Collapsed = in.cell(func(p samplePost) bool { return p.at.Second()%20 != 0 }) // stands for the first of each cluster
	sum.OnTopic = in.onTopic()
	sum.Platforms = in.group(func(p samplePost) string { return p.platform })
	sum.Langs = in.group(func(p samplePost) string { return p.lang })
	sum.Kinds = in.group(func(p samplePost) string { return p.kind })
	for _, p := range in.posts {
		if p.abstain != "" {
			sum.Unclassified[string(p.abstain)]++
		}
	}
	sum.Models = []string{"fast-1"}
	return sum
}

// step is the beginning of the step t is in, or of the n-th after it.
func step(t time.Time, s store.Step, n int) time.Time {
	day := t.UTC().Truncate(24 * time.Hour)
	switch s {
	case store.Week:
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7+7*n)
	case store.Month:
		return time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	}
	return day.AddDate(0, 0, n)
}

// figures are those of a filled page.
func (s sample) figures(t *classify.Thesis, f store.Filter) web.Figures {
	sum := s.summary(f)
	return web.NewFigures(sum, t, s.inputs(sum, t))
}

// inputs are what a filled page has beside a summary of the sample.
func (s sample) inputs(sum store.Summary, t *classify.Thesis) web.Inputs {
	in := web.Inputs{
		Posts: typicalPosts(), PostsRule: "The posts the classifier is surest of, at most three a stance, one an author.",
		Synthetic: true, LastUpdated: s.first.AddDate(0, 0, s.days).Add(6 * time.Hour),
		Model:   &web.ModelCard{ModelID: "fast-1", MacroF1: 0.812, EvaluatedOn: "held-out posts of X", N: 1240},
		Ledger:  ledger(s.first),
		Windows: web.EventWindows(sum, t),
	}
	for i, w := range in.Windows {
		in.Windows[i].BeforeCount, in.Windows[i].AfterCount = s.between(w.Since, w.Middle), s.between(w.Middle, w.Until)
	}
	if since, until, ok := web.PreviousPeriod(sum); ok {
		c := s.between(since, until)
		in.Previous = &c
	}
	return in
}

func ledger(at time.Time) []store.Entry {
	return []store.Entry{{
		Seq: 1, Action: "import", Started: at, Finished: at.Add(time.Minute), Source: "/home/someone/search-2025-07.jsonl.gz", Complete: true,
		Totals: store.Totals{Read: 21240, Stored: 20110, Duplicate: 900, Skipped: map[collector.Reason]int{collector.SkipNotice: 228}, Failed: 2},
	}}
}

// typicalPosts were written for this test.
func typicalPosts() []web.TypicalPost {
	at := time.Date(2025, 7, 4, 9, 30, 0, 0, time.UTC)
	mk := func(s classify.Stance, text, evidence, link, platform string, p float64) web.TypicalPost {
		t := web.TypicalPost{Stance: s, Text: text, CreatedAt: at, Permalink: link, Platform: platform, P: p}
		for e := range strings.SplitSeq(evidence, "|") {
			if i := strings.Index(text, e); i >= 0 && e != "" {
				t.Spans = append(t.Spans, web.Span{Start: i, End: i + len(e)})
			}
		}
		return t
	}
	return []web.TypicalPost{
		mk(classify.Agree, "Another call, another hour, nothing signed. He is buying time and everyone in the room knows it.", "buying time|nothing signed", "https://x.com/i/web/status/1", "x", 0.97),
		mk(classify.Agree, "Every deadline becomes a “memorandum”. That is what stalling looks like.", "stalling|deadline", "https://bsky.app/profile/a/post/1", "bluesky", 0.93),
		mk(classify.Agree, "Sure, he wants peace. That is why the drones came two hours after the call 🙄", "he wants peace", "", "mastodon", 0.81),
		mk(classify.Disagree, "Moscow has named its terms since last June. It is Kyiv that will not sit down.", "named its terms|will not sit down", "https://x.com/i/web/status/2", "x", 0.9),
		mk(classify.Disagree, "He is not stalling, he is winning. Why would he hurry?", "not stalling", "https://x.com/i/web/status/3", "x", 0.88),
		mk(classify.Discuss, "Trump and Putin spoke for about an hour on Thursday; the Kremlin calls the talk frank and businesslike.", "spoke|calls the talk", "https://x.com/i/web/status/4", "x", 0.95),
	}
}

// hostileText is a post that attacks the page: markup, attributes, direction, size, stacked marks, lines without end.
var hostileText = `<script>alert(1)</script><img src=x onerror=alert(2)>"' onmouseover="alert(3)" x="</title></svg><style>*{display:none}</style>` +
	"\u202Egnihtemos\u202C {{.}} javascript:alert(4) 👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈🙄 مرحبا بالعالم שלום " + "Z" + strings.Repeat("\u0351\u0489\u0321", 60) +
	strings.Repeat("\n", 300) + strings.Repeat("W", 10_000)

package store

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"stallwatch/classify"
)

// counted is what a summary counts. All of it are whole numbers, so that taking away what was added leaves nothing behind.
type counted struct {
	steps      stepper
	hours      []hourCount // posts that the filter chooses, reposts among them
	totals     []int       // posts by facet
	models     int         // length of a row of stepModels
	stepModels []int32     // posts by step and model
	cells
}

// hourCount says how many posts an hour has.
type hourCount struct{ hour, n int32 }

// cells are the counters of one summary.
type cells struct {
	posts, reposts, all, collapsed counter
	topic                          counter // authors of on-topic posts, for Summary.OnTopic
	byPlatform, byLang, byKind     []counter
	series                         []counter
}

func (m *summariser) newCells(steps int) cells {
	return cells{byPlatform: make([]counter, len(m.p.platforms.names)), byLang: make([]counter, len(m.p.langs.names)),
		byKind: make([]counter, len(m.p.kinds.names)), series: make([]counter, steps)}
}

// merge adds other cells, whose series begins so many steps later; what does not fit in has cancelled out.
func (c *cells) merge(o *cells, later int) {
	c.posts.merge(&o.posts)
	c.reposts.merge(&o.reposts)
	c.all.merge(&o.all)
	c.collapsed.merge(&o.collapsed)
	c.topic.merge(&o.topic)
	for _, p := range [][2][]counter{{c.byPlatform, o.byPlatform}, {c.byLang, o.byLang}, {c.byKind, o.byKind}} {
		for i := range p[1] {
			p[0][i].merge(&p[1][i])
		}
	}
	inParts(len(o.series), func(from, to int) {
		for i := from; i < to; i++ {
			if at := i + later; at >= 0 && at < len(c.series) {
				c.series[at].merge(&o.series[i])
			}
		}
	})
}

// inParts calls fn for parts of 0 to n, n exclusive: of a long series on all processors.
func inParts(n int, fn func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), n/2000+1)
	var others sync.WaitGroup
	for i := range parts - 1 {
		others.Go(func() { fn(n*i/parts, n*(i+1)/parts) })
	}
	fn(n*(parts-1)/parts, n)
	others.Wait()
}

func (m *summariser) newCounted(steps stepper) *counted {
	models := len(m.p.models.names)
	return &counted{steps: steps, totals: make([]int, len(m.choices)), models: models, stepModels: make([]int32, steps.count*models),
		cells: m.newCells(steps.count)}
}

// copyFor is a copy for a summary whose series has the same steps, but may begin and end elsewhere, and may have more facets.
// When there is nothing to add to the series it is shared.
func (c *counted) copyFor(m *summariser, steps stepper, shared bool) *counted {
	if shared {
		out := m.newCounted(stepper{})
		copy(out.totals, c.totals)
		rest := c.cells
		rest.series = nil
		out.merge(&rest, 0)
		out.steps, out.series, out.models, out.stepModels = c.steps, c.series, c.models, c.stepModels
		return out
	}
	out := m.newCounted(steps)
	copy(out.totals, c.totals)
	if len(c.series) == 0 {
		return out
	}
	later := c.steps.offset(&steps)
	out.merge(&c.cells, later)
	for i := range c.series {
		if at := i + later; at >= 0 && at < steps.count {
			copy(out.stepModels[at*out.models:], c.stepModels[i*c.models:][:c.models])
		}
	}
	return out
}

// countCache keeps what was counted for the last filters.
type countCache struct {
	mu       sync.Mutex // guards what follows; the entries do not change
	byFilter map[string]*counted
	points   int // of all entries
}

// cachedPoints bounds the entries of a countCache by their points, of some 150 bytes each.
const cachedPoints = 200_000

func (c *countCache) clear() { c.byFilter, c.points = nil, 0 }

func (c *countCache) get(key string) *counted {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byFilter[key]
}

func (c *countCache) put(key string, n *counted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	points := 100 + len(n.series) + len(n.hours)/16
	if c.points+points > cachedPoints {
		c.clear()
	}
	if c.byFilter == nil {
		c.byFilter = map[string]*counted{}
	}
	c.byFilter[key] = n
	c.points += points
}

// countedColumns is what the columns have for the filter.
func (m *summariser) countedColumns() (*counted, error) {
	f := &m.filter
	key := fmt.Sprintf("%d %d %q %q %q %q %t", m.lo, m.hi, f.Platforms, f.Langs, f.Kinds, f.Step, f.CountsOnly)
	if c := m.p.counted.get(key); c != nil {
		return c, nil
	}
	c, err := m.countColumns("")
	if err == nil {
		m.p.counted.put(key, c)
	}
	return c, err
}

// countColumns counts the columns in steps of a width; "" is the filter's, or a wider one where these were too many.
func (m *summariser) countColumns(width Step) (*counted, error) {
	hours := m.inPeriod(m.p.hours.hours)
	first, last, ok := m.ends(hours)
	if !ok {
		return &counted{steps: stepper{step: cmp.Or(width, m.filter.Step)}}, nil
	}
	steps := newStepper(m.filter.Step, first, last)
	if width != "" {
		steps = stepperOf(width, first, last)
	}
	c := m.newCounted(steps)
	if m.filter.CountsOnly {
		c.hours = c.addHours(m, hours)
		return c, nil
	}
	work := m.newAuthorWork()
	parts, errs := make([]cells, work.workers), make([]error, work.workers+1)
	var others sync.WaitGroup
	for i := range parts {
		others.Go(func() {
			parts[i] = m.newCells(steps.count)
			errs[i] = work.do(m.newAuthorPass(&parts[i], steps))
		})
	}
	c.hours = c.addHours(m, hours)
	errs[len(parts)] = work.do(m.newAuthorPass(&c.cells, steps))
	others.Wait()
	for i := range parts {
		c.merge(&parts[i], 0)
	}
	return c, errors.Join(errs...)
}

// ends are the first and the last of hours that the filter chooses.
func (m *summariser) ends(hours []hourTallies) (first, last int32, ok bool) {
	chosen := func(h hourTallies) bool {
		return slices.ContainsFunc(h.tallies, func(t tally) bool { return m.choices[t.facet()].use })
	}
	i := slices.IndexFunc(hours, chosen)
	if i < 0 {
		return 0, 0, false
	}
	j := len(hours) - 1
	for !chosen(hours[j]) {
		j--
	}
	return hours[i].hour, hours[j].hour, true
}

// addHours counts posts by facet and step, and returns how many of them each hour has; what is not in the period cancels out.
func (c *counted) addHours(m *summariser, hours []hourTallies) (counts []hourCount) {
	for _, h := range hours {
		all := int32(0)
		var own [classify.NumStances + 1]int32 // posts with text of their own, by outcome
		step, has := 0, c.steps.has(h.hour)
		if has {
			step = c.steps.of(h.hour)
		}
		models := c.stepModels[step*c.models:]
		for _, t := range h.tallies {
			x, n := &m.choices[t.facet()], t.n()
			if !x.use {
				continue
			}
			c.totals[t.facet()] += int(n)
			if all += n; x.repost || !has {
				continue
			}
			own[x.outcome] += n
			models[x.model] += n
		}
		if has {
			c.series[step].addAll(&own)
		}
		if all != 0 {
			counts = append(counts, hourCount{h.hour, all})
		}
	}
	return counts
}

// postsByHour counts the posts that the filter chooses by hour.
func (m *summariser) postsByHour(hours []hourTallies) (out []hourCount) {
	for _, h := range hours {
		c := hourCount{hour: h.hour}
		for _, t := range h.tallies {
			if m.choices[t.facet()].use {
				c.n += t.n()
			}
		}
		out = append(out, c)
	}
	return out
}

// period is the first and last hour that has posts when both lists are added up.
func period(a, b []hourCount) (first, last int32, ok bool) {
	for len(a) > 0 || len(b) > 0 {
		var sum hourCount
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].hour < b[0].hour:
			sum, a = a[0], a[1:]
		case len(a) == 0 || b[0].hour < a[0].hour:
			sum, b = b[0], b[1:]
		default:
			sum, a, b = hourCount{a[0].hour, a[0].n + b[0].n}, a[1:], b[1:]
		}
		if sum.n > 0 {
			if !ok {
				first, ok = sum.hour, true
			}
			last = sum.hour
		}
	}
	return first, last, ok
}

// addRecentAuthors puts the authors whose posts have changed since the columns were merged in the place of what they were.
func (m *summariser) addRecentAuthors(c *counted) error {
	if m.filter.CountsOnly {
		return nil
	}
	return guard(func() error {
		a := m.newAuthorPass(&c.cells, c.steps)
		a.addUnknown(m.p.recent.lists[0])
		var merged []authorTally
		for _, rest := range m.p.recent.lists[1:] {
			for len(rest) > 0 {
				changes := rest[:sameAuthor(rest)]
				rest = rest[len(changes):]
				if !slices.ContainsFunc(changes, m.chosen) {
					continue
				}
				old := m.p.authors.of(changes[0].author)
				merged = mergeAuthorTallies(merged[:0], old, changes)
				a.times = -1
				a.add(old)
				a.times = 1
				a.add(merged)
			}
		}
		a.finish()
		return nil
	})
}

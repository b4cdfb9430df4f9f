package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
)

// projections are the tallies of an open store in memory, loaded when a thesis is first asked for and kept up with
// every commit of this process. No other process can write meanwhile: bbolt locks the file.
type projections struct {
	mu       sync.RWMutex // guards what follows, and the projections in it
	byThesis map[string]*projection
}

// projection holds the tallies of one thesis in columns: counts by hour, and for each author the counts of on-topic
// posts, in order of hours. What was written last stands apart, as changes to be added, so that neither the columns nor what
// was counted of them has to be made anew with every write.
type projection struct {
	at      int // transaction that it was loaded at; later ones are added
	facets  []facet
	choices []choice          // what summaries make of them
	index   map[string]uint32 // of facets, by the tail of the tally key

	platforms, langs, kinds, models groupNames

	hours, recentHours hourTable
	authors, recent    authorTable

	counted countCache // of the columns, by filter
}

// tally is the number of a facet (24 bits) and of posts (8 bits, with a sign). More posts take several tallies, so that the
// many that count one take four bytes.
type tally uint32

const (
	maxTally       = math.MaxInt8
	maxTallyFacets = 1 << 24
)

func (t tally) facet() uint32 { return uint32(t >> 8) }
func (t tally) n() int32      { return int32(int8(t)) }

// hourTable has the tallies of every hour, in order of hours.
type hourTable struct {
	hours []hourTallies
	rows  int // tallies in all hours
}

type hourTallies struct {
	hour    int32
	tallies []tally
}

// authorTable has the tallies of authors by the beginning of their hashes, so that each list is short; those of authors who are not known
// are the first list.
type authorTable struct {
	lists [1 + 1<<authorBits][]authorTally
	rows  int
}

const authorBits = 12

// authorTally is what one author, named by half of a hash, has in one hour. That two of ten million authors have the same
// half is as likely as one in 300,000.
type authorTally struct {
	author uint64
	at     uint64 // hour, and tally
}

func newAuthorTally(author uint64, hour int32, t tally) authorTally {
	return authorTally{author, uint64(uint32(hour)^1<<31)<<32 | uint64(t)}
}

func (r authorTally) hour() int32   { return int32(uint32(r.at>>32) ^ 1<<31) }
func (r authorTally) facet() uint32 { return tally(r.at).facet() }
func (r authorTally) n() int32      { return tally(r.at).n() }

// listOf is the place of an author's list.
func listOf(author uint64) int {
	if author == 0 {
		return 0
	}
	return 1 + int(author>>(64-authorBits))
}

// withProjection calls fn with the tallies of a thesis; they must not be kept or changed. It is nil when the store has no
// such thesis.
func (s *Store) withProjection(thesis string, fn func(*projection)) error {
	c := &s.counts
	c.mu.RLock()
	if p := c.byThesis[thesis]; p != nil {
		defer c.mu.RUnlock()
		fn(p)
		return nil
	}
	c.mu.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.byThesis[thesis]
	if p == nil {
		var err error
		if p, err = s.loadProjection(thesis); err != nil {
			return err
		}
		if c.byThesis == nil {
			c.byThesis = map[string]*projection{}
		}
		if p != nil {
			c.byThesis[thesis] = p
		}
	}
	fn(p)
	return nil
}

// hasProjection reports whether the tallies of a thesis are in memory.
func (s *Store) hasProjection(thesis string) bool {
	s.counts.mu.RLock()
	defer s.counts.mu.RUnlock()
	return s.counts.byThesis[thesis] != nil
}

// hoursOf are the hours that hold posts which the filter chooses by stance, platform, kind and language; never nil.
func (p *projection) hoursOf(f *Filter) []int32 {
	use := make([]bool, len(p.facets))
	for i := range p.facets {
		x := &p.facets[i]
		abstained := strings.HasPrefix(x.outcome, "-")
		use[i] = f.match(x.platform, x.kind, x.lang) && f.matchStance(classify.Stance(outcomeNumber(x.outcome)), abstained)
	}
	hours := []int32{}
	for _, h := range p.hours.hours {
		if slices.ContainsFunc(h.tallies, func(t tally) bool { return use[t.facet()] }) {
			hours = append(hours, h.hour)
		}
	}
	merged := len(hours)
	for _, h := range p.recentHours.hours {
		if slices.ContainsFunc(h.tallies, func(t tally) bool { return use[t.facet()] }) {
			hours = append(hours, h.hour)
		}
	}
	sortTail(hours, merged, cmp.Compare[int32])
	return slices.Compact(hours)
}

func (s *Store) loadProjection(thesis string) (p *projection, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		hours := thesisBucket(tx, thesis, hoursBucket)
		if hours == nil {
			return nil
		}
		p = &projection{at: tx.ID(), index: map[string]uint32{}}
		if err := p.loadHours(hours); err != nil {
			return err
		}
		return p.loadAuthors(thesisBucket(tx, thesis, authorsBucket))
	})
	return p, err
}

func (p *projection) loadHours(b *bbolt.Bucket) error {
	var h hourTallies
	end := func() {
		if len(h.tallies) > 0 {
			p.hours.hours = append(p.hours.hours, hourTallies{h.hour, slices.Clone(h.tallies)})
			p.hours.rows += len(h.tallies)
		}
	}
	err := each(b, nil, func(k, v []byte) error {
		n, err := readCount(k, v)
		if err != nil {
			return err
		}
		r, err := p.hourRow(k)
		if err != nil {
			return err
		}
		if r.hour != h.hour {
			end()
			h = hourTallies{r.hour, h.tallies[:0]}
		}
		h.tallies = appendTallies(h.tallies, r.facet, int64(n))
		return nil
	})
	end()
	return err
}

func (p *projection) loadAuthors(b *bbolt.Bucket) error {
	var hours []hourCount // posts on topic
	a := &p.authors
	err := each(b, nil, func(k, v []byte) error {
		n, err := readCount(k, v)
		if err != nil {
			return err
		}
		author, r, err := p.authorRow(k)
		if err != nil {
			return err
		}
		list := listOf(author)
		a.lists[list] = appendAuthorTallies(a.lists[list], author, r, int64(n))
		if n := len(hours); n == 0 || hours[n-1].hour != r.hour {
			hours = append(hours, hourCount{hour: r.hour})
		}
		hours[len(hours)-1].n += int32(n)
		return nil
	})
	if err != nil {
		return err
	}
	inParts(len(a.lists), func(from, to int) {
		for i := from; i < to; i++ {
			slices.SortFunc(a.lists[i], compareAuthorTallies)
			a.lists[i] = slices.Clone(a.lists[i]) // of the size that is needed
		}
	})
	for _, l := range a.lists {
		a.rows += len(l)
	}
	return p.checkTallies(hours)
}

func readCount(k, v []byte) (uint64, error) {
	n, w := binary.Uvarint(v)
	if w <= 0 || w != len(v) {
		return 0, fmt.Errorf("%w: tally %q", ErrDamaged, k)
	}
	return n, nil
}

// committed adds what a transaction has changed to what is known in memory.
func (s *Store) committed(w *writer) {
	s.markCommitted(w)
	c := &s.counts
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, t := range w.theses {
		p := c.byThesis[name]
		if p == nil || w.id <= p.at {
			continue
		}
		if p.apply(t.hourCounts, t.authorCounts) != nil {
			delete(c.byThesis, name) // as good as unreachable: these keys were made by appendFacet
		}
	}
}

func (p *projection) apply(hours, authors changes) error {
	var h []hourRow
	for k, n := range hours {
		r, err := p.hourRow([]byte(k))
		if err != nil {
			return err
		}
		r.n = *n
		h = append(h, r)
	}
	var a []authorTally
	for k, n := range authors {
		author, r, err := p.authorRow([]byte(k))
		if err != nil {
			return err
		}
		a = appendAuthorTallies(a, author, r, *n)
	}
	p.recentHours.add(tableOf(h))
	slices.SortFunc(a, compareAuthorTallies)
	p.recent.add(a)
	p.tidy()
	return nil
}

// hourRow is a tally's key, and what is counted.
type hourRow struct {
	hour  int32
	facet uint32
	n     int64
}

func (p *projection) hourRow(key []byte) (r hourRow, err error) {
	if len(key) < 4 {
		return r, fmt.Errorf("%w: tally %q", ErrDamaged, key)
	}
	r.hour = getInt32(key)
	r.facet, err = p.facet(key[4:])
	return r, err
}

func (p *projection) authorRow(key []byte) (author uint64, r hourRow, err error) {
	const tail = 4 + len(authorHash{})
	if len(key) < tail {
		return 0, r, fmt.Errorf("%w: tally %q", ErrDamaged, key)
	}
	r.hour = getInt32(key)
	r.facet, err = p.facet(key[tail:])
	return binary.BigEndian.Uint64(key[4:]), r, err
}

// facet numbers the facet that a key's tail names.
func (p *projection) facet(tail []byte) (uint32, error) {
	if i, ok := p.index[string(tail)]; ok {
		return i, nil
	}
	f, err := parseFacet(tail)
	if err == nil && len(p.facets) == maxTallyFacets {
		err = fmt.Errorf("more than %d combinations of platform, kind, language, model and outcome", maxTallyFacets)
	}
	if err != nil {
		return 0, err
	}
	i := uint32(len(p.facets))
	p.facets, p.choices = append(p.facets, f), append(p.choices, p.choiceOf(&f))
	p.index[string(bytes.Clone(tail))] = i
	return i, nil
}

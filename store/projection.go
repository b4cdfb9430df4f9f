package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
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

	hours       []hourRow // in order of hours
	spans       []span    // of hours
	recentHours []hourRow // not yet in hours, in the same order

	authors map[authorHash]uint32 // number of each author, from 0
	start   []uint32              // rows of author i are rows[start[i]:start[i+1]]
	rows    []authorRow
	recent  []recentRow // not yet in rows, in order of author and hour

	counted countCache // of the columns, by filter
}

type hourRow struct {
	hour  int32
	facet uint32
	n     int32
}

// span says at which row of a column an hour begins.
type span struct {
	hour int32
	row  uint32
}

type authorRow struct {
	hour  int32
	facet uint32
	n     int32
}

type recentRow struct {
	author uint32
	authorRow
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
	for i, s := range p.spans {
		end := len(p.hours)
		if i+1 < len(p.spans) {
			end = int(p.spans[i+1].row)
		}
		for _, r := range p.hours[s.row:end] {
			if use[r.facet] {
				hours = append(hours, s.hour)
				break
			}
		}
	}
	merged := len(hours)
	for _, r := range p.recentHours {
		if n := len(hours); use[r.facet] && (n == merged || hours[n-1] != r.hour) {
			hours = append(hours, r.hour)
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
		p = &projection{at: tx.ID(), index: map[string]uint32{}, authors: map[authorHash]uint32{}}
		if err := each(hours, nil, func(k, v []byte) error {
			n, err := readCount(k, v)
			if err != nil {
				return err
			}
			return p.addHour(k, int64(n))
		}); err != nil {
			return err
		}
		if err := each(thesisBucket(tx, thesis, authorsBucket), nil, func(k, v []byte) error {
			n, err := readCount(k, v)
			if err != nil {
				return err
			}
			return p.addAuthor(k, int64(n))
		}); err != nil {
			return err
		}
		slices.SortFunc(p.recent, compareRecent) // the hours are in order of the file
		p.merge()
		return p.checkTallies()
	})
	return p, err
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
			delete(c.byThesis, name) // unreachable: these keys were made by appendFacet
		}
	}
}

func (p *projection) apply(hours, authors changes) error {
	recentHours, recent := len(p.recentHours), len(p.recent)
	for k, n := range hours {
		if err := p.addHour([]byte(k), *n); err != nil {
			return err
		}
	}
	for k, n := range authors {
		if err := p.addAuthor([]byte(k), *n); err != nil {
			return err
		}
	}
	p.tidy(recentHours, recent)
	return nil
}

func (p *projection) addHour(key []byte, n int64) error {
	if len(key) < 4 {
		return fmt.Errorf("%w: tally %q", ErrDamaged, key)
	}
	f, err := p.facet(key[4:])
	if err == nil && n != 0 {
		p.recentHours = append(p.recentHours, hourRow{getInt32(key), f, int32(n)})
	}
	return err
}

func (p *projection) addAuthor(key []byte, n int64) error {
	const tail = 4 + len(authorHash{})
	if len(key) < tail {
		return fmt.Errorf("%w: tally %q", ErrDamaged, key)
	}
	f, err := p.facet(key[tail:])
	if err != nil || n == 0 {
		return err
	}
	hash := authorHash(key[4:tail])
	a, ok := p.authors[hash]
	if !ok {
		a = uint32(len(p.authors))
		p.authors[hash] = a
	}
	p.recent = append(p.recent, recentRow{a, authorRow{getInt32(key), f, int32(n)}})
	return nil
}

// facet numbers the facet that a key's tail names.
func (p *projection) facet(tail []byte) (uint32, error) {
	if i, ok := p.index[string(tail)]; ok {
		return i, nil
	}
	f, err := parseFacet(tail)
	if err != nil {
		return 0, err
	}
	i := uint32(len(p.facets))
	p.facets, p.choices = append(p.facets, f), append(p.choices, p.choiceOf(&f))
	p.index[string(bytes.Clone(tail))] = i
	return i, nil
}

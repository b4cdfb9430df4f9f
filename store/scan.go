package store

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
	"stallwatch/collector"
)

// scan goes through the verdicts of a thesis in one direction, in transactions of bounded length.
type scan struct {
	store       *Store
	thesis      string
	filter      Filter
	newestFirst bool
	at          []byte // key of the last post looked at; nil: at the beginning
	last        []byte // key of the last record given out

	folded           string // Filter.Text in lower case
	ascii            bool   // it is plain ASCII
	scratch          []byte
	hours            []int32 // that hold what the filter chooses, ascending; nil: not known
	peaked           bool    // hours are only those that may hold Filter.MinP
	looked, released int     // verdicts looked at, in all and when memory was last given back
	done             bool
}

// found is a record that a transaction has read, to be given out after it.
type found struct {
	key    []byte
	record Record
}

// run gives out the records until fn says false or an error comes.
func (sc *scan) run(ctx context.Context, fn func(key []byte, r Record) (more bool, err error)) error {
	sc.prepare()
	for size := 64; !sc.done; size = min(2*size, 1024) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := sc.knowHours(); err != nil {
			return err
		}
		var batch []found
		err := sc.store.view(func(tx *bbolt.Tx) (err error) {
			batch, err = sc.read(tx, size)
			return err
		})
		if err != nil {
			return err
		}
		for _, f := range batch {
			if more, err := fn(f.key, f.record); err != nil || !more {
				return err
			}
		}
		if sc.looked-sc.released >= releaseRows {
			_ = sc.store.view(func(tx *bbolt.Tx) error { sc.store.letGo(tx); return nil })
			sc.released = sc.looked
		}
	}
	return nil
}

func (sc *scan) prepare() {
	sc.folded = strings.ToLower(sc.filter.Text)
	sc.ascii = !strings.ContainsFunc(sc.folded, func(r rune) bool { return r > unicode.MaxASCII })
}

// releaseRows is how many posts a scan reads before it gives back the memory that their pages take: some 60 MB.
const releaseRows = 100_000

// knowHours finds out which hours to look at: at once where the tallies, or the peaks, are in memory, otherwise when many
// verdicts have been looked at in vain.
func (sc *scan) knowHours() error {
	f, long := &sc.filter, sc.looked >= scanRows
	few := len(f.Stances) > 0 || f.Abstained || len(f.Platforms) > 0 || len(f.Langs) > 0 || len(f.Kinds) > 0
	if few && sc.hours == nil && (long || sc.store.hasProjection(sc.thesis)) {
		if err := sc.store.withProjection(sc.thesis, func(p *projection) {
			if p != nil {
				sc.hours = p.hoursOf(f)
			}
		}); err != nil {
			return err
		}
	}
	if f.MinP > 0 && !sc.peaked && (long || sc.store.hasPeaks(sc.thesis)) {
		sc.peaked = true
		return sc.store.withPeaks(sc.thesis, func(k *peaks) {
			over := k.hoursOver(f)
			if sc.hours == nil {
				sc.hours = over
			} else {
				sc.hours = intersect(sc.hours, over)
			}
		})
	}
	return nil
}

// read looks at up to scanRows verdicts for up to size records.
func (sc *scan) read(tx *bbolt.Tx, size int) (out []found, err error) {
	rd := newReader(tx, sc.thesis)
	if rd.verdicts == nil {
		sc.done = true
		return nil, nil
	}
	next := sc.walk(tx, rd)
	for range scanRows {
		k, raw := next()
		if k == nil {
			sc.done = true
			break
		}
		sc.at = append(sc.at[:0], k...)
		sc.looked++
		r, ok, err := sc.look(rd, k, raw)
		if err != nil {
			return nil, err
		}
		if ok {
			if out = append(out, found{bytes.Clone(k), r}); len(out) == size {
				break
			}
		}
	}
	return out, nil
}

// walk returns the verdicts one after the other from where the scan stands, nil at the end.
func (sc *scan) walk(tx *bbolt.Tx, rd *reader) func() (k, v []byte) {
	c := rd.verdicts.Cursor()
	if sc.filter.Cluster != "" {
		return sc.walkCluster(rd)
	}
	step := func() ([]byte, []byte) { return sc.from(c, sc.at) }
	return func() (k, v []byte) {
		for k, v = step(); len(k) >= 8; k, v = step() {
			if !beforeUntil(k, &sc.filter) || bytes.Compare(k, timeKey(sc.filter.Since)) < 0 {
				return nil, nil
			}
			hour := floorDiv64(getInt64(k), 3_600_000)
			jump, skip := sc.skipFrom(hour)
			if !skip {
				step = c.Next
				if sc.newestFirst {
					step = c.Prev
				}
				return k, v
			}
			if jump == nil {
				return nil, nil
			}
			step = func() ([]byte, []byte) { return sc.from(c, jump) }
		}
		return nil, nil
	}
}

// skipFrom reports whether nothing in an hour is chosen, and then from where on something is: the end of an hour when
// the newest come first, otherwise the moment before one begins; nil when nothing is.
func (sc *scan) skipFrom(hour int32) (jump []byte, skip bool) {
	if sc.hours == nil {
		return nil, false
	}
	i, ok := slices.BinarySearch(sc.hours, hour)
	switch {
	case ok:
		return nil, false
	case sc.newestFirst && i > 0:
		return timeKey(hourStart(sc.hours[i-1] + 1)), true
	case !sc.newestFirst && i < len(sc.hours):
		return timeKey(hourStart(sc.hours[i])), true
	}
	return nil, true
}

// from is the first key after at in the direction of the scan, within the filter's period.
func (sc *scan) from(c *bbolt.Cursor, at []byte) (k, v []byte) {
	if sc.newestFirst {
		return before(c, at, &sc.filter)
	}
	since := timeKey(sc.filter.Since)
	if bytes.Compare(at, since) < 0 {
		at = since
	}
	if k, v = c.Seek(at); k != nil && bytes.Equal(k, at) {
		return c.Next()
	}
	return k, v
}

// before is the last key below at, or below the filter's end.
func before(c *bbolt.Cursor, at []byte, f *Filter) (k, v []byte) {
	if at == nil || !beforeUntil(at, f) {
		at = timeKey(f.Until)
	}
	if at == nil {
		return c.Last()
	}
	if k, _ = c.Seek(at); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// walkCluster is walk over the posts of one cluster.
func (sc *scan) walkCluster(rd *reader) func() (k, v []byte) {
	var keys [][]byte
	if head := refKey(sc.filter.Cluster); head != nil && rd.members != nil {
		prefix := memberKey(head, nil)
		c := rd.members.Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			keys = append(keys, k[len(prefix):])
		}
	}
	return func() (k, v []byte) {
		for len(keys) > 0 {
			if sc.newestFirst {
				k, keys = keys[len(keys)-1], keys[:len(keys)-1]
			} else {
				k, keys = keys[0], keys[1:]
			}
			passed := sc.at != nil && (sc.newestFirst && bytes.Compare(k, sc.at) >= 0 || !sc.newestFirst && bytes.Compare(k, sc.at) <= 0)
			if !passed && beforeUntil(k, &sc.filter) && bytes.Compare(k, timeKey(sc.filter.Since)) >= 0 {
				return k, rd.verdicts.Get(k)
			}
		}
		return nil, nil
	}
}

// look reads the record at k if the filter chooses it.
func (sc *scan) look(rd *reader, k, raw []byte) (r Record, ok bool, err error) {
	g, err := glanceAt(k, raw)
	if err != nil {
		return r, false, err
	}
	if !sc.filter.matchVerdict(classify.Stance(g.stance), g.abstained, float64(g.p[g.stance])/math.MaxUint16) {
		return r, false, nil
	}
	if ok, err = sc.matchPost(rd, k); err != nil || !ok {
		return r, false, err
	}
	var v storedVerdict
	if err := decode(k, raw, &v); err != nil {
		return r, false, err
	}
	r, err = rd.record(k, &v)
	return r, err == nil, err
}

// matchPost reports whether the filter chooses the post at k.
func (sc *scan) matchPost(rd *reader, k []byte) (bool, error) {
	f := &sc.filter
	byFacet := len(f.Kinds) > 0 || len(f.Langs) > 0
	if len(f.Platforms) > 0 {
		platform, _, _ := bytes.Cut(k[min(8, len(k)):], []byte{0})
		if !slices.Contains(f.Platforms, string(platform)) {
			return false, nil
		}
	}
	if !byFacet && sc.folded == "" {
		return true, nil
	}
	raw, err := unseal(k, rd.near.get(k))
	if err != nil {
		return false, err
	}
	if byFacet && (len(f.Kinds) > 0 && !slices.Contains(f.Kinds, collector.Kind(textIn(field(raw, 4)))) ||
		len(f.Langs) > 0 && !slices.Contains(f.Langs, string(textIn(field(raw, 3))))) {
		return false, nil
	}
	return sc.containsFold(textIn(field(raw, 1))), nil
}

// containsFold reports whether text holds sc.folded, which is in lower case, in any case.
func (sc *scan) containsFold(text []byte) bool {
	if sc.folded == "" {
		return true
	}
	if !sc.ascii {
		return bytes.Contains(bytes.ToLower(text), []byte(sc.folded))
	}
	sc.scratch = append(sc.scratch[:0], text...)
	for i, c := range sc.scratch {
		if 'A' <= c && c <= 'Z' {
			sc.scratch[i] = c | 0x20
		}
	}
	return bytes.Contains(sc.scratch, []byte(sc.folded))
}

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
	since, until     []byte      // the filter's as keys; nil: none
	search           *markSearch // what the filter chooses; nil: not known, or not worth it
	times            []int64     // of the posts that the next transaction looks at, where there is a search
	more             bool        // and of others after them
	hours            []int32     // that hold what the filter chooses, ascending; nil: not known
	looked, released int         // verdicts looked at, in all and when memory was last given back
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
		if err := sc.plan(size); err != nil {
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
	sc.since, sc.until = timeKey(sc.filter.Since), timeKey(sc.filter.Until)
}

// releaseRows is how many posts a scan reads before it gives back the memory that their pages take: some 60 MB.
const releaseRows = 100_000

// plan finds out what to look at next: by the marks where they are in memory, and of a search that has looked at many
// verdicts in vain. Before, and where all of a thesis is gone through anyway, by the tallies.
func (sc *scan) plan(size int) error {
	f, long := &sc.filter, sc.looked >= scanRows
	few := len(f.Stances) > 0 || f.Abstained || len(f.Platforms) > 0 || len(f.Langs) > 0 || len(f.Kinds) > 0
	if f.Cluster != "" || !few && f.MinP <= 0 && (f.MaxP == 0 || f.MaxP >= 1) {
		return nil
	}
	if sc.store.hasMarks(sc.thesis) || long && sc.newestFirst {
		if sc.folded != "" {
			size = scanRows
		}
		return sc.store.withMarks(sc.thesis, func(k *marks) { sc.findTimes(k, size) })
	}
	if few && sc.hours == nil && (long || sc.store.hasProjection(sc.thesis)) {
		return sc.store.withProjection(sc.thesis, func(p *projection) {
			if p != nil {
				sc.hours = p.hoursOf(f)
			}
		})
	}
	return nil
}

// findTimes asks the marks for the times of the next posts, from where the scan stands.
func (sc *scan) findTimes(k *marks, n int) {
	if sc.search == nil || len(sc.search.chosen) != len(k.facets) {
		sc.search = k.search(&sc.filter)
		sc.search.newestFirst = sc.newestFirst
	}
	if len(sc.at) >= 8 {
		at := getInt64(sc.at)
		switch {
		case !sc.newestFirst:
			sc.search.from = max(sc.search.from, at)
		case len(sc.at) > 8: // others of its millisecond may follow
			sc.search.until = min(sc.search.until, at+1)
		default:
			sc.search.until = min(sc.search.until, at)
		}
	}
	sc.times = k.find(sc.search, n)
	sc.more = len(sc.times) == n
}

// read looks at up to scanRows verdicts for up to size records.
func (sc *scan) read(tx *bbolt.Tx, size int) (out []found, err error) {
	rd := newReader(tx, sc.thesis)
	if rd.verdicts == nil {
		sc.done = true
		return nil, nil
	}
	next := sc.walk(rd)
	for range scanRows {
		k, raw := next()
		if k == nil {
			sc.end()
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

// end says that a transaction has looked at all it was to look at.
func (sc *scan) end() {
	if sc.search == nil || !sc.more {
		sc.done = true
		return
	}
	last := sc.times[len(sc.times)-1]
	if !sc.newestFirst {
		last++
	}
	sc.at = append(sc.at[:0], millisKey(last)...)
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

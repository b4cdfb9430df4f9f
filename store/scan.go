package store

import (
	"bytes"
	"context"
	"strings"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
)

// scan goes through the verdicts of a thesis in one direction, in transactions of bounded length.
type scan struct {
	store       *Store
	thesis      string
	filter      Filter
	newestFirst bool
	at          []byte // key of the last post looked at; nil: at the beginning
	last        []byte // key of the last record given out

	folded string // Filter.Text in lower case
	done   bool
}

// found is a record that a transaction has read, to be given out after it.
type found struct {
	key    []byte
	record Record
}

// run gives out the records until fn says false or an error comes.
func (sc *scan) run(ctx context.Context, fn func(key []byte, r Record) (more bool, err error)) error {
	sc.folded = strings.ToLower(sc.filter.Text)
	for size := 64; !sc.done; size = min(2*size, 1024) {
		if err := ctx.Err(); err != nil {
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
	started := false
	return func() (k, v []byte) {
		switch {
		case started && sc.newestFirst:
			k, v = c.Prev()
		case started:
			k, v = c.Next()
		case sc.newestFirst:
			k, v = before(c, sc.at, &sc.filter)
		default:
			k, v = c.Seek(max2(sc.at, timeKey(sc.filter.Since)))
			if bytes.Equal(k, sc.at) && k != nil {
				k, v = c.Next()
			}
		}
		started = true
		if k == nil || !beforeUntil(k, &sc.filter) || bytes.Compare(k, timeKey(sc.filter.Since)) < 0 {
			return nil, nil
		}
		return k, v
	}
}

// before is the last key below at, or below the filter's end.
func before(c *bbolt.Cursor, at []byte, f *Filter) (k, v []byte) {
	if at == nil || !beforeUntil(at, f) {
		at = timeKey(f.Until)
	}
	if at == nil {
		return c.Last()
	}
	if k, v = c.Seek(at); k == nil {
		return c.Last()
	}
	return c.Prev()
}

func max2(a, b []byte) []byte {
	if bytes.Compare(a, b) >= 0 {
		return a
	}
	return b
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
	var v storedVerdict
	if err := decode(k, raw, &v); err != nil {
		return r, false, err
	}
	p := 0.0
	if v.Stance < classify.NumStances {
		p = float64(v.P[v.Stance]) / 65535
	}
	if !sc.filter.matchVerdict(classify.Stance(v.Stance), v.Abstain != "", p) {
		return r, false, nil
	}
	if r, err = rd.record(k, &v); err != nil {
		return r, false, err
	}
	return r, sc.filter.match(r.Post.Platform, string(r.Post.Kind), r.Post.Lang) && contains(r.Post.Text, sc.folded), nil
}

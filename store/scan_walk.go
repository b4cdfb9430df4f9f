package store

import (
	"bytes"
	"math"
	"slices"

	"go.etcd.io/bbolt"
)

// walk returns the verdicts that are to be looked at, one after the other from where the scan stands, nil at the end.
func (sc *scan) walk(rd *reader) func() (k, v []byte) {
	switch {
	case sc.filter.Cluster != "":
		return sc.walkCluster(rd)
	case sc.search != nil:
		return sc.walkTimes(rd.verdicts.Cursor())
	}
	c := rd.verdicts.Cursor()
	step := func() ([]byte, []byte) { return sc.from(c, sc.at) }
	wanted := int32(math.MinInt32) // hour that is known not to be skipped
	return func() (k, v []byte) {
		for k, v = step(); len(k) >= 8 && sc.inPeriod(k); k, v = step() {
			hour, jump, skip := hourOfKey(k), []byte(nil), false
			if sc.hours != nil && hour != wanted {
				jump, skip = sc.skipFrom(hour)
			}
			if !skip {
				step, wanted = sc.stepper(c), hour
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

// stepper is the cursor's step in the direction of the scan.
func (sc *scan) stepper(c *bbolt.Cursor) func() (k, v []byte) {
	if sc.newestFirst {
		return c.Prev
	}
	return c.Next
}

func (sc *scan) inPeriod(k []byte) bool {
	return bytes.Compare(k, sc.since) >= 0 && (sc.until == nil || bytes.Compare(k, sc.until) < 0)
}

// skipFrom reports whether nothing in an hour is chosen, and then from where on something is: the end of an hour when
// the newest come first, otherwise the moment before one begins; nil when nothing is.
func (sc *scan) skipFrom(hour int32) (jump []byte, skip bool) {
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
		return sc.before(c, at)
	}
	if bytes.Compare(at, sc.since) < 0 {
		at = sc.since
	}
	if k, v = c.Seek(at); k != nil && bytes.Equal(k, at) {
		return c.Next()
	}
	return k, v
}

// before is the last key below at, or below the filter's end.
func (sc *scan) before(c *bbolt.Cursor, at []byte) (k, v []byte) {
	if at == nil || sc.until != nil && bytes.Compare(at, sc.until) > 0 {
		at = sc.until
	}
	if at == nil {
		return c.Last()
	}
	if k, _ = c.Seek(at); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// nearSteps is how many steps a walk takes towards the next post of a list before it looks it up: a step is ten times
// faster.
const nearSteps = 8

// walkTimes is walk over the posts of the times that were found.
func (sc *scan) walkTimes(c *bbolt.Cursor) func() (k, v []byte) {
	times, step := sc.times, sc.stepper(c)
	seek := func() (k, v []byte) {
		at := millisKey(times[0])
		if sc.newestFirst {
			at = millisKey(times[0] + 1)
		}
		if sc.at != nil && sc.newestFirst == (bytes.Compare(sc.at, at) < 0) {
			at = sc.at
		}
		return sc.from(c, at)
	}
	next := seek
	return func() (k, v []byte) {
		if len(times) == 0 {
			return nil, nil
		}
		k, v = next()
		next = step
		for steps := 1; len(k) >= 8; steps++ {
			at := getInt64(k)
			for len(times) > 0 && times[0] != at && sc.newestFirst == (times[0] > at) {
				times = times[1:] // the walk is past it: what was there is gone
			}
			if len(times) == 0 {
				return nil, nil
			}
			if times[0] == at {
				return k, v
			}
			if steps < nearSteps {
				k, v = step()
			} else {
				k, v = seek()
			}
		}
		return nil, nil
	}
}

func millisKey(ms int64) []byte {
	b := make([]byte, 8)
	putInt64(b, ms)
	return b
}

// walkCluster is walk over the posts of one cluster.
func (sc *scan) walkCluster(rd *reader) func() (k, v []byte) {
	head := refKey(sc.filter.Cluster)
	if head == nil || rd.members == nil {
		return func() (k, v []byte) { return nil, nil }
	}
	prefix := memberKey(head, nil)
	c := rd.members.Cursor()
	step := func() ([]byte, []byte) { return sc.fromMember(c, prefix) }
	return func() (k, v []byte) {
		member, _ := step()
		step = sc.stepper(c)
		key, ok := bytes.CutPrefix(member, prefix)
		if !ok || !sc.inPeriod(key) {
			return nil, nil
		}
		return key, rd.verdicts.Get(key)
	}
}

// fromMember is from in the list of a cluster's posts.
func (sc *scan) fromMember(c *bbolt.Cursor, prefix []byte) (k, v []byte) {
	if !sc.newestFirst {
		at := append(slices.Clone(prefix), sc.at...)
		if bytes.Compare(sc.at, sc.since) < 0 {
			at = append(at[:len(prefix)], sc.since...)
		}
		if k, v = c.Seek(at); k != nil && bytes.Equal(k, at) {
			return c.Next()
		}
		return k, v
	}
	end := append(slices.Clone(prefix), sc.at...)
	switch {
	case sc.until != nil && (sc.at == nil || bytes.Compare(sc.until, sc.at) < 0):
		end = append(end[:len(prefix)], sc.until...)
	case sc.at == nil:
		end[len(prefix)-1]++ // from 00: no other cluster is between
	}
	if k, _ = c.Seek(end); k == nil {
		return c.Last()
	}
	return c.Prev()
}

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"
)

// Progress is told how much of a long piece of work is done; nil is silent.
type Progress func(done, total int)

func (p Progress) at(done, total int) {
	if p != nil {
		p(done, total)
	}
}

// listed is how many problems Check describes one by one.
const listed = 200

// Check reads everything in the store: the checksum of every record, the id index, the clusters, the pages of the file,
// and every tally against a recount. It returns one sentence for each problem, none when all is well; an error means that
// it could not finish. The store may be in use meanwhile.
func (s *Store) Check(ctx context.Context, progress Progress) (problems []string, err error) {
	c := &checker{ctx: ctx, progress: progress}
	err = s.view(func(tx *bbolt.Tx) error { return c.all(tx) })
	if c.more > 0 {
		c.problems = append(c.problems, fmt.Sprintf("… and %d more", c.more))
	}
	return c.problems, s.wrap("check", err)
}

type checker struct {
	ctx         context.Context
	progress    Progress
	done, total int
	problems    []string
	more        int
	broken      bool // the file's structure is damaged: its pages must not be walked unguarded
}

func (c *checker) report(format string, args ...any) {
	if len(c.problems) >= listed {
		c.more++
		return
	}
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// step counts one record and notices an interruption.
func (c *checker) step() error {
	if c.done++; c.done%4096 == 0 {
		c.progress.at(min(c.done, c.total), c.total)
		return c.ctx.Err()
	}
	return nil
}

// walk calls fn for every record of a bucket, whose keys must ascend. A damaged page ends the walk with a problem.
func (c *checker) walk(name string, b *bbolt.Bucket, fn func(k, v []byte) error) error {
	if b == nil {
		return nil
	}
	var last []byte
	err := guard(func() error {
		return each(b, nil, func(k, v []byte) error {
			if last != nil && bytes.Compare(last, k) >= 0 {
				c.broken = true
				c.report("bucket %s: key %q is out of order", name, k)
			}
			last = append(last[:0], k...)
			if err := fn(k, v); errors.Is(err, ErrDamaged) {
				c.report("bucket %s: %v", name, err)
			} else if err != nil {
				return err
			}
			return c.step()
		})
	})
	if errors.Is(err, ErrDamaged) {
		c.broken = true
		c.report("bucket %s: from key %q on: %v", name, last, err)
		return nil
	}
	return err
}

func (c *checker) all(tx *bbolt.Tx) error {
	if err := guard(func() error { c.count(tx); return nil }); err != nil {
		c.broken = true
		c.report("%v", err)
	}
	posts, ids := tx.Bucket(postsBucket), tx.Bucket(idsBucket)
	n := 0
	err := c.walk("posts", posts, func(k, v []byte) error {
		n++
		var p storedPost
		if err := decode(k, v, &p); err != nil {
			return err
		}
		if len(k) < 9 || !bytes.Equal(ids.Get(indexKey(k[8:])), k[:8]) {
			c.report("post %q: the id index does not lead to it", k)
		}
		if tx.Bucket(tombstonesBucket).Get(k[8:]) != nil {
			c.report("post %q has a tombstone and is there nevertheless", k)
		}
		return nil
	})
	if err != nil {
		return err
	}
	m := 0
	if err := c.walk("ids", ids, func(k, v []byte) error { m++; return nil }); err != nil {
		return err
	}
	if n != m {
		c.report("%d posts, %d ids", n, m)
	}
	for _, name := range [][]byte{tombstonesBucket, stateBucket, ledgerBucket} {
		if err := c.walk(string(name), tx.Bucket(name), sealed); err != nil {
			return err
		}
	}
	for _, name := range thesisNames(tx) {
		if err := c.thesis(tx, name); err != nil {
			return err
		}
	}
	if !c.broken {
		c.pages(tx)
	}
	c.progress.at(c.total, c.total)
	return nil
}

func sealed(k, v []byte) error {
	_, err := unseal(k, v)
	return err
}

// count estimates the work for the progress.
func (c *checker) count(tx *bbolt.Tx) {
	c.total = 2 * tx.Bucket(idsBucket).Stats().KeyN
	for _, name := range thesisNames(tx) {
		for _, part := range thesisBuckets {
			if b := thesisBucket(tx, name, part); b != nil {
				c.total += b.Stats().KeyN
			}
		}
	}
}

// pages lets bbolt check that every page is either used once or free.
func (c *checker) pages(tx *bbolt.Tx) {
	for err := range tx.Check() {
		c.report("file structure: %v", err)
	}
}

func (c *checker) thesis(tx *bbolt.Tx, name string) error {
	t := &thesisCheck{checker: c, name: "theses/" + name, rd: newReader(tx, name), heads: thesisBucket(tx, name, headsBucket),
		hours: tallyCheck{rows: thesisBucket(tx, name, hoursBucket)}, authors: tallyCheck{rows: thesisBucket(tx, name, authorsBucket)}}
	for _, part := range thesisBuckets {
		if thesisBucket(tx, name, part) == nil {
			c.report("thesis %s: bucket %s is missing", name, part)
			return nil
		}
	}
	t.hours.start(c, t.name+"/hours")
	t.authors.start(c, t.name+"/authors")
	if err := c.walk(t.name+"/verdicts", t.rd.verdicts, t.verdict); err != nil {
		return err
	}
	t.hours.end()
	t.authors.end()
	if err := c.walk(t.name+"/members", t.rd.members, t.member); err != nil {
		return err
	}
	if err := c.walk(t.name+"/heads", t.heads, t.head); err != nil {
		return err
	}
	if err := c.walk(t.name+"/codings", t.rd.codings, sealed); err != nil {
		return err
	}
	return c.walk(t.name+"/draws", thesisBucket(tx, name, drawsBucket), sealed)
}

// thesisCheck recounts one thesis. Verdicts and tallies are both in order of hours, so one hour is compared at a time.
type thesisCheck struct {
	*checker
	name           string
	rd             *reader
	heads          *bbolt.Bucket
	hours, authors tallyCheck
	hour           int32
	scratch        []byte
}

func (t *thesisCheck) verdict(k, raw []byte) error {
	var v storedVerdict
	if err := decode(k, raw, &v); err != nil {
		return err
	}
	p := version{key: k}
	if sealed := t.rd.near.get(k); sealed == nil {
		return fmt.Errorf("%w: the verdict at key %q has no post", ErrDamaged, k)
	} else if err := decode(k, sealed, &p.post); err != nil {
		return err
	}
	platform, _, err := splitID(k[8:])
	if err != nil {
		return err
	}
	hour := hourOf(p.time())
	if hour != t.hour {
		t.hours.compareBefore(hour)
		t.authors.compareBefore(hour)
		t.hour = hour
	}
	f := facetOf(platform, &p.post, &v)
	t.scratch = appendHourKey(t.scratch[:0], hour, &f)
	t.hours.count[string(t.scratch)]++
	if v.onTopic() {
		t.scratch = appendAuthorKey(t.scratch[:0], hour, p.post.author(), f)
		t.authors.count[string(t.scratch)]++
	}
	return t.cluster(p, &v)
}

// cluster checks that a post is where its cluster is looked for.
func (t *thesisCheck) cluster(p version, v *storedVerdict) error {
	if len(v.Cluster) > 0 {
		if t.rd.members.Get(memberKey(v.Cluster, p.key)) == nil {
			t.report("%s: post %q is not listed in its cluster", t.name, p.key)
		}
		return nil
	}
	set := shingles(p.post.Text)
	if !clusterable(&p.post, v) || set == nil {
		return nil
	}
	if k, key, err := readHead(t.heads.Get(headKey(v.Head))); err != nil || !bytes.Equal(key, p.key) || k != sketchOf(set) {
		t.report("%s: post %q is not found by its near-duplicates", t.name, p.key)
	}
	return nil
}

// member checks that what a cluster lists is in it.
func (t *thesisCheck) member(k, _ []byte) error {
	platform, rest, _ := bytes.Cut(k, []byte{0})
	id, key, ok := bytes.Cut(rest, []byte{0})
	if !ok {
		return fmt.Errorf("%w: member %q", ErrDamaged, k)
	}
	head := idKey(string(platform), string(id))
	v, err := t.verdictAt(key)
	if err != nil {
		return err
	}
	if v == nil || !bytes.Equal(v.Cluster, head) && !(len(v.Cluster) == 0 && bytes.Equal(key[8:], head)) {
		t.report("%s: the cluster of %s lists %q, which is not in it", t.name, refName(head), key)
	}
	return nil
}

// head checks that a cluster's first post is one.
func (t *thesisCheck) head(k, raw []byte) error {
	_, key, err := readHead(raw)
	if err != nil {
		return err
	}
	v, err := t.verdictAt(key)
	if err != nil {
		return err
	}
	if v == nil || !bytes.Equal(headKey(v.Head), k) {
		t.report("%s: head %x leads to %q, which is not the first of a cluster", t.name, k, key)
	}
	return nil
}

func (t *thesisCheck) verdictAt(key []byte) (*storedVerdict, error) {
	raw := t.rd.verdicts.Get(key)
	if raw == nil {
		return nil, nil
	}
	var v storedVerdict
	return &v, decode(key, raw, &v)
}

// tallyCheck compares stored tallies with a recount, hour by hour.
type tallyCheck struct {
	*checker
	name   string
	rows   *bbolt.Bucket
	cursor *bbolt.Cursor
	k, v   []byte
	count  map[string]uint64 // recount of hours not compared yet
}

func (t *tallyCheck) start(c *checker, name string) {
	t.checker, t.name, t.count = c, name, map[string]uint64{}
	t.guarded(func() { t.cursor = t.rows.Cursor(); t.k, t.v = t.cursor.First() })
}

func (t *tallyCheck) guarded(work func()) {
	if err := guard(func() error { work(); return nil }); err != nil {
		t.broken, t.k = true, nil
		t.report("%s: %v", t.name, err)
	}
}

// compareBefore compares the tallies of all hours before one, and ends the recount of them.
func (t *tallyCheck) compareBefore(hour int32) {
	end := make([]byte, 4)
	putInt32(end, hour)
	t.compare(func(k []byte) bool { return bytes.Compare(k, end) < 0 })
}

func (t *tallyCheck) end() { t.compare(func([]byte) bool { return true }) }

func (t *tallyCheck) compare(due func(k []byte) bool) {
	t.guarded(func() {
		for t.k != nil && due(t.k) {
			n, err := readCount(t.k, t.v)
			if want := t.count[string(t.k)]; err != nil {
				t.report("%s: %v, a recount gives %d", t.name, err, want)
			} else if n != want {
				t.report("%s: tally %q says %d, a recount %d", t.name, t.k, n, want)
			}
			delete(t.count, string(t.k))
			t.done++
			t.k, t.v = t.cursor.Next()
		}
	})
	for _, k := range slices.Sorted(maps.Keys(t.count)) {
		t.report("%s: tally %q is missing, a recount gives %d", t.name, k, t.count[k])
	}
	clear(t.count)
}

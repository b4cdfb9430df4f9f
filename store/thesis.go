package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// thesisWriter makes the changes of one transaction to the buckets of one thesis.
type thesisWriter struct {
	w                              *writer
	name                           string
	verdicts, heads, members       table
	headChanges                    []headChange
	candidates                     []uint32
	hours, authors, codings, draws *bbolt.Bucket
	hourCounts, authorCounts       changes
	marks                          markChanges
	platform                       string // of the last post counted
	scratch                        []byte
}

func newThesisWriter(w *writer, name string) (*thesisWriter, error) {
	if name == "" {
		return nil, fmt.Errorf("no thesis")
	}
	b, err := w.tx.Bucket(thesesBucket).CreateBucketIfNotExists([]byte(name))
	if err != nil {
		return nil, err
	}
	t := &thesisWriter{w: w, name: name, hourCounts: changes{}, authorCounts: changes{}}
	sub := map[string]*bbolt.Bucket{}
	for _, part := range thesisBuckets {
		if sub[string(part)], err = b.CreateBucketIfNotExists(part); err != nil {
			return nil, err
		}
	}
	t.verdicts, t.heads, t.members = newTable(sub["verdicts"]), newTable(sub["heads"]), newTable(sub["members"])
	t.heads.bucket.FillPercent = appendFill
	t.hours, t.authors, t.codings, t.draws = sub["hours"], sub["authors"], sub["codings"], sub["draws"]
	t.verdicts.bucket.FillPercent, t.authors.FillPercent, t.hours.FillPercent = appendFill, appendFill, appendFill
	return t, nil
}

// verdict reads the verdict on the post at key, nil when there is none.
func (t *thesisWriter) verdict(key []byte) (*storedVerdict, error) {
	raw := t.verdicts.get(key)
	if raw == nil {
		return nil, nil
	}
	var v storedVerdict
	return &v, decode(key, raw, &v)
}

func (t *thesisWriter) putVerdict(key []byte, v *storedVerdict) { t.verdicts.put(key, v.seal(key)) }

// attach stores a verdict on a post that has none, finds its cluster and counts it.
func (t *thesisWriter) attach(p version, v *storedVerdict) error {
	if err := t.joinCluster(p, v); err != nil {
		return err
	}
	t.count(p, v, 1)
	t.putVerdict(p.key, v)
	return nil
}

// detach takes the verdict on a post out again.
func (t *thesisWriter) detach(p version, v *storedVerdict) error {
	t.count(p, v, -1)
	t.verdicts.delete(p.key)
	return t.leaveCluster(p, v)
}

// rejudge puts a verdict in place of another, nil when there was none, on a post whose text and place stay the same: it
// stays in its cluster where it was in one and still belongs in one.
func (t *thesisWriter) rejudge(old, in version, was, now *storedVerdict) error {
	if was == nil {
		return t.attach(in, now)
	}
	if clusterable(&old.post, was) != clusterable(&in.post, now) {
		if err := t.detach(old, was); err != nil {
			return err
		}
		return t.attach(in, now)
	}
	t.count(old, was, -1)
	now.Cluster, now.Head = was.Cluster, was.Head
	t.count(in, now, 1)
	t.putVerdict(in.key, now)
	return nil
}

// count adds n posts like p to the tallies.
func (t *thesisWriter) count(p version, v *storedVerdict, n int64) {
	if platform, _, _ := bytes.Cut(p.key[8:], []byte{0}); string(platform) != t.platform {
		t.platform = string(platform)
	}
	f := facetOf(t.platform, &p.post, v)
	hour := hourOf(p.time())
	t.scratch = appendHourKey(t.scratch[:0], hour, &f)
	t.hourCounts.add(t.scratch, n)
	t.marks.change(&p, t.platform, v, n)
	if v.onTopic() {
		t.scratch = appendAuthorKey(t.scratch[:0], hour, p.post.author(), f)
		t.authorCounts.add(t.scratch, n)
	}
}

// changes are what is to be added to tallies, by key.
type changes map[string]*int64

func (c changes) add(key []byte, n int64) {
	if old := c[string(key)]; old != nil {
		*old += n
		return
	}
	c[string(key)] = &n
}

func (t *thesisWriter) changed() bool {
	return t.verdicts.changed() || t.heads.changed() || t.members.changed() || len(t.hourCounts) > 0 || len(t.authorCounts) > 0
}

func (t *thesisWriter) flush() error {
	for _, b := range []*table{&t.verdicts, &t.heads, &t.members} {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if err := addCounts(t.hours, t.hourCounts); err != nil {
		return err
	}
	return addCounts(t.authors, t.authorCounts)
}

// addCounts adds changes to tallies; a tally that comes to 0 goes.
func addCounts(b *bbolt.Bucket, all changes) error {
	out := newTable(b)
	for k, change := range all {
		n := *change
		if n == 0 {
			continue
		}
		key := []byte(k)
		if raw := out.get(key); raw != nil {
			old, w := binary.Uvarint(raw)
			if w <= 0 {
				return fmt.Errorf("%w: tally %q", ErrDamaged, k)
			}
			n += int64(old)
		}
		switch {
		case n < 0:
			return fmt.Errorf("%w: tally %q would be %d", ErrDamaged, k, n)
		case n == 0:
			out.delete(key)
		default:
			out.put(key, binary.AppendUvarint(nil, uint64(n)))
		}
	}
	return out.flush()
}

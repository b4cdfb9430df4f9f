package store

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"stallwatch/classify"
)

// verifiedRecords is how many of the newest records of each kind Open verifies: some 20 ms of work in a large store, everything
// in a small one.
const verifiedRecords = 10_000

// verify is what Open does about damage beside looking at the meta pages and the file's size: the newest records of every
// sealed bucket must have their checksums and be in order, and the newest posts must be found by their ids. What is older,
// and everything that can be made anew from the records, is for Check to read. Summary refuses tallies that contradict each
// other, see checkTallies.
func verify(tx *bbolt.Tx) error {
	ids := tx.Bucket(idsBucket)
	if err := newest(tx.Bucket(postsBucket), func(k, v []byte) error {
		if len(k) < 9 || !bytes.Equal(ids.Get(indexKey(k[8:])), k[:8]) {
			return fmt.Errorf("%w: the id index does not lead to the post at key %q", ErrDamaged, k)
		}
		return sealed(k, v)
	}); err != nil {
		return err
	}
	for _, name := range [][]byte{tombstonesBucket, stateBucket, ledgerBucket} {
		if err := newest(tx.Bucket(name), sealed); err != nil {
			return err
		}
	}
	for _, thesis := range thesisNames(tx) {
		for _, name := range thesisBuckets {
			if thesisBucket(tx, thesis, name) == nil {
				return fmt.Errorf("%w: thesis %s: bucket %s is missing", ErrDamaged, thesis, name)
			}
		}
		for _, name := range [][]byte{verdictsBucket, codingsBucket, drawsBucket} {
			if err := newest(thesisBucket(tx, thesis, name), sealed); err != nil {
				return err
			}
		}
	}
	return nil
}

// newest calls fn for the last records of a bucket, whose keys must descend.
func newest(b *bbolt.Bucket, fn func(k, v []byte) error) error {
	var above []byte
	c := b.Cursor()
	k, v := c.Last()
	for n := 0; k != nil && n < verifiedRecords; n++ {
		if above != nil && bytes.Compare(k, above) >= 0 {
			return fmt.Errorf("%w: key %q is out of order", ErrDamaged, k)
		}
		if err := fn(k, v); err != nil {
			return err
		}
		above = append(above[:0], k...)
		k, v = c.Prev()
	}
	return nil
}

// checkTallies compares the two kinds of tallies: in every hour as many posts on topic are counted by author as without.
func (p *projection) checkTallies(byAuthor []hourCount) error {
	onTopic := make([]bool, len(p.facets))
	for i := range p.facets {
		onTopic[i] = outcomeNumber(p.facets[i].outcome) < int(classify.Unrelated)
	}
	var without []hourCount
	for _, h := range p.hours.hours {
		c := hourCount{hour: h.hour}
		for _, t := range h.tallies {
			if onTopic[t.facet()] {
				c.n += t.n()
			}
		}
		if c.n > 0 {
			without = append(without, c)
		}
	}
	for i := range max(len(byAuthor), len(without)) {
		if i < min(len(byAuthor), len(without)) && byAuthor[i] == without[i] {
			continue
		}
		hour := slices.MinFunc(slices.Concat(byAuthor[min(i, len(byAuthor)):], without[min(i, len(without)):]), func(a, b hourCount) int { return cmp.Compare(a.hour, b.hour) }).hour
		return fmt.Errorf("%w: the tallies of the hour from %s contradict each other; see 'stallwatch check'", ErrDamaged, hourStart(hour).Format("2006-01-02 15:04 UTC"))
	}
	return nil
}

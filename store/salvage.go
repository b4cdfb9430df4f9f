package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"

	"stallwatch/classify"
)

// AbstainLost is the reason given for a salvaged post whose verdict could not be read.
const AbstainLost classify.Abstention = "verdict lost"

// Salvage reads what can be read of a store that Open refuses or Check finds damaged: it goes by the pages of the file and
// the checksums of the records, changes nothing, and calls fn for every whole post of a thesis, the oldest first, without
// its cluster and codings. A post whose verdict is damaged comes with a verdict that abstains with AbstainLost. It returns
// how many came, and a sentence for each piece that could not be read. It ends with fn's error, as it is, or with the
// context's. A store of schema 1 has no checksums and cannot be salvaged.
func Salvage(ctx context.Context, path, thesis string, fn func(Record) error) (n int, problems []string, err error) {
	d, err := openSalvage(path)
	if err != nil {
		return 0, nil, err
	}
	defer d.close()
	verdicts := pullVerdicts(d, thesis)
	defer verdicts.stop()
	if err := d.checkSchema(); err != nil {
		return 0, nil, fmt.Errorf("store %s: salvage: %w", path, err)
	}
	for key, raw := range d.sealed("posts", d.bucketOf(postsBucket)) {
		if err := ctx.Err(); err != nil {
			return n, d.problems(), err
		}
		r, ok := d.record(key, raw, verdicts)
		if !ok {
			continue
		}
		n++
		if err := fn(r); err != nil {
			return n, d.problems(), err
		}
	}
	return n, d.problems(), nil
}

// salvage is a file open for Salvage or Repair.
type salvage struct {
	*pageFile
	unlock func()
	found  checker // collects the problems
}

func openSalvage(path string) (*salvage, error) {
	d := &salvage{unlock: func() {}}
	db, err := openFile(path, true)
	switch {
	case errors.Is(err, ErrInUse):
		return nil, err
	case err == nil:
		d.unlock = func() { db.Close() } // held, so that nobody writes meanwhile
	}
	if d.pageFile, err = openPages(path, d.found.report); err != nil {
		d.unlock()
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	if _, ok := d.bucket(d.top(), stateBucket); !ok {
		if _, ok := d.bucket(d.top(), postsBucket); !ok {
			d.found.report("the list of buckets cannot be read")
		}
	}
	return d, nil
}

func (d *salvage) close() {
	d.pageFile.close()
	d.unlock()
}

func (d *salvage) problems() []string {
	if d.found.more > 0 {
		return append(d.found.problems, fmt.Sprintf("… and %d more", d.found.more))
	}
	return d.found.problems
}

// bucketOf finds a bucket by its path; an empty one where it cannot be found.
func (d *salvage) bucketOf(path ...[]byte) bucketAt {
	b := d.top()
	for _, name := range path {
		next, ok := d.bucket(b, name)
		if !ok {
			return bucketAt{}
		}
		b = next
	}
	return b
}

func (d *salvage) theses() (names []string) {
	for e := range d.entries(d.bucketOf(thesesBucket)) {
		if e.bucket {
			names = append(names, string(e.key))
		}
	}
	return names
}

// sealed are the whole records of a bucket, in order of keys. What fails its checksum is reported.
func (d *salvage) sealed(name string, b bucketAt) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, raw []byte) bool) {
		var last []byte
		for e := range d.entries(b) {
			raw, err := unseal(e.key, e.value)
			switch {
			case err != nil:
				d.found.report("bucket %s: %v", name, err)
			case last != nil && bytes.Compare(last, e.key) >= 0:
				d.found.report("bucket %s: key %q is out of order", name, e.key)
			default:
				last = append(last[:0], e.key...)
				if !yield(e.key, raw) {
					return
				}
			}
		}
	}
}

// verdictsAt gives the verdicts of one thesis as the posts come by, both being in order of keys.
type verdictsAt struct {
	pull     func() ([]byte, []byte, bool)
	stop     func()
	key, raw []byte
	more     bool
}

func pullVerdicts(d *salvage, thesis string) *verdictsAt {
	b := d.bucketOf(thesesBucket, []byte(thesis), verdictsBucket)
	v := &verdictsAt{}
	v.pull, v.stop = iter.Pull2(d.sealed("theses/"+thesis+"/verdicts", b))
	v.next()
	return v
}

func (v *verdictsAt) next() { v.key, v.raw, v.more = v.pull() }

// at is the verdict on the post at key; nil when there is none.
func (v *verdictsAt) at(key []byte) []byte {
	for v.more && bytes.Compare(v.key, key) < 0 {
		v.next()
	}
	if v.more && bytes.Equal(v.key, key) {
		return v.raw
	}
	return nil
}

// record joins a post with its verdict. ok is false when the post has none on the thesis, or cannot be decoded.
func (d *salvage) record(key, raw []byte, verdicts *verdictsAt) (r Record, ok bool) {
	at, platform, id, err := splitPostKey(key)
	var p storedPost
	if err == nil {
		err = unmarshal(key, raw, &p)
	}
	if err != nil {
		d.found.report("bucket posts: %v", err)
		return r, false
	}
	r = Record{Post: p.unpack(at, platform, id), Author: hex.EncodeToString(p.Author), Entry: p.Entry}
	var v storedVerdict
	switch raw := verdicts.at(key); {
	case raw == nil && len(d.found.problems) == 0:
		return r, false // nothing was lost: another thesis's post
	case raw == nil:
		v = storedVerdict{Abstain: string(AbstainLost), Stance: uint8(classify.Unrelated)}
	default:
		if err := unmarshal(key, slices.Clone(raw), &v); err != nil {
			d.found.report("%v", err)
			return r, false
		}
	}
	r.Verdict, err = v.unpack()
	return r, err == nil
}

package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// Repaired says what Repair found and kept.
type Repaired struct {
	Posts    int      `json:"posts"`    // that are in the repaired store
	Verdicts int      `json:"verdicts"` // on them; a post without one can be judged again by reclassify
	Problems []string `json:"problems"` // what could not be read
	Kept     string   `json:"kept"`     // name of the damaged file
}

// Repair makes a new file of every record that is whole, with tallies, indexes and clusters made anew, and puts it in the
// place of the damaged one, which stays as FILE.damaged. It needs room for a second copy; interrupted, it changes nothing.
// The new ledger says what was done; of Problems the ledger entry has the number.
func Repair(ctx context.Context, path, version string, progress Progress) (out Repaired, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return out, fmt.Errorf("%w at %s", ErrNoStore, path)
	}
	d, err := openSalvage(path)
	if err != nil {
		return out, err
	}
	defer d.close()
	if err := d.checkSchema(); err != nil {
		return out, fmt.Errorf("store %s: repair: %w", path, err)
	}
	out.Kept = path + ".damaged"
	started := time.Now().UTC()
	err = rebuild(&Store{path: path}, ".repairing", ".damaged", func(into *Store) error {
		r := repairer{ctx: ctx, d: d, into: into, out: &out, progress: progress}
		if err := r.run(); err != nil {
			return err
		}
		out.Problems = d.problems()
		if out.Posts == 0 && len(out.Problems) > 0 {
			return fmt.Errorf("%w: no post could be read; the first of %d problems: %s", ErrDamaged, len(out.Problems), out.Problems[0])
		}
		run := into.Begin(Entry{Action: "repair", Version: version, Started: started,
			Note: fmt.Sprintf("%d posts and %d verdicts were whole; %d problems", out.Posts, out.Verdicts, len(out.Problems)+d.found.more)})
		_, err := run.Finish(time.Now().UTC())
		return err
	})
	if err != nil {
		err = fmt.Errorf("store %s: repair: %w", path, err)
	}
	return out, err
}

// checkSchema refuses files of other versions, as far as theirs can be read.
func (d *salvage) checkSchema() error {
	for e := range d.entries(d.bucketOf(metaBucket)) {
		if bytes.Equal(e.key, schemaKey) && len(e.value) == 4 {
			return compareSchema(int(binary.BigEndian.Uint32(e.value)))
		}
	}
	return nil
}

type repairer struct {
	ctx      context.Context
	d        *salvage
	into     *Store
	out      *Repaired
	progress Progress
	n        int
}

func (r *repairer) run() error {
	theses := r.d.theses()
	err := r.inBatches(func(yield func(func(*writer) error) bool) {
		r.copyPlain(yield, theses)
		r.copyPosts(yield, theses)
	})
	if err != nil {
		return err
	}
	for _, name := range theses {
		if err := r.into.write(func(w *writer) error { return r.mendClusters(w, name) }); err != nil && !errors.Is(err, errUnchanged) {
			return err
		}
	}
	return nil
}

// inBatches runs pieces of work, so many to a transaction.
func (r *repairer) inBatches(pieces func(yield func(func(*writer) error) bool)) (err error) {
	var batch []func(*writer) error
	flush := func() bool {
		if err = r.ctx.Err(); err == nil && len(batch) > 0 {
			err = r.into.write(func(w *writer) error {
				w.touched = true
				for _, piece := range batch {
					if err := piece(w); err != nil {
						return err
					}
				}
				return nil
			})
		}
		batch = batch[:0]
		return err == nil
	}
	pieces(func(piece func(*writer) error) bool {
		batch = append(batch, piece)
		return err == nil && (len(batch) < migrateBatch || flush())
	})
	if err == nil {
		flush()
	}
	return err
}

// copyPlain copies the buckets whose records stand alone.
func (r *repairer) copyPlain(yield func(func(*writer) error) bool, theses []string) {
	into := func(name string, from bucketAt, to func(*writer) (*bbolt.Bucket, error)) bool {
		for k, raw := range r.d.sealed(name, from) {
			key, value := bytes.Clone(k), seal(k, bytes.Clone(raw))
			if !yield(func(w *writer) error {
				b, err := to(w)
				if err != nil {
					return err
				}
				if len(key) == 8 && name == string(ledgerBucket) {
					if err := b.SetSequence(max(b.Sequence(), binary.BigEndian.Uint64(key))); err != nil {
						return err
					}
				}
				return b.Put(key, value)
			}) {
				return false
			}
		}
		return true
	}
	for _, name := range [][]byte{ledgerBucket, tombstonesBucket, stateBucket} {
		if !into(string(name), r.d.bucketOf(name), func(w *writer) (*bbolt.Bucket, error) { return w.tx.Bucket(name), nil }) {
			return
		}
	}
	for _, thesis := range theses {
		for _, name := range [][]byte{codingsBucket, drawsBucket} {
			if !into("theses/"+thesis+"/"+string(name), r.d.bucketOf(thesesBucket, []byte(thesis), name), func(w *writer) (*bbolt.Bucket, error) {
				t, err := w.thesis(thesis)
				if err != nil {
					return nil, err
				}
				return map[bool]*bbolt.Bucket{true: t.codings, false: t.draws}[bytes.Equal(name, codingsBucket)], nil
			}) {
				return
			}
		}
	}
}

// copyPosts copies posts with the verdicts on them, and counts them anew.
func (r *repairer) copyPosts(yield func(func(*writer) error) bool, theses []string) {
	var verdicts []*verdictsAt
	for _, name := range theses {
		v := pullVerdicts(r.d, name)
		defer v.stop()
		verdicts = append(verdicts, v)
	}
	total := int(r.d.size / 500) // a guess: posts are not counted before they are read
	for k, raw := range r.d.sealed("posts", r.d.bucketOf(postsBucket)) {
		p := version{key: bytes.Clone(k)}
		_, _, _, err := splitPostKey(k)
		if err == nil {
			err = unmarshal(k, bytes.Clone(raw), &p.post)
		}
		if err != nil {
			r.d.found.report("bucket posts: %v", err)
			continue
		}
		judged := map[string]storedVerdict{}
		for i, name := range theses {
			if raw := verdicts[i].at(k); raw != nil {
				var v storedVerdict
				if err := unmarshal(k, bytes.Clone(raw), &v); err != nil {
					r.d.found.report("theses/%s/verdicts: %v", name, err)
					continue
				}
				judged[name] = v
			}
		}
		if r.n++; r.n%1000 == 0 {
			r.progress.at(r.n, max(total, r.n+1))
		}
		if !yield(func(w *writer) error { return r.copyPost(w, p, judged) }) {
			return
		}
	}
}

func (r *repairer) copyPost(w *writer, p version, judged map[string]storedVerdict) error {
	if w.tombstones.has(p.key[8:]) {
		return nil
	}
	if other, err := w.stored(p.key[8:]); err != nil {
		return err
	} else if other != nil {
		if compareRest(&p, other) <= 0 {
			return nil // unreachable in a store that this package wrote: an id is there once
		}
		if _, err := w.remove(*other); err != nil {
			return err
		}
		r.out.Posts--
	}
	r.out.Posts++
	w.putPost(p)
	for name, v := range judged {
		t, err := w.thesis(name)
		if err != nil {
			return err
		}
		r.out.Verdicts++
		if err := t.adopt(p, &v); err != nil {
			return err
		}
	}
	return nil
}

// adopt stores a verdict with the cluster that it names.
func (t *thesisWriter) adopt(p version, v *storedVerdict) error {
	belongs := clusterable(&p.post, v)
	var set []uint64
	if belongs {
		set = shingles(p.post.Text)
	}
	switch {
	case belongs && len(v.Cluster) > 0:
		v.Head = 0
		t.members.put(memberKey(v.Cluster, p.key), []byte{})
	case belongs && v.Head > 0 && v.Head <= maxHead && set != nil && !t.heads.has(headKey(v.Head)):
		v.Cluster = nil
		k := sketchOf(set)
		t.changeHead(headChange{number: uint32(v.Head), sketch: k})
		t.heads.put(headKey(v.Head), headValue(&k, p.key))
		if err := t.heads.bucket.SetSequence(max(t.heads.bucket.Sequence(), v.Head)); err != nil {
			return err
		}
	default:
		return t.attach(p, v)
	}
	t.count(p, v, 1)
	t.putVerdict(p.key, v)
	return nil
}

// mendClusters lists the first post of each cluster among its members, and gives those that have lost theirs a new one.
func (r *repairer) mendClusters(w *writer, thesis string) error {
	t, err := w.thesis(thesis)
	if err != nil {
		return err
	}
	members, err := t.members.keys(nil)
	if err != nil {
		return err
	}
	var last []byte
	for _, m := range members {
		platform, rest, _ := bytes.Cut(m, []byte{0})
		id, _, _ := bytes.Cut(rest, []byte{0})
		head := idKey(string(platform), string(id))
		if bytes.Equal(head, last) {
			continue
		}
		last = slices.Clone(head)
		first, err := w.stored(head)
		if err != nil {
			return err
		}
		if first != nil {
			if v, err := t.verdict(first.key); err != nil {
				return err
			} else if v != nil && v.Head > 0 {
				t.members.put(memberKey(head, first.key), []byte{})
				continue
			}
		}
		if err := t.promote(head, nil); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"bytes"
	"fmt"
	"slices"

	"stallwatch/collector"
)

// A cluster is the first stored of some near-duplicates and the later ones that are similar to it. Only posts on the
// topic of the thesis and with words of their own are looked at: reposts repeat by definition.

func clusterable(p *storedPost, v *storedVerdict) bool {
	return v.onTopic() && p.Kind != string(collector.Repost)
}

// memberKey is the id key of a cluster's first post, 00, and the key of a post in it. A cluster of one has none.
func memberKey(head, key []byte) []byte {
	return append(append(slices.Clone(head), 0), key...)
}

// joinCluster finds the cluster of a post that is about to be stored, or makes it the first of one to come.
func (t *thesisWriter) joinCluster(p version, v *storedVerdict) error {
	v.Cluster, v.Head = nil, 0
	if !clusterable(&p.post, v) {
		return nil
	}
	set := shingles(p.post.Text)
	if set == nil {
		return nil
	}
	k := sketchOf(set)
	head, err := t.mostSimilar(set, &k)
	if err != nil {
		return err
	}
	if head == nil {
		if err := t.lead(p, v, &k); err != nil {
			return err
		}
		t.w.store.clusters.byThesis[t.name].keep(uint32(v.Head), firstPost{p.key, set}) // mostSimilar has loaded them
		return nil
	}
	v.Cluster = slices.Clone(head[8:])
	t.members.put(memberKey(v.Cluster, head), []byte{})
	t.members.put(memberKey(v.Cluster, p.key), []byte{})
	return nil
}

// lead makes a post findable as the first of a cluster.
func (t *thesisWriter) lead(p version, v *storedVerdict, k *sketch) (err error) {
	if v.Head, err = t.heads.bucket.NextSequence(); err != nil {
		return err
	}
	if v.Head > maxHead {
		return fmt.Errorf("%d clusters are the most that a thesis may have; stallwatch compact", uint64(maxHead))
	}
	t.changeHead(headChange{number: uint32(v.Head), sketch: *k})
	t.heads.put(headKey(v.Head), headValue(k, p.key))
	return nil
}

// mostSimilar is the key of the most similar first post of a cluster, of equals the one stored first; nil when none is near.
func (t *thesisWriter) mostSimilar(set []uint64, k *sketch) (best []byte, err error) {
	known, err := t.knownHeads()
	if err != nil {
		return nil, err
	}
	t.candidates = t.candidates[:0]
	known.matches(k, func(number uint32) { t.candidates = append(t.candidates, number) })
	slices.Sort(t.candidates)
	top := minJaccard
	for _, number := range slices.Compact(t.candidates) {
		first, err := t.firstPost(known, number)
		if err != nil {
			return nil, err
		}
		if s := jaccard(set, first.set); s > top || s == top && best == nil {
			top, best = s, first.key
		}
	}
	return best, nil
}

// firstPost reads the first post of a cluster.
func (t *thesisWriter) firstPost(known *heads, number uint32) (f firstPost, err error) {
	if f, ok := known.read[number]; ok {
		return f, nil
	}
	_, key, err := readHead(t.heads.get(headKey(uint64(number))))
	if err != nil {
		return f, err
	}
	text, err := textOf(key, t.w.posts.get(key))
	if err != nil {
		return f, err
	}
	f = firstPost{slices.Clone(key), shingles(text)}
	known.keep(number, f)
	t.w.look()
	return f, nil
}

// leaveCluster takes a post out of its cluster. When the first goes, the earliest of the rest takes its place.
func (t *thesisWriter) leaveCluster(p version, v *storedVerdict) error {
	if !clusterable(&p.post, v) {
		return nil
	}
	if len(v.Cluster) > 0 {
		t.members.delete(memberKey(v.Cluster, p.key))
		return t.dissolveSingle(v.Cluster)
	}
	if v.Head == 0 {
		return nil
	}
	t.changeHead(headChange{number: uint32(v.Head), sketch: sketchOf(shingles(p.post.Text)), gone: true})
	t.heads.delete(headKey(v.Head))
	return t.promote(p.key[8:], p.key)
}

// dissolveSingle drops the member entry of a first post that is alone again.
func (t *thesisWriter) dissolveSingle(head []byte) error {
	rest, err := t.members.keys(memberKey(head, nil))
	if err == nil && len(rest) == 1 {
		t.members.delete(rest[0])
	}
	return err
}

// promote makes the earliest member of a cluster without its first post the first of the others.
func (t *thesisWriter) promote(head, gone []byte) error {
	t.members.delete(memberKey(head, gone))
	members, err := t.members.keys(memberKey(head, nil))
	if err != nil || len(members) == 0 {
		return err
	}
	prefix := len(head) + 1
	first := members[0][prefix:]
	for _, m := range members {
		t.members.delete(m)
		p, v, err := t.read(m[prefix:])
		if err != nil {
			return err
		}
		t.count(p, v, -1)
		if v.Cluster = nil; !bytes.Equal(p.key, first) {
			v.Cluster = slices.Clone(first[8:])
		} else {
			k := sketchOf(shingles(p.post.Text))
			if err := t.lead(p, v, &k); err != nil {
				return err
			}
		}
		t.count(p, v, 1)
		t.putVerdict(p.key, v)
		if len(members) > 1 {
			t.members.put(memberKey(first[8:], p.key), []byte{})
		}
	}
	return nil
}

// read returns the post and the verdict at key.
func (t *thesisWriter) read(key []byte) (version, *storedVerdict, error) {
	p := version{key: key}
	v, err := t.verdict(key)
	if err == nil && v == nil {
		err = fmt.Errorf("%w: no verdict at key %q", ErrDamaged, key)
	}
	if err != nil {
		return p, nil, err
	}
	return p, v, decode(key, t.w.posts.get(key), &p.post)
}

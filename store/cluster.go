package store

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"stallwatch/collector"
)

// A cluster is the first stored of some near-duplicates and the later ones that are similar to it. Only posts on the
// topic of the thesis and with words of their own are looked at: reposts repeat by definition.

// bandLimit bounds the clusters that one band leads to, and so the comparisons that one post costs.
const bandLimit = 16

func clusterable(p *storedPost, v *storedVerdict) bool {
	return v.onTopic() && p.Kind != string(collector.Repost)
}

// memberKey is the id key of a cluster's first post, 00, and the key of a post in it. A cluster of one has none.
func memberKey(head, key []byte) []byte {
	return append(append(slices.Clone(head), 0), key...)
}

// joinCluster finds the cluster of a post that is about to be stored, or makes it the first of one to come.
func (t *thesisWriter) joinCluster(p version, v *storedVerdict) error {
	v.Cluster = nil
	if !clusterable(&p.post, v) {
		return nil
	}
	set := shingles(p.post.Text)
	if set == nil {
		return nil
	}
	bands := bandKeys(set)
	head, err := t.mostSimilar(set, &bands)
	if err != nil {
		return err
	}
	if head == nil {
		return t.addBands(p.key, &bands)
	}
	v.Cluster = slices.Clone(head[8:])
	t.members.put(memberKey(v.Cluster, head), []byte{})
	t.members.put(memberKey(v.Cluster, p.key), []byte{})
	return nil
}

// mostSimilar is the key of the most similar first post of a cluster, the smallest of equals; nil when none is near.
func (t *thesisWriter) mostSimilar(set []uint64, bands *[bandCount][9]byte) (best []byte, err error) {
	seen := map[string]bool{}
	top := minJaccard
	for _, band := range bands {
		keys, err := readBand(t.bands.get(band[:]))
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if seen[string(key)] {
				continue
			}
			seen[string(key)] = true
			var p storedPost
			if err := decode(key, t.w.posts.get(key), &p); err != nil {
				return nil, err
			}
			if s := jaccard(set, shingles(p.Text)); s > top || s == top && (best == nil || bytes.Compare(key, best) < 0) {
				top, best = s, key
			}
		}
	}
	return best, nil
}

func readBand(raw []byte) (keys [][]byte, err error) {
	if raw == nil {
		return nil, nil
	}
	if err := cbor.Unmarshal(raw, &keys); err != nil {
		return nil, fmt.Errorf("%w: band: %v", ErrDamaged, err)
	}
	return keys, nil
}

func (t *thesisWriter) addBands(key []byte, bands *[bandCount][9]byte) error {
	return t.changeBands(bands, func(keys [][]byte) [][]byte {
		if len(keys) >= bandLimit {
			return keys
		}
		return append(keys, key)
	})
}

func (t *thesisWriter) removeBands(key []byte, bands *[bandCount][9]byte) error {
	return t.changeBands(bands, func(keys [][]byte) [][]byte {
		return slices.DeleteFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) })
	})
}

func (t *thesisWriter) changeBands(bands *[bandCount][9]byte, change func([][]byte) [][]byte) error {
	for _, band := range bands {
		keys, err := readBand(t.bands.get(band[:]))
		if err != nil {
			return err
		}
		if keys = change(keys); len(keys) == 0 {
			t.bands.delete(band[:])
			continue
		}
		raw, err := cbor.Marshal(keys)
		if err != nil {
			return err
		}
		t.bands.put(band[:], raw)
	}
	return nil
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
	set := shingles(p.post.Text)
	if set == nil {
		return nil
	}
	bands := bandKeys(set)
	if err := t.removeBands(p.key, &bands); err != nil {
		return err
	}
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
		} else if err := t.lead(p); err != nil {
			return err
		}
		t.count(p, v, 1)
		if err := t.putVerdict(p.key, v); err != nil {
			return err
		}
		if len(members) > 1 {
			t.members.put(memberKey(first[8:], p.key), []byte{})
		}
	}
	return nil
}

// lead makes a post findable as the first of a cluster.
func (t *thesisWriter) lead(p version) error {
	bands := bandKeys(shingles(p.post.Text))
	return t.addBands(p.key, &bands)
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

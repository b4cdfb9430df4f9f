package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"stallwatch/collector"
)

// ErrNoPost is wrapped when a post is asked for that the store does not have, or that has no verdict on the thesis.
var ErrNoPost = errors.New("no such post")

// ErrBadCursor is wrapped when a cursor is not one that Posts gave out.
var ErrBadCursor = errors.New("not a cursor of this store")

// Cursor is a place in a list of posts. It may stand in an address; it stays valid when posts come and go.
type Cursor string

func (c Cursor) key() ([]byte, error) {
	k, err := base64.RawURLEncoding.DecodeString(string(c))
	if err == nil {
		_, _, _, err = splitPostKey(k)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %.80q", ErrBadCursor, c)
	}
	return k, nil
}

func cursorAt(key []byte) Cursor { return Cursor(base64.RawURLEncoding.EncodeToString(key)) }

// scanRows bounds how many verdicts one read transaction looks at: a long one keeps the file from reusing pages.
const scanRows = 20_000

// Posts lists up to n posts with verdicts on a thesis, the newest first, from where after points to; "" is the beginning.
// next is "" at the end. A rare choice is found by marks, once a search has taken long (see the package's Searching); Text
// alone is looked for in all texts.
func (s *Store) Posts(thesis string, f Filter, after Cursor, n int) (page []Record, next Cursor, err error) {
	sc := &scan{store: s, thesis: thesis, filter: f, newestFirst: true}
	if after != "" {
		if sc.at, err = after.key(); err != nil {
			return nil, "", err
		}
	}
	err = sc.run(context.Background(), func(key []byte, r Record) (bool, error) {
		if len(page) == n {
			next = cursorAt(sc.last)
			return false, nil
		}
		sc.last = bytes.Clone(key)
		page = append(page, r)
		return true, nil
	})
	return page, next, s.wrap("posts", err)
}

// Each calls fn for all posts of a thesis that the filter chooses, the oldest first, outside of any transaction: it may
// take its time and use the store. Posts that come meanwhile may or may not be seen. It ends with fn's error, as it is, or
// with the context's.
func (s *Store) Each(ctx context.Context, thesis string, f Filter, fn func(Record) error) error {
	sc := &scan{store: s, thesis: thesis, filter: f}
	var failed error
	err := sc.run(ctx, func(_ []byte, r Record) (bool, error) {
		failed = fn(r)
		return failed == nil, nil
	})
	if failed != nil {
		return failed
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.wrap("posts", err)
}

// Post returns one post with its verdict on a thesis.
func (s *Store) Post(thesis string, ref collector.Ref) (r Record, err error) {
	id := idKey(ref.Platform, ref.ID)
	err = s.view(func(tx *bbolt.Tx) error {
		at := tx.Bucket(idsBucket).Get(indexKey(id))
		rd := newReader(tx, thesis)
		if at == nil || rd.verdicts == nil {
			return ErrNoPost
		}
		key := append(slices.Clone(at), id...)
		raw := rd.verdicts.Get(key)
		if raw == nil {
			return ErrNoPost
		}
		var v storedVerdict
		if err := decode(key, raw, &v); err != nil {
			return err
		}
		r, err = rd.record(key, &v)
		return err
	})
	return r, s.wrap("post "+ref.Platform+":"+ref.ID, err)
}

// reader reads records within one transaction.
type reader struct {
	near                                   follower // in posts
	thesis                                 string
	posts, ids, verdicts, members, codings *bbolt.Bucket
}

func newReader(tx *bbolt.Tx, thesis string) *reader {
	return &reader{near: follower{c: tx.Bucket(postsBucket).Cursor()}, thesis: thesis, posts: tx.Bucket(postsBucket), ids: tx.Bucket(idsBucket), verdicts: thesisBucket(tx, thesis, verdictsBucket),
		members: thesisBucket(tx, thesis, membersBucket), codings: thesisBucket(tx, thesis, codingsBucket)}
}

// follower finds the values of keys that come in order, in one direction or the other: mostly the next one is one step away,
// which is many times faster than a search from the root.
type follower struct {
	c    *bbolt.Cursor
	k, v []byte
}

// get returns the value of key; nil when there is none.
func (f *follower) get(key []byte) []byte {
	if f.k != nil {
		switch order := bytes.Compare(key, f.k); {
		case order > 0:
			f.k, f.v = f.c.Next()
		case order < 0:
			f.k, f.v = f.c.Prev()
		}
	}
	if f.k == nil || !bytes.Equal(f.k, key) {
		f.k, f.v = f.c.Seek(key)
	}
	if !bytes.Equal(f.k, key) {
		return nil
	}
	return f.v
}

// record reads the rest of a record; nothing of it is of the mapped file.
func (rd *reader) record(key []byte, v *storedVerdict) (r Record, err error) {
	at, platform, id, err := splitPostKey(key)
	if err != nil {
		return r, err
	}
	var p storedPost
	if err := decode(key, rd.near.get(key), &p); err != nil {
		return r, err
	}
	r = Record{Post: p.unpack(at, platform, id), Author: hex.EncodeToString(p.Author), Entry: p.Entry, Cluster: rd.cluster(key, v)}
	if r.Verdict, err = v.unpack(); err != nil {
		return r, err
	}
	r.Codings, err = rd.codingsOf(key[8:])
	return r, err
}

// cluster is the name of the cluster that the post at key is in.
func (rd *reader) cluster(key []byte, v *storedVerdict) string {
	if len(v.Cluster) > 0 {
		return refName(v.Cluster)
	}
	if rd.members != nil && clusterHas(rd.members, key[8:]) {
		return refName(key[8:])
	}
	return ""
}

func clusterHas(members *bbolt.Bucket, head []byte) bool {
	prefix := memberKey(head, nil)
	k, _ := members.Cursor().Seek(prefix)
	return bytes.HasPrefix(k, prefix)
}

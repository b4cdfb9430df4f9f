package store

import (
	"time"

	"stallwatch/collector"
)

// authorTombstoneKey is platform, 00, 00, author (16): no post has an id that begins with a NUL.
func authorTombstoneKey(platform string, author authorHash) []byte {
	return append(append(append(make([]byte, 0, len(platform)+2+len(author)), platform...), 0, 0), author[:]...)
}

// forgetAuthors removes all posts of accounts that are gone, and leaves a tombstone for each post and each account: what
// the account made before it went is skipped when it comes later. What it makes after that, should it come back, is stored
// like any other post. There is no index of posts by author: all posts are read once, some million a second.
func (w *writer) forgetAuthors(accounts []collector.GoneAccount, entry uint64, now time.Time, n *Totals) error {
	gone := map[authorHash]bool{}
	for _, a := range accounts {
		if err := checkRef(a.Platform, a.ID); err != nil {
			return err
		}
		author := w.store.authors.hash(a.Platform, a.ID)
		gone[author] = true
		if err := w.buryAuthor(authorTombstoneKey(a.Platform, author), a.At, entry, now); err != nil {
			return err
		}
	}
	if len(gone) == 0 {
		return nil
	}
	refs, err := w.postsOf(gone)
	for i := 0; err == nil && i < len(refs); i++ {
		err = w.forget(refs[i], entry, now, n)
	}
	return err
}

// buryAuthor writes the tombstone of an account that went at a time, or, when that is not known, now. Of two times the later
// one stays.
func (w *writer) buryAuthor(key []byte, at time.Time, entry uint64, now time.Time) error {
	if raw := w.tombstones.get(key); raw != nil {
		var old tombstone
		if err := decode(key, raw, &old); err != nil || at.IsZero() || old.Until >= at.UnixMilli() {
			return err
		}
	}
	if at.IsZero() {
		at = now
	}
	raw, err := encode(key, tombstone{entry, now.UnixMilli(), at.UnixMilli()})
	w.tombstones.put(key, raw)
	return err
}

// postsOf lists the posts of authors.
func (w *writer) postsOf(authors map[authorHash]bool) (refs []collector.Ref, err error) {
	err = each(w.posts.bucket, nil, func(k, v []byte) error {
		raw, err := unseal(k, v)
		if err != nil {
			return err
		}
		size, hash, ok := head(field(raw, 9), 2)
		if !ok || size != uint64(len(authorHash{})) || len(hash) < len(authorHash{}) || !authors[authorHash(hash[:len(authorHash{})])] {
			return nil
		}
		_, platform, id, err := splitPostKey(k)
		refs = append(refs, collector.Ref{Platform: platform, ID: id})
		return err
	})
	return refs, err
}

// authorGone tells whether a post is from before its author went.
func (w *writer) authorGone(p *collector.Post, author authorHash) (bool, error) {
	if author == (authorHash{}) || w.tombstones.cursor == nil && !w.tombstones.changed() {
		return false, nil
	}
	key := authorTombstoneKey(p.Platform, author)
	raw := w.tombstones.get(key)
	if raw == nil {
		return false, nil
	}
	var t tombstone
	err := decode(key, raw, &t)
	return p.CreatedAt.UnixMilli() <= t.Until, err
}

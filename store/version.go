package store

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"
)

// version is one version of a post on its way into the store. Its key, in posts, is never changed.
type version struct {
	key  []byte
	post storedPost
}

func (v *version) time() time.Time { return time.UnixMilli(getInt64(v.key)).UTC() }

// join is what the store keeps of a post of which it has v and gets in: the text, and what was read out of it, of the one
// version, the rest, its time among it, of the other or the same, and each count of that which counted it last; see
// compareText, compareRest and takeCounts. In which order versions come makes no difference, but for the ledger entry,
// which is that of the text. newText reports whether the text is of in, changed whether anything is.
func (v *version) join(in *version) (out version, newText, changed bool) {
	newText, changed = compareText(&in.post, &v.post) > 0, compareRest(in, v) > 0
	out, text := *v, v
	if changed {
		out = *in
	}
	if newText {
		text = in
	}
	out.post.takeText(&text.post)
	newCounts := out.post.takeCounts(v.post, in.post)
	return out, newText, changed || newText || newCounts
}

// clashes tells whether two versions of a post are hardly of one: they have different authors, and texts that do not begin alike.
// Authors alone differ where one source has ids for them and another names.
func (v *version) clashes(in *version) bool {
	begins := func(s string) string { return s[:min(len(s), 8)] }
	return len(v.post.Author) > 0 && len(in.post.Author) > 0 && !bytes.Equal(v.post.Author, in.post.Author) && begins(v.post.Text) != begins(in.post.Text)
}

// compareText compares two versions of a post: a whole text is better than a cut one, then one that was observed later
// (never is before any time), then a longer one. The rest only sees to it that the order does not matter.
func compareText(a, b *storedPost) int {
	whole := func(p *storedPost) int {
		if p.Truncated {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(whole(a), whole(b)), cmp.Compare(a.textObserved(), b.textObserved()), cmp.Compare(len(a.Text), len(b.Text)),
		strings.Compare(a.Text, b.Text), slices.Compare(a.Hashtags, b.Hashtags), slices.Compare(a.URLs, b.URLs), strings.Compare(a.Lang, b.Lang))
}

// compareRest compares what else two versions of a post say: the one observed later is right. The rest only sees to it that
// the order does not matter.
func compareRest(a, b *version) int {
	p, q := &a.post, &b.post
	return cmp.Or(cmp.Compare(p.Observed, q.Observed), bytes.Compare(a.key, b.key), strings.Compare(p.Kind, q.Kind),
		strings.Compare(p.ReplyTo, q.ReplyTo), strings.Compare(p.Quoted, q.Quoted), strings.Compare(p.Reposted, q.Reposted),
		strings.Compare(p.Conversation, q.Conversation))
}

// counts are the places of the counts, in the order of Counted.
func (s *storedPost) counts() [5]**int64 {
	return [...]**int64{&s.Likes, &s.Reposts, &s.Replies, &s.Quotes, &s.Views}
}

// takeCounts takes each count from that of two versions which states it and was observed later, then the higher one, and
// reports whether any is of b. A version without counts takes nothing away from those that have some.
func (s *storedPost) takeCounts(a, b storedPost) (ofB bool) {
	var at [5]int64
	to, ofA, inB := s.counts(), a.counts(), b.counts()
	for i := range to {
		n, of := *ofA[i], &a
		if m := *inB[i]; m != nil && (n == nil || cmp.Or(cmp.Compare(b.countObserved(i), a.countObserved(i)), cmp.Compare(*m, *n)) > 0) {
			n, of, ofB = m, &b, true
		}
		if *to[i] = n; n != nil {
			at[i] = s.beside(of.countObserved(i))
		}
	}
	if s.Counted = nil; at != [5]int64{} {
		s.Counted = at[:]
	}
	return ofB
}

// countObserved is when the version was observed that a count is of, Unix ms; 0 when that is not known.
func (s *storedPost) countObserved(i int) int64 {
	if i >= len(s.Counted) {
		return s.Observed
	}
	return s.told(s.Counted[i])
}

// unknownTime stands for no time where 0 has another meaning.
const unknownTime = -1

// told is the time that a field holds which is mostly that of Observed; beside is what to write into such a field.
func (s *storedPost) told(at int64) int64 {
	switch at {
	case 0:
		return s.Observed
	case unknownTime:
		return 0
	}
	return at
}

func (s *storedPost) beside(at int64) int64 {
	switch at {
	case s.Observed:
		return 0
	case 0:
		return unknownTime
	}
	return at
}

// textObserved is when the version was observed that the text is of, Unix ms; 0 when that is not known.
func (s *storedPost) textObserved() int64 { return s.told(s.TextObserved) }

func (s *storedPost) takeText(o *storedPost) {
	s.TextObserved = s.beside(o.textObserved())
	s.Text, s.Truncated, s.Lang, s.URLs, s.Hashtags, s.Entry = o.Text, o.Truncated, o.Lang, o.URLs, o.Hashtags, o.Entry
}

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
// version, and the rest, its counts and its time among it, of the other or the same; see compareText and compareRest. In
// which order versions come makes no difference, but for the ledger entry, which is that of the text. newText reports
// whether the text is of in, changed whether anything is.
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
	return out, newText, changed || newText
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

// compareRest compares what else two versions of a post say: the one observed later is right, then the one that counts more.
// The rest only sees to it that the order does not matter.
func compareRest(a, b *version) int {
	p, q := &a.post, &b.post
	return cmp.Or(cmp.Compare(p.Observed, q.Observed), cmp.Compare(p.counted(), q.counted()), bytes.Compare(a.key, b.key), strings.Compare(p.Kind, q.Kind),
		strings.Compare(p.ReplyTo, q.ReplyTo), strings.Compare(p.Quoted, q.Quoted), strings.Compare(p.Reposted, q.Reposted),
		strings.Compare(p.Conversation, q.Conversation))
}

// counted adds up all that was counted of a post.
func (s *storedPost) counted() (n int64) {
	for _, c := range [...]*int64{s.Likes, s.Reposts, s.Replies, s.Quotes, s.Views} {
		if c != nil {
			n += *c
		}
	}
	return n
}

// unknownTime stands for no time where 0 has another meaning.
const unknownTime = -1

// textObserved is when the version was observed that the text is of, Unix ms; 0 when that is not known.
func (s *storedPost) textObserved() int64 {
	switch s.TextObserved {
	case 0:
		return s.Observed
	case unknownTime:
		return 0
	}
	return s.TextObserved
}

func (s *storedPost) takeText(o *storedPost) {
	at := o.textObserved()
	s.Text, s.Truncated, s.Lang, s.URLs, s.Hashtags, s.Entry = o.Text, o.Truncated, o.Lang, o.URLs, o.Hashtags, o.Entry
	switch at {
	case s.Observed:
		s.TextObserved = 0
	case 0:
		s.TextObserved = unknownTime
	default:
		s.TextObserved = at
	}
}

package store

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"stallwatch/classify"
	"stallwatch/collector"
)

// storedPost is a post as it lies in the file: what the key says (time, platform, id) is not repeated. Text comes
// first, so that a search finds it without decoding the rest.
type storedPost struct {
	Text         string   `cbor:"1,keyasint,omitempty"`
	Truncated    bool     `cbor:"2,keyasint,omitempty"`
	Lang         string   `cbor:"3,keyasint,omitempty"`
	Kind         string   `cbor:"4,keyasint,omitempty"`
	ReplyTo      string   `cbor:"5,keyasint,omitempty"`
	Quoted       string   `cbor:"6,keyasint,omitempty"`
	Reposted     string   `cbor:"7,keyasint,omitempty"`
	Conversation string   `cbor:"8,keyasint,omitempty"`
	Author       []byte   `cbor:"9,keyasint,omitempty"`
	Likes        *int64   `cbor:"10,keyasint,omitempty"`
	Reposts      *int64   `cbor:"11,keyasint,omitempty"`
	Replies      *int64   `cbor:"12,keyasint,omitempty"`
	Quotes       *int64   `cbor:"13,keyasint,omitempty"`
	Views        *int64   `cbor:"14,keyasint,omitempty"`
	URLs         []string `cbor:"15,keyasint,omitempty"`
	Hashtags     []string `cbor:"16,keyasint,omitempty"`
	Permalink    string   `cbor:"17,keyasint,omitempty"`
	Entry        uint64   `cbor:"18,keyasint,omitempty"` // ledger entry that brought this version
	Observed     int64    `cbor:"19,keyasint,omitempty"` // Unix ms; 0: unknown
	TextObserved int64    `cbor:"20,keyasint,omitempty"` // of the version that the text is of; 0: as Observed; unknownTime
	Counted      []int64  `cbor:"21,keyasint,omitempty"` // the same of each count, from Likes to Views; none: all as Observed
}

// storedVerdict is a verdict as it lies in the file. Probabilities are in units of 1/65535.
type storedVerdict struct {
	Stance  uint8     `cbor:"1,keyasint"`
	P       [4]uint16 `cbor:"2,keyasint"`
	Abstain string    `cbor:"3,keyasint,omitempty"`
	Model   string    `cbor:"4,keyasint"`
	Cluster []byte    `cbor:"5,keyasint,omitempty"` // id key of the first of the cluster; empty: it is itself the first, or alone
	Tier    uint8     `cbor:"6,keyasint,omitempty"` // place in tiers
	Cut     bool      `cbor:"7,keyasint,omitempty"`
	Head    uint64    `cbor:"8,keyasint,omitempty"` // number in heads of the first of a cluster, also of one alone
}

func packPost(p *collector.Post, author authorHash, entry uint64) storedPost {
	s := storedPost{Text: p.Text, Truncated: p.TextTruncated, Lang: p.Lang, Kind: string(p.Kind), ReplyTo: p.ReplyTo,
		Quoted: p.Quoted, Reposted: p.Reposted, Conversation: p.Conversation,
		Likes: p.Counts.Likes, Reposts: p.Counts.Reposts, Replies: p.Counts.Replies, Quotes: p.Counts.Quotes, Views: p.Counts.Views,
		URLs: p.URLs, Hashtags: p.Hashtags, Permalink: withoutHandle(p), Entry: entry}
	if author != (authorHash{}) {
		s.Author = author[:]
	}
	if !p.Observed.IsZero() {
		s.Observed = p.Observed.UnixMilli()
	}
	return s
}

// withoutHandle is the post's permalink without its author's handle.
func withoutHandle(p *collector.Post) string {
	if p.Platform != "x" {
		return p.Permalink
	}
	if strings.Trim(p.ID, "0123456789") != "" { // made of the post's content: it leads nowhere
		return ""
	}
	const status = "https://x.com/i/web/status/"
	if id, ok := strings.CutPrefix(p.Permalink, status); ok && id == p.ID {
		return p.Permalink
	}
	return status + p.ID
}

func (s *storedPost) unpack(t time.Time, platform, id string) collector.Post {
	p := collector.Post{Platform: platform, ID: id, CreatedAt: t, Text: s.Text, TextTruncated: s.Truncated, Lang: s.Lang,
		Kind: collector.Kind(s.Kind), ReplyTo: s.ReplyTo, Quoted: s.Quoted, Reposted: s.Reposted, Conversation: s.Conversation,
		Counts: collector.Counts{Likes: s.Likes, Reposts: s.Reposts, Replies: s.Replies, Quotes: s.Quotes, Views: s.Views},
		URLs:   s.URLs, Hashtags: s.Hashtags, Permalink: s.Permalink}
	if s.Observed != 0 {
		p.Observed = time.UnixMilli(s.Observed).UTC()
	}
	return p
}

func (s *storedPost) author() (h authorHash) {
	copy(h[:], s.Author)
	return h
}

// tiers are the tiers by their number in the file. Those of a version yet to come are careful.
var tiers = []classify.Tier{"", classify.TierFast, classify.TierCareful}

func packVerdict(v classify.Verdict) storedVerdict {
	s := storedVerdict{Stance: uint8(v.Stance), Abstain: string(v.Abstain), Model: v.Model, Tier: uint8(max(0, slices.Index(tiers, v.Tier))), Cut: v.Cut}
	for i, p := range v.P {
		s.P[i] = uint16(math.Round(min(max(p, 0), 1) * math.MaxUint16))
	}
	return s
}

func (s *storedVerdict) unpack() (v classify.Verdict, err error) {
	if s.Stance >= classify.NumStances {
		return v, fmt.Errorf("%w: a verdict of stance %d", ErrDamaged, s.Stance)
	}
	v = classify.Verdict{Stance: classify.Stance(s.Stance), Abstain: classify.Abstention(s.Abstain), Model: s.Model,
		Tier: tiers[min(int(s.Tier), len(tiers)-1)], Cut: s.Cut}
	for i, p := range s.P {
		v.P[i] = float64(p) / math.MaxUint16
	}
	return v, nil
}

// onTopic reports whether the verdict says that the post is about the thesis.
func (s *storedVerdict) onTopic() bool {
	return s.Abstain == "" && s.Stance != uint8(classify.Unrelated)
}

// outcome names the verdict in tally keys.
func (s *storedVerdict) outcome() string {
	if s.Abstain != "" || s.Stance >= classify.NumStances {
		return "-" + noNUL(s.Abstain)
	}
	return classify.Stance(s.Stance).String()
}

func facetOf(platform string, p *storedPost, v *storedVerdict) facet {
	return facet{later: len(v.Cluster) > 0, platform: platform, kind: noNUL(p.Kind), lang: noNUL(p.Lang), model: noNUL(v.Model), outcome: v.outcome()}
}

// decode checks a sealed value and decodes it.
func decode(key, sealed []byte, into any) error {
	raw, err := unseal(key, sealed)
	if err != nil {
		return err
	}
	return unmarshal(key, raw, into)
}

func unmarshal(key, raw []byte, into any) error {
	if err := cbor.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: record at key %q: %v", ErrDamaged, key, err)
	}
	return nil
}

// encode makes CBOR of a value and seals it. Posts and verdicts, which are many, go through seal methods of their own.
func encode(key []byte, v any) ([]byte, error) {
	raw, err := cbor.Marshal(v)
	if err != nil {
		return nil, err
	}
	return seal(key, raw), nil
}

// Package nostr reads the events of Nostr's relays: notes, comments, articles and reposts are posts.
package nostr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stallwatch/collector"
)

type event struct {
	ID      string           `json:"id"`
	Pubkey  string           `json:"pubkey"`
	Created collector.Number `json:"created_at"`
	Kind    collector.Number `json:"kind"`
	Tags    [][]string       `json:"tags"`
	Content string           `json:"content"`
}

// Decode reads an event. The error is for a value that is no sound JSON object, or a note without id or time.
func Decode(raw []byte) (collector.Batch, error) {
	var e event
	if err := collector.Unmarshal(raw, &e); err != nil {
		return collector.Batch{}, fmt.Errorf("nostr: %w", err)
	}
	kind := int64(-1)
	if n := e.Kind.Ptr(); n != nil {
		kind = *n
	}
	switch kind { // NIP-01, 09, 18, 22, 23, 25, 04, 17
	case 1, 6, 16, 1111, 30023:
	case 0, 3:
		return collector.Skipped(collector.SkipUsers), nil
	case 4, 13, 14, 1059:
		return collector.Skipped(collector.SkipPrivate), nil
	case 5:
		return e.deletion(), nil
	case 7:
		return collector.Skipped(collector.SkipLike), nil
	default:
		return collector.Skipped(collector.SkipNotice), nil
	}
	p, err := e.post(kind)
	switch {
	case err != nil:
		return collector.Batch{}, fmt.Errorf("nostr: %w", err)
	case p.Text == "":
		return collector.Skipped(collector.SkipNoText), nil
	}
	return collector.Batch{Posts: []collector.Post{p}}, nil
}

// deletion asks relays to remove events of the same author.
func (e *event) deletion() collector.Batch {
	b := collector.Skipped(collector.SkipDelete)
	for _, t := range e.Tags {
		if len(t) > 1 && t[0] == "e" && t[1] != "" {
			b.Deletes = append(b.Deletes, collector.Ref{Platform: "nostr", ID: collector.Clean(t[1])})
		}
	}
	return b
}

func (e *event) post(kind int64) (collector.Post, error) {
	at := e.Created.Time()
	switch {
	case e.ID == "":
		return collector.Post{}, errors.New("no id")
	case at.IsZero():
		return collector.Post{}, fmt.Errorf("%.80q has no created_at", e.ID)
	}
	p := collector.Post{Platform: "nostr", ID: collector.Clean(e.ID), Kind: collector.Original,
		Author:    collector.Author{ID: collector.Clean(e.Pubkey)},
		CreatedAt: at, Text: strings.TrimSpace(collector.Clean(e.Content))}
	switch kind {
	case 6, 16: // the content is the event that is repeated, if anything
		var o event
		p.Kind, p.Reposted, p.Text = collector.Repost, e.tag("e"), ""
		if collector.Unmarshal([]byte(e.Content), &o) == nil {
			p.Text = strings.TrimSpace(collector.Clean(o.Content))
		}
	case 30023:
		p.Text = strings.TrimSpace(e.tag("title") + "\n\n" + p.Text)
	default:
		e.refer(&p)
	}
	for _, t := range e.Tags {
		if len(t) > 1 && t[0] == "t" {
			p.Hashtags = collector.AddHashtag(p.Hashtags, t[1])
		}
		if len(p.Hashtags) > 200 {
			break
		}
	}
	collector.AddFromText(&p)
	return p, nil
}

// refer reads what a note answers and quotes, as NIP-10 marks it, or in its older form by place: first the root, last what is answered.
func (e *event) refer(p *collector.Post) {
	var places []string
	for _, t := range e.Tags {
		if len(t) < 2 || t[0] != "e" {
			continue
		}
		switch id := collector.Clean(t[1]); {
		case len(t) > 3 && t[3] == "root":
			p.Conversation = id
		case len(t) > 3 && t[3] == "reply":
			p.ReplyTo = id
		case len(t) < 4 || t[3] == "":
			places = append(places, id)
		}
	}
	if p.Conversation == "" && p.ReplyTo == "" && len(places) > 0 {
		p.Conversation, p.ReplyTo = places[0], places[len(places)-1]
	}
	if p.ReplyTo == "" {
		p.ReplyTo = p.Conversation
	}
	p.Quoted = e.tag("q")
	p.SetKind()
}

// tag is the value of the first tag of that name.
func (e *event) tag(name string) string {
	if i := slices.IndexFunc(e.Tags, func(t []string) bool { return len(t) > 1 && t[0] == name }); i >= 0 {
		return collector.Clean(e.Tags[i][1])
	}
	return ""
}

package mastodon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"stallwatch/collector"
)

// activity is one entry of an outbox: a Create with a note inside, an Announce with the link of somebody else's, or a
// note alone.
type activity struct {
	ID        string   `json:"id"`
	Type      string   `json:"type"`
	Actor     string   `json:"actor"`
	Published string   `json:"published"`
	To        oneOrAll `json:"to"`
	CC        oneOrAll `json:"cc"`
	Object    object   `json:"object"`
}

type note struct {
	ID           string            `json:"id"`
	Type         string            `json:"type"`
	URL          string            `json:"url"`
	AttributedTo string            `json:"attributedTo"`
	Published    string            `json:"published"`
	Updated      string            `json:"updated"`
	Summary      string            `json:"summary"`
	Content      string            `json:"content"`
	ContentMap   map[string]string `json:"contentMap"`
	InReplyTo    string            `json:"inReplyTo"`
	Conversation string            `json:"conversation"`
	Quote        string            `json:"quote"`
	QuoteURL     string            `json:"quoteUrl"`
	To           oneOrAll          `json:"to"`
	CC           oneOrAll          `json:"cc"`
	Tags         []named           `json:"tag"`
}

// object is a note, or only the link to one.
type object struct {
	note
	link string
}

// UnmarshalJSON reads either.
func (o *object) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &o.link)
	}
	return collector.Unmarshal(b, &o.note)
}

// oneOrAll is a list of addresses, which is written as a string when there is only one.
type oneOrAll []string

// UnmarshalJSON reads either, and nothing else.
func (o *oneOrAll) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*o = oneOrAll{one}
		return nil
	}
	var all []any
	json.Unmarshal(b, &all)
	for _, a := range all {
		if s, ok := a.(string); ok {
			*o = append(*o, s)
		}
	}
	return nil
}

func addActivity(b *collector.Batch, raw []byte, index int) {
	var a activity
	err := collector.Unmarshal(raw, &a)
	if err == nil && a.Type != "Create" && a.Type != "Update" && a.Type != "Announce" {
		err = collector.Unmarshal(raw, &a.Object.note)
	}
	if err != nil {
		b.Keep("mastodon", index, collector.Post{}, "", err)
		return
	}
	p, skip, err := a.post()
	b.Keep("mastodon", index, p, skip, err)
	if id := a.Object.link + a.Object.ID; skip == collector.SkipDelete && id != "" {
		b.Deletes = append(b.Deletes, collector.Ref{Platform: "mastodon", ID: collector.Clean(id)})
	}
}

func (a *activity) post() (p collector.Post, skip collector.Reason, err error) {
	n := &a.Object.note
	switch {
	case a.Type == "Delete":
		return p, collector.SkipDelete, nil
	case a.Type == "Announce" && n.Content == "":
		return p, collector.SkipNoText, nil // the archive does not hold what it repeats
	case n.ID == "" && a.ID == "":
		return p, "", fmt.Errorf("an activity without id")
	case !public(slices.Concat(a.To, a.CC, n.To, n.CC)):
		return p, collector.SkipPrivate, nil
	}
	p = collector.Post{
		Platform: "mastodon", ID: collector.Clean(n.ID), Kind: collector.Original, Permalink: collector.Clean(n.URL),
		ReplyTo: collector.Clean(n.InReplyTo), Quoted: collector.Clean(n.Quote), Conversation: collector.Clean(n.Conversation),
		Author: collector.Author{ID: collector.Clean(n.AttributedTo)},
	}
	published := n.Published
	if p.Quoted == "" {
		p.Quoted = collector.Clean(n.QuoteURL)
	}
	if p.Author.ID == "" {
		p.Author.ID = collector.Clean(a.Actor)
	}
	switch {
	case a.Type == "Announce":
		p.Kind, p.Reposted, p.ID, published = collector.Repost, p.ID, collector.Clean(a.ID), a.Published
		p.Author.ID = collector.Clean(a.Actor)
	case p.Quoted != "":
		p.Kind = collector.Quote
	case p.ReplyTo != "":
		p.Kind = collector.Reply
	}
	at, err := time.Parse(time.RFC3339, published)
	if err != nil {
		return p, "", fmt.Errorf("note %.80q: published %.40q is no time", p.ID, published)
	}
	p.CreatedAt = at.UTC()
	if at, err := time.Parse(time.RFC3339, n.Updated); err == nil {
		p.Observed = at.UTC()
	}
	n.fill(&p)
	return p, "", nil
}

func (n *note) fill(p *collector.Post) {
	p.Text, p.URLs = Plain(n.Content)
	if w := strings.TrimSpace(collector.Clean(n.Summary)); w != "" {
		p.Text = strings.TrimSpace(w + "\n\n" + p.Text)
	}
	if len(n.ContentMap) == 1 {
		for lang := range n.ContentMap {
			p.Lang = collector.Clean(lang)
		}
	}
	for _, t := range n.Tags {
		if t.Type == "Hashtag" {
			p.Hashtags = collector.AddHashtag(p.Hashtags, t.Name)
		}
	}
}

// public tells whether the public is among the addressees. Nobody addressed is taken for public: older files say nothing.
func public(to []string) bool {
	for _, a := range to {
		switch a {
		case "https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public":
			return true
		}
	}
	return len(to) == 0
}

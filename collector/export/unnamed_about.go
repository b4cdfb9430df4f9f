package export

import (
	"cmp"
	"strings"
	"time"

	"stallwatch/collector"
)

// wrapper is what an object says of all posts in it: when they were read, whose they are, of which network.
type wrapper struct {
	observed time.Time
	author   collector.Author
	platform string
}

// about reads what an object says of the posts in it.
func about(o collector.Object) (w wrapper) {
	for i := range o {
		v := o[i].Value
		switch name := squash(string(o[i].Key)); name {
		case "retrievedat", "collectedat", "scrapedat", "fetchedat", "crawledat", "capturedat", "downloadedat", "harvestedat",
			"timestampcollected", "collectiontime", "observedat":
			if at, err := parseDate(strings.Trim(string(v), `"`), ""); err == nil {
				w.observed = at
			}
		case "handle", "username", "screenname", "userhandle", "userscreenname", "accountusername", "authorusername":
			w.author.Handle = handleOf(v)
		case "platform", "network", "socialnetwork":
			w.platform = networkName(collector.Text(v))
		default:
			if !isObject(v) || !isPerson(name) {
				continue
			}
			for _, e := range objectOf(v) {
				switch squash(string(e.Key)) {
				case "handle", "username", "screenname", "acct":
					w.author.Handle = handleOf(e.Value)
				case "idstr", "id", "userid":
					w.author.ID = collector.ID(e.Value)
				}
			}
		}
	}
	return w
}

func handleOf(v []byte) string { return strings.TrimPrefix(collector.Text(v), "@") }

// fill says of posts what they do not say themselves.
func (r *Result) fill(w wrapper) {
	if w == (wrapper{}) {
		return
	}
	for i := range r.Posts {
		p := &r.Posts[i]
		if p.Observed.IsZero() {
			p.Observed = w.observed
		}
		before := contentID(*p)
		if p.Author.Key() == "" {
			p.Author = w.author
		}
		own, hashed := strings.CutSuffix(p.ID, before[1:])
		if p.Platform == "unknown" && w.platform != "" {
			p.Platform, p.ID = w.platform, own
			hashed = hashed && (own == "h" || !row{}.sound(p, own))
			p.Permalink = permalink(p.Platform, p.ID)
		}
		if hashed {
			p.ID = own + contentID(*p)[1:]
		}
	}
}

// answer makes answers of comments that do not say what to.
func (r *Result) answer(to collector.Post) {
	r.fill(wrapper{platform: to.Platform})
	talk := to.Conversation
	if talk == "" && to.Kind != collector.Reply { // of an answer it is known further out
		talk = to.ID
	}
	for i := range r.Posts {
		p := &r.Posts[i]
		if p.Platform != to.Platform || p.Kind != collector.Original && p.Kind != collector.Reply {
			continue
		}
		p.Kind, p.ReplyTo, p.Conversation = collector.Reply, cmp.Or(p.ReplyTo, to.ID), cmp.Or(p.Conversation, talk)
	}
}

// networkName is the name of a network that something is called by, "" when it is called otherwise.
func networkName(s string) string {
	switch p := platformName(s); p {
	case "x", "bluesky", "mastodon", "telegram", "reddit", "facebook", "instagram", "threads", "tiktok", "youtube", "vk", "truthsocial",
		"gab", "gettr", "linkedin", "discord":
		return p
	}
	return ""
}

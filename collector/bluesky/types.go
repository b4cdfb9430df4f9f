package bluesky

import (
	"strings"

	"stallwatch/collector"
)

// item is a view, or something with one inside.
type item struct {
	view
	Post   *view `json:"post"`
	Reason *struct {
		Type      string `json:"$type"`
		By        author `json:"by"`
		URI       string `json:"uri"`
		IndexedAt string `json:"indexedAt"`
	} `json:"reason"`
}

type view struct {
	URI       string           `json:"uri"`
	Author    author           `json:"author"`
	Record    record           `json:"record"`
	IndexedAt string           `json:"indexedAt"`
	Likes     collector.Number `json:"likeCount"`
	Reposts   collector.Number `json:"repostCount"`
	Replies   collector.Number `json:"replyCount"`
	Quotes    collector.Number `json:"quoteCount"`
}

type author struct {
	DID         string `json:"did"`
	Handle      string `json:"handle"`
	DisplayName string `json:"displayName"`
}

func (a author) author() collector.Author {
	return collector.Author{ID: collector.Clean(a.DID), Handle: collector.Clean(a.Handle), Name: collector.Clean(a.DisplayName)}
}

// record is an app.bsky.feed.post. Its embed may be of any type whatever: only members with known names are looked at.
type record struct {
	Text      string   `json:"text"`
	CreatedAt string   `json:"createdAt"`
	Langs     []string `json:"langs"`
	Tags      []string `json:"tags"`
	Reply     struct {
		Root   ref `json:"root"`
		Parent ref `json:"parent"`
	} `json:"reply"`
	Facets []struct {
		Features []struct {
			URI string `json:"uri"`
			Tag string `json:"tag"`
		} `json:"features"`
	} `json:"facets"`
	Embed embed `json:"embed"`
}

type ref struct {
	URI string `json:"uri"`
}

type embed struct {
	Record struct {
		URI    string `json:"uri"`
		Record ref    `json:"record"`
	} `json:"record"`
	External ref `json:"external"`
	Media    struct {
		External ref `json:"external"`
	} `json:"media"`
}

// quoted is the uri of the post that the embed shows, "" when it shows a feed, a list or something else.
func (e *embed) quoted() string {
	for _, uri := range []string{e.Record.URI, e.Record.Record.URI} {
		if strings.Contains(uri, "/"+postCollection+"/") {
			return uri
		}
	}
	return ""
}

// streamed is a line of Jetstream (commit) or of Tap (type and record).
type streamed struct {
	DID    string `json:"did"`
	TimeUS int64  `json:"time_us"`
	Commit commit `json:"commit"`
	Type   string `json:"type"`
	Record commit `json:"record"`
}

type commit struct {
	DID        string `json:"did"`
	Operation  string `json:"operation"`
	Action     string `json:"action"`
	Collection string `json:"collection"`
	RKey       string `json:"rkey"`
	Record     record `json:"record"`
}

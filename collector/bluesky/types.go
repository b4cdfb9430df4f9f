package bluesky

import (
	"cmp"
	"time"

	"stallwatch/collector"
)

// item is a view, or something with one inside.
type item struct {
	view
	Post   *view  `json:"post"`
	Value  *value `json:"value"`
	Reason *struct {
		Type        string `json:"$type"`
		PyType      string `json:"py_type"`
		By          author `json:"by"`
		URI         string `json:"uri"`
		IndexedAt   string `json:"indexedAt"`
		PyIndexedAt string `json:"indexed_at"`
	} `json:"reason"`
}

// value is a record where repositories are listed, and what stands at one place of a thread in getPostThreadV2.
type value struct {
	record
	Type string `json:"$type"`
	Post *view  `json:"post"`
}

// thread is getPostThread's: the post that was asked for, those above it and those below.
type thread struct {
	item
	Parent  *thread   `json:"parent"`
	Replies []*thread `json:"replies"`
}

type view struct {
	URI       string           `json:"uri"`
	Author    author           `json:"author"`
	Record    record           `json:"record"`
	IndexedAt string           `json:"indexedAt"`
	NotFound  bool             `json:"notFound"`
	Blocked   bool             `json:"blocked"` // between its author and whoever asked
	Likes     collector.Number `json:"likeCount"`
	Reposts   collector.Number `json:"repostCount"`
	Replies   collector.Number `json:"replyCount"`
	Quotes    collector.Number `json:"quoteCount"`

	// The same as the Python SDK (MarshalX/atproto) writes it.
	PyIndexedAt string           `json:"indexed_at"`
	PyNotFound  bool             `json:"not_found"`
	PyLikes     collector.Number `json:"like_count"`
	PyReposts   collector.Number `json:"repost_count"`
	PyReplies   collector.Number `json:"reply_count"`
	PyQuotes    collector.Number `json:"quote_count"`
}

type author struct {
	DID         string `json:"did"` // dumps of the firehose have nothing but the DID, as a string in the object's place
	Handle      string `json:"handle"`
	DisplayName string `json:"displayName"`
	PyName      string `json:"display_name"`
}

func (a author) author() collector.Author {
	return collector.Author{ID: collector.Clean(a.DID), Handle: collector.Clean(a.Handle), Name: collector.Clean(cmp.Or(a.DisplayName, a.PyName))}
}

// UnmarshalJSON reads an account, or its DID alone.
func (a *author) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		a.DID = collector.Text(b)
		return nil
	}
	type plain author
	return collector.Unmarshal(b, (*plain)(a))
}

// record is an app.bsky.feed.post. Its embed may be of any type whatever: only members with known names are looked at.
type record struct {
	Text        string   `json:"text"`
	CreatedAt   string   `json:"createdAt"`
	PyCreatedAt string   `json:"created_at"`
	Langs       []string `json:"langs"`
	Tags        []string `json:"tags"`
	Reply       struct {
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
		if isPost(uri) {
			return uri
		}
	}
	return ""
}

// streamed is a line of Jetstream (commit), of Jetstream's second version (everything in payload, or at the top with a
// seq), or of Tap (type and record).
type streamed struct {
	commit
	TimeUS      int64     `json:"time_us"`
	Commit      *commit   `json:"commit"`
	Payload     *streamed `json:"payload"`
	Seq         int64     `json:"seq"`
	Time        string    `json:"time"`
	WitnessedAt string    `json:"witnessedAt"`
	Type        string    `json:"type"`
	Tapped      *commit   `json:"-"`
	Account     *account  `json:"account"`  // Jetstream
	Identity    *account  `json:"identity"` // Tap; of Jetstream, a handle
	Status      string    `json:"status"`   // of an account: Jetstream's second version
	Active      *bool     `json:"active"`   // likewise
}

// account is what streams say of an account's state.
type account struct {
	Owner    string `json:"did"`
	Status   string `json:"status"`
	Active   *bool  `json:"active"`
	IsActive *bool  `json:"is_active"`
}

// gone tells whether the posts of the account are to go: it was deleted, or taken down or suspended by the network. One that
// its owner has deactivated may be back tomorrow.
func (a *account) gone() bool {
	switch a.Status {
	case "deleted", "takendown", "suspended":
		return a.Active != nil && !*a.Active || a.IsActive != nil && !*a.IsActive
	}
	return false
}

// goneAccount is the account that the line says is gone, "" when it says no such thing.
func (e *streamed) goneAccount() string {
	if e.Payload != nil {
		return e.Payload.goneAccount()
	}
	for _, a := range []*account{e.Account, e.Identity, {Status: e.Status, Active: e.Active}} {
		if a != nil && a.gone() {
			return cmp.Or(a.Owner, e.DID)
		}
	}
	return ""
}

// op is what the line says was done to which record, and when the stream's server saw it.
func (e *streamed) op() (c commit, seen time.Time) {
	switch {
	case e.Payload != nil:
		return e.Payload.op()
	case e.Tapped != nil:
		return *e.Tapped, time.Time{}
	case e.Commit != nil:
		c = *e.Commit
		c.DID = e.DID
	default:
		c = e.commit
	}
	if e.TimeUS > 0 {
		return c, time.UnixMicro(e.TimeUS).UTC()
	}
	for _, s := range []string{e.WitnessedAt, e.Time} {
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			return c, at.UTC()
		}
	}
	return c, time.Time{}
}

type commit struct {
	DID        string `json:"did"`
	Operation  string `json:"operation"`
	Action     string `json:"action"`
	Kind       string `json:"type"` // c, u, d: Jetstream's first months
	Collection string `json:"collection"`
	RKey       string `json:"rkey"`
	Record     record `json:"record"`
}

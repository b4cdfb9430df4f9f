package store

import (
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
)

// Item is a post with the verdict on it.
type Item struct {
	Post    collector.Post
	Verdict classify.Verdict
}

// Batch is what one transaction of a run commits.
type Batch struct {
	Items         []Item                  // posts with verdicts, in the order in which they came
	Forget        []collector.Ref         // removed before the items are stored, with a tombstone, also when never seen
	ForgetAuthors []collector.GoneAccount // all of whose posts are removed likewise, and do not come back if they were made before the account went
	State         map[string][]byte       // cursors and budgets of collectors; nil deletes
}

// Record is one stored post with its verdict on one thesis.
type Record struct {
	Post    collector.Post   `json:"post"`             // without Author
	Author  string           `json:"author,omitempty"` // keyed hash of the author, hex; empty when the source did not name one
	Verdict classify.Verdict `json:"verdict"`
	Entry   uint64           `json:"entry"`             // ledger entry that brought this version of the post
	Cluster string           `json:"cluster,omitempty"` // of its near-duplicates, named platform:id after the first; empty when alone
	Codings []Coding         `json:"codings,omitempty"` // by people, oldest first
}

// Coding is what one person said of one post. Codings are a history: nothing overwrites them.
type Coding struct {
	Platform string    `json:"platform"`
	ID       string    `json:"id"`
	Thesis   string    `json:"thesis"`
	Coder    string    `json:"coder"`
	Label    string    `json:"label"`              // a stance, or what the codebook allows beside
	Codebook string    `json:"codebook,omitempty"` // hash of the codebook that the coder followed
	At       time.Time `json:"at"`                 // kept in milliseconds
	Note     string    `json:"note,omitempty"`
}

// Draw is one post of an audit sample with the probability with which it was drawn.
type Draw struct {
	Platform string    `json:"platform"`
	ID       string    `json:"id"`
	Thesis   string    `json:"thesis"`
	Sample   string    `json:"sample"` // name of the sample
	P        float64   `json:"p"`      // inclusion probability, in (0, 1]
	At       time.Time `json:"at"`     // kept in milliseconds
}

// Entry is one line of the ledger: what was done to the store, by which version, from what, with what result.
type Entry struct {
	Seq      uint64          `json:"seq" cbor:"-"`
	Action   string          `json:"action"` // "import", "demo", …
	Started  time.Time       `json:"started"`
	Finished time.Time       `json:"finished"`
	Version  string          `json:"version"` // of Stallwatch
	Thesis   string          `json:"thesis"`
	Model    string          `json:"model"`
	Source   string          `json:"source"`           // file name as given
	SHA256   string          `json:"sha256,omitempty"` // of the file's bytes as stored, compressed or not
	Formats  map[string]int  `json:"formats"`          // values read by format
	Basis    string          `json:"basis,omitempty"`  // rights basis: api, dsa, capture, archive, open, synthetic, …
	First    time.Time       `json:"first"`            // time of the earliest and latest post read
	Last     time.Time       `json:"last"`
	Totals   Totals          `json:"totals"`
	Note     string          `json:"note,omitempty"`    // what a reader must know, e.g. "synthetic"
	Query    string          `json:"query,omitempty"`   // what a collection asked for
	Cost     collector.Spend `json:"cost,omitzero"`     // what it cost
	Gaps     []collector.Gap `json:"gaps,omitempty"`    // what could no longer be had
	Notices  map[string]int  `json:"notices,omitempty"` // what the platform said beside the posts, how often
	Complete bool            `json:"complete"`          // false: interrupted, or still running
}

// Totals say what became of everything that was read: Read = Stored + Duplicate + Σ Skipped + Failed, always.
type Totals struct {
	Read      int                      `json:"read"`
	Stored    int                      `json:"stored"`
	Duplicate int                      `json:"duplicate"`
	Updated   int                      `json:"updated,omitempty"`  // of the duplicates, those that replaced an older version
	Clashing  int                      `json:"clashing,omitempty"` // of the duplicates, those of another author and with another text
	Removed   int                      `json:"removed,omitempty"`  // posts taken out by Forget; they are not part of Read
	Skipped   map[collector.Reason]int `json:"skipped"`
	Failed    int                      `json:"failed"`
}

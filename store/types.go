package store

import (
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
)

// Record is one stored post with its verdict on one thesis.
type Record struct {
	Post    collector.Post // without Author
	Author  string         // keyed hash of the author, hex; empty when the source did not name one
	Verdict classify.Verdict
	Entry   uint64 // ledger entry that brought the post in
}

// Entry is one line of the ledger: what was done to the store, by which version, from what, with what result.
type Entry struct {
	Seq      uint64         `json:"seq" cbor:"-"`
	Action   string         `json:"action"` // "import", "demo", …
	Started  time.Time      `json:"started"`
	Finished time.Time      `json:"finished"`
	Version  string         `json:"version"` // of Stallwatch
	Thesis   string         `json:"thesis"`
	Model    string         `json:"model"`
	Source   string         `json:"source"`           // file name as given
	SHA256   string         `json:"sha256,omitempty"` // of the file's bytes as stored, compressed or not
	Formats  map[string]int `json:"formats"`          // values read by format
	Basis    string         `json:"basis,omitempty"`  // rights basis: api, dsa, capture, archive, open, synthetic, …
	First    time.Time      `json:"first"`            // time of the earliest and latest post read
	Last     time.Time      `json:"last"`
	Totals   Totals         `json:"totals"`
	Note     string         `json:"note,omitempty"` // what a reader must know, e.g. "synthetic"
	Complete bool           `json:"complete"`       // false: interrupted, or still running
}

// Totals say what became of everything that was read: Read = Stored + Duplicate + Σ Skipped + Failed, always.
type Totals struct {
	Read      int                      `json:"read"`
	Stored    int                      `json:"stored"`
	Duplicate int                      `json:"duplicate"`
	Skipped   map[collector.Reason]int `json:"skipped"`
	Failed    int                      `json:"failed"`
}

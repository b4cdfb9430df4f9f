// Package store keeps posts, verdicts, counts and provenance in one bbolt file.
//
// # Schema, version 1
//
// All numbers in keys are big-endian with the sign bit flipped, so that byte order is number order. Values are CBOR
// (RFC 8949) maps, of posts and verdicts with small integers for keys: unknown keys are ignored, so fields can be added.
//
//	bucket                key                                        value
//	meta                  "schema"                                   1, as four bytes
//	posts                 time ms (8) platform 00 id                 post, as storedPost
//	                        e.g. …"x\x001940812345678901234"
//	ids                   platform 00 id                             time ms (8): the rest of the key in posts
//	ledger                sequence number (8)                        Entry
//	theses/ID/verdicts    as in posts                                verdict, as storedVerdict
//	theses/ID/tallies     day (4) author (16) platform 00 kind 00    count, as an unsigned varint
//	                        lang 00 model 00 outcome
//
// A day is counted from 1970-01-01 UTC. An author is the first half of HMAC-SHA-256 (project key, platform 00 author id);
// sixteen zeros mean that the source named none. An outcome is the name of a stance, or "-" and the reason of an abstention.
//
// Posts are in order of time and so is nearly every write; ids of X grow with time and so do their keys.
//
// # Transactions
//
// A batch of posts is committed with its verdicts, its tallies and its ledger entry in one transaction. After a crash
// the store is as after the last batch, and its ledger entry says that it is not complete. Importing the file again
// finds the stored posts as duplicates and completes them. Tallies can always be recomputed from posts and
// verdicts: [Store.Check] does it and compares.
//
// # Privacy
//
// The author of a post is kept as a keyed hash only; the key lies beside the store (FILE.key, mode 0600), not in it.
// Handles and names are never written; permalinks are kept without the handle.
package store

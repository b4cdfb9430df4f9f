// Package store keeps posts, verdicts, counts and provenance in one bbolt file.
//
// # Schema, version 2
//
// Numbers in keys are big-endian with the sign bit flipped, so that byte order is number order. Records are CBOR
// (RFC 8949) maps with small integers for keys: unknown keys are ignored, so fields can be added. "Sealed" values end in
// four bytes of CRC-32C over key and value: bbolt has no checksums of data. The others can be made anew from the sealed ones.
//
//	bucket               key                                      value
//	meta                 "schema"                                 2, as four bytes
//	posts                time ms (8) platform 00 id               sealed storedPost
//	                       e.g. 8000019… "x" 00 "1940812345678901234"
//	ids                  platform 00 last part of id 00 rest      time ms (8): the beginning of the key in posts
//	                       e.g. "bluesky" 00 "3l6oveex3ii2l" 00 "at://did:plc:…/app.bsky.feed.post/"
//	tombstones           platform 00 id                           sealed tombstone
//	                     platform 00 00 author (16)               the same of an account that is gone
//	state                a collector's name for it                sealed bytes
//	                       e.g. "cursor/x/search/1"
//	ledger               sequence number (8), unsigned            sealed Entry
//	theses/ID/verdicts   as in posts                              sealed storedVerdict
//	theses/ID/hours      hour (4) facet                           count, as an unsigned varint
//	theses/ID/authors    hour (4) author (16) facet, no model     the same, of on-topic posts only
//	theses/ID/heads      number (8), unsigned                     sketch (24) and key in posts of the first of a cluster
//	theses/ID/members    platform 00 id 00 key in posts           empty: the post is in the cluster of the first named
//	theses/ID/codings    platform 00 id 00 number (4), unsigned   sealed storedCoding
//	theses/ID/draws      sample 00 platform 00 id                 sealed storedDraw
//
// An hour is counted from 1970-01-01 UTC. A facet is later (1) platform 00 kind 00 lang 00 model 00 outcome, as in
// 00 "x" 00 "reply" 00 "en" 00 "m1" 00 "agree"; later is 1 for near-duplicates of an earlier post, and an outcome is the
// name of a stance, or "-" and the reason of an abstention. An author is the first half of HMAC-SHA-256 (project key,
// platform 00 author id); sixteen zeros mean that the source named none.
//
// Posts are in order of time and so is nearly every write. So, nearly, are ids: their last part grows with time on X,
// Bluesky and Mastodon.
//
// Of several versions of a post the best text is kept, a whole one before one that was cut, and each count of the latest
// that states it, in whatever order they come: a later reading without views leaves those that are known.
//
// Version 1 had tallies by day and author, and neither checksums, clusters, tombstones, state, codings nor draws. A file of
// each version lies in testdata/backcompat; [Migrate] brings an old one to this version.
//
// # Transactions
//
// A batch of posts is committed with its verdicts, tallies, tombstones, collectors' state and ledger entry in one
// transaction. After a crash the store is as after the last batch, and its ledger entry says that it is not complete.
// Importing the file again finds the stored posts as duplicates and completes them: the store is then the same as if
// nothing had happened, however the batches were cut. A batch that changes nothing writes nothing.
//
// # Damage
//
// [Open] refuses a file that is cut off, and proves that the newest ten thousand records of each sealed bucket have their
// checksums and are in order: in a store that is not larger, that every record is whole. The tallies are compared with
// each other when they are first read, and every sealed record when it is. Only [Store.Check] proves that all records are
// whole and that ids, clusters and tallies are what follows from them. What bbolt no longer uses may change unnoticed.
//
// # Counting
//
// Tallies can always be recomputed from posts and verdicts: [Store.Check] does it and compares. The tallies of two stores
// with different posts, added key by key, are the tallies of their union. While a store is open they are kept in memory in
// columns, so that [Store.Summary] is one pass over them.
//
// # Searching
//
// The first search that looks at twenty thousand verdicts in vain, or else [Store.Prepare], makes marks of all verdicts on
// the thesis in memory, one word each: the millisecond of its hour, the number of its platform, kind, language and outcome,
// and the probability of its stance, as in
//
//	482,311 ms after 14:00, facet 7 ("mastodon" 00 "repost" 00 "uk" 00 "disagree"), 61,203/65,535
//
// A page of [Store.Posts] that follows is one pass over the marks, from where the page begins to where it is full, and reads
// only the posts that it finds. Every commit adds its verdicts and takes away those that went. Nothing of it is in the file:
// there is nothing to check, repair or migrate.
//
// # Near-duplicates
//
// Posts on the topic of a thesis, reposts apart, that are near-duplicates (see minJaccard) are in one cluster, named after
// the first that was stored. They are found by sketches of their text, of which the writer keeps 40 bytes a cluster in memory
// from the first post on topic that is added. When the first goes the earliest of the rest takes its place.
//
// # Memory
//
// The file is mapped: what is read of it is in the system's cache, which takes it away where memory is short. Beside it, of
// ten million posts an open store holds, once each was first needed:
//
//	tallies by hour            10–50 MB   four bytes for each facet of each hour
//	tallies by author             60 MB   sixteen for each hour, author and facet of posts on topic
//	marks                         80 MB   eight a verdict, for searches
//	sketches of clusters         115 MB   forty a cluster, where posts are added
//	summaries made before  up to 30 MB
//
// None of it but the lists themselves has pointers, so that the garbage collector passes it by. BenchmarkMemory measures a process.
//
// # Privacy
//
// The author of a post is kept as a keyed hash only; the key lies beside the store (FILE.key, mode 0600), not in it.
// Handles and names are never written; permalinks are kept without the handle.
package store

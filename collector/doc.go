// Package collector holds the post as Stallwatch sees it, whatever file or API it came from.
//
// Every decoder below this folder turns one value of a foreign format into a [Batch] of posts. Decoding is
// pure: no clock, no network, no state between values, so that a caller may decode on several goroutines.
//
// # What a decoder promises
//
// Ids stay strings to the last digit. Times are UTC. Text is whole (long-post fields first, a repost carries the
// text of what it repeats), has its HTML entities unescaped exactly once where the source escapes them, and is valid
// UTF-8. One bad element of a page is one [Failure] of its batch; the others come through. What is not a post at all
// (a delete notice, a page of counts) is a [Skip] with a reason of the closed list, never silence.
package collector

// Package export reads post collections out of files, whatever container, framing and format they have.
//
//	container (gz bz2 zst xz zip tar, nested) -> framing (JSON values, table records) -> detection -> a network's decoder
//
// Nothing is trusted but the bytes: not the file's name, not its extension, not the first value's format for the second.
//
// # What adds up
//
// The items read from a file are the posts, skips and failures of all its values:
// len(Posts) + len(Skips) + len(Failures), summed over Decode of everything Next returned. Something that could not even be
// framed (a cut line, an unclosed quote, a damaged archive member) is a Value with Err set, which Decode turns into one failure.
package export

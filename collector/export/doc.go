// Package export reads post collections out of files, whatever container, framing and format they have.
//
//	container (gz bz2 zst xz zip tar, nested) -> framing (JSON values, table records) -> detection -> a network's decoder
//
// Nothing is trusted but the bytes: not the file's name, not its extension, not the first value's format for the second.
// [Formats] lists what is known.
//
// Files are named after where they stand on that way:
//
//	file value hash find neighbours    a file as callers see it, its warnings, and what lies beside it
//	container                          unpacking; what else files are, and what to do about them
//	text utf16 window undress          from bytes to UTF-8, and to plain JSON
//	framing table                      JSON and tables, cut into values
//	detect formats plainjson har       JSON of known forms
//	unnamed                            JSON of no known form: a post, or something around posts
//	kinds                              tables of known tools, and JSON with the same names
//	columns row dates                  what columns mean, and the post that a row is
//
// # What adds up
//
// The items read from a file are the posts, skips and failures of all its values:
// len(Posts) + len(Skips) + len(Failures), summed over Decode of everything Next returned. Something that could not even be
// framed (a cut line, an unclosed quote, a damaged archive member) is a Value with Err set, which Decode turns into one failure.
// Every failure is a [PlaceError]: file, member, line, byte and reason.
//
// # Containers
//
// Several members behind one another are read as one stream. Of a container that is damaged or cut, what can be unpacked comes
// in, and the damage is a failure. At most 6 containers may lie in each other, and beyond 1 GiB nothing may unpack to more
// than 1000 times its size. A zip that comes through a stream is put on disk first, up to 8 GiB.
//
// # Framing
//
// JSON may be one value, lines, an array, indented, concatenated, or a mixture; a value that is broken costs its line, as package-
// internal type framer explains. Tables may have any of four delimiters, line ends inside quotes, and quotes nobody
// closed, or that a backslash makes letters; their lines may end in CR alone. Both may be UTF-8 or UTF-16, marked or not; a
// table's cell that is not UTF-8 is taken for Windows-1252 or, from its first Cyrillic word on, for Windows-1251, which a
// warning says. A row with a cell more than the header is a failure, since its cells are shifted, unless that cell is empty. No
// value may be larger than 128 MiB: of a larger object with a list of objects in it the first such list is read element by
// element, which a warning says; any other is passed over, and is one failure. From 32 MiB on an object around a list is read so
// too, where nothing before the list says anything of its elements.
//
// One object around one long list (Telegram's result.json, an ActivityPub outbox, a channel of Discord's) is framed element by
// element, and may be of any size. A Parquet file is a table like those of text; one that comes through a stream is put on disk
// first. Each sheet of an Excel workbook (.xlsx) or of LibreOffice's (.ods) is the table that it would be as CSV, with its
// numbers as they are stored. A table without a header is known by its first record, or guessed from the id, the date and the
// text in it; a header is also found below lines that say where a table comes from.
//
// JSON that stands in other clothes is undressed first, which a warning says: Python's objects as print writes them, server-sent events,
// answers of HTTP with their headers, and lines of a log that end in an object.
//
// An object or array that the file ends in, or that goes wrong, is a failure; what is whole before that of a page comes in.
//
// # Detection
//
// A JSON value is of a format whose members it has, with what that format has in them: posts, data, account or user alone say
// nothing, as everybody's posts and accounts are called so. A format that makes nothing of a value gives it back to the next;
// what it complained of stands only where none makes anything of it. A deletion comes from no guess: only from values that have
// all that a network's own notice has.
//
// A value of no known form is a post where it has a text of its own, and what it wraps where it has none: a post of a known form
// (which is read as that, with the time at which the wrapper says it was fetched), objects, lists and maps of objects, tables
// written by column or as lists of lists, JSON written into a string, to ten levels. A table whose cells hold whole posts as
// JSON is read as those.
//
// What a wrapper says of all posts in it (whose they are, of which network, when they were fetched) is taken for those that do not
// say. Comments in a list below a post are answers to it. MongoDB's, DynamoDB's and Firestore's typed values, and what MongoDB's
// shell shows, are read as what they stand for.
//
// # Networks
//
// Formats are told by the names of members and a little of what those hold: see jsonFormats, and networks for what is neither X's
// nor Bluesky's nor Mastodon's. Where a network's posts need no more than a mapping, networkKinds has it, for tables and for JSON
// of the same names; where pandas has flattened the answers of an API into a table, its rows are those objects again.
//
// An id that counts in its chat or on its wall alone has that before it: telegram's 1111/5, VK's -55_1. Chats, direct messages and
// searches in what networks give people of their own accounts are private, and only counted.
//
// # Generic input
//
// A table or JSON of no known tool is read through guessed columns, which Mapping reports and Options.Map overrides: by their
// names in a dozen languages, and in tables by what is in the first rows, which decides between names and finds the text, the
// date and the id where no name shows them.
//
// The platform is what Options or the row says, what the columns' names or the post's link show, or X where the time inside the
// id is the post's; a row of an X id without a date and without another sign is taken for one of X, and a warning says so. The
// time inside an id of X or Weibo is exact: it is taken where the date has no zone, cannot be read, or is another.
//
// A row without a sound id gets one made of its content: h: and 16 hexadecimal digits of the SHA-256 of text, date and author (the
// author, because two people can say the same on one day). An id that has been a float is not sound: its last digits are gone,
// unless a link in the row has them. What numbers messages in a chat or posts on a wall is put behind the chat or wall. An id
// of no known platform, a small number beside a known one, or one beside several texts, may be that of any other post: the same digits
// are put behind it, as 7:0123456789abcdef, so that two texts never pass for one post.
//
// Dates are read part by part, with months' names in ten languages. One such as 03/04/2025 is refused, unless Options.Map says
// its order or other rows in the first 4 MiB of the table settle it: then all are read so, and a warning says so.
//
// # What is removed
//
// Batch.Deletes names the posts that a value says are gone: stream deletes, compliance lists, tombstones that say so, archives' deleted
// posts, and the versions of a post of X that an edit has replaced. Lists that name accounts remove nothing: a post does not
// say whose it is.
//
// # Speed
//
// STALLWATCH_BENCH=FILE go test -run xxx -bench File ./collector/export reads, frames and decodes a file on one goroutine, with its
// SHA-256 and without; BenchmarkFormats decodes every fixture. Blocks of the file are used again once their values are released.
// Strings of posts that come from one page may share memory: who keeps one of them keeps up to 4 KiB.
//
// # Files beside files
//
// Two formats are spread over files. academictwitteR keeps accounts and referenced posts in users_N.json beside data_N.json. The
// archive of an X account keeps long posts, and whose it is, beside tweets.js. Those neighbours are looked up by name,
// in the same folder or zip, and nothing else there is opened.
package export

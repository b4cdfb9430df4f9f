package export

import (
	"bytes"
	"io"

	"stallwatch/collector"
	"stallwatch/collector/export/undress"
)

// text reads a member that is no container: JSON, a table, or neither.
func (w *walker) text(r io.Reader, member string) bool {
	win := newWindow(r)
	win.at(3)
	if order := utf16Order(win.rest()); order != 0 {
		win = newWindow(&utf16Reader{r: io.MultiReader(bytes.NewReader(bytes.Clone(win.rest())), r), big: order == 'b'})
		win.at(2)
	}
	if bytes.HasPrefix(win.rest(), bom8) {
		win.take(3)
	}
	head := firstLines(win)
	if what, reader := undress.Undress(head); reader != nil {
		w.file.warnOnce(w.nameOf(member) + " holds " + what + ": it is read as JSON")
		win = newWindow(reader(io.MultiReader(bytes.NewReader(bytes.Clone(win.rest())), r)))
		head = firstLines(win)
	}
	switch {
	case len(head) == 0 && win.err == io.EOF:
		w.file.warn("%s is empty", w.nameOf(member))
		return true
	case len(head) == 0 && win.err != nil:
		return w.fail(member, 1, win.err)
	case len(head) == 0:
		w.leaveOut(member, "blanks and NULs")
		return w.yield(Value{Member: member, skip: collector.SkipUnknown})
	case whatsApp.Match(head):
		return w.foreign("whatsapp", member)
	case isAssignment(head):
		return w.assignment(win, member)
	case opensEnvelope(head):
		return (&envelope{w: win, member: member, yield: w.yield}).read()
	case isJSON(head):
		win.reuse = true // the framer keeps nothing, and every value holds its block
		return (&framer{w: win, member: member, yield: w.yield, near: w.neighbours(""), extended: isExtended(head),
			warn: func(s string) { w.file.warnOnce(w.nameOf(member) + ": " + s) }}).run()
	case isCAR(head):
		w.file.warn("%s is a repository of Bluesky's as a CAR file: unpack it with Bluesky's own goat (goat repo unpack FILE), zip the folder of JSON files that this makes, and import that", w.nameOf(member))
		w.leaveOut(member, "a CAR file")
		return w.yield(Value{Member: member, skip: collector.SkipUnknown})
	default:
		return w.delimited(win, head, member)
	}
}

// nameOf is the member's name, or the file's when it is no archive.
func (w *walker) nameOf(member string) string {
	if member == "" {
		return w.file.name
	}
	return member
}

// firstLines shows some of the beginning: two lines that are not blank, or 64 KiB.
func firstLines(w *window) []byte {
	for {
		b := bytes.TrimLeft(w.rest(), " \t\r\n\x00\x1e")
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			if bytes.IndexByte(bytes.TrimLeft(b[i:], " \t\r\n"), '\n') >= 0 {
				return b
			}
		}
		if len(w.rest()) >= 64<<10 || !w.fill() {
			return bytes.TrimLeft(w.rest(), " \t\r\n\x00\x1e")
		}
	}
}

// isJSON tells whether head begins a JSON object or array, or one that has been written into a string, or is a line that has
// lost its beginning before one that has not, as in the second half of a file that was split by size.
func isJSON(head []byte) bool {
	if head[0] == '{' || head[0] == '[' || bytes.HasPrefix(head, encoded) {
		return true
	}
	i := bytes.IndexByte(head, '\n')
	if i < 0 {
		return false
	}
	return bytes.HasSuffix(bytes.TrimRight(head[:i], " \t\r,"), []byte("}")) &&
		bytes.HasPrefix(bytes.TrimLeft(head[i:], " \t\r\n"), []byte(`{"`))
}

package export

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/discord"
	"stallwatch/collector/telegram"
	"stallwatch/collector/twitterv1"
	"stallwatch/collector/xapi"
	"stallwatch/collector/xarchive"
)

// neighbours are what a member needs of the files beside it. Nil is a member that needs none. It does not change once
// the first value has been handed out.
type neighbours struct {
	kind     string            // of a JavaScript file of an X archive
	archive  *xarchive.Archive // the rest of that archive
	chat     telegram.Chat     // of a message of Telegram's
	channel  discord.Channel   // of one of Discord's
	includes *xapi.Includes    // accounts and referenced posts that academictwitteR has put into a file of their own
}

func (n *neighbours) included() *xapi.Includes {
	if n == nil {
		return nil
	}
	return n.includes
}

// neighbours looks beside the member at hand. kind is that of a file of an X archive, else "".
func (w *walker) neighbours(kind string) *neighbours {
	if w.dir == nil {
		if kind == "" {
			return nil
		}
		return &neighbours{kind: kind}
	}
	dir, base := path.Split(w.base)
	if kind != "" {
		sub, err := fs.Sub(w.dir, path.Clean("./"+dir))
		if err != nil {
			return &neighbours{kind: kind}
		}
		return &neighbours{kind: kind, archive: xarchive.Open(sub)}
	}
	rest, ok := strings.CutPrefix(base, "data_")
	if !ok {
		return nil
	}
	users := path.Join(dir, "users_"+rest)
	if info, err := fs.Stat(w.dir, users); err != nil || info.Size() > maxValue {
		return nil
	}
	raw, err := fs.ReadFile(w.dir, users)
	if err != nil || len(raw) == 0 {
		return nil
	}
	w.file.warn("accounts and referenced posts are taken from %s beside %s", path.Base(users), base)
	return &neighbours{includes: xapi.ReadIncludes(bytes.TrimSpace(raw))}
}

// isAssignment tells whether head begins a file of an X archive.
func isAssignment(head []byte) bool {
	return bytes.HasPrefix(head, []byte("window.")) || bytes.HasPrefix(head, []byte("Grailbird."))
}

// assignment reads a file of an X archive: what it assigns is JSON.
func (w *walker) assignment(win *window, member string) bool {
	b := win.rest()
	n := bytes.IndexByte(b[:min(len(b), 512)], '=') + 1
	kind, err := xarchive.Kind(string(b[:n]))
	if n == 0 || err != nil {
		w.leaveOut(member, "JavaScript")
		return w.yield(Value{Member: member, skip: collector.SkipUnknown})
	}
	if !xarchive.Known(kind) {
		w.leaveOut(member, "of an X archive, and no posts")
		return w.yield(Value{Member: member, skip: collector.SkipUnknown})
	}
	if strings.HasPrefix(kind, "like") {
		w.file.warn("%s lists posts of others that the archive's owner liked, without their authors: they are counted, and not brought in",
			w.nameOf(member))
	}
	win.take(n)
	near := w.neighbours(kind)
	count := 0
	f := &framer{w: win, member: member, near: near, yield: func(v Value) bool {
		if string(v.Raw) != "[]" {
			count++
		}
		return w.yield(v)
	}}
	if !f.run() {
		return false
	}
	if want, ok := near.archive.Expected(w.base); ok && want != count {
		w.file.warn("%s holds %d entries where the archive's manifest announces %d", w.nameOf(member), count, want)
	}
	return true
}

// decodeArchive decodes an element of a file of an X archive, or of another file whose elements do not say what they are.
func (f *File) decodeArchive(v Value) Result {
	res := Result{Format: "x archive " + v.near.kind}
	var err error
	switch {
	case v.near.kind == "discord":
		res.Format = "discord"
		res.Batch, err = discord.DecodeMessage(v.near.channel, v.Raw)
	case string(v.Raw) == "[]" && v.near.kind != "telegram":
		res.Batch = collector.Skipped(collector.SkipEmptyPage)
	case v.near.kind == "telegram":
		res.Format = "telegram"
		res.Batch, err = telegram.DecodeMessage(v.near.chat, v.Raw)
	case v.near.kind == "grailbird":
		res.Batch, err = twitterv1.Decode(v.Raw)
	default:
		res.Batch, err = v.near.archive.Decode(v.near.kind, v.Raw)
	}
	if err != nil {
		res.Failures = append(res.Failures, collector.Failure{Err: err})
	}
	return res
}

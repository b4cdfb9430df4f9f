package export

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"stallwatch/collector"
	"stallwatch/collector/discord"
	"stallwatch/collector/telegram"
)

// An envelope is a file that is one JSON object around one long list: Telegram's result.json, Mastodon's outbox.json, a
// channel of Discord's, a browser's HAR. Its elements are framed one by one, so that the file may be of any size and a broken
// element costs itself.
type envelope struct {
	w      *window
	member string
	yield  func(Value) bool
	told   bool // the file ends inside a list, and that has been reported
}

// chatType finds what kind of chat Telegram says that a file is of.
var chatType = regexp.MustCompile(`"type"\s*:\s*"(\w+)"`)

// opensEnvelope tells whether head begins such a file: the list's name stands in it, behind what says whose it is.
func opensEnvelope(head []byte) bool {
	if head[0] != '{' {
		return false
	}
	if key, rest := nextMember(head[1:]); key == "guild" && isObject(rest) && bytes.Contains(rest, []byte(`"channel"`)) {
		return true
	}
	if i := bytes.Index(head, []byte(`"messages"`)); i > 0 {
		m := chatType.FindSubmatch(head[:i])
		return m != nil && isChatType(string(m[1])) && bytes.Contains(head[:i], []byte(`"id"`)) && !bytes.Contains(head[:i], []byte("\n{"))
	}
	if isHAR(head) {
		return true
	}
	return bytes.Contains(head, []byte(`"orderedItems"`)) || isAccount(head)
}

// isAccount tells whether head begins all that Telegram holds of an account: what it is about, in the language of whoever
// exported it, and sections. The chats are the last of these, and may begin megabytes later.
func isAccount(head []byte) bool {
	key, rest := nextMember(head[1:])
	if key == "chats" {
		return isObject(rest)
	}
	end, closed := stringEnd(rest, 1)
	if key != "about" || !closed || rest[0] != '"' {
		return false
	}
	switch key, rest = nextMember(bytes.TrimLeft(rest[end+1:], ", \t\r\n")); key {
	case "personal_information", "profile_pictures", "profile_music", "stories", "contacts", "frequent_contacts", "sessions",
		"web_sessions", "other_data":
		return len(rest) > 0 && (rest[0] == '{' || rest[0] == '[')
	}
	return bytes.Contains(head, []byte(`"chats"`))
}

// nextMember reads the key that b begins with, and returns what follows its colon.
func nextMember(b []byte) (key string, rest []byte) {
	b = bytes.TrimLeft(b, " \t\r\n")
	if len(b) == 0 || b[0] != '"' {
		return "", nil
	}
	end, closed := stringEnd(b, 1)
	if !closed {
		return "", nil
	}
	return string(b[1:end]), bytes.TrimLeft(b[end+1:], ": \t\r\n")
}

// isHAR tells whether head begins {"log": {, with what a HAR has to have in it.
func isHAR(head []byte) bool {
	key, rest := nextMember(head[1:])
	return key == "log" && len(rest) > 0 && rest[0] == '{' && (bytes.Contains(rest, []byte(`"creator"`)) ||
		bytes.Contains(rest, []byte(`"entries"`)))
}

// read frames the file; what may follow the object is framed like any other JSON.
func (e *envelope) read() bool {
	e.blanks()
	start := Value{Member: e.member, Line: e.w.line, Offset: e.w.offset}
	found, more, err := e.object(0)
	switch {
	case !more:
		return false
	case e.told:
		return true
	case err != nil:
		start.Line, start.Offset, start.Err = e.w.line, e.w.offset, err
		return e.yield(start)
	case !found:
		start.skip = collector.SkipUnknown
		if !e.yield(start) {
			return false
		}
	}
	return (&framer{w: e.w, member: e.member, yield: e.yield}).run()
}

// object reads one object and hands on the elements of the lists in it. found tells whether there was one; more is false
// once yield wanted no more; err is what kept it from being read to its end.
func (e *envelope) object(depth int) (found, more bool, err error) {
	var at place
	e.w.take(1) // {
	for {
		c, ok := e.blanks()
		switch {
		case !ok:
			return found, true, e.cut()
		case c == '}':
			e.w.take(1)
			return found, true, nil
		case c == ',':
			e.w.take(1)
			continue
		case c != '"':
			return found, true, fmt.Errorf("not well-formed JSON: unexpected %q", c)
		}
		key, err := e.value()
		if err != nil {
			return found, true, err
		}
		if c, ok = e.blanks(); !ok || c != ':' {
			return found, true, e.cut()
		}
		e.w.take(1)
		if c, ok = e.blanks(); !ok {
			return found, true, e.cut()
		}
		in, more, err := e.enter(string(key), c, &at, depth)
		found = found || in
		if !more || err != nil {
			return found, more, err
		}
	}
}

// place is what an envelope has said of where its messages stand.
type place struct {
	chat    telegram.Chat
	channel discord.Channel
}

// enter reads the value of a member.
func (e *envelope) enter(key string, c byte, at *place, depth int) (found, more bool, err error) {
	switch {
	case c == '[' && key == `"messages"` && at.channel != (discord.Channel{}):
		return true, e.elements(&neighbours{kind: "discord", channel: at.channel}), nil
	case c == '[' && key == `"messages"`:
		return true, e.elements(&neighbours{kind: "telegram", chat: at.chat}), nil
	case c == '[' && key == `"orderedItems"`:
		return true, e.elements(nil), nil
	case c == '[' && key == `"list"` && depth == 1:
		return e.chats(depth)
	case c == '[' && key == `"entries"` && depth == 1:
		return true, e.elements(nil), nil
	case c == '{' && (key == `"chats"` || key == `"left_chats"` || key == `"log"`) && depth == 0:
		return e.object(depth + 1)
	}
	raw, err := e.value()
	switch key {
	case `"id"`:
		at.chat.ID = collector.ID(raw)
	case `"type"`:
		at.chat.Type = collector.Text(raw)
	case `"guild"`, `"channel"`:
		at.channel.Place(strings.Trim(key, `"`), raw)
	}
	return false, true, err
}

// chats reads a list of objects each of which has a list of its own.
func (e *envelope) chats(depth int) (found, more bool, err error) {
	e.w.take(1)
	for {
		c, ok := e.blanks()
		switch {
		case !ok:
			return found, true, e.cut()
		case c == ']':
			e.w.take(1)
			return found, true, nil
		case c == '{':
			in, more, err := e.object(depth + 1)
			found = found || in
			if !more || err != nil {
				return found, more, err
			}
		default:
			e.w.take(1)
		}
	}
}

// elements frames the elements of the list that begins here.
func (e *envelope) elements(near *neighbours) bool {
	n := 0
	start := Value{Member: e.member, Line: e.w.line, Offset: e.w.offset, near: near, Raw: []byte("[]")}
	e.w.take(1)
	f := &framer{w: e.w, member: e.member, near: near, inArray: true, within: true, yield: func(v Value) bool {
		n++
		return e.yield(v)
	}}
	if !f.run() {
		return false
	}
	e.told = f.inArray
	return n > 0 || e.yield(start)
}

// value takes the value that begins here, which may not be larger than any other.
func (e *envelope) value() ([]byte, error) {
	s := scanner{w: e.w}
	n, err := s.value()
	if err != nil {
		return nil, err
	}
	return e.w.take(n), nil
}

func (e *envelope) blanks() (c byte, ok bool) {
	for {
		if c, ok = e.w.at(0); !ok || c > ' ' {
			return c, ok
		}
		e.w.take(1)
	}
}

func (e *envelope) cut() error {
	if e.w.err != nil {
		return fmt.Errorf("the file ends inside its list: %w", e.w.err)
	}
	return errCut
}

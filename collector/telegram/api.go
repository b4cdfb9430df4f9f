package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
)

// DecodeAPI reads what libraries and Telegram's own interfaces make of messages: Telethon and others that print MTProto's types (_ says
// which), the Bot API and Pyrogram (a chat in the message), TDLib (@type says which); alone, in an update, or in a list of messages.
// Ids are as in Telegram Desktop's exports, so that a message is the same post from wherever it comes. The error is for a value that is
// no sound JSON object, or a message without id or time; one bad message of a list is a Failure.
func DecodeAPI(raw []byte) (collector.Batch, error) {
	var b collector.Batch
	var a answer
	if err := collector.Unmarshal(raw, &a); err != nil {
		return b, fmt.Errorf("telegram: %w", err)
	}
	if !bytes.HasPrefix(a.Messages, []byte("[")) {
		if err := a.addTo(&b); err != nil {
			return b, fmt.Errorf("telegram: %w", err)
		}
		return b, nil
	}
	n := 0
	_, err := collector.Elements(a.Messages, func(el []byte) bool {
		var m answer
		err := collector.Unmarshal(el, &m)
		if err == nil {
			err = m.addTo(&b)
		}
		if err != nil {
			b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("telegram: %w", err)})
		}
		n++
		return true
	})
	switch {
	case err != nil:
		b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("telegram: %w", err)})
	case n == 0:
		return collector.Skipped(collector.SkipEmptyPage), nil
	}
	return b, nil
}

// answer is a message, what holds one, or a list of them.
type answer struct {
	mtproto
	bot
	tdlib
	ID       number           `json:"id"`
	Date     moment           `json:"date"`
	Edited   moment           `json:"edit_date"`
	Views    collector.Number `json:"views"`
	Forwards collector.Number `json:"forwards"`
	Messages json.RawMessage  `json:"messages"`

	UpdateID json.RawMessage `json:"update_id"`
	Post     *answer         `json:"channel_post"`
	NewPost  *answer         `json:"edited_channel_post"`
	Reply    json.RawMessage `json:"reply_to"` // of MTProto's and of TDLib's
	Words    json.RawMessage `json:"message"`  // a text, or in an update a message
	NewWords *answer         `json:"edited_message"`
}

// mtproto is what only MTProto's messages have.
type mtproto struct {
	Class     string `json:"_"`
	Peer      peer   `json:"peer_id"`
	To        peer   `json:"to_id"` // before 2020
	From      peer   `json:"from_id"`
	Forwarded *struct {
		From    peer   `json:"from_id"`
		Channel number `json:"channel_id"` // before 2020
		Post    number `json:"channel_post"`
	} `json:"fwd_from"`
	ReplyTo number `json:"reply_to_msg_id"`
	Replies struct {
		N collector.Number `json:"replies"`
	} `json:"replies"`
	Reactions struct {
		Results []struct {
			N collector.Number `json:"count"`
		} `json:"results"`
	} `json:"reactions"`
	Entities []struct {
		URL string `json:"url"`
	} `json:"entities"`
}

// bot is what only the Bot API and Pyrogram have.
type bot struct {
	MessageID   number  `json:"message_id"`
	Chat        *chat   `json:"chat"`
	Text        string  `json:"text"`
	Caption     string  `json:"caption"`
	Service     any     `json:"service"`
	FromUser    *sender `json:"from_user"`
	FromBot     *sender `json:"from"`
	SenderChat  *sender `json:"sender_chat"`
	ForwardDate any     `json:"forward_date"`
	ForwardChat *chat   `json:"forward_from_chat"`
	ForwardUser any     `json:"forward_from"`
	ForwardID   number  `json:"forward_from_message_id"`
	Origin      *struct {
		Chat *chat  `json:"chat"`
		ID   number `json:"message_id"`
	} `json:"forward_origin"`
	RepliedID number `json:"reply_to_message_id"`
	Replied   *struct {
		MessageID number `json:"message_id"`
		ID        number `json:"id"`
		Chat      *chat  `json:"chat"`
	} `json:"reply_to_message"`
	CaptionEntities []struct {
		URL string `json:"url"`
	} `json:"caption_entities"`
}

// tdlib is what only TDLib has.
type tdlib struct {
	Type    string `json:"@type"`
	ChatID  number `json:"chat_id"`
	Content struct {
		Type    string    `json:"@type"`
		Text    formatted `json:"text"`
		Caption formatted `json:"caption"`
	} `json:"content"`
	Sender struct {
		User number `json:"user_id"`
		Chat number `json:"chat_id"`
	} `json:"sender_id"`
	Forward *struct {
		Origin struct {
			Chat number `json:"chat_id"`
			ID   number `json:"message_id"`
		} `json:"origin"`
	} `json:"forward_info"`
	Interaction struct {
		Views    collector.Number `json:"view_count"`
		Forwards collector.Number `json:"forward_count"`
		Replies  struct {
			N collector.Number `json:"reply_count"`
		} `json:"reply_info"`
	} `json:"interaction_info"`
}

type formatted struct {
	Text     string `json:"text"`
	Entities []struct {
		Type struct {
			URL string `json:"url"`
		} `json:"type"`
	} `json:"entities"`
}

type chat struct {
	ID    number `json:"id"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

type sender struct {
	ID       number `json:"id"`
	Username string `json:"username"`
	First    string `json:"first_name"`
	Last     string `json:"last_name"`
	Title    string `json:"title"`
}

// number is an id, as a number or a string; "" for anything else.
type number string

// UnmarshalJSON reads either; it never fails.
func (n *number) UnmarshalJSON(b []byte) error {
	id := strings.Trim(string(b), `"`)
	if strings.Trim(strings.TrimPrefix(id, "-"), "0123456789") == "" && id != "0" && id != "-" {
		*n = number(id)
	}
	return nil
}

// ChatID is the id of a chat without the marks that the Bot API and TDLib put before those of channels (-100) and groups (-). Names
// stay as they are.
func ChatID(id string) string {
	s, marked := strings.CutPrefix(id, "-")
	if rest, ok := strings.CutPrefix(s, "100"); marked && ok && len(rest) >= 4 {
		return strings.TrimLeft(rest, "0")
	}
	return s
}

func (n number) bare() string { return ChatID(string(n)) }

// peer is a channel, group or person, an object of MTProto's or only the number of a person.
type peer struct {
	Channel number `json:"channel_id"`
	Chat    number `json:"chat_id"`
	User    number `json:"user_id"`
}

// UnmarshalJSON reads either.
func (p *peer) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		type plain peer
		return collector.Unmarshal(b, (*plain)(p))
	}
	p.User.UnmarshalJSON(b)
	return nil
}

func (p peer) chat() string {
	if p.Channel != "" {
		return p.Channel.bare()
	}
	return p.Chat.bare()
}

// key names the peer as Telegram Desktop's exports do.
func (p peer) key() string {
	for kind, n := range map[string]number{"channel": p.Channel, "chat": p.Chat, "user": p.User} {
		if n != "" {
			return kind + n.bare()
		}
	}
	return ""
}

// moment is Unix time or a date of ISO 8601, in UTC where it does not say.
type moment struct{ time.Time }

// UnmarshalJSON reads either; what is neither is no time.
func (m *moment) UnmarshalJSON(b []byte) error {
	if n := collector.Count(b); n.Ptr() != nil {
		m.Time = n.Time()
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, collector.Text(b)); err == nil {
			m.Time = at.UTC()
			return nil
		}
	}
	return nil
}

// addTo adds to b the message, or what it is instead of one.
func (a *answer) addTo(b *collector.Batch) error {
	if len(a.UpdateID) > 0 {
		return a.update(b)
	}
	skip := func(r collector.Reason) error {
		b.Skips = append(b.Skips, collector.Skip{Reason: r})
		return nil
	}
	if a.private() {
		return skip(collector.SkipPrivate)
	}
	p := collector.Post{Platform: "telegram", Kind: collector.Original, CreatedAt: a.Date.Time,
		Observed: a.Edited.Time} // an edit was made before anybody read it
	m := record{post: &p}
	switch {
	case a.Type != "":
		if a.Type != "message" {
			return skip(collector.SkipNotice)
		}
		a.fromTDLib(&m)
	case a.Chat != nil:
		a.fromBot(&m)
	default:
		if class := strings.ToLower(a.Class); class != "message" && class != "" {
			return skip(collector.SkipNotice)
		}
		a.fromMTProto(&m)
	}
	p.Text = strings.TrimSpace(collector.Clean(m.text))
	switch {
	case p.Text == "" && m.service:
		return skip(collector.SkipNotice)
	case p.Text == "":
		return skip(collector.SkipNoText)
	}
	if err := m.finish(); err != nil {
		return err
	}
	b.Posts = append(b.Posts, p)
	return nil
}

// update adds the message of an update of the Bot API.
func (a *answer) update(b *collector.Batch) error {
	for _, m := range []*answer{a.Post, a.NewPost, a.NewWords} {
		if m != nil {
			return m.addTo(b)
		}
	}
	var m answer
	if bytes.HasPrefix(a.Words, []byte("{")) && collector.Unmarshal(a.Words, &m) == nil {
		return m.addTo(b)
	}
	b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNotice}) // a button, a vote, a reaction, …
	return nil
}

// private tells whether the message is of a talk between two.
func (a *answer) private() bool {
	if a.Chat != nil {
		kind := strings.ToLower(a.Chat.Type[strings.LastIndexByte(a.Chat.Type, '.')+1:])
		return kind == "private" || kind == "bot" || kind == "" && a.Chat.ID != "" && a.Chat.ID[0] != '-'
	}
	if a.Type == "message" {
		return a.ChatID != "" && a.ChatID[0] != '-'
	}
	return a.Peer.User != "" || a.To.User != ""
}

// record is a message of whatever form on its way to a post.
type record struct {
	post                *collector.Post
	chat, id, text      string
	channel, service    bool
	replyChat, reply    string
	originChat, originN string
	forwarded           bool
	urls                []string
}

func (a *answer) fromMTProto(m *record) {
	to := a.Peer
	if to == (peer{}) {
		to = a.To
	}
	m.chat, m.id, m.text, m.channel = to.chat(), string(a.ID), collector.Text(a.Words), to.Channel != ""
	m.post.Author.ID = a.From.key()
	if a.From == (peer{}) {
		m.post.Author.ID = to.key()
	}
	if f := a.Forwarded; f != nil {
		if f.From.Channel == "" {
			f.From.Channel = f.Channel
		}
		m.forwarded, m.originChat, m.originN = true, f.From.Channel.bare(), string(f.Post)
	}
	var r struct {
		ID   number `json:"reply_to_msg_id"`
		Peer peer   `json:"reply_to_peer_id"`
	}
	if m.reply = string(a.ReplyTo); len(a.Reply) > 0 && collector.Unmarshal(a.Reply, &r) == nil && r.ID != "" {
		m.reply, m.replyChat = string(r.ID), r.Peer.chat()
	}
	for _, e := range a.Entities {
		m.urls = append(m.urls, e.URL)
	}
	c := &m.post.Counts
	c.Views, c.Reposts, c.Replies = a.Views.Ptr(), a.Forwards.Ptr(), a.Replies.N.Ptr()
	for _, r := range a.Reactions.Results {
		if n := r.N.Ptr(); n != nil {
			if c.Likes == nil {
				c.Likes = new(int64)
			}
			*c.Likes += *n
		}
	}
}

func (a *answer) fromBot(m *record) {
	m.chat, m.id, m.text = a.Chat.ID.bare(), string(a.MessageID), a.Text
	m.channel = strings.HasPrefix(string(a.Chat.ID), "-100")
	if m.id == "" {
		m.id = string(a.ID)
	}
	if m.text == "" {
		m.text = a.Caption
	}
	m.service = a.Service != nil && a.Service != false
	m.post.Counts.Views, m.post.Counts.Reposts = a.Views.Ptr(), a.Forwards.Ptr()
	m.post.Author = collector.Author{ID: chatKey(a.Chat.ID), Name: collector.Clean(a.Chat.Title)}
	for _, s := range []*sender{a.SenderChat, a.FromUser, a.FromBot} {
		if s != nil && s.ID != "" {
			m.post.Author = collector.Author{ID: chatKey(s.ID), Handle: collector.Clean(s.Username),
				Name: strings.TrimSpace(collector.Clean(s.Title + s.First + " " + s.Last))}
			break
		}
	}
	switch o := a.Origin; {
	case o != nil && o.Chat != nil:
		m.forwarded, m.originChat, m.originN = true, o.Chat.ID.bare(), string(o.ID)
	case a.ForwardChat != nil:
		m.forwarded, m.originChat, m.originN = true, a.ForwardChat.ID.bare(), string(a.ForwardID)
	default:
		m.forwarded = o != nil || a.ForwardUser != nil || a.ForwardDate != nil
	}
	m.reply = string(a.RepliedID)
	if r := a.Replied; r != nil {
		if m.reply = string(r.MessageID); m.reply == "" {
			m.reply = string(r.ID)
		}
		if r.Chat != nil {
			m.replyChat = r.Chat.ID.bare()
		}
	}
	for _, e := range a.Entities {
		m.urls = append(m.urls, e.URL)
	}
	for _, e := range a.CaptionEntities {
		m.urls = append(m.urls, e.URL)
	}
}

func (a *answer) fromTDLib(m *record) {
	m.chat, m.id, m.channel = a.ChatID.bare(), serverID(a.ID), strings.HasPrefix(string(a.ChatID), "-100")
	words := a.Content.Text
	if words.Text == "" {
		words = a.Content.Caption
	}
	m.text = words.Text
	switch a.Content.Type {
	case "messageText", "messagePhoto", "messageVideo", "messageAnimation", "messageDocument", "messageAudio", "messageVoiceNote",
		"messageVideoNote", "messageSticker", "messagePoll":
	default:
		m.service = true
	}
	if m.post.Author.ID = chatKey(a.Sender.Chat); a.Sender.User != "" {
		m.post.Author.ID = "user" + string(a.Sender.User)
	}
	if f := a.Forward; f != nil {
		m.forwarded, m.originChat, m.originN = true, f.Origin.Chat.bare(), serverID(f.Origin.ID)
	}
	var r struct {
		Chat number `json:"chat_id"`
		ID   number `json:"message_id"`
	}
	if m.reply = serverID(a.RepliedID); len(a.Reply) > 0 && collector.Unmarshal(a.Reply, &r) == nil && r.ID != "" {
		m.reply, m.replyChat = serverID(r.ID), r.Chat.bare()
	}
	for _, e := range words.Entities {
		m.urls = append(m.urls, e.Type.URL)
	}
	i := &a.Interaction
	m.post.Counts = collector.Counts{Views: i.Views.Ptr(), Reposts: i.Forwards.Ptr(), Replies: i.Replies.N.Ptr()}
}

// serverID is the number that a message has for everybody: TDLib counts in steps of 2^20.
func serverID(n number) string {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil && i > 0 && i%(1<<20) == 0 {
		return strconv.FormatInt(i>>20, 10)
	}
	return string(n)
}

// chatKey names a chat or person as Telegram Desktop's exports do, by the marks before its number.
func chatKey(n number) string {
	switch {
	case n == "":
		return ""
	case strings.HasPrefix(string(n), "-100"):
		return "channel" + n.bare()
	case n[0] == '-':
		return "chat" + n.bare()
	}
	return "user" + string(n)
}

// finish sets what follows from the ids and the text.
func (m *record) finish() error {
	p := m.post
	switch {
	case m.id == "" || m.chat == "":
		return errors.New("a message without its id or its chat's")
	case p.CreatedAt.IsZero():
		return fmt.Errorf("message %s/%s has no date", m.chat, m.id)
	}
	p.ID, p.Conversation = m.chat+"/"+m.id, m.chat
	if m.channel {
		p.Permalink = "https://t.me/c/" + p.ID
	}
	if m.replyChat == "" {
		m.replyChat = m.chat
	}
	if m.reply != "" {
		p.Kind, p.ReplyTo = collector.Reply, m.replyChat+"/"+m.reply
	}
	if m.forwarded {
		if p.Kind = collector.Repost; m.originChat != "" && m.originN != "" {
			p.Reposted = m.originChat + "/" + m.originN
		}
	}
	for _, u := range m.urls {
		p.URLs = collector.AddURL(p.URLs, u)
	}
	collector.AddFromText(p)
	return nil
}

// Package telegram reads the result.json that Telegram Desktop exports: one chat, or an account's list of chats.
//
// A message's id counts in its chat only, so a post is known by both. date is the wall clock of the exporting machine:
// date_unixtime is the time, where it is there (since 2022). Talks between two people are skipped.
package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
)

// Decode reads an export. The error is for a value that is no sound JSON object; one bad message is a Failure.
func Decode(raw []byte) (collector.Batch, error) {
	var b collector.Batch
	var list []byte
	_, err := collector.Members(raw, func(key, value []byte) bool {
		if k := string(key); k == "chats" || k == "left_chats" {
			if l := collector.Member(value, "list"); l != nil {
				list = l
				collector.Elements(l, func(chat []byte) bool { addChat(&b, chat); return true })
			}
		}
		return true
	})
	if err != nil {
		return b, fmt.Errorf("telegram: %w", err)
	}
	if list == nil {
		addChat(&b, raw)
	}
	if len(b.Posts)+len(b.Skips)+len(b.Failures) == 0 {
		return collector.Skipped(collector.SkipEmptyPage), nil
	}
	return b, nil
}

// Chat is the chat that a message is in.
type Chat struct{ ID, Type string }

// DecodeMessage reads one message of a chat, or "[]" for a chat that has none.
func DecodeMessage(chat Chat, raw []byte) (collector.Batch, error) {
	if string(raw) == "[]" {
		return collector.Skipped(collector.SkipEmptyPage), nil
	}
	var b collector.Batch
	addMessage(&b, raw, 0, collector.Clean(chat.ID), chat.Type)
	return b, nil
}

func addChat(b *collector.Batch, raw []byte) {
	var chat struct {
		ID       json.Number     `json:"id"`
		Type     string          `json:"type"`
		Messages json.RawMessage `json:"messages"`
	}
	err := collector.Unmarshal(raw, &chat)
	n := 0
	if err == nil && len(chat.Messages) > 0 {
		_, err = collector.Elements(chat.Messages, func(el []byte) bool {
			addMessage(b, el, n, chat.ID.String(), chat.Type)
			n++
			return true
		})
	}
	if err != nil {
		b.Failures = append(b.Failures, collector.Failure{Index: n, Err: fmt.Errorf("telegram: %w", err)})
	}
}

type message struct {
	ID          json.Number     `json:"id"`
	Type        string          `json:"type"`
	Unix        string          `json:"date_unixtime"`
	Edited      string          `json:"edited_unixtime"`
	Date        string          `json:"date"`
	From        string          `json:"from"`
	FromID      string          `json:"from_id"`
	Forwarded   json.RawMessage `json:"forwarded_from"` // null when whoever wrote it is gone
	ForwardedID string          `json:"forwarded_from_id"`
	ReplyTo     json.Number     `json:"reply_to_message_id"`
	ReplyPeer   string          `json:"reply_to_peer_id"` // the chat of that message, where it is another
	Text        text            `json:"text"`
	Entities    text            `json:"text_entities"`
	Reactions   []struct {
		Count int64 `json:"count"`
	} `json:"reactions"`
}

// text is a string, or a list of strings and of parts with a type.
type text []part

type part struct {
	Type string `json:"type"`
	Text string `json:"text"`
	Href string `json:"href"`
}

// UnmarshalJSON reads all of these; what is none of them is no text.
func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text{{Text: s}}
		return nil
	}
	collector.Elements(b, func(el []byte) bool {
		var p part
		if json.Unmarshal(el, &p.Text) == nil || json.Unmarshal(el, &p) == nil {
			*t = append(*t, p)
		}
		return true
	})
	return nil
}

func addMessage(b *collector.Batch, raw []byte, index int, chat, kind string) {
	var m message
	err := collector.Unmarshal(raw, &m)
	switch {
	case err != nil:
	case kind == "personal_chat" || kind == "saved_messages" || kind == "bot_chat":
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipPrivate})
		return
	case m.Type == "service":
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNotice})
		return
	default:
		var p collector.Post
		if p, err = m.post(chat); err == nil && (strings.HasSuffix(kind, "_channel") || strings.HasSuffix(kind, "_supergroup")) {
			p.Permalink = "https://t.me/c/" + p.ID
		}
		if err == nil && p.Text == "" {
			b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
			return
		} else if err == nil {
			b.Posts = append(b.Posts, p)
			return
		}
	}
	b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("telegram: %w", err)})
}

func (m *message) post(chat string) (collector.Post, error) {
	if m.ID == "" {
		return collector.Post{}, errors.New("a message without id")
	}
	p := collector.Post{Platform: "telegram", ID: chat + "/" + m.ID.String(), Conversation: chat, Kind: collector.Original,
		Author: collector.Author{ID: collector.Clean(m.FromID), Name: collector.Clean(m.From)}}
	at, err := m.at()
	if err != nil {
		return p, err
	}
	p.CreatedAt = at
	if s, err := strconv.ParseInt(m.Edited, 10, 64); err == nil && s > 0 {
		p.Observed = time.Unix(s, 0).UTC() // not before: an export does not say when it was made
	}
	switch {
	case m.ForwardedID != "" || len(m.Forwarded) > 0 && string(m.Forwarded) != `""`:
		p.Kind = collector.Repost
	case m.ReplyTo != "":
		if peer := strings.TrimLeft(m.ReplyPeer, "abcdefghijklmnopqrstuvwxyz"); peer != "" { // channel123, chat123, user123
			chat = collector.Clean(peer)
		}
		p.Kind, p.ReplyTo = collector.Reply, chat+"/"+m.ReplyTo.String()
	}
	m.fill(&p)
	if len(m.Reactions) > 0 {
		var n int64
		for _, r := range m.Reactions {
			n += r.Count
		}
		p.Counts.Likes = &n
	}
	return p, nil
}

func (m *message) at() (time.Time, error) {
	if s, err := strconv.ParseInt(m.Unix, 10, 64); err == nil {
		return time.Unix(s, 0).UTC(), nil
	}
	at, err := time.Parse("2006-01-02T15:04:05", m.Date)
	if err != nil {
		return at, fmt.Errorf("message %s: the date %.40q is no time", m.ID, m.Date)
	}
	return at, nil
}

// fill sets text, links and hashtags, from text_entities where they are there.
func (m *message) fill(p *collector.Post) {
	parts := m.Entities
	if len(parts) == 0 {
		parts = m.Text
	}
	var s strings.Builder
	for _, e := range parts {
		s.WriteString(e.Text)
		switch e.Type {
		case "link":
			p.URLs = collector.AddURL(p.URLs, e.Text)
		case "text_link":
			p.URLs = collector.AddURL(p.URLs, e.Href)
		case "hashtag":
			p.Hashtags = collector.AddHashtag(p.Hashtags, e.Text)
		}
	}
	p.Text = strings.TrimSpace(collector.Clean(s.String()))
}

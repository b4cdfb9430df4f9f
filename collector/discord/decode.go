// Package discord reads the JSON of DiscordChatExporter: one channel with its messages. Direct messages are private, and skipped.
package discord

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"stallwatch/collector"
)

// Channel is where a message stands.
type Channel struct{ Guild, ID, Type string }

// private tells whether the channel is a talk between people who have no server around them.
func (c Channel) private() bool { return c.Guild == "0" || strings.HasPrefix(c.Type, "Direct") }

// Place takes what an export says of its guild or its channel.
func (c *Channel) Place(key string, raw []byte) {
	switch key {
	case "guild":
		c.Guild = collector.ID(collector.Member(raw, "id"))
	case "channel":
		c.ID, c.Type = collector.ID(collector.Member(raw, "id")), collector.Text(collector.Member(raw, "type"))
	}
}

type message struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Edited    string `json:"timestampEdited"`
	Content   string `json:"content"`
	Author    struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Nick string `json:"nickname"`
	} `json:"author"`
	Embeds []struct {
		Title       string `json:"title"`
		URL         string `json:"url"`
		Description string `json:"description"`
	} `json:"embeds"`
	Reactions []struct {
		Count collector.Number `json:"count"`
	} `json:"reactions"`
	Reference struct {
		Message string `json:"messageId"`
	} `json:"reference"`
	Forwarded *struct {
		Content string `json:"content"`
	} `json:"forwardedMessage"`
}

// DecodeMessage reads one message of a channel, or "[]" for a channel that has none. The error is for a value that is no sound JSON
// object, or a message without id or time.
func DecodeMessage(c Channel, raw []byte) (collector.Batch, error) {
	if string(raw) == "[]" {
		return collector.Skipped(collector.SkipEmptyPage), nil
	}
	var m message
	err := collector.Unmarshal(raw, &m)
	at, e := time.Parse(time.RFC3339, m.Timestamp)
	switch {
	case err != nil:
	case c.private():
		return collector.Skipped(collector.SkipPrivate), nil
	case m.Type != "" && m.Type != "Default" && m.Type != "Reply" && m.Type != "0" && m.Type != "19":
		return collector.Skipped(collector.SkipNotice), nil // somebody has joined, a message was pinned, …
	case m.ID == "":
		err = errors.New("a message without id")
	case e != nil:
		err = fmt.Errorf("message %.40q: the timestamp %.40q is no time", m.ID, m.Timestamp)
	}
	if err != nil {
		return collector.Batch{}, fmt.Errorf("discord: %w", err)
	}
	p := m.post(c)
	if p.CreatedAt = at.UTC(); p.Text == "" {
		return collector.Skipped(collector.SkipNoText), nil
	}
	collector.AddFromText(&p)
	return collector.Batch{Posts: []collector.Post{p}}, nil
}

func (m *message) post(c Channel) collector.Post {
	p := collector.Post{
		Platform: "discord", ID: collector.Clean(m.ID), Kind: collector.Original, Conversation: c.ID, Text: m.text(),
		Author: collector.Author{ID: collector.Clean(m.Author.ID), Handle: collector.Clean(m.Author.Name), Name: collector.Clean(m.Author.Nick)},
	}
	if c.Guild != "" && c.ID != "" {
		p.Permalink = "https://discord.com/channels/" + c.Guild + "/" + c.ID + "/" + p.ID
	}
	switch ref := collector.Clean(m.Reference.Message); {
	case m.Forwarded != nil:
		p.Kind, p.Reposted = collector.Repost, ref
	case ref != "":
		p.Kind, p.ReplyTo = collector.Reply, ref
	}
	for _, e := range m.Embeds {
		p.URLs = collector.AddURL(p.URLs, e.URL)
	}
	var likes int64
	for _, r := range m.Reactions {
		if n := r.Count.Ptr(); n != nil {
			likes += *n
		}
	}
	p.Counts.Likes = &likes
	if at, err := time.Parse(time.RFC3339, m.Edited); err == nil {
		p.Observed = at.UTC()
	}
	return p
}

// text is the message's own, or what it hands on, or what a bot has put into a box.
func (m *message) text() string {
	all := []string{m.Content}
	if m.Forwarded != nil {
		all = append(all, m.Forwarded.Content)
	}
	for _, e := range m.Embeds {
		all = append(all, e.Title+"\n\n"+e.Description)
	}
	for _, s := range all {
		if s = strings.TrimSpace(collector.Clean(s)); s != "" {
			return s
		}
	}
	return ""
}

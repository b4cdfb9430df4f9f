// Package youtube reads YouTube's comments and videos as the resources of its Data API hold them (commentThreads, comments, search,
// videos, playlistItems), and videos with their comments as yt-dlp writes them.
//
// A video's text is its title and its description. A comment answers a video or another comment.
package youtube

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"stallwatch/collector"
)

// resource is one of the Data API.
type resource struct {
	Kind       string     `json:"kind"`
	ID         resourceID `json:"id"`
	Snippet    snippet    `json:"snippet"`
	Statistics struct {
		Views    collector.Number `json:"viewCount"`
		Likes    collector.Number `json:"likeCount"`
		Comments collector.Number `json:"commentCount"`
	} `json:"statistics"`
	Replies struct {
		Comments []resource `json:"comments"`
	} `json:"replies"`
}

// resourceID is a string, or in a search result an object that says what was found.
type resourceID struct{ ID, Video string }

// UnmarshalJSON reads either.
func (r *resourceID) UnmarshalJSON(b []byte) error {
	r.ID = collector.Text(b)
	if r.ID == "" {
		r.Video = collector.Text(collector.Member(b, "videoId"))
	}
	return nil
}

type snippet struct {
	Published   string           `json:"publishedAt"`
	Updated     string           `json:"updatedAt"`
	Channel     string           `json:"channelId"`
	ChannelName string           `json:"channelTitle"`
	Owner       string           `json:"videoOwnerChannelId"` // of a playlist's item
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Tags        []string         `json:"tags"`
	Language    string           `json:"defaultAudioLanguage"`
	Resource    resourceID       `json:"resourceId"`
	Top         *resource        `json:"topLevelComment"`
	ReplyCount  collector.Number `json:"totalReplyCount"`

	Video      string           `json:"videoId"`
	Parent     string           `json:"parentId"`
	Display    string           `json:"textDisplay"`
	Original   string           `json:"textOriginal"`
	Author     string           `json:"authorDisplayName"`
	AuthorID   authorID         `json:"authorChannelId"`
	Likes      collector.Number `json:"likeCount"`
	Moderation string           `json:"moderationStatus"`
}

// authorID is an object, or in some libraries' output the string in it.
type authorID string

// UnmarshalJSON reads either.
func (a *authorID) UnmarshalJSON(b []byte) error {
	if *a = authorID(collector.Text(b)); *a == "" {
		*a = authorID(collector.Text(collector.Member(b, "value")))
	}
	return nil
}

// Decode reads a resource: a comment thread with the replies in it, a comment, a video, or a search result. The error is for a value that
// is no sound JSON object, or one without id or time.
func Decode(raw []byte) (collector.Batch, error) {
	var b collector.Batch
	var r resource
	if err := collector.Unmarshal(raw, &r); err != nil {
		return b, fmt.Errorf("youtube: %w", err)
	}
	n := 0
	keep := func(p collector.Post, skip collector.Reason, err error) {
		b.Keep("youtube", n, p, skip, err)
		n++
	}
	if top := r.Snippet.Top; top != nil {
		p, skip, err := top.comment(r.Snippet.Video)
		p.Counts.Replies = r.Snippet.ReplyCount.Ptr()
		keep(p, skip, err)
		for i := range r.Replies.Comments {
			keep(r.Replies.Comments[i].comment(r.Snippet.Video))
		}
		return b, nil
	}
	if r.Snippet.Display != "" || r.Snippet.Original != "" || strings.HasSuffix(r.Kind, "#comment") {
		keep(r.comment(""))
	} else {
		keep(r.video())
	}
	return b, nil
}

func (r *resource) comment(video string) (collector.Post, collector.Reason, error) {
	s := &r.Snippet
	if s.Video != "" {
		video = s.Video
	}
	p := post(r.ID.ID, video)
	p.Author = collector.Author{ID: collector.Clean(string(s.AuthorID)), Handle: collector.Clean(s.Author)}
	p.Counts.Likes = s.Likes.Ptr()
	p.Text = strings.TrimSpace(collector.Clean(s.Original))
	if p.Text == "" {
		p.Text = plain(s.Display)
	}
	if s.Moderation == "rejected" || s.Moderation == "heldForReview" {
		return p, collector.SkipPrivate, nil
	}
	answers(&p, video, s.Parent)
	if at, err := time.Parse(time.RFC3339, s.Updated); err == nil && s.Updated != s.Published {
		p.Observed = at.UTC()
	}
	return p, "", finish(&p, s.Published)
}

// video reads a video, or tells what else was found.
func (r *resource) video() (collector.Post, collector.Reason, error) {
	s := &r.Snippet
	id := r.ID.Video
	switch {
	case id == "" && s.Resource.Video != "":
		id = s.Resource.Video
	case id == "" && r.ID.ID != "" && (strings.HasSuffix(r.Kind, "#video") || s.ChannelName != "" && r.Kind == ""):
		id = r.ID.ID
	case id == "":
		return post("", ""), collector.SkipUsers, nil // a channel, a playlist, …
	}
	p := post(id, id)
	p.Permalink = "https://www.youtube.com/watch?v=" + p.ID
	p.Author = collector.Author{ID: collector.Clean(s.Channel), Name: collector.Clean(s.ChannelName)}
	if s.Owner != "" {
		p.Author = collector.Author{ID: collector.Clean(s.Owner)}
	}
	p.Text = strings.TrimSpace(collector.Unescape(s.Title + "\n\n" + s.Description))
	p.Lang = collector.Language(s.Language)
	p.Counts = collector.Counts{Likes: r.Statistics.Likes.Ptr(), Replies: r.Statistics.Comments.Ptr(), Views: r.Statistics.Views.Ptr()}
	for _, t := range s.Tags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, t)
	}
	return p, "", finish(&p, s.Published)
}

// post begins a post of YouTube, or of a video there.
func post(id, video string) collector.Post {
	p := collector.Post{Platform: "youtube", ID: collector.Clean(id), Kind: collector.Original, Conversation: collector.Clean(video)}
	if video != "" && id != "" {
		p.Permalink = "https://www.youtube.com/watch?v=" + p.Conversation + "&lc=" + p.ID
	}
	return p
}

// answers makes p the answer to a comment, or else to its video.
func answers(p *collector.Post, video, parent string) {
	if p.Kind = collector.Reply; parent == "" || parent == "root" {
		parent = video
	}
	p.ReplyTo = collector.Clean(parent)
}

func finish(p *collector.Post, date string) error {
	if p.ID == "" {
		return errors.New("no id")
	}
	at, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return fmt.Errorf("%.80q: the date %.40q is no time", p.ID, date)
	}
	p.CreatedAt = at.UTC()
	collector.AddFromText(p)
	return nil
}

var tag = regexp.MustCompile(`</?(?:a|b|i|s|span|br)(?:\s[^>]*)?/?>`)

// plain makes text of what YouTube shows, which is HTML unless somebody has asked for plain text.
func plain(shown string) string {
	shown = strings.NewReplacer("<br>", "\n", "<br />", "\n", "<br/>", "\n").Replace(shown)
	return strings.TrimSpace(collector.Unescape(tag.ReplaceAllString(shown, "")))
}

// info is what yt-dlp writes about a video.
type info struct {
	ID          string           `json:"id"`
	DisplayID   string           `json:"display_id"` // of a tweet: id is its video's
	Extractor   string           `json:"extractor_key"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Timestamp   collector.Number `json:"timestamp"`
	UploadDate  string           `json:"upload_date"`
	ChannelID   string           `json:"channel_id"`
	UploaderID  string           `json:"uploader_id"`
	Uploader    string           `json:"uploader"`
	Language    string           `json:"language"`
	Tags        []string         `json:"tags"`
	Views       collector.Number `json:"view_count"`
	Likes       collector.Number `json:"like_count"`
	Reposts     collector.Number `json:"repost_count"`
	Replies     collector.Number `json:"comment_count"`
	URL         string           `json:"webpage_url"`
	Epoch       collector.Number `json:"epoch"`
	Comments    []struct {
		ID        string           `json:"id"`
		Parent    string           `json:"parent"`
		Text      string           `json:"text"`
		Author    string           `json:"author"`
		AuthorID  string           `json:"author_id"`
		Timestamp collector.Number `json:"timestamp"`
		Likes     collector.Number `json:"like_count"`
	} `json:"comments"`
	Entries []json.RawMessage `json:"entries"`
}

// DecodeInfo reads what yt-dlp writes about a video, of YouTube or of another network, or about a playlist of them. The error is for a
// value that is no sound JSON object.
func DecodeInfo(raw []byte) (collector.Batch, error) { return decodeInfo(raw, 0) }

func decodeInfo(raw []byte, depth int) (b collector.Batch, err error) {
	var v info
	if err := collector.Unmarshal(raw, &v); err != nil {
		return b, fmt.Errorf("youtube: %w", err)
	}
	if len(v.Entries) > 0 && depth < 4 { // a playlist of playlists: a channel with its tabs
		for i, e := range v.Entries {
			in, err := decodeInfo(e, depth+1)
			if err != nil {
				in = collector.Batch{Failures: []collector.Failure{{Index: i, Err: err}}}
			}
			b.Posts, b.Skips, b.Failures = append(b.Posts, in.Posts...), append(b.Skips, in.Skips...), append(b.Failures, in.Failures...)
		}
		return b, nil
	}
	p, at := v.post()
	if p.ID == "" {
		return collector.Skipped(collector.SkipUnknown), nil
	}
	v.add(&b, 0, p, at)
	for i, c := range v.Comments {
		p := post(c.ID, v.ID)
		p.Text = strings.TrimSpace(collector.Clean(c.Text))
		p.Author = collector.Author{ID: collector.Clean(c.AuthorID), Handle: collector.Clean(c.Author)}
		p.Counts.Likes = c.Likes.Ptr()
		if answers(&p, v.ID, c.Parent); v.platform() != "youtube" {
			p.Platform, p.Permalink = v.platform(), ""
		}
		v.add(&b, i+1, p, c.Timestamp.Time())
	}
	return b, nil
}

// platform is the one that the extractor is for: its name may go on with the kind of page.
func (v *info) platform() string {
	name := strings.ToLower(v.Extractor)
	for _, p := range []string{"youtube", "twitter", "tiktok", "vk", "facebook", "instagram", "telegram", "bluesky", "reddit", "rumble",
		"rutube"} {
		if strings.HasPrefix(name, p) {
			return strings.Replace(p, "twitter", "x", 1)
		}
	}
	return collector.Clean(name)
}

func (v *info) post() (p collector.Post, at time.Time) {
	p = collector.Post{
		Platform: v.platform(), ID: collector.Clean(v.ID), Kind: collector.Original, Conversation: collector.Clean(v.ID),
		Lang:     collector.Language(v.Language),
		Author:   collector.Author{ID: collector.Clean(v.ChannelID), Handle: collector.Clean(v.UploaderID), Name: collector.Clean(v.Uploader)},
		Counts:   collector.Counts{Likes: v.Likes.Ptr(), Reposts: v.Reposts.Ptr(), Replies: v.Replies.Ptr(), Views: v.Views.Ptr()},
		Text:     strings.TrimSpace(collector.Clean(v.Title + "\n\n" + v.Description)),
		Observed: v.Epoch.Time(),
	}
	switch p.Platform {
	case "youtube":
		p.Permalink = "https://www.youtube.com/watch?v=" + p.ID
	case "x":
		if strings.Trim(v.DisplayID, "0123456789") == "" && v.DisplayID != "" {
			p.ID, p.Conversation = v.DisplayID, ""
		}
		p.Permalink = "https://x.com/i/web/status/" + p.ID
	}
	if p.Platform != "youtube" && v.Description != "" { // there the title is made of the description
		p.Text = strings.TrimSpace(collector.Clean(v.Description))
	}
	for _, t := range v.Tags {
		p.Hashtags = collector.AddHashtag(p.Hashtags, t)
	}
	if at = v.Timestamp.Time(); at.IsZero() {
		at, _ = time.Parse("20060102", v.UploadDate)
	}
	return p, at
}

func (v *info) add(b *collector.Batch, index int, p collector.Post, at time.Time) {
	switch {
	case p.Text == "":
		b.Skips = append(b.Skips, collector.Skip{Reason: collector.SkipNoText})
	case p.ID == "" || at.IsZero():
		b.Failures = append(b.Failures, collector.Failure{Index: index, Err: fmt.Errorf("youtube: %.80q: no id or no date", p.ID)})
	default:
		p.CreatedAt = at
		collector.AddFromText(&p)
		b.Posts = append(b.Posts, p)
	}
}

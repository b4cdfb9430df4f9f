// Package xarchive reads the archive that X gives an account's owner: JavaScript files, each an assignment of a JSON array.
//
// An archive also holds messages, contacts, addresses and advertising data. Reads names the few files that may be opened.
//
// # What an archive lacks
//
// Posts name no author: it is the manifest's owner. A repost is cut to 140 characters, and its original is not in the archive.
// A long post is cut in tweets.js, with nothing to say so; its whole text is in note-tweet.js under an id of its own, and
// nothing links the two. They are joined by time: a note belongs to the post with the smallest id above the note's, if the
// post was made within maxGap after it and begins with the same words. On a real archive that found 41 of 41 notes,
// none further off than 41 ms, where joining on the second was ambiguous for 14.
package xarchive

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"stallwatch/collector"
)

const (
	maxGap  = 5 * time.Second
	maxFile = 1 << 30
)

// Archive is what the posts of an archive need to know of its other files. Nil knows nothing. It does not change after
// Open, so that several goroutines may decode.
type Archive struct {
	owner    collector.Author
	expected map[string]int
	notes    map[string]*note // by the id of the post they belong to
}

var readable = regexp.MustCompile(`^(tweets?|community-tweet|deleted-tweets)(-part\d+)?\.js$`)

// Reads tells whether a file of an archive's data folder holds posts.
func Reads(name string) bool { return readable.MatchString(path.Base(name)) }

// Known tells whether Decode has a use for a file of the kind that Kind found. All others of an archive are private: nothing
// but their first words is ever read.
func Known(kind string) bool {
	switch kind {
	case "tweet", "tweets", "community_tweet", "community_tweets", "deleted_tweet", "deleted_tweets", "deleted_note_tweet", "deleted_community_tweet", "like", "likes", "grailbird", "note_tweet":
		return true
	}
	return false
}

// Open reads manifest, account and notes of an archive's data folder. What is missing there, or broken, is done without.
func Open(data fs.FS) *Archive {
	a := &Archive{expected: map[string]int{}, notes: map[string]*note{}}
	a.readManifest(array(data, "manifest.js"))
	if a.owner.ID == "" {
		a.readAccount(array(data, "account.js"))
	}
	if notes := readNotes(data); len(notes) > 0 {
		a.join(notes, postIDs(data))
	}
	return a
}

// Expected is how many posts the manifest says a file has, and whether it says so.
func (a *Archive) Expected(name string) (n int, ok bool) {
	if a == nil {
		return 0, false
	}
	n, ok = a.expected[path.Base(name)]
	return n, ok
}

// array is the JSON that a file assigns, nil when there is none.
func array(data fs.FS, name string) []byte {
	info, err := fs.Stat(data, name)
	if err != nil || info.Size() > maxFile {
		return nil
	}
	b, err := fs.ReadFile(data, name)
	if err != nil {
		return nil
	}
	_, b, _ = bytes.Cut(b, []byte("="))
	return bytes.TrimSpace(b)
}

func (a *Archive) readManifest(raw []byte) {
	var m struct {
		User struct {
			ID     string `json:"accountId"`
			Handle string `json:"userName"`
			Name   string `json:"displayName"`
		} `json:"userInfo"`
		Types map[string]struct {
			Files []struct {
				Name  string           `json:"fileName"`
				Count collector.Number `json:"count"`
			} `json:"files"`
		} `json:"dataTypes"`
	}
	if collector.Unmarshal(raw, &m) != nil {
		return
	}
	a.owner = collector.Author{ID: collector.Clean(m.User.ID), Handle: collector.Clean(m.User.Handle), Name: collector.Clean(m.User.Name)}
	for _, t := range m.Types {
		for _, f := range t.Files {
			if n := f.Count.Ptr(); n != nil && Reads(f.Name) {
				a.expected[path.Base(f.Name)] = int(*n)
			}
		}
	}
}

func (a *Archive) readAccount(raw []byte) {
	collector.Elements(raw, func(el []byte) bool {
		var v struct {
			Account struct {
				ID     string `json:"accountId"`
				Handle string `json:"username"`
				Name   string `json:"accountDisplayName"`
			} `json:"account"`
		}
		if collector.Unmarshal(el, &v) == nil {
			a.owner = collector.Author{ID: collector.Clean(v.Account.ID), Handle: collector.Clean(v.Account.Handle), Name: collector.Clean(v.Account.Name)}
		}
		return false
	})
}

// note is the whole of a long post.
type note struct {
	ID   string `json:"noteTweetId"`
	Core struct {
		Text     string `json:"text"`
		Hashtags []struct {
			Text string `json:"text"`
		} `json:"hashtags"`
		URLs []struct {
			Expanded string `json:"expandedUrl"`
		} `json:"urls"`
	} `json:"core"`
}

func readNotes(data fs.FS) (notes []*note) {
	names, _ := fs.Glob(data, "note-tweet*.js")
	for _, name := range names {
		collector.Elements(array(data, name), func(el []byte) bool {
			var v struct {
				Note *note `json:"noteTweet"`
			}
			if collector.Unmarshal(el, &v) == nil && v.Note != nil && v.Note.Core.Text != "" {
				notes = append(notes, v.Note)
			}
			return true
		})
	}
	return notes
}

// postIDs are the ids of all posts, in order.
func postIDs(data fs.FS) (ids []uint64) {
	names, _ := fs.Glob(data, "*.js")
	for _, name := range names {
		if !Reads(name) || strings.HasPrefix(name, "deleted") {
			continue
		}
		collector.Elements(array(data, name), func(el []byte) bool {
			if t := collector.Member(el, "tweet"); t != nil {
				el = t
			}
			if n, err := strconv.ParseUint(strings.Trim(string(collector.Member(el, "id_str")), `"`), 10, 64); err == nil {
				ids = append(ids, n)
			}
			return true
		})
	}
	slices.Sort(ids)
	return ids
}

// join gives every note to the first post after it.
func (a *Archive) join(notes []*note, ids []uint64) {
	for _, n := range notes {
		id, err := strconv.ParseUint(n.ID, 10, 64)
		if err != nil {
			continue
		}
		i, _ := slices.BinarySearch(ids, id+1)
		if i == len(ids) {
			continue
		}
		post := strconv.FormatUint(ids[i], 10)
		made, ok1 := collector.SnowflakeTime(post)
		noted, ok2 := collector.SnowflakeTime(n.ID)
		if ok1 && ok2 && made.Sub(noted) <= maxGap {
			a.notes[post] = n
		}
	}
}

// noteOf is the note of a post, if the post's text is the beginning of it.
func (a *Archive) noteOf(id, text string) *note {
	if a == nil || a.notes[id] == nil {
		return nil
	}
	n := a.notes[id]
	short, whole := bare(text), bare(n.Core.Text)
	if len(short) > 100 {
		short = short[:100]
	}
	if short == "" || !strings.HasPrefix(whole, short) {
		return nil
	}
	return n
}

var notWords = regexp.MustCompile(`https?://\S+|\s+|…`)

// bare is a text without what differs between a post and its note: links, white space, the names a reply begins with.
func bare(s string) string {
	s = strings.TrimSpace(collector.Unescape(s))
	for strings.HasPrefix(s, "@") {
		_, rest, ok := strings.Cut(s, " ")
		if !ok {
			break
		}
		s = strings.TrimSpace(rest)
	}
	return notWords.ReplaceAllString(s, "")
}

// Dir finds the data folder of an archive among the names of a zip's files: "data", or "something/data".
func Dir(names []string) (dir string, ok bool) {
	for _, n := range names {
		d, base := path.Split(n)
		d = strings.TrimSuffix(d, "/")
		if path.Base(d) == "data" && (base == "manifest.js" || base == "tweets.js" || base == "tweet.js") {
			return d, true
		}
	}
	return "", false
}

// Kind takes the name out of a file's first words, such as "window.YTD.tweets.part0 =".
func Kind(assignment string) (kind string, err error) {
	parts := strings.Split(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(assignment), "=")), ".")
	if len(parts) >= 3 && (parts[1] == "YTD" || parts[0] == "Grailbird") {
		if parts[0] == "Grailbird" {
			return "grailbird", nil
		}
		return parts[2], nil
	}
	return "", fmt.Errorf("x archive: %.60q is no part of an archive that is known", assignment)
}

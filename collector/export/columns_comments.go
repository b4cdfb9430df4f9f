package export

import (
	"regexp"
	"slices"
	"strings"
)

// parents are columns that hold the id of a post: the row's own, or that of the post which the row is a comment on.
var parents = wordSet("postid tweetid statusid mediaid articleid submissionid storyid photoid postident originalpostid parentpostid posturi")

// comments are columns that hold a comment's own id.
var comments = wordSet("commentid replyid commentidstr commentuid replycommentid 评论id")

// saysComment tells whether a column of that name is one of comments.
func saysComment(column string) bool {
	s := squash(column)
	return slices.ContainsFunc([]string{"comment", "reply", "комент", "коммент", "评论"}, func(w string) bool { return strings.Contains(s, w) })
}

// comments finds which id is a row's own where it also has that of the post which it is a comment on, and keeps the latter. A
// comment's own id is called so; else, in a table of comments, it is the column id, if that tells its rows apart. A table in
// which several rows have one post is of comments, whatever their text is called.
func (m mapping) comments(columns []string, views []view) {
	of := func(names map[string]bool) string {
		i := slices.IndexFunc(columns, func(c string) bool {
			return names[squash(c)] && !slices.Contains([]string{m["text"], m["date"], m["handle"]}, c)
		})
		if i < 0 || views != nil && views[i].filled == 0 {
			return ""
		}
		return columns[i]
	}
	parent, own := of(parents), of(comments)
	i := slices.Index(columns, parent)
	several := i >= 0 && views != nil && m["id"] != parent && len(views[i].values) < views[i].filled
	if parent == "" || !several && !saysComment(m["text"]) && !comments[squash(m["id"])] {
		return
	}
	if own == "" && m["id"] == parent {
		own = of(plainID)
	}
	if i := slices.Index(columns, own); i >= 0 && (views == nil || len(views[i].values) == views[i].filled) {
		m["id"] = own
	}
	if m["reply_to"] == m["id"] {
		delete(m, "reply_to")
	}
	switch {
	case m["id"] != parent:
		m.commentOn(parent)
	case views == nil: // nobody knows how many comments of it there are
		m.shared()
	}
}

var plainID = wordSet("id idstr")

// commentOn keeps the column that names the post which a row is a comment on.
func (m mapping) commentOn(column string) {
	m["parent"] = column
	if m["conversation"] == "" {
		m["conversation"] = column
	}
}

// shared keeps that the id is another's: of the post that several rows are comments on.
func (m mapping) shared() {
	m["shared"] = "id"
	if parents[squash(m["id"])] {
		m.commentOn(m["id"])
	}
}

// dbKey is an id that a database gives: a small number, an ObjectID or a UUID.
var dbKey = regexp.MustCompile(`^(?:\d{1,10}|[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// ownOf is comments for an object of JSON, whose neighbours nobody has seen: beside the id of a post, its id is its own unless
// that is a database's and the other is not.
func (m mapping) ownOf(columns []string, cell map[string]string) {
	i := slices.IndexFunc(columns, func(c string) bool { return plainID[squash(c)] && !blank(cell[c]) })
	if i < 0 || !parents[squash(m["id"])] {
		return
	}
	id, parent := cell[columns[i]], cell[m["id"]]
	if id == parent || blank(parent) || dbKey.MatchString(id) && !dbKey.MatchString(parent) {
		return
	}
	m.commentOn(m["id"])
	m["id"] = columns[i]
	delete(m, "shared")
}

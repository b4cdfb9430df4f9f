package bluesky_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/bluesky"
	"stallwatch/collector/sourcetest"
)

// pds is a server with sessions that last for some requests, and an index that gives up on cursors beyond its depth.
type pds struct {
	posts  []time.Time // ascending
	depth  int
	lasts  int // requests of a session
	logins int
	left   int
}

func (s *pds) uri(i int) string {
	return fmt.Sprintf("at://did:plc:synthetic%d/app.bsky.feed.post/3kz%010d", i%9, i)
}

func (s *pds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	fail := func(status int, name, message string) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]string{"error": name, "message": message})
	}
	token := "Bearer access-" + strconv.Itoa(s.logins)
	switch r.URL.Path {
	case "/xrpc/com.atproto.server.createSession", "/xrpc/com.atproto.server.refreshSession":
		var in struct{ Identifier, Password string }
		json.NewDecoder(r.Body).Decode(&in)
		if r.URL.Path[len(r.URL.Path)-14:] == "refreshSession" && r.Header.Get("Authorization") != "Bearer refresh-"+strconv.Itoa(s.logins) || r.Header.Get("Authorization") == "" && in.Password != "app-pass-word" {
			fail(401, "AuthenticationRequired", "Invalid identifier or password")
			return
		}
		s.logins++
		s.left = s.lasts
		fmt.Fprintf(w, `{"did":"did:plc:me","handle":"me.test","accessJwt":"access-%d","refreshJwt":"refresh-%d"}`, s.logins, s.logins)
		return
	case "/xrpc/app.bsky.feed.searchPosts":
	default:
		fail(404, "MethodNotImplemented", "Method Not Implemented")
		return
	}
	if s.left--; r.Header.Get("Authorization") != token || s.left < 0 {
		fail(400, "ExpiredToken", "Token has expired")
		return
	}
	q := r.URL.Query()
	since, _ := time.Parse(time.RFC3339, q.Get("since"))
	until, _ := time.Parse(time.RFC3339, q.Get("until"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	skip, _ := strconv.Atoi(q.Get("cursor"))
	if skip >= s.depth {
		fail(400, "InvalidRequest", "cursor too deep")
		return
	}
	list := []any{}
	n := 0
	more := false
	for i := len(s.posts) - 1; i >= 0; i-- {
		at := s.posts[i]
		if at.Before(since) || !at.Before(until) {
			continue
		}
		if n++; n <= skip {
			continue
		}
		if len(list) == limit {
			more = true
			break
		}
		list = append(list, map[string]any{"uri": s.uri(i), "cid": "b", "author": map[string]any{"did": fmt.Sprintf("did:plc:synthetic%d", i%9), "handle": "s.test"},
			"record":    map[string]any{"$type": "app.bsky.feed.post", "text": "Synthetic: he stalls \u0000\u202e #putin", "createdAt": at.UTC().Format("2006-01-02T15:04:05.000000000Z"), "langs": []string{"en"}},
			"likeCount": 1, "indexedAt": at.Add(time.Second).UTC().Format(time.RFC3339Nano)})
	}
	answer := map[string]any{"posts": list}
	if more {
		answer["cursor"] = strconv.Itoa(skip + limit)
	}
	json.NewEncoder(w).Encode(answer)
}

func TestSearch(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) sourcetest.Platform {
		s := &pds{depth: 200, lasts: 5}
		var want []string
		for i := range 450 {
			s.posts = append(s.posts, sourcetest.Start.Add(-50*time.Hour).Add(time.Duration(i)*330*time.Second))
			want = append(want, s.uri(i))
		}
		return sourcetest.Platform{Handler: s, Want: want, Reset: "RateLimit-Reset", Renews: true, Again: 5, Source: func(c *http.Client) collector.Source {
			return &bluesky.Search{Session: bluesky.NewSession("http://pds.test", "me.test", "app-pass-word", c, "test"), Name: "bluesky/1",
				Query: "putin", Since: sourcetest.Start.Add(-60 * time.Hour), Overlap: time.Minute, Width: 30 * time.Hour}
		}}
	})
}

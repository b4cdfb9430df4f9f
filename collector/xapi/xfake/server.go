// Package xfake is a stand-in for X API v2 that tests run against: recent and full-archive search, counts, usage and
// compliance jobs over posts written for it. It keeps X's rules (newest first, tokens bound to their request, windows of
// seven days, rate limits by window, one request a second for the archive) and counts what X would bill. No post in it is real.
package xfake

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Post is one synthetic post.
type Post struct {
	ID     string
	At     time.Time
	Author string
	Text   string
	Quotes string // id of another post, or empty
}

// Server answers as X does. Its exported fields are set before it serves.
type Server struct {
	Token  string        // that requests must bear
	Names  string        // "tweet" or "post": names in answers
	Limit  int           // requests in a window; 0: no limit
	Window time.Duration // 15 minutes at X
	Cap    int64         // posts until usage-capped; 0: none
	Hide   int           // each so-many-th post is in the counts and never in a search; 0: none
	Now    func() time.Time

	mu       sync.Mutex
	posts    []Post // oldest first
	used     int
	reset    time.Time
	billed   int64
	requests int
	jobs     map[string]*job
}

// Empty makes a server without posts.
func Empty() *Server {
	return &Server{Token: "secret-of-the-test", Names: "tweet", Window: 15 * time.Minute, Now: time.Now, jobs: map[string]*job{}}
}

// New makes a server with n posts from and until the two times, one after the other.
func New(n int, from, to time.Time) *Server {
	return NewWith(Empty(), n, from, to, func(i int, _ *rand.Rand) string {
		return fmt.Sprintf("Synthetic post %d: he says peace, then he stalls. &amp; \u202E<b>%d</b>", i, i)
	})
}

// NewWith fills a server with posts of other texts.
func NewWith(s *Server, n int, from, to time.Time, text func(i int, r *rand.Rand) string) *Server {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	step := to.Sub(from) / time.Duration(max(n, 1))
	for i := range n {
		at := from.Add(time.Duration(i)*step + time.Duration(r.Int64N(int64(max(step, 1))))).Truncate(time.Millisecond)
		p := Post{ID: id(at, i), At: at, Author: strconv.Itoa(1000 + i%977), Text: text(i, r)}
		if i > 10 && i%5 == 0 {
			p.Quotes = s.posts[i-7].ID
		}
		s.posts = append(s.posts, p)
	}
	slices.SortFunc(s.posts, func(a, b Post) int { return compareID(a.ID, b.ID) })
	return s
}

// id is a snowflake: the time above 22 bits that tell posts of a millisecond apart.
func id(at time.Time, i int) string {
	return strconv.FormatInt((at.UnixMilli()-1288834974657)<<22|int64(i)&(1<<22-1), 10)
}

func compareID(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// IDs are those of all posts that a search gives.
func (s *Server) IDs() (out []string) {
	for i, p := range s.posts {
		if !s.hidden(i) {
			out = append(out, p.ID)
		}
	}
	return out
}

func (s *Server) hidden(i int) bool { return s.Hide > 0 && i%s.Hide == s.Hide-1 }

// Billed is how many posts were delivered, and Requests how many requests came, refused ones included.
func (s *Server) Billed() (posts int64, requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.billed, s.requests
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	now := s.Now().UTC()
	w.Header().Set("Date", now.Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(r.URL.Path, "/storage/") { // signed addresses bear no token
		s.storage(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+s.Token {
		problem(w, 401, "about:blank", "Unauthorized", "Unauthorized")
		return
	}
	if !s.admit(w, now) {
		return
	}
	switch r.URL.Path {
	case "/2/tweets/search/recent":
		s.search(w, r, now, 100, now.Add(-7*24*time.Hour))
	case "/2/tweets/search/all":
		s.search(w, r, now, 500, time.Time{})
	case "/2/tweets/counts/recent", "/2/tweets/counts/all":
		s.counts(w, r, now)
	case "/2/usage/tweets":
		fmt.Fprintf(w, `{"data":{"project_cap":"%d","project_id":"1","project_usage":"%d","cap_reset_day":8}}`, s.Cap, s.billed)
	default:
		s.compliance(w, r, now)
	}
}

func (s *Server) admit(w http.ResponseWriter, now time.Time) bool {
	if s.Limit == 0 {
		return true
	}
	if !now.Before(s.reset) {
		s.reset, s.used = now.Add(s.Window), 0
	}
	h := w.Header()
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(s.Limit))
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(s.reset.Unix(), 10))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(max(0, s.Limit-s.used-1)))
	if s.used >= s.Limit {
		problem(w, 429, "https://api.x.com/2/problems/rate-limit-exceeded", "Too Many Requests", "Too Many Requests")
		return false
	}
	s.used++
	return true
}

func problem(w http.ResponseWriter, status int, kind, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"title": title, "detail": detail, "type": kind, "status": status})
}

func invalid(w http.ResponseWriter, format string, args ...any) {
	w.WriteHeader(400)
	json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{"message": fmt.Sprintf(format, args...)}},
		"title": "Invalid Request", "detail": "One or more parameters to your request was invalid.", "type": "https://api.x.com/2/problems/invalid-request"})
}

// bounds reads the window of a request.
func (s *Server) bounds(w http.ResponseWriter, r *http.Request, now, horizon time.Time) (from, to string, ok bool) {
	q := r.URL.Query()
	from, to = "0", id(now.Add(-30*time.Second), 0)
	for _, k := range []string{"start_time", "end_time"} {
		v := q.Get(k)
		if v == "" {
			continue
		}
		t, err := time.Parse("2006-01-02T15:04:05Z", v)
		switch {
		case err != nil:
			invalid(w, "The `%s` query parameter value [%s] is not valid.", k, v)
			return
		case t.Before(horizon):
			invalid(w, "Invalid '%s':'%s'. '%s' must be on or after %s.", k, v, k, horizon)
			return
		case t.After(now.Add(-10 * time.Second)):
			invalid(w, "Invalid '%s':'%s'. '%s' must be a minimum of 10 seconds prior to the request time.", k, v, k)
			return
		}
		if k == "start_time" {
			from = id(t, 0)
		} else {
			to = id(t, 0)
		}
	}
	if v := q.Get("since_id"); v != "" {
		from = v
	}
	if v := q.Get("until_id"); v != "" {
		to = v
	}
	return from, to, true
}

func (s *Server) search(w http.ResponseWriter, r *http.Request, now time.Time, most int, horizon time.Time) {
	q := r.URL.Query()
	n, err := strconv.Atoi(q.Get("max_results"))
	if err != nil || n < 10 || n > most {
		invalid(w, "The `max_results` query parameter value [%s] is not between 10 and %d", q.Get("max_results"), most)
		return
	}
	if f := q.Get(s.Names + ".fields"); !strings.Contains(f, "created_at") && !strings.Contains(q.Get("post.fields")+q.Get("tweet.fields"), "created_at") {
		invalid(w, "this test wants created_at among the fields")
		return
	}
	from, to, ok := s.bounds(w, r, now, horizon)
	if !ok {
		return
	}
	signature := from + "-" + to
	before := to
	if token := q.Get("next_token"); token != "" {
		sign, at, ok := strings.Cut(token, "_")
		if !ok || sign != signature {
			invalid(w, "The `next_token` query parameter value [%s] is not valid.", token)
			return
		}
		before = at
	}
	if s.Cap > 0 && s.billed >= s.Cap {
		problem(w, 429, "https://api.twitter.com/2/problems/usage-capped", "UsageCapExceeded", "Usage cap exceeded: Monthly product cap")
		return
	}
	s.page(w, q.Get("expansions") != "", n, from, before, signature)
}

// page writes the n newest posts with ids from and before.
func (s *Server) page(w http.ResponseWriter, refs bool, n int, from, before, signature string) {
	hi, _ := slices.BinarySearchFunc(s.posts, before, func(p Post, id string) int { return compareID(p.ID, id) })
	lo, _ := slices.BinarySearchFunc(s.posts, from, func(p Post, id string) int { return compareID(p.ID, id) })
	var data, included []any
	last := ""
	for i := hi - 1; i >= lo && len(data) < n; i-- {
		if last = s.posts[i].ID; s.hidden(i) {
			continue
		}
		data = append(data, s.object(s.posts[i]))
		if q := s.posts[i].Quotes; q != "" && refs {
			k, found := slices.BinarySearchFunc(s.posts, q, func(p Post, id string) int { return compareID(p.ID, id) })
			if found {
				included = append(included, s.object(s.posts[k]))
			}
		}
	}
	meta := map[string]any{"result_count": len(data)}
	answer := map[string]any{"meta": meta}
	if len(data) > 0 {
		answer["data"] = data
		meta["newest_id"], meta["oldest_id"] = data[0].(map[string]any)["id"], last
	}
	if last != "" && compareID(last, from) > 0 && lo < hi && s.posts[lo].ID != last {
		meta["next_token"] = signature + "_" + last
	}
	if len(included) > 0 {
		answer["includes"] = map[string]any{s.Names + "s": included}
		answer["errors"] = []any{map[string]any{"resource_id": "1", "title": "Not Found Error", "detail": "Could not find tweet with referenced_tweets.id: [1].",
			"type": "https://api.twitter.com/2/problems/resource-not-found"}}
	}
	s.billed += int64(len(data) + len(included))
	json.NewEncoder(w).Encode(answer)
}

func (s *Server) object(p Post) map[string]any {
	o := map[string]any{"id": p.ID, "author_id": p.Author, "text": p.Text, "lang": "en", "conversation_id": p.ID,
		"created_at": p.At.UTC().Format("2006-01-02T15:04:05.000Z")}
	if s.Names == "post" {
		o["public_metrics"] = map[string]any{"repost_count": 1, "like_count": 2}
	} else {
		o["public_metrics"] = map[string]any{"retweet_count": 1, "like_count": 2}
	}
	if p.Quotes != "" {
		o["referenced_"+s.Names+"s"] = []any{map[string]any{"type": "quoted", "id": p.Quotes}}
	}
	return o
}

func (s *Server) counts(w http.ResponseWriter, r *http.Request, now time.Time) {
	horizon := time.Time{}
	if strings.HasSuffix(r.URL.Path, "recent") {
		horizon = now.Add(-7 * 24 * time.Hour)
	}
	if _, _, ok := s.bounds(w, r, now, horizon); !ok {
		return
	}
	from, _ := time.Parse(time.RFC3339, r.URL.Query().Get("start_time"))
	to, _ := time.Parse(time.RFC3339, r.URL.Query().Get("end_time"))
	var data []any
	total := 0
	for at := from; at.Before(to); {
		end := at.Truncate(time.Hour).Add(time.Hour)
		if end.After(to) {
			end = to
		}
		n := 0
		for _, p := range s.posts {
			if !p.At.Before(at) && p.At.Before(end) {
				n++
			}
		}
		total += n
		data = append(data, map[string]any{"start": at.Format("2006-01-02T15:04:05.000Z"), "end": end.Format("2006-01-02T15:04:05.000Z"), s.Names + "_count": n})
		at = end
	}
	json.NewEncoder(w).Encode(map[string]any{"data": data, "meta": map[string]any{"total_tweet_count": total}})
}

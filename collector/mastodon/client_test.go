package mastodon_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/mastodon"
	"stallwatch/collector/replay"
	"stallwatch/collector/sourcetest"
)

// server is a Mastodon server with synthetic statuses under one hashtag.
type server struct {
	ids  []int64 // ascending
	used int
}

func newServer(n int, from time.Time, step time.Duration) *server {
	s := &server{}
	for i := range n {
		s.ids = append(s.ids, from.Add(time.Duration(i)*step).UnixMilli()<<16|int64(i%7))
	}
	return s
}

func (s *server) uris() (out []string) {
	for _, id := range s.ids {
		out = append(out, fmt.Sprintf("https://far.example/users/u/statuses/%d", id))
	}
	return out
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/v1/timelines/tag/putin" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.used++
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(300-s.used%301))
	w.Header().Set("X-RateLimit-Reset", time.Now().Add(5*time.Minute).UTC().Format(time.RFC3339Nano))
	minID, _ := strconv.ParseInt(r.URL.Query().Get("min_id"), 10, 64)
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	at, _ := slices.BinarySearch(s.ids, minID+1)
	page := slices.Clone(s.ids[at:min(len(s.ids), at+limit)])
	slices.Reverse(page) // newest first, as Mastodon answers to min_id too
	list := []any{}
	for _, id := range page {
		list = append(list, map[string]any{"id": strconv.FormatInt(id, 10), "uri": fmt.Sprintf("https://far.example/users/u/statuses/%d", id),
			"created_at": time.UnixMilli(id >> 16).UTC().Format("2006-01-02T15:04:05.000Z"), "visibility": "public", "language": "en",
			"content": "<p>Synthetic: peace talks?\u0000 He stalls <a href=\"https://x.example/?a=1&amp;b=2\"><span class=\"invisible\">https://</span>x</a> &lt;script&gt;</p>",
			"account": map[string]any{"id": "9", "uri": "https://far.example/users/u", "acct": "u@far.example"}, "tags": []any{map[string]any{"name": "putin"}}})
	}
	if len(page) > 0 {
		w.Header().Set("Link", fmt.Sprintf(`<https://%s%s?max_id=%d>; rel="next", <https://%s%s?min_id=%d>; rel="prev"`, r.Host, r.URL.Path, page[len(page)-1], r.Host, r.URL.Path, page[0]))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(list)
}

func tag(c *http.Client) *mastodon.Tag {
	t := &mastodon.Tag{Name: "mastodon/far.example/putin", Server: "far.example", Tag: "putin", Since: sourcetest.Start.Add(-7 * 24 * time.Hour)}
	return t.Connect(c, "http://far.example", "", "test")
}

func TestTag(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) sourcetest.Platform {
		s := newServer(333, sourcetest.Start.Add(-6*24*time.Hour), 20*time.Minute)
		return sourcetest.Platform{Handler: s, Want: s.uris(), Reset: "X-RateLimit-Reset", Source: func(c *http.Client) collector.Source { return tag(c) }}
	})
}

// TestLateStatuses: statuses of other servers arrive late, with ids of when they were made; the overlap finds them.
func TestLateStatuses(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		s := newServer(100, sourcetest.Start.Add(-100*time.Minute), time.Minute)
		client, stop := replay.Connect(s)
		defer stop()
		sink := sourcetest.NewSink()
		l := collector.Loop{Sink: sink}
		src := tag(client)
		src.Overlap = 30 * time.Minute
		if err := l.Once(t.Context(), src); err != nil {
			t.Fatal(err)
		}
		s.ids = append(s.ids, sourcetest.Start.Add(-20*time.Minute).UnixMilli()<<16|999)
		slices.Sort(s.ids)
		if err := l.Once(t.Context(), src); err != nil {
			t.Fatal(err)
		}
		if n := len(sink.Posts()); n != 101 {
			t.Errorf("%d posts, want 101: the late one is missing", n)
		}
	})
}

func TestMembersOnly(t *testing.T) {
	for _, status := range []int{401, 422} {
		sourcetest.Bubble(t, func(t *testing.T) {
			client, stop := replay.Connect(replay.Status(status, "application/json", `{"error":"This method requires an authenticated user"}`).Handler())
			defer stop()
			_, err := tag(client).Fetch(t.Context(), collector.Request{Now: time.Now()})
			if !errors.As(err, new(*collector.AuthError)) {
				t.Errorf("HTTP %d: %v, want an AuthError", status, err)
			}
		})
	}
}

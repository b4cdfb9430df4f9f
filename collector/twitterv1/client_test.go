package twitterv1_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/replay"
	"stallwatch/collector/sourcetest"
	"stallwatch/collector/twitterv1"
)

// host serves search/tweets over synthetic statuses. Like the real one it leaves out some of a page after counting it.
type host struct {
	ids  []int64 // ascending
	auth string
}

func newHost(n int, from time.Time, step time.Duration) *host {
	h := &host{}
	for i := range n {
		id, _ := strconv.ParseInt(collector.SnowflakeAt(from.Add(time.Duration(i)*step)), 10, 64)
		h.ids = append(h.ids, id+int64(i%5))
	}
	return h
}

func (h *host) hidden(id int64) bool { return id%97 == 0 }

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.auth = r.Header.Get("Authorization"); r.URL.Path != "/v1/search/tweets.json" || h.auth == "" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	q := r.URL.Query()
	since, _ := strconv.ParseInt(q.Get("since_id"), 10, 64)
	upTo, _ := strconv.ParseInt(q.Get("max_id"), 10, 64)
	left, _ := strconv.Atoi(q.Get("count"))
	list := []any{}
	for i := len(h.ids) - 1; i >= 0 && left > 0; i-- {
		id := h.ids[i]
		if id <= since || id > upTo {
			continue
		}
		if left--; h.hidden(id) {
			continue
		}
		at, _ := collector.SnowflakeTime(strconv.FormatInt(id, 10))
		list = append(list, map[string]any{"id": id, "id_str": strconv.FormatInt(id, 10), "created_at": at.Format(time.RubyDate), "lang": "en",
			"full_text": "Synthetic: he stalls &amp; stalls \u0000\u202e", "user": map[string]any{"id_str": "7", "screen_name": "s"}, "retweet_count": "100+"})
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	json.NewEncoder(w).Encode(map[string]any{"statuses": list, "search_metadata": map[string]any{"count": 100}})
}

func search(t *testing.T, c *http.Client) *twitterv1.Search {
	t.Helper()
	s, err := (&twitterv1.Search{Name: "v1/1", Query: "putin", Since: sourcetest.Start.Add(-80 * time.Hour), Overlap: time.Minute}).
		Connect(twitterv1.Config{Base: "http://v1.test/v1", Token: "token", Client: c})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSearch(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Platform {
		h := newHost(500, sourcetest.Start.Add(-3*24*time.Hour), 6*time.Minute)
		var want []string
		for _, id := range h.ids {
			if !h.hidden(id) {
				want = append(want, strconv.FormatInt(id, 10))
			}
		}
		return sourcetest.Platform{Handler: h, Want: want, Reset: "X-Rate-Limit-Reset", Source: func(c *http.Client) collector.Source { return search(t, c) }}
	})
}

// TestSilentErrors: what the library reports as success without statuses.
func TestSilentErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   any
	}{
		{"429 without a body", 429, "", new(*collector.RateLimitError)},
		{"403 in the shape of v2", 403, `{"client_id":"1","detail":"When authenticating requests…","title":"Client Forbidden","type":"https://api.twitter.com/2/problems/client-forbidden"}`, new(*collector.AuthError)},
		{"200 with a rate limit", 200, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`, new(*collector.RateLimitError)},
		{"200 with another error", 200, `{"errors":[{"code":131,"message":"Internal error"}]}`, new(*collector.AnswerError)},
		{"401", 401, `{"errors":[{"code":89,"message":"Invalid or expired token."}]}`, new(*collector.AuthError)},
		{"410, the API is gone", 410, `{"errors":[{"message":"The Twitter REST API v1 is no longer active.","code":64}]}`, new(*collector.AuthError)},
		{"200 of another kind", 200, `{"ok":true}`, new(*collector.AnswerError)},
		{"statuses that are none", 200, `{"statuses":[{"a":1}]}`, new(*collector.AnswerError)},
	} {
		t.Run(c.name, func(t *testing.T) {
			sourcetest.Bubble(t, func(t *testing.T) {
				client, stop := replay.Connect(replay.Status(c.status, "application/json", c.body).Handler())
				defer stop()
				page, err := search(t, client).Fetch(t.Context(), collector.Request{Now: time.Now()})
				if !errors.As(err, c.want) {
					t.Errorf("Fetch = %+v, %T %v, want %T", page, err, err, c.want)
				}
			})
		})
	}
}

func TestOAuth1(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		h := newHost(3, sourcetest.Start.Add(-time.Hour), time.Minute)
		client, stop := replay.Connect(h)
		defer stop()
		s, err := (&twitterv1.Search{Name: "v1/1", Query: "putin peace", Since: sourcetest.Start.Add(-2 * time.Hour)}).Connect(twitterv1.Config{Base: "http://v1.test/v1",
			ConsumerKey: "ck", ConsumerSecret: "cs", AccessToken: "at", AccessSecret: "as", Client: client})
		if err != nil {
			t.Fatal(err)
		}
		if page, err := s.Fetch(t.Context(), collector.Request{Now: time.Now()}); err != nil || len(page.Batch.Posts) == 0 {
			t.Fatalf("Fetch = %+v, %v", page, err)
		}
		for _, part := range []string{"OAuth ", `oauth_consumer_key="ck"`, `oauth_token="at"`, "oauth_signature="} {
			if !strings.Contains(h.auth, part) {
				t.Errorf("Authorization %q lacks %s", h.auth, part)
			}
		}
		if fmt.Sprint(s.Info().Query) != "putin peace on v1.test" {
			t.Errorf("query %q", s.Info().Query)
		}
	})
}

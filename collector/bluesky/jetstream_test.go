package bluesky_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/coder/websocket"

	"stallwatch/collector"
	"stallwatch/collector/bluesky"
	"stallwatch/collector/replay"
	"stallwatch/collector/sourcetest"
)

// stream is a Jetstream host. Every connection breaks after some events.
type stream struct {
	events   []event // ascending
	breaks   int     // events of a connection
	keeps    time.Duration
	connects int
}

type event struct {
	at   time.Time
	line string
}

func (s *stream) post(at time.Time, key, text string) string {
	uri := fmt.Sprintf(`at://did:plc:synthetic/app.bsky.feed.post/%s`, key)
	record, err := json.Marshal(map[string]any{"$type": "app.bsky.feed.post", "text": text, "createdAt": at.Format(time.RFC3339Nano), "langs": []string{"en"}})
	if err != nil {
		panic(err)
	}
	s.events = append(s.events, event{at, fmt.Sprintf(`{"did":"did:plc:synthetic","time_us":%d,"kind":"commit","commit":{"rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":%q,"record":%s,"cid":"c%s"}}`,
		at.UnixMicro(), key, record, key)})
	return uri
}

func (s *stream) remove(at time.Time, key string) {
	s.events = append(s.events, event{at, fmt.Sprintf(`{"did":"did:plc:synthetic","time_us":%d,"kind":"commit","commit":{"rev":"r","operation":"delete","collection":"app.bsky.feed.post","rkey":%q}}`, at.UnixMicro(), key)})
}

func (s *stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	s.connects++
	gone := c.CloseRead(r.Context())
	us, _ := strconv.ParseInt(r.URL.Query().Get("cursor"), 10, 64)
	from := time.UnixMicro(us)
	if oldest := time.Now().Add(-s.keeps); s.keeps > 0 && from.Before(oldest) {
		from = oldest
	}
	sent := 0
	for _, e := range s.events {
		if e.at.Before(from) {
			continue
		}
		if c.Write(gone, websocket.MessageText, []byte(e.line)) != nil {
			return
		}
		if sent++; sent >= s.breaks {
			return // without a word
		}
	}
	for tick := time.NewTicker(time.Second); ; { // the network goes on
		select {
		case <-gone.Done():
			return
		case now := <-tick.C:
			if c.Write(gone, websocket.MessageText, fmt.Appendf(nil, `{"did":"did:plc:o","time_us":%d,"kind":"account","account":{"active":true}}`, now.UnixMicro())) != nil {
				return
			}
		}
	}
}

// filled is a day of events: each third is a post that is wanted, some of them are deleted again.
func filled() (s *stream, want []string) {
	s = &stream{breaks: 60}
	for i := range 360 {
		at, key := sourcetest.Start.Add(-24*time.Hour).Add(time.Duration(i)*230*time.Second), fmt.Sprintf("3kz%010d", i)
		switch {
		case i%3 > 0:
			s.post(at, key, "Synthetic: putin, and nothing of the rest")
		case i%30 == 0:
			s.post(at, key, "Synthetic: Putin's stalling again")
			s.remove(at.Add(time.Duration(i)*time.Second), key)
		default:
			want = append(want, s.post(at, key, "Synthetic: \u202eputin\u0000 is STALLING!"))
		}
	}
	return s, want
}

func jet(c *http.Client) *bluesky.Jetstream {
	return &bluesky.Jetstream{Name: "jetstream", Any: []string{"putin stall*"}, Langs: []string{"en"}, Hosts: []string{"ws://a.test", "ws://b.test"},
		Since: sourcetest.Start.Add(-25 * time.Hour), Client: c}
}

func TestJetstream(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) sourcetest.Platform {
		s, want := filled()
		return sourcetest.Platform{Handler: s, Want: want, Source: func(c *http.Client) collector.Source { return jet(c) }}
	})
}

// TestJetstreamGap: a host that has forgotten what happened while we were away leaves a gap that says so.
func TestJetstreamGap(t *testing.T) {
	sourcetest.Bubble(t, func(t *testing.T) {
		s, _ := filled()
		client, stop := replay.Connect(s)
		defer stop()
		sink := sourcetest.NewSink()
		l := collector.Loop{Sink: sink}
		s.keeps = 6 * time.Hour
		if err := l.Once(t.Context(), jet(client)); err != nil {
			t.Fatal(err)
		}
		if len(sink.Gaps) != 1 || sink.Gaps[0].To.Sub(sink.Gaps[0].From).Round(time.Hour) != 19*time.Hour {
			t.Errorf("gaps %+v, want one of 19 hours", sink.Gaps)
		}
	})
}

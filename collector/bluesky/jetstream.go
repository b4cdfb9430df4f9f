package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/coder/websocket"

	"stallwatch/collector"
)

// DefaultJetstream are the hosts that Bluesky runs. Their cursors are times, so that one host can go on where another was.
var DefaultJetstream = []string{"wss://jetstream1.us-east.bsky.network", "wss://jetstream2.us-east.bsky.network",
	"wss://jetstream1.us-west.bsky.network", "wss://jetstream2.us-west.bsky.network"}

// Jetstream follows all posts of the network as they are made, and keeps those with certain words. It needs no account.
// Deletions come through it too and are honoured.
type Jetstream struct {
	Name   string
	Any    []string // a post is kept if it has all words of one of these; "putin stall*"
	Langs  []string // and says that it is in one of these, or does not say; empty: any
	Hosts  []string // DefaultJetstream when empty
	Since  time.Time
	Follow bool // go on after what there is now; else a round ends there
	Client *http.Client
	Agent  string

	conn   *websocket.Conn
	cancel context.CancelFunc
	events chan []byte
	broken error // why events was closed; read after that
	host   int
	cursor int64            // of the last committed page
	target int64            // where a round that does not follow ends
	recent map[string]int64 // what was delivered in the last seconds before the cursor
	first  bool             // no event has come over this connection yet
}

const (
	rewind   = 5 * time.Second  // before the cursor: events of one microsecond come in any order
	patience = time.Minute      // without an event; the network makes hundreds a second
	gather   = 5 * time.Second  // at most for one page
	pageFull = 500              // posts
	missed   = 10 * time.Minute // between the cursor and the first event: the host has forgotten what was between
)

// Info tells what the source is.
func (j *Jetstream) Info() collector.Info {
	q := strings.Join(j.Any, " OR ")
	if len(j.Langs) > 0 {
		q += " lang=" + strings.Join(j.Langs, ",")
	}
	return collector.Info{Name: j.Name, Kind: "jetstream", Platform: "bluesky", Query: q, Stream: j.Follow}
}

// place is the state of a Jetstream.
type place struct {
	Cursor int64 `json:"cursor"` // microseconds since 1970, by the host's clock
}

// Close hangs up.
func (j *Jetstream) Close() error {
	if j.conn != nil {
		j.cancel()
		j.conn.CloseNow()
		for range j.events {
		}
		j.conn = nil
	}
	return nil
}

// Fetch gathers events for some seconds, or until a page is full.
func (j *Jetstream) Fetch(ctx context.Context, r collector.Request) (page collector.Page, err error) {
	var p place
	if r.State != nil {
		if err := json.Unmarshal(r.State, &p); err != nil {
			return page, fmt.Errorf("the kept cursor cannot be read: %w", err)
		}
	}
	if p.Cursor == 0 {
		p.Cursor = r.Now.UnixMicro()
		if !j.Since.IsZero() {
			p.Cursor = j.Since.UnixMicro()
		}
	}
	if j.conn != nil && j.cursor != p.Cursor { // the last page was not committed
		j.Close()
	}
	if j.conn == nil {
		if err := j.dial(ctx, p.Cursor); err != nil {
			return page, err
		}
		j.target = r.Now.UnixMicro()
	}
	end, err := j.gather(ctx, p.Cursor, &page)
	if err != nil {
		j.Close()
		return page, err
	}
	j.cursor = end
	page.Through = time.UnixMicro(end).UTC()
	page.More = j.Follow || end < j.target
	page.State, err = json.Marshal(place{end})
	return page, err
}

func (j *Jetstream) dial(ctx context.Context, cursor int64) error {
	hosts := j.Hosts
	if len(hosts) == 0 {
		hosts = DefaultJetstream
	}
	host := hosts[j.host%len(hosts)]
	j.host++ // another one next time
	q := url.Values{"wantedCollections": {postCollection}, "cursor": {strconv.FormatInt(cursor-rewind.Microseconds(), 10)}}
	h := http.Header{}
	if j.Agent != "" {
		h.Set("User-Agent", j.Agent)
	}
	conn, resp, err := websocket.Dial(ctx, strings.TrimSuffix(host, "/")+"/subscribe?"+q.Encode(), &websocket.DialOptions{HTTPClient: j.Client, HTTPHeader: h})
	if err != nil {
		return refusal(resp, err)
	}
	conn.SetReadLimit(4 << 20)
	life, cancel := context.WithCancel(context.WithoutCancel(ctx)) // a connection outlives the fetch that opened it
	j.conn, j.cancel, j.events, j.broken, j.first, j.cursor = conn, cancel, make(chan []byte, 256), nil, true, cursor
	for k, at := range j.recent { // taken, and perhaps not committed
		if at > cursor {
			delete(j.recent, k)
		}
	}
	go j.read(life, conn, j.events)
	return nil
}

// refusal is what a host says instead of opening a stream.
func refusal(resp *http.Response, err error) error {
	if resp == nil {
		return &collector.AnswerError{Err: err}
	}
	said := ""
	if resp.Body != nil {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 400)) // only for the message
		said = collector.Brief(string(b))
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return &collector.RateLimitError{Wait: 0, Detail: said}
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return &collector.AuthError{Detail: said}
	}
	return &collector.AnswerError{Status: resp.StatusCode, Err: fmt.Errorf("%w: %s", err, said)}
}

func (j *Jetstream) read(ctx context.Context, conn *websocket.Conn, events chan<- []byte) {
	defer close(events)
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			j.broken = err
			return
		}
		select {
		case events <- raw:
		case <-ctx.Done():
			return
		}
	}
}

// gather takes events into the page and returns the new cursor.
func (j *Jetstream) gather(ctx context.Context, cursor int64, page *collector.Page) (int64, error) {
	full := time.NewTimer(gather)
	defer full.Stop()
	dead := time.NewTimer(patience)
	defer dead.Stop()
	end := cursor
	for len(page.Batch.Posts)+len(page.Batch.Deletes) < pageFull {
		select {
		case raw, ok := <-j.events:
			if !ok && end > cursor {
				return end, nil // what came is good; the next fetch meets the closed channel
			}
			if !ok {
				return end, &collector.AnswerError{Err: fmt.Errorf("the stream broke off: %w", errors.Join(j.broken, io.ErrUnexpectedEOF))}
			}
			at := j.take(raw, cursor, page)
			end = max(end, at)
			if !j.Follow && end >= j.target {
				return end, nil
			}
		case <-full.C:
			if end > cursor {
				return end, nil
			}
		case <-dead.C:
			return end, &collector.AnswerError{Err: fmt.Errorf("no event for %s", patience)}
		case <-ctx.Done():
			return end, ctx.Err()
		}
	}
	return end, nil
}

// take reads one event and returns its time; 0 for one that has none.
func (j *Jetstream) take(raw []byte, cursor int64, page *collector.Page) int64 {
	var e struct {
		TimeUS int64  `json:"time_us"`
		DID    string `json:"did"`
		Commit struct {
			Operation string `json:"operation"`
			RKey      string `json:"rkey"`
			CID       string `json:"cid"`
		} `json:"commit"`
	}
	if err := json.Unmarshal(raw, &e); err != nil || e.TimeUS <= 0 {
		page.Batch.Failures = append(page.Batch.Failures, collector.Failure{Err: fmt.Errorf("jetstream: not an event: %s", collector.Brief(string(raw[:min(len(raw), 400)])))})
		return 0
	}
	if gap := time.Duration(e.TimeUS-cursor) * time.Microsecond; j.first && gap > missed {
		page.Gaps = append(page.Gaps, collector.Gap{From: time.UnixMicro(cursor).UTC(), To: time.UnixMicro(e.TimeUS).UTC()})
	}
	j.first = false
	b, err := Decode(raw)
	if err != nil {
		page.Batch.Failures = append(page.Batch.Failures, collector.Failure{Err: err})
		return e.TimeUS
	}
	if len(b.Posts)+len(b.Deletes)+len(b.Failures) == 0 || j.again(e.DID+e.Commit.RKey+e.Commit.Operation+e.Commit.CID, e.TimeUS) {
		return e.TimeUS
	}
	for _, p := range b.Posts {
		if j.wanted(&p) {
			page.Batch.Posts = append(page.Batch.Posts, p)
		}
	}
	for _, ref := range b.Deletes { // before what comes after it, and after what came before
		page.Batch.Posts = dropPost(page.Batch.Posts, ref)
		page.Batch.Deletes = append(page.Batch.Deletes, ref)
	}
	page.Batch.Failures = append(page.Batch.Failures, b.Failures...)
	return e.TimeUS
}

// again reports whether an event was taken before, over the connection before this one.
func (j *Jetstream) again(key string, at int64) bool {
	if j.recent == nil {
		j.recent = map[string]int64{}
	}
	if _, ok := j.recent[key]; ok {
		return true
	}
	j.recent[key] = at
	if len(j.recent) > 50_000 {
		for k, t := range j.recent {
			if t < at-2*rewind.Microseconds() {
				delete(j.recent, k)
			}
		}
	}
	return false
}

func dropPost(posts []collector.Post, ref collector.Ref) []collector.Post {
	for i := range posts {
		if posts[i].ID == ref.ID {
			return append(posts[:i], posts[i+1:]...)
		}
	}
	return posts
}

// wanted reports whether a post is in a wanted language and has all words of one of the queries.
func (j *Jetstream) wanted(p *collector.Post) bool {
	if len(j.Langs) > 0 && p.Lang != "" {
		primary, _, _ := strings.Cut(p.Lang, "-")
		ok := false
		for _, l := range j.Langs {
			ok = ok || strings.EqualFold(l, primary)
		}
		if !ok {
			return false
		}
	}
	words := strings.FieldsFunc(strings.ToLower(p.Text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, q := range j.Any {
		if hasAll(words, strings.Fields(strings.ToLower(q))) {
			return true
		}
	}
	return false
}

func hasAll(words, wanted []string) bool {
	for _, w := range wanted {
		prefix, open := strings.CutSuffix(strings.TrimPrefix(w, "#"), "*")
		found := false
		for _, have := range words {
			if found = have == prefix || open && strings.HasPrefix(have, prefix); found {
				break
			}
		}
		if !found {
			return false
		}
	}
	return len(wanted) > 0
}

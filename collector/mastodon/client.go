package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/peterhellberg/link"
	"golang.org/x/time/rate"

	"stallwatch/collector"
)

// Tag follows one hashtag on one server, whose timeline holds what the servers it knows have sent it. It is read oldest
// first, with min_id: each page moves the cursor forwards and a crash leaves no hole. Ids are milliseconds above 16 bits
// (mastodon lib/mastodon/snowflake.rb), so that a time can be asked for.
//
// github.com/mattn/go-mastodon is not used: it decodes into types of its own, which drop what this package's decoder reads,
// and it hides the rate headers behind retries of its own.
type Tag struct {
	Name    string // of the source
	Server  string // host, as in mastodon.social
	Tag     string // without the sign
	Any     []string
	None    []string
	Local   bool          // only posts of the server's own people
	Since   time.Time     // where to begin
	Overlap time.Duration // read again at the beginning of each round: posts of other servers arrive late

	http collector.HTTP
}

// pageSize is the most that a server gives (docs.joinmastodon.org, timelines).
const pageSize = 40

// Connect prepares the client. token may be empty: most servers show hashtags to anybody. base is for tests and for servers
// behind another address; empty means https://SERVER.
func (t *Tag) Connect(client *http.Client, base, token, agent string) *Tag {
	if base == "" {
		base = "https://" + t.Server
	}
	h := http.Header{}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	if agent != "" {
		h.Set("User-Agent", agent)
	}
	t.http = collector.HTTP{Base: strings.TrimSuffix(base, "/"), Client: client, Header: h, Judge: judge,
		Pace: rate.NewLimiter(rate.Every(time.Second), 1)} // 300 requests in 5 minutes are allowed by default
	return t
}

// judge knows that a server which keeps its timelines to itself says so with 422 in older versions.
func judge(status int, p collector.Problem) error {
	if status == http.StatusUnprocessableEntity {
		return &collector.AuthError{Detail: p.String() + " (the server may show hashtags to its members only: give the source a token)"}
	}
	return nil
}

// Info tells what the source is.
func (t *Tag) Info() collector.Info {
	q := "#" + t.Tag
	for _, more := range t.Any {
		q += " OR #" + more
	}
	for _, less := range t.None {
		q += " NOT #" + less
	}
	if t.Local {
		q += " (local)"
	}
	return collector.Info{Name: t.Name, Kind: "mastodon", Platform: "mastodon", Query: q + " on " + t.Server}
}

// cursor is the state of a Tag.
type cursor struct {
	MinID   string    `json:"min_id"`           // of the next page
	Newest  string    `json:"newest,omitempty"` // highest id delivered
	Through time.Time `json:"through,omitzero"`
	Round   time.Time `json:"round,omitzero"` // when the round under way began; zero: none is
}

// Fetch gets the next page, oldest first.
func (t *Tag) Fetch(ctx context.Context, r collector.Request) (collector.Page, error) {
	var c cursor
	if r.State != nil {
		if err := json.Unmarshal(r.State, &c); err != nil {
			return collector.Page{}, fmt.Errorf("the kept cursor cannot be read: %w", err)
		}
	}
	if c.Round.IsZero() {
		c.Round = r.Now
		if c.Newest == "" {
			c.MinID = idAt(t.Since)
		} else {
			c.MinID = back(c.Newest, t.Overlap)
		}
	}
	q := url.Values{"limit": {strconv.Itoa(pageSize)}, "min_id": {c.MinID}}
	if t.Local {
		q.Set("local", "true")
	}
	q["any[]"], q["none[]"] = t.Any, t.None
	a, err := t.http.Get(ctx, "/api/v1/timelines/tag/"+url.PathEscape(t.Tag), q)
	if err != nil {
		return collector.Page{}, err
	}
	return t.page(c, a)
}

func (t *Tag) page(c cursor, a collector.Answer) (page collector.Page, err error) {
	var list []json.RawMessage
	if err := json.Unmarshal(a.Body, &list); err != nil {
		return page, &collector.AnswerError{Status: 200, Err: fmt.Errorf("not a list of statuses: %s", collector.Brief(string(a.Body)))}
	}
	newest := ""
	for i, raw := range list {
		b, err := Decode(raw)
		if err != nil {
			page.Batch.Failures = append(page.Batch.Failures, collector.Failure{Index: i, Err: err})
			continue
		}
		page.Batch.Posts = append(page.Batch.Posts, b.Posts...)
		page.Batch.Skips = append(page.Batch.Skips, b.Skips...)
		page.Batch.Failures = append(page.Batch.Failures, b.Failures...)
		var s struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(raw, &s) == nil && collector.OlderID(newest, s.ID) {
			newest = s.ID
		}
	}
	for i := range page.Batch.Posts {
		page.Batch.Posts[i].Observed = a.Date
	}
	if next := prevID(a.Header); collector.OlderID(newest, next) {
		newest = next
	}
	if len(list) > 0 && !collector.OlderID(c.MinID, newest) {
		return collector.Page{}, &collector.AnswerError{Status: 200,
			Err: fmt.Errorf("asked for statuses after %s, got some up to %s", c.MinID, newest)}
	}
	if len(list) == 0 {
		c.Through, c.Round = c.Round, time.Time{}
	} else {
		c.MinID, page.More = newest, true
		if collector.OlderID(c.Newest, newest) {
			c.Newest = newest
		}
		if at := timeOf(newest); at.After(c.Through) && !at.After(c.Round) {
			c.Through = at
		}
	}
	page.Through = c.Through
	page.State, err = json.Marshal(c)
	return page, err
}

// prevID is the min_id of the Link header's page towards the present.
func prevID(h http.Header) string {
	prev := link.ParseHeader(h)["prev"]
	if prev == nil {
		return ""
	}
	u, err := url.Parse(prev.URI)
	if err != nil {
		return ""
	}
	return u.Query().Get("min_id")
}

// idAt is the lowest id of a moment.
func idAt(t time.Time) string { return strconv.FormatInt(max(0, t.UnixMilli())<<16, 10) }

// timeOf is the moment of an id; zero for ids of servers that make them otherwise.
func timeOf(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n>>16 < 1e12 || n>>16 > 4e12 {
		return time.Time{}
	}
	return time.UnixMilli(n >> 16).UTC()
}

// back is an id from some time before; the id itself where ids hold no time.
func back(id string, d time.Duration) string {
	if at := timeOf(id); !at.IsZero() && d > 0 {
		return idAt(at.Add(-d))
	}
	return id
}

package xapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"stallwatch/collector"
)

// Limits of the two searches (docs.x.com, search integration guides, 22 August 2026).
const (
	recentKeeps = 7 * 24 * time.Hour
	recentPage  = 100
	archivePage = 500
	leastPage   = 10
	searchLag   = 30 * time.Second // X's own default for end_time
)

// referenced is how many posts beside itself one post can make X deliver: it may answer one and quote another.
const referenced = 2

// Search is a query kept up to date: recent search, or the full archive.
type Search struct {
	Client  *Client
	Name    string
	Query   string
	Account string
	Archive bool
	Since   time.Time     // where to begin; zero: as far back as recent search goes
	Until   time.Time     // where to end; zero: never
	Overlap time.Duration // of windows
	Width   time.Duration // of a window at most; 0: a day
	ByID    bool          // bound windows with since_id and until_id rather than with times
	Counts  time.Duration // how much new time makes the hours worth counting; 0: never count
	Page    int           // posts in an answer; 0: as many as there may be
	Refs    bool          // have posts delivered that a post quotes, answers or repeats: whole text of reposts, more cost
}

// Info tells what the source is.
func (s *Search) Info() collector.Info {
	i := collector.Info{Name: s.Name, Kind: "x", Platform: "x", Query: s.Query, Account: s.Account}
	if s.Archive {
		i.Kind = "x-archive"
		i.Query += " [archive from " + s.Since.Format(time.RFC3339)
		if !s.Until.IsZero() {
			i.Query += " to " + s.Until.Format(time.RFC3339)
		}
		i.Query += "]"
	}
	return i
}

func (s *Search) plan(now time.Time) collector.Plan {
	p := collector.Plan{First: s.Since, Last: s.Until, Overlap: s.Overlap, Width: s.Width, Lag: searchLag}
	if p.Width <= 0 {
		p.Width = 24 * time.Hour
	}
	if !s.Archive {
		p.Keeps = recentKeeps
		if p.First.IsZero() {
			p.First = now.Add(-recentKeeps)
		}
	}
	return p
}

// Fetch gets the next page of posts, or counts hours that are done.
func (s *Search) Fetch(ctx context.Context, r collector.Request) (collector.Page, error) {
	w, err := collector.ReadWalk(r.State)
	if err != nil {
		return collector.Page{}, err
	}
	now := s.Client.now(r.Now)
	if w.Through.After(now) { // our clock was put back: ask X what time it is
		if _, err := s.Client.Usage(ctx, r.Now); err == nil {
			now = s.Client.now(r.Now)
		}
	}
	plan := s.plan(now)
	if page, ok, err := s.count(ctx, r, w, now); ok || err != nil {
		return page, err
	}
	open, gap := w.Open(now, plan)
	if w.Counted.IsZero() && open { // the first hour that is collected whole
		w.Counted = ceilHour(w.From)
	}
	page := collector.Page{}
	if gap != nil {
		page.Gaps = []collector.Gap{*gap}
	}
	if open {
		if err := s.search(ctx, r, &w, &page); err != nil {
			return collector.Page{}, err
		}
	}
	page.State, page.Through = w.State(), w.Through
	page.More = w.Behind(now, plan) || s.toCount(w, now)
	return page, nil
}

// search asks for one page of the window. A token that is no good any more is dropped, and the window goes on below the
// oldest post that was seen.
func (s *Search) search(ctx context.Context, r collector.Request, w *collector.Walk, page *collector.Page) error {
	n := s.affordable(r)
	worst := s.cost(int64(n) * s.perPost())
	hold, err := r.Purse.Reserve(r.Now, worst)
	if err != nil {
		return err
	}
	before := s.Client.skew
	a, err := s.Client.get(ctx, r.Now, s.path(), s.params(w, n))
	var refused *collector.RefusedError
	if errors.As(err, &refused) && w.Token != "" {
		w.Drop()
		a, err = s.Client.get(ctx, r.Now, s.path(), s.params(w, n))
	}
	if err != nil {
		hold.Fail(err)
		if d := (s.Client.skew - before).Abs(); errors.As(err, &refused) && d > 5*time.Second {
			return &collector.AnswerError{Status: refused.Status, Err: fmt.Errorf("this machine's clock is %s off X's; asking again by X's: %v", d, err)}
		}
		return err
	}
	got, err := readPage(a.Body)
	if err != nil {
		return &collector.AnswerError{Status: 200, Billed: true, Err: err}
	}
	if n := len(got.batch.Posts); n > 0 && w.Strange(idTime(&got.batch.Posts[0]), idTime(&got.batch.Posts[n-1])) {
		return &collector.AnswerError{Status: 200, Billed: true, Err: errors.New("a page of posts from outside the window that was asked for")}
	}
	cost := s.cost(got.delivered)
	hold.Settle(cost)
	page.Batch, page.Notices, page.Cost = got.batch, got.notices, page.Cost.Plus(cost)
	for i := range page.Batch.Posts {
		page.Batch.Posts[i].Observed = a.Date
	}
	page.Hours = collector.PerHour(w.Seen(page.Batch.Posts))
	if got.next != "" && got.next == w.Token { // the same page for ever: go on by time
		w.Drop()
		return nil
	}
	w.Next(got.next)
	return nil
}

// idTime is when a post, or the version of it that an edit made, got its id.
func idTime(p *collector.Post) time.Time {
	if t, ok := collector.SnowflakeTime(p.ID); ok {
		return t
	}
	return p.CreatedAt
}

// affordable is how many posts to ask for: what the budget has room for at the worst, within X's bounds.
func (s *Search) affordable(r collector.Request) int {
	most := recentPage
	if s.Archive {
		most = archivePage
	}
	if s.Page > 0 {
		most = min(most, max(s.Page, leastPage))
	}
	left := r.Purse.Left(r.Now)
	n := min(int64(most), left.Posts/s.perPost())
	if p := s.Client.prices.PostRead; p > 0 {
		n = min(n, left.Micros/(p*s.perPost()))
	}
	return int(max(n, leastPage)) // below that, the reservation fails and says why
}

// perPost is how many posts one post of an answer can bring with it at the worst, itself included.
func (s *Search) perPost() int64 {
	if s.Refs {
		return 1 + referenced
	}
	return 1
}

func (s *Search) cost(posts int64) collector.Spend {
	return collector.Spend{Requests: 1, Posts: posts, Micros: posts * s.Client.prices.PostRead}
}

func (s *Search) path() string {
	if s.Archive {
		return "/2/tweets/search/all"
	}
	return "/2/tweets/search/recent"
}

// params are the query of a request. Text is asked for in its long form, without which posts of more than 280 characters
// come cut; users are not, for an author is known by author_id and users are billed.
func (s *Search) params(w *collector.Walk, n int) url.Values {
	q := url.Values{"query": {s.Query}, "max_results": {strconv.Itoa(n)}, "sort_order": {"recency"}}
	fields, refs := "id,text,created_at,author_id,lang,conversation_id,public_metrics,entities,referenced_tweets,note_tweet,edit_history_tweet_ids", "referenced_tweets.id"
	if s.Client.names == PostNames {
		fields, refs = "id,text,created_at,author_id,lang,conversation_id,public_metrics,entities,referenced_posts,note_post,edit_history_post_ids", "referenced_posts.id"
	}
	q.Set(string(s.Client.names)+".fields", fields)
	if s.Refs {
		q.Set("expansions", refs)
	}
	if w.Token != "" {
		q.Set("next_token", w.Token)
	}
	if s.ByID {
		q.Set("since_id", collector.SnowflakeAt(w.Start))
		q.Set("until_id", collector.SnowflakeAt(w.Until))
	} else {
		q.Set("start_time", stamp(w.Start))
		q.Set("end_time", stamp(w.Until))
	}
	return q
}

// answer is what a page of search holds.
type answer struct {
	batch     collector.Batch
	next      string
	delivered int64 // posts that X bills
	notices   []string
}

func readPage(raw []byte) (answer, error) {
	var out answer
	var v struct {
		Data     []json.RawMessage `json:"data"`
		Includes struct {
			Tweets []json.RawMessage `json:"tweets"`
			Posts  []json.RawMessage `json:"posts"`
		} `json:"includes"`
		Errors []struct {
			Title, Detail, Type string
			ResourceID          string `json:"resource_id"`
		} `json:"errors"`
		Meta *struct {
			Next  string           `json:"next_token"`
			Count collector.Number `json:"result_count"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return out, fmt.Errorf("not a page of posts: %w", err)
	}
	if v.Meta == nil {
		return out, fmt.Errorf("not a page of posts: it has no meta: %s", collector.Brief(string(raw[:min(len(raw), 400)])))
	}
	if n := v.Meta.Count.Ptr(); n != nil && *n != int64(len(v.Data)) {
		return out, fmt.Errorf("a page of %d posts says that it has %d", len(v.Data), *n)
	}
	var err error
	if out.batch, err = Decode(raw); err != nil {
		return out, err
	}
	if len(v.Data) == 0 {
		out.batch = collector.Batch{}
	}
	out.next = v.Meta.Next
	out.delivered = int64(len(v.Data) + len(v.Includes.Tweets) + len(v.Includes.Posts))
	for _, e := range v.Errors {
		out.notices = append(out.notices, collector.Brief(e.Title+": "+e.Detail))
	}
	return out, nil
}

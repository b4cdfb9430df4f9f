package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stallwatch/collector"
	"stallwatch/collector/replay"
	"stallwatch/collector/xapi/xfake"
	"stallwatch/store"
)

// gathering is a fake X with a configuration for it and a store.
type gathering struct {
	x      *xfake.Server
	url    string
	dir    string
	faults atomic.Pointer[func(n int) replay.Fault]
	seen   atomic.Int64 // requests
}

// newGathering serves n synthetic posts of thirty days. Their words are drawn at random, so that they are no near-duplicates.
func newGathering(t *testing.T, n int, more string) *gathering {
	t.Helper()
	until := time.Now().UTC().Add(-time.Hour).Truncate(time.Hour)
	from := until.Add(-30 * 24 * time.Hour)
	c := &gathering{dir: t.TempDir(), x: xfake.NewWith(xfake.Empty(), n, from, until, func(i int, r *rand.Rand) string {
		words := []string{"synthetic", fmt.Sprint(i)}
		for range 12 {
			words = append(words, fmt.Sprintf("w%03d", r.IntN(900)))
		}
		return strings.Join(words, " ")
	})}
	f := &replay.Faulty{Next: c.x, Pick: func(n int, _ *http.Request) replay.Fault {
		c.seen.Add(1)
		if faults := c.faults.Load(); faults != nil {
			return (*faults)(n)
		}
		return nil
	}}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	c.url = srv.URL
	t.Setenv("TEST_X_TOKEN", c.x.Token)
	c.write(t, "stallwatch.yaml", fmt.Sprintf(`x:
  token: {env: TEST_X_TOKEN}
  base: %s
  pace: 1ms
  budget: {posts_per_month: %d}
  searches:
    - {query: putin, archive: true, since: %s, until: %s, window: 96h, references: false, counts_every: 0s%s}
`, c.url, 10*n, from.Format(time.RFC3339), until.Format(time.RFC3339), more))
	return c
}

func (c *gathering) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// args are a command line on the collection's store and configuration.
func (c *gathering) args(command string, more ...string) []string {
	out := []string{command, "--fast", "--db", filepath.Join(c.dir, "s.db")}
	switch command {
	case "collect", "sources", "serve", "forget":
		out = append(out, "--config", filepath.Join(c.dir, "stallwatch.yaml"))
	}
	return append(out, more...)
}

func (c *gathering) run(t *testing.T, want int, command string, more ...string) (stdout string) {
	t.Helper()
	var out, messages bytes.Buffer
	if code := run(t.Context(), c.args(command, more...), strings.NewReader(""), &out, &messages); code != want {
		t.Fatalf("%s %q: exit status %d, want %d:\n%s%s", command, more, code, want, out.String(), messages.String())
	}
	if strings.Contains(out.String()+messages.String(), c.x.Token) {
		t.Errorf("%s shows the token", command)
	}
	return out.String()
}

// TestCollectKilled: a program that is killed fifty times at random moments of a collection, over an API with faults, has every post once,
// sums that hold, and an account that never counted less than X billed.
func TestCollectKilled(t *testing.T) {
	const kills = 50
	r := rand.New(rand.NewPCG(5, 6))
	page := max(10, min(500, killPosts/200))
	c := newGathering(t, killPosts, fmt.Sprintf(", page: %d", page))
	list := []replay.Fault{replay.Broken, replay.CutGzip, replay.CutJSON, replay.WrongJSON, replay.TooMany("X-Rate-Limit-Reset", 0)}
	faults := func(n int) replay.Fault {
		if n%29 == 17 {
			return list[n/29%len(list)]
		}
		return nil
	}
	c.faults.Store(&faults)
	program := filepath.Join(c.dir, "stallwatch") // the test's own binary; see TestMain
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, program)
	}
	if err != nil {
		t.Fatal(err)
	}
	for n := range kills {
		var messages bytes.Buffer
		cmd := exec.CommandContext(t.Context(), program, c.args("collect", "--once")...)
		cmd.Stderr = &messages
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		at := c.seen.Load() + 1 + r.Int64N(4)
		if !killAt(t, c, cmd, ended, at, time.Duration(r.IntN(25))*time.Millisecond) {
			t.Fatalf("after %d kills the program ended by itself: %s", n, messages.String())
		}
	}
	if got := c.run(t, exitOK, "collect", "--once"); !strings.Contains(got, "posts") {
		t.Errorf("the last round printed %q", got)
	}
	checkKilled(t, c, kills*page)
}

// killAt kills the program some time after the at-th request has come. It reports false for a program that was faster.
func killAt(t *testing.T, c *gathering, cmd *exec.Cmd, ended <-chan error, at int64, after time.Duration) bool {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return false
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-tick.C:
			if c.seen.Load() < at {
				continue
			}
			time.Sleep(after)
			if err := cmd.Process.Kill(); err != nil {
				return false
			}
			<-ended
			return true
		}
	}
}

func checkKilled(t *testing.T, c *gathering, inFlight int) {
	t.Helper()
	s, err := store.Open(filepath.Join(c.dir, "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	theses, err := s.Theses()
	if err != nil || len(theses) != 1 {
		t.Fatal(theses, err)
	}
	got := map[string]bool{}
	if err := s.Each(t.Context(), theses[0], store.Filter{}, func(r store.Record) error {
		got[r.Post.ID] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	missing := 0
	for _, id := range c.x.IDs() {
		if !got[id] {
			missing++
		}
	}
	if missing > 0 || len(got) != killPosts {
		t.Errorf("%d posts, %d are missing of %d", len(got), missing, killPosts)
	}
	if problems, err := s.Check(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("Check = %q, %v", problems, err)
	}
	entries, err := s.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	stored := 0
	for _, e := range entries {
		stored += e.Totals.Stored
		if n := e.Totals.Stored + e.Totals.Duplicate + e.Totals.Failed + skipped(e.Totals); n != e.Totals.Read {
			t.Errorf("entry %d: %d read, %d accounted for", e.Seq, e.Totals.Read, n)
		}
	}
	if stored != killPosts {
		t.Errorf("the ledger says that %d were stored", stored)
	}
	a, err := readAccount(s, "x", collector.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	spent, _ := a.Spent(time.Now())
	billed, requests := c.x.Billed()
	if spent.Posts < billed {
		t.Errorf("the account counted %d posts, X billed %d", spent.Posts, billed)
	}
	if re := billed - killPosts; re > int64(inFlight)*2 {
		t.Errorf("%d posts were paid for again; at most the page in flight at each kill and fault may be", re)
	}
	t.Logf("%d requests; X billed %d posts, the account counted %d; %d entries in the ledger", requests, billed, spent.Posts, len(entries))
}

// TestWhileServing: while one process collects and serves, the others' commands work through it; a second collector is refused.
func TestWhileServing(t *testing.T) {
	c := newGathering(t, 300, "")
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	var out, messages lockedBuffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, c.args("serve", "--addr", "127.0.0.1:0"), strings.NewReader(""), &out, &messages)
	}()
	url := waitForAddress(ctx, t, &messages)
	for !strings.Contains(get(t, url+"metrics"), `stallwatch_collected_posts_total{source="x-archive/`) {
		time.Sleep(50 * time.Millisecond)
		if ctx.Err() != nil {
			t.Fatalf("nothing was collected: %s", messages.String())
		}
	}
	if got := get(t, url+"readyz"); got != "ready\n" {
		t.Errorf("readyz says %q", got)
	}
	t.Chdir(c.dir) // relative names are the caller's
	c.write(t, "more.jsonl", `{"id":"1940812345678901234","text":"Putin is stalling for time, again.","created_at":"2025-07-03T12:00:00.000Z","author_id":"1","lang":"en"}`+"\n")
	if got := c.run(t, exitOK, "import", "more.jsonl"); !strings.Contains(got, "1 stored") {
		t.Errorf("import printed %q", got)
	}
	var figures struct {
		Counts struct{ Posts int } `json:"counts"`
	}
	for figures.Counts.Posts != 301 && ctx.Err() == nil {
		if err := json.Unmarshal([]byte(c.run(t, exitOK, "summary", "--json")), &figures); err != nil {
			t.Fatal(err)
		}
	}
	if figures.Counts.Posts != 301 {
		t.Errorf("summary counts %d posts, want 301", figures.Counts.Posts)
	}
	c.run(t, exitOK, "collect", "--once")
	if got := c.run(t, exitOK, "sources"); !strings.Contains(got, "Account x: $") || !strings.Contains(got, "x-archive/putin") {
		t.Errorf("sources printed %q", got)
	}
	c.write(t, "ids", "# asked for\n1940812345678901234\nnonsense id\n")
	if got := c.run(t, exitPartial, "forget", "--ids", "ids"); !strings.Contains(got, "1 removed") {
		t.Errorf("forget printed %q", got)
	}
	if got := c.run(t, exitOK, "import", "more.jsonl"); !strings.Contains(got, "0 stored") || !strings.Contains(got, "deleted 1") {
		t.Errorf("import of a forgotten post printed %q", got)
	}
	for _, second := range []string{"collect", "serve"} {
		var said bytes.Buffer
		if code := run(ctx, c.args(second), strings.NewReader(""), &said, &said); code != exitFailed || !strings.Contains(said.String(), "`stallwatch serve` (process") {
			t.Errorf("a second %s: exit status %d: %s", second, code, said.String())
		}
	}
	stop()
	if code := <-done; code != exitOK {
		t.Errorf("serve: exit status %d: %s", code, messages.String())
	}
	if strings.Contains(messages.String(), c.x.Token) {
		t.Error("the log shows the token")
	}
	c.run(t, exitOK, "summary") // by itself again
}

func TestEstimateAndBudget(t *testing.T) {
	c := newGathering(t, 400, "")
	if got := c.run(t, exitOK, "collect", "--estimate"); !strings.Contains(got, "400 posts") || !strings.Contains(got, "$2.00") || !strings.Contains(got, "asking cost $0.010") {
		t.Errorf("--estimate printed %q", got)
	}
	if billed, _ := c.x.Billed(); billed != 0 {
		t.Errorf("the estimate read %d posts", billed)
	}
	raw, err := os.ReadFile(filepath.Join(c.dir, "stallwatch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, "stallwatch.yaml", strings.Replace(string(raw), "posts_per_month: 4000", "posts_per_month: 120", 1))
	for range 3 {
		c.run(t, exitFailed, "collect", "--once")
	}
	if billed, _ := c.x.Billed(); billed > 120 || billed < 100 {
		t.Errorf("X billed %d posts of a budget of 120", billed)
	}
	if got := c.run(t, exitOK, "sources"); !strings.Contains(got, "budget: budget exhausted") || !strings.Contains(got, "may yet be filled") {
		t.Errorf("sources printed %q", got)
	}
	if got := c.run(t, exitOK, "summary", "--json"); !strings.Contains(got, `"reason": "held up: budget"`) {
		t.Errorf("the figures do not have the gap: %s", got)
	}
}

// TestCompliance: X says which posts are gone, and they go.
func TestCompliance(t *testing.T) {
	c := newGathering(t, 30, "")
	c.run(t, exitOK, "collect", "--once")
	got := c.run(t, exitOK, "forget", "--x-compliance")
	if !strings.Contains(got, "10 posts to forget: 10 removed") {
		t.Errorf("forget printed %q", got)
	}
}

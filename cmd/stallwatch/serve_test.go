package main

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedBuffer is a writer that a test may read while a command writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder // guarded by mu
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestServe runs the demo to the page: the numbers on it are those of the terminal.
func TestServe(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	db := filepath.Join(t.TempDir(), "demo.db")
	var out, messages lockedBuffer
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"demo", "--fast", "--db", db, "--addr", "127.0.0.1:0"}, strings.NewReader(""), &out, &messages)
	}()
	url := waitForAddress(ctx, t, &messages)
	page := get(t, url)
	sentence := regexp.MustCompile(`(\d+).% of stance-taking posts`).FindStringSubmatch(out.String())
	if sentence == nil {
		t.Fatalf("the terminal has no headline:\n%s", out.String())
	}
	for _, want := range []string{sentence[1], "Synthetic demonstration data", "not public opinion", "<svg", "Call, no breakthrough"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if runs := get(t, url+"runs"); !strings.Contains(runs, "demo-posts.jsonl.zst") {
		t.Error("/runs does not name the file")
	}
	if json := get(t, url+"summary.json"); !strings.Contains(json, `"synthetic": true`) {
		t.Error("summary.json does not say that the posts are synthetic")
	}
	stop()
	if code := <-done; code != exitOK {
		t.Errorf("exit status %d after an interruption, want %d: %s", code, exitOK, messages.String())
	}
}

func waitForAddress(ctx context.Context, t *testing.T, messages *lockedBuffer) string {
	t.Helper()
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if url := address.FindString(messages.String()); url != "" {
			return url
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no address: %s", messages.String())
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, resp.Status, err)
	}
	return string(b)
}

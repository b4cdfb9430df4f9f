package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/classify"
	"stallwatch/store"
)

// collection is a file of n synthetic posts in which deletions, duplicates, two versions of a post and broken lines stand
// far apart, so that an interruption can come between them.
func collection(n int) []byte {
	var b bytes.Buffer
	post := func(i, likes int, read string) {
		fmt.Fprintf(&b, `{"id":"%d","author_id":"%d","created_at":"%s","lang":"en","text":"Putin stalls again, post %d","public_metrics":{"like_count":%d},"__twarc":{"retrieved_at":"%s"}}`+"\n",
			1940812345678901234+int64(i)<<24, i%97, time.Date(2025, 7, 3, 20, 0, i, 0, time.UTC).Format(time.RFC3339), i, likes, read)
	}
	for i := range n {
		switch {
		case i%50 == 7: // of something that comes 30 lines later
			fmt.Fprintf(&b, `{"delete":{"status":{"id_str":"%d"}}}`+"\n", 1940812345678901234+int64(i+30)<<24)
		case i%50 == 9 && i > 50: // of something 40 lines ago
			fmt.Fprintf(&b, `{"delete":{"status":{"id_str":"%d"}}}`+"\n", 1940812345678901234+int64(i-40)<<24)
		case i%50 == 11:
			b.WriteString(`{"id":"19408` + "\n")
		case i%50 == 13 && i > 100: // a newer version, which comes after the older one, or before it
			post(i-90, 5, "2025-08-02T00:00:00Z")
		case i%50 == 15 && i > 100:
			post(i-101, 1, "2025-08-01T12:00:00Z")
		default:
			post(i, 0, "2025-08-01T00:00:00Z")
		}
	}
	return b.Bytes()
}

// content is everything that a store holds on the thesis, by id, and its counts.
func content(t *testing.T, path string) map[string]string {
	t.Helper()
	s, err := store.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := map[string]string{}
	err = s.Each(context.Background(), classify.DefaultThesis, store.Filter{}, func(r store.Record) error {
		r.Entry = 0 // an interrupted import leaves an entry of its own in the ledger
		raw, err := json.Marshal(r)
		out[r.Post.Platform+":"+r.Post.ID] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := s.Summary(classify.DefaultThesis, store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(sum)
	if err != nil {
		t.Fatal(err)
	}
	out["summary"] = string(raw)
	return out
}

// newStore makes the path of a store that will have the same author key as all others of the test.
func newStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	if err := os.WriteFile(path+".key", []byte(strings.Repeat("07", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func importAll(t *testing.T, ctx context.Context, path, file string, progress func(im *importer)) error {
	t.Helper()
	a := &app{stdout: io.Discard, stderr: io.Discard, thesis: classify.DefaultThesis, db: path, fast: true}
	thesis, judge, err := a.judging()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	im := &importer{store: s, thesis: thesis, judge: judge, action: "import", commitEvery: 40}
	progress(im)
	_, err = im.file(ctx, file)
	return err
}

// TestResume interrupts an import at many places, in the middle of lines too, and gives the command again: the store is as
// if nothing had happened. The same file once more changes nothing.
func TestResume(t *testing.T) {
	raw := collection(2000)
	dir := t.TempDir()
	file := filepath.Join(dir, "posts.jsonl")
	if err := os.WriteFile(file, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	whole := newStore(t)
	if err := importAll(t, context.Background(), whole, file, func(*importer) {}); err != nil {
		t.Fatal(err)
	}
	want := content(t, whole)
	if len(want) < 1500 {
		t.Fatalf("only %d records", len(want))
	}
	path := newStore(t)
	interrupted := 0
	for at := 1; at < 9; at++ { // by Ctrl-C, each time a little later
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		err := importAll(t, ctx, path, file, func(im *importer) {
			im.progress = func(int64, int64) {
				if steps++; steps == at {
					cancel()
				}
			}
		})
		cancel()
		if err != nil {
			interrupted++
		}
	}
	if interrupted == 0 {
		t.Error("no import was interrupted: the test tests nothing")
	}
	for cut := 1; cut < len(raw); cut += len(raw) / 9 { // by the end of a file that is still being downloaded, at any byte
		part := filepath.Join(dir, "part.jsonl")
		if err := os.WriteFile(part, raw[:cut], 0o666); err != nil {
			t.Fatal(err)
		}
		if err := importAll(t, context.Background(), path, part, func(*importer) {}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := importAll(t, context.Background(), path, file, func(*importer) {}); err != nil {
			t.Fatal(err)
		}
		same(t, want, content(t, path))
	}
}

// TestKilled kills the process in the middle of imports, as a power cut would, and imports again.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: starts and kills processes")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "posts.jsonl")
	if err := os.WriteFile(file, collection(20000), 0o666); err != nil {
		t.Fatal(err)
	}
	self := filepath.Join(dir, "stallwatch")
	if err := os.Symlink(exe(t), self); err != nil {
		t.Skipf("SKIPPED: no link to the program can be made: %v", err)
	}
	whole, path := newStore(t), newStore(t)
	start := time.Now()
	if out, err := exec.Command(self, "import", "--fast", "--db", whole, file).CombinedOutput(); exitCode(err) != exitPartial {
		t.Fatalf("%v: %s", err, out)
	}
	took := time.Since(start)
	killed := 0
	for i := range 6 {
		c := exec.Command(self, "import", "--fast", "--db", path, file)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * time.Duration(i+2) / 9)
		c.Process.Kill()
		if err := c.Wait(); exitCode(err) != exitPartial {
			killed++
		}
	}
	t.Logf("%d of 6 imports were killed", killed)
	if out, err := exec.Command(self, "import", "--fast", "--db", path, file).CombinedOutput(); exitCode(err) != exitPartial {
		t.Fatalf("%v: %s", err, out)
	}
	same(t, content(t, whole), content(t, path))
	if out, err := exec.Command(self, "check", "--db", path).CombinedOutput(); err != nil {
		t.Errorf("check: %v: %s", err, out)
	}
}

func exe(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func exitCode(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	return 0
}

func same(t *testing.T, want, got map[string]string) {
	t.Helper()
	if maps.Equal(want, got) {
		return
	}
	n := 0
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if want[k] != got[k] {
			if n++; n < 5 {
				t.Errorf("%s, - want + got:\n%s", k, cmp.Diff(want[k], got[k]))
			}
		}
	}
	t.Fatalf("%d records, want %d; %d differ", len(got), len(want), n)
}

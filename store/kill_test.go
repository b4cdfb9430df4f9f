//go:build unix

package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// writerEnv makes the test binary the writer that TestKill kills, or the one that TestDiskFull starves.
const writerEnv = "STORE_TEST_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		if err := writeBatches(path); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// killBatch is the n-th batch of the writer: posts that all carry its number, one removal of an earlier post, and the number
// as a collector's state.
func killBatch(n int) store.Batch {
	b := store.Batch{State: map[string][]byte{"batch": []byte(strconv.Itoa(n))}}
	for i := range killPosts {
		it := item(fmt.Sprintf("%d-%d", n, i), n%500, fmt.Sprint(i%17), collector.Original, classify.Stance(i%4))
		it.Post.Text = fmt.Sprintf("post %d of batch %d says something that is long enough to be looked at %x", i, n, n*i)
		b.Items = append(b.Items, it)
	}
	if n > 0 {
		b.Forget = []collector.Ref{ref(fmt.Sprintf("%d-0", n-1))}
	}
	return b
}

const killPosts = 40

// writeBatches commits batches from where the store is, and says so after each, until it is killed.
func writeBatches(path string) error {
	if limit, err := strconv.ParseUint(os.Getenv("STORE_TEST_LIMIT"), 10, 64); err == nil {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	s, err := store.Open(path)
	if err != nil {
		return err
	}
	state, err := s.State("batch")
	if err != nil {
		return err
	}
	next := 0
	if state != nil {
		n, err := strconv.Atoi(string(state))
		if err != nil {
			return err
		}
		next = n + 1
	}
	r := s.Begin(store.Entry{Action: "import", Thesis: thesis})
	fmt.Println("open", next)
	for ; ; next++ {
		if err := r.Add(killBatch(next)); err != nil {
			return err
		}
		fmt.Println("done", next)
	}
}

// startWriter starts the writer; its lines come over the channel, which is closed at its end.
func startWriter(t *testing.T, path string, env ...string) (*exec.Cmd, <-chan string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(append(os.Environ(), writerEnv+"="+path), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1<<16)
	go func() {
		defer close(lines)
		in := bufio.NewReader(out)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return // a line cut by the kill was not yet acknowledged
			}
			lines <- strings.TrimSpace(line)
		}
	}()
	return cmd, lines
}

// TestKill kills the writer with SIGKILL at random moments, 200 times on one store, and looks at what is left: every batch
// that was acknowledged is there, and no half of another.
func TestKill(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 20
		t.Log("SHORT: 20 kills instead of 200")
	}
	rnd := rand.New(rand.NewPCG(20, 26))
	path := filepath.Join(t.TempDir(), "s.db")
	last, torn := -1, 0
	for kill := range kills {
		cmd, lines := startWriter(t, path)
		if first := <-lines; !strings.HasPrefix(first, "open ") {
			t.Fatalf("kill %d: the writer says %q", kill, first)
		}
		acknowledged := func(line string) {
			n, err := strconv.Atoi(strings.TrimPrefix(line, "done "))
			if err != nil || n != last+1 {
				t.Fatalf("kill %d: the writer says %q after batch %d", kill, line, last)
			}
			last = n
		}
		for range rnd.IntN(3) { // on a slow machine, too, some batches get through
			acknowledged(<-lines)
		}
		time.Sleep(time.Duration(rnd.IntN(10_000)) * time.Microsecond) // the random moment; nothing waits for it
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for line := range lines {
			acknowledged(line)
		}
		cmd.Wait()
		got := afterKill(t, path, kill%20 == kills%20 || kill == kills-1)
		switch got {
		case last:
		case last + 1: // committed, and killed before it could say so
			torn++
			last = got
		default:
			t.Fatalf("kill %d: %d batches were acknowledged, the store has %d", kill, last+1, got+1)
		}
	}
	if last < kills/4 {
		t.Fatalf("only %d batches in %d kills: the test kills too early to test anything", last+1, kills)
	}
	t.Logf("%d kills, %d batches, %d of them committed without a word", kills, last+1, torn)
}

// afterKill opens the store and returns the last batch in it, of which everything must be there, and nothing of the next.
func afterKill(t *testing.T, path string, recount bool) int {
	t.Helper()
	s, err := store.OpenReadOnly(path)
	if errors.Is(err, store.ErrNoStore) {
		return -1
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	state, err := s.State("batch")
	if err != nil {
		t.Fatal(err)
	}
	n := -1
	if state != nil {
		if n, err = strconv.Atoi(string(state)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := summary(t, s).Posts.Total(), max(0, (n+1)*killPosts-n); n >= 0 && got != want {
		t.Fatalf("%d posts counted after %d batches, want %d", got, n+1, want)
	}
	for _, batch := range []int{n, n + 1} {
		for i := range killPosts {
			_, err := s.Post(thesis, ref(fmt.Sprintf("%d-%d", batch, i)))
			if there := err == nil; there != (batch == n && n >= 0) {
				t.Fatalf("post %d of batch %d: there %v, %v, with the state at batch %d", i, batch, there, err, n)
			}
		}
	}
	if recount {
		healthy(t, s)
	}
	return n
}

// TestDiskFull lets the writer run until no more bytes can be written: it must say so, and leave the store as after its last
// batch. A limit on the size of files stands in for a full disk, and where we may mount one, a small file system is one.
func TestDiskFull(t *testing.T) {
	t.Run("limit", func(t *testing.T) {
		starve(t, filepath.Join(t.TempDir(), "s.db"), "file too large", "STORE_TEST_LIMIT=1000000")
	})
	t.Run("tmpfs", func(t *testing.T) {
		dir := t.TempDir()
		if err := mountSmall(dir); err != nil {
			t.Skipf("SKIPPED: the store on a full file system: cannot mount one: %v", err)
		}
		t.Cleanup(func() { syscall.Unmount(dir, 0) })
		starve(t, filepath.Join(dir, "s.db"), "no space left on device")
	})
}

func starve(t *testing.T, path, reason string, env ...string) {
	t.Helper()
	cmd, lines := startWriter(t, path, env...)
	last, said := -1, ""
	for line := range lines {
		if n, err := strconv.Atoi(strings.TrimPrefix(line, "done ")); err == nil {
			last = n
		}
		said = line
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("the writer ended with %v", err)
	}
	if !strings.Contains(said, reason) || !strings.Contains(said, path) || last < 3 {
		t.Fatalf("after batch %d the writer says %q, want %q and the path", last, said, reason)
	}
	if got := afterKill(t, path, true); got != last {
		t.Errorf("%d batches were acknowledged, the store has %d", last+1, got+1)
	}
	t.Logf("%d batches, then: %s", last+1, said)
}

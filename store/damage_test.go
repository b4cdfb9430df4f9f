//go:build unix

package store_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

// damagedCopy writes the store's bytes, changed, to a new path with the key.
func damagedCopy(t *testing.T, raw, key []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "d.db")
	for name, b := range map[string][]byte{path: raw, path + ".key": key} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// big is a store of some hundred pages, closed, as bytes.
func big(t *testing.T, posts int) (raw, key []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	g := newSynthetic(posts, 5)
	addBatch(t, s, store.Batch{Items: g.batch(posts / 2), State: map[string][]byte{"cursor": []byte("7")}})
	items := g.batch(posts - posts/2)
	addBatch(t, s, store.Batch{Items: items, Forget: []collector.Ref{{Platform: items[0].Post.Platform, ID: items[0].Post.ID}}})
	r := s.Begin(store.Entry{Action: "label", Thesis: thesis})
	if err := r.AddCodings([]store.Coding{{Platform: "x", ID: "1", Thesis: thesis, Coder: "ada", Label: "agree", At: start}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err = os.ReadFile(path + ".key")
	if err != nil {
		t.Fatal(err)
	}
	return raw, key
}

// found says who notices that a store is damaged: "open", "check" or nobody; it fails the test on a panic.
func found(t *testing.T, path string) string {
	t.Helper()
	if s, err := store.OpenReadOnly(path); err == nil {
		s.Close()
	} else if errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), path) {
		return "open"
	}
	s, err := store.OpenUnverified(path)
	if err != nil {
		return "open"
	}
	defer s.Close()
	if problems, err := s.Check(t.Context(), nil); err != nil || len(problems) > 0 {
		return "check"
	}
	return ""
}

// TestFlippedByte flips a byte anywhere in the file. Open notices, or Check does, or the store gives all that it gave
// before: the byte was in space that is not used. None makes it panic.
func TestFlippedByte(t *testing.T) {
	raw, key := big(t, 600)
	rnd := rand.New(rand.NewPCG(11, 12))
	by := map[string]int{}
	whole := dump(t, damagedCopy(t, raw, key))
	for range 25 {
		at := rnd.IntN(len(raw))
		if raw[at] == 0 && rnd.IntN(4) > 0 {
			at = rnd.IntN(len(raw)) // free space is mostly zeros
		}
		bad := append([]byte{}, raw...)
		bad[at] ^= byte(1 + rnd.IntN(255))
		path := damagedCopy(t, bad, key)
		who := found(t, path)
		by[who]++
		if who == "" && !cmp.Equal(whole, dump(t, path)) {
			t.Errorf("byte %d of %d: %02x became %02x and nobody noticed", at, len(raw), raw[at], bad[at])
		}
		if _, _, err := store.Salvage(t.Context(), path, thesis, func(store.Record) error { return nil }); err != nil && !errors.Is(err, store.ErrDamaged) {
			t.Errorf("byte %d: salvage: %v", at, err)
		}
	}
	t.Logf("noticed by %v, the rest is not used", by)
	if by["open"] < 8 || by["check"] == 0 {
		t.Errorf("noticed by %v: the test tests little", by)
	}
}

// TestFlippedRecord flips a byte of a post's text: Open refuses the store and says what to do, wherever the post is in a
// store as small as this.
func TestFlippedRecord(t *testing.T) {
	raw, key := big(t, 600)
	records := dump(t, damagedCopy(t, raw, key))[thesis].([]any)[0].([]store.Record)
	for i := 0; i < len(records); i += 29 {
		text := []byte(records[i].Post.Text)
		bad := bytes.ReplaceAll(raw, text, append([]byte{text[0] ^ 1}, text[1:]...)) // also in pages that are no longer used
		if bytes.Equal(raw, bad) {
			t.Fatalf("the text %q is not in the file", text)
		}
		path := damagedCopy(t, bad, key)
		for name, how := range map[string]func(string) (*store.Store, error){"Open": store.Open, "OpenReadOnly": store.OpenReadOnly} {
			if _, err := how(path); !errors.Is(err, store.ErrDamaged) || !contains(err, "checksum") || !contains(err, "check --repair") {
				t.Errorf("post %d: %s = %v", i, name, err)
			}
		}
		if got, err := store.Repair(t.Context(), path, "test", nil); err != nil || got.Posts != len(records)-1 || len(got.Problems) == 0 {
			t.Errorf("post %d: repair: %+v, %v; want all posts but one", i, got, err)
		}
	}
}

// sameContent reports whether a store still gives all that it gave before.
func sameContent(t *testing.T, path string, raw, key []byte) bool {
	t.Helper()
	return cmp.Equal(dump(t, path), dump(t, damagedCopy(t, raw, key)))
}

// dump is everything that a store's readers see, apart from ledger entries.
func dump(t *testing.T, path string) map[string]any {
	t.Helper()
	s, err := store.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := map[string]any{}
	theses, err := s.Theses()
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range theses {
		var records []store.Record
		if err := s.Each(t.Context(), th, store.Filter{}, func(r store.Record) error {
			r.Entry = 0
			records = append(records, r)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		sum, err := s.Summary(th, store.Filter{Step: store.Hour})
		if err != nil {
			t.Fatal(err)
		}
		codings, err := s.Codings(th)
		if err != nil {
			t.Fatal(err)
		}
		draws, err := s.Draws(th)
		if err != nil {
			t.Fatal(err)
		}
		out[th] = []any{records, sum, codings, draws}
	}
	if out["state"], err = s.States(""); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTruncated(t *testing.T) {
	raw, key := big(t, 600)
	for _, size := range []int{1, 100, 4096, 8192, len(raw) / 3, len(raw) / 2, len(raw) - 4096, len(raw) - 1} {
		path := damagedCopy(t, raw[:size], key)
		s, err := store.OpenReadOnly(path)
		if err == nil {
			s.Close()
			if found(t, path) == "" && sameContent(t, path, raw, key) {
				continue // bbolt grows files in advance: the end is not used yet
			}
			t.Errorf("a file cut to %d of %d bytes opens", size, len(raw))
			continue
		}
		if size >= 4096 && !errors.Is(err, store.ErrDamaged) {
			t.Errorf("cut to %d of %d bytes: %v, want ErrDamaged", size, len(raw), err)
		}
	}
}

func TestSalvageAndRepair(t *testing.T) {
	raw, key := big(t, 2000)
	whole := dump(t, damagedCopy(t, raw, key))
	all := whole[thesis].([]any)[0].([]store.Record)

	t.Run("whole", func(t *testing.T) {
		path := damagedCopy(t, raw, key)
		n, problems, err := store.Salvage(t.Context(), path, thesis, func(store.Record) error { return nil })
		if n != len(all) || len(problems) > 0 || err != nil {
			t.Errorf("salvage of a whole store: %d of %d, %q, %v", n, len(all), problems, err)
		}
		got, err := store.Repair(t.Context(), path, "test", nil)
		if err != nil || got.Posts != len(all) || len(got.Problems) > 0 {
			t.Errorf("repair: %+v, %v", got, err)
		}
		if diff := cmp.Diff(whole, dump(t, path)); diff != "" {
			t.Errorf("repairing a whole store changed it: %s", diff)
		}
	})
	t.Run("pages of nonsense", func(t *testing.T) {
		bad := append([]byte{}, raw...)
		for page := 10; page < len(bad)/4096; page += 23 {
			for i := range 4096 {
				bad[page*4096+i] = byte(i * 7)
			}
		}
		path := damagedCopy(t, bad, key)
		texts := map[string]string{}
		for _, r := range all {
			texts[r.Post.ID] = r.Post.Text
		}
		n, problems, err := store.Salvage(t.Context(), path, thesis, func(r store.Record) error {
			if texts[r.Post.ID] != r.Post.Text {
				t.Errorf("salvaged %q, which never was in the store", r.Post.Text)
			}
			return nil
		})
		if err != nil || len(problems) == 0 || n < len(all)/2 || n >= len(all)+1 {
			t.Fatalf("salvage: %d of %d, %d problems, %v", n, len(all), len(problems), err)
		}
		got, err := store.Repair(t.Context(), path, "test", nil)
		if err != nil || got.Posts < n || len(got.Problems) == 0 {
			t.Fatalf("repair: %+v, %v; salvage found %d", got, err, n)
		}
		s := open(t, path)
		healthy(t, s)
		if sum := summary(t, s); sum.WithReposts.Total() != got.Verdicts {
			t.Errorf("%d posts counted, %d verdicts kept", sum.WithReposts.Total(), got.Verdicts)
		}
		addBatch(t, s, store.Batch{Items: newSynthetic(500, 77).batch(500)})
		healthy(t, s)
		if _, err := os.Stat(got.Kept); err != nil {
			t.Errorf("the damaged file: %v", err)
		}
	})
	t.Run("cut", func(t *testing.T) {
		path := damagedCopy(t, raw[:len(raw)/2], key)
		n, problems, err := store.Salvage(t.Context(), path, thesis, func(store.Record) error { return nil })
		if err != nil || len(problems) == 0 {
			t.Errorf("salvage: %d, %q, %v", n, problems, err)
		}
	})
	t.Run("schema 1", func(t *testing.T) {
		path := old(t, "v1.store")
		if _, err := store.Repair(t.Context(), path, "test", nil); !errors.Is(err, store.ErrOlder) {
			t.Errorf("repair of an old store: %v", err)
		}
	})
	t.Run("no store", func(t *testing.T) {
		path := damagedCopy(t, []byte("no store at all, but a text that somebody wrote"), key)
		if _, _, err := store.Salvage(t.Context(), path, thesis, func(store.Record) error { return nil }); err == nil {
			t.Error("a text was salvaged")
		}
	})
}

func TestBackupAndCompact(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	s := open(t, path)
	items := newSynthetic(3000, 6).batch(3000)
	addBatch(t, s, store.Batch{Items: items})
	var gone []collector.Ref
	for _, it := range items[:2500] {
		gone = append(gone, collector.Ref{Platform: it.Post.Platform, ID: it.Post.ID})
	}
	addBatch(t, s, store.Batch{Forget: gone})
	copied := filepath.Join(dir, "copy.db")
	if n, err := s.BackupTo(t.Context(), copied, nil); err != nil || n == 0 {
		t.Fatalf("backup: %d, %v", n, err)
	}
	if _, err := s.BackupTo(t.Context(), copied, nil); err == nil {
		t.Error("a backup overwrote another")
	}
	s.Close()
	want := dump(t, path)
	if diff := cmp.Diff(want, dump(t, copied)); diff != "" {
		t.Errorf("the backup differs: %s", diff)
	}
	before, after, err := store.Compact(t.Context(), path, nil)
	if err != nil || after >= before*3/4 {
		t.Errorf("compact: from %d to %d bytes, %v", before, after, err)
	}
	if diff := cmp.Diff(want, dump(t, path)); diff != "" {
		t.Errorf("compact changed the store: %s", diff)
	}
	s = open(t, path)
	addBatch(t, s, store.Batch{Items: newSynthetic(500, 78).batch(500)})
	healthy(t, s)
	if left, _ := filepath.Glob(filepath.Join(dir, "*ing")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestReclassify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	items := newSynthetic(5000, 8).batch(5000)
	addBatch(t, s, store.Batch{Items: items})
	anew := func(p collector.Post) classify.Verdict {
		v := classify.Verdict{Stance: classify.Stance(len(p.Text) % 4), Model: "m2"}
		v.P[v.Stance] = 1
		return v
	}
	judged, stop := 0, errors.New("stop")
	ctx, cancel := contextWithCause(t, stop)
	judge := func(posts []collector.Post) (out []classify.Verdict) {
		for _, p := range posts {
			out = append(out, anew(p))
		}
		if judged += len(posts); judged == 2000 {
			cancel()
		}
		return out
	}
	if _, err := s.Reclassify(ctx, thesis, "m2", "test", judge, nil); err == nil {
		t.Fatal("the interruption was not noticed")
	}
	healthy(t, s)
	s.Close()
	s = open(t, path)
	got, err := s.Reclassify(t.Context(), thesis, "m2", "test", judge, nil)
	if err != nil || !got.Resumed || got.Judged != 5000 || judged != 5000 {
		t.Fatalf("%+v, %v; the judge saw %d posts", got, err, judged)
	}
	gen := s.Generation()
	if again, err := s.Reclassify(t.Context(), thesis, "m2", "test", judge, nil); err != nil || again.Judged != 0 || s.Generation() != gen {
		t.Errorf("again: %+v, %v, generation %d and %d", again, err, gen, s.Generation())
	}
	healthy(t, s)
	fresh := open(t, filepath.Join(t.TempDir(), "f.db"))
	for i := range items {
		items[i].Verdict = anew(items[i].Post)
	}
	addBatch(t, fresh, store.Batch{Items: items})
	a, b := summary(t, s), summary(t, fresh)
	a.Collapsed, b.Collapsed = store.Cell{}, store.Cell{} // who leads a cluster depends on the order
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("a reclassified store counts otherwise than one judged so from the start: %s", diff)
	}
	l, err := s.Ledger()
	if err != nil || l[0].Action != "reclassify" || !l[0].Complete || l[0].Totals.Read != 5000 {
		t.Errorf("ledger: %+v, %v", l[0], err)
	}
}

func contextWithCause(t *testing.T, cause error) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(t.Context())
	return ctx, func() { cancel(cause) }
}

package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stallwatch/classify/prevalence"
	"stallwatch/store"
)

// old copies the store of an older version from testdata/backcompat, with its key.
func old(t *testing.T, name string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s.db")
	for _, suffix := range []string{"", ".key"} {
		raw, err := os.ReadFile(filepath.Join("testdata", "backcompat", name+suffix))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+suffix, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestMigrate1 brings the file that version 1 wrote to this version: every count must come out as it then was.
func TestMigrate1(t *testing.T) {
	path := old(t, "v1.store")
	if _, err := store.Open(path); !errors.Is(err, store.ErrOlder) || !contains(err, "stallwatch migrate") {
		t.Fatalf("Open of an old store = %v, want ErrOlder and what to run", err)
	}
	var want map[string]store.Summary
	raw, err := os.ReadFile("testdata/backcompat/v1.json")
	if err != nil || json.Unmarshal(raw, &want) != nil || len(want) != 2 {
		t.Fatalf("v1.json: %v", err)
	}
	steps := 0
	if from, err := store.Migrate(t.Context(), path, "test", func(done, total int) { steps++ }); from != 1 || err != nil || steps == 0 {
		t.Fatalf("Migrate = %d, %v, with %d reports of progress", from, err, steps)
	}
	s := open(t, path)
	for thesis, before := range want {
		got, err := s.Summary(thesis, store.Filter{Step: store.Day})
		if err != nil {
			t.Fatal(err)
		}
		if got.Collapsed.Total() >= got.Posts.Total() {
			t.Errorf("%s: %d posts, %d without near-duplicates", thesis, got.Posts.Total(), got.Collapsed.Total())
		}
		got.Collapsed = store.Cell{}
		if diff := cmp.Diff(before, got, cmpopts.IgnoreTypes(prevalence.Sums{}), cmpopts.EquateEmpty(),
			cmpopts.IgnoreFields(store.Point{}, "Models")); diff != "" {
			t.Errorf("%s: %s", thesis, diff)
		}
	}
	if problems, err := s.Check(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("check: %v %v", problems, err)
	}
	if l, err := s.Ledger(); err != nil || len(l) != 3 || l[0].Action != "migrate" || l[0].Seq != 3 || l[2].SHA256 != "00ff" {
		t.Errorf("ledger %+v, %v: want the migration and the two entries before it", l, err)
	}
	if _, err := os.Stat(path + ".schema1"); err != nil {
		t.Errorf("the old file is gone: %v", err)
	}
	s.Close()
	if from, err := store.Migrate(t.Context(), path, "test", nil); from != 2 || err != nil {
		t.Errorf("migrating twice = %d, %v, want nothing to do", from, err)
	}
}

func TestMigrateInterrupted(t *testing.T) {
	path := old(t, "v1.store")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Migrate(ctx, path, "test", nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("Migrate = %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !cmp.Equal(before, after) {
		t.Errorf("an interrupted migration changed the file (%v)", err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 1 {
		t.Errorf("left behind: %v, want the key only", left)
	}
	if _, err := store.Migrate(t.Context(), path, "test", nil); err != nil {
		t.Errorf("the second attempt: %v", err)
	}
}

//go:build unix

package store_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"stallwatch/collector"
	"stallwatch/store"
)

// go test ./store -run TestBackcompat -update writes the files of this version anew, which is right only before it is released.
var update = flag.Bool("update", false, "write the store of this version in testdata/backcompat anew")

// TestBackcompat reads the committed store of this version: what it gives must stay what it gave when it was written.
func TestBackcompat(t *testing.T) {
	if *update {
		writeBackcompat(t)
	}
	path := old(t, "v2.store")
	want, err := os.ReadFile("testdata/backcompat/v2.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(dump(t, path), "", " ")
	if err != nil || !bytes.Equal(append(got, '\n'), want) {
		t.Errorf("the store of version 2 does not give what v2.json says (%v)", err)
	}
	s := open(t, path)
	healthy(t, s)
	addBatch(t, s, store.Batch{Items: newSynthetic(100, 3).batch(100)})
	healthy(t, s)
}

// TestNewer opens a store of a schema that is yet to come.
func TestNewer(t *testing.T) {
	path := old(t, "newer.store")
	for name, op := range map[string]func() error{
		"Open":         func() error { _, err := store.Open(path); return err },
		"OpenReadOnly": func() error { _, err := store.OpenReadOnly(path); return err },
		"Migrate":      func() error { _, err := store.Migrate(t.Context(), path, "test", nil); return err },
		"Repair":       func() error { _, err := store.Repair(t.Context(), path, "test", nil); return err },
		"Compact":      func() error { _, _, err := store.Compact(t.Context(), path, nil); return err },
	} {
		if err := op(); !errors.Is(err, store.ErrNewer) || !contains(err, path) || !contains(err, "schema 3, this program knows 2") || !contains(err, "or a later one") {
			t.Errorf("%s: %v; want the file, both versions and what to use", name, err)
		}
	}
	before, err := os.ReadFile("testdata/backcompat/newer.store")
	if err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a store of a newer version was changed (%v)", err)
	}
}

// writeBackcompat writes a store of this version with something in each bucket, what it gives, and one that says that it is
// of the next version.
func writeBackcompat(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	s := open(t, path)
	items := newSynthetic(60, 5).batch(60)
	for i := range items { // within two days: the series of hours is short
		items[i].Post.CreatedAt = start.Add(time.Duration(i) * 37 * time.Minute)
	}
	items[50].Post.Text, items[50].Verdict.Stance = items[10].Post.Text, items[10].Verdict.Stance
	addBatch(t, s, store.Batch{Items: items, State: map[string][]byte{"cursor": []byte("7")}})
	p := items[3].Post
	addBatch(t, s, store.Batch{Forget: []collector.Ref{{Platform: p.Platform, ID: p.ID}}})
	p = items[4].Post
	r := s.Begin(store.Entry{Action: "label", Thesis: thesis})
	if err := r.AddCodings([]store.Coding{{Platform: p.Platform, ID: p.ID, Thesis: thesis, Coder: "ada", Label: "agree", At: start}}); err != nil {
		t.Fatal(err)
	}
	if err := r.AddDraws([]store.Draw{{Platform: p.Platform, ID: p.ID, Thesis: thesis, Sample: "audit", P: 0.25, At: start}}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	copyTo := func(name string) {
		for _, suffix := range []string{"", ".key"} {
			raw, err := os.ReadFile(path + suffix)
			if err == nil {
				err = os.WriteFile(filepath.Join("testdata/backcompat", name+suffix), raw, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	copyTo("v2.store")
	got, err := json.MarshalIndent(dump(t, path), "", " ")
	if err == nil {
		err = os.WriteFile("testdata/backcompat/v2.json", append(got, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), binary.BigEndian.AppendUint32(nil, 3))
	}); err != nil {
		t.Fatal(err)
	}
	db.Close()
	copyTo("newer.store")
}

package export_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector/export"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, n := range []string{"b.jsonl", "a.jsonl", "a.csv", ".hidden", "sub/c.jsonl", "sub/.DS_Store", "arch/data/manifest.js", "arch/data/tweets.js", "arch/data/direct-messages.js",
		"arch/data/tweets_media/1.jpg", "arch/Your archive.html", "arch/assets/x.js", "empty/.keep"} {
		os.MkdirAll(filepath.Dir(n), 0o777)
		if err := os.WriteFile(n, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("/etc", "sub/link")
	for _, c := range []struct{ args, want []string }{
		{[]string{"b.jsonl", "-", "missing.jsonl"}, []string{"b.jsonl", "-", "missing.jsonl"}},
		{[]string{"*.jsonl", "a.jsonl"}, []string{"a.jsonl", "b.jsonl"}},
		{[]string{"."}, []string{"a.csv", "a.jsonl", "arch/data/tweets.js", "b.jsonl", "sub/c.jsonl"}},
		{[]string{"s*"}, []string{"sub/c.jsonl"}},
	} {
		got, err := export.Find(c.args)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("Find(%q), error %v, - want + got:\n%s", c.args, err, diff)
		}
	}
	for _, args := range [][]string{{"*.tsv"}, {"empty"}, {"[a"}} {
		if got, err := export.Find(args); err == nil {
			t.Errorf("Find(%q) = %q, want an error", args, got)
		}
	}
}

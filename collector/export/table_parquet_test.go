package export_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
	"stallwatch/collector/export"
)

// dataset has the tables that the export command wrote for its own tests.
const dataset = "../../cmd/stallwatch/dataset/testdata"

// TestOwnExport reads what `stallwatch export` writes, in each of its formats: the posts are as they were in the store.
func TestOwnExport(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	at := time.Date(2025, 7, 3, 20, 0, 0, 120e6, time.UTC)
	want := []collector.Post{
		{Platform: "x", ID: "1940812345678901234", Text: "=HYPERLINK(\"https://example.org\")\r\nHe said \"soon\", again; 'soon'\t🙄",
			CreatedAt: at, Lang: "en", Kind: collector.Reply, ReplyTo: "1940812345678901000", Conversation: "1940812345678900000",
			Counts: collector.Counts{Likes: n(0), Views: n(90071992547409931)}, URLs: []string{"https://example.org/a?b=1&c=\"2\""},
			Hashtags: []string{"peace", "Мир"}, Permalink: "https://x.com/i/web/status/1940812345678901234", Observed: at.Add(time.Hour)},
		{Platform: "bluesky", ID: "at://did:plc:abc/app.bsky.feed.post/3kabc", Text: "Nobody knows whether the talks go on",
			CreatedAt: at.AddDate(0, 0, 1), Kind: collector.Original, TextTruncated: true, Counts: collector.Counts{Likes: n(-3)}},
		{Platform: "unknown", ID: "h:00ff00ff00ff00ff", Text: "'-1 für den Frieden", CreatedAt: at.AddDate(0, 0, 2), Lang: "de", Kind: collector.Repost, Reposted: "12"},
	}
	for _, name := range []string{"example.csv", "example.jsonl", "example.parquet"} {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dataset, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range [][]byte{raw, gz(t, raw)} { // on disk, and through a stream
				r := read(t, file(t, in), export.Options{})
				if diff := cmp.Diff(want, r.posts); diff != "" || len(r.failures)+len(r.skips) > 0 {
					t.Errorf("posts, - want + got:\n%s%s", diff, describe(r))
				}
			}
		})
	}
}

// TestParquet reads tables that pandas wrote: written by fixtures/write_parquet.py.
func TestParquet(t *testing.T) {
	for name, want := range map[string]string{
		"truth-social.pandas.parquet": "truthsocial original 116000000000000001  05:31 He stalls & stalls\ntruthsocial original 116000000000000017  06:00 Peace talks again\nand nothing\n" +
			"truthsocial repost 116000000000000033  07:00 RT: nobody knows",
		"generic.pandas.parquet": "x original 1600000000000000001 7 05:31 He stalls\nx original 1600000000000000019 8 05:31 Talks failed",
	} {
		r := read(t, filepath.Join("testdata/fixtures", name), export.Options{})
		if got := describe(r); got != want {
			t.Errorf("%s gives\n%s\nwant\n%s", name, got, want)
		}
	}
	r := read(t, "testdata/fixtures/float-ids.pandas.parquet", export.Options{})
	if w := strings.Join(r.file.Warnings(), "\n"); len(r.posts) != 2 || !strings.Contains(w, "1 ids have been damaged") || !strings.Contains(w, "1 posts have no id") {
		t.Errorf("%s, warnings %q", describe(r), w)
	}
}

// TestParquetDamaged cuts a file and changes its bytes: an error and never a panic, which the walker would report as such.
func TestParquetDamaged(t *testing.T) {
	raw, err := os.ReadFile("testdata/fixtures/truth-social.pandas.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{5, 100, len(raw) / 2, len(raw) - 4} {
		if r := read(t, file(t, raw[:n]), export.Options{}); len(r.failures) != 1 {
			t.Errorf("cut to %d bytes: %s", n, describe(r))
		}
	}
	for i := 4; i < len(raw)-4; i += len(raw) / 150 {
		bad := bytes.Clone(raw)
		bad[i] ^= 0x55
		read(t, file(t, bad), export.Options{})
	}
}

// FuzzParquet gives damaged Parquet files to the library that reads them: it may fail, and must not stumble.
func FuzzParquet(f *testing.F) {
	for _, name := range []string{"testdata/fixtures/truth-social.pandas.parquet", "testdata/fixtures/float-ids.pandas.parquet", filepath.Join(dataset, "example.parquet")} {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, p := range read(t, file(t, in), export.Options{}).posts {
			if p.ID == "" || p.Text == "" || p.CreatedAt.IsZero() {
				t.Errorf("the bad post %+v", p)
			}
		}
	})
}

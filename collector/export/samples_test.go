package export_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stallwatch/collector"
	"stallwatch/collector/export"
)

var update = flag.Bool("update", false, "rewrite testdata/samples.tsv")

// samples are real exports that may not be in the repository. They are kept beside it while Stallwatch is developed.
const samples = "../../../shared/samples"

// tally is what came out of one file.
type tally struct {
	posts    []collector.Post
	skips    map[collector.Reason]int
	failures []error
	formats  map[string]int
	file     *export.File
}

// read imports a whole file and checks what every file must fulfil.
func read(t testing.TB, name string, opt export.Options) tally {
	t.Helper()
	f, err := export.Open(name, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := tally{skips: map[collector.Reason]int{}, formats: map[string]int{}, file: f}
	for {
		v, err := f.Next()
		if err == io.EOF {
			return r
		}
		if err != nil {
			t.Fatalf("Next of %s: %v", name, err)
		}
		res := f.Decode(v)
		if len(res.Posts)+len(res.Skips)+len(res.Failures) == 0 {
			t.Errorf("%s, line %d: a value of the format %q is no item at all", name, v.Line, res.Format)
		}
		r.posts = append(r.posts, res.Posts...)
		for _, s := range res.Skips {
			r.skips[s.Reason]++
		}
		for _, f := range res.Failures {
			r.failures = append(r.failures, f.Err)
		}
		r.formats[res.Format]++
	}
}

func (r tally) line(name string) string {
	var formats, skips []string
	for f, n := range r.formats {
		formats = append(formats, fmt.Sprintf("%s×%d", f, n))
	}
	for s, n := range r.skips {
		skips = append(skips, fmt.Sprintf("%s×%d", s, n))
	}
	slices.Sort(formats)
	slices.Sort(skips)
	h := sha256.New()
	cut, kinds := 0, map[collector.Kind]int{}
	for _, p := range r.posts {
		fmt.Fprintf(h, "%s\x00%s\x00", p.ID, p.Text)
		kinds[p.Kind]++
		if p.TextTruncated {
			cut++
		}
	}
	return strings.Join([]string{name, strings.Join(formats, ", "), fmt.Sprint(len(r.posts)),
		fmt.Sprintf("%d/%d/%d/%d", kinds[collector.Original], kinds[collector.Reply], kinds[collector.Quote], kinds[collector.Repost]),
		fmt.Sprint(cut), strings.Join(skips, ", "), fmt.Sprint(len(r.failures)), hex.EncodeToString(h.Sum(nil))[:16]}, "\t")
}

const samplesHead = "file\tformats×values\tposts\toriginal/reply/quote/repost\tcut\tskips\tfailures\thash of ids and texts"

// TestSamples compares what comes out of every real sample with the committed table, which was checked by hand.
func TestSamples(t *testing.T) {
	var got []string
	filepath.WalkDir(samples, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "SOURCE.txt" {
			name, _ := filepath.Rel(samples, path)
			r := read(t, path, export.Options{})
			got = append(got, r.line(filepath.ToSlash(name)))
			for _, err := range r.failures {
				t.Logf("failure: %v", err)
			}
			if w := r.file.Warnings(); len(w) > 0 {
				t.Logf("%s: %s", name, strings.Join(w, "; "))
			}
			if m := r.file.Mapping(); m != "" {
				t.Logf("%s: %s", name, m)
			}
		}
		return nil
	})
	if *update {
		if err := os.WriteFile("testdata/samples.tsv", []byte(samplesHead+"\n"+strings.Join(got, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile("testdata/samples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")[1:]
	if len(got) == 0 {
		for _, l := range want {
			t.Logf("not checked: %s", strings.SplitN(l, "\t", 2)[0])
		}
		t.Skipf("SKIPPED: %s is not here, so none of the %d real sample files was read", samples, len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what came out of the samples has changed, - testdata/samples.tsv + now:\n%s", diff)
	}
}

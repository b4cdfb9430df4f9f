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
	deletes  int
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
		for i := range v.Raw { // what was decoded may not point into it: it may be used again
			v.Raw[i] = '#'
		}
		v.Release()
		if len(res.Posts)+len(res.Skips)+len(res.Failures) == 0 {
			t.Errorf("%s, line %d: a value of the format %q is no item at all", name, v.Line, res.Format)
		}
		r.posts = append(r.posts, res.Posts...)
		r.deletes += len(res.Deletes)
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
	cut, observed, kinds := 0, 0, map[collector.Kind]int{}
	for _, p := range r.posts {
		fmt.Fprintf(h, "%s\x00%s\x00", p.ID, p.Text)
		if !p.Observed.IsZero() {
			observed++
		}
		kinds[p.Kind]++
		if p.TextTruncated {
			cut++
		}
	}
	return strings.Join([]string{name, strings.Join(formats, ", "), fmt.Sprint(len(r.posts)), fmt.Sprint(r.deletes),
		fmt.Sprintf("%d/%d/%d/%d", kinds[collector.Original], kinds[collector.Reply], kinds[collector.Quote], kinds[collector.Repost]),
		fmt.Sprint(cut), fmt.Sprint(observed), strings.Join(skips, ", "), fmt.Sprint(len(r.failures)), hex.EncodeToString(h.Sum(nil))[:16]}, "\t")
}

const samplesHead = "file\tformats×values\tposts\tdeletes\toriginal/reply/quote/repost\tcut\tobserved\tskips\tfailures\thash of ids and texts"

// TestSamples compares what comes out of every real sample with the committed table, which was checked by hand.
func TestSamples(t *testing.T) {
	got := tabulate(t, samples)
	want := table(t, "testdata/samples.tsv", got)
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

// TestFixtures does the same with files of every format that were written for this test in the shape of real ones.
func TestFixtures(t *testing.T) {
	got := tabulate(t, "testdata/fixtures")
	if diff := cmp.Diff(table(t, "testdata/fixtures.tsv", got), got); diff != "" {
		t.Errorf("what comes out of the fixtures has changed, - testdata/fixtures.tsv + now:\n%s", diff)
	}
}

// tabulate reads every file below a folder.
func tabulate(t *testing.T, root string) (lines []string) {
	t.Helper()
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "SOURCE.txt" && filepath.Ext(path) != ".py" {
			name, _ := filepath.Rel(root, path)
			r := read(t, path, export.Options{})
			lines = append(lines, r.line(filepath.ToSlash(name)))
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
	return lines
}

// table reads the expected lines; with -update it writes them first.
func table(t *testing.T, name string, got []string) []string {
	t.Helper()
	if *update && len(got) > 0 {
		if err := os.WriteFile(name, []byte(samplesHead+"\n"+strings.Join(got, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")[1:]
}

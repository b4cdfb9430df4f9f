package export_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"stallwatch/collector"
	"stallwatch/collector/export"
)

// file writes bytes to a file whose name says nothing.
func file(t testing.TB, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// tweets are n lines of plain v2 tweets, with ids from first on.
func tweets(first, n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "{\"id\":\"16000000000000%05d\",\"author_id\":\"7\",\"text\":\"Post %d, of some length\"}\n", first+i, first+i)
	}
	return b.Bytes()
}

func packed(t testing.TB, w io.WriteCloser, err error, buf *bytes.Buffer, b []byte) []byte {
	t.Helper()
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gz(t testing.TB, b []byte) []byte {
	var buf bytes.Buffer
	return packed(t, gzip.NewWriter(&buf), nil, &buf, b)
}

func zst(t testing.TB, b []byte) []byte {
	var buf bytes.Buffer
	w, err := zstd.NewWriter(&buf)
	return packed(t, w, err, &buf, b)
}

func xzed(t testing.TB, b []byte) []byte {
	var buf bytes.Buffer
	w, err := xz.NewWriter(&buf)
	return packed(t, w, err, &buf, b)
}

// member is one file of an archive.
type member struct {
	name string
	body []byte
}

func zipped(t testing.TB, ms ...member) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, m := range ms {
		w, err := z.Create(m.name)
		if err == nil {
			_, err = w.Write(m.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func tarball(t testing.TB, ms ...member) []byte {
	var buf bytes.Buffer
	z := tar.NewWriter(&buf)
	for _, m := range ms {
		if err := z.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.body)), Mode: 0o666}); err != nil {
			t.Fatal(err)
		}
		z.Write(m.body)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// bz2of20 is what bzip2 makes of tweets(0, 20): Go has no writer for it.
const bz2of20 = "testdata/tweets20.jsonl.bz2"

func TestContainers(t *testing.T) {
	plain := tweets(0, 20)
	bz2, err := os.ReadFile(bz2of20)
	if err != nil {
		t.Fatal(err)
	}
	skippable := []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00abcd")
	cases := []struct {
		name  string
		in    []byte
		posts int
	}{
		{"plain", plain, 20},
		{"gz", gz(t, plain), 20},
		{"gz of two members", append(gz(t, plain), gz(t, tweets(50, 5))...), 25},
		{"zst", zst(t, plain), 20},
		{"zst of two frames", append(zst(t, plain), zst(t, tweets(50, 5))...), 25},
		{"zst behind a skippable frame", append(skippable, zst(t, plain)...), 20},
		{"xz", xzed(t, plain), 20},
		{"xz of two streams", append(xzed(t, plain), xzed(t, tweets(50, 5))...), 25},
		{"bz2", bz2, 20},
		{"bz2 of two streams", append(bytes.Clone(bz2), bz2...), 40},
		{"zip", zipped(t, member{"a/b.json", plain}, member{"c", tweets(50, 5)}), 25},
		{"zip of nothing", zipped(t), 0},
		{"zip without what desktops add", zipped(t, member{"__MACOSX/._b.json", plain}, member{"x/.DS_Store", plain}, member{"b", plain}), 20},
		{"tar", tarball(t, member{"2016/01/06.json", plain}, member{"d", tweets(50, 5)}), 25},
		{"tar.gz", gz(t, tarball(t, member{"a", plain})), 20},
		{"bz2 in tar", tarball(t, member{"00.json.bz2", bz2}, member{"01.json.bz2", bz2}), 40},
		{"gz in zip in tar in gz", gz(t, tarball(t, member{"a.zip", zipped(t, member{"b.gz", gz(t, plain)})})), 20},
		{"UTF-8 with a mark", append([]byte("\xef\xbb\xbf"), plain...), 20},
		{"UTF-16 little endian", utf16of(string(plain), true, true), 20},
		{"UTF-16 big endian", utf16of(string(plain), false, true), 20},
		{"UTF-16 without a mark", utf16of(string(plain), true, false), 20},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, file(t, c.in), export.Options{})
			if len(r.posts) != c.posts || len(r.failures) != 0 || len(r.skips) != 0 {
				t.Errorf("%d posts, failures %v, skips %v; want %d posts", len(r.posts), r.failures, r.skips, c.posts)
			}
			if want := sha256.Sum256(c.in); r.file.SHA256() != hex.EncodeToString(want[:]) {
				t.Errorf("SHA256 = %q, want that of the %d bytes of the file", r.file.SHA256(), len(c.in))
			}
			if r.file.Size() != int64(len(c.in)) || r.file.BytesRead() != r.file.Size() {
				t.Errorf("BytesRead = %d, Size = %d, want %d", r.file.BytesRead(), r.file.Size(), len(c.in))
			}
		})
	}
}

func utf16of(s string, little, mark bool) []byte {
	units := utf16.Encode([]rune(strings.ReplaceAll(s, "Post", "Пост 🕊")))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	var b []byte
	for _, u := range units {
		if little {
			b = append(b, byte(u), byte(u>>8))
		} else {
			b = append(b, byte(u>>8), byte(u))
		}
	}
	return b
}

// TestTruncatedContainers checks that what can be unpacked comes in, and that the damage is one failure with a place.
func TestTruncatedContainers(t *testing.T) {
	var plain []byte
	for i := range 40 { // enough to fill several blocks of every compressor
		plain = append(plain, tweets(i*1000, 1000)...)
	}
	half := func(b []byte) []byte { return b[:len(b)*2/3] }
	for name, in := range map[string][]byte{
		"gz": half(gz(t, plain)), "zst": half(zst(t, plain)), "xz": half(xzed(t, plain)), "tar.gz": half(gz(t, tarball(t, member{"a", plain}))), "tar": half(tarball(t, member{"a", plain})),
	} {
		r := read(t, file(t, in), export.Options{})
		if len(r.posts) < 1000 || len(r.failures) < 1 || len(r.failures) > 2 {
			t.Errorf("%s: %d posts, failures %v", name, len(r.posts), r.failures)
			continue
		}
		if msg := r.failures[0].Error(); !strings.Contains(msg, "unexpected EOF") || !strings.Contains(msg, "line ") {
			t.Errorf("%s: the failure %q does not tell what and where", name, msg)
		}
	}
	if r := read(t, file(t, half(zipped(t, member{"a", plain}))), export.Options{}); len(r.failures) != 1 {
		t.Errorf("zip: failures %v", r.failures)
	}
}

func TestBombs(t *testing.T) {
	nested := tweets(0, 1)
	for range 12 {
		nested = gz(t, nested)
	}
	r := read(t, file(t, nested), export.Options{})
	if len(r.posts) != 0 || len(r.failures) != 1 || !strings.Contains(r.failures[0].Error(), "inside each other") {
		t.Errorf("12 containers in each other: %d posts, failures %v", len(r.posts), r.failures)
	}
}

// TestZeros reads what a disk leaves behind that lost a file's content, and a bomb made of it.
func TestZeros(t *testing.T) {
	zeros := make([]byte, 200<<10)
	for name, in := range map[string][]byte{"zeros": zeros, "zeros in gz": gz(t, zeros)} {
		if r := read(t, file(t, in), export.Options{}); len(r.failures) != 0 || r.skips[collector.SkipUnknown] != 1 || r.file.SHA256() == "" {
			t.Errorf("%s: %s", name, describe(r))
		}
	}
	if r := read(t, file(t, append(tweets(0, 1), zeros...)), export.Options{}); len(r.posts) != 1 || len(r.failures) != 0 {
		t.Errorf("zeros behind posts: %s", describe(r))
	}
}

func TestArchiveWithOtherThings(t *testing.T) {
	name := file(t, zipped(t, member{"posts.json", tweets(0, 3)}, member{"README.txt", []byte("These are posts.\nCollected by us.\n")},
		member{"photo", []byte("\x89PNG\r\n\x1a\n....")}, member{"page.html", []byte("<!DOCTYPE html>\n<p>a,b\n")}, member{"empty", nil}))
	r := read(t, name, export.Options{})
	if len(r.posts) != 3 || r.skips[collector.SkipUnknown] != 3 || len(r.failures) != 0 {
		t.Errorf("%d posts, skips %v, failures %v", len(r.posts), r.skips, r.failures)
	}
	if w := strings.Join(r.file.Warnings(), "\n"); !strings.Contains(w, "README.txt") || !strings.Contains(w, "photo (png)") || !strings.Contains(w, "empty is empty") {
		t.Errorf("the warnings %q do not name what was left out", w)
	}
}

// TestPlaces checks that a failure tells file, member, line and byte.
func TestPlaces(t *testing.T) {
	body := append(tweets(0, 2), "{\"id\":\"1\",\"text\n"...)
	name := file(t, tarball(t, member{"dir/a.jsonl", append(body, tweets(2, 2)...)}))
	r := read(t, name, export.Options{})
	if len(r.posts) != 4 || len(r.failures) != 1 {
		t.Fatalf("%d posts, failures %v", len(r.posts), r.failures)
	}
	want := fmt.Sprintf("%s › dir/a.jsonl, line 3 (byte %d): ", name, len(tweets(0, 2)))
	if got := r.failures[0].Error(); !strings.HasPrefix(got, want) {
		t.Errorf("failure %q, want it to begin with %q", got, want)
	}
}

// TestDecodeOnManyGoroutines is for the race detector.
func TestDecodeOnManyGoroutines(t *testing.T) {
	f, err := export.Open(file(t, []byte("{\"text\":\"a\",\"tweet_id\":\"1600000000000000000\"}\n{\"text\":\"b\",\"id\":\"1.6E+18\",\"date\":\"2022-12-06\"}\n{\"x\":1}\n"+string(tweets(0, 200)))), export.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var wg sync.WaitGroup
	for {
		v, err := f.Next()
		if err == io.EOF {
			break
		}
		wg.Go(func() { f.Decode(v); f.Warnings(); f.Mapping(); f.BytesRead() })
	}
	wg.Wait()
	if w := f.Warnings(); len(w) != 2 {
		t.Errorf("warnings %q, want 2", w)
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := export.Open(filepath.Join(t.TempDir(), "none"), export.Options{}); err == nil {
		t.Error("a file that is not there is opened")
	}
	if _, err := export.Open(t.TempDir(), export.Options{}); err == nil {
		t.Error("a folder is opened")
	}
	if _, err := export.Open(file(t, nil), export.Options{Map: map[string]string{"date_order": "ymd"}}); err == nil {
		t.Error("an unknown date_order is taken")
	}
}

// TestCloseEarly checks that a file can be left in the middle.
func TestCloseEarly(t *testing.T) {
	f, err := export.Open(file(t, gz(t, tweets(0, 5000))), export.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f.Next()
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Next(); err != io.EOF {
		t.Errorf("Next of a closed file = %v", err)
	}
}

func TestGenericCSV(t *testing.T) {
	in := "\xef\xbb\xbfTweet Id;Datetime;Username;Text\n" +
		"1600000000000000001;2022-12-06 05:31:41;ana;\"First &amp; \"\"foremost\"\";\nsecond line\"\n" +
		"x1600000000000000002;2022-12-06;bo;RT @ana: First\n" +
		"1.6E+18;2022-12-06;bo;Damaged\n" +
		"Tweet Id;Datetime;Username;Text\n" +
		";2022-12-06;bo;\n" +
		"17;06/07/2022;bo;Ambiguous\n" +
		"18;2022-12-06;bo;\"Unclosed\n" +
		"19;2022-12-06;bo;Not of X;a;b\n" +
		"20;2022-12-06;bo;Not an id\n"
	r := read(t, file(t, []byte(in)), export.Options{})
	got := map[string]string{}
	for _, p := range r.posts {
		got[p.ID] = p.Platform + " " + string(p.Kind) + " " + p.Text
	}
	want := map[string]string{
		"1600000000000000001":                                 "x original First & \"foremost\";\nsecond line",
		"1600000000000000002":                                 "x repost First",
		"h:" + hashID("Damaged\n2022-12-06T00:00:00Z\nbo"):    "x original Damaged",
		"20:" + hashID("Not an id\n2022-12-06T00:00:00Z\nbo"): "x original Not an id",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("posts, - want + got:\n%s", diff)
	}
	if diff := cmp.Diff(map[collector.Reason]int{collector.SkipHeader: 1, collector.SkipNoText: 1}, r.skips); diff != "" {
		t.Errorf("skips, - want + got:\n%s", diff)
	}
	for i, part := range []string{`"06/07/2022" can be read in two ways`, "line 9", "6 cells where the header has 4"} {
		if i >= len(r.failures) || !strings.Contains(r.failures[i].Error(), part) {
			t.Errorf("failures %v, want number %d to contain %q", r.failures, i, part)
		}
	}
	if m := r.file.Mapping(); m != `text from "Text", id from "Tweet Id", date from "Datetime", handle from "Username", dates without a zone taken for UTC` {
		t.Errorf("Mapping = %s", m)
	}
	if w := r.file.Warnings(); len(w) != 2 || !strings.HasPrefix(w[0], "1 ids have been damaged") || !strings.HasPrefix(w[1], "1 ids are numbers") {
		t.Errorf("Warnings = %q", w)
	}
}

func hashID(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:8])
}

func TestGenericOptions(t *testing.T) {
	in := "a,b,c\nhello there,03/04/2022,5\n"
	if r := read(t, file(t, []byte(in)), export.Options{}); len(r.failures) != 1 || !strings.Contains(r.failures[0].Error(), "--map text=COLUMN") || !strings.Contains(r.failures[0].Error(), "a, b, c") {
		t.Errorf("a table nobody knows: failures %v, want one that names the columns and the way out", r.failures)
	}
	r := read(t, file(t, []byte(in)), export.Options{Platform: "forum", Map: map[string]string{"text": "a", "date": "2", "id": "c", "date_order": "dmy"}})
	if len(r.posts) != 1 || r.posts[0].Platform != "forum" || !r.posts[0].CreatedAt.Equal(time.Date(2022, 4, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("posts %+v, failures %v", r.posts, r.failures)
	}
	known := "start,end,tweet_count,words\n2022-12-06,2022-12-07,5,hello\n"
	if r := read(t, file(t, []byte(known)), export.Options{Map: map[string]string{"text": "words", "date": "start"}}); len(r.posts) != 1 || r.posts[0].Text != "hello" {
		t.Errorf("a known table under a mapping: %s", describe(r))
	}
	if r := read(t, file(t, []byte(in)), export.Options{Map: map[string]string{"text": "nope"}}); len(r.failures) != 1 || !strings.Contains(r.failures[0].Error(), `no column "nope"`) {
		t.Errorf("a column that is not there: failures %v", r.failures)
	}
}

func TestGenericJSON(t *testing.T) {
	in := `{"text":"a &lt; b","id":1600000000000000001,"user":{"name":"ana","id":7},"lang":"en","n":{"likes":3}}` + "\n" +
		`{"message":"only that"}` + "\n" + "{\"text\":\"with\x00 a NUL\",\"created_at\":1646370367}\n" + `{"text":"no date","id":"5"}`
	r := read(t, file(t, []byte(in)), export.Options{})
	if len(r.posts) != 2 || len(r.failures) != 1 || r.skips[collector.SkipUnknown] != 1 {
		t.Fatalf("posts %+v, skips %v, failures %v", r.posts, r.skips, r.failures)
	}
	if p := r.posts[0]; p.ID != "1600000000000000001" || p.Text != "a < b" || p.Author.Key() != "7" || p.Platform != "x" || p.Lang != "en" {
		t.Errorf("post %+v", p)
	}
	if p := r.posts[1]; p.Text != "with a NUL" || !strings.HasPrefix(p.ID, "h:") {
		t.Errorf("post %+v", p)
	}
}

func TestRoundIDs(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,text,created_at\n")
	for i := range 20 {
		fmt.Fprintf(&b, "16000000000000%02d000,text,2022-12-06\n", i)
	}
	if w := read(t, file(t, []byte(b.String())), export.Options{}).file.Warnings(); len(w) != 1 || !strings.Contains(w[0], "20 of 20 ids end in 00") {
		t.Errorf("Warnings = %q", w)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(tweets(0, 3))
	f.Add([]byte("id,text,date\n1,\"a\",2022\n"))
	f.Add([]byte("[{\"data\":[{}]},{\"_index\":1,\"_source\":{\"text\":1}}]"))
	f.Add(gz(f, tweets(0, 1)))
	for _, c := range formats {
		f.Add([]byte(c.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := read(t, file(t, in), export.Options{})
		for _, err := range r.failures {
			if strings.Contains(err.Error(), "stumbled") {
				t.Errorf("%q: %v", in, err)
			}
		}
		for _, p := range r.posts {
			if p.ID == "" || p.Text == "" || p.Platform == "" || p.CreatedAt.IsZero() || strings.ToValidUTF8(p.Text, "") != p.Text {
				t.Errorf("%q gives the bad post %+v", in, p)
			}
		}
	})
}

// BenchmarkDecodeV2Page decodes pages of 100 posts with includes.
func BenchmarkDecodeV2Page(b *testing.B) {
	var data []string
	for i := range 100 {
		data = append(data, fmt.Sprintf(`{"id":"16000000000000%05d","author_id":"7","created_at":"2022-12-06T06:00:00.000Z","conversation_id":"16000000000000%05d","lang":"en","text":"%s","referenced_tweets":[{"type":"retweeted","id":"1600000000000000001"}],"public_metrics":{"retweet_count":1,"reply_count":2,"like_count":3,"quote_count":4,"impression_count":5},"entities":{"mentions":[{"start":3,"end":19,"username":"someone","id":"9"}],"annotations":[{"start":82,"end":86,"probability":0.98,"type":"Place","normalized_text":"Somewhere"}],"urls":[{"start":1,"end":24,"url":"https://t.co/abc","expanded_url":"https://news.example/a","display_url":"news.example/a"}],"hashtags":[{"start":1,"end":5,"tag":"talks"}]},"context_annotations":[{"domain":{"id":"10","name":"Person","description":"Named people in the world"},"entity":{"id":"1","name":"Somebody"}}],"reply_settings":"everyone","possibly_sensitive":false}`, i, i, strings.Repeat("some words ", 15)))
	}
	page := []byte(`{"data":[` + strings.Join(data, ",") + `],"includes":{"users":[{"id":"7","username":"ana","name":"Ana"}],"tweets":[{"id":"1600000000000000001","text":"the original"}]},"meta":{"result_count":100}}`)
	f, err := export.Open(os.DevNull, export.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		if res := f.Decode(export.Value{Raw: page}); len(res.Posts) != 100 {
			b.Fatalf("%d posts", len(res.Posts))
		}
	}
}

// BenchmarkNext opens, unpacks nothing, frames and hashes a whole file of lines of 2 kB.
func BenchmarkNext(b *testing.B) { benchFile(b, false) }

// BenchmarkNextDecode decodes too, on one goroutine.
func BenchmarkNextDecode(b *testing.B) { benchFile(b, true) }

func benchFile(b *testing.B, decode bool) {
	line := `{"id":"1600000000000000001","author_id":"7","text":"` + strings.Repeat("some words ", 20) + `","context_annotations":[` + strings.Repeat(`{"domain":{"id":"10","name":"Person"}},`, 40) + "{}]}\n"
	in := []byte(strings.Repeat(line, 20000))
	name := file(b, in)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		f, err := export.Open(name, export.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			v, err := f.Next()
			if err == io.EOF {
				break
			}
			if decode {
				f.Decode(v)
			}
		}
		f.Close()
	}
}

// TestNestedLists checks that brackets by the million do not exhaust the stack, nor cost more than time.
func TestNestedLists(t *testing.T) {
	deep := strings.Repeat("[", 1<<20)
	r := read(t, file(t, []byte("{\"a\":1}\n"+deep+"\n"+strings.Repeat("{\"a\":[\n", 2000)+"{\"id\":"+deep+strings.Repeat("]", 1<<20)+"}\n"+string(tweets(0, 1)))), export.Options{})
	if len(r.posts) != 1 {
		t.Errorf("%d posts, failures %d, skips %v", len(r.posts), len(r.failures), r.skips)
	}
}

package dataset

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"stallwatch/classify"
	"stallwatch/collector"
	"stallwatch/store"
)

var update = flag.Bool("update", false, "write the examples anew")

// examples are three posts written for this test; they hold what goes wrong in tables.
func examples() []store.Record {
	n := func(i int64) *int64 { return &i }
	at := time.Date(2025, 7, 3, 20, 0, 0, 120e6, time.UTC)
	return []store.Record{
		{Post: collector.Post{Platform: "x", ID: "1940812345678901234", Text: "=HYPERLINK(\"https://example.org\")\r\nHe said \"soon\", again; 'soon'\t🙄",
			CreatedAt: at, Lang: "en", Kind: collector.Reply, ReplyTo: "1940812345678901000", Conversation: "1940812345678900000",
			Counts: collector.Counts{Likes: n(0), Views: n(90071992547409931)}, URLs: []string{"https://example.org/a?b=1&c=\"2\""},
			Hashtags: []string{"peace", "Мир"}, Permalink: "https://x.com/i/web/status/1940812345678901234", Observed: at.Add(time.Hour)},
			Author:  "0011223344556677",
			Verdict: classify.Verdict{Stance: classify.Agree, P: [4]float64{52428.0 / 65535, 6553.0 / 65535, 6553.0 / 65535, 1.0 / 65535}, Model: "example-1", Tier: classify.TierCareful}, Cluster: "x:1940812345678901000"},
		{Post: collector.Post{Platform: "bluesky", ID: "at://did:plc:abc/app.bsky.feed.post/3kabc", Text: "Nobody knows whether the talks go on",
			CreatedAt: at.AddDate(0, 0, 1), Kind: collector.Original, TextTruncated: true, Counts: collector.Counts{Likes: n(-3)}},
			Verdict: classify.Verdict{Stance: classify.Discuss, P: [4]float64{0.25, 0.25, 0.4, 0.1}, Abstain: classify.AbstainUnsure, Model: "example-1"}},
		{Post: collector.Post{Platform: "unknown", ID: "h:00ff00ff00ff00ff", Text: "'-1 für den Frieden", CreatedAt: at.AddDate(0, 0, 2), Lang: "de", Kind: collector.Repost,
			Reposted: "12"}, Verdict: classify.Verdict{Stance: classify.Unrelated, Abstain: classify.AbstainLanguage, Model: "example-1"}},
	}
}

func write(t *testing.T, format string, text bool, records []store.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := New(&b, format, text, "test")
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestExamples compares with the examples that the importer is tested on; -update writes them.
func TestExamples(t *testing.T) {
	for _, format := range Formats {
		name := filepath.Join("testdata", "example."+format)
		got := write(t, format, true, examples())
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the bytes have changed; if that is meant, run this test with -update", name)
		}
	}
}

func TestSameColumnsEverywhere(t *testing.T) {
	for _, text := range []bool{false, true} {
		var names []string
		for _, c := range Columns(text) {
			names = append(names, c.Name)
		}
		raw := bytes.TrimPrefix(write(t, "csv", text, examples()), []byte("\ufeff"))
		rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(names, rows[0]); diff != "" {
			t.Errorf("csv, text %v: %s", text, diff)
		}
		if len(rows) != 4 {
			t.Errorf("csv, text %v: %d rows, want 4", text, len(rows))
		}
		var line map[string]any
		if err := json.Unmarshal(bytes.SplitN(write(t, "jsonl", text, examples()), []byte("\n"), 2)[0], &line); err != nil {
			t.Fatal(err)
		}
		if len(line) != len(names) {
			t.Errorf("jsonl, text %v: %d members, want %d", text, len(line), len(names))
		}
		f, err := parquet.OpenFile(bytes.NewReader(write(t, "parquet", text, examples())), int64(len(write(t, "parquet", text, examples()))))
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for _, field := range f.Schema().Fields() {
			fields = append(fields, field.Name())
		}
		if diff := cmp.Diff(names, fields); diff != "" {
			t.Errorf("parquet, text %v: %s", text, diff)
		}
		if s := NewSchema(text); len(s.Fields) != len(names) {
			t.Errorf("schema, text %v: %d fields, want %d", text, len(s.Fields), len(names))
		}
	}
}

// TestParquetReadsBack reads values and not structs: the library's Read makes a zero of a pointer that is null.
func TestParquetReadsBack(t *testing.T) {
	raw := write(t, "parquet", true, examples())
	f, err := parquet.OpenFile(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	rows := f.RowGroups()[0].Rows()
	defer rows.Close()
	got := make([]parquet.Row, len(examples()))
	if n, err := rows.ReadRows(got); n != len(got) {
		t.Fatal(n, err)
	}
	for i, rec := range examples() {
		want := NewRow(&rec)
		cells := make([][]string, len(columns))
		for _, v := range got[i] {
			if !v.IsNull() {
				cells[v.Column()] = append(cells[v.Column()], v.String())
			}
		}
		for c, col := range columns {
			v := col.value(&want)
			var cell []string
			switch {
			case v.isList:
				cell = v.list
			case !v.at.IsZero():
				cell = []string{strconv.FormatInt(v.at.UnixMilli(), 10)}
			case v.number != nil:
				cell = []string{fmt.Sprint(*v.number)}
			case v.text != "" || v.count != nil || v.flag != nil:
				cell = []string{string(appendRaw(v))}
			}
			if !slices.Equal(cell, cells[c]) {
				t.Errorf("row %d, %s: got %q, want %q", i, col.Name, cells[c], cell)
			}
		}
	}
}

// appendRaw is a cell without CSV's quotes.
func appendRaw(v value) []byte {
	if v.text != "" {
		return []byte(v.text)
	}
	return appendCell(nil, v)
}

// TestGuard: no cell begins as a formula does, and every text comes back.
func TestGuard(t *testing.T) {
	for _, s := range []string{"", "=1+1", "'=1+1", "''=1+1", "+49", "-1", "@a", "\tx", "\r\nx", " =x", "'tis", "' @x", "＝1", "a=b", "\n=", "'"} {
		checkGuard(t, s)
	}
	marks := []rune("=+-@\t\r\n' \u00a0＝＋－＠ab\",;1é")
	err := quick.Check(func(picks []uint8) bool {
		var s []rune
		for _, p := range picks[:min(len(picks), 6)] {
			s = append(s, marks[int(p)%len(marks)])
		}
		checkGuard(t, string(s))
		return !t.Failed()
	}, &quick.Config{MaxCount: 20_000})
	if err != nil {
		t.Fatal(err)
	}
}

func checkGuard(t *testing.T, s string) {
	t.Helper()
	cell := string(AppendCSV(nil, s))
	if len(cell) > 1 && cell[0] == '"' {
		cell = string(bytes.ReplaceAll([]byte(cell[1:len(cell)-1]), []byte(`""`), []byte(`"`)))
	}
	if isFormula(s) != (cell == "'"+s) || !isFormula(s) && cell != s {
		t.Errorf("%q is written %q", s, cell)
	}
	if cell != "" && slices.Contains([]rune("=+-@\t\r\n＝＋－＠"), []rune(cell)[0]) {
		t.Errorf("%q is written %q, which begins as a formula", s, cell)
	}
	if back := Unguard(cell); back != s {
		t.Errorf("%q came back %q", s, back)
	}
}

func TestNumbersAreNotGuarded(t *testing.T) {
	minus := int64(-3)
	if got := string(appendCell(nil, value{count: &minus})); got != "-3" {
		t.Errorf("got %q, want -3 as a number", got)
	}
}

func TestProbabilitiesKeepTheStoresSteps(t *testing.T) {
	seen := map[float64]bool{}
	for i := range 1 << 16 {
		seen[*round5(float64(i) / 65535)] = true
	}
	if len(seen) != 1<<16 {
		t.Errorf("%d different values, want %d", len(seen), 1<<16)
	}
}

func TestNoAuthorColumn(t *testing.T) {
	typ := reflect.TypeFor[FullRow]()
	for _, f := range reflect.VisibleFields(typ) {
		if f.Name == "Author" {
			t.Error("a table with authors and stances would say what each author thinks")
		}
	}
	for _, format := range Formats {
		if bytes.Contains(write(t, format, true, examples()), []byte("0011223344556677")) {
			t.Errorf("%s holds the author's hash", format)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	records := examples()
	for _, format := range Formats {
		b.Run(format, func(b *testing.B) {
			w, err := New(discard{}, format, true, "test")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := w.Write(&records[i%len(records)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

package export_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"stallwatch/collector"
	"stallwatch/collector/export"
)

// row says all that a table can say of a post.
func row(p collector.Post) string {
	counts := ""
	for _, n := range []*int64{p.Counts.Likes, p.Counts.Reposts, p.Counts.Replies, p.Counts.Views} {
		if n != nil {
			counts += fmt.Sprint(*n)
		}
		counts += "/"
	}
	s := fmt.Sprintf("%s %s %s %s %q %s", p.Platform, p.ID, p.Kind, p.CreatedAt.Format("2006-01-02 15:04"), p.Author.Key(), strings.TrimSuffix(counts, "/"))
	if p.ReplyTo != "" {
		s += " to " + p.ReplyTo
	}
	if p.Conversation != "" {
		s += " in " + p.Conversation
	}
	return s + ": " + p.Text
}

// TestTables reads tables in the shape of those that tools and people make, with invented values, and compares what comes out
// of each with what stands behind it.
func TestTables(t *testing.T) {
	const name = "testdata/tables.txtar"
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var now []txtar.File
	for i, f := range a.Files {
		if strings.HasPrefix(f.Name, "= ") {
			continue
		}
		got, want := comesOut(t, f.Data), ""
		if i+1 < len(a.Files) && a.Files[i+1].Name == "= "+f.Name {
			want = string(a.Files[i+1].Data)
		}
		now = append(now, f, txtar.File{Name: "= " + f.Name, Data: []byte(got)})
		if diff := cmp.Diff(want, got); diff != "" && !*update {
			t.Errorf("%s, - want + got:\n%s", f.Name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(&txtar.Archive{Comment: a.Comment, Files: now}), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// comesOut describes what is in a file, a line an item, and behind that the columns and the warnings.
func comesOut(t *testing.T, in []byte) string {
	name := file(t, in)
	r := read(t, name, export.Options{})
	var got []string
	for _, p := range r.posts {
		got = append(got, row(p))
	}
	for s, n := range r.skips {
		got = append(got, fmt.Sprintf("skip %s %d", s, n))
	}
	for _, err := range r.failures {
		s := strings.ReplaceAll(err.Error(), name, "FILE")
		got = append(got, "failure "+s[strings.Index(s, "): ")+3:])
	}
	if m := r.file.Mapping(); m != "" {
		got = append(got, strings.TrimSuffix(m, ", dates without a zone taken for UTC"))
	}
	for _, w := range r.file.Warnings() {
		w, _, _ = strings.Cut(strings.ReplaceAll(w, name, "FILE"), ":")
		got = append(got, "warning "+w)
	}
	return strings.Join(got, "\n") + "\n"
}

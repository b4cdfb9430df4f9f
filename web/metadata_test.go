package web_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestMetadata: each download leads to a metadata file that names every column or field it has, and no other.
func TestMetadata(t *testing.T) {
	h := serve(t, filled(t))
	follow := func(path string) []byte {
		t.Helper()
		link, _, ok := strings.Cut(strings.TrimPrefix(get(h, path).Header().Get("Link"), "<"), ">")
		w := get(h, link)
		if !ok || w.Code != 200 || !strings.Contains(link, "step=day") {
			t.Fatalf("%s leads to %q: %d", path, link, w.Code)
		}
		return w.Body.Bytes()
	}
	var csv struct {
		TableSchema struct{ Columns []struct{ Name string } }
	}
	var ld struct {
		Context          string `json:"@context"`
		Distribution     struct{ ContentURL string }
		VariableMeasured []struct{ Name, Description string }
	}
	for path, v := range map[string]any{"/summary.csv?step=day": &csv, "/summary.json?step=day": &ld} {
		if err := json.Unmarshal(follow(path), v); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for _, c := range csv.TableSchema.Columns {
		names = append(names, c.Name)
	}
	if header, _, _ := strings.Cut(get(h, "/summary.csv").Body.String(), "\n"); header != strings.Join(names, ",") {
		t.Errorf("the CSV has the columns %s, its metadata %s", header, names)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(get(h, "/summary.json").Body.Bytes(), &fields); err != nil {
		t.Fatal(err)
	}
	for _, v := range ld.VariableMeasured {
		name, list := strings.CutSuffix(v.Name, "[]")
		value, ok := fields[name]
		if !ok || list != (value[0] == '[') || v.Description == "" {
			t.Errorf("the metadata describe %q, the file has %.20s", v.Name, value)
		}
		delete(fields, name)
	}
	if len(fields) > 0 || !strings.HasPrefix(ld.Distribution.ContentURL, "summary.json") || ld.Context != "https://schema.org" {
		t.Errorf("not described: %v; of %+v", fields, ld.Distribution)
	}
}

package web_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stallwatch/store"
	"stallwatch/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestChartGolden compares the drawings of a page with those kept; after a change that is meant, look at the page, then run
//
//	go test ./web -run TestChartGolden -update
func TestChartGolden(t *testing.T) {
	feb := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	seen := map[string]bool{}
	figs := func(days int, perDay float64, f store.Filter) web.Figures {
		return newSample(feb, days, perDay, 7).figures(thesis(t), f)
	}
	for name, f := range map[string]web.Figures{
		"days":     figs(40, 60, store.Filter{}),
		"halfyear": figs(180, 60, store.Filter{}),
		"gaps":     figs(130, 60, store.Filter{Since: feb.AddDate(0, 0, 50)}),
		"weeks":    figs(180, 60, store.Filter{Step: store.Week}),
		"months":   newSample(feb.AddDate(-3, 0, 0), 1300, 6, 7).figures(thesis(t), store.Filter{Step: store.Month}),
		"few":      figs(5, 20, store.Filter{}),
		"broken":   broken(t),
		"hostile":  hostile(t),
	} {
		page := get(serve(t, f), "/").Body.String()
		for _, id := range []string{"wide", "middle", "narrow"} {
			got := cutSVG(t, page, id)
			checkXML(t, got)
			path := filepath.Join("testdata", "chart-"+name+"-"+id+".svg")
			seen[path] = true
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(path); err != nil || got != string(want) {
				t.Errorf("%s differs from the drawing (%v)", path, err)
			}
		}
	}
	files, err := filepath.Glob("testdata/chart-*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[f] {
			t.Errorf("%s is stale: no test draws it", f)
		}
	}
}

func cutSVG(t *testing.T, page, id string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<svg class="chart `+id)
	svg, _, end := strings.Cut(rest, "</svg>")
	if !ok || !end {
		t.Fatalf("the page has no %s chart", id)
	}
	return `<svg class="chart ` + id + svg + "</svg>\n"
}

func checkXML(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader([]byte(svg)))
	for {
		switch _, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Fatalf("the chart is not XML: %v", err)
		}
	}
}

func TestChartText(t *testing.T) {
	svg := cutSVG(t, get(serve(t, filled(t)), "/").Body.String(), "wide")
	for _, want := range []string{"<title id=\"wide-title\">Share of stance-taking posts that agree, by day</title>", "<desc id=\"wide-desc\">From 1 February to 30 July 2025. Lowest ", "class=\"few\"", "class=\"gap\"", "url(#wide-hatch)"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the chart lacks %q", want)
		}
	}
}

package web_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
	"time"

	"stallwatch/store"
	"stallwatch/web"
)

// TestDrawings: files of charts need no style sheet, and are the same each time.
func TestDrawings(t *testing.T) {
	feb := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	figs := newSample(feb, 180, 60, 7).figures(thesis(t), store.Filter{Step: store.Week})
	ds, err := web.Drawings(figs)
	if err != nil {
		t.Fatal(err)
	}
	again, err := web.Drawings(figs)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, d := range ds {
		names = append(names, d.Name)
		checkXML(t, string(d.SVG))
		for _, bad := range []string{"class=", "var(", "<style", "style=", "<script"} {
			if bytes.Contains(d.SVG, []byte(bad)) {
				t.Errorf("%s holds %s", d.Name, bad)
			}
		}
		for _, want := range []string{`xmlns="http://www.w3.org/2000/svg"`, "<title", "#B84A00", ` width="1040"`} {
			if !bytes.Contains(d.SVG, []byte(want)) {
				t.Errorf("%s lacks %s", d.Name, want)
			}
		}
		if !bytes.Equal(d.SVG, again[i].SVG) {
			t.Errorf("%s differs from time to time", d.Name)
		}
		checkPNG(t, d)
	}
	if got := strings.Join(names, " "); got != "share-over-time what-posts-do robustness before-and-after" {
		t.Errorf("drawings: %s", got)
	}
}

func checkPNG(t *testing.T, d web.Drawing) {
	t.Helper()
	var b bytes.Buffer
	if err := d.PNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	colours := map[[3]uint32]int{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			colours[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	if img.Bounds().Dx() != 2080 {
		t.Errorf("%s is %d pixels wide, want 2080", d.Name, img.Bounds().Dx())
	}
	for name, c := range map[string][3]uint32{"paper": {255, 255, 255}, "agree": {0xB8, 0x4A, 0x00}, "words": {0x57, 0x60, 0x6A}} {
		if colours[c] < 100 {
			t.Errorf("%s: %d pixels of %s", d.Name, colours[c], name)
		}
	}
}

func TestDrawingsOfNothing(t *testing.T) {
	ds, err := web.Drawings(web.NewFigures(store.Summary{}, thesis(t), web.Inputs{}))
	if err != nil || len(ds) != 0 {
		t.Errorf("%d drawings, %v", len(ds), err)
	}
}

package raster

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func drawn(t *testing.T, body string) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := PNG(&b, fmt.Appendf(nil, `<svg viewBox="0 0 40 20">%s</svg>`, body), 2); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

var (
	white = color.NRGBA{255, 255, 255, 255}
	red   = color.NRGBA{255, 0, 0, 255}
)

func at(img image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name, body string
		in, out    [][2]int // pixels, two a unit
	}{
		{"rectangle", `<rect x="5" y="5" width="10" height="10" fill="#ff0000"/>`, [][2]int{{11, 11}, {29, 29}}, [][2]int{{9, 11}, {31, 11}}},
		{"inherited", `<g fill="#f00"><g><rect x="5" y="5" width="10" height="10"/></g></g>`, [][2]int{{11, 11}}, [][2]int{{9, 11}}},
		{"circle", `<circle cx="20" cy="10" r="5" fill="#ff0000"/>`, [][2]int{{40, 20}, {33, 20}}, [][2]int{{31, 11}, {28, 20}}},
		{"relative path with a hole beside it", `<path d="M5 15h10v-10h-10zM20 15h5v-5h-5z" fill="#ff0000"/>`, [][2]int{{12, 20}, {44, 25}}, [][2]int{{35, 20}}},
		{"line", `<line x1="0" x2="40" y1="10" y2="10" stroke="#ff0000" stroke-width="2"/>`, [][2]int{{1, 19}, {78, 20}}, [][2]int{{10, 16}, {10, 23}}},
		{"dashes", `<path d="M0 10L40 10" stroke="#ff0000" stroke-width="4" stroke-dasharray="10 10" fill="none"/>`, [][2]int{{10, 20}, {50, 20}}, [][2]int{{30, 20}, {70, 20}}},
		{"outline over fill", `<rect x="5" y="5" width="10" height="10" fill="none" stroke="#ff0000" stroke-width="2"/>`, [][2]int{{10, 20}, {30, 20}}, [][2]int{{20, 20}}},
		{"beyond the picture", `<rect x="-50" y="-50" width="60" height="60" fill="#ff0000"/>`, [][2]int{{1, 1}, {19, 19}}, [][2]int{{21, 21}}},
		{"titles are not drawn", `<title>x</title><defs><rect width="40" height="20" fill="#ff0000"/></defs>`, nil, [][2]int{{20, 20}}},
	} {
		img := drawn(t, c.body)
		for _, p := range c.in {
			if got := at(img, p[0], p[1]); got != red {
				t.Errorf("%s: %v at %v, want red", c.name, got, p)
			}
		}
		for _, p := range c.out {
			if got := at(img, p[0], p[1]); got != white {
				t.Errorf("%s: %v at %v, want white", c.name, got, p)
			}
		}
	}
}

func TestOpacity(t *testing.T) {
	img := drawn(t, `<g opacity=".5"><rect width="40" height="20" fill="#ff0000" fill-opacity=".5"/></g>`)
	if got := at(img, 10, 10); got.R != 255 || got.G < 189 || got.G > 193 {
		t.Errorf("a quarter of red on white is %v", got)
	}
}

func TestHatch(t *testing.T) {
	img := drawn(t, `<defs><pattern id="h" width="4" height="4"><rect width="4" height="4" fill="#ffffff"/><line y2="4" stroke="#ff0000" stroke-width="4"/></pattern></defs><rect width="40" height="20" fill="url(#h)"/>`)
	for x, want := range []color.NRGBA{red, red, red, red, white, white, white, white, red} {
		if got := at(img, x, 10); got != want {
			t.Errorf("column %d: %v, want %v", x, got, want)
		}
	}
}

// TestTextAnchors: the same words stand to the right of, around and to the left of a place.
func TestTextAnchors(t *testing.T) {
	for anchor, want := range map[string][2]bool{"start": {false, true}, "middle": {true, true}, "end": {true, false}} {
		img := drawn(t, `<text x="20" y="15" font-size="10" fill="#ff0000" text-anchor="`+anchor+`">MM</text>`)
		var got [2]bool
		for y := range 40 {
			for x := range 80 {
				if at(img, x, y) != white && (x < 38 || x > 41) {
					got[x/40] = true
				}
			}
		}
		if got != want {
			t.Errorf("%s: ink left and right of the middle: %v, want %v", anchor, got, want)
		}
	}
}

func TestBadInput(t *testing.T) {
	for _, svg := range []string{"", "no xml", "<svg>", `<svg viewBox="0 0 1e9 1"/>`, `<svg viewBox="0 0 -1 1"/>`, `<svg viewBox="0 0 NaN 1"/>`, `<p viewBox="0 0 1 1"/>`,
		`<svg viewBox="0 0 9 9"><path d="M0 0C1 1 2 2 3 3"/></svg>`, `<svg viewBox="0 0 9 9"><path d="M0"/></svg>`} {
		if err := PNG(&bytes.Buffer{}, []byte(svg), 1); err == nil {
			t.Errorf("%q: no error", svg)
		}
	}
}

func FuzzPNG(f *testing.F) {
	f.Add(`<path d="M0 0h3v-3z" fill="#fff" stroke="#000000" stroke-dasharray="1 0"/>`)
	f.Add(`<text x="1" y="1">x<tspan dy="3">y</tspan></text><circle r="1e300"/><rect width="-3" height="2"/>`)
	f.Fuzz(func(_ *testing.T, body string) {
		_ = PNG(&bytes.Buffer{}, []byte(`<svg viewBox="0 0 20 20">`+body+`</svg>`), 1)
	})
}

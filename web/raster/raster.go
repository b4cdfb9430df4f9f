// Package raster draws the charts of this project, as standalone SVG, into PNG.
//
// It reads the part of SVG that they are made of: groups, lines, rectangles, circles, paths of straight lines, text with
// tspans, patterns of one ruled line, and the presentation attributes fill, stroke, opacity, font-size, font-weight and
// text-anchor with inheritance. What else a file holds is passed over. Of the SVG rasterisers for Go, srwiley/oksvg (2022) draws no
// text and no patterns; x/image, which is kept by the Go project, has what the work is made of: coverage, fonts, PNG.
// Text is set in the Go fonts that come with x/image, so that no font of the machine changes a byte of the result.
package raster

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/vector"
)

// maxSide bounds the picture: a chart is no poster.
const maxSide = 20_000

// PNG draws an SVG at scale pixels a unit and writes it as PNG.
func PNG(w io.Writer, svg []byte, scale float64) error {
	root, err := parse(svg)
	if err != nil {
		return fmt.Errorf("raster: %w", err)
	}
	box := numbers(root.attr["viewBox"])
	if root.name != "svg" || len(box) != 4 || !(box[2] > 0 && box[3] > 0) || max(box[2], box[3])*scale > maxSide || scale <= 0 {
		return fmt.Errorf("raster: no svg with a viewBox of a sensible size")
	}
	c := &canvas{scale: scale, dx: box[0], dy: box[1], patterns: map[string]*element{}}
	c.img = image.NewRGBA(image.Rect(0, 0, int(math.Ceil(box[2]*scale)), int(math.Ceil(box[3]*scale))))
	draw.Draw(c.img, c.img.Bounds(), image.White, image.Point{}, draw.Src)
	c.collect(root)
	if err := c.element(root, style{fill: "#000000", stroke: "none", width: 1, opacity: 1, fillOpacity: 1, size: 16}); err != nil {
		return fmt.Errorf("raster: %w", err)
	}
	e := png.Encoder{CompressionLevel: png.BestCompression}
	return e.Encode(w, c.img)
}

// element is one element of the file; text between elements has the name "".
type element struct {
	name     string
	attr     map[string]string
	text     string
	children []*element
}

func parse(svg []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(svg))
	stack := []*element{{}}
	for {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			top.children = append(top.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.children = append(top.children, &element{text: string(t)})
		}
	}
	for _, e := range stack[0].children {
		if e.name != "" {
			return e, nil
		}
	}
	return nil, fmt.Errorf("no element")
}

// style is what elements inherit.
type style struct {
	fill, stroke, anchor string
	width, opacity, size float64
	fillOpacity          float64
	dashes               []float64
	bold                 bool
}

func (s style) with(e *element) style {
	set := func(name string, to *string) {
		if v, ok := e.attr[name]; ok {
			*to = v
		}
	}
	set("fill", &s.fill)
	set("stroke", &s.stroke)
	set("text-anchor", &s.anchor)
	if v := numbers(e.attr["stroke-width"]); len(v) == 1 {
		s.width = v[0]
	}
	if v := numbers(e.attr["font-size"]); len(v) == 1 {
		s.size = v[0]
	}
	if v, ok := e.attr["stroke-dasharray"]; ok {
		s.dashes = numbers(v)
	}
	if v, ok := e.attr["font-weight"]; ok {
		n, _ := strconv.Atoi(v)
		s.bold = v == "bold" || n >= 600
	}
	if v := numbers(e.attr["fill-opacity"]); len(v) == 1 {
		s.fillOpacity = v[0]
	}
	if v := numbers(e.attr["opacity"]); len(v) == 1 {
		s.opacity *= v[0]
	}
	return s
}

// canvas is the picture and where it stands.
type canvas struct {
	img      *image.RGBA
	scale    float64
	dx, dy   float64
	patterns map[string]*element
}

func (c *canvas) collect(e *element) {
	if e.name == "pattern" {
		c.patterns[e.attr["id"]] = e
	}
	for _, k := range e.children {
		c.collect(k)
	}
}

func (c *canvas) element(e *element, s style) error {
	s = s.with(e)
	num := func(name string) float64 {
		if v := numbers(e.attr[name]); len(v) == 1 {
			return v[0]
		}
		return 0
	}
	switch e.name {
	case "title", "desc", "defs", "style", "":
		return nil
	case "line":
		c.paint([]line{{points: []point{{num("x1"), num("y1")}, {num("x2"), num("y2")}}}}, s)
	case "rect":
		c.paint([]line{rectangle(num("x"), num("y"), num("width"), num("height"), num("rx"))}, s)
	case "circle":
		c.paint([]line{circle(num("cx"), num("cy"), num("r"))}, s)
	case "path":
		lines, err := pathLines(e.attr["d"])
		if err != nil {
			return err
		}
		c.paint(lines, s)
	case "text":
		return c.text(e, s)
	default: // svg, g, a
		for _, k := range e.children {
			if err := c.element(k, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// paint fills the shape, then draws its outline.
func (c *canvas) paint(lines []line, s style) {
	if src := c.source(s.fill, s.opacity*s.fillOpacity); src != nil {
		var polygons [][]point
		for _, l := range lines {
			if len(l.points) > 2 {
				polygons = append(polygons, c.place(l.points))
			}
		}
		c.fill(src, polygons)
	}
	if src := c.source(s.stroke, s.opacity); src != nil && s.width > 0 {
		var polygons [][]point
		for _, l := range lines {
			for _, d := range l.dashed(s.dashes) {
				polygons = c.stroke(polygons, d, s.width/2)
			}
		}
		c.fill(src, polygons)
	}
}

// place turns units into pixels.
func (c *canvas) place(points []point) []point {
	out := make([]point, len(points))
	for i, p := range points {
		out[i] = point{(p.x - c.dx) * c.scale, (p.y - c.dy) * c.scale}
	}
	return out
}

// fill paints polygons as one shape, within the rectangle they stand in.
func (c *canvas) fill(src image.Image, polygons [][]point) {
	lo, hi := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, polygon := range polygons {
		for _, p := range polygon {
			lo, hi = point{min(lo.x, p.x), min(lo.y, p.y)}, point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	if !(lo.x <= hi.x) || math.Abs(lo.x) > maxSide || math.Abs(hi.x) > maxSide || math.Abs(lo.y) > maxSide || math.Abs(hi.y) > maxSide {
		return // nothing, or nowhere near the picture
	}
	box := image.Rect(int(math.Floor(lo.x)), int(math.Floor(lo.y)), int(math.Ceil(hi.x))+1, int(math.Ceil(hi.y))+1)
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	for _, polygon := range polygons {
		for i, p := range polygon {
			x, y := float32(p.x-float64(box.Min.X)), float32(p.y-float64(box.Min.Y))
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	mask := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	r.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	draw.DrawMask(c.img, box, src, box.Min, mask, image.Point{}, draw.Over) // which, unlike r.Draw, keeps to the picture
}

// stroke adds a line of the given half width with round joins. All its pieces turn the same way: what overlaps adds up.
func (c *canvas) stroke(to [][]point, l line, half float64) [][]point {
	p := l.points
	if l.closed && len(p) > 0 {
		p = append(p[:len(p):len(p)], p[0])
	}
	for i := 1; i < len(p); i++ {
		a, b := p[i-1], p[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		if length == 0 {
			continue
		}
		nx, ny := -(b.y-a.y)/length*half, (b.x-a.x)/length*half
		to = append(to, c.place([]point{{a.x - nx, a.y - ny}, {b.x - nx, b.y - ny}, {b.x + nx, b.y + ny}, {a.x + nx, a.y + ny}}))
		if i > 1 || l.closed {
			to = append(to, c.place(circle(a.x, a.y, half).points))
		}
	}
	return to
}

// source is what a fill or stroke attribute paints with; nil for none.
func (c *canvas) source(paint string, opacity float64) image.Image {
	if id, ok := strings.CutPrefix(paint, "url(#"); ok {
		return c.hatch(c.patterns[strings.TrimSuffix(id, ")")])
	}
	col, ok := parseColor(paint)
	if !ok {
		return nil
	}
	col.A = uint8(math.Round(float64(col.A) * min(max(opacity, 0), 1)))
	return image.NewUniform(col)
}

// parseColor reads #rgb, #rrggbb and #rrggbbaa.
func parseColor(s string) (c color.NRGBA, ok bool) {
	hex, ok := strings.CutPrefix(s, "#")
	if !ok {
		return c, false
	}
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	if len(hex) == 6 {
		hex += "ff"
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 8 {
		return c, false
	}
	return color.NRGBA{uint8(n >> 24), uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// numbers reads a list of numbers with or without unit px; nil when something else stands there.
func numbers(s string) (out []float64) {
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.ParseFloat(strings.TrimSuffix(f, "px"), 64)
		if err != nil {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// text sets a text element and its tspans.
func (c *canvas) text(e *element, s style) error {
	pen := point{}
	return c.run(e, s, &pen)
}

func (c *canvas) run(e *element, s style, pen *point) error {
	for name, to := range map[string]*float64{"x": &pen.x, "y": &pen.y} {
		if v := numbers(e.attr[name]); len(v) == 1 {
			*to = v[0]
		}
	}
	for name, to := range map[string]*float64{"dx": &pen.x, "dy": &pen.y} {
		if v := numbers(e.attr[name]); len(v) == 1 {
			*to += v[0]
		}
	}
	for _, k := range e.children {
		if k.name == "tspan" {
			if err := c.run(k, s.with(k), pen); err != nil {
				return err
			}
		} else if k.name == "" && strings.TrimSpace(k.text) != "" {
			if err := c.glyphs(k.text, s, pen); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *canvas) glyphs(text string, s style, pen *point) error {
	src := c.source(s.fill, s.opacity*s.fillOpacity)
	if size := s.size * c.scale; src == nil || !(size > 0 && size < 1000) {
		return nil
	}
	face, err := newFace(s.size*c.scale, s.bold)
	if err != nil {
		return err
	}
	defer face.Close()
	text = strings.Map(drawable, text)
	d := font.Drawer{Dst: c.img, Src: src, Face: face}
	width := float64(d.MeasureString(text)) / 64
	x := (pen.x - c.dx) * c.scale
	switch s.anchor {
	case "middle":
		x -= width / 2
	case "end":
		x -= width
	}
	d.Dot = fixedPoint(x, (pen.y-c.dy)*c.scale)
	d.DrawString(text)
	pen.x += width / c.scale
	return nil
}

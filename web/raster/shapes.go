package raster

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

type point struct{ x, y float64 }

// line is a way of straight pieces.
type line struct {
	points []point
	closed bool
}

// arcSteps is how many straight pieces make a circle: at the sizes of charts they are not seen.
const arcSteps = 48

func circle(x, y, r float64) line {
	l := line{closed: true}
	for i := range arcSteps {
		a := 2 * math.Pi * float64(i) / arcSteps
		l.points = append(l.points, point{x + r*math.Cos(a), y + r*math.Sin(a)})
	}
	return l
}

func rectangle(x, y, w, h, r float64) line {
	r = min(r, w/2, h/2)
	if r <= 0 {
		return line{[]point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, true}
	}
	l := line{closed: true}
	for i, c := range []point{{x + w - r, y + h - r}, {x + r, y + h - r}, {x + r, y + r}, {x + w - r, y + r}} {
		for k := range arcSteps/4 + 1 {
			a := 2 * math.Pi * (float64(i)/4 + float64(k)/arcSteps)
			l.points = append(l.points, point{c.x + r*math.Cos(a), c.y + r*math.Sin(a)})
		}
	}
	return l
}

// dashed cuts a line into its dashes; without a pattern it is whole.
func (l line) dashed(pattern []float64) (out []line) {
	total := 0.0
	for _, p := range pattern {
		total += max(p, 0)
	}
	if total <= 0 {
		return []line{l}
	}
	points := l.points
	if l.closed && len(points) > 0 {
		points = append(points[:len(points):len(points)], points[0])
	}
	k, left, on := 0, pattern[0], true
	var dash []point
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		if !(length/total < maxSide) {
			return []line{l}
		}
		for at := 0.0; at < length; {
			step := min(left, length-at)
			from, to := at/length, (at+step)/length
			if on {
				if len(dash) == 0 {
					dash = append(dash, point{a.x + (b.x-a.x)*from, a.y + (b.y-a.y)*from})
				}
				dash = append(dash, point{a.x + (b.x-a.x)*to, a.y + (b.y-a.y)*to})
			}
			at += step
			if left -= step; left <= 1e-9 {
				if on && len(dash) > 1 {
					out = append(out, line{points: dash})
				}
				dash, on = nil, !on
				k = (k + 1) % len(pattern)
				left = max(pattern[k], 1e-3)
			}
		}
	}
	if len(dash) > 1 {
		out = append(out, line{points: dash})
	}
	return out
}

// pathLines reads path data of straight lines: M L H V Z, absolute or relative.
func pathLines(d string) (out []line, err error) {
	var at, start point
	var command byte
	number := func() (n float64, ok bool) {
		i := 0
		for i < len(d) && (d[i] == ' ' || d[i] == ',' || d[i] == '\n') {
			i++
		}
		d = d[i:]
		end := 0
		for end < len(d) && (d[end] >= '0' && d[end] <= '9' || d[end] == '.' || end == 0 && d[end] == '-') {
			end++
		}
		n, err := strconv.ParseFloat(d[:end], 64)
		if err != nil {
			return 0, false
		}
		d = d[end:]
		return n, true
	}
	add := func(p point) {
		at = p
		if n := len(out); n > 0 {
			out[n-1].points = append(out[n-1].points, p)
		}
	}
	for d != "" {
		switch c := d[0]; {
		case c == ' ' || c == ',' || c == '\n':
			d = d[1:]
			continue
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			command, d = c, d[1:]
		}
		var x, y float64
		ok := true
		switch command {
		case 'Z', 'z':
			if n := len(out); n > 0 {
				out[n-1].closed = true
			}
			at, command = start, 0
			continue
		case 'H', 'h':
			x, ok = number()
		case 'V', 'v':
			y, ok = number()
		case 'M', 'm', 'L', 'l':
			if x, ok = number(); ok {
				y, ok = number()
			}
		default:
			return nil, fmt.Errorf("path: command %q is not read", command)
		}
		if !ok {
			return nil, fmt.Errorf("path: no number after %q", command)
		}
		to := map[byte]point{'M': {x, y}, 'L': {x, y}, 'H': {x, at.y}, 'V': {at.x, y},
			'm': {at.x + x, at.y + y}, 'l': {at.x + x, at.y + y}, 'h': {at.x + x, at.y}, 'v': {at.x, at.y + y}}[command]
		switch command {
		case 'M', 'm':
			out = append(out, line{})
			start = to
			command-- // L or l: what follows are lines
		}
		add(to)
	}
	return out, nil
}

// ruled is a pattern of one line on a ground, turned: hatching.
type ruled struct {
	ground, ink color.NRGBA
	period      float64 // distance of the lines, in pixels
	width       float64 // of a line
	sin, cos    float64
}

// hatch makes the source of a pattern: a rectangle under a line at its left edge, of which the tile shows the right half.
func (c *canvas) hatch(p *element) image.Image {
	if p == nil {
		return nil
	}
	r := &ruled{ground: color.NRGBA{255, 255, 255, 255}, cos: 1}
	if w := numbers(p.attr["width"]); len(w) == 1 && w[0] > 0 {
		r.period = w[0] * c.scale
	} else {
		return nil
	}
	var angle float64
	if _, err := fmt.Sscanf(p.attr["patternTransform"], "rotate(%g)", &angle); err == nil {
		r.sin, r.cos = math.Sincos(angle * math.Pi / 180)
	}
	for _, e := range p.children {
		if col, ok := parseColor(e.attr["fill"]); ok && e.name == "rect" {
			r.ground = col
		}
		if col, ok := parseColor(e.attr["stroke"]); ok && e.name == "line" {
			r.ink, r.width = col, c.scale/2
			if w := numbers(e.attr["stroke-width"]); len(w) == 1 {
				r.width = w[0] * c.scale / 2
			}
		}
	}
	return r
}

func (r *ruled) ColorModel() color.Model { return color.NRGBAModel }
func (r *ruled) Bounds() image.Rectangle { return image.Rect(-1e9, -1e9, 1e9, 1e9) }

// At mixes ink and ground by how much of the pixel the line covers, in 16 places.
func (r *ruled) At(x, y int) color.Color {
	covered := 0
	for i := range 16 {
		px, py := float64(x)+float64(i%4)/4+0.125, float64(y)+float64(i/4)/4+0.125
		u := math.Mod(px*r.cos+py*r.sin, r.period)
		if u < 0 {
			u += r.period
		}
		if u < r.width {
			covered++
		}
	}
	mix := func(a, b uint8) uint8 { return uint8((int(a)*covered + int(b)*(16-covered)) / 16) }
	return color.NRGBA{mix(r.ink.R, r.ground.R), mix(r.ink.G, r.ground.G), mix(r.ink.B, r.ground.B), 255}
}

var fonts = sync.OnceValues(func() (f [2]*opentype.Font, err error) {
	for i, raw := range [][]byte{goregular.TTF, gobold.TTF} {
		if f[i], err = opentype.Parse(raw); err != nil {
			break
		}
	}
	return f, err
})

// newFace is a font of the given size in pixels.
func newFace(size float64, bold bool) (font.Face, error) {
	f, err := fonts()
	if err != nil {
		return nil, err
	}
	i := 0
	if bold {
		i = 1
	}
	return opentype.NewFace(f[i], &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
}

// drawable replaces what the Go fonts lack.
func drawable(r rune) rune {
	switch r {
	case '\u202f', '\u00a0', '\u2009', '\n', '\t':
		return ' '
	}
	return r
}

func fixedPoint(x, y float64) fixed.Point26_6 {
	return fixed.Point26_6{X: fixed.Int26_6(math.Round(x * 64)), Y: fixed.Int26_6(math.Round(y * 64))}
}

package web

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"stallwatch/web/raster"
)

// Drawing is a chart as a file of its own: SVG with its colours in it, light, readable by programs that know no CSS.
type Drawing struct {
	Name  string // of the file, without extension
	Title string
	SVG   []byte
}

// PNG writes the drawing in twice its size in pixels.
func (d Drawing) PNG(w io.Writer) error { return raster.PNG(w, d.SVG, 2) }

// Drawings are the charts of the page for the figures: the share over time, the parts of on-topic posts, the
// robustness strip and the events. A chart
// that has nothing to show is left out.
func Drawings(f Figures) (ds []Drawing, err error) {
	add := func(name, title, template string, data any) {
		d, e := draw(name, title, template, data)
		ds, err = append(ds, d), errors.Join(err, e)
	}
	if charts := newCharts(f); len(charts) > 0 {
		add("share-over-time", charts[0].Title, "chart", charts[0])
	}
	if parts := newCompositions(f); len(parts) > 0 {
		add("what-posts-do", parts[0].Title, "composition", parts[0])
	}
	if f.Headline.Defined() {
		forest := robustnessForest(f)
		add("robustness", forest.Title, "forest", forest)
	}
	if forest := eventForest(f); len(forest.Rows) > 0 {
		add("before-and-after", forest.Title, "forest", forest)
	}
	return ds, err
}

// draw executes a template that makes an SVG.
func draw(name, title, template string, data any) (Drawing, error) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, template, data); err != nil {
		return Drawing{}, err
	}
	svg, err := standalone(b.Bytes())
	return Drawing{name, title, svg}, err
}

// A cssRule is one selector of the style sheet with what it declares.
type cssRule struct {
	parts  []compound // the last is the element itself, the others are around it
	weight int
	set    map[string]string
}

// compound is a selector without blanks: tag.class.class.
type compound struct {
	tag     string
	classes []string
}

var (
	cssComment  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssVariable = regexp.MustCompile(`var\((--[a-z-]+)\)`)
	cssSelector = regexp.MustCompile(`^[a-z0-9. -]+$`)
	drawn       = []string{"fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "font-size", "font-weight", "font-family", "text-anchor"}
)

// styleRules reads the rules of the style sheet that can draw, with the colours of the light page. What depends on the
// screen is left out.
func styleRules(css string) (rules []cssRule) {
	css = cssComment.ReplaceAllString(css, "")
	variables := map[string]string{}
	for css != "" {
		head, rest, ok := strings.Cut(css, "{")
		if !ok {
			break
		}
		head = strings.TrimSpace(head)
		end := closingBrace(rest)
		body := rest[:end]
		css = rest[min(end+1, len(rest)):]
		set := map[string]string{}
		for _, d := range strings.Split(body, ";") {
			name, value, _ := strings.Cut(d, ":")
			set[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
		if head == ":root" && len(variables) == 0 {
			variables = set
			continue
		}
		for name, v := range set {
			set[name] = cssVariable.ReplaceAllStringFunc(v, func(s string) string { return variables[s[4:len(s)-1]] })
		}
		for _, s := range strings.Split(head, ",") {
			if s = strings.TrimSpace(s); cssSelector.MatchString(s) {
				rules = append(rules, newRule(s, set))
			}
		}
	}
	return rules
}

func closingBrace(s string) int {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

func newRule(selector string, set map[string]string) cssRule {
	r := cssRule{set: set}
	for _, word := range strings.Fields(selector) {
		names := strings.Split(word, ".")
		c := compound{tag: names[0], classes: names[1:]}
		r.weight += 100 * len(c.classes)
		if c.tag != "" {
			r.weight++
		}
		r.parts = append(r.parts, c)
	}
	return r
}

func (c compound) match(e xml.StartElement) bool {
	classes := strings.Fields(attribute(e, "class"))
	return (c.tag == "" || c.tag == e.Name.Local) && !slices.ContainsFunc(c.classes, func(k string) bool { return !slices.Contains(classes, k) })
}

// match reports whether the rule is for the last of open elements.
func (r cssRule) match(open []xml.StartElement) bool {
	last := len(r.parts) - 1
	if !r.parts[last].match(open[len(open)-1]) {
		return false
	}
	around := r.parts[:last]
	for _, e := range open[:len(open)-1] {
		if len(around) > 0 && around[0].match(e) {
			around = around[1:]
		}
	}
	return len(around) == 0
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

var sheet = func() []cssRule {
	rules := styleRules(string(styleSheet()))
	slices.SortStableFunc(rules, func(a, b cssRule) int { return a.weight - b.weight })
	return rules
}()

// standalone makes a file of a chart of the page: the style sheet's rules become attributes, which every program reads.
func standalone(svg []byte) ([]byte, error) {
	var out bytes.Buffer
	d := xml.NewDecoder(bytes.NewReader(svg))
	var open []xml.StartElement
	for {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("chart: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			open = append(open, t.Copy())
			writeStart(&out, open)
		case xml.EndElement:
			open = open[:len(open)-1]
			out.WriteString("</" + t.Name.Local + ">")
		case xml.CharData:
			_ = xml.EscapeText(&out, t) // a buffer takes all
		}
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func writeStart(out *bytes.Buffer, open []xml.StartElement) {
	e := open[len(open)-1]
	out.WriteString("<" + e.Name.Local)
	write := func(name, value string) {
		out.WriteString(" " + name + `="`)
		_ = xml.EscapeText(out, []byte(value)) // a buffer takes all
		out.WriteByte('"')
	}
	size := strings.Fields(attribute(e, "viewBox"))
	if e.Name.Local == "svg" {
		write("xmlns", "http://www.w3.org/2000/svg")
		if len(size) == 4 {
			write("width", size[2])
			write("height", size[3])
		}
		write("font-family", "system-ui, Helvetica, Arial, sans-serif")
	}
	set := map[string]string{}
	for _, r := range sheet {
		if r.match(open) {
			for _, name := range drawn {
				if v := r.set[name]; v != "" && (name != "font-family" || e.Name.Local != "svg") {
					set[name] = v
				}
			}
		}
	}
	for _, a := range e.Attr {
		if _, styled := set[a.Name.Local]; !styled && a.Name.Local != "class" && a.Name.Local != "tabindex" {
			write(a.Name.Local, a.Value)
		}
	}
	for _, name := range drawn {
		v := set[name]
		if alpha, ok := withAlpha(v); ok && name == "fill" {
			write("fill-opacity", alpha)
			v = v[:7]
		}
		if v != "" {
			write(name, strings.TrimSuffix(v, "px"))
		}
	}
	out.WriteByte('>')
	if e.Name.Local == "svg" && len(size) == 4 {
		fmt.Fprintf(out, `<rect width="%s" height="%s" fill="#FFFFFF"></rect>`, size[2], size[3])
	}
}

// withAlpha splits the opacity off #rrggbbaa, which not every program reads.
func withAlpha(c string) (alpha string, ok bool) {
	var a int
	if len(c) != 9 || c[0] != '#' {
		return "", false
	}
	if _, err := fmt.Sscanf(c[7:], "%02x", &a); err != nil {
		return "", false
	}
	return fmt.Sprintf("%.3g", float64(a)/255), true
}

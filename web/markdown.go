package web

import (
	"net/url"
	"regexp"
	"strings"
)

// A thesis's codebook and README are read as the little of Markdown they are written in: headings, paragraphs, lists,
// tables, fenced code; bold, code and links. The result is plain data for a template. Whatever else stands in such a
// file, HTML included, is shown as it is written. A thesis can come from a stranger's folder, so that a renderer whose
// output has to be trusted is not wanted here.

// block is one element of a text. The field that is set tells which.
type block struct {
	Heading []run
	Deep    bool // the heading is below the second level
	Para    []run
	Items   [][]run
	Code    string
	Head    [][]run // cells
	Rows    [][][]run
}

// run is a piece of a line in one style.
type run struct {
	Text string
	Bold bool
	Code bool
	URL  string // of a link; http and https only
}

// markdown reads a text into blocks.
func markdown(text string) (blocks []block) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for len(lines) > 0 {
		var b block
		var n int
		switch line := lines[0]; {
		case strings.TrimSpace(line) == "":
			lines = lines[1:]
			continue
		case strings.HasPrefix(line, "```"):
			b, n = fenced(lines)
		case strings.HasPrefix(line, "#"):
			level := len(line) - len(strings.TrimLeft(line, "#"))
			b, n = block{Heading: inline(strings.TrimSpace(line[level:])), Deep: level > 2}, 1
		case isTable(lines):
			b, n = tableBlock(lines)
		case item.MatchString(line):
			b, n = listBlock(lines)
		default:
			n = 1 + count(lines[1:], isText)
			b = block{Para: inline(strings.Join(lines[:n], " "))}
		}
		blocks, lines = append(blocks, b), lines[n:]
	}
	return blocks
}

var (
	item  = regexp.MustCompile(`^\s*([-*]|\d+\.)\s+`)
	rule  = regexp.MustCompile(`^\s*\|?[\s:|-]*-[\s:|-]*$`)
	style = regexp.MustCompile("`[^`]+`|\\*\\*[^*]+\\*\\*|\\[[^\\]]+\\]\\([^)\\s]+\\)")
)

// isText reports whether a line goes on with the paragraph before it.
func isText(line string) bool {
	return strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "```") && !item.MatchString(line)
}

// count is the number of lines at the beginning for which ok holds.
func count(lines []string, ok func(string) bool) int {
	for i, l := range lines {
		if !ok(l) {
			return i
		}
	}
	return len(lines)
}

func fenced(lines []string) (block, int) {
	n := count(lines[1:], func(l string) bool { return !strings.HasPrefix(l, "```") })
	return block{Code: strings.Join(lines[1:1+n], "\n")}, min(n+2, len(lines))
}

// listBlock takes items and the lines that continue them. Lists within lists are read flat.
func listBlock(lines []string) (b block, n int) {
	for n < len(lines) && item.MatchString(lines[n]) {
		more := count(lines[n+1:], isText)
		text := strings.Join(lines[n:n+1+more], " ")
		b.Items = append(b.Items, inline(item.ReplaceAllString(text, "")))
		n += 1 + more
	}
	return b, n
}

func isTable(lines []string) bool {
	return len(lines) > 1 && strings.Contains(lines[0], "|") && strings.Contains(lines[1], "|") && rule.MatchString(lines[1])
}

func tableBlock(lines []string) (b block, n int) {
	b.Head = cells(lines[0])
	n = 2 + count(lines[2:], func(l string) bool { return strings.Contains(l, "|") })
	for _, l := range lines[2:n] {
		b.Rows = append(b.Rows, cells(l))
	}
	return b, n
}

func cells(line string) (out [][]run) {
	for c := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
		out = append(out, inline(strings.TrimSpace(c)))
	}
	return out
}

func inline(s string) (runs []run) {
	end := 0
	for _, m := range style.FindAllStringIndex(s, -1) {
		if m[0] > end {
			runs = append(runs, run{Text: s[end:m[0]]})
		}
		runs, end = append(runs, styled(s[m[0]:m[1]])), m[1]
	}
	if end < len(s) {
		runs = append(runs, run{Text: s[end:]})
	}
	return runs
}

func styled(s string) run {
	switch s[0] {
	case '`':
		return run{Text: strings.Trim(s, "`"), Code: true}
	case '*':
		return run{Text: strings.Trim(s, "*"), Bold: true}
	}
	text, target, _ := strings.Cut(strings.TrimPrefix(s, "["), "](")
	target = strings.TrimSuffix(target, ")")
	if host(target) == "" {
		return run{Text: text} // a file beside the text, or a scheme that no reader should be sent to
	}
	return run{Text: text, URL: target}
}

// host is the host of a web address, empty for anything else.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.Hostname()
}

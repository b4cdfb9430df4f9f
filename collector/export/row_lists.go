package export

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// splitList reads a list as exports write it: JSON or Python, or joined with |, commas, semicolons or blanks.
func splitList(s string) []string {
	s = strings.TrimSpace(s)
	if v, ok := literal(s).([]any); ok {
		return texts(v)
	}
	if len(s) > 1 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	out := strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ',' || r == ';' || r == ' ' })
	for i := range out {
		out[i] = strings.Trim(out[i], `"'`)
	}
	return out
}

// hashtags reads a list of hashtags, or the entities of a post with one among them. A number is not a hashtag but how many
// there are.
func hashtags(cell string) (tags []string) {
	if v, ok := literal(cell).(map[string]any); ok {
		list, _ := v["hashtags"].([]any)
		return texts(list, "text", "tag")
	}
	if v, ok := literal(cell).([]any); ok {
		return texts(v, "text", "tag")
	}
	for _, t := range splitList(cell) {
		if strings.Trim(t, "0123456789") != "" {
			tags = append(tags, t)
		}
	}
	return tags
}

// links is hashtags for links. Where they are joined with commas, as they also are inside, each begins where its scheme does.
func links(cell string) (urls []string) {
	if v, ok := literal(cell).(map[string]any); ok {
		list, _ := v["urls"].([]any)
		return texts(list, "unwound_url", "expanded_url", "url")
	}
	if v, ok := literal(cell).([]any); ok {
		return texts(v, "unwound_url", "expanded_url", "url")
	}
	start := -1
	add := func(end int) {
		if start >= 0 {
			u := strings.TrimRight(cell[start:end], ` ,;|"'])`)
			if i := strings.IndexAny(u, " |\t\n"); i > 0 {
				u = u[:i]
			}
			urls = append(urls, u)
		}
	}
	for i := 0; i < len(cell); i++ {
		if (i == 0 || strings.IndexByte(" ,;|[\"'\t\n", cell[i-1]) >= 0) &&
			(strings.HasPrefix(cell[i:], "https://") || strings.HasPrefix(cell[i:], "http://")) {
			add(i)
			start = i
		}
	}
	add(len(cell))
	return urls
}

// few bounds what is looked through for each that is added: no post has so many.
func few(list []string) []string { return list[:min(len(list), 1000)] }

// texts are the strings of a list, and of the objects in it the first of the named members that they have.
func texts(list []any, names ...string) (out []string) {
	for _, e := range list {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case map[string]any:
			out = append(out, pick(e, names...))
		}
	}
	return out
}

// pick is the first of the named members of an object that holds a text or a number.
func pick(v map[string]any, names ...string) string {
	for _, n := range names {
		if s, ok := v[n].(string); ok && !blank(s) {
			return s
		}
	}
	return ""
}

// literal reads a cell that holds a list or an object as JSON, Python or R prints it: [{'text': 'a'}], c("a", "b"). Its
// strings, numbers and names are strings, its lists []any, its objects map[string]any. It is nil when there is no such
// thing, or no quote in it, so that [a, b] remains for who knows where a and b end.
func literal(s string) any {
	if rest, ok := strings.CutPrefix(s, "c("); ok {
		s = "(" + rest
	} else if s == "" || s[0] != '[' && s[0] != '{' {
		return nil
	}
	if !strings.ContainsAny(s, `"'`) {
		return nil
	}
	l := literalReader{s: s}
	v, ok := l.value(0, false)
	if !ok {
		return nil
	}
	return v
}

type literalReader struct {
	s string
	i int
}

// maxLiteralDepth bounds what is read of lists inside lists: posts' entities are four deep.
const maxLiteralDepth = 8

// skip goes over blanks and commas, and reports what comes, 0 at the end.
func (l *literalReader) skip() byte {
	for l.i < len(l.s) && strings.IndexByte(" ,\n\t\r", l.s[l.i]) >= 0 {
		l.i++
	}
	if l.i == len(l.s) {
		return 0
	}
	return l.s[l.i]
}

// value reads a value, or the key of an object.
func (l *literalReader) value(depth int, key bool) (any, bool) {
	if depth > maxLiteralDepth {
		return nil, false
	}
	switch l.skip() {
	case 0:
		return nil, false
	case '[', '(':
		return l.list(depth)
	case '{':
		return l.object(depth)
	case '"', '\'':
		return l.quoted()
	}
	return l.bare(key)
}

func (l *literalReader) list(depth int) (any, bool) {
	l.i++
	out := []any{}
	for {
		switch l.skip() {
		case ']', ')':
			l.i++
			return out, true
		}
		v, ok := l.value(depth+1, false)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
}

func (l *literalReader) object(depth int) (any, bool) {
	l.i++
	out := map[string]any{}
	for {
		if l.skip() == '}' {
			l.i++
			return out, true
		}
		k, ok := l.value(depth+1, true)
		name, isName := k.(string)
		if !ok || !isName {
			return nil, false
		}
		if l.skip() != ':' {
			continue // a set
		}
		l.i++
		v, ok := l.value(depth+1, false)
		if !ok {
			return nil, false
		}
		out[name] = v
	}
}

// bare reads what has no quotes, over the commas of calls in it: datetime.datetime(2022, 3, 1).
func (l *literalReader) bare(key bool) (any, bool) {
	start, calls := l.i, 0
	for ; l.i < len(l.s); l.i++ {
		c := l.s[l.i]
		switch {
		case c == '(':
			calls++
		case c == ')' && calls > 0:
			calls--
		case calls == 0 && (c == ',' || c == ']' || c == '}' || c == ')' || key && c == ':'):
			return strings.TrimSpace(l.s[start:l.i]), l.i > start
		}
	}
	return nil, false
}

func (l *literalReader) quoted() (any, bool) {
	quote := l.s[l.i]
	l.i++
	start, escaped := l.i, false
	for ; l.i < len(l.s); l.i++ {
		switch l.s[l.i] {
		case '\\':
			escaped = true
			l.i++
		case quote:
			s := l.s[start:l.i]
			l.i++
			if escaped {
				s = unquote(s)
			}
			return s, true
		}
	}
	return nil, false
}

// unquote undoes the escapes in a string of JSON or Python.
func unquote(s string) string {
	var b strings.Builder
	for s != "" {
		if s[0] == '\\' && len(s) > 1 && (s[1] == '\'' || s[1] == '"' || s[1] == '/') {
			b.WriteByte(s[1])
			s = s[2:]
			continue
		}
		r, multibyte, rest, err := strconv.UnquoteChar(s, 0)
		if err != nil { // not an escape after all
			_, n := utf8.DecodeRuneInString(s)
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		if r < utf8.RuneSelf || multibyte {
			b.WriteRune(r)
		} else {
			b.WriteByte(byte(r))
		}
		s = rest
	}
	return b.String()
}

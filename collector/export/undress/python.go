package undress

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pythonStart is how a file of Python objects begins that were printed and not written as JSON: dicts, lists of them, or objects
// with named arguments, as tweepy's Status(_api=…, _json={…}) and snscrape's Tweet(url='…').
var pythonStart = regexp.MustCompile(`^[\[(]?\s*(?:\{\s*u?'|[A-Z][A-Za-z]*\(\w+=)`)

// pythonReader turns Python's repr into JSON, line by line the same lines: quotes and escapes, None, True, False, tuples, dates, and
// objects with named arguments, which become JSON objects. What it does not know it hands on, so that the line fails as JSON.
type pythonReader struct {
	r     *bufio.Reader
	out   []byte
	quote byte   // of the string that is being read, 0 outside one
	calls []bool // for each open parenthesis: whether it opened a JSON object
	err   error
}

func newPythonReader(r io.Reader) *pythonReader {
	return &pythonReader{r: bufio.NewReaderSize(r, 64<<10)}
}

func (p *pythonReader) Read(b []byte) (int, error) {
	for len(p.out) < len(b) && p.err == nil {
		p.err = p.token()
	}
	n := copy(b, p.out)
	p.out = append(p.out[:0], p.out[n:]...)
	if n == 0 {
		return 0, p.err
	}
	return n, nil
}

// token reads one token, or a byte of a string, and appends what JSON has for it.
func (p *pythonReader) token() error {
	if p.quote != 0 {
		return p.inString()
	}
	c, err := p.r.ReadByte()
	if err != nil {
		return err
	}
	switch {
	case c == '\'' || c == '"':
		p.quote = c
		p.out = append(p.out, '"')
	case c == '(':
		p.open('[', false)
	case c == ')':
		p.close()
	case c == '<':
		return p.raw('<', '>', "")
	case c == '\n':
		p.calls = p.calls[:min(len(p.calls), maxCalls)]
		p.out = append(p.out, c)
	case isWord(c) || c == '-' || c == '+':
		return p.word(c)
	default:
		p.out = append(p.out, c)
	}
	return nil
}

func isWord(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (p *pythonReader) open(bracket byte, object bool) {
	p.out = append(p.out, bracket)
	p.calls = append(p.calls, object)
}

func (p *pythonReader) close() {
	bracket := byte(']')
	if n := len(p.calls); n > 0 {
		if p.calls[n-1] {
			bracket = '}'
		}
		p.calls = p.calls[:n-1]
	}
	p.out = append(p.out, bracket)
}

// maxCalls is how many parentheses are remembered from one line to the next.
const maxCalls = 500

// maxWord is longer than any name or number.
const maxWord = 128

var namedArgument = regexp.MustCompile(`^\s*[A-Za-z_]\w*=[^=]`)

// word reads a name, a number, the prefix of a string, the name of an argument, or a call.
func (p *pythonReader) word(first byte) error {
	w := []byte{first}
	var next byte
	for {
		c, err := p.r.ReadByte()
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || !isWord(c) && !(c == '-' || c == '+') || len(w) == maxWord {
			if err == nil {
				p.r.UnreadByte()
				next = c
			}
			break
		}
		w = append(w, c)
	}
	switch s := string(w); {
	case (next == '\'' || next == '"') && len(w) <= 2: // u'…', b'…', rb'…'
	case next == '(':
		p.r.ReadByte()
		if ahead, _ := p.r.Peek(maxWord); namedArgument.Match(ahead) {
			p.open('{', true)
			return nil
		}
		return p.raw('(', ')', s)
	case next == '=' && len(p.calls) > 0 && p.calls[len(p.calls)-1]:
		p.r.ReadByte()
		p.out = append(strconv.AppendQuote(p.out, s), ':')
	case s == "None" || s == "nan" || s == "NaT" || s == "inf" || s == "-inf":
		p.out = append(p.out, "null"...)
	case s == "True" || s == "False":
		p.out = append(p.out, strings.ToLower(s)...)
	case '0' <= w[len(w)-1] && w[len(w)-1] <= '9' || w[len(w)-1] == '.':
		p.out = append(p.out, s...)
	case strings.HasSuffix(s, "L") && strings.Trim(s, "-0123456789") == "L": // Python 2
		p.out = append(p.out, s[:len(s)-1]...)
	default:
		p.out = append(p.out, s...)
	}
	return nil
}

// raw reads what has no form in JSON up to the bracket that closes it, such as <API object at 0x7f> or datetime.datetime(2025, 8, 1),
// and makes a string of it: of dates in ISO 8601, of ObjectId('…') and the like, which MongoDB's shell shows too, what is
// between the quotes.
func (p *pythonReader) raw(open, shut byte, name string) error {
	var b []byte
	for depth := 1; ; {
		c, err := p.r.ReadByte()
		if err != nil {
			return err
		}
		switch c {
		case open:
			depth++
		case shut:
			depth--
		}
		if depth == 0 || c == '\n' || len(b) == 4<<10 {
			if depth != 0 {
				p.r.UnreadByte()
			}
			break
		}
		b = append(b, c)
	}
	s := pythonCall(name, string(b))
	p.out = append(p.out, '"')
	for i := range len(s) {
		p.char(s[i])
	}
	p.out = append(p.out, '"')
	return nil
}

var (
	pythonZone = regexp.MustCompile(`timedelta\((?:days=)?(-?\d+)?(?:, )?(?:seconds=)?(\d+)?`)
	oneQuoted  = regexp.MustCompile(`^\s*['"]([^'"]*)['"]`)
)

// pythonCall is the value of a call as text.
func pythonCall(name, args string) string {
	if strings.HasSuffix(name, "datetime") || strings.HasSuffix(name, "date") {
		if at, err := pythonDate(args); err == nil {
			return at
		}
	}
	if m := oneQuoted.FindStringSubmatch(args); m != nil {
		return m[1]
	}
	if name == "" || strings.HasPrefix(name, "Number") { // of MongoDB's shell
		return args
	}
	return name + "(" + args + ")"
}

var errNotDate = errors.New("no date of Python's")

// pythonDate reads the arguments of datetime.datetime: year, month, day, hour, minute, second, microsecond, tzinfo=.
func pythonDate(args string) (string, error) {
	parts, zone, zoned := strings.Cut(args, "tzinfo=")
	n := [7]int{}
	i := 0
	for _, a := range strings.Split(strings.TrimRight(parts, ", "), ",") {
		v, err := strconv.Atoi(strings.TrimSpace(a))
		if err != nil || i == len(n) {
			return "", errNotDate
		}
		n[i] = v
		i++
	}
	if i < 3 {
		return "", errNotDate
	}
	s := fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", n[0], n[1], n[2], n[3], n[4], n[5])
	if !zoned {
		return s, nil
	}
	if m := pythonZone.FindStringSubmatch(zone); m != nil {
		days, _ := strconv.Atoi(m[1])
		seconds, _ := strconv.Atoi(m[2])
		if m[2] == "" { // timedelta(0)
			days = 0
		}
		minutes := (days*86400 + seconds) / 60
		sign := '+'
		if minutes < 0 {
			sign, minutes = '-', -minutes
		}
		return s + fmt.Sprintf("%c%02d:%02d", sign, minutes/60, minutes%60), nil
	}
	return s + "Z", nil
}

// inString reads on in a string. One that its line ends is left open, so that the line fails.
func (p *pythonReader) inString() error {
	c, err := p.r.ReadByte()
	switch {
	case err != nil:
		return err
	case c == p.quote:
		p.quote = 0
		p.out = append(p.out, '"')
	case c == '\n':
		p.quote, p.calls = 0, p.calls[:0]
		p.out = append(p.out, c)
	case c == '\\':
		return p.escape()
	default:
		p.char(c)
	}
	return nil
}

// char writes one byte of a string.
func (p *pythonReader) char(c byte) {
	switch {
	case c == '"' || c == '\\':
		p.out = append(p.out, '\\', c)
	case c < ' ':
		p.out = fmt.Appendf(p.out, `\u%04x`, c)
	default:
		p.out = append(p.out, c)
	}
}

// escape reads what follows a backslash in a string.
func (p *pythonReader) escape() error {
	c, err := p.r.ReadByte()
	if err != nil {
		return err
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	switch {
	case digits > 0:
		hex, err := p.r.Peek(digits)
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(string(hex), 16, 32)
		if err != nil { // not an escape after all
			p.out = append(p.out, '\\', '\\', c)
			return nil
		}
		p.r.Discard(digits)
		if c == 'U' {
			p.out = utf8.AppendRune(p.out, rune(n))
			return nil
		}
		p.out = fmt.Appendf(p.out, `\u%04x`, n)
	case c == '\'':
		p.out = append(p.out, c)
	case c == '\n':
		p.out = append(p.out, c)
	case strings.IndexByte(`nrtbf"\`, c) >= 0:
		p.out = append(p.out, '\\', c)
	default:
		p.out = append(p.out, '\\', '\\', c)
	}
	return nil
}

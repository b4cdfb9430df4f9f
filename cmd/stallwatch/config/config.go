// Package config reads the file that says what to collect, from where, with what credentials and for how much money.
//
// The file is YAML and read strictly: a key that is not known, a value of the wrong kind, a source that cannot work is an error
// with its line. Secrets are never in it: it names an environment variable or a file that only its owner can read.
package config

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Example is a whole file with comments.
//
//go:embed example.yaml
var Example []byte

// Config is what the file says. Nil sections are not collected from.
type Config struct {
	Every     Duration   `yaml:"every"` // from round to round of each source
	Timeout   Duration   `yaml:"timeout"`
	Contact   string     `yaml:"contact"` // for the user agent: an address of whoever collects
	X         *X         `yaml:"x"`
	Bluesky   *Bluesky   `yaml:"bluesky"`
	Jetstream *Jetstream `yaml:"jetstream"`
	Mastodon  []Mastodon `yaml:"mastodon"`
	TwitterV1 *TwitterV1 `yaml:"twitterv1"`

	file string
	tree *ast.File
}

// X is X API v2.
type X struct {
	Token    Secret    `yaml:"token"`
	Base     string    `yaml:"base"`
	Names    string    `yaml:"names"` // tweet or post: names of members in requests
	Pace     Duration  `yaml:"pace"`
	Budget   Budget    `yaml:"budget"`
	Prices   Prices    `yaml:"prices"`
	Searches []XSearch `yaml:"searches"`
}

// Budget bounds what X may cost. A bound that is left out does not bind, but one of the month's must be given.
type Budget struct {
	DollarsPerMonth *float64 `yaml:"dollars_per_month"`
	PostsPerMonth   *int64   `yaml:"posts_per_month"`
	DollarsPerRun   *float64 `yaml:"dollars_per_run"`
	PostsPerRun     *int64   `yaml:"posts_per_run"`
	ResetDay        int      `yaml:"reset_day"` // on which X's billing month begins
}

// Prices are in dollars.
type Prices struct {
	Post         *float64 `yaml:"post"`
	CountsRecent *float64 `yaml:"counts_recent"`
	CountsAll    *float64 `yaml:"counts_all"`
}

// XSearch is one query of X.
type XSearch struct {
	Query       string   `yaml:"query"`
	Archive     bool     `yaml:"archive"`
	Since       Moment   `yaml:"since"`
	Until       Moment   `yaml:"until"`
	Overlap     Duration `yaml:"overlap"`
	Window      Duration `yaml:"window"`
	By          string   `yaml:"by"`           // time or id: what bounds a window
	CountsEvery Duration `yaml:"counts_every"` // new time after which the hours are counted; "0s": never
	References  *bool    `yaml:"references"`   // also read what posts quote, answer or repeat
	Page        int      `yaml:"page"`
}

// Bluesky is search with an account.
type Bluesky struct {
	Identifier string          `yaml:"identifier"`
	Password   Secret          `yaml:"password"` // an app password
	Base       string          `yaml:"base"`
	Searches   []BlueskySearch `yaml:"searches"`
}

// BlueskySearch is one query of Bluesky.
type BlueskySearch struct {
	Query   string   `yaml:"query"`
	Lang    string   `yaml:"lang"`
	Since   Moment   `yaml:"since"`
	Overlap Duration `yaml:"overlap"`
	Window  Duration `yaml:"window"`
}

// Jetstream is the stream of all posts of Bluesky's network.
type Jetstream struct {
	Any   []string `yaml:"any"`
	Langs []string `yaml:"langs"`
	Hosts []string `yaml:"hosts"`
	Since Moment   `yaml:"since"`
}

// Mastodon is one server.
type Mastodon struct {
	Server  string   `yaml:"server"`
	Tags    []string `yaml:"tags"`
	Any     []string `yaml:"any"`
	None    []string `yaml:"none"`
	Local   bool     `yaml:"local"`
	Token   Secret   `yaml:"token"`
	Base    string   `yaml:"base"`
	Since   Moment   `yaml:"since"`
	Overlap Duration `yaml:"overlap"`
}

// TwitterV1 is a host that speaks API v1.1.
type TwitterV1 struct {
	Base     string     `yaml:"base"`
	Token    Secret     `yaml:"token"`
	OAuth1   *OAuth1    `yaml:"oauth1"`
	Pace     Duration   `yaml:"pace"`
	Keeps    Duration   `yaml:"keeps"`
	Searches []V1Search `yaml:"searches"`
}

// OAuth1 are the four keys of OAuth 1.0a.
type OAuth1 struct {
	ConsumerKey    Secret `yaml:"consumer_key"`
	ConsumerSecret Secret `yaml:"consumer_secret"`
	AccessToken    Secret `yaml:"access_token"`
	AccessSecret   Secret `yaml:"access_secret"`
}

// V1Search is one query of v1.1.
type V1Search struct {
	Query   string   `yaml:"query"`
	Since   Moment   `yaml:"since"`
	Overlap Duration `yaml:"overlap"`
	Window  Duration `yaml:"window"`
}

// Duration is written as 15m or 24h. Set tells "0s" from nothing.
type Duration struct {
	D   time.Duration
	Set bool
}

// UnmarshalYAML reads it.
func (d *Duration) UnmarshalYAML(b []byte) error {
	v, err := time.ParseDuration(strings.Trim(strings.TrimSpace(string(b)), `"'`))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a length of time such as 15m or 24h", strings.TrimSpace(string(b)))
	}
	d.D, d.Set = v, true
	return nil
}

// Or is the duration, or another where it is not set.
func (d Duration) Or(other time.Duration) time.Duration {
	if d.Set {
		return d.D
	}
	return other
}

// Moment is a day, 2025-02-01, or a time, 2025-02-01T12:00:00Z.
type Moment struct{ time.Time }

// UnmarshalYAML reads it.
func (m *Moment) UnmarshalYAML(b []byte) error {
	s := strings.Trim(strings.TrimSpace(string(b)), `"'`)
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is neither a day such as 2025-02-01 nor a time such as 2025-02-01T12:00:00Z", s)
}

// Bounds of a file. The parser takes quadratic time over nested brackets, and no sound file comes near these.
const (
	maxSize  = 256 << 10
	maxDepth = 32
)

// Read reads and checks a file. All mistakes are reported together, each with its line.
func Read(file string) (*Config, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("%s: %d bytes: more than %d make no sense here", file, info.Size(), maxSize)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, raw)
}

// Parse is Read for content at hand.
func Parse(file string, raw []byte) (*Config, error) {
	if len(raw) > maxSize {
		return nil, fmt.Errorf("%s: too large", file)
	}
	if line := tooDeep(raw); line > 0 {
		return nil, fmt.Errorf("%s:%d: brackets are nested more than %d deep", file, line, maxDepth)
	}
	c := new(Config)
	tree, err := parser.ParseBytes(raw, 0)
	if err != nil {
		return nil, positioned(file, err)
	}
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, positioned(file, err)
	}
	c.file, c.tree = file, tree // an empty file has emptied c
	return c, c.check()
}

// tooDeep returns the line where brackets are nested too deep, 0 for a file in which they are not.
func tooDeep(raw []byte) int {
	depth, line := 0, 1
	for _, b := range raw {
		switch b {
		case '[', '{':
			if depth++; depth > maxDepth {
				return line
			}
		case ']', '}':
			depth--
		case '\n':
			line++
		}
	}
	return 0
}

var position = regexp.MustCompile(`^\[(\d+):(\d+)\] `)

// positioned writes an error of the YAML library the way the other commands write theirs: file, line, reason.
func positioned(file string, err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	if m := position.FindStringSubmatch(first); m != nil {
		return fmt.Errorf("%s:%s: %s", file, m[1], first[len(m[0]):])
	}
	return fmt.Errorf("%s: %s", file, first)
}

// at is the file and line of a value, by its path, as in x.searches[0].since; of the nearest value around it when it is not there.
func (c *Config) at(path string) string {
	for p := path; p != ""; {
		if q, err := yaml.PathString("$." + p); err == nil {
			if n, err := q.FilterFile(c.tree); err == nil && n != nil {
				return c.file + ":" + strconv.Itoa(firstLine(n))
			}
		}
		p = p[:max(strings.LastIndexAny(p, ".["), 0)]
	}
	return c.file
}

func firstLine(n ast.Node) int {
	switch v := n.(type) {
	case *ast.MappingNode:
		if len(v.Values) > 0 {
			return firstLine(v.Values[0])
		}
	case *ast.MappingValueNode:
		return v.Key.GetToken().Position.Line
	case *ast.SequenceNode:
		if len(v.Values) > 0 {
			return firstLine(v.Values[0])
		}
	}
	return n.GetToken().Position.Line
}

package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
	"unicode"

	"stallwatch/collector"
	"stallwatch/collector/bluesky"
	"stallwatch/collector/mastodon"
	"stallwatch/collector/twitterv1"
	"stallwatch/collector/xapi"
)

// AccountX is the name of the account that X's searches spend from.
const AccountX = "x"

// defaults of sources.
const (
	defaultEvery   = 15 * time.Minute
	defaultOverlap = 2 * time.Minute
	lateStatuses   = 30 * time.Minute // Mastodon's servers hand posts on slowly
	firstLook      = 7 * 24 * time.Hour
)

// Settings is what sources are made with.
type Settings struct {
	Queries map[string][]string      // by kind: where the file has none
	Env     func(name string) string // environment, for secrets
	Client  *http.Client             // nil: one for each source
	Agent   string                   // name of the program, for the user agent
	Now     time.Time
	Follow  bool // streams go on for ever
}

// Source is a source of the file, or why it cannot be one.
type Source struct {
	collector.Source
	Err error // its secret is missing
}

// Period is the time between rounds.
func (c *Config) Period() time.Duration { return c.Every.Or(defaultEvery) }

// Sources makes all sources that the file names. The error is for a file that names none.
func (c *Config) Sources(s Settings) ([]Source, error) {
	if c.Contact != "" {
		s.Agent += " (" + c.Contact + ")"
	}
	var out []Source
	if c.X != nil {
		out = append(out, c.x(s)...)
	}
	if c.Bluesky != nil {
		out = append(out, c.bluesky(s)...)
	}
	if c.Jetstream != nil {
		out = append(out, c.jetstream(s)...)
	}
	for i := range c.Mastodon {
		out = append(out, c.mastodon(s, &c.Mastodon[i])...)
	}
	if c.TwitterV1 != nil {
		out = append(out, c.twitterV1(s)...)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no queries, and the thesis has none either", c.file)
	}
	seen := map[string]bool{}
	for _, src := range out {
		n := src.Info().Name
		if seen[n] {
			return nil, fmt.Errorf("%s: %s is there twice", c.file, n)
		}
		seen[n] = true
	}
	return out, nil
}

// name makes a source's name out of its kind and query: the same query has the same name wherever it stands in the file.
func name(kind, query string) string {
	words := strings.FieldsFunc(strings.ToLower(query), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slug := strings.Join(words[:min(3, len(words))], "-")
	if r := []rune(slug); len(r) > 24 {
		slug = string(r[:24])
	}
	sum := sha256.Sum256([]byte(query))
	return kind + "/" + slug + "-" + hex.EncodeToString(sum[:2])
}

func (c *Config) x(s Settings) (out []Source) {
	token, err := c.X.Token.Read(c, s.Env)
	searches := c.X.Searches
	if searches == nil {
		for _, q := range s.Queries["x"] {
			searches = append(searches, XSearch{Query: q})
		}
	}
	for _, q := range searches {
		queries := []string{q.Query}
		if q.Query == "" {
			queries = s.Queries["x"]
		}
		for _, query := range queries {
			kind := "x"
			if q.Archive {
				kind = "x-archive"
			}
			src := &xapi.Search{Query: query, Account: AccountX, Archive: q.Archive, Since: q.Since.Time, Until: q.Until.Time,
				Overlap: q.Overlap.Or(defaultOverlap), Width: q.Window.D, ByID: q.By == "id", Counts: q.CountsEvery.Or(24 * time.Hour), Page: q.Page,
				Refs: q.References == nil || *q.References,
				Client: xapi.NewClient(xapi.Config{Base: c.X.Base, Token: token, Names: xapi.Names(c.X.Names), Prices: c.X.Prices.Micros(), Client: s.Client,
					Agent: s.Agent, Pace: c.X.Pace.D})}
			src.Name = name(kind, src.Info().Query)
			out = append(out, Source{src, wrap("x.token", err)})
		}
	}
	return out
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Micros is the price table in millionths of a dollar.
func (p Prices) Micros() xapi.Prices {
	d := xapi.DefaultPrices
	for _, f := range []struct {
		from *float64
		to   *int64
	}{{p.Post, &d.PostRead}, {p.CountsRecent, &d.CountsRecent}, {p.CountsAll, &d.CountsAll}} {
		if f.from != nil {
			*f.to = int64(math.Round(*f.from * 1e6))
		}
	}
	return d
}

// Budget is the bound of an account; ok is false for one that the file does not name.
func (c *Config) Budget(account string) (b collector.Budget, ok bool) {
	if c.X == nil || account != AccountX {
		return b, false
	}
	posts := func(v *int64) int64 {
		if v == nil {
			return collector.Unlimited
		}
		return *v
	}
	micros := func(v *float64) int64 {
		if v == nil {
			return collector.Unlimited
		}
		return int64(*v * 1e6) // rounded down: a bound is a bound
	}
	x := c.X.Budget
	return collector.Budget{MonthPosts: posts(x.PostsPerMonth), RunPosts: posts(x.PostsPerRun), MonthMicros: micros(x.DollarsPerMonth),
		RunMicros: micros(x.DollarsPerRun), ResetDay: x.ResetDay}, true
}

func (c *Config) bluesky(s Settings) (out []Source) {
	password, err := c.Bluesky.Password.Read(c, s.Env)
	session := bluesky.NewSession(c.Bluesky.Base, c.Bluesky.Identifier, password, s.Client, s.Agent)
	searches := c.Bluesky.Searches
	if searches == nil {
		for _, q := range s.Queries["bluesky"] {
			searches = append(searches, BlueskySearch{Query: q, Lang: "en"})
		}
	}
	for _, q := range searches {
		src := &bluesky.Search{Session: session, Query: q.Query, Lang: q.Lang, Since: since(q.Since, s.Now), Overlap: q.Overlap.Or(defaultOverlap), Width: q.Window.D}
		src.Name = name("bluesky", src.Info().Query)
		out = append(out, Source{src, wrap("bluesky.password", err)})
	}
	return out
}

func since(m Moment, now time.Time) time.Time {
	if m.IsZero() {
		return now.Add(-firstLook)
	}
	return m.Time
}

func (c *Config) jetstream(s Settings) []Source {
	j := c.Jetstream
	src := &bluesky.Jetstream{Name: "jetstream", Any: j.Any, Langs: j.Langs, Hosts: j.Hosts, Since: j.Since.Time, Follow: s.Follow, Client: s.Client, Agent: s.Agent}
	if src.Any == nil {
		src.Any = s.Queries["jetstream"]
	}
	if len(src.Any) == 0 {
		return nil
	}
	return []Source{{src, nil}}
}

func (c *Config) mastodon(s Settings, m *Mastodon) (out []Source) {
	token, err := m.Token.Read(c, s.Env)
	tags := m.Tags
	if tags == nil {
		tags = s.Queries["mastodon"]
	}
	for _, tag := range tags {
		t := &mastodon.Tag{Name: "mastodon/" + m.Server + "/" + tag, Server: m.Server, Tag: strings.TrimPrefix(tag, "#"), Any: m.Any, None: m.None,
			Local: m.Local, Since: since(m.Since, s.Now), Overlap: m.Overlap.Or(lateStatuses)}
		out = append(out, Source{t.Connect(s.Client, m.Base, token, s.Agent), wrap("mastodon "+m.Server+": token", err)})
	}
	return out
}

func (c *Config) twitterV1(s Settings) (out []Source) {
	v := c.TwitterV1
	set := twitterv1.Config{Base: v.Base, Client: s.Client, Agent: s.Agent, Pace: v.Pace.D}
	token, err := v.Token.Read(c, s.Env)
	set.Token = token
	if o := v.OAuth1; o != nil {
		for _, f := range []struct {
			from Secret
			to   *string
		}{{o.ConsumerKey, &set.ConsumerKey}, {o.ConsumerSecret, &set.ConsumerSecret}, {o.AccessToken, &set.AccessToken}, {o.AccessSecret, &set.AccessSecret}} {
			var e error
			*f.to, e = f.from.Read(c, s.Env)
			err = cmp.Or(err, e)
		}
	}
	searches := v.Searches
	if searches == nil {
		for _, q := range s.Queries["twitterv1"] {
			searches = append(searches, V1Search{Query: q})
		}
	}
	for _, q := range searches {
		src, e := (&twitterv1.Search{Query: q.Query, Since: since(q.Since, s.Now), Overlap: q.Overlap.Or(defaultOverlap), Width: q.Window.D, Keeps: v.Keeps.D}).Connect(set)
		if e != nil {
			src = &twitterv1.Search{Query: q.Query}
		}
		src.Name = name("twitterv1", q.Query)
		out = append(out, Source{src, wrap("twitterv1", cmp.Or(err, e))})
	}
	return out
}

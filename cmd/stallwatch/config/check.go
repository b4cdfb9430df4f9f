package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// check reports every mistake that can be seen without asking anybody.
func (c *Config) check() error {
	var errs []error
	bad := func(path, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s: %s", c.at(path), path, fmt.Sprintf(format, args...)))
	}
	if c.X == nil && c.Bluesky == nil && c.Jetstream == nil && c.Mastodon == nil && c.TwitterV1 == nil {
		errs = append(errs, fmt.Errorf("%s: no source: give it a section x, bluesky, jetstream, mastodon or twitterv1 ('stallwatch config example' shows them all)", c.file))
	}
	if c.Every.Set && c.Every.D < time.Minute {
		bad("every", "%s is less than a minute", c.Every.D)
	}
	if c.X != nil {
		c.X.check(bad)
	}
	if b := c.Bluesky; b != nil {
		b.Password.check("bluesky.password", bad)
		checkBase("bluesky.base", b.Base, bad)
		if b.Identifier == "" {
			bad("bluesky.identifier", "is missing: the handle that logs in")
		}
	}
	if j := c.Jetstream; j != nil {
		for i, h := range j.Hosts {
			checkHost(fmt.Sprintf("jetstream.hosts[%d]", i), h, "wss", "ws", bad)
		}
	}
	for i, m := range c.Mastodon {
		path := fmt.Sprintf("mastodon[%d]", i)
		if m.Server == "" || strings.ContainsAny(m.Server, "/: ") {
			bad(path+".server", "%q is not the name of a server such as mastodon.social", m.Server)
		}
		checkBase(path+".base", m.Base, bad)
		if m.Token != (Secret{}) {
			m.Token.check(path+".token", bad)
		}
	}
	if v := c.TwitterV1; v != nil {
		v.check(bad)
	}
	return errors.Join(errs...)
}

func (x *X) check(bad func(path, format string, args ...any)) {
	x.Token.check("x.token", bad)
	checkBase("x.base", x.Base, bad)
	if x.Names != "" && x.Names != "tweet" && x.Names != "post" {
		bad("x.names", "%q is neither tweet nor post", x.Names)
	}
	b := x.Budget
	if b.DollarsPerMonth == nil && b.PostsPerMonth == nil {
		bad("x.budget", "needs dollars_per_month or posts_per_month: X bills every post, and nothing here asks before it reads")
	}
	for name, v := range map[string]*float64{"budget.dollars_per_month": b.DollarsPerMonth, "budget.dollars_per_run": b.DollarsPerRun,
		"prices.post": x.Prices.Post, "prices.counts_recent": x.Prices.CountsRecent, "prices.counts_all": x.Prices.CountsAll} {
		if v != nil && !(*v >= 0 && *v < 1e9) {
			bad("x."+name, "%v is no amount of dollars", *v)
		}
	}
	for name, v := range map[string]*int64{"posts_per_month": b.PostsPerMonth, "posts_per_run": b.PostsPerRun} {
		if v != nil && *v < 0 {
			bad("x.budget."+name, "%d is no number of posts", *v)
		}
	}
	if b.ResetDay < 0 || b.ResetDay > 28 {
		bad("x.budget.reset_day", "%d is not a day from 1 to 28", b.ResetDay)
	}
	for i, s := range x.Searches {
		s.check(fmt.Sprintf("x.searches[%d]", i), bad)
	}
}

func (s *XSearch) check(path string, bad func(path, format string, args ...any)) {
	limit := 512
	if s.Archive {
		limit = 1024
	}
	if n := len([]rune(s.Query)); n > limit {
		bad(path+".query", "%d characters; X takes %d", n, limit)
	}
	if s.Archive && s.Since.IsZero() {
		bad(path+".since", "is missing: the archive goes back to 2006, and every post of it costs")
	}
	if !s.Since.IsZero() && !s.Until.IsZero() && !s.Until.After(s.Since.Time) {
		bad(path+".until", "is not after since")
	}
	if s.By != "" && s.By != "time" && s.By != "id" {
		bad(path+".by", "%q is neither time nor id", s.By)
	}
	most := 100
	if s.Archive {
		most = 500
	}
	if s.Page != 0 && (s.Page < 10 || s.Page > most) {
		bad(path+".page", "%d is not from 10 to %d", s.Page, most)
	}
	if s.Window.Set && s.Window.D < time.Minute {
		bad(path+".window", "%s is less than a minute", s.Window.D)
	}
}

func (v *TwitterV1) check(bad func(path, format string, args ...any)) {
	if v.Base == "" {
		bad("twitterv1.base", "is missing: Twitter's own v1.1 search ended in 2023, so a compatible host must be named")
	}
	checkBase("twitterv1.base", v.Base, bad)
	if o := v.OAuth1; o != nil {
		if v.Token != (Secret{}) {
			bad("twitterv1.oauth1", "stands beside token: one of them")
		}
		o.ConsumerKey.check("twitterv1.oauth1.consumer_key", bad)
		o.ConsumerSecret.check("twitterv1.oauth1.consumer_secret", bad)
		o.AccessToken.check("twitterv1.oauth1.access_token", bad)
		o.AccessSecret.check("twitterv1.oauth1.access_secret", bad)
		return
	}
	v.Token.check("twitterv1.token", bad)
}

func checkBase(path, base string, bad func(path, format string, args ...any)) {
	if base != "" {
		checkHost(path, base, "https", "http", bad)
	}
}

// checkHost wants an encrypted connection, but for this machine: credentials go over it.
func checkHost(path, address, secure, plain string, bad func(path, format string, args ...any)) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != secure && u.Scheme != plain {
		bad(path, "%q is not an address that begins with %s://", address, secure)
		return
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == plain && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		bad(path, "%q would send credentials without encryption: use %s://", address, secure)
	}
}

// Secret says where a secret is: the name of an environment variable, or a file that only its owner can read.
type Secret struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

func (s Secret) check(path string, bad func(path, format string, args ...any)) {
	if (s.Env == "") == (s.File == "") {
		bad(path, "is missing: write {env: NAME} or {file: PATH}; the secret itself does not belong in this file")
	}
}

// Read gets the secret. A relative file is beside the configuration. Errors never hold what was read.
func (s Secret) Read(c *Config, env func(string) string) (string, error) {
	if s.Env != "" {
		if v := strings.TrimSpace(env(s.Env)); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("the environment variable %s is not set", s.Env)
	}
	if s.File == "" {
		return "", nil
	}
	name := s.File
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(c.file), name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others (mode %04o): chmod 600 %s", name, info.Mode().Perm(), name)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	v := strings.TrimSpace(string(b))
	if v == "" || strings.ContainsAny(v, "\r\n") {
		return "", fmt.Errorf("%s holds %d lines; one with the secret is wanted", name, strings.Count(v, "\n")+1)
	}
	return v, nil
}

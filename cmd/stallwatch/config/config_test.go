package config_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"stallwatch/classify"
	"stallwatch/cmd/stallwatch/config"
)

func env(string) string { return "secret" }

func TestExample(t *testing.T) {
	for name, raw := range map[string][]byte{
		"as it is":            config.Example,
		"with the rest of it": regexp.MustCompile(`(?m)^( *)# (twitterv1:|  base: https|  token:|  searches:|    - query|- query|  archive:|  since:|  until:)`).ReplaceAll(config.Example, []byte("$1$2")),
	} {
		c, err := config.Parse("example.yaml", raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		list, err := c.Sources(config.Settings{Env: env, Client: http.DefaultClient, Now: time.Now()})
		if err != nil || len(list) < 6 {
			t.Errorf("%s: %d sources, %v", name, len(list), err)
		}
		if b, ok := c.Budget(config.AccountX); !ok || b.MonthMicros != 50_000_000 || b.RunMicros != 20_000_000 || b.MonthPosts != 10_000 {
			t.Errorf("%s: budget %+v, %v", name, b, ok)
		}
	}
}

// TestDefaultQueries: a configuration without queries takes the thesis's, and they are within what the platforms take.
func TestDefaultQueries(t *testing.T) {
	th, err := classify.LoadThesis(classify.DefaultThesis)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("d.yaml", []byte(`
x: {token: {env: T}, budget: {posts_per_month: 1}}
bluesky: {identifier: a.test, password: {env: T}}
jetstream: {}
mastodon: [{server: far.example}]
twitterv1: {base: "https://v1.example/1.1", token: {env: T}}
`))
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Sources(config.Settings{Queries: th.Queries, Env: env, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, s := range list {
		i := s.Info()
		kinds[i.Kind]++
		if s.Err != nil {
			t.Errorf("%s: %v", i.Name, s.Err)
		}
		if i.Kind == "x" && len(i.Query) > 512 {
			t.Errorf("%s: %d characters; X takes 512", i.Name, len(i.Query))
		}
		if strings.Count(i.Query, "(") != strings.Count(i.Query, ")") || strings.Count(i.Query, `"`)%2 != 0 {
			t.Errorf("%s: brackets or quotes of %q do not match", i.Name, i.Query)
		}
	}
	for kind, n := range map[string]int{"x": 1, "bluesky": 5, "jetstream": 1, "mastodon": 4, "twitterv1": 1} {
		if kinds[kind] != n {
			t.Errorf("%d sources of %s, want %d", kinds[kind], kind, n)
		}
	}
}

func TestMistakes(t *testing.T) {
	const good = "x:\n  token: {env: T}\n  budget: {posts_per_month: 5}\n"
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown key", good + "evry: 5m\n", `c.yaml:4: unknown field "evry"`},
		{"unknown key deep down", good + "  searches:\n    - querry: a\n", `c.yaml:5: unknown field "querry"`},
		{"secret in the file", "x:\n  token: hunter2\n  budget: {posts_per_month: 5}\n", "c.yaml:2: "},
		{"no secret", "x:\n  token: {}\n  budget: {posts_per_month: 5}\n", "c.yaml:2: x.token: is missing"},
		{"no budget", "x:\n  token: {env: T}\n", "x.budget: needs"},
		{"negative money", "x:\n  token: {env: T}\n  budget:\n    dollars_per_month: -1\n", "c.yaml:4: x.budget.dollars_per_month"},
		{"not a time", good + "every: soon\n", `"soon" is not a length of time`},
		{"often", good + "every: 5s\n", "c.yaml:4: every: 5s is less than a minute"},
		{"plain http", good + "  base: http://api.x.com\n", "c.yaml:4: x.base"},
		{"archive from the beginning", good + "  searches:\n    - query: a\n      archive: true\n", "c.yaml:5: x.searches[0].since: is missing"},
		{"no source", "every: 15m\n", "c.yaml: no source"},
		{"nothing", "", "c.yaml: no source"},
		{"not YAML", "x: [1\n", "c.yaml:"},
		{"deep", strings.Repeat("[", 100_000), "c.yaml:1: brackets are nested"},
		{"large", strings.Repeat("# x\n", 100_000), "c.yaml: too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.Parse("c.yaml", []byte(c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse = %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestSecretFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	write := func(name, content string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("c.yaml", "x:\n  token: {file: token}\n  budget: {posts_per_month: 5}\n", 0o644)
	c, err := config.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.X.Token.Read(c, env); err == nil {
		t.Error("a file that is not there")
	}
	write("token", "hunter2\n", 0o600)
	if v, err := c.X.Token.Read(c, env); err != nil || v != "hunter2" {
		t.Errorf("Read = %q, %v", v, err)
	}
	if err := os.Chmod(filepath.Join(dir, "token"), 0o644); err != nil {
		t.Fatal(err)
	}
	if v, err := c.X.Token.Read(c, env); err == nil || v != "" || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("Read of a file others can read = %q, %v", v, err)
	}
	none := func(string) string { return "" }
	if _, err := (config.Secret{Env: "NOT_SET"}).Read(c, none); err == nil || !strings.Contains(err.Error(), "NOT_SET is not set") {
		t.Errorf("Read = %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(config.Example)
	f.Add([]byte("x: {token: {env: T}}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := config.Parse("f.yaml", raw)
		if err == nil && c == nil || err != nil && !bytes.Contains([]byte(err.Error()), []byte("f.yaml")) {
			t.Errorf("Parse = %v, %v", c, err)
		}
	})
}

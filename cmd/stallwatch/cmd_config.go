package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stallwatch/cmd/stallwatch/config"
	"stallwatch/collector"
)

// defaultConfig is the configuration's name unless --config or STALLWATCH_CONFIG gives another.
const defaultConfig = "stallwatch.yaml"

// errNoConfig is wrapped when there is no configuration.
var errNoConfig = errors.New("nothing to collect")

// configFlag is --config.
func (a *app) configFlag(c *cobra.Command) {
	file := defaultConfig
	if v := a.getenv("STALLWATCH_CONFIG"); v != "" {
		file = v
	}
	c.Flags().StringVar(&a.config, "config", file, "`FILE` that says what to collect (also set by STALLWATCH_CONFIG)")
}

// readConfig reads the configuration; errors of it are worth status 2.
func (a *app) readConfig() (*config.Config, error) {
	c, err := config.Read(a.path(a.config))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no %s to say what to collect; write one: stallwatch config example > %s, then edit it", errNoConfig, a.config, a.config)
	}
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	return c, nil
}

// sources makes the sources of a configuration, with the thesis's queries where it has none.
func (a *app) sources(c *config.Config, queries map[string][]string, follow bool) ([]config.Source, error) {
	return c.Sources(config.Settings{Queries: queries, Env: a.getenv, Agent: "stallwatch/" + version(), Now: time.Now().UTC(), Follow: follow})
}

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check the file that says what to collect, or print an example of it"}
	check := &cobra.Command{Use: "check", Short: "Read the configuration strictly, and list the sources it makes", Args: cobra.NoArgs,
		Long: `Reads the configuration as collect does: a key that is not known, a value that makes no sense, a missing budget are errors
with their lines. Then it lists the sources, and which of them lack a secret. Nothing is asked of any platform.`,
		RunE: does(func(context.Context, []string) error { return a.checkConfig() })}
	a.configFlag(check)
	c.AddCommand(check, &cobra.Command{Use: "example", Short: "Print a whole configuration with comments", Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error {
			_, err := a.stdout.Write(config.Example)
			return err
		})})
	return c
}

// checked is one source as config check shows it.
type checked struct {
	collector.Info
	Missing string `json:"missing,omitempty"`
}

func (a *app) checkConfig() error {
	c, err := a.readConfig()
	if err != nil {
		return err
	}
	t, err := a.thesisOnly()
	if err != nil {
		return err
	}
	list, err := a.sources(c, t.Queries, true)
	if err != nil {
		return &failure{exitUsage, err}
	}
	var out []checked
	missing := 0
	for _, s := range list {
		one := checked{Info: s.Info()}
		if s.Err != nil {
			one.Missing = s.Err.Error()
			missing++
		}
		out = append(out, one)
	}
	if a.json {
		if err := a.writeJSON(out); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.stdout, "%s: sound; %d sources, visited every %s\n", a.config, len(out), strings.TrimSuffix(c.Period().String(), "0s"))
		for _, s := range out {
			fmt.Fprintf(a.stdout, "  %-44s %s\n", s.Name, collector.Brief(s.Query))
		}
	}
	for _, s := range out {
		if s.Missing != "" {
			a.say("%s: %s", s.Name, s.Missing)
		}
	}
	if missing > 0 {
		return &failure{exitFailed, fmt.Errorf("%d of %d sources lack a secret", missing, len(out))}
	}
	return nil
}

// getenv reads the environment of whoever called the program. Of another's only the program's own variables are known here;
// secrets are this process's.
func (a *app) getenv(name string) string {
	if a.env != nil && strings.HasPrefix(name, "STALLWATCH_") {
		return a.env[name]
	}
	return os.Getenv(name)
}

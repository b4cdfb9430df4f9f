package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"stallwatch/classify"
)

// app is what the commands share: the streams and the flags that all of them take.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	ctx            context.Context   // of the command under way
	held           *keeper           // the store that this process has open, when the command runs for another
	dir            string            // where relative names of files are meant from; empty: this process's folder
	env            map[string]string // of whom the command runs for; nil: this process's
	config         string
	db             string
	thesis         string
	json           bool
	fast           bool
}

// defaultDB is the store's name unless --db or STALLWATCH_DB gives another.
const defaultDB = "stallwatch.db"

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "stallwatch",
		Short: "Measure the stance of social-media posts on a thesis",
		Long: `Stallwatch measures how many posts on social media take which stance on a thesis. The built-in thesis is
"Putin is stalling: he drags out or feigns peace talks, or prolongs the war, because delay serves him".

Start with:
  stallwatch demo                  a synthetic collection, judged, counted and shown: the whole job in a minute
  stallwatch import posts.jsonl    your own export file: X API v2, twarc2, X API v1.1, CSV, JSONL; .gz and .zst
  stallwatch summary               the figures in the terminal (--json for programs)
  stallwatch serve                 the same on a page in your browser

Results go to standard output, messages to standard error. Exit status: 0 all went well, 1 the command failed,
2 it was called wrongly, 3 it ran but some input could not be read.`,
		SilenceErrors:    true,
		SilenceUsage:     true,
		PersistentPreRun: func(c *cobra.Command, args []string) { a.resolve(c, args) },
	}
	db := defaultDB
	if v := a.getenv("STALLWATCH_DB"); v != "" {
		db = v
	}
	f := root.PersistentFlags()
	f.StringVar(&a.db, "db", db, "`FILE` of the store (also set by STALLWATCH_DB)")
	f.StringVar(&a.thesis, "thesis", classify.DefaultThesis, "`ID` of a built-in thesis, or a folder with one, as in ./my-thesis")
	f.BoolVar(&a.json, "json", false, "write the result as JSON")
	f.BoolVar(&a.fast, "fast", false, "judge with the fast tier alone, where the thesis has a careful one too")
	root.AddCommand(a.demoCommand(), a.importCommand(), a.summaryCommand(), a.serveCommand(), a.classifyCommand(),
		a.explainCommand(), a.postsCommand(), a.exportCommand(), a.reportCommand(), a.compareCommand(), a.labelCommand(),
		a.thesisCommand(), a.runsCommand(), a.reclassifyCommand(), a.checkCommand(), a.backupCommand(), a.compactCommand(), a.migrateCommand(), a.formatsCommand(), a.versionCommand(),
		a.collectCommand(), a.sourcesCommand(), a.configCommand(), a.forgetCommand())
	return root
}

// does wraps a command's work, so that its errors are told from those of usage.
func does(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		err := work(c.Context(), args)
		var f *failure
		if err == nil || errors.As(err, &f) {
			return err
		}
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted; run the same command again to go on")
		}
		return &failure{exitFailed, err}
	}
}

// say writes a message for people.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.stderr, format+"\n", args...) }

// writeJSON writes a result for programs.
func (a *app) writeJSON(v any) error {
	e := json.NewEncoder(a.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// isTerminal reports whether a stream is one that people look at.
func isTerminal(stream any) bool {
	if t, ok := stream.(interface{ Terminal() bool }); ok {
		return t.Terminal()
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// judge loads the thesis and its classifier: the careful tier over the fast one, unless there is none or --fast is given.
func (a *app) judge() (*classify.Thesis, classify.Classifier, error) {
	t, err := classify.LoadThesis(a.thesis)
	if err != nil {
		return nil, nil, err
	}
	c, err := classify.LoadBest(t, a.fast)
	return t, c, err
}

// judging is judge for commands that store what they judge: they say when there is no careful tier. (A filter says it verdict by verdict.)
func (a *app) judging() (*classify.Thesis, classify.Classifier, error) {
	t, c, err := a.judge()
	if err == nil && c.Card().Careful == nil && !a.fast {
		a.say("The fast tier judges alone: %s.", a.fastAlone(c))
	}
	return t, c, err
}

// fastAlone says why there is no careful tier over the classifier.
func (a *app) fastAlone(c classify.Classifier) string {
	l, ok := c.(*classify.Linear)
	if a.fast || !ok {
		return "--fast was given"
	}
	_, err := classify.LoadCareful(l)
	return strings.TrimPrefix(fmt.Sprint(err), classify.ErrNoCareful.Error()+": ")
}

// thesisOnly loads the thesis without its classifier.
func (a *app) thesisOnly() (*classify.Thesis, error) { return classify.LoadThesis(a.thesis) }

// version is the module version or the commit the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version of the program and of the thesis's model", Args: cobra.NoArgs,
		RunE: does(func(context.Context, []string) error {
			v := struct {
				Version string `json:"version"`
				Thesis  string `json:"thesis"`
				Model   string `json:"model"`
				Encoder string `json:"encoder,omitempty"` // of the careful tier
				Fast    string `json:"fast_only,omitempty"`
			}{Version: version(), Thesis: a.thesis}
			_, c, err := a.judge()
			if err != nil {
				return err
			}
			card := c.Card()
			v.Model = card.ID
			tier := "careful tier on encoder "
			if card.Careful != nil {
				v.Encoder = card.Careful.Encoder
				tier += v.Encoder
			} else {
				v.Fast = a.fastAlone(c)
				tier = "fast tier alone: " + v.Fast
			}
			if a.json {
				return a.writeJSON(v)
			}
			_, err = fmt.Fprintf(a.stdout, "stallwatch %s\nmodel %s\n%s\n", v.Version, v.Model, tier)
			return err
		})}
}

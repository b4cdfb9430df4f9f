package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stallwatch/cmd/stallwatch/remote"
	"stallwatch/store"
)

// elsewhere says that another process has the store open and runs commands for others.
type elsewhere struct{ owner store.Owner }

func (e *elsewhere) Error() string {
	return fmt.Sprintf("`%s` (process %d) has the store", e.owner.Command, e.owner.PID)
}

// path is a file as the caller means it: relative to the caller's folder, which is not this process's when the command runs for
// another.
func (a *app) path(name string) string {
	if a.dir == "" || name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(a.dir, name)
}

// resolve makes the names of files in a command line absolute when it comes from another folder: flags whose help calls
// their value a FILE or a FOLDER, the thesis's folder, and arguments that the command's usage calls so.
func (a *app) resolve(c *cobra.Command, args []string) {
	if a.dir == "" {
		return
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		kind, _ := pflag.UnquoteUsage(f)
		v := f.Value.String()
		if v == "" || v == "-" || kind != "FILE" && kind != "FOLDER" && (f.Name != "thesis" || !strings.ContainsAny(v, `/\.`)) {
			return
		}
		if err := f.Value.Set(a.path(v)); err != nil { // unreachable: these are strings
			a.say("--%s: %v", f.Name, err)
		}
	})
	always, perhaps := strings.Contains(c.Use, "FILE"), strings.HasSuffix(c.Use, " A B") // a side of a comparison may be a file
	for i, name := range args {
		_, err := os.Stat(a.path(name))
		if name != "-" && (always || perhaps && err == nil) {
			args[i] = a.path(name)
		}
	}
}

// stdinFor is standard input as a file, for arguments that name it; nil for others. What comes from another process comes
// through a pipe.
func (a *app) stdinFor(args []string) *os.File {
	if !slices.Contains(args, "-") {
		return nil
	}
	if f, ok := a.stdin.(*os.File); ok {
		return f
	}
	r, w, err := os.Pipe()
	if err != nil {
		return os.Stdin // which is at its end in a process without a terminal
	}
	in := a.stdin
	go func() {
		io.Copy(w, in)
		w.Close()
	}()
	return r
}

// lent is the store that this process has open already, if it is the one that is wanted.
func (a *app) lent() *store.Store {
	if a.held == nil {
		return nil
	}
	want, err := os.Stat(a.path(a.db))
	if err != nil {
		return nil
	}
	if have, err := os.Stat(a.held.store.Path()); err != nil || !os.SameFile(want, have) {
		return nil
	}
	return a.held.store.Share()
}

// open opens the store, or fails with elsewhere.
func (a *app) open(ctx context.Context, how func(string) (*store.Store, error)) (*store.Store, error) {
	if s := a.lent(); s != nil {
		return s, nil
	}
	db := a.path(a.db)
	if o, err := store.ReadOwner(db); err == nil && o.Control != "" && remote.Ping(ctx, o.Control, o.Token) {
		return nil, &elsewhere{o}
	}
	s, err := how(db)
	if errors.Is(err, store.ErrNoStore) {
		return nil, fmt.Errorf("%w: bring posts in first with 'stallwatch import FILE', or name the store with --db FILE", err)
	}
	return s, err
}

// openToRead opens the store for reading, and says what to do where there is none.
func (a *app) openToRead() (*store.Store, error) { return a.open(a.context(), store.OpenReadOnly) }

// openToWrite opens the store for writing, and makes one where there is none.
func (a *app) openToWrite(command string) (*store.Store, error) {
	s, err := a.open(a.context(), store.Open)
	if err != nil || a.held != nil && a.held.store == s {
		return s, err
	}
	if err := s.Announce(store.Owner{PID: os.Getpid(), Command: command, Since: time.Now().UTC()}); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (a *app) context() context.Context {
	if a.ctx != nil {
		return a.ctx
	}
	return context.Background()
}

// hand has the command run by the process that has the store.
func (a *app) hand(ctx context.Context, args []string, to *elsewhere) int {
	dir, err := os.Getwd()
	if err != nil {
		a.say("stallwatch: %v", err)
		return exitFailed
	}
	env := map[string]string{}
	for _, kv := range os.Environ() {
		if k, v, _ := strings.Cut(kv, "="); strings.HasPrefix(k, "STALLWATCH_") {
			env[k] = v
		}
	}
	var in io.Reader
	if !isTerminal(a.stdin) {
		in = a.stdin
	}
	code, err := remote.Run(ctx, to.owner.Control, to.owner.Token, remote.Request{Args: args, Dir: dir, Env: env, Terminal: isTerminal(a.stderr)},
		in, a.stdout, a.stderr)
	switch {
	case ctx.Err() != nil:
		a.say("stallwatch: interrupted; run the same command again to go on")
		return exitFailed
	case err != nil:
		a.say("stallwatch: `%s` (process %d) has the store and was to run this: %v", to.owner.Command, to.owner.PID, err)
		return exitFailed
	}
	return code
}

// own makes this process the one that has the store: commands of others come to it until stop.
func (a *app) own(ctx context.Context, k *keeper, command, page string) (stop func(), err error) {
	srv, err := remote.Listen(ctx, func(ctx context.Context, r remote.Request, stdin io.Reader, stdout, stderr io.Writer) int {
		b := &app{stdin: stdin, stdout: stdout, stderr: terminalLike{stderr, r.Terminal}, held: k, dir: r.Dir, env: r.Env}
		return b.run(ctx, r.Args)
	})
	if err != nil {
		return nil, err
	}
	err = k.store.Announce(store.Owner{PID: os.Getpid(), Command: command, Address: page, Since: time.Now().UTC(), Control: srv.URL, Token: srv.Token})
	if err != nil {
		srv.Close()
		return nil, err
	}
	return func() { srv.Close() }, nil
}

// terminalLike is the standard error of a caller elsewhere, which may be a terminal.
type terminalLike struct {
	io.Writer
	terminal bool
}

// Terminal reports whether somebody looks.
func (t terminalLike) Terminal() bool { return t.terminal }

// refuseHere refuses what only one process can do, when another one has the store.
func (a *app) refuseHere(what string) error {
	if a.held != nil {
		o, err := store.ReadOwner(a.held.store.Path())
		if err != nil {
			return fmt.Errorf("%s: another process has the store: %w", what, err)
		}
		at := ""
		if o.Address != "" {
			at = " at " + o.Address
		}
		return fmt.Errorf("`%s` (process %d, since %s)%s has %s already; stop it first (kill %d)", o.Command, o.PID, o.Since.Format("2006-01-02 15:04 UTC"), at, a.db, o.PID)
	}
	return nil
}

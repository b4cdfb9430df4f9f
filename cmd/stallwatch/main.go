// Command stallwatch measures how many social-media posts take which stance on a thesis: it imports posts from export
// files, judges them, keeps posts and counts in one file, and shows a summary with intervals.
//
// Exit status: 0 all went well; 1 the command failed; 2 it was called wrongly; 3 it ran, and some input could not be read.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Exit statuses.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPartial = 3
)

func main() {
	ballast := boundMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	runtime.KeepAlive(ballast)
	os.Exit(code)
}

// run is main without the process: tests call it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&app{stdin: stdin, stdout: stdout, stderr: stderr}).run(ctx, args)
}

// run executes one command line. When another process has the store and runs commands for others, that one does.
func (a *app) run(ctx context.Context, args []string) int {
	a.ctx = ctx
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	var failed *failure
	var other *elsewhere
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &other) && a.held == nil:
		return a.hand(ctx, args, other)
	case errors.As(err, &failed):
		if failed.err != nil {
			fmt.Fprintf(a.stderr, "stallwatch: %v\n", failed.err)
		}
		return failed.code
	}
	fmt.Fprintf(a.stderr, "stallwatch: %v\nRun 'stallwatch --help' for the commands, 'stallwatch COMMAND --help' for one of them.\n", err)
	return exitUsage
}

// failure is an error of a command that was called rightly. Any other error that reaches run is one of usage.
type failure struct {
	code int
	err  error // nil: everything has been said
}

func (f *failure) Error() string { return fmt.Sprint(f.err) }
func (f *failure) Unwrap() error { return f.err }

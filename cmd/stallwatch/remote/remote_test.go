package remote_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"stallwatch/cmd/stallwatch/remote"
)

func listen(t *testing.T, run remote.Command) *remote.Server {
	t.Helper()
	s, err := remote.Listen(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestRun(t *testing.T) {
	s := listen(t, func(_ context.Context, r remote.Request, in io.Reader, out, messages io.Writer) int {
		b, err := io.ReadAll(in)
		fmt.Fprintf(out, "%s in %s with %s: %d bytes, %v", r.Args, r.Dir, r.Env["A"], len(b), err)
		fmt.Fprint(messages, "said")
		return 3
	})
	var out, messages bytes.Buffer
	in := strings.Repeat("x", 3<<20)
	code, err := remote.Run(t.Context(), s.URL, s.Token, remote.Request{Args: []string{"import", "-"}, Dir: "/d", Env: map[string]string{"A": "b"}},
		strings.NewReader(in), &out, &messages)
	if err != nil || code != 3 || out.String() != fmt.Sprintf("[import -] in /d with b: %d bytes, <nil>", len(in)) || messages.String() != "said" {
		t.Errorf("Run = %d, %v; out %q, messages %q", code, err, out.String(), messages.String())
	}
}

// TestInterleaved: output comes while input still goes.
func TestInterleaved(t *testing.T) {
	s := listen(t, func(_ context.Context, _ remote.Request, in io.Reader, out, _ io.Writer) int {
		b := make([]byte, 1)
		for range 3 {
			if _, err := io.ReadFull(in, b); err != nil {
				return 1
			}
			out.Write(b)
		}
		return 0
	})
	r, w := io.Pipe()
	lines, got := io.Pipe()
	go func() {
		b := make([]byte, 1)
		for _, c := range "abc" {
			fmt.Fprint(w, string(c))
			if _, err := io.ReadFull(lines, b); err != nil || b[0] != byte(c) {
				w.CloseWithError(fmt.Errorf("got %q, %v", b, err))
				return
			}
		}
		w.Close()
	}()
	if code, err := remote.Run(t.Context(), s.URL, s.Token, remote.Request{}, r, got, io.Discard); err != nil || code != 0 {
		t.Errorf("Run = %d, %v", code, err)
	}
}

// TestInterrupt: a command that reads no input learns that its caller is gone, whether the input has ended or goes on.
func TestInterrupt(t *testing.T) {
	open, w := io.Pipe()
	defer w.Close()
	for name, stdin := range map[string]io.Reader{"none": nil, "empty": strings.NewReader(""), "open": open} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan struct{})
			s := listen(t, func(ctx context.Context, _ remote.Request, _ io.Reader, out, _ io.Writer) int {
				fmt.Fprint(out, "begun")
				<-ctx.Done()
				close(ended)
				return 1
			})
			ctx, cancel := context.WithCancel(t.Context())
			begun := writer(func(b []byte) {
				if len(b) > 0 {
					cancel()
				}
			})
			if _, err := remote.Run(ctx, s.URL, s.Token, remote.Request{}, stdin, begun, io.Discard); err == nil {
				t.Error("Run succeeded after an interruption")
			}
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Error("the command was not told")
			}
		})
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}

func TestToken(t *testing.T) {
	s := listen(t, func(context.Context, remote.Request, io.Reader, io.Writer, io.Writer) int {
		t.Error("ran without the token")
		return 0
	})
	if remote.Ping(t.Context(), s.URL, "wrong") || !remote.Ping(t.Context(), s.URL, s.Token) {
		t.Error("Ping does not tell the tokens apart")
	}
	if _, err := remote.Run(t.Context(), s.URL, s.Token[1:], remote.Request{}, nil, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("Run = %v, want 401", err)
	}
	if remote.Ping(t.Context(), "http://127.0.0.1:1", s.Token) {
		t.Error("Ping of nobody")
	}
}

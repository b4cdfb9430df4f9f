// Package remote runs a command line in the process that has the store open, for a caller that does not: its arguments, working
// directory, environment and standard input go there, its output and exit status come back as they are made.
//
// bbolt gives a file to one process. While serve or collect has it, they listen at an address of this machine that is
// written beside the store with a random token, readable by their user alone; whoever can read that could have opened the
// file itself. The listener is not the one of the page.
//
// # Wire
//
// POST /run. The body is one line of JSON, the Request, and after it standard input. The answer is lines of JSON, one
// Frame each; the last has the exit status. When the caller goes, the command's context ends.
package remote

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Request is a command to run.
type Request struct {
	Args     []string          `json:"args"`
	Dir      string            `json:"dir"` // absolute: relative names of files are meant from here
	Env      map[string]string `json:"env"`
	Terminal bool              `json:"terminal"` // somebody looks at standard error
}

// Frame is a piece of a command's output, or its end.
type Frame struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

// Command runs a request and returns its exit status.
type Command func(ctx context.Context, r Request, stdin io.Reader, stdout, stderr io.Writer) int

// maxRequest bounds the first line.
const maxRequest = 8 << 20

// Server runs commands for others. Close it.
type Server struct {
	URL   string
	Token string
	http  *http.Server
	done  chan struct{}
	base  context.CancelFunc
}

// Listen begins to serve on a free port of the loopback address.
func Listen(ctx context.Context, run Command) (*Server, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	raw := make([]byte, 32)
	rand.Read(raw) // never fails since Go 1.24
	base, cancel := context.WithCancel(ctx)
	s := &Server{URL: "http://" + l.Addr().String(), Token: hex.EncodeToString(raw), done: make(chan struct{}), base: cancel}
	s.http = &http.Server{Handler: handler(s.Token, run), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return base }}
	go func() {
		defer close(s.done)
		s.http.Serve(l)
	}()
	return s, nil
}

// Close ends the commands under way, waits some seconds for them, and stops listening.
func (s *Server) Close() error {
	s.base()
	stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := s.http.Shutdown(stop)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-s.done
	return err
}

func handler(token string, run Command) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /run", func(w http.ResponseWriter, r *http.Request) { serve(w, r, run) })
	want := []byte("Bearer " + token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			http.Error(w, "the token is wrong", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func serve(w http.ResponseWriter, r *http.Request, run Command) {
	control := http.NewResponseController(w)
	if err := control.EnableFullDuplex(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	in := bufio.NewReaderSize(r.Body, 64<<10)
	line, err := firstLine(in)
	var req Request
	if err == nil {
		err = json.Unmarshal(line, &req)
	}
	if err != nil {
		http.Error(w, "the request cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Connection", "close") // the command may not have read its input to the end
	f := &frames{w: json.NewEncoder(w), flush: control.Flush}
	f.send(Frame{}) // the caller knows now that it is under way
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stdin := readAhead(in, cancel)
	defer stdin.Close() // ends the reading where the command has left input over
	code := run(ctx, req, stdin, f.stream(false), f.stream(true))
	f.send(Frame{Exit: &code})
}

// readAhead reads the caller's input whether the command asks for it or not, and says when the caller is gone: net/http notices that only
// of a caller whose request it has read to the end, and many commands read no input.
func readAhead(in io.Reader, gone func()) *io.PipeReader {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, in)
		if err != nil {
			gone()
		}
		w.CloseWithError(err)
	}()
	return r
}

func firstLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, more, err := in.ReadLine()
		if line = append(line, part...); err != nil || !more {
			return line, err
		}
		if len(line) > maxRequest {
			return nil, errors.New("too long")
		}
	}
}

// frames writes frames from several goroutines.
type frames struct {
	mu    sync.Mutex
	w     *json.Encoder
	flush func() error
}

func (f *frames) send(fr Frame) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.w.Encode(fr); err != nil {
		return err
	}
	return f.flush()
}

func (f *frames) stream(stderr bool) io.Writer { return &stream{f, stderr} }

type stream struct {
	frames *frames
	stderr bool
}

// Write sends a frame.
func (s *stream) Write(b []byte) (int, error) {
	fr := Frame{Out: b}
	if s.stderr {
		fr = Frame{Err: b}
	}
	if err := s.frames.send(fr); err != nil {
		return 0, err
	}
	return len(b), nil
}

// client has no proxy: what goes to this machine stays on it.
var client = &http.Client{Transport: &http.Transport{}}

// Ping reports whether somebody answers at the address who knows the token.
func Ping(ctx context.Context, url, token string) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	resp, err := do(ctx, http.MethodGet, url+"/ping", token, nil)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func do(ctx context.Context, method, url, token string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return client.Do(req)
}

// Run has a command run at the address and passes its output on. It returns the command's exit status. stdin may be nil.
func Run(ctx context.Context, url, token string, r Request, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	var body io.Reader = bytes.NewReader(append(line, '\n'))
	if stdin != nil {
		body = io.MultiReader(body, stdin)
	}
	resp, err := do(ctx, http.MethodPost, url+"/run", token, io.NopCloser(body))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 1000)) // only for the message
		return 0, fmt.Errorf("%s: %s", resp.Status, bytes.TrimSpace(said))
	}
	for d := json.NewDecoder(bufio.NewReaderSize(resp.Body, 64<<10)); ; {
		var f Frame
		if err := d.Decode(&f); err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("it has gone away before the end")
			}
			return 0, err
		}
		if err := write(stdout, f.Out); err != nil {
			return 0, err
		}
		if err := write(stderr, f.Err); err != nil {
			return 0, err
		}
		if f.Exit != nil {
			return *f.Exit, nil
		}
	}
}

func write(w io.Writer, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := w.Write(b)
	return err
}

// Package replay stands in for platforms in tests: it serves recorded exchanges, spoils answers on the way, and connects a
// client with a handler in memory, so that a test with hours of waiting runs in a testing/synctest bubble in no time.
//
// # Recordings
//
// A recording is a txtar archive. Each file is one exchange: its name is the request, its content the answer.
//
//	-- GET /2/tweets/search/recent?query=peace&next_token=b26 --
//	HTTP/1.1 200 OK
//	X-Rate-Limit-Remaining: 449
//
//	{"data":[…],"meta":{"result_count":10}}
//
// An exchange answers a request with its method and path that has all its parameters with these values; what else the
// request asks does not matter, and a parameter written as -name must be absent. Each is served once, in their order. Posts of real people
// are never recorded.
package replay

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/txtar"
)

// Recording serves recorded exchanges. It is an http.Handler, safe for concurrent use.
type Recording struct {
	mu        sync.Mutex
	exchanges []*exchange
	strange   []string // requests that nothing answered
}

type exchange struct {
	name   string
	method string
	path   string
	query  url.Values
	raw    []byte
	served bool
}

// Parse reads a recording.
func Parse(raw []byte) (*Recording, error) {
	var r Recording
	for _, f := range txtar.Parse(raw).Files {
		method, target, ok := strings.Cut(f.Name, " ")
		u, err := url.Parse(target)
		if !ok || err != nil {
			return nil, fmt.Errorf("recording: %q is no request such as GET /path?a=b", f.Name)
		}
		x := &exchange{name: f.Name, method: method, path: u.Path, query: u.Query(), raw: f.Data}
		if _, err := x.response(nil); err != nil {
			return nil, fmt.Errorf("recording: %s: %w", f.Name, err)
		}
		r.exchanges = append(r.exchanges, x)
	}
	if len(r.exchanges) == 0 {
		return nil, fmt.Errorf("recording: no exchanges")
	}
	return &r, nil
}

// response reads the answer. The body is all that follows the head, whatever its Content-Length.
func (x *exchange) response(req *http.Request) (*http.Response, error) {
	head, body, ok := bytes.Cut(x.raw, []byte("\n\n"))
	if !ok {
		head, body = bytes.TrimRight(x.raw, "\n"), nil
	}
	head = append(bytes.ReplaceAll(bytes.ReplaceAll(head, []byte("\r"), nil), []byte("\n"), []byte("\r\n")), "\r\n\r\n"...)
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), req)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(bytes.TrimSuffix(body, []byte("\n"))))
	return resp, nil
}

func (x *exchange) answers(r *http.Request) bool {
	if x.served || x.method != r.Method || x.path != r.URL.Path {
		return false
	}
	q := r.URL.Query()
	for k, v := range x.query {
		if absent, ok := strings.CutPrefix(k, "-"); ok {
			if q.Has(absent) {
				return false
			}
		} else if q.Get(k) != v[0] {
			return false
		}
	}
	return true
}

// ServeHTTP answers with the first exchange that fits and was not served yet, or with 501.
func (r *Recording) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	var found *exchange
	for _, x := range r.exchanges {
		if x.answers(req) {
			found, x.served = x, true
			break
		}
	}
	if found == nil {
		r.strange = append(r.strange, req.Method+" "+req.URL.String())
	}
	r.mu.Unlock()
	if found == nil {
		http.Error(w, "nothing recorded answers "+req.URL.String(), http.StatusNotImplemented)
		return
	}
	resp, err := found.response(req)
	if err != nil { // unreachable: Parse has read it
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}

// Rest lists what was never asked for, and what was asked for and is not recorded.
func (r *Recording) Rest() (unused, strange []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.exchanges {
		if !x.served {
			unused = append(unused, x.name)
		}
	}
	return unused, r.strange
}

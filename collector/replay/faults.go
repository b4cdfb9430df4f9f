package replay

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault spoils one answer. good asks the real handler for it; a fault need not.
type Fault func(w http.ResponseWriter, r *http.Request, good func() *httptest.ResponseRecorder)

// Faulty is a handler between a client and a good one. Pick chooses what happens to the n-th request, counted from 0; nil
// is nothing.
type Faulty struct {
	Next http.Handler
	Pick func(n int, r *http.Request) Fault

	mu sync.Mutex
	n  int
}

// ServeHTTP answers, well or badly.
func (f *Faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault := f.Pick(f.n, r)
	f.n++
	f.mu.Unlock()
	if fault == nil {
		f.Next.ServeHTTP(w, r)
		return
	}
	fault(w, r, func() *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		f.Next.ServeHTTP(rec, r)
		return rec
	})
}

// Seen is how many requests have come.
func (f *Faulty) Seen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

func send(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	w.Write(rec.Body.Bytes())
}

// Status answers with a status and a body, and does not trouble the handler.
func Status(code int, contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// TooMany answers 429 with the moment of the reset in the header that the platform uses, as Unix seconds; an empty header: without one.
func TooMany(header string, wait time.Duration) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
		if header != "" {
			w.Header().Set(header, strconv.FormatInt(time.Now().Add(wait).Unix(), 10))
		}
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

// Broken answers as a server that has failed.
var Broken = Status(http.StatusInternalServerError, "text/html", "<html><h1>Internal Server Error</h1></html>")

// WrongJSON answers 200 with a page of HTML.
var WrongJSON = Status(http.StatusOK, "application/json", "<!doctype html><title>Just a moment…</title>")

// Expired answers as if the credentials had run out.
var Expired = Status(http.StatusUnauthorized, "application/json", `{"error":"ExpiredToken","message":"Token has expired","title":"Unauthorized","detail":"Unauthorized","status":401}`)

// CutJSON answers with the first half of the good body, as if that were all.
func CutJSON(w http.ResponseWriter, _ *http.Request, good func() *httptest.ResponseRecorder) {
	rec := good()
	rec.Body.Truncate(rec.Body.Len() / 2)
	rec.Header().Del("Content-Length")
	send(w, rec)
}

// CutGzip packs the good body and hangs up in the middle of it.
func CutGzip(w http.ResponseWriter, _ *http.Request, good func() *httptest.ResponseRecorder) {
	rec := good()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(rec.Body.Bytes())
	z.Close()
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(packed.Len()))
	w.WriteHeader(rec.Code)
	w.Write(packed.Bytes()[:packed.Len()/2])
	panic(http.ErrAbortHandler)
}

// Slow answers well, after a time.
func Slow(d time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, good func() *httptest.ResponseRecorder) {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			send(w, good())
		case <-r.Context().Done():
		}
	}
}

// Skewed answers as a server whose clock is wrong by d: its date and its resets are.
func Skewed(d time.Duration) Fault {
	return func(w http.ResponseWriter, _ *http.Request, good func() *httptest.ResponseRecorder) {
		rec := good()
		for k := range rec.Header() {
			if n, err := strconv.ParseInt(rec.Header().Get(k), 10, 64); err == nil && n > 1e9 && strings.HasSuffix(k, "-Reset") {
				rec.Header().Set(k, strconv.FormatInt(n+int64(d/time.Second), 10))
			}
		}
		rec.Header().Set("Date", time.Now().Add(d).UTC().Format(http.TimeFormat))
		send(w, rec)
	}
}

// Repeater makes a fault that answers with the last good answer to the same path again: duplicate and overlapping pages.
func Repeater() Fault {
	var mu sync.Mutex
	last := map[string]*httptest.ResponseRecorder{}
	return func(w http.ResponseWriter, r *http.Request, good func() *httptest.ResponseRecorder) {
		mu.Lock()
		defer mu.Unlock()
		rec := last[r.URL.Path]
		if rec == nil {
			rec = good()
			last[r.URL.Path] = rec
		} else {
			delete(last, r.URL.Path)
		}
		copied := httptest.NewRecorder()
		copied.Code = rec.Code
		for k, v := range rec.Header() {
			copied.Header()[k] = v
		}
		copied.Body = bytes.NewBuffer(bytes.Clone(rec.Body.Bytes()))
		send(w, copied)
	}
}

// Handler is a handler with nothing good behind the fault.
func (f Fault) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, httptest.NewRecorder) })
}

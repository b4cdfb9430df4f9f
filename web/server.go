package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"stallwatch/classify"
	"stallwatch/store"
)

// figuresTimeout bounds the making of one page's figures.
const figuresTimeout = 30 * time.Second

// Config is what a server shows and to whom. Thesis and Figures are required. Its functions are called from several
// goroutines at once.
type Config struct {
	Thesis *classify.Thesis
	// Figures makes the figures under a filter.
	Figures func(ctx context.Context, f store.Filter) (Figures, error)
	// Ledger lists the entries of the thesis, newest first; nil shows none.
	Ledger func(ctx context.Context) ([]store.Entry, error)
	// Posts lists up to n posts, newest first, from where after points to; nil lists none. A cursor that is none of the
	// store's is an error that wraps store.ErrBadCursor.
	Posts func(ctx context.Context, f store.Filter, after store.Cursor, n int) ([]store.Record, store.Cursor, error)
	// Choices are what the posts' filters offer; nil offers nothing.
	Choices func(ctx context.Context) (Choices, error)
	// Explain finds the words that carried the verdict on a post, or what is known of them without waiting; nil marks none.
	Explain func(store.Record) Evidence
	// Generation changes with every write to the store, and when Explain would answer otherwise. Answers are kept for as long as it stays; nil keeps none.
	Generation func() uint64
	Log        *slog.Logger // nil discards
	Version    string
	// More are further paths, as http.ServeMux patterns: what the process answers beside the pages, under the same rules.
	More map[string]http.HandlerFunc
	// Public says that others than the operator read the pages: verbatim posts, small steps and names of files are left
	// out, posts cannot be browsed, and each client's rate is limited. A server that is not public answers only to the
	// names of this machine, so that no page on the web can read it through a name that resolves here (DNS rebinding).
	Public bool
}

// Server serves the pages of one thesis. It is a handler; Close ends the streams of live updates.
type Server struct {
	Config
	assets assets
	cache  cache
	live   live
	close  sync.Once
	http.Handler
}

// NewServer makes a server.
func NewServer(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Config: cfg, assets: loadAssets(), live: live{stop: make(chan struct{})}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.keep(s.summary))
	mux.HandleFunc("GET /summary.json", s.keep(s.summaryJSON))
	mux.HandleFunc("GET /summary.csv", s.keep(s.summaryCSV))
	mux.HandleFunc("GET /summary.csv-metadata.json", s.keep(s.metadata))
	mux.HandleFunc("GET /summary.json-metadata.json", s.keep(s.metadataJSON))
	mux.HandleFunc("GET /chart.svg", s.keep(s.chartFile))
	mux.HandleFunc("GET /chart.png", s.keep(s.chartFile))
	mux.HandleFunc("GET /embed", s.keep(s.embed))
	mux.HandleFunc("GET /feed.atom", s.keep(s.feed))
	mux.HandleFunc("GET /posts", s.keep(s.posts))
	mux.HandleFunc("GET /runs", s.keep(s.runs))
	mux.HandleFunc("GET /method", s.keep(s.method))
	mux.HandleFunc("GET /live", s.liveStream)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /static/{name}", s.assets.serve)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.notFound(r).send(w, r) })
	for pattern, h := range cfg.More {
		mux.HandleFunc(pattern, h)
	}
	s.Handler = secure(mux, cfg.Public)
	return s
}

// Close ends the streams of live updates, which would otherwise hold up the end of the server. It may be called twice.
func (s *Server) Close() { s.close.Do(func() { close(s.live.stop) }) }

func (s *Server) generation() uint64 {
	if s.Generation == nil {
		return 0
	}
	return s.Generation()
}

// view makes the answer to a request. What it reads of the request must be in the address or the host name.
type view func(r *http.Request) *answer

// keep answers from what is kept while the store stays the same.
func (s *Server) keep(v view) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.Generation == nil {
			v(r).send(w, r)
			return
		}
		key := r.Host + r.URL.Path + "?" + r.URL.RawQuery
		s.cache.get(s.Generation(), key, func() *answer { return v(r) }).send(w, r)
	}
}

// figures answers the request's filter, or says in a page what is wrong.
func (s *Server) figures(r *http.Request) (Figures, *answer) {
	f, problems := parseFilter(r.URL.Query())
	if len(problems) > 0 {
		return Figures{}, s.badFilter(r, problems)
	}
	// Others may wait for the same figures: that this reader goes does not end their making.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), figuresTimeout)
	defer cancel()
	figs, err := s.Figures(ctx, f)
	if err != nil {
		return Figures{}, s.failed(r, err)
	}
	if s.Public {
		figs = figs.public()
	}
	return figs, nil
}

func (s *Server) summaryJSON(r *http.Request) *answer {
	f, problem := s.figures(r)
	if problem != nil {
		return problem
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, f); err != nil {
		return s.failed(r, err) // unreachable: figures hold no value that JSON lacks
	}
	return newAnswer("application/json", b.Bytes()).with("Link", describedBy("/summary.json-metadata.json", "application/ld+json", f))
}

func (s *Server) summaryCSV(r *http.Request) *answer {
	f, problem := s.figures(r)
	if problem != nil {
		return problem
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, f); err != nil {
		return s.failed(r, err) // unreachable: a buffer takes all
	}
	return newAnswer("text/csv; charset=utf-8", b.Bytes()).with("Link", describedBy("/summary.csv-metadata.json", "application/csvm+json", f)).
		with("Content-Disposition", `attachment; filename="stallwatch-`+s.Thesis.ID+`.csv"`)
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	(&answer{status: http.StatusOK, contentType: "text/plain; charset=utf-8", body: []byte("ok " + s.Version + "\n")}).
		with("Cache-Control", "no-store").send(w, r)
}

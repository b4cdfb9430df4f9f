package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"stallwatch/classify"
	"stallwatch/store"
)

// figuresTimeout bounds the making of one page's figures.
const figuresTimeout = 30 * time.Second

// Config is what a server shows and to whom. Thesis and Figures are required.
type Config struct {
	Thesis *classify.Thesis
	// Figures makes the figures under a filter. It is called for every request, at once from several goroutines.
	Figures func(ctx context.Context, f store.Filter) (Figures, error)
	Log     *slog.Logger // nil discards
	Version string
	// Public says that others than the operator read the pages: verbatim posts, small steps and names of files are left
	// out. A server that is not public answers only to the names of this machine, so that no page on the web can read it
	// through a name that resolves here (DNS rebinding).
	Public bool
}

type server struct {
	Config
	assets assets
}

// NewServer serves the pages of one thesis.
func NewServer(cfg Config) http.Handler {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{Config: cfg, assets: loadAssets()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.summary)
	mux.HandleFunc("GET /summary.json", s.summaryJSON)
	mux.HandleFunc("GET /summary.csv", s.summaryCSV)
	mux.HandleFunc("GET /method", s.method)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /static/{name}", s.assets.serve)
	mux.HandleFunc("/", s.notFound)
	return secure(mux, cfg.Public)
}

// figures answers the request's filter, or answers the request itself with a page that says what is wrong.
func (s *server) figures(w http.ResponseWriter, r *http.Request) (Figures, bool) {
	f, problems := parseFilter(r.URL.Query())
	if len(problems) > 0 {
		s.badFilter(w, problems)
		return Figures{}, false
	}
	ctx, cancel := context.WithTimeout(r.Context(), figuresTimeout)
	defer cancel()
	figs, err := s.Figures(ctx, f)
	if err != nil {
		if r.Context().Err() == nil { // else nobody is there to be told
			s.Log.Error("figures", "path", r.URL.Path, "err", err)
			s.failed(w)
		}
		return Figures{}, false
	}
	if s.Public {
		figs = figs.public()
	}
	return figs, true
}

func (s *server) summaryJSON(w http.ResponseWriter, r *http.Request) {
	f, ok := s.figures(w, r)
	if !ok {
		return
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, f); err != nil {
		s.Log.Error("write JSON", "err", err) // unreachable: figures hold no value that JSON lacks
		s.failed(w)
		return
	}
	send(w, http.StatusOK, "application/json", b.Bytes())
}

func (s *server) summaryCSV(w http.ResponseWriter, r *http.Request) {
	f, ok := s.figures(w, r)
	if !ok {
		return
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, f); err != nil {
		s.Log.Error("write CSV", "err", err) // unreachable: a buffer takes all
		s.failed(w)
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="stallwatch-`+s.Thesis.ID+`.csv"`)
	send(w, http.StatusOK, "text/csv; charset=utf-8", b.Bytes())
}

func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok "+s.Version+"\n"))
}

// send writes a whole answer. Its error is that of a reader who has gone.
func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

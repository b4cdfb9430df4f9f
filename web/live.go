package web

import (
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Live updates are server-sent events (WHATWG HTML, section 9.2): one "change" event when the store has changed, with its
// generation, at most one in liveEvery. The page's script then loads the page again; without script nothing is lost.
const (
	liveEvery   = 2 * time.Second
	liveQuiet   = 25 * time.Second // a comment keeps proxies from closing a quiet stream
	liveReaders = 256              // streams at once
)

// live counts the open streams and ends them when the server stops.
type live struct {
	open atomic.Int32
	stop chan struct{}
}

func (s *Server) liveStream(w http.ResponseWriter, r *http.Request) {
	if s.live.open.Add(1) > liveReaders {
		s.live.open.Add(-1)
		w.Header().Set("Retry-After", "60")
		http.Error(w, "Too many readers follow this page live. It shows the same when it is loaded again.", http.StatusServiceUnavailable)
		return
	}
	defer s.live.open.Add(-1)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	write := func(format string, args ...any) bool {
		_ = out.SetWriteDeadline(time.Now().Add(liveQuiet)) // not every writer can; the server's own can
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	seen := r.Header.Get("Last-Event-ID")
	if seen == "" {
		seen = r.URL.Query().Get("since")
	}
	quiet := time.Duration(0)
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	if !write("retry: 5000\n\n") {
		return
	}
	for {
		if gen := strconv.FormatUint(s.generation(), 36); gen != seen {
			if !write("id: %s\nevent: change\ndata: %s\n\n", gen, gen) {
				return
			}
			seen, quiet = gen, 0
		} else if quiet += liveEvery; quiet >= liveQuiet/2 {
			if !write(": quiet\n\n") {
				return
			}
			quiet = 0
		}
		select {
		case <-tick.C:
		case <-s.live.stop:
			return
		case <-r.Context().Done():
			return
		}
	}
}

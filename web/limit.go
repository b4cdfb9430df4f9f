package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The rate of one client on a public server: a reader opens a page with two files and leafs through filters; who asks for
// more in the long run is a program, and the downloads hold everything at once.
const (
	clientRate  = 10 // requests a second
	clientBurst = 60
	// maxClients bounds the memory; past it those that have been quiet for a minute are forgotten.
	maxClients = 20_000
)

// limiter gives each client its own bucket. It is safe for concurrent use.
type limiter struct {
	mu      sync.Mutex
	clients map[netip.Prefix]*client
	now     func() time.Time
}

type client struct {
	bucket *rate.Limiter
	seen   time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{clients: map[netip.Prefix]*client{}, now: now}
}

// limit refuses what is over the rate with 429 and says when to come back.
func (l *limiter) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.allow(clientOf(r)) {
			w.Header().Set("Retry-After", "5")
			http.Error(w, "Too many requests from your address. Wait a few seconds; /summary.csv and /summary.json hold all figures at once.",
				http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (l *limiter) allow(who netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c := l.clients[who]
	if c == nil {
		if len(l.clients) >= maxClients {
			l.forget(now)
		}
		c = &client{bucket: rate.NewLimiter(clientRate, clientBurst)}
		l.clients[who] = c
	}
	c.seen = now
	return c.bucket.AllowN(now, 1)
}

// forget drops the clients whose buckets have filled up again, or all where that is none: a flood of addresses must not
// cost the memory.
func (l *limiter) forget(now time.Time) {
	for who, c := range l.clients {
		if now.Sub(c.seen) > time.Minute {
			delete(l.clients, who)
		}
	}
	if len(l.clients) >= maxClients {
		clear(l.clients)
	}
}

// clientOf is who asks: an IPv4 address or the /64 an IPv6 customer has. Behind a proxy on this machine it is the address
// the proxy added last to X-Forwarded-For; from anywhere else that header is a claim and not looked at.
func clientOf(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	if ip.Unmap().IsLoopback() {
		list := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		last := strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
		if forwarded, err := netip.ParseAddr(last); err == nil {
			ip = forwarded
		}
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // unreachable: both are in range
	return p
}

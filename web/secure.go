package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// policy lets a page load this server's style sheet and script, ask this server for changes, and send its own form;
// nothing else. Charts are markup, so that no image source but the icon is needed.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "

// maxBody bounds what a request may send. No page reads a body.
const maxBody = 64 << 10

// secure sets the headers every answer has and refuses what no reader of the pages sends: writes from other sites, too
// large bodies and, unless public, foreign host names; on a public server also more requests than a reader makes.
func secure(next http.Handler, public bool) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	if public {
		next = newLimiter(time.Now).limit(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy+"frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.URL.Path == "/embed" {
			h.Set("Content-Security-Policy", policy+"frame-ancestors *")
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if !public && !ownHost(r.Host) {
			http.Error(w, "This server answers only to localhost or an IP address. To serve a name, start it as public.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// ownHost reports whether a Host header is localhost or an address: what DNS rebinding cannot fake.
func ownHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// DefaultAddr is where the pages are served unless told otherwise: on this machine only.
const DefaultAddr = "127.0.0.1:8080"

// nextPorts is how many ports after the default one are tried.
const nextPorts = 20

// Timeouts of the server. Writing must outlast figuresTimeout.
const (
	readTimeout     = 10 * time.Second
	writeTimeout    = figuresTimeout + 15*time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second
	maxHeaderBytes  = 32 << 10
)

// Listen opens addr. An empty one means [DefaultAddr] or, where that port is taken, one of the next; a chosen address is
// never replaced by another. The listener's Addr is what was bound, and [URL] writes it for a reader.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	if addr != "" {
		return listen(ctx, addr)
	}
	host, first, _ := net.SplitHostPort(DefaultAddr) // unreachable: a constant
	port, _ := strconv.Atoi(first)
	for i := range nextPorts {
		l, err := listen(ctx, net.JoinHostPort(host, strconv.Itoa(port+i)))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return l, err
		}
	}
	return nil, fmt.Errorf("listen: ports %d to %d of %s are all in use; choose one with an address such as %s:9000",
		port, port+nextPorts-1, host, host)
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// URL is the address to open in a browser. A listener on all addresses is reached as localhost.
func URL(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// Serve answers until ctx is done, then lets open requests finish for a few seconds. It closes l and, where it has a
// Close method such as [Server]'s, h.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{
		Handler: h, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
	}
	if c, ok := h.(interface{ Close() }); ok {
		srv.RegisterOnShutdown(c.Close)
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	// ctx is done, so that the deadline of stopping cannot come from it.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		return fmt.Errorf("serve %s: stop: %w", l.Addr(), errors.Join(err, srv.Close()))
	}
	<-failed
	return nil
}

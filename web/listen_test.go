package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"stallwatch/web"
)

func TestListenTakenPort(t *testing.T) {
	ctx := t.Context()
	first, err := web.Listen(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := web.Listen(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if first.Addr().String() == second.Addr().String() || !second.Addr().(*net.TCPAddr).IP.IsLoopback() {
		t.Errorf("addresses %v and %v, want two of this machine only", first.Addr(), second.Addr())
	}
	if l, err := web.Listen(ctx, first.Addr().String()); err == nil {
		l.Close()
		t.Error("a chosen address that is taken was replaced")
	}
}

func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l, err := web.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	entered, release := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "whole answer")
	})
	done := make(chan error, 1)
	go func() { done <- web.Serve(ctx, l, h) }()
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get(web.URL(l))
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		answer <- string(b)
	}()
	<-entered
	cancel() // while a request is open
	close(release)
	if got := <-answer; got != "whole answer" {
		t.Errorf("the open request got %q", got)
	}
	if err := <-done; err != nil {
		t.Errorf("Serve = %v after its context ended, want nil", err)
	}
}

func TestURL(t *testing.T) {
	l, err := web.Listen(t.Context(), ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := web.URL(l); !strings.HasPrefix(got, "http://localhost:") {
		t.Errorf("URL of a listener on all addresses = %q", got)
	}
}

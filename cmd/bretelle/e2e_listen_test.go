package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// The webhook listener sends nobody elsewhere: what is no path of ours is answered as such, in JSON (RELIABILITY, A-3).
func TestHooksListenerAnswersOddPaths(t *testing.T) {
	b := newBot(t)
	b.start()
	addr := strings.TrimSuffix(strings.TrimPrefix(b.hooks, "http://"), "/hooks/")
	for _, path := range []string{"/hooks//x", "/hooks/../hooks/x", "/hooks/./x", "/hooks/x/", "/hooks", "/hooks/", "//hooks/x", "/", "/healthz", "/hooks/%2e%2e/x", "/hooks/a%2fb"} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		// By hand: a client would tidy the path.
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", path)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if resp.StatusCode != http.StatusNotFound || !strings.Contains(string(body), `"result":"not_found"`) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}

// Whoever sends or takes their bytes too slowly is let go, on both listeners.
func TestServersHaveLimits(t *testing.T) {
	s := server(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("a limit is missing: %v %v %v %v %d", s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout, s.MaxHeaderBytes)
	}
}

package connectors_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// service answers each connection with the bytes it is told, and keeps what was asked.
type service struct {
	mu    sync.Mutex
	dials []string
	asked []string
}

// dial is an Exits.Dial. answer gets the connection after the head of the request was read.
func (s *service) dial(answer func(conn net.Conn, in *bufio.Reader)) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, _, address string) (net.Conn, error) {
		mine, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			in := bufio.NewReader(theirs)
			var head strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if head.WriteString(line); line == "\r\n" {
					break
				}
			}
			s.mu.Lock()
			s.dials = append(s.dials, address)
			s.asked = append(s.asked, head.String())
			s.mu.Unlock()
			answer(theirs, in)
		}()
		return mine, nil
	}
}

func says(text string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, _ *bufio.Reader) { _, _ = io.WriteString(c, text) }
}

func TestWhatIsSent(t *testing.T) {
	const common = "Accept: application/json, */*;q=0.5\r\nAccept-Encoding: identity\r\n"
	for _, x := range []struct {
		in         map[string]any
		dial, want string
	}{
		{map[string]any{"method": "GET", "url": "http://example.org"}, "example.org:80",
			"GET / HTTP/1.1\r\nHost: example.org\r\n" + common + "User-Agent: Bretelle\r\nConnection: close\r\n\r\n"},
		{map[string]any{"method": "POST", "url": "http://Bücher.example:8080/a%20b?q=1 2#frag"}, "xn--bcher-kva.example:8080",
			"POST /a%20b?q=1%202 HTTP/1.1\r\nHost: xn--bcher-kva.example:8080\r\n" + common + "User-Agent: Bretelle\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
		{map[string]any{"method": "DELETE", "url": "http://[2001:db8::1]:81/x", "headers": map[string]any{"x-one": " a ", "User-Agent": "me"}}, "[2001:db8::1]:81",
			"DELETE /x HTTP/1.1\r\nHost: [2001:db8::1]:81\r\n" + common + "User-Agent: me\r\nX-One: a\r\nConnection: close\r\n\r\n"},
	} {
		s := &service{}
		p := rig(t, connectors.Exits{Dial: s.dial(says("HTTP/1.1 204 No Content\r\n\r\n"))})
		if r := call(t, p, x.in); r.Failure != nil {
			t.Fatalf("%+v", r.Failure)
		}
		if s.asked[0] != x.want || s.dials[0] != x.dial {
			t.Errorf("to %s\n%s\nwanted %s\n%s", s.dials[0], s.asked[0], x.dial, x.want)
		}
	}
}

func TestAnswers(t *testing.T) {
	long := "X-Long: " + strings.Repeat("x", 1000) + "\r\n"
	for _, x := range []struct {
		name, answer, want string
		class              engine.FailureClass
		code               engine.Code
	}{
		{name: "by length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore", want: `"body":"ok"`},
		{name: "by its end", answer: "HTTP/1.0 200 OK\r\n\r\nold", want: `"body":"old"`},
		{name: "in pieces", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", want: `"body":"ok"`},
		{name: "news before it", answer: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", want: `"body":"ok"`},
		{name: "another protocol", answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", class: engine.Rejected, code: engine.Refused},
		{name: "long headers", answer: "HTTP/1.1 200 OK\r\n" + strings.Repeat(long, 100) + "\r\nok", class: engine.Unsure, code: engine.Unavailable},
		{name: "endless news", answer: strings.Repeat("HTTP/1.1 100 Continue\r\n"+long+"\r\n", 100), class: engine.Unsure, code: engine.Unavailable},
		{name: "cut off", answer: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", class: engine.Garbled, code: engine.Unreadable},
		{name: "nothing", answer: "", class: engine.Unsure, code: engine.Unavailable},
		{name: "half a line", answer: "HTTP/1.1 20", class: engine.Unsure, code: engine.Unavailable},
		{name: "no HTTP", answer: "SSH-2.0-x\r\n\r\n", class: engine.Unsure, code: engine.Unavailable},
		{name: "two lengths", answer: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", class: engine.Unsure, code: engine.Unavailable},
	} {
		s := &service{}
		p := rig(t, connectors.Exits{Dial: s.dial(says(x.answer))})
		r := call(t, p, map[string]any{"method": "POST", "url": "http://example.org/"})
		switch {
		case x.class != "":
			if r.Failure == nil || r.Failure.Class != x.class || r.Failure.Code != x.code {
				t.Errorf("%s: %s %+v", x.name, r.Output, r.Failure)
			}
		case r.Failure != nil || !strings.Contains(string(r.Output), x.want):
			t.Errorf("%s: %s %+v", x.name, r.Output, r.Failure)
		}
		if len(s.asked) != 1 {
			t.Errorf("%s: it was sent %d times", x.name, len(s.asked))
		}
	}
}

// TestAnswerBeforeTheEnd: a server that has enough says so without reading on.
func TestAnswerBeforeTheEnd(t *testing.T) {
	body := strings.Repeat("long ", 20_000)
	s := &service{}
	p := rig(t, connectors.Exits{Dial: s.dial(says("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"))})
	wantClass(t, call(t, p, map[string]any{"method": "POST", "url": "http://example.org/", "body": body}), engine.Rejected, engine.Refused)

	got := make(chan string, 1)
	s = &service{}
	p = rig(t, connectors.Exits{Dial: s.dial(func(c net.Conn, in *bufio.Reader) {
		all := make([]byte, len(body))
		n, _ := io.ReadFull(in, all) // what is missing shows
		got <- string(all[:n])
		says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(c, in)
	})})
	if r := call(t, p, map[string]any{"method": "POST", "url": "http://example.org/", "body": body}); r.Failure != nil {
		t.Fatalf("%+v", r.Failure)
	}
	if g := <-got; g != body {
		t.Errorf("%d of %d bytes came", len(g), len(body))
	}
}

// TestCallsSideBySide has many calls share what is kept between calls: none gets another's answer.
func TestCallsSideBySide(t *testing.T) {
	server := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body) // a body that is cut shows
		_, _ = w.Write(append(b, '!'))
	})
	p := rig(t, connectors.Exits{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := strings.Repeat(string(rune('a'+i)), 1+i*3000)
			for range 10 {
				r := call(t, p, map[string]any{"method": "POST", "url": server.URL, "allow_private": true, "body": text})
				if r.Failure != nil || !strings.Contains(string(r.Output), `"body":"`+text+`!"`) {
					t.Errorf("%d: %.200s %+v", i, r.Output, r.Failure)
				}
			}
		})
	}
	wg.Wait()
	if n := server.hits.Load(); n != 80 {
		t.Errorf("%d requests", n)
	}
}

// TestKnownServer: every call has a connection of its own, and the second does not begin from nothing.
func TestKnownServer(t *testing.T) {
	var resumed []bool
	var peers []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		resumed, peers = append(resumed, r.TLS.DidResume), append(peers, r.RemoteAddr)
	}))
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	p := rig(t, connectors.Exits{Roots: roots})
	for range 2 {
		if r := call(t, p, map[string]any{"method": "POST", "url": server.URL, "allow_private": true}); r.Failure != nil {
			t.Fatalf("%+v", r.Failure)
		}
	}
	if len(peers) != 2 || peers[0] == peers[1] || resumed[0] || !resumed[1] {
		t.Errorf("%v %v", peers, resumed)
	}
}

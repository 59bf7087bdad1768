package connectors_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/web"
	"github.com/bretelle/bretelle/engine"
)

// TestClasses is the table of CONTRACTS "What is retried, and what is unknown", against a real server.
func TestClasses(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p := rig(t, connectors.Exits{Now: func() time.Time { return now }})
	respond := func(status int, header string, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if k, v, ok := strings.Cut(header, ": "); ok {
				w.Header().Set(k, v)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	const isJSON = "Content-Type: application/json"
	for _, c := range []struct {
		name   string
		h      http.HandlerFunc
		class  engine.FailureClass
		code   engine.Code
		status int
		after  int64
		said   string
	}{
		{"422 problem", respond(422, "Content-Type: application/problem+json", `{"type":"x","title":"No","detail":"title is too long"}`), engine.Rejected, engine.Refused, 422, 0, "title is too long"},
		{"422 message", respond(422, isJSON, `{"error":{"code":7,"message":"no\u0000 such\nteam"}}`), engine.Rejected, engine.Refused, 422, 0, "no such"},
		{"400 list", respond(400, isJSON, `{"errors":[{"message":"bad thing"},{"message":"other"}]}`), engine.Rejected, engine.Refused, 400, 0, "bad thing"},
		{"400 text", respond(400, "Content-Type: text/plain", "\n  first \u202e line\nsecond"), engine.Rejected, engine.Refused, 400, 0, "first  line"},
		{"403 html", respond(403, "Content-Type: text/html", "<html>no</html>"), engine.Rejected, engine.Refused, 403, 0, ""},
		{"401", respond(401, "", ""), engine.Unauthorized, engine.Unsigned, 401, 0, ""},
		{"408", respond(408, "", ""), engine.Rejected, engine.Refused, 408, 0, ""},
		{"429 seconds", respond(429, "Retry-After: 12", "slow down"), engine.Busy, engine.Throttled, 429, 12000, "slow down"},
		{"429 date", respond(429, "Retry-After: Fri, 02 Jan 2026 03:05:05 GMT", ""), engine.Busy, engine.Throttled, 429, 60000, ""},
		{"429 past", respond(429, "Retry-After: Fri, 02 Jan 2025 03:05:05 GMT", ""), engine.Busy, engine.Throttled, 429, 0, ""},
		{"429 absurd", respond(429, "Retry-After: 99999999999", ""), engine.Busy, engine.Throttled, 429, 86400000, ""},
		{"503", respond(503, "Retry-After: -5", ""), engine.Busy, engine.Unavailable, 503, 0, ""},
		{"500", respond(500, isJSON, `not json`), engine.Unsure, engine.Unavailable, 500, 0, "not json"},
		{"502", respond(502, "", ""), engine.Unsure, engine.Unavailable, 502, 0, ""},
		{"504", respond(504, "", ""), engine.Unsure, engine.Unavailable, 504, 0, ""},
		{"524", respond(524, "", ""), engine.Unsure, engine.Unavailable, 524, 0, ""},
		{"501", respond(501, "", ""), engine.Rejected, engine.Refused, 501, 0, ""},
		{"302 of a write", respond(302, "Location: /x", ""), engine.Rejected, engine.Refused, 302, 0, ""},
		{"long", respond(400, "Content-Type: text/plain", strings.Repeat("é", 600)), engine.Rejected, engine.Refused, 400, 0, strings.Repeat("é", 248) + "…"},
		{"garbage", respond(200, isJSON, `{"id": `), engine.Garbled, engine.Unreadable, 200, 0, ""},
		{"two values", respond(200, isJSON, `{} {}`), engine.Garbled, engine.Unreadable, 200, 0, ""},
		{"too much", respond(200, "Content-Type: text/plain", strings.Repeat("x", 1<<20+1)), engine.Garbled, engine.TooLarge, 200, 0, ""},
		{"zip bomb", respond(200, "Content-Encoding: gzip", "\x1f\x8b\x08"), engine.Garbled, engine.Unreadable, 200, 0, ""},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "{}")
		}, engine.Garbled, engine.Unreadable, 200, 0, ""},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, engine.Unsure, engine.Unavailable, 0, 0, ""},
		{"huge header", respond(200, "X-Big: "+strings.Repeat("x", 100<<10), ""), engine.Unsure, engine.Unavailable, 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newCanary(t, c.h)
			r := call(t, p, map[string]any{"method": "POST", "url": server.URL, "json": 1, "allow_private": true})
			wantClass(t, r, c.class, c.code)
			f := r.Failure
			if f == nil {
				return
			}
			if f.Status != c.status || f.After != c.after || f.Said != c.said || f.Peer != server.Listener.Addr().String() {
				t.Errorf("got %+v", f)
			}
			if n := server.hits.Load(); n != 1 {
				t.Errorf("%d requests: connectors never retry", n)
			}
		})
	}
}

func TestExpectedStatuses(t *testing.T) {
	p := rig(t, connectors.Exits{})
	for _, c := range []struct {
		expect any
		status int
		class  engine.FailureClass
	}{
		{nil, 204, ""}, {"2xx", 299, ""}, {"2xx, 404", 404, ""}, {[]any{201, "4xx"}, 410, ""}, {404, 404, ""}, {"500", 500, ""}, {"3xx", 302, ""},
		{"201", 200, engine.Garbled}, {404, 204, engine.Garbled}, {"2xx", 404, engine.Rejected}, {[]any{"503"}, 500, engine.Unsure},
	} {
		server := newCanary(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "session=abc")
			w.Header().Set("Location", "/x")
			w.WriteHeader(c.status)
		})
		r := call(t, p, map[string]any{"method": "GET", "url": server.URL, "allow_private": true, "expect": c.expect})
		if c.class == "" && (r.Failure != nil || !strings.Contains(string(r.Output), fmt.Sprintf(`"status":%d`, c.status)) || strings.Contains(string(r.Output), "abc")) {
			t.Errorf("expect %v, %d: %s %+v", c.expect, c.status, r.Output, r.Failure)
		}
		if c.class != "" && (r.Failure == nil || r.Failure.Class != c.class || strings.Contains(r.Failure.Hint, "probably done")) {
			t.Errorf("expect %v, %d: %s %+v", c.expect, c.status, r.Output, r.Failure)
		}
	}
}

func BenchmarkPost(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	cat, err := connectors.NewCatalog(web.New())
	if err != nil {
		b.Fatal(err)
	}
	p := connectors.NewPerformer(cat, connectors.Exits{})
	defer p.Close()
	task := engine.Task{Action: "http.request", Key: "r/s", Input: []byte(`{"method":"POST","url":"` + server.URL + `","json":{"a":1},"allow_private":true}`)}
	b.ReportAllocs()
	for b.Loop() {
		if r := p.Perform(context.Background(), task); r.Failure != nil {
			b.Fatalf("%+v", r.Failure)
		}
	}
}

func TestNothingSent(t *testing.T) {
	p := rig(t, connectors.Exits{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := call(t, p, map[string]any{"method": "POST", "url": refused, "allow_private": true})
	wantClass(t, r, engine.NotSent, engine.Unavailable)
	if !strings.Contains(r.Failure.Hint, "Nothing listens there") {
		t.Errorf("hint %q", r.Failure.Hint)
	}
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	r = call(t, p, map[string]any{"method": "POST", "url": untrusted.URL, "allow_private": true})
	wantClass(t, r, engine.NotSent, engine.Unavailable)
	if !strings.Contains(r.Failure.Hint, "certificate") {
		t.Errorf("hint %q", r.Failure.Hint)
	}
	plain := newCanary(t, nil)
	r = call(t, p, map[string]any{"method": "POST", "url": strings.Replace(plain.URL, "http:", "https:", 1), "allow_private": true})
	wantClass(t, r, engine.NotSent, engine.Unavailable)
	p = rig(t, connectors.Exits{Resolver: (&fakeDNS{}).start(t)})
	r = call(t, p, map[string]any{"method": "POST", "url": "http://no-such-host.invalid/"})
	wantClass(t, r, engine.NotSent, engine.Unavailable)
	if !strings.Contains(r.Failure.Hint, "no such name") {
		t.Errorf("hint %q", r.Failure.Hint)
	}
}

func TestHang(t *testing.T) {
	leave := make(chan struct{})
	server := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/started" {
			w.WriteHeader(200)
			_ = http.NewResponseController(w).Flush()
		}
		<-leave
	})
	defer close(leave)
	p := rig(t, connectors.Exits{})
	r := call(t, p, map[string]any{"method": "POST", "url": server.URL, "allow_private": true, "timeout": "60ms"})
	wantClass(t, r, engine.Unsure, engine.Timeout)
	r = call(t, p, map[string]any{"method": "POST", "url": server.URL + "/started", "allow_private": true, "timeout": "60ms"})
	wantClass(t, r, engine.Garbled, engine.Unreadable)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wantClass(t, callCtx(ctx, t, p, map[string]any{"method": "POST", "url": server.URL, "allow_private": true}), engine.NotSent, engine.Canceled)
	if n := server.hits.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// TestEveryCallHasItsOwnConnection: on a kept one the transport might send again by itself, or find it dead.
func TestEveryCallHasItsOwnConnection(t *testing.T) {
	var mu sync.Mutex
	peers := map[string]map[string]bool{"GET": {}, "POST": {}, "PUT": {}, "DELETE": {}}
	cut := false
	server := newCanary(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		peers[r.Method][r.RemoteAddr] = true
		if cut {
			panic(http.ErrAbortHandler)
		}
	})
	p := rig(t, connectors.Exits{})
	for range 3 {
		for _, method := range []string{"GET", "POST"} {
			if r := call(t, p, map[string]any{"method": method, "url": server.URL, "allow_private": true}); r.Failure != nil {
				t.Fatalf("%+v", r.Failure)
			}
		}
	}
	mu.Lock()
	cut = true
	if len(peers["GET"]) != 3 || len(peers["POST"]) != 3 {
		t.Errorf("connections: %v", peers)
	}
	mu.Unlock()
	before := server.hits.Load()
	for _, in := range []map[string]any{{"method": "GET"}, {"method": "POST", "repeat_safe": true}, {"method": "PUT", "json": 1}, {"method": "DELETE"}} {
		in["url"], in["allow_private"] = server.URL, true
		wantClass(t, call(t, p, in), engine.Unsure, engine.Unavailable)
	}
	if n := server.hits.Load() - before; n != 4 {
		t.Errorf("3 writes were sent %d times", n)
	}
}

func TestInputThatDoesNotFit(t *testing.T) {
	server := newCanary(t, nil)
	p := rig(t, connectors.Exits{})
	for name, change := range map[string]map[string]any{
		"unknown field":   {"ulr": "x"},
		"wrong method":    {"method": "PUSH"},
		"no url":          {"url": nil},
		"relative":        {"url": "/x"},
		"file":            {"url": "file:///etc/passwd"},
		"password":        {"url": "http://user:hunter22@host/"},
		"odd password":    {"url": "http://user:hunter22%zz@host/"},
		"zone":            {"url": "http://[fe80::1%25eth0]/"},
		"two bodies":      {"json": 1, "body": "x"},
		"nested query":    {"query": map[string]any{"a": map[string]any{"b": 1}}},
		"header break":    {"headers": map[string]any{"X-A": "a\r\nX-B: c"}},
		"header name":     {"headers": map[string]any{"X A": "a"}},
		"host header":     {"headers": map[string]any{"Host": "other"}},
		"expect":          {"expect": "fine"},
		"timeout":         {"timeout": "soon"},
		"forever":         {"timeout": "48h"},
		"url is a list":   {"url": []any{"x"}},
		"private is text": {"allow_private": "yes"},
		"no such account": {"account": "nobody"},
	} {
		in := map[string]any{"method": "POST", "url": server.URL, "allow_private": true}
		for k, v := range change {
			in[k] = v
		}
		r := call(t, p, in)
		if r.Failure == nil || r.Failure.Class != engine.BadInput || r.Failure.Code != engine.Invalid {
			t.Errorf("%s: %s %+v", name, r.Output, r.Failure)
		} else if text := r.Failure.Error().Error(); strings.Contains(text, "hunter22") || strings.Contains(text, "{") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if n := server.hits.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestLargeNumbersSurvive(t *testing.T) {
	server := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id":9223372036854775807,"more":92233720368547758070,"f":1.5}`)
	})
	r := call(t, rig(t, connectors.Exits{}), map[string]any{"method": "POST", "url": server.URL, "json": map[string]any{"id": 1<<62 + 1}, "allow_private": true})
	if !strings.Contains(string(r.Output), `"body":{"f":1.5,"id":9223372036854775807,"more":"92233720368547758070"}`) {
		t.Errorf("got %s %+v", r.Output, r.Failure)
	}
	if got := server.seen.Load(); got.ContentLength != int64(len(`{"id":4611686018427387905}`)) {
		t.Errorf("sent %d bytes", got.ContentLength)
	}
}

package discord_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
)

// What is before Discord is restarted, and shuts the sockets with 1001: the session is gone on with, nothing is missed.
func TestGoingAway(t *testing.T) {
	w := up(t)
	for i, code := range []int{1000, 1001} {
		w.server.Close(code)
		w.server.Say(bob, lounge, "meanwhile")
		w.h.wait(t, i+1)
	}
	if g := w.server.Gateway(); g.Identifies != 1 || g.Resumes != 2 {
		t.Errorf("%+v", g)
	}
}

// A message whose storing failed after the fact is sent again, and heard though the inbox knows it.
func TestKeptAllTheSame(t *testing.T) {
	w := newHost(t)
	inbox := &torn{after: 1}
	w.inbox = func(i bot.Inbox) bot.Inbox { inbox.Inbox = i; return inbox }
	w.listen()
	w.server.AwaitOpen()
	w.server.Say(bob, lounge, "one")
	w.server.Say(bob, lounge, "two")
	var texts []string
	for _, in := range w.h.wait(t, 2) {
		texts = append(texts, in.Text)
	}
	if slices.Sort(texts); !slices.Equal(texts, []string{"one", "two"}) {
		t.Errorf("heard: %v", texts)
	}
}

// A silent socket is noticed, whatever part of the interval the time for an answer is.
func TestHalfOpenIntervals(t *testing.T) {
	for _, every := range []time.Duration{30, 100, 200, 210} {
		w := newHost(t)
		w.server.Beat = every * time.Millisecond
		w.build().Beat(100 * time.Millisecond)
		w.listen()
		w.server.AwaitOpen()
		w.server.HalfOpen()
		w.server.Say(bob, lounge, "hello")
		w.h.wait(t, 1)
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	}
}

// Sockets that are cut as soon as they are there are opened again later and later, though never after long.
func TestCutAgainAndAgain(t *testing.T) {
	w := newHost(t)
	var mu sync.Mutex
	var waits []time.Duration
	w.build().Hurry(2*time.Second, func(ctx context.Context, d time.Duration) error {
		mu.Lock()
		waits = append(waits, d)
		mu.Unlock()
		return soon(ctx, d)
	})
	w.listen()
	for n := range 6 {
		w.server.Await("it is back", func(g discordtest.Gateway) bool { return g.Open > 0 && g.Identifies+g.Resumes == n+1 })
		w.server.AskReconnect()
	}
	w.server.Await("it is back", func(g discordtest.Gateway) bool { return g.Open > 0 && g.Resumes == 6 })
	mu.Lock()
	defer mu.Unlock()
	for i, d := range waits {
		if i >= 3 && d < time.Second || d > 2*time.Second {
			t.Errorf("waits of %v", waits)
			break
		}
	}
}

// The gateway is reached the way that requests go: through the proxy of the transport.
func TestProxy(t *testing.T) {
	w := newHost(t)
	home, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var tunnels atomic.Int32
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: home.Host})
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			forward.ServeHTTP(rw, r)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, buffered, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		tunnels.Add(1)
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, buffered); _ = there.Close() }()
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(proxy.Close)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.surface, err = discord.New(discord.Options{Token: engine.NewSecret(w.server.Token), APIURL: w.server.URL, Now: w.server.Now,
		Base: &http.Transport{Proxy: http.ProxyURL(at)}, Live: discord.Live{Inbox: w.store}})
	if err != nil {
		t.Fatal(err)
	}
	w.listen()
	w.server.AwaitOpen()
	if tunnels.Load() == 0 {
		t.Error("the gateway was reached past the proxy")
	}
	if err := w.stop(); err != nil {
		t.Error(err)
	}
}

// A token goes unencrypted nowhere but to this machine.
func TestUnencrypted(t *testing.T) {
	for address, ok := range map[string]bool{"http://127.0.0.1:80/api": true, "http://localhost/api": true, "http://[::1]:1/api": true, "https://discord.example/api": true,
		"http://discord.example/api": false, "http://127.0.0.1.example/api": false, "ftp://discord.example/api": false} {
		_, err := discord.New(discord.Options{Token: engine.NewSecret("x"), APIURL: address})
		if (err == nil) != ok || err != nil && engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%s: %v", address, err)
		}
	}
}

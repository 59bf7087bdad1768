package discord_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
)

// post sends a body to the entry, with what change does to the signed request.
func post(t testing.TB, w *host, h http.Handler, body string, change func(r *http.Request)) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/discord/interactions", strings.NewReader(body))
	w.server.Sign(r, []byte(body))
	if change != nil {
		change(r)
	}
	a := httptest.NewRecorder()
	h.ServeHTTP(a, r)
	out, _ := io.ReadAll(a.Result().Body)
	return a.Code, string(out)
}

const homeCommand = `{"id":"846462639134605312","type":2,"token":"secret-token","application_id":"775799577604522054","user":{"id":"53908232506183680","username":"bob"},"channel_id":"1","data":{"name":"flow","options":[{"type":1,"name":"home"}]}}`

// Only what Discord signed for us, lately and byte for byte, is taken; all else is 401 and says nothing.
func TestSignatures(t *testing.T) {
	w := newHost(t)
	w.server.Now = clock()
	now := w.server.Now()
	w.h.say = nil
	s := w.build()
	h, err := s.Handler(w.h)
	if err != nil {
		t.Fatal(err)
	}
	if code, said := post(t, w, h, `{"type":1}`, nil); code != 200 || strings.TrimSpace(said) != `{"type":1}` {
		t.Errorf("a ping gave %d %s", code, said)
	}
	signedAt := func(at time.Time) func(*http.Request) {
		return func(r *http.Request) {
			w.server.Now = func() time.Time { return at }
			w.server.Sign(r, []byte(homeCommand))
			w.server.Now = func() time.Time { return now }
		}
	}
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, change := range map[string]func(r *http.Request){
		"no signature":   func(r *http.Request) { r.Header.Del("X-Signature-Ed25519") },
		"no time":        func(r *http.Request) { r.Header.Del("X-Signature-Timestamp") },
		"no hex":         set("X-Signature-Ed25519", strings.Repeat("z", 128)),
		"short":          set("X-Signature-Ed25519", "00ff"),
		"another":        set("X-Signature-Ed25519", strings.Repeat("00", 64)),
		"another time":   set("X-Signature-Timestamp", "1"),
		"time in words":  set("X-Signature-Timestamp", "now"),
		"two signatures": func(r *http.Request) { r.Header.Add("X-Signature-Ed25519", strings.Repeat("00", 64)) },
		"other body":     func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(homeCommand + " ")) },
		"cut body":       func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(homeCommand[:100])) },
		"no body":        func(r *http.Request) { r.Body = http.NoBody },
		"too long":       func(r *http.Request) { r.Body = io.NopCloser(bytes.NewReader(make([]byte, 1<<20+1))) },
		"stale":          signedAt(now.Add(-6 * time.Minute)),
		"of the future":  signedAt(now.Add(6 * time.Minute)),
	} {
		if code, said := post(t, w, h, homeCommand, change); code != http.StatusUnauthorized || strings.TrimSpace(said) != "" {
			t.Errorf("%s: %d %q", name, code, said)
		}
	}
	if n := len(w.h.all()); n != 0 {
		t.Fatalf("%d were handled", n)
	}
	if code, said := post(t, w, h, homeCommand, nil); code != 200 || !strings.Contains(said, `"type":4`) {
		t.Errorf("%d %s", code, said)
	}
	if code, _ := post(t, w, h, homeCommand, nil); code != http.StatusAccepted || len(w.h.all()) != 1 {
		t.Errorf("the same again gave %d, %d handled", code, len(w.h.all()))
	}
	if code, _ := post(t, w, h, `{"type":77}`, nil); code != http.StatusBadRequest {
		t.Errorf("what is nothing gave %d", code)
	}
	a := httptest.NewRecorder()
	if h.ServeHTTP(a, httptest.NewRequest(http.MethodGet, "/discord/interactions", nil)); a.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET gave %d", a.Code)
	}
}

// FuzzHTTP: whatever is signed, the entry answers and does not fall.
func FuzzHTTP(f *testing.F) {
	for _, s := range []string{homeCommand, `{"type":1}`, `{}`, `[]`, `{"type":5,"id":"1","token":"x","user":{"id":"1"},"data":{"custom_id":"f::t","components":[{"type":1}]}}`} {
		f.Add([]byte(s), "")
	}
	w := &host{}
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		if w.t == nil {
			*w = *newHost(t)
			w.h.say = nil
		}
		w.t = t
		h, err := w.build().Handler(w.h)
		if err != nil {
			t.Fatal(err)
		}
		post(t, w, h, string(body), func(r *http.Request) {
			if signature != "" {
				r.Header.Set("X-Signature-Ed25519", signature)
			}
		})
	})
}

// A handler over HTTP that is slow is answered with an acknowledgement, and the answer follows.
func TestSlowOverHTTP(t *testing.T) {
	w := newHost(t)
	w.server.Now = clock()
	more := make(chan struct{})
	w.h.say = nil
	s := w.build()
	s.Hurry(20*time.Millisecond, soon)
	w.h.say = answering(func() { <-more }, "At home")
	entry, err := s.Handler(w.h)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(entry)
	t.Cleanup(web.Close)
	w.server.Endpoint = web.URL
	c := w.server.Client(bob)
	c.Command("home")
	close(more)
	c.Until("At home")
}

// watched is a response whose writing is looked at.
type watched struct {
	*httptest.ResponseRecorder
	before func()
}

func (w *watched) Write(data []byte) (int, error) {
	w.before()
	return w.ResponseRecorder.Write(data)
}

// What follows an acknowledgement over HTTP does not come before it: Discord would know of no interaction.
func TestFollowsOverHTTP(t *testing.T) {
	w := newHost(t)
	s := w.build()
	s.Hurry(0, soon)
	more, said := make(chan struct{}), make(chan struct{})
	w.h.say = func(context.Context, bot.In) (bot.Reply, error) {
		<-more
		defer close(said)
		return bot.Private{Card: cardOf("At home")}, nil
	}
	h, err := s.Handler(w.h)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 10)
	w.server.Fail(discordtest.Fault{Route: "PATCH /webhooks/", Status: 404, Code: 10015, Hit: func() { asked <- struct{}{} }})
	r := httptest.NewRequest(http.MethodPost, "/discord/interactions", strings.NewReader(homeCommand))
	w.server.Sign(r, []byte(homeCommand))
	h.ServeHTTP(&watched{httptest.NewRecorder(), func() {
		close(more)
		<-said
		select { // a moment in which it could be done wrongly; right is that nothing comes
		case <-asked:
			t.Error("the answer came before the acknowledgement")
		case <-time.After(50 * time.Millisecond):
		}
	}}, r)
	if !t.Failed() {
		<-asked
	}
	s.Close(t.Context())
}

// After Close nothing begins: an interaction is refused and not done.
func TestClosedOverHTTP(t *testing.T) {
	w := newHost(t)
	s := w.build()
	h, err := s.Handler(w.h)
	if err != nil {
		t.Fatal(err)
	}
	s.Close(t.Context())
	if code, said := post(t, w, h, homeCommand, nil); code != http.StatusServiceUnavailable || strings.TrimSpace(said) != "" || len(w.h.all()) != 0 {
		t.Errorf("%d %s, %d handled", code, said, len(w.h.all()))
	}
}

// A public key that is none is refused.
func TestPublicKey(t *testing.T) {
	w := newHost(t)
	s := w.build()
	if _, err := s.Handler(w.h); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"", "00", strings.Repeat("z", 64)} {
		if _, err := w.keyed(key).Handler(w.h); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%q: %v", key, err)
		}
	}
}

var _ bot.Handler = (*handler)(nil)

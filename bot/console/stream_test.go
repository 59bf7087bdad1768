package console_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// stream opens the live updates of a channel.
func (b *browser) stream(channel string) *http.Response {
	b.w.t.Helper()
	ctx, cancel := context.WithTimeout(b.w.t.Context(), time.Minute)
	b.w.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", b.w.server.URL+"/events/"+channel+"?since=0", nil)
	b.w.must(err)
	resp, err := b.c.Do(r)
	b.w.must(err)
	b.w.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// Whoever may not read a channel any more is sent nothing more of it, also by a page that is open.
func TestLiveUpdatesEndWithTheRight(t *testing.T) {
	w := newWorld(t)
	b, p := w.login("Vic", engine.Viewer)
	lines := bufio.NewScanner(b.stream("triage").Body)
	if !lines.Scan() {
		t.Fatal("the stream did not begin")
	}
	p.Role = engine.NoRole
	w.must(w.store.SetPerson(t.Context(), p))
	_, err := w.console.Post(t.Context(), place("#triage"), "", prompts.Card{Key: "a", Title: prompts.Line{{Text: "not for Vic"}}, Text: "not for Vic"})
	w.must(err)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "not for Vic") {
			t.Fatalf("they were sent %s", lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream did not end: %v", err)
	}
}

// One person takes no more than their part of the open streams, however often they log in.
func TestLiveUpdatesOfOnePersonAreBounded(t *testing.T) {
	w := newWorld(t)
	b, p := w.login("Vic", engine.Viewer)
	for range 20 {
		if resp := b.stream("triage"); resp.StatusCode != http.StatusOK {
			t.Fatalf("answered %d", resp.StatusCode)
		}
	}
	again := w.browser()
	again.post("/login/" + w.link(p.ID))
	if resp := again.stream("triage"); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one more answered %d", resp.StatusCode)
	}
	other, _ := w.login("Ann", engine.Admin)
	if resp := other.stream("triage"); resp.StatusCode != http.StatusOK {
		t.Errorf("somebody else's answered %d", resp.StatusCode)
	}
}

// deadlines is a recorder that says which deadlines were set on it.
type deadlines struct {
	*httptest.ResponseRecorder
	read []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error { d.read = append(d.read, at); return nil }

// The server's limit on reading a request does not end a stream, whose request was read long ago.
func TestLiveUpdatesOutliveTheReadDeadline(t *testing.T) {
	w := newWorld(t)
	b, _ := w.login("Ann", engine.Admin)
	r := httptest.NewRequest("GET", w.server.URL+"/events/triage?since=0", nil)
	for _, c := range b.c.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	w.console.Close() // the stream ends at once
	rec := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	w.console.Handler().ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || len(rec.read) != 1 || !rec.read[0].IsZero() {
		t.Errorf("answered %d, with deadlines %v", rec.Code, rec.read)
	}
}

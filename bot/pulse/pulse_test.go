package pulse

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// line is a connection to a peer whose manners are switches, with a clock that ticks by hand.
type line struct {
	t     *testing.T
	p     *Pulse
	read  chan string // messages that came
	there *websocket.Conn
	pings chan string // that came there
	deaf  atomic.Bool
}

// connect opens one; the peer may have been met before.
func connect(t *testing.T, r *Peer) *line {
	t.Helper()
	l := &line{t: t, read: make(chan string), pings: make(chan string, 100)}
	opened := make(chan *websocket.Conn, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		up := websocket.Upgrader{}
		ws, err := up.Upgrade(w, req, nil)
		if err != nil {
			return
		}
		answer := ws.PingHandler()
		ws.SetPingHandler(func(data string) error {
			l.pings <- data
			if l.deaf.Load() {
				return nil
			}
			return answer(data)
		})
		opened <- ws
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}))
	t.Cleanup(web.Close)
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(web.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	l.there = <-opened
	l.p = r.On(ws, nil)
	t.Cleanup(func() { _, _ = ws.Close(), l.there.Close() })
	go func() {
		for {
			b, err := l.p.Read()
			if err != nil {
				close(l.read)
				return
			}
			l.read <- string(b)
		}
	}()
	l.says("hello") // its reader listens
	return l
}

// tick lets n ticks happen, and tells at which it was left, 0 for none.
func (l *line) tick(n int) int {
	for i := range n {
		if l.p.beat() {
			return i + 1
		}
	}
	return 0
}

// until waits for what must come.
func (l *line) until(what string, ok func() bool) {
	l.t.Helper()
	for late := time.Now().Add(time.Minute); ; runtime.Gosched() {
		l.p.mu.Lock()
		is := ok()
		l.p.mu.Unlock()
		if is {
			return
		}
		if time.Now().After(late) {
			l.t.Fatalf("in vain: %s", what)
		}
	}
}

// says has the peer say something, and waits until that was read and the reader listens again.
func (l *line) says(text string) {
	l.t.Helper()
	for range 2 { // the second is read by a reader that is done with the first
		if err := l.there.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			l.t.Fatal(err)
		}
		if got := <-l.read; got != text {
			l.t.Fatalf("read %q", got)
		}
	}
	l.until("it is read on", func() bool { return !l.p.busy })
}

// pinged waits for a ping there; what the peer says after its answer is read after it.
func (l *line) pinged() {
	l.t.Helper()
	select {
	case <-l.pings:
	case <-time.After(time.Minute):
		l.t.Fatal("in vain: a ping")
	}
}

// answers has the peer have answered a ping.
func (l *line) answers() {
	l.t.Helper()
	l.tick(Quiet)
	l.pinged()
	l.until("its answer", func() bool { return l.p.answered })
}

// A peer that answered before and vanishes is known within four seconds of ticks, with one ping.
func TestVanished(t *testing.T) {
	l := connect(t, &Peer{})
	l.answers()
	l.says("the last sound")
	l.deaf.Store(true)
	if n := l.tick(100); n != Quiet+Patience || time.Duration(n)*Every > 4*time.Second {
		t.Errorf("left after %d ticks", n)
	}
	if l.pinged(); len(l.pings) > 0 {
		t.Errorf("%d more pings", len(l.pings))
	}
}

// One that never answers pings is never left, and is sent one.
func TestNeverAnswers(t *testing.T) {
	l := connect(t, &Peer{})
	l.deaf.Store(true)
	if n := l.tick(1000); n != 0 {
		t.Errorf("left after %d ticks", n)
	}
	if l.pinged(); len(l.pings) > 0 {
		t.Errorf("%d more pings", len(l.pings))
	}
}

// A peer that answered on a connection before is expected to on the next: one that is dead from the beginning is known as
// soon. It may be one that cannot answer: after it nothing is expected any more, until the next answer.
func TestVanishedBeforeItAnswered(t *testing.T) {
	r := &Peer{}
	connect(t, r).answers()
	l := connect(t, r)
	l.deaf.Store(true)
	if n := l.tick(100); n != Quiet+Patience {
		t.Errorf("left after %d ticks", n)
	}
	l = connect(t, r)
	l.deaf.Store(true)
	if n := l.tick(1000); n != 0 {
		t.Errorf("the next was left after %d ticks", n)
	}
	connect(t, r).answers()
	l = connect(t, r)
	l.deaf.Store(true)
	if n := l.tick(100); n != Quiet+Patience {
		t.Errorf("after another answer: left after %d ticks", n)
	}
}

// Whatever is heard is a sign of life: messages, pings of the peer's, a message that is long on its way.
func TestSigns(t *testing.T) {
	l := connect(t, &Peer{})
	l.answers()
	l.deaf.Store(true)
	alive := func() {
		t.Helper()
		if n := l.tick(Quiet + Patience - 1); n != 0 {
			t.Fatalf("left after %d ticks", n)
		}
	}
	for range 5 {
		alive()
		l.says("still here")
	}
	for range 5 {
		alive()
		if err := l.there.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		l.until("it is heard", func() bool { return l.p.silent == 0 })
	}
	w, err := l.there.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		alive()
		if _, err := w.Write(make([]byte, 10_000)); err != nil { // more than is held back
			t.Fatal(err)
		}
		l.until("it is heard", func() bool { return l.p.silent == 0 })
	}
	if n := l.tick(100); n != Quiet+Patience {
		t.Errorf("left after %d ticks", n)
	}
}

// What was read is worked on: nobody listens, and nobody is to blame.
func TestBusy(t *testing.T) {
	l := connect(t, &Peer{})
	l.answers()
	l.deaf.Store(true)
	for range 2 { // the second one is not taken from the reader
		if err := l.there.WriteMessage(websocket.TextMessage, []byte("much work")); err != nil {
			t.Fatal(err)
		}
	}
	<-l.read
	l.until("nobody reads", func() bool { return l.p.busy })
	if n := l.tick(1000); n != 0 {
		t.Errorf("left after %d ticks", n)
	}
}

// Who answered late before is waited for longer; after many quick answers that counts for less.
func TestLateAnswers(t *testing.T) {
	r := &Peer{}
	r.took(4)
	l := connect(t, r)
	l.answers()
	l.says("the last sound")
	l.deaf.Store(true)
	if n := l.tick(100); n != Quiet+Patience+8 {
		t.Errorf("left after %d ticks", n)
	}
	for range 3 * forgiveAt {
		r.took(0)
	}
	if got := r.patience(); got != Patience+2 {
		t.Errorf("it waits for %d ticks", got)
	}
}

// Nobody is left again and again: the platform's heartbeat judges the rest.
func TestLeavesAreCounted(t *testing.T) {
	now := time.Unix(1, 0)
	r := &Peer{Now: func() time.Time { return now }}
	for range leaves {
		if !r.leave(true) {
			t.Fatal("kept too early")
		}
		now = now.Add(time.Second)
	}
	if r.leave(true) {
		t.Error("left once more")
	}
	l := connect(t, r)
	l.answers()
	l.says("the last sound")
	l.deaf.Store(true)
	if n := l.tick(100); n != 0 {
		t.Errorf("left after %d ticks", n)
	}
	now = now.Add(leavesOver - leaves*time.Second)
	if n := l.tick(100); n != 1 {
		t.Errorf("left after %d ticks", n)
	}
}

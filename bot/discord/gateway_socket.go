package discord

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/bretelle/bretelle/bot/pulse"
)

// What frames are (docs, "Gateway Opcodes").
const (
	opDispatch  = 0
	opBeat      = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opBeatAck   = 11
)

// frame is one message of the gateway.
type frame struct {
	Op   int             `json:"op"`
	Name string          `json:"t"`
	Seq  int64           `json:"s"`
	Data json.RawMessage `json:"d"`
}

// socket is one connection.
type socket struct {
	g    *gateway
	ws   *websocket.Conn
	p    *pulse.Pulse
	tell sync.Mutex // of writes
	mu   sync.Mutex
	seen int64 // the last number that came, durable or not: what a heartbeat says
	ack  bool  // the last heartbeat was answered
	why  error // what it was closed for, by us
	up   bool
	was  bool // it resumed: until RESUMED events are old ones
}

// once goes through one socket; up is whether its session came up.
func (g *gateway) once(ctx context.Context) (up bool, err error) {
	address, err := g.entry(ctx)
	if err != nil {
		return false, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "wss" && (u.Scheme != "ws" || !atHome(u)) {
		return false, &ended{why: "its address is none", anew: true}
	}
	u.RawQuery = "v=9&encoding=json"
	limited, stop := context.WithTimeout(ctx, dialTimeout)
	ws, resp, err := g.dial.DialContext(limited, u.String(), nil)
	stop()
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if g.dials++; err != nil {
		return false, &ended{why: "it cannot be reached"}
	}
	g.dials = 0
	s := &socket{g: g, ws: ws, ack: true, seen: g.session.Seq}
	return s.run(ctx)
}

// run reads until the socket ends. It leaves only after everything that came is durable or has failed.
func (s *socket) run(ctx context.Context) (up bool, err error) {
	s.ws.SetReadLimit(gatewayFrame)
	s.ws.SetCloseHandler(func(int, string) error { return nil }) // a close frame of ours would end the session
	s.p = s.g.peer.On(s.ws, nil)
	s.bound(readyTimeout)
	inner, stop := context.WithCancel(ctx)
	var around sync.WaitGroup
	around.Go(func() { // a reader cannot be cancelled otherwise
		<-inner.Done()
		_ = s.ws.NetConn().Close()
	})
	line := make(chan *taken, underWay)
	around.Go(func() { s.settle(ctx, line) })
	around.Go(func() { // about forty pings a minute at most; they are no gateway events, whose limit is 120
		if s.p.Watch(inner) {
			s.leave(&ended{why: "nobody answers there", silent: true})
		}
	})
	err = s.read(inner, &around, line)
	close(line)
	stop()
	around.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != nil {
		err = s.why
	}
	return s.up, err
}

// bound has the socket break when nothing is read for so long; 0 is for ever.
func (s *socket) bound(d time.Duration) {
	t := time.Time{}
	if d > 0 {
		t = time.Now().Add(d) // the socket's clock, not ours
	}
	_ = s.ws.SetReadDeadline(t)
}

// leave closes the socket for a reason of our own. No close frame is sent: a proper one would end the session.
func (s *socket) leave(why error) {
	s.mu.Lock()
	if s.why == nil {
		s.why = why
	}
	s.mu.Unlock()
	_ = s.ws.NetConn().Close()
}

func (s *socket) send(op int, data any) error {
	s.tell.Lock()
	defer s.tell.Unlock()
	_ = s.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	return s.ws.WriteJSON(struct {
		Op   int `json:"op"`
		Data any `json:"d"`
	}{op, data})
}

func (s *socket) read(ctx context.Context, around *sync.WaitGroup, line chan<- *taken) error {
	greeted := false
	for {
		raw, err := s.p.Read()
		var shut *websocket.CloseError
		if errors.As(err, &shut) {
			return closed(shut.Code)
		}
		if err != nil {
			return &ended{why: "the socket broke"}
		}
		var f frame
		if json.Unmarshal(raw, &f) != nil {
			continue // a frame that is none is nobody's event
		}
		switch f.Op {
		case opHello:
			var hello struct {
				Every float64 `json:"heartbeat_interval"`
			}
			if greeted || json.Unmarshal(f.Data, &hello) != nil || hello.Every < 1 || hello.Every > 600_000 {
				return &ended{why: "its greeting cannot be read"}
			}
			greeted = true
			around.Go(func() { s.beats(ctx, time.Duration(hello.Every*float64(time.Millisecond))) })
			if err := s.enter(); err != nil {
				return &ended{why: "the socket broke"}
			}
		case opBeat:
			if s.beat() != nil {
				return &ended{why: "the socket broke"}
			}
		case opBeatAck:
			s.mu.Lock()
			s.ack = true
			s.mu.Unlock()
		case opReconnect:
			return &ended{why: "it asks to come back"}
		case opInvalid:
			var resumable bool
			_ = json.Unmarshal(f.Data, &resumable)
			// docs, "Invalid Session": a random wait of one to five seconds
			wait := time.Second + time.Duration(s.g.jitter()*float64(4*time.Second))
			return &ended{why: "the session is not valid", anew: !resumable, wait: wait}
		case opDispatch:
			if f.Name == "READY" || f.Name == "RESUMED" {
				s.bound(0) // from now on heartbeats tell whether anybody is there
			}
			select {
			case line <- s.dispatch(ctx, f):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// enter goes on with the session, or begins one.
func (s *socket) enter() error {
	g := s.g
	if g.session.ID != "" {
		s.mu.Lock()
		s.was = true
		s.mu.Unlock()
		return s.send(opResume, map[string]any{"token": g.token.Reveal(), "session_id": g.session.ID, "seq": g.session.Seq})
	}
	g.last = g.now()
	return s.send(opIdentify, map[string]any{"token": g.token.Reveal(), "intents": g.bits, "compress": false, "large_threshold": 50,
		"properties": map[string]string{"os": "linux", "browser": "bretelle", "device": "bretelle"}})
}

// taken is an event that is being made durable.
type taken struct {
	seq  int64
	kept chan error
	then func()
	open *session // the session that it began
}

// dispatch takes an event in.
func (s *socket) dispatch(ctx context.Context, f frame) *taken {
	t := &taken{seq: f.Seq, kept: make(chan error, 1)}
	s.mu.Lock()
	s.seen = max(s.seen, f.Seq)
	switch f.Name {
	case "READY":
		var r struct {
			ID   string `json:"session_id"`
			URL  string `json:"resume_gateway_url"`
			User struct {
				ID string `json:"id"`
			} `json:"user"`
			App struct {
				ID string `json:"id"`
			} `json:"application"`
		}
		_ = json.Unmarshal(f.Data, &r)
		t.open = &session{ID: r.ID, URL: r.URL, Me: r.User.ID, App: r.App.ID, What: s.g.bits}
		s.up = true
	case "RESUMED":
		s.up, s.was = true, false
	}
	e := event{name: f.Name, seq: f.Seq, data: f.Data, again: s.was}
	s.mu.Unlock()
	w := s.g.take(e)
	if f.Name == "READY" || f.Name == "RESUMED" {
		s.g.state(nil)
	}
	if t.then = w.then; w.keep == nil {
		t.kept <- nil
		return t
	}
	go func() { t.kept <- w.keep(context.WithoutCancel(ctx)) }()
	return t
}

// settle counts events as seen in their order, once they are durable. After one that is not, none counts: the session
// is resumed before it.
func (s *socket) settle(ctx context.Context, line <-chan *taken) {
	failed := false
	for t := range line {
		err := <-t.kept
		if err == nil && t.then != nil {
			t.then() // it is durable: also when one before it is not, because it would not be fresh again
		}
		if err != nil && !failed {
			failed = true
			s.leave(&ended{why: "a delivery could not be stored", wait: time.Second})
		}
		if failed {
			continue
		}
		if t.open != nil {
			s.g.session = *t.open
		}
		s.g.session.Seq = max(s.g.session.Seq, t.seq)
		s.g.save(context.WithoutCancel(ctx), t.open != nil)
	}
}

// beats sends heartbeats: the first after a part of the interval by chance (docs, "Sending Heartbeats"). Each is to be
// answered before the next one is due, and within ten seconds.
func (s *socket) beats(ctx context.Context, every time.Duration) {
	within := min(every, s.g.within)
	for rest := time.Duration(s.g.jitter() * float64(every)); waiting(ctx, rest) == nil; rest = every - within {
		s.mu.Lock()
		s.ack = false
		s.mu.Unlock()
		if s.beat() != nil {
			s.leave(&ended{why: "the socket broke"})
			return
		}
		if waiting(ctx, within) != nil {
			return
		}
		if !s.acked() {
			s.leave(&ended{why: "nobody answers there"})
			return
		}
	}
}

func (s *socket) acked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ack
}

func (s *socket) beat() error {
	s.mu.Lock()
	n := s.seen
	s.mu.Unlock()
	if n == 0 {
		return s.send(opBeat, nil)
	}
	return s.send(opBeat, n)
}

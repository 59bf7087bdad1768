package slacktest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// line is what connects the server with the bot. It is part of the Server and under its lock.
type line struct {
	open      map[*socket]bool
	turn      int             // which socket is next
	tickets   map[string]bool // of sockets that may be opened
	halves    int             // sockets to come that answer nothing
	refused   int             // sockets to come that are cut at once
	waiting   []*Delivery     // not acknowledged
	past      []*Delivery     // all there ever were, but repetitions
	loseAcks  int             // acknowledgements that do not arrive
	twice     bool            // everything comes over two sockets
	count     Counters
	downSince time.Time // since when no socket is open
	pongs     atomic.Int64
	closed    bool
	settled   func(context.Context) error // nil: screens do not wait
}

// socket is one open connection.
type socket struct {
	conn *websocket.Conn
	out  chan []byte
	half bool
	deaf atomic.Bool // answers no ping
	done chan struct{}
}

// vanish makes it half-open. The Server is locked.
func (x *socket) vanish() { x.half = true; x.deaf.Store(true) }

// Counters is what the server saw.
type Counters struct {
	Deliveries  int // deliveries sent, each try
	Retries     int
	Acks        int
	Latencies   []time.Duration // of acknowledgements, from the try that was acknowledged
	Open, Most  int             // sockets open now, and at once at most
	Opened      int
	LongestDown time.Duration // how long no socket was open at most, after the first
	Pongs       int           // pings that were answered
	Early       int           // calls of a method in a channel before the Retry-After that they were given was over
}

// Counters tells what was counted.
func (s *Server) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.count
	c.Open, c.Pongs = len(s.open), int(s.pongs.Load())
	c.Latencies = append([]time.Duration(nil), c.Latencies...)
	return c
}

func (s *Server) connectionsOpen(*call) answer {
	if s.tickets == nil {
		s.tickets = map[string]bool{}
	}
	s.n++
	ticket := strconv.Itoa(s.n)
	s.tickets[ticket] = true
	return answer{"url": "ws" + strings.TrimPrefix(s.web.URL, "http") + "/socket/" + ticket}
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	ticket := strings.TrimPrefix(r.URL.Path, "/socket/")
	s.mu.Lock()
	ok := s.tickets[ticket] && !s.closed
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if !ok {
		http.Error(w, "no such ticket", http.StatusForbidden)
		return
	}
	up := upgrader
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	x := &socket{conn: conn, out: make(chan []byte, 4096), done: make(chan struct{})}
	s.mu.Lock()
	x.deaf.Store(s.NoPongs)
	s.count.Opened++
	if s.refused > 0 {
		s.refused--
		s.mu.Unlock()
		_ = conn.Close()
		return
	}
	if s.halves > 0 {
		s.halves--
		x.vanish()
	}
	s.open[x] = true
	s.count.Most = max(s.count.Most, len(s.open))
	if !s.downSince.IsZero() {
		s.count.LongestDown = max(s.count.LongestDown, time.Since(s.downSince))
		s.downSince = time.Time{}
	}
	if !x.half {
		x.put(map[string]any{"type": "hello", "num_connections": len(s.open), "connection_info": map[string]any{"app_id": "A0123"},
			"debug_info": map[string]any{"host": "applink", "approximate_connection_time": 3600}})
		for _, d := range s.waiting {
			if d.on == nil || !s.open[d.on] {
				s.try(d, x)
			}
		}
	}
	s.touch()
	s.mu.Unlock()
	go s.write(x)
	s.read(x)
}

// put sends a frame; one that finds no room is lost, as on a line.
func (x *socket) put(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		return
	}
	select {
	case x.out <- b:
	default:
	}
}

func (s *Server) write(x *socket) {
	every := s.PingEvery
	if every == 0 {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	ping := func() bool {
		s.mu.Lock()
		half := x.half
		s.mu.Unlock()
		return half || x.conn.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Second)) == nil
	}
	ping()
	for {
		select {
		case <-x.done:
			return
		case b := <-x.out:
			_ = x.conn.SetWriteDeadline(time.Now().Add(2 * time.Second))
			if x.conn.WriteMessage(websocket.TextMessage, b) != nil {
				_ = x.conn.Close()
				return
			}
		case <-tick.C:
			if !ping() {
				_ = x.conn.Close()
				return
			}
		}
	}
}

func (s *Server) read(x *socket) {
	defer s.gone(x)
	pong := x.conn.PingHandler()
	x.conn.SetPingHandler(func(data string) error {
		if x.deaf.Load() {
			return nil
		}
		defer s.pongs.Add(1)
		return pong(data)
	})
	for {
		_, b, err := x.conn.ReadMessage()
		if err != nil {
			return
		}
		var m struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(b, &m) != nil {
			s.T.Errorf("the bot sent %q", b)
			continue
		}
		if len(b) > 20<<10 { // dropped without a word
			s.T.Errorf("an acknowledgement of %d bytes is dropped", len(b))
			continue
		}
		s.mu.Lock()
		if !x.half {
			s.acknowledge(m.ID, m.Payload)
		}
		s.mu.Unlock()
	}
}

// gone takes a socket out; what was on its way there goes another.
func (s *Server) gone(x *socket) {
	_ = x.conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open[x] {
		return
	}
	delete(s.open, x)
	close(x.done)
	if len(s.open) == 0 {
		s.downSince = time.Now()
	}
	for _, d := range s.waiting {
		if d.on == x {
			d.on = nil
			s.try(d, nil)
		}
	}
	s.touch()
}

// sockets are those that are open. The Server is locked.
func (s *Server) sockets() []*socket {
	var out []*socket
	for x := range s.open {
		out = append(out, x)
	}
	return out
}

// Cut cuts one of the open sockets; false when none is.
func (s *Server) Cut() bool {
	s.mu.Lock()
	all := s.sockets()
	s.mu.Unlock()
	if len(all) == 0 {
		return false
	}
	_ = all[0].conn.Close()
	s.gone(all[0])
	return true
}

// CutAll cuts every socket.
func (s *Server) CutAll() {
	s.mu.Lock()
	all := s.sockets()
	s.mu.Unlock()
	for _, x := range all {
		_ = x.conn.Close()
		s.gone(x)
	}
}

// CutNext cuts the next n sockets as soon as they are open.
func (s *Server) CutNext(n int) { s.mu.Lock(); s.refused = n; s.mu.Unlock() }

// Half makes one of the open sockets half-open: it stays, but nothing goes through any more, and no ping.
func (s *Server) Half() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.open {
		if !x.half {
			x.vanish()
			return
		}
	}
}

// HalfNext makes the next n sockets half-open from the start: not even "hello" comes.
func (s *Server) HalfNext(n int) { s.mu.Lock(); s.halves = n; s.mu.Unlock() }

// Halves is how many half-open sockets the bot still holds.
func (s *Server) Halves() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for x := range s.open {
		if x.half {
			n++
		}
	}
	return n
}

// Open is how many sockets are open and work.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for x := range s.open {
		if !x.half {
			n++
		}
	}
	return n
}

// Refresh says "disconnect" on one of the sockets: "warning", "refresh_requested", "link_disabled". Slack closes a
// socket that was told so; here it is left to the bot.
func (s *Server) Refresh(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.open {
		if !x.half {
			x.put(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink"}})
			return
		}
	}
}

// Raw sends a text frame on one of the sockets, as it is.
func (s *Server) Raw(frame string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.open {
		if !x.half {
			x.out <- []byte(frame)
			return
		}
	}
}

// LoseAcks has the next n acknowledgements not arrive; what they were for comes again at once.
func (s *Server) LoseAcks(n int) { s.mu.Lock(); s.loseAcks = n; s.mu.Unlock() }

// Twice has everything come over two sockets, when two are open.
func (s *Server) Twice(on bool) { s.mu.Lock(); s.twice = on; s.mu.Unlock() }

package pulse

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// How long things take: a dead connection to a peer that answers at once is known (Quiet + Patience) × Every = four
// seconds after the last sound on it, at the latest.
const (
	Every    = 500 * time.Millisecond // between ticks
	Quiet    = 3                      // ticks without a sound before a ping: 1 to 1.5 s
	Patience = 5                      // ticks for a sound after a ping: 2.5 s
)

// How often a peer may be left for its silence, and after how many answers in time a late one counts for less.
const (
	leaves     = 20
	leavesOver = 20 * time.Minute
	forgiveAt  = 100
)

// said is what a ping says, and its answer.
const said = "pulse"

// Peer is who is at the other end of connections, one after another or side by side. The zero value is one of which
// nothing is known. It is safe for concurrent use.
type Peer struct {
	// Ticks starts a clock for one connection; stop ends it. Nil is one that ticks every [Every].
	Ticks func() (c <-chan time.Time, stop func())
	Now   func() time.Time // nil is time.Now

	mu      sync.Mutex
	answers bool        // pings: one did, and none was left since that never had
	slowest int         // ticks that its slowest answer took, one less for each hundred that took less
	quick   int         // answers since, that took less
	left    []time.Time // when it was left, not longer ago than counts
}

// Pulse is one connection that is listened to. One reads and one watches.
type Pulse struct {
	peer *Peer
	ws   *websocket.Conn

	mu       sync.Mutex
	busy     bool // what was read is worked on: nobody listens
	answered bool // pings are answered on this connection
	expected bool // they are, for they were on the one before
	out      bool // a ping was sent and not answered
	age      int  // ticks since then
	silent   int  // ticks since the last sound
}

// On listens to a connection. It takes its handlers of pings and pongs; a ping is answered as it was before, after
// pinged, which may be nil.
func (r *Peer) On(ws *websocket.Conn, pinged func()) *Pulse {
	p := &Pulse{peer: r, ws: ws, busy: true, expected: r.known()}
	answer := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		if p.heard(); pinged != nil {
			pinged()
		}
		return answer(data)
	})
	ws.SetPongHandler(func(data string) error {
		if p.heard(); data == said {
			p.pong()
		}
		return nil
	})
	return p
}

// Read is the next message. Each part of a long one is a sign of life. Errors are those of the connection.
func (p *Pulse) Read() ([]byte, error) {
	p.working(false)
	defer p.working(true)
	_, r, err := p.ws.NextReader()
	if err != nil {
		return nil, err
	}
	p.heard()
	return io.ReadAll(part{r, p})
}

// part is a message while it comes.
type part struct {
	io.Reader
	p *Pulse
}

// Read reads, and hears.
func (r part) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if n > 0 {
		r.p.heard()
	}
	return n, err
}

// Watch sends pings into silences until ctx ends, which is no death, or nobody answers who did before. It may run beside
// any writer, never has more than one ping on its way, and leaves it to its caller to close.
func (p *Pulse) Watch(ctx context.Context) (dead bool) {
	c, stop := p.peer.clock()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-c:
		}
		if p.beat() {
			return ctx.Err() == nil
		}
	}
}

// beat is one tick of the watch: it pings when that is due, and reports whether to leave.
func (p *Pulse) beat() (dead bool) {
	ping, dead := p.tick()
	if !ping {
		return dead && p.leave()
	}
	// Beside other writers (gorilla, "Concurrency"). One that holds the line for so long met the same silence.
	err := p.ws.WriteControl(websocket.PingMessage, []byte(said), time.Now().Add(Patience*Every))
	if err == nil {
		return false
	}
	slow, ok := errors.AsType[net.Error](err)
	return !ok || !slow.Timeout() || p.answers() && p.leave()
}

// tick counts one tick: whether a ping is due, or nobody is there.
func (p *Pulse) tick() (ping, dead bool) {
	patience := p.peer.patience()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy {
		p.silent = 0
		return false, false
	}
	p.silent++
	if p.out {
		p.age++
		return false, (p.answered || p.expected) && p.age >= patience && p.silent >= Quiet+patience
	}
	if p.silent < Quiet {
		return false, false
	}
	p.out, p.age = true, 0
	return true, false
}

// heard is a sign of life.
func (p *Pulse) heard() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = 0
}

// pong is the answer to a ping.
func (p *Pulse) pong() {
	p.mu.Lock()
	took, ours := p.age, p.out
	p.answered, p.out = p.answered || ours, false
	p.mu.Unlock()
	if ours {
		p.peer.took(took)
	}
}

func (p *Pulse) working(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = on
}

func (p *Pulse) answers() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered || p.expected
}

// leave is whether to leave the connection. After one that never answered itself nothing is expected of the next.
func (p *Pulse) leave() bool {
	p.mu.Lock()
	answered := p.answered
	p.mu.Unlock()
	return p.peer.leave(answered)
}

func (r *Peer) clock() (<-chan time.Time, func()) {
	if r.Ticks != nil {
		return r.Ticks()
	}
	t := time.NewTicker(Every)
	return t.C, t.Stop
}

// patience is how many ticks an answer may take.
func (r *Peer) patience() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Patience + 2*r.slowest
}

// took tells how long an answer took.
func (r *Peer) took(ticks int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = true
	if ticks >= r.slowest {
		r.slowest, r.quick = ticks, 0
	} else if r.quick++; r.quick >= forgiveAt {
		r.slowest, r.quick = r.slowest-1, 0
	}
}

// known is whether a connection to it is expected to answer pings before it has.
func (r *Peer) known() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answers
}

// leave reports whether a connection may be left that answered a ping or never did, and counts that it is.
func (r *Peer) leave(answered bool) bool {
	now := time.Now
	if r.Now != nil {
		now = r.Now
	}
	at := now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.left) > 0 && !at.Before(r.left[0].Add(leavesOver)) {
		r.left = r.left[1:]
	}
	if len(r.left) >= leaves {
		return false
	}
	r.answers = r.answers && answered
	r.left = append(r.left, at)
	return true
}

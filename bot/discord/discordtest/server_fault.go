package discordtest

import "time"

// What can happen to the gateway's sockets.

func (s *Server) sockets(f func(c *wire)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.gate.sockets {
		if c.open {
			f(c)
		}
	}
	s.stir()
}

// Cut tears every socket; sessions can be resumed.
func (s *Server) Cut() { s.sockets(func(c *wire) { c.cut() }) }

// HalfOpen has the sockets that are open now take everything and say nothing. What happens is sent when the session
// is resumed.
func (s *Server) HalfOpen() { s.sockets(func(c *wire) { c.vanish() }) }

// AskReconnect is opcode 7.
func (s *Server) AskReconnect() { s.sockets(func(c *wire) { c.say(op(7, nil)) }) }

// AskBeat is opcode 1, which wants a heartbeat at once.
func (s *Server) AskBeat() { s.sockets(func(c *wire) { c.say(op(1, nil)) }) }

// Invalidate is opcode 9; a session that cannot be resumed is forgotten.
func (s *Server) Invalidate(resumable bool) {
	s.mu.Lock()
	for _, se := range s.gate.sessions {
		se.dead = se.dead || !resumable && se.on != nil
	}
	s.mu.Unlock()
	s.sockets(func(c *wire) { c.say(op(9, resumable)) })
}

// Close shuts the sockets with a code of the gateway's.
func (s *Server) Close(code int) { s.sockets(func(c *wire) { s.shut(c, code) }) }

// Raw sends a frame on every socket.
func (s *Server) Raw(frame string) { s.sockets(func(c *wire) { c.say([]byte(frame)) }) }

// Forget has every session be gone, as after a long absence.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, se := range s.gate.sessions {
		se.dead = true
	}
}

// Again sends the last dispatch with that name once more, as a resume that was lost on the way does.
func (s *Server) Again(event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, se := range s.gate.sessions {
		for i := len(se.log) - 1; i >= 0 && !se.dead; i-- {
			if se.log[i].event == event {
				if se.on != nil {
					se.on.say(se.log[i].frame)
				}
				break
			}
		}
	}
}

// Replay sends every message, reaction and interaction of the open sessions once more, as a resume that knows of nothing
// does.
func (s *Server) Replay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, se := range s.gate.sessions {
		for _, x := range se.log {
			switch x.event {
			case "MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "INTERACTION_CREATE":
				if se.on != nil && !se.dead {
					se.on.say(x.frame)
				}
			}
		}
	}
}

// Lapse has every interaction that waits for its first answer have waited for its three seconds: its person sees that
// it failed, and an answer is refused.
func (s *Server) Lapse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, w := range s.waiting {
		s.acts[token].At = s.acts[token].At.Add(-answerIn - time.Second)
		delete(s.waiting, token)
		close(w)
	}
	s.stir()
}

// Gateway counts what happened there.
type Gateway struct {
	Identifies, Resumes, Beats, Refused int
	Open                                int // sessions with a socket
	Sockets                             int // open now
	Most                                int // sockets at once, ever
	Pongs                               int // pings that were answered
	First                               []time.Time
}

// Gateway tells what happened so far.
func (s *Server) Gateway() Gateway {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted()
}

func (s *Server) counted() Gateway {
	g := Gateway{Identifies: len(s.gate.identifies), Resumes: s.gate.resumes, Beats: s.gate.beats, Refused: s.gate.refused, Most: s.gate.most, Pongs: int(s.pongs.Load()), First: s.gate.identifies}
	for _, se := range s.gate.sessions {
		if se.on != nil && se.on.open && !se.on.mute {
			g.Open++
		}
	}
	for _, c := range s.gate.sockets {
		if c.open {
			g.Sockets++
		}
	}
	return g
}

// awaitMost is how long a test waits for what must come, on a machine that does ten other things; what happens elsewhere,
// and is not told here, is looked at after lookAgain.
const (
	awaitMost = time.Minute
	lookAgain = 50 * time.Millisecond
)

// Await waits until the gateway is as wanted, at most a minute.
func (s *Server) Await(what string, ok func(Gateway) bool) {
	s.T.Helper()
	limit := time.NewTimer(awaitMost)
	defer limit.Stop()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		s.mu.Lock()
		g, changed := s.counted(), s.gate.changed
		s.mu.Unlock()
		if ok(g) {
			return
		}
		select {
		case <-changed:
		case <-again.C:
		case <-limit.C:
			s.T.Fatalf("in vain: %s (%+v)", what, g)
		}
	}
}

// AwaitOpen waits until the bot is there.
func (s *Server) AwaitOpen() {
	s.T.Helper()
	s.Await("the bot is connected", func(g Gateway) bool { return g.Open > 0 })
}

// Twice has everything be dispatched twice from now on.
func (s *Server) Twice() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate.twice = true
}

// Remove takes a message away, as somebody who may do so does.
func (s *Server) Remove(message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.messages[message]; m != nil {
		s.remove(m)
	}
}

// FileNames are the names of the files on the messages of a channel.
func (s *Server) FileNames(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, id := range s.order {
		if m := s.messages[id]; m != nil && m.Channel == channel {
			for _, f := range m.Files {
				out = append(out, s.files[f].Name)
			}
		}
	}
	return out
}

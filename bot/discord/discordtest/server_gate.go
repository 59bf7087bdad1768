package discordtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// gate is the gateway: sessions, each with at most one socket. The server's lock guards it.
type gate struct {
	sessions   map[string]*session
	sockets    []*wire
	changed    chan struct{} // closed and made anew whenever something happens
	identifies []time.Time
	resumes    int
	beats      int
	refused    int // identifies that were closed with Refuse
	most       int // sockets at once, ever
	twice      bool
}

// session outlives its sockets: what happens while there is none is sent when it is resumed.
type session struct {
	id      string
	intents int
	seq     int64
	log     []sent
	on      *wire
	dead    bool
}

type sent struct {
	seq   int64
	event string
	frame []byte
}

// wire is one socket.
type wire struct {
	ws   *websocket.Conn
	out  chan []byte
	mute bool        // half-open: nothing comes out of it any more
	deaf atomic.Bool // answers no ping
	path string
	open bool
}

// vanish makes it half-open. The lock is held.
func (w *wire) vanish() { w.mute = true; w.deaf.Store(true) }

// say sends a frame, or nothing when the socket is half-open; a reader that does not keep up is cut off.
func (w *wire) say(frame []byte) {
	if w.mute || !w.open {
		return
	}
	select {
	case w.out <- frame:
	default:
		w.cut()
	}
}

func (w *wire) cut() {
	if w.open {
		w.open = false
		close(w.out)
		_ = w.ws.NetConn().Close()
	}
}

// needs are the intents of an event in guilds and in direct messages (docs, "List of Intents").
func needs(event string, direct bool) int {
	switch {
	case strings.HasPrefix(event, "GUILD_MEMBER"):
		return 1 << 1
	case strings.HasPrefix(event, "MESSAGE_REACTION") && direct:
		return 1 << 13
	case strings.HasPrefix(event, "MESSAGE_REACTION"):
		return 1 << 10
	case strings.HasPrefix(event, "MESSAGE") && direct:
		return 1 << 12
	case strings.HasPrefix(event, "MESSAGE"):
		return 1 << 9
	case strings.HasPrefix(event, "GUILD"), strings.HasPrefix(event, "CHANNEL"), strings.HasPrefix(event, "THREAD"):
		return 1
	}
	return 0
}

// emit tells every session what happened; channel is where, "" for a whole guild. The lock is held.
func (s *Server) emit(event string, data map[string]any, channel string) {
	c := s.channels[channel]
	if c != nil && c.Hidden {
		return
	}
	direct := c != nil && c.Kind == 1
	for _, se := range s.gate.sessions {
		if need := needs(event, direct); se.dead || se.intents&need != need {
			continue
		}
		d := data
		if event == "MESSAGE_CREATE" && !direct && se.intents&(1<<15) == 0 && !s.concerns(data) {
			d = copied(data)
			d["content"], d["embeds"], d["attachments"], d["components"] = "", []any{}, []any{}, []any{}
		}
		se.put(event, d)
		if s.gate.twice && se.on != nil {
			se.on.say(se.log[len(se.log)-1].frame)
		}
	}
	s.stir()
}

// concerns reports whether a message mentions the bot or is its own: it is told what that says without the intent.
func (s *Server) concerns(m map[string]any) bool {
	b, _ := json.Marshal([]any{m["mentions"], m["author"]})
	return strings.Contains(string(b), `"`+s.App+`"`)
}

func (se *session) put(event string, data any) {
	se.seq++
	frame, _ := json.Marshal(map[string]any{"op": 0, "t": event, "s": se.seq, "d": data})
	se.log = append(se.log, sent{se.seq, event, frame})
	if se.on != nil {
		se.on.say(frame)
	}
}

// stir wakes who waits; the lock is held.
func (s *Server) stir() {
	close(s.gate.changed)
	s.gate.changed = make(chan struct{})
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// socket is one connection to the gateway.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &wire{ws: ws, out: make(chan []byte, 20_000), path: r.URL.Path, open: true}
	go func() {
		for frame := range c.out {
			_ = ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if ws.WriteMessage(websocket.TextMessage, frame) != nil {
				return
			}
		}
	}()
	pong := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		if c.deaf.Load() {
			return nil
		}
		defer s.pongs.Add(1)
		return pong(data)
	})
	s.mu.Lock()
	c.deaf.Store(s.NoPongs)
	s.gate.sockets = append(s.gate.sockets, c)
	open := 0
	for _, x := range s.gate.sockets {
		if x.open {
			open++
		}
	}
	s.gate.most = max(s.gate.most, open)
	if s.faultHello() {
		c.vanish()
	}
	c.say(op(10, map[string]any{"heartbeat_interval": s.Beat.Milliseconds()}))
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		c.cut()
		for _, se := range s.gate.sessions {
			if se.on == c {
				se.on = nil
			}
		}
		s.stir()
		s.mu.Unlock()
	}()
	for {
		_, data, err := ws.ReadMessage()
		if websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway) { // docs, "Disconnecting": the session is over
			s.mu.Lock()
			for _, se := range s.gate.sessions {
				se.dead = se.dead || se.on == c
			}
			s.mu.Unlock()
		}
		if err != nil {
			return
		}
		var f struct {
			Op int             `json:"op"`
			D  json.RawMessage `json:"d"`
		}
		if json.Unmarshal(data, &f) != nil {
			s.shut(c, 4002)
			return
		}
		s.mu.Lock()
		code := s.heard(c, f.Op, f.D)
		s.stir()
		s.mu.Unlock()
		if code != 0 {
			s.shut(c, code)
			return
		}
	}
}

// faultHello is whether this socket is to be silent from the beginning: a Fault with Route "GET /socket" and Hang.
func (s *Server) faultHello() bool { f := s.fault("GET /socket"); return f != nil && f.Hang }

func (s *Server) shut(c *wire, code int) {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
}

func op(code int, data any) []byte {
	b, _ := json.Marshal(map[string]any{"op": code, "d": data, "s": nil, "t": nil})
	return b
}

// heard is a frame from the bot; the code closes the socket when it is not 0. The lock is held.
func (s *Server) heard(c *wire, code int, d json.RawMessage) int {
	switch code {
	case 1:
		s.gate.beats++
		c.say(op(11, nil))
	case 2:
		return s.identified(c, d)
	case 6:
		return s.resumed(c, d)
	case 3, 4, 8:
	default:
		return 4001
	}
	return 0
}

func (s *Server) identified(c *wire, d json.RawMessage) int {
	var id struct {
		Token      string
		Intents    int
		Properties map[string]string
		Compress   bool
	}
	if json.Unmarshal(d, &id) != nil || id.Properties["os"] == "" || id.Compress {
		return 4002
	}
	if s.Refuse != 0 {
		s.gate.refused++
		return s.Refuse
	}
	if strings.TrimPrefix(id.Token, "Bot ") != s.Token {
		return 4004
	}
	for _, se := range s.gate.sessions {
		if se.on == c {
			return 4005
		}
	}
	s.gate.identifies = append(s.gate.identifies, time.Now())
	s.Limit--
	se := &session{id: "session-" + s.id(), intents: id.Intents, on: c}
	s.gate.sessions[se.id] = se
	var there []any
	for _, g := range sortedKeys(s.guilds) {
		there = append(there, map[string]any{"id": g, "unavailable": true})
	}
	se.put("READY", map[string]any{"v": 9, "user": s.users[s.App], "guilds": there, "session_id": se.id, "resume_gateway_url": s.ws() + "resume/",
		"application": map[string]any{"id": s.App, "flags": 0}})
	for _, g := range sortedKeys(s.guilds) {
		se.put("GUILD_CREATE", s.guildJSON(s.guilds[g]))
	}
	return 0
}

func (s *Server) resumed(c *wire, d json.RawMessage) int {
	var r struct {
		Token   string
		Session string `json:"session_id"`
		Seq     int64
	}
	if json.Unmarshal(d, &r) != nil {
		return 4002
	}
	if strings.TrimPrefix(r.Token, "Bot ") != s.Token {
		return 4004
	}
	se := s.gate.sessions[r.Session]
	if !strings.Contains(c.path, "/resume") {
		s.T.Error("a session is resumed elsewhere than its READY said")
	}
	if se == nil || se.dead {
		c.say(op(9, false))
		return 0
	}
	if r.Seq > se.seq {
		return 4007
	}
	s.gate.resumes++
	if se.on != nil && se.on != c {
		se.on.cut()
	}
	se.on = c
	for _, x := range se.log {
		if x.seq > r.Seq {
			c.say(x.frame)
		}
	}
	se.put("RESUMED", map[string]any{})
	return 0
}

// ws is the address of the gateway.
func (s *Server) ws() string { return "ws" + strings.TrimPrefix(s.http.URL, "http") + "/socket/" }

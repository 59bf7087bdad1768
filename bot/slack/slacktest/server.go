package slacktest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
)

// What a Server begins with: a workspace, its bot, two people and a channel that the bot is in.
const (
	Team    = "T0123"
	BotUser = "U0BOT"
	Ann     = "U0AAA"
	Bob     = "U0BBB"
	Triage  = "C0456"
)

// Server is a whole Slack on 127.0.0.1: the Web API, the sockets or the addresses that deliveries go to, people with
// their screens. It is safe for concurrent use.
type Server struct {
	T   testing.TB
	URL string // of the Web API, "http://127.0.0.1:4711/api/"
	// Check looks at what arrives: "view", "message", as Client.Check does. Nil looks at nothing.
	Check func(kind string, v map[string]any)
	// Asked looks at each request of the Web API with its body. Nil looks at nothing.
	Asked func(method string, r *http.Request, body []byte)
	// Events is where deliveries are posted to, signed with Signing; "" sends them through the sockets.
	Events  string
	Signing string
	// AckWait is how long a delivery waits for its acknowledgement before it comes again; 0 is three seconds.
	AckWait time.Duration
	// PingEvery is how often a socket is pinged; 0 is a second.
	PingEvery time.Duration
	// NoPongs has sockets that are opened from now on answer no pings.
	NoPongs bool

	web     *httptest.Server
	methods map[string]method

	mu       sync.Mutex
	changed  chan struct{} // closed and made anew whenever something changes
	ahead    time.Duration // of the wall clock
	n        int
	teams    map[string]*team
	users    map[string]*user
	channels map[string]*channel
	posts    []*posted
	files    map[string]*file
	groups   map[string]*group
	homes    map[string]map[string]any // the App Home's view, by user
	clients  map[string]*Client        // screens, by user
	triggers map[string]*trigger
	backs    map[string]*back // by the path of the response_url
	faults   map[string]*Fault
	calls    map[string]int       // of the Web API, by method
	limited  map[string]time.Time // until when a method's calls in a channel are too early
	line
}

// call is one request of the Web API.
type call struct {
	method string
	team   *team // whose token it came with; nil for an app-level token
	body   map[string]any
	r      *http.Request
}

// text is an argument.
func (c *call) text(name string) string { s, _ := c.body[name].(string); return s }

// object is an argument that is JSON, in the body or as the text of a form.
func (c *call) object(name string) map[string]any {
	if m, ok := c.body[name].(map[string]any); ok {
		return m
	}
	var m map[string]any
	_ = json.Unmarshal([]byte(c.text(name)), &m) // nil when it is none
	return m
}

// list is an argument that is a JSON array, in the body or as the text of a form.
func (c *call) list(name string) []any {
	if l, ok := c.body[name].([]any); ok {
		return l
	}
	var l []any
	_ = json.Unmarshal([]byte(c.text(name)), &l) // nil when it is none
	return l
}

// answer is what goes back, without "ok".
type answer map[string]any

// refuse is an answer that says no.
func refuse(why string) answer { return answer{"error": why} }

// method is one of the Web API. It is called with the Server locked. scope is what the bot's token needs; "" nothing.
type method struct {
	scope string
	do    func(s *Server, c *call) answer
}

// table are all methods: what conversations need, and what webMethods adds (server_web.go).
func table() map[string]method {
	out := map[string]method{
		"auth.test":             {"", (*Server).authTest},
		"apps.connections.open": {"", (*Server).connectionsOpen},
		"chat.postMessage":      {"chat:write", (*Server).postMessage},
		"chat.postEphemeral":    {"chat:write", (*Server).postEphemeral},
		"chat.update":           {"chat:write", (*Server).update},
		"conversations.open":    {"im:write", (*Server).openDirect},
		"views.open":            {"", (*Server).viewOpen},
		"views.push":            {"", (*Server).viewOpen},
		"views.update":          {"", (*Server).viewUpdate},
		"views.publish":         {"", (*Server).viewPublish},
	}
	for name, m := range webMethods() {
		out[name] = m
	}
	return out
}

// Fault is what goes wrong with a method of the Web API, as often as Times says (0: until it is taken back).
type Fault struct {
	Status     int           // 429, 503, …; 0 answers in Slack's words
	RetryAfter int           // seconds, with Status 429
	Error      string        // "not_in_channel"
	Hang       bool          // nothing is answered until the caller gives up
	Times      int           // how often; 0 until Mend
	Skip       int           // calls that are let through first
	Wait       chan struct{} // answers only once this is closed; nil at once
}

// NewServer starts a Slack with one workspace, two people and #triage. It ends with the test.
func NewServer(t testing.TB) *Server {
	s := &Server{T: t, Signing: "8f742231b10e8888abcd99yyyzzz85a5", methods: table(), changed: make(chan struct{}), teams: map[string]*team{}, users: map[string]*user{},
		channels: map[string]*channel{}, files: map[string]*file{}, groups: map[string]*group{}, homes: map[string]map[string]any{},
		clients: map[string]*Client{}, triggers: map[string]*trigger{}, backs: map[string]*back{}, faults: map[string]*Fault{}, calls: map[string]int{}}
	s.line.open = map[*socket]bool{}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.api)
	mux.HandleFunc("/back/", s.answered)
	mux.HandleFunc("/socket/", s.socket)
	serveMore(s, mux)
	s.web = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	s.URL = s.web.URL + "/api/"
	s.AddTeam(Team, "Example", BotUser)
	s.AddUser(Team, Ann, "ann")
	s.AddUser(Team, Bob, "bob")
	s.AddChannel(Team, Triage, "triage", BotUser, Ann, Bob)
	return s
}

// Close ends it: sockets are cut, requests answered no more.
func (s *Server) Close() {
	s.CutAll()
	s.mu.Lock()
	s.closed = true
	s.touch()
	s.mu.Unlock()
	s.web.CloseClientConnections()
	s.web.Close()
}

// AppToken opens sockets.
const AppToken = "xapp-test"

// Options are those of a Surface for this Slack, with its first workspace's token.
func (s *Server) Options() slack.Options {
	return slack.Options{Token: engine.NewSecret(s.Token(Team)), APIURL: s.URL, Client: s.web.Client()}
}

// Token is a workspace's bot token.
func (s *Server) Token(team string) string { return "xoxb-" + team }

// Client is the screen of somebody who is there, in #triage. What they do is delivered to the bot, and what the bot
// does shows on it.
func (s *Server) Client(user string) *Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[user]; c != nil {
		return c
	}
	u := s.users[user]
	if u == nil {
		s.T.Fatalf("nobody is %s", user)
	}
	c := &Client{T: s.T, Team: u.team, User: user, Channel: Triage, live: s, Check: s.Check}
	s.clients[user] = c
	return c
}

// Fault makes a method of the Web API go wrong; "*" all of them.
func (s *Server) Fault(method string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[method] = &f
}

// Mend takes a fault back.
func (s *Server) Mend(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults, method)
}

// Revoke has a workspace's token refused from now on.
func (s *Server) Revoke(team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teams[team].revoked = true
}

// Allow has a workspace's token accepted again.
func (s *Server) Allow(team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teams[team].revoked = false
}

// Lack takes scopes from a workspace's token.
func (s *Server) Lack(team string, scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range scopes {
		s.teams[team].lacks[x] = true
	}
}

// Calls is how often a method was called.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Pass lets time go by: triggers and answers age.
func (s *Server) Pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// Now is the server's time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Server) now() time.Time { return time.Now().Add(s.ahead) }

// touch tells those who wait that something changed. The Server is locked.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// untilMost is how long a test waits for what must come, on a machine that does ten other things.
const untilMost = time.Minute

// lookAgain is how often what happens elsewhere, and is not told here, is looked at.
const lookAgain = 50 * time.Millisecond

// Until waits until cond holds, looking whenever something changed here; it is called without a lock. It fails the
// test after twenty seconds.
func (s *Server) Until(what string, cond func() bool) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), untilMost)
	defer cancel()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond() {
			return
		}
		t := time.NewTimer(lookAgain)
		select {
		case <-changed:
			t.Stop()
		case <-t.C:
		case <-ctx.Done():
			if cond() {
				return
			}
			s.T.Fatalf("in vain: %s", what)
		}
	}
}

var _ bot.Surface = (*slack.Surface)(nil)

package discordtest

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Server is a whole Discord on 127.0.0.1: its REST API, its gateway and what both are about. It is safe for
// concurrent use; exported fields are set before the first request.
type Server struct {
	T     testing.TB
	Token string                    // of the bot
	App   string                    // the application's id, and its user's
	URL   string                    // of the API, version included
	Check func(body map[string]any) // looks at every answer and message; nil looks at nothing
	// Asked looks at each request with its route and JSON body. Nil looks at nothing.
	Asked func(r *http.Request, route string, body map[string]any)
	Now   func() time.Time // of tokens, not of sockets

	// Endpoint takes interactions instead of the gateway when it is not ""; they are signed for PublicKey.
	Endpoint string
	// Beat is the heartbeat interval that the gateway asks for. The default is Discord's own, 41.25 s.
	Beat time.Duration
	// NoPongs has sockets that are opened from now on answer no pings.
	NoPongs bool
	// Refuse closes every identify with this code when it is not 0 (4004, 4014).
	Refuse int
	// Flags are the application's: which privileged intents are on. The default has both.
	Flags int
	// Limit is how many sessions may still be started today.
	Limit int

	key  ed25519.PrivateKey
	http *httptest.Server

	mu       sync.Mutex
	state    // everything that is there
	faults   []*Fault
	requests []string // "METHOD /route/{pattern}"
	gate     gate
	pongs    atomic.Int64
	waiting  map[string]chan map[string]any // answers awaited, by interaction
	screens  []*Client
}

// state is what Discord knows. Its maps are read and changed with the server's lock held; see Server.Do.
type state struct {
	n        int64 // of the last id
	users    map[string]*User
	guilds   map[string]*Guild
	channels map[string]*Channel // text channels, threads and direct messages
	messages map[string]*Message // by message id
	order    []string            // ids of messages, oldest first
	files    map[string]*File    // by id
	acts     map[string]*Interaction
	commands map[string][]map[string]any // registered, by guild; "" is everywhere
	nonces   map[string]string           // message ids by channel/nonce
}

// User is a person, or a bot.
type User struct {
	ID     string `json:"id"`
	Name   string `json:"username"`
	Shown  string `json:"global_name,omitempty"`
	Bot    bool   `json:"bot"`
	Locale string `json:"-"`
	Closed bool   `json:"-"` // refuses direct messages: 50007
}

// Guild is a workspace.
type Guild struct {
	ID      string
	Name    string
	Roles   []Role
	Members map[string]*Member
	Owner   string            // user id
	Emojis  map[string]string // its own: ids by name
}

// Role of a guild. Perms are its permission bits.
type Role struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Perms string `json:"permissions"`
	Bot   string `json:"-"` // the bot that it belongs to
}

// Member of a guild.
type Member struct {
	User    string
	Nick    string
	Roles   []string
	Pending bool // has not passed the guild's screening
	Joined  time.Time
	Until   *time.Time // timed out
}

// Channel of a guild (Kind 0), a thread (10, 11, 12) or direct messages (1).
type Channel struct {
	ID      string
	Kind    int
	Guild   string
	Name    string
	Topic   string
	Parent  string   // of a thread
	People  []string // of direct messages and private threads
	Closed  bool     // archived
	Hidden  bool     // the bot cannot see it: 50001
	Lacking int64    // permission bits that the bot does not have here: 50013
	Owner   string   // of a thread: who began it
	Only    []string // ids of roles that can see it; none is everybody
}

// Message as it stands.
type Message struct {
	ID      string
	Channel string
	Author  string
	Kind    int
	Data    map[string]any // content, embeds, components, flags …
	Files   []string
	Signs   map[string][]string // who reacted, by emoji as REST names it
	Answers string              // id of the message that it replies to
	For     string              // the only one who sees it (flag 64)
	Act     string              // token of the interaction that made it
	Edits   int
}

// File that was sent.
type File struct {
	ID, Name, Type string
	Data           []byte
}

// Interaction is something a person did.
type Interaction struct {
	ID, Token string
	Kind      int
	User      string
	Channel   string
	At        time.Time
	Over      string         // the message whose component it was
	Answer    map[string]any // the first one; nil until then
	Made      string         // the message that the answer made or changed
	Took      time.Duration  // until the first answer, by the wall clock
	began     time.Time
}

// Call is one request as a route sees it; the server's lock is held.
type Call struct {
	*http.Request
	Route string
	Body  map[string]any // JSON, also of a multipart request
	Files []File         // of a multipart request, without ids
}

// Refusal is an answer that is an error of Discord's.
type Refusal struct {
	Status  int
	Code    int
	Message string
}

// route answers with a body (nil: 204) or refuses. It is called with the server's lock held and must not take it.
type route func(s *Server, c *Call) (body any, no *Refusal)

// routes is the table of all there is, "METHOD /path/{name}"; package files add theirs.
func routes() map[string]route {
	all := map[string]route{}
	for _, some := range []map[string]route{baseRoutes(), actRoutes(), webRoutes()} {
		for pattern, r := range some {
			all[pattern] = r
		}
	}
	return all
}

// NewServer starts a Discord with one guild, its channel #triage, and Bob in it: those of New.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{T: t, Token: "test-token", App: "775799577604522054", Beat: 41250 * time.Millisecond, Limit: 1000, Flags: 1<<15 | 1<<19, Now: time.Now, waiting: map[string]chan map[string]any{}}
	s.key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	s.state = state{users: map[string]*User{}, guilds: map[string]*Guild{}, channels: map[string]*Channel{}, messages: map[string]*Message{}, files: map[string]*File{},
		acts: map[string]*Interaction{}, commands: map[string][]map[string]any{}, nonces: map[string]string{}}
	s.gate = gate{sessions: map[string]*session{}, changed: make(chan struct{})}
	s.users[s.App] = &User{ID: s.App, Name: "bretelle", Bot: true}
	s.AddGuild("290926798626357999", "Acme")
	s.AddChannel(Channel{ID: "345626669114982999", Guild: "290926798626357999", Name: "triage"})
	s.AddMember("290926798626357999", User{ID: "53908232506183680", Name: "bob", Shown: "Bob", Locale: "en-GB"})
	mux := http.NewServeMux()
	for pattern, r := range routes() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /api/v9"+path, s.serve(pattern, r))
	}
	mux.HandleFunc("GET /socket/", s.socket)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("no route of Discord's: %s %s", r.Method, r.URL.Path)
		refuse(w, &Refusal{404, 0, "404: Not Found"})
	})
	s.http = httptest.NewServer(mux)
	s.URL = s.http.URL + "/api/v9"
	t.Cleanup(func() {
		s.Cut()
		s.http.CloseClientConnections()
		s.http.Close()
	})
	return s
}

// PublicKey is what HTTP interactions are signed for, in hex.
func (s *Server) PublicKey() string {
	return hex.EncodeToString(s.key.Public().(ed25519.PublicKey))
}

// Do looks at or changes the state; the server's exported methods must not be used inside.
func (s *Server) Do(f func(users map[string]*User, guilds map[string]*Guild, channels map[string]*Channel, messages map[string]*Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.users, s.guilds, s.channels, s.messages)
}

// AddGuild makes a workspace that the bot is a member of.
func (s *Server) AddGuild(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &Guild{ID: id, Name: name, Roles: []Role{{ID: id, Name: "@everyone", Perms: "0"}}, Members: map[string]*Member{s.App: {User: s.App, Joined: s.Now()}}}
	s.guilds[id] = g
	s.emit("GUILD_CREATE", s.guildJSON(g), "")
}

// AddRole makes a role.
func (s *Server) AddRole(guild string, r Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guilds[guild].Roles = append(s.guilds[guild].Roles, r)
	s.emit("GUILD_ROLE_CREATE", map[string]any{"guild_id": guild, "role": r}, "")
}

// AddMember makes a person a member, with roles.
func (s *Server) AddMember(guild string, u User, roles ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[u.ID] == nil {
		s.users[u.ID] = &u
	}
	m := &Member{User: u.ID, Roles: roles, Joined: s.Now()}
	s.guilds[guild].Members[u.ID] = m
	j := s.memberJSON(guild, m)
	j["guild_id"] = guild
	s.emit("GUILD_MEMBER_ADD", j, "")
}

// AddChannel makes a channel, or a thread.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[c.ID] = &c
	s.emit(map[bool]string{true: "THREAD_CREATE", false: "CHANNEL_CREATE"}[c.Kind >= 10], s.channelJSON(&c), c.ID)
}

// Rename gives a channel another name.
func (s *Server) Rename(channel, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	c.Name = name
	s.emit("CHANNEL_UPDATE", s.channelJSON(c), channel)
}

// Requests are the routes that were asked for so far, "POST /channels/{channel}/messages".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// Messages are those in a channel, oldest first, as they stand; deleted ones are gone.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, id := range s.order {
		if m := s.messages[id]; m != nil && m.Channel == channel {
			c := *m
			c.Data = copied(m.Data)
			out = append(out, c)
		}
	}
	return out
}

// id is a new snowflake; the lock is held.
func (s *Server) id() string {
	s.n++
	return strconv.FormatInt((s.Now().UnixMilli()-1420070400000)<<22+s.n, 10)
}

// copied is JSON made anew, so that nothing is shared.
func copied(m map[string]any) map[string]any {
	b, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	var out map[string]any
	_ = json.Unmarshal(b, &out)
	return out
}

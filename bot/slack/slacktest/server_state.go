package slacktest

import (
	"strings"
	"time"
)

// team is a workspace.
type team struct {
	id, name, bot, token string
	revoked              bool
	lacks                map[string]bool // scopes that the token does not have
}

// user is somebody, people and bots.
type user struct {
	id, team, name, real, locale, zone, email, title string
	bot, guest, ultra, stranger, deleted             bool
}

// channel is a channel, or the direct messages of the bot with one person.
type channel struct {
	id, name, team, topic string
	im                    string // the person, of direct messages
	private, archived     bool
	members               map[string]bool
}

// posted is a message.
type posted struct {
	channel, ts, thread, team string
	by                        string // who wrote it
	only                      string // who sees it; "" everybody
	body                      map[string]any
	edits                     int
	gone                      bool
	reactions                 map[string][]string // who, by emoji
}

// file is a file that was shared, or is about to be.
type file struct {
	id, team, name, title, alt string
	data                       []byte
	shared                     []string // channels
}

// group is a user group.
type group struct {
	id, team, handle, name string
	users                  []string
	off                    bool
}

// trigger opens a window once, for a short time.
type trigger struct {
	user string
	at   time.Time
	used bool
}

// back is a response_url.
type back struct {
	user, channel, thread string
	at                    time.Time
	uses                  int
	message               *posted // what was pressed
}

// AddTeam adds a workspace with its bot; its token is Token(id).
func (s *Server) AddTeam(id, name, bot string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teams[id] = &team{id: id, name: name, bot: bot, token: s.Token(id), lacks: map[string]bool{}}
	s.users[bot] = &user{id: bot, team: id, name: "bretelle", real: "Bretelle", bot: true}
	s.touch()
}

// AddUser adds somebody to a workspace; change takes their facts: "locale=fr-FR", "tz=Europe/Zurich", "email=…",
// "real=…", "title=…", "guest", "ultra", "stranger", "bot", "deleted".
func (s *Server) AddUser(team, id, name string, change ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[id]
	if u == nil {
		u = &user{id: id, team: team, name: name, real: name, locale: "en-US", zone: "Europe/Zurich", email: name + "@example.org"}
		s.users[id] = u
	}
	for _, x := range change {
		key, value, _ := strings.Cut(x, "=")
		switch key {
		case "locale":
			u.locale = value
		case "tz":
			u.zone = value
		case "email":
			u.email = value
		case "real":
			u.real = value
		case "title":
			u.title = value
		case "guest":
			u.guest = value != "no"
		case "ultra":
			u.ultra = value != "no"
		case "stranger":
			u.stranger = value != "no"
		case "bot":
			u.bot = value != "no"
		case "deleted":
			u.deleted = value != "no"
		default:
			s.T.Fatalf("a user has no %q", x)
		}
	}
	s.touch()
}

// AddChannel adds a channel with its members; the bot is in it when it is among them.
func (s *Server) AddChannel(team, id, name string, members ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &channel{id: id, name: name, team: team, members: map[string]bool{}}
	for _, m := range members {
		c.members[m] = true
	}
	s.channels[id] = c
	s.touch()
}

// AddGroup adds a user group.
func (s *Server) AddGroup(team, id, handle string, users ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[id] = &group{id: id, team: team, handle: handle, name: handle, users: users}
	s.touch()
}

package discordtest

import (
	"slices"
	"strconv"
	"strings"
)

// roomRoutes are channels and threads.
func roomRoutes() map[string]route {
	return map[string]route{
		"GET /channels/{channel}": func(s *Server, c *Call) (any, *Refusal) {
			r, no := s.room(c, 0)
			if no != nil {
				return nil, no
			}
			return s.channelJSON(r), nil
		},
		"PATCH /channels/{channel}": func(s *Server, c *Call) (any, *Refusal) {
			r, no := s.room(c, bitManage)
			if no != nil {
				return nil, no
			}
			if t, ok := c.Body["topic"].(string); ok {
				if length(t) > 1024 {
					return nil, &Refusal{400, 50035, "Invalid Form Body"}
				}
				r.Topic = t
			}
			s.emit("CHANNEL_UPDATE", s.channelJSON(r), r.ID)
			return s.channelJSON(r), nil
		},
		"POST /channels/{channel}/threads": func(s *Server, c *Call) (any, *Refusal) {
			r, no := s.room(c, bitAlone)
			if no != nil {
				return nil, no
			}
			kind, _ := c.Body["type"].(float64)
			return s.thread(r, s.id(), int(kind), c)
		},
		"PUT /channels/{channel}/thread-members/{user}": func(s *Server, c *Call) (any, *Refusal) {
			r, no := s.room(c, 0)
			if no != nil {
				return nil, no
			}
			if u := c.PathValue("user"); s.users[u] == nil {
				return nil, &Refusal{404, 10013, "Unknown User"}
			} else if !slices.Contains(r.People, u) {
				r.People = append(r.People, u)
			}
			return nil, nil
		},
		"GET /channels/{channel}/thread-members/{user}": func(s *Server, c *Call) (any, *Refusal) {
			r, no := s.room(c, 0)
			if no != nil {
				return nil, no
			}
			if !slices.Contains(r.People, c.PathValue("user")) {
				return nil, &Refusal{404, 10007, "Unknown Member"}
			}
			return map[string]any{"id": r.ID, "user_id": c.PathValue("user"), "flags": 0}, nil
		},
		"GET /channels/{channel}/thread-members": func(s *Server, c *Call) (any, *Refusal) {
			r, no := s.room(c, 0)
			if no != nil {
				return nil, no
			}
			out := []any{}
			for _, u := range r.People {
				out = append(out, map[string]any{"id": r.ID, "user_id": u, "flags": 0})
			}
			return out, nil
		},
		"GET /channels/{channel}/users/@me/threads/archived/private": func(s *Server, c *Call) (any, *Refusal) {
			r, no := s.room(c, 0)
			if no != nil {
				return nil, no
			}
			return s.threads(func(t *Channel) bool {
				return t.Closed && t.Parent == r.ID && t.Kind == 12 && slices.Contains(t.People, s.App)
			}), nil
		},
		"GET /guilds/{guild}/threads/active": func(s *Server, c *Call) (any, *Refusal) {
			return s.threads(func(t *Channel) bool { return !t.Closed && t.Guild == c.PathValue("guild") && t.Kind >= 10 }), nil
		},
	}
}

// threads are those that fit.
func (s *Server) threads(fits func(t *Channel) bool) map[string]any {
	out := []any{}
	for _, id := range sortedKeys(s.channels) {
		if t := s.channels[id]; t.Kind >= 10 && fits(t) {
			out = append(out, s.channelJSON(t))
		}
	}
	return map[string]any{"threads": out, "members": []any{}, "has_more": false}
}

// threadBelow begins the thread of a message, which has its id.
func threadBelow(s *Server, m *Message, c *Call) (any, *Refusal) {
	r, no := s.room(c, bitThreads)
	if no != nil {
		return nil, no
	}
	if r.Kind != 0 && r.Kind != 5 {
		return nil, &Refusal{400, 50024, "Cannot execute action on this channel type"}
	}
	if s.channels[m.ID] != nil {
		return nil, &Refusal{400, 160004, "A thread has already been created for this message"}
	}
	return s.thread(r, m.ID, 11, c)
}

func (s *Server) thread(r *Channel, id string, kind int, c *Call) (any, *Refusal) {
	name, _ := c.Body["name"].(string)
	if n := length(name); n < 1 || n > 100 {
		return nil, &Refusal{400, 50035, "Invalid Form Body"}
	}
	t := &Channel{ID: id, Kind: kind, Guild: r.Guild, Name: name, Parent: r.ID, Owner: s.App, People: []string{s.App}}
	s.channels[id] = t
	s.emit("THREAD_CREATE", s.channelJSON(t), r.ID)
	s.stir()
	return s.channelJSON(t), nil
}

// peopleRoutes are guilds and who is in them.
func peopleRoutes() map[string]route {
	inGuild := func(do func(s *Server, g *Guild, c *Call) (any, *Refusal)) route {
		return func(s *Server, c *Call) (any, *Refusal) {
			g := s.guilds[c.PathValue("guild")]
			if g == nil {
				return nil, &Refusal{404, 10004, "Unknown Guild"}
			}
			return do(s, g, c)
		}
	}
	return map[string]route{
		"POST /users/@me/channels": func(s *Server, c *Call) (any, *Refusal) {
			u, _ := c.Body["recipient_id"].(string)
			if s.users[u] == nil {
				return nil, &Refusal{400, 50033, "Invalid Recipient(s)"}
			}
			return s.channelJSON(s.channels[s.direct(u)]), nil
		},
		"GET /users/@me/guilds": func(s *Server, _ *Call) (any, *Refusal) {
			out := []any{}
			for _, id := range sortedKeys(s.guilds) {
				out = append(out, map[string]any{"id": id, "name": s.guilds[id].Name, "owner": false, "permissions": "0"})
			}
			return out, nil
		},
		"GET /guilds/{guild}": inGuild(func(s *Server, g *Guild, _ *Call) (any, *Refusal) {
			j := s.guildJSON(g)
			for _, k := range []string{"channels", "threads", "members"} { // only the gateway has them
				delete(j, k)
			}
			return j, nil
		}),
		"GET /guilds/{guild}/channels": inGuild(func(s *Server, g *Guild, _ *Call) (any, *Refusal) {
			out := []any{}
			for _, id := range sortedKeys(s.channels) {
				if c := s.channels[id]; c.Guild == g.ID && c.Kind < 10 {
					out = append(out, s.channelJSON(c))
				}
			}
			return out, nil
		}),
		"GET /guilds/{guild}/roles": inGuild(func(_ *Server, g *Guild, _ *Call) (any, *Refusal) { return slices.Clone(g.Roles), nil }),
		"GET /guilds/{guild}/members/{user}": inGuild(func(s *Server, g *Guild, c *Call) (any, *Refusal) {
			m := g.Members[c.PathValue("user")]
			if m == nil {
				return nil, &Refusal{404, 10007, "Unknown Member"}
			}
			return s.memberJSON(g.ID, m), nil
		}),
		"GET /guilds/{guild}/members": inGuild(func(s *Server, g *Guild, c *Call) (any, *Refusal) {
			if s.Flags&(1<<14|1<<15) == 0 {
				return nil, &Refusal{403, 50001, "Missing Access"}
			}
			most, _ := strconv.Atoi(c.URL.Query().Get("limit"))
			return s.members(g, func(id string) bool { return number(id) > number(c.URL.Query().Get("after")) }, most), nil
		}),
		"GET /guilds/{guild}/members/search": inGuild(func(s *Server, g *Guild, c *Call) (any, *Refusal) {
			q := strings.ToLower(c.URL.Query().Get("query"))
			most, _ := strconv.Atoi(c.URL.Query().Get("limit"))
			return s.members(g, func(id string) bool {
				u, m := s.users[id], g.Members[id]
				return strings.HasPrefix(strings.ToLower(u.Name), q) || strings.HasPrefix(strings.ToLower(m.Nick), q) || strings.HasPrefix(strings.ToLower(u.Shown), q)
			}, most), nil
		}),
	}
}

// members are those of a guild that fit, by id; at most most, one when it is 0.
func (s *Server) members(g *Guild, fits func(id string) bool, most int) []any {
	ids := sortedKeys(g.Members)
	inOrder(ids)
	out := []any{}
	for _, id := range ids {
		if len(out) < max(1, most) && fits(id) {
			out = append(out, s.memberJSON(g.ID, g.Members[id]))
		}
	}
	return out
}

package discord

import (
	"cmp"
	"slices"
)

// Server is a guild that the bot is on.
type Server struct {
	ID   string
	Name string // "" while the gateway has not told it
}

// Servers are the guilds that the bot is on, as far as the gateway told, by id.
func (s *Surface) Servers() []Server {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	out := make([]Server, 0, len(s.known.guilds))
	for id, g := range s.known.guilds {
		if snowflake.MatchString(id) {
			out = append(out, Server{ID: id, Name: g.Name})
		}
	}
	slices.SortFunc(out, func(a, b Server) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// WorkspaceName is what a guild is called, as far as is known.
func (s *Surface) WorkspaceName(id string) string {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if g := s.known.guilds[id]; g != nil {
		return g.Name
	}
	return ""
}

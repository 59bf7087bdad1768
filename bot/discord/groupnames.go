package discord

import (
	"context"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.GroupLister = (*Surface)(nil)

// groupsMost bounds what is offered to choose from; Discord allows 250 roles.
const groupsMost = 300

// GroupNames are the roles of a server that people can be given; see bot.GroupLister. Those of apps are left out, and
// names that several have or that cannot stand in a flow as they are: such a role goes by its number.
func (s *Surface) GroupNames(ctx context.Context, server string) ([]string, error) {
	if server == DirectMessages || server == "" {
		return nil, nil
	}
	g, err := s.guildOf(ctx, server, staleAge)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range g.Roles {
		if r.Managed || r.ID == server || len(out) == groupsMost { // the server's own number is everybody
			continue
		}
		if name := "discord:" + server + "/@" + r.Name; writable(name) && roleOf(g, r.Name) == r.ID {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// writable reports whether a group's name can stand in a flow as it is.
func writable(name string) bool {
	p, err := engine.ParsePlace(name)
	return err == nil && p.String() == name && !strings.ContainsAny(p.Channel, " \t,\"'")
}

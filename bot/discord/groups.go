package discord

import (
	"context"
	"slices"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// Groups tells in which of the groups asked about the actor is now, from what is at most a minute old: roles
// ("discord:GUILD/@triage", "discord:GUILD/@everyone" for all members, or a role's number after the @) and who can see a
// channel ("discord:GUILD/#triage", or its number). Several roles or channels of one name have nobody in them: which
// is meant cannot be told, and anybody who may make roles could make the second one. From direct messages, where a user
// is the same in every guild, the groups of every guild are answered. See bot.Surface for the errors.
func (s *Surface) Groups(ctx context.Context, a bot.Actor, asked []string) ([]string, error) {
	if a.Bot {
		return nil, nil
	}
	var out []string
	for _, name := range asked {
		p, err := engine.ParsePlace(name)
		if err != nil || p.Surface != "discord" || p.Workspace == DirectMessages || a.Workspace != p.Workspace && a.Workspace != DirectMessages && a.Workspace != "" {
			continue
		}
		in, err := s.inGroup(ctx, p, a.User)
		if err != nil {
			if code := engine.CodeOf(err); code == engine.NotFound {
				continue
			}
			return nil, err
		}
		if in {
			out = append(out, name)
		}
	}
	return out, nil
}

func (s *Surface) inGroup(ctx context.Context, p engine.Place, user string) (bool, error) {
	m, err := s.memberOf(ctx, p.Workspace, user, groupAge)
	if err != nil || m.left || m.User != nil && m.User.Bot {
		return false, err
	}
	g, err := s.guildOf(ctx, p.Workspace, groupAge)
	if err != nil {
		return false, err
	}
	if name, ok := strings.CutPrefix(p.Channel, "@"); ok {
		if name == "everyone" {
			return true, nil
		}
		id := roleOf(g, name)
		return id != "" && slices.Contains(m.Roles, id), nil
	}
	all, err := s.channelsOf(ctx, p.Workspace, groupAge)
	if err != nil {
		return false, err
	}
	c, ok := channelOf(all, strings.TrimPrefix(p.Channel, "#"))
	if !ok {
		return false, nil
	}
	m.Until = nil // who may not speak for a while is still a member
	return permissions(p.Workspace, g, m, user, c.Overwrites, s.now())&discord.PermissionViewChannel != 0, nil
}

// roleOf is the id of the role that a name or number means; "" for none, and for several.
func roleOf(g guild, name string) string {
	id := ""
	for _, r := range g.Roles {
		if r.ID == name {
			return r.ID
		}
		if r.Name == name {
			if id != "" {
				return ""
			}
			id = r.ID
		}
	}
	return id
}

// channelOf is the channel that a name or number means, when it is one.
func channelOf(all []channel, name string) (channel, bool) {
	var found []channel
	for _, c := range all {
		if c.ID == name {
			return c, true
		}
		if c.Name == name && c.text() {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		return channel{}, false
	}
	return found[0], true
}

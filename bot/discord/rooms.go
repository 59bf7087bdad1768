package discord

import (
	"context"
	"slices"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.RoomLister = (*Surface)(nil)

// What is offered to choose from is bounded; and so is how many servers are asked whether somebody is in them, who acts
// from direct messages.
const (
	roomsMost   = 300
	serversMost = 20
)

// Rooms are the channels of a server that somebody and the bot can both see; from direct messages, which belong to no
// server, those of the servers that they are in. See bot.RoomLister. Channels of one name are left out: which is meant
// could not be told.
func (s *Surface) Rooms(ctx context.Context, a bot.Actor) ([]engine.Place, error) {
	servers := []string{a.Workspace}
	if a.Workspace == DirectMessages || a.Workspace == "" {
		servers = s.servers()
	}
	var out []engine.Place
	for _, id := range servers[:min(len(servers), serversMost)] {
		list, err := s.roomsOf(ctx, id, a.User)
		if err != nil {
			return out, err
		}
		out = append(out, list...)
	}
	return out[:min(len(out), roomsMost)], nil
}

func (s *Surface) roomsOf(ctx context.Context, server, user string) ([]engine.Place, error) {
	them, err := s.memberOf(ctx, server, user, groupAge)
	if err != nil || them.left {
		return nil, err
	}
	g, err := s.guildOf(ctx, server, groupAge)
	if err != nil {
		return nil, err
	}
	all, err := s.named(ctx, server, groupAge)
	if err != nil {
		return nil, err
	}
	sees := func(m member, user string, c channel) bool {
		m.Until = nil
		return permissions(server, g, m, user, c.Overwrites, s.now())&discord.PermissionViewChannel != 0
	}
	var mine member
	if me := s.me(); me != "" {
		if mine, err = s.memberOf(ctx, server, me, staleAge); err != nil {
			return nil, err
		}
	}
	var out []engine.Place
	for _, c := range all {
		if one, ok := channelOf(all, c.Name); !c.text() || !ok || one.ID != c.ID || !sees(them, user, c) || !sees(mine, s.me(), c) {
			continue
		}
		out = append(out, engine.Place{Surface: "discord", Workspace: server, Channel: "#" + c.Name})
	}
	slices.SortFunc(out, func(a, b engine.Place) int { return strings.Compare(a.Channel, b.Channel) })
	return out, nil
}

// servers are those the bot is in, as far as it was told.
func (s *Surface) servers() (out []string) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	for id, g := range s.known.guilds {
		if g.Name != "" {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

package discord

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// complete puts into a delivery what its frame does not say: the channel's name instead of its number where only one is
// called so, the channel that a thread is in, and of the actor name, language and whether they may do anything here. Who
// has not passed the guild's screening, is timed out, or is no member (any more) is a guest. Discord tells no time zone.
// Errors: Unavailable or Throttled when something is not known and cannot be asked now; then nothing may be concluded.
func (s *Surface) complete(ctx context.Context, in *bot.In) error {
	guild := in.Place.Workspace
	if guild == "" || guild == DirectMessages {
		s.lang(&in.Actor)
		return nil
	}
	if err := s.place(ctx, in); err != nil {
		return err
	}
	if in.Actor.Workspace == "" {
		in.Actor.Workspace = guild
	}
	if err := s.actor(ctx, guild, &in.Actor); err != nil {
		return err
	}
	if in.Author.User != "" && in.Author.Name == "" {
		in.Author.Workspace = guild
		if err := s.actor(ctx, guild, &in.Author); err != nil && !later(err) {
			return err
		}
	}
	return nil
}

// later reports whether something may be known another time.
func later(err error) bool {
	switch engine.CodeOf(err) {
	case engine.Unavailable, engine.Throttled, engine.Canceled:
		return true
	}
	return false
}

// place puts the channel's name into the place. What cannot be named keeps its number.
func (s *Surface) place(ctx context.Context, in *bot.In) error {
	id := in.Place.Channel
	if id == "" || strings.HasPrefix(id, "#") {
		return nil
	}
	all, err := s.named(ctx, in.Place.Workspace, nameAge)
	if err != nil && later(err) {
		return err
	}
	c, ok := channelOf(all, id)
	if !ok && err == nil { // a thread, or one that was made just now
		if c, err = s.channel(ctx, id); err != nil && later(err) {
			return err
		}
		if c.thread() && c.Parent != "" {
			if in.Place.Thread == "" {
				in.Place.Thread = string(ref(c.Parent, id))
			}
			in.Place.Channel = c.Parent
			c, _ = channelOf(all, c.Parent)
		}
	}
	if c.Name != "" && len(called(all, c.Name)) <= 1 && c.text() {
		in.Place.Channel = "#" + c.Name
	}
	return nil
}

// actor fills in what Discord knows about somebody.
func (s *Surface) actor(ctx context.Context, guild string, a *bot.Actor) error {
	s.lang(a)
	if a.Bot || a.User == "" { // a webhook is no member
		return nil
	}
	m, err := s.memberOf(ctx, guild, a.User, nameAge)
	if err != nil {
		if later(err) {
			return err
		}
		a.Guest = true // of a guild that the bot is not in
		return nil
	}
	a.Guest = a.Guest || m.left || m.Pending || m.timedOut(s.now())
	if m.User != nil {
		a.Bot = a.Bot || m.User.Bot
		if known := actorOf(m.User, m.Nick); a.Name == "" {
			a.Name = known.Name
		}
	}
	return nil
}

// lang is the language of somebody's client, which interactions tell: it serves where others do not.
func (s *Surface) lang(a *bot.Actor) {
	if a.Lang != "" {
		s.speaks(a.User, a.Lang)
		return
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	a.Lang = s.known.langs[a.User]
}

package console

import (
	"context"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.Director = (*Console)(nil)

// Direct is where the bot speaks to the actor alone: a channel named "@" and the person's id, which nobody else may
// read. NotFound when there is no such person.
func (c *Console) Direct(ctx context.Context, a bot.Actor, _ engine.Place) (engine.Place, error) {
	id := a.Person
	if id == "" {
		id = a.User
	}
	p, err := c.person(ctx, id)
	return directPlace(p.ID), err
}

const directSign = "@"

func directPlace(person string) engine.Place {
	return engine.Place{Surface: engine.ConsoleSurface, Channel: directSign + person}
}

// directOf is whose direct messages a channel is; ok is false for an ordinary channel.
func directOf(channel string) (person string, ok bool) { return strings.CutPrefix(channel, directSign) }

// named is a channel's name as it stands in a path: without its "#".
func named(channel string) string { return strings.TrimPrefix(channel, "#") }

// channelOf is the channel that a path names.
func channelOf(path string) string {
	if _, ok := directOf(path); ok {
		return path
	}
	return "#" + path
}

func channelPath(name string) string { return "/c/" + url.PathEscape(named(name)) }

// direct is the channel of a person's direct messages; NotFound when they are not here.
func (c *Console) direct(ctx context.Context, person string) (bot.Channel, error) {
	p, err := c.person(ctx, person)
	return bot.Channel{Place: directPlace(p.ID), Lang: p.Lang}, err
}

// mayRead reports whether p may read a channel: of direct messages, only their owner.
func mayRead(p engine.Person, ch bot.Channel) bool {
	if owner, ok := directOf(ch.Place.Channel); ok {
		return p.ID != "" && owner == p.ID
	}
	return sees(p, ch)
}

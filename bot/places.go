package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// adopt reports whether flows may live in a place. On the console that is where an admin added the channel. On a chat
// platform whoever invited the bot into a channel has let it speak there: such a channel is added when somebody who may
// is about to make a flow in it, so that it is among the choices from then on.
func (b *Bot) adopt(ctx context.Context, c *caller, p engine.Place) (bool, error) {
	p.Thread = ""
	if _, known := c.book.channel(p); known {
		return true, nil
	}
	if _, connected := b.surfaces[p.Surface]; !connected || p.Surface == engine.ConsoleSurface || p.Workspace == "" || p.Workspace == NoWorkspace || !strings.HasPrefix(p.Channel, "#") {
		return false, nil
	}
	if b.may(ctx, c, DeedBuild, "", p, false) != nil {
		return false, nil
	}
	b.roles.Lock()
	defer b.roles.Unlock()
	k, err := b.book(ctx) // anew: somebody may have given roles there meanwhile
	if err != nil {
		return false, err
	}
	ch, known := k.channel(p)
	if !known {
		if err := b.o.People.SetChannel(ctx, ch); err != nil {
			return false, err
		}
		b.audit(ctx, c.person.ID, "channel.added", "channel/"+p.String(), "why=flow")
	}
	c.book.channels = append(slices.Clip(c.book.channels), ch)
	return true, nil
}

// rooms are the channels to choose from for a flow: those in use, and those of the platform that somebody acts from in
// which they and the bot are, when they may build anywhere. So a flow can be begun where no channel is: in direct
// messages, from a global shortcut. What a platform cannot tell now is left out: it can be written.
func (b *Bot) rooms(c *caller) (out []engine.Place) {
	for _, ch := range c.book.channels {
		out = append(out, ch.Place)
	}
	l, ok := b.surfaces[c.actor.Surface].(RoomLister)
	if !ok {
		return out
	}
	ctx, cancel := context.WithTimeout(context.Background(), listWithin)
	defer cancel()
	if b.may(ctx, c, DeedBuild, "", engine.Place{}, false) != nil {
		return out
	}
	list, err := l.Rooms(ctx, c.actor)
	if err != nil {
		b.o.Log.Debug("a surface's channels could not be listed", "surface", c.actor.Surface, "err", err)
	}
	for _, p := range list {
		if again, err := engine.ParsePlace(p.String()); err == nil && again == p && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// here is the channel that somebody is in, as flows name it, and whether flows may live there; "" where they may not.
func (b *Bot) here(ctx context.Context, c *caller, at engine.Place) (string, bool, error) {
	if at.Channel == "" {
		return "", false, nil
	}
	known, err := b.adopt(ctx, c, at)
	if err != nil || !known {
		return "", false, err
	}
	at.Thread = ""
	return at.String(), true, nil
}

// placeLabel is how people call a place: "#triage"; on a platform "#triage (slack, Example)", with its workspace's name.
func (b *Bot) placeLabel(p engine.Place) string {
	if p.Surface == "" || p.Surface == engine.ConsoleSurface {
		return p.String()
	}
	name := p.Workspace
	if s, ok := b.surfaces[p.Surface].(Named); ok {
		name = firstOf(s.WorkspaceName(p.Workspace), name)
	}
	if s, ok := b.surfaces[p.Surface].(Linked); ok {
		for _, l := range s.Links() {
			if l.Workspace == p.Workspace && l.Name != "" {
				name = l.Name
			}
		}
	}
	return p.Channel + " (" + p.Surface + ", " + name + ")"
}

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

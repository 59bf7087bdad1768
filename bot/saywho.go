package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Members lists who is in a channel, at most most of them; more tells that there are others. Person is filled in of those
// who are known here. Invalid where the surface does not tell.
func (b *Bot) Members(ctx context.Context, place engine.Place, most int) (list []Member, more bool, err error) {
	d, place, err := b.directory(place)
	if err != nil {
		return nil, false, err
	}
	if list, more, err = d.Members(ctx, place, most); err != nil {
		return nil, false, err
	}
	for i := range list {
		if err := b.known(ctx, &list[i]); err != nil {
			return nil, false, err
		}
	}
	return list, more, nil
}

// Lookup finds somebody in the place's workspace by user id, e-mail address or name ("@ann"). Errors: NotFound, Conflict
// when several are called so, Invalid where the surface does not tell.
func (b *Bot) Lookup(ctx context.Context, place engine.Place, who string) (Member, error) {
	d, place, err := b.directory(place)
	if err != nil {
		return Member{}, err
	}
	m, err := d.Lookup(ctx, place.Workspace, who)
	if err != nil {
		return Member{}, err
	}
	return m, b.known(ctx, &m)
}

func (b *Bot) directory(place engine.Place) (Directory, engine.Place, error) {
	s, place, err := b.surface(place)
	if err != nil {
		return nil, place, err
	}
	d, ok := s.(Directory)
	if !ok {
		return nil, place, engine.E(engine.Invalid, "{surface} does not tell who is there", "surface", place.Surface).WithHint("Name the persons in the flow.")
	}
	return d, place, nil
}

// known fills in which person of ours somebody is.
func (b *Bot) known(ctx context.Context, m *Member) error {
	if m.Bot || m.Guest {
		return nil
	}
	c, err := b.caller(ctx, m.Actor)
	if err != nil {
		return err
	}
	m.Person = c.person.ID
	return nil
}

// Address is how a flow writes to somebody: "slack:T0123/@U42", on the console "@ann"; "" for nobody.
func (a Actor) Address() string {
	switch {
	case a.Surface == "" || a.Surface == engine.ConsoleSurface:
		if a.Name == "" {
			return ""
		}
		return "@" + a.Name
	case a.Workspace == "" || a.User == "":
		return ""
	}
	return a.Surface + ":" + a.Workspace + "/@" + a.User
}

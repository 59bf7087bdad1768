package console

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.Directory = (*Console)(nil)

// Lookup finds a person by id or name. The console knows no addresses.
func (c *Console) Lookup(ctx context.Context, _, who string) (bot.Member, error) {
	all, err := c.o.People.Persons(ctx)
	if err != nil {
		return bot.Member{}, err
	}
	for _, p := range all {
		if p.ID == who || strings.EqualFold(p.Name, strings.TrimPrefix(who, "@")) {
			return member(p), nil
		}
	}
	return bot.Member{}, engine.E(engine.NotFound, "nobody is called {name}", "name", who)
}

// Members are the persons who may read a channel, by name.
func (c *Console) Members(ctx context.Context, p engine.Place, most int) (list []bot.Member, more bool, err error) {
	ch, err := c.channel(ctx, p.Channel)
	if err != nil {
		return nil, false, err
	}
	all, err := c.o.People.Persons(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, x := range all {
		switch {
		case !mayRead(x, ch):
		case len(list) == most:
			return list, true, nil
		default:
			list = append(list, member(x))
		}
	}
	return list, false, nil
}

func member(p engine.Person) bot.Member {
	return bot.Member{Actor: bot.Actor{Surface: engine.ConsoleSurface, User: p.ID, Name: p.Name, Lang: p.Lang, Zone: p.Timezone, Person: p.ID}}
}

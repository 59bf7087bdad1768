package console

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// person finds a person by id; NotFound.
func (c *Console) person(ctx context.Context, id string) (engine.Person, error) {
	all, err := c.o.People.Persons(ctx)
	if err != nil {
		return engine.Person{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return engine.Person{}, engine.E(engine.NotFound, "that person is not here any more")
}

// zone is the person's time zone, UTC when they have none: the page then shows the browser's.
func zone(p engine.Person) *time.Location {
	if p.Timezone != "" {
		if z, err := time.LoadLocation(p.Timezone); err == nil {
			return z
		}
	}
	return time.UTC
}

// sees reports whether p may read a channel.
func sees(p engine.Person, ch bot.Channel) bool {
	return bot.Allowed(bot.Subject{Known: true, Everywhere: p.Role, Channel: ch.Roles[p.ID]}, bot.DeedSee, bot.Object{}) == nil
}

// channels lists the console's channels that p may read.
func (c *Console) channels(ctx context.Context, p engine.Person) ([]bot.Channel, error) {
	all, err := c.o.People.Channels(ctx)
	if err != nil {
		return nil, err
	}
	var mine []bot.Channel
	for _, ch := range all {
		if ch.Place.Surface == engine.ConsoleSurface && sees(p, ch) {
			mine = append(mine, ch)
		}
	}
	return mine, nil
}

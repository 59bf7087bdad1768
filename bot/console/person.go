package console

import (
	"context"
	"strings"
	"time"
	"unicode"

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

// sees reports whether p may read a channel: with any role, everywhere or there. Deny by default.
func sees(p engine.Person, ch bot.Channel) bool {
	return p.Role != engine.NoRole || ch.Roles[p.ID] != engine.NoRole
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

// cleanName makes what a person typed into a name that can stand after "@": letters, digits, dash, dot, underscore.
// The error is Invalid.
func cleanName(typed string) (string, error) {
	name := strings.TrimPrefix(strings.TrimSpace(typed), "@")
	bad := name == "" || len(name) > 40 || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-")
	for _, r := range name {
		bad = bad || !nameRune(r)
	}
	if bad {
		return "", engine.E(engine.Invalid, "a name has letters, digits, dashes, dots and underscores, at most 40").
			WithHint("It stands after @ when you are asked something, for example Ann.")
	}
	return name, nil
}

func nameRune(r rune) bool {
	return r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' ||
		r > 0x7f && unicode.IsLetter(r)
}

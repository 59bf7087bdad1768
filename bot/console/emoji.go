package console

import (
	"context"
	"regexp"
	"strings"

	"github.com/bretelle/bretelle/bot"
)

// reacting is a text that puts an emoji under the message that a thread hangs on, "+:ticket:", as chat platforms read it.
var reacting = regexp.MustCompile(`^\+:([a-z0-9_+-]{1,60}):$`)

// reaction turns such a text into what it does; ok is false for any other. NotFound when the message is gone.
func (c *Console) reaction(ctx context.Context, in bot.In) (out bot.In, ok bool, err error) {
	m := reacting.FindStringSubmatch(strings.TrimSpace(in.Text))
	if in.Kind != bot.InMessage || in.Place.Thread == "" || m == nil {
		return in, false, nil
	}
	root, err := c.message(ctx, in.Place, bot.Ref(in.Place.Thread))
	if err != nil {
		return in, true, err
	}
	if err := c.React(ctx, in.Place, bot.Ref(root.ID), m[1]); err != nil {
		return in, true, err
	}
	in.Kind, in.Value, in.Message, in.Text, in.Place.Thread = bot.InReact, m[1], bot.Ref(root.ID), root.Text, ""
	if root.By != "" {
		p, err := c.person(ctx, root.By)
		if err == nil {
			in.Author = bot.Actor{Surface: c.Name(), User: p.ID, Name: p.Name}
		}
	}
	return in, true, nil
}

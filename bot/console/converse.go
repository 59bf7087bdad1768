package console

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var (
	_ bot.Threader = (*Console)(nil)
	_ bot.Reactor  = (*Console)(nil)
)

// Thread is where answers to a message stand: the thread that it is in, or else the one that it begins. NotFound when
// there is no such message in the place.
func (c *Console) Thread(ctx context.Context, p engine.Place, ref bot.Ref) (engine.Place, error) {
	m, err := c.message(ctx, p, ref)
	if err != nil {
		return p, err
	}
	where := base(p)
	if where.Thread = m.Thread; where.Thread == "" {
		where.Thread = m.ID
	}
	return where, nil
}

// React counts an emoji under a message; the bot's own counts once.
func (c *Console) React(ctx context.Context, p engine.Place, ref bot.Ref, emoji string) error {
	m, err := c.message(ctx, p, ref)
	if err != nil || m.Reactions[emoji] > 0 {
		return err
	}
	n := map[string]int{emoji: 1}
	for name, count := range m.Reactions {
		n[name] = count
	}
	m.Reactions = n
	_, err = c.put(ctx, m, nil)
	return err
}

// message finds one in a place, threads included.
func (c *Console) message(ctx context.Context, p engine.Place, ref bot.Ref) (bot.Message, error) {
	list, err := c.o.Messages.LastMessages(ctx, base(p), 0)
	if err != nil {
		return bot.Message{}, err
	}
	for _, m := range list {
		if m.ID == string(ref) {
			return m, nil
		}
	}
	return bot.Message{}, engine.E(engine.NotFound, "this message is gone")
}

package bot

import (
	"context"
	"hash/fnv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Say posts a text for a flow and gives the message's reference on its surface. For one key at most one message is
// ever posted in a place, also when Say is called again after a crash. Errors are the surface's: NotFound when there
// is no such place or the surface is not connected, Denied, Throttled, Unavailable.
func (b *Bot) Say(ctx context.Context, place engine.Place, thread, key, text string) (ref string, err error) {
	place.Thread = thread
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // a hash never fails
	lock := &b.says[h.Sum32()%uint32(len(b.says))]
	lock.Lock()
	defer lock.Unlock()
	if place.Surface == "" {
		place.Surface = engine.ConsoleSurface
	}
	cardKey := "say:" + key
	old, err := b.o.Outbox.Card(ctx, cardKey, place)
	switch {
	case err == nil && old.Ref != "":
		return string(old.Ref), nil
	case err != nil && engine.CodeOf(err) != engine.NotFound:
		return "", err
	}
	k, err := b.book(ctx)
	if err != nil {
		return "", err
	}
	ch, _ := k.channel(place)
	card := prompts.Card{Key: cardKey, Blocks: []prompts.Block{prompts.Para{Line: prompts.Line{{Text: text}}}}, Text: text,
		State: engine.CardResolved, Lang: prompts.Lang(ch.Lang)}
	if card.Text == "" {
		return "", engine.E(engine.Invalid, "there is no text to post")
	}
	c, err := b.putNow(ctx, &draft{card: card}, place)
	return string(c.Ref), err
}

package bot

import (
	"context"
	"slices"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	downRetry    = 4 * time.Second  // at most so long between tries of a surface that cannot be reached: one call for all its channels
	refusedRetry = 15 * time.Minute // first time to try again where a question was refused; doubles
	refusedMax   = 6 * time.Hour
)

// failed decides about a copy that could not be shown. What the surface cannot do now waits as long as it takes, in
// order; what it refuses goes to the operator, and a question where it says. The error is about the store.
func (b *Bot) failed(ctx context.Context, c Copy, out *shown, why error) error {
	e := engine.AsError(why)
	if !out.sent && e.Code != engine.Internal {
		return why // nothing was asked of the surface: the store is in trouble
	}
	now := b.now()
	c.Reason = string(e.Code)
	switch e.Code {
	case engine.Throttled:
		if c.Due = now + e.After.Milliseconds(); e.After <= 0 {
			c.Due = now + min(backoff(c.Tries, why), downRetry).Milliseconds()
		}
		c.Tries++
		return b.o.Outbox.PutOff(ctx, c)
	case engine.Unavailable, engine.Timeout, engine.Canceled:
		c.Due = now + max(min(backoff(c.Tries, why), downRetry), e.After).Milliseconds()
		if c.Tries++; c.Since == 0 {
			c.Since = now
		}
		b.unreached(c.Place.Surface, c.Since, c.Due)
		return b.o.Outbox.PutOff(ctx, c)
	case engine.Internal:
		if c.Tries++; c.Tries < giveUpAfter {
			c.Due, c.Alone = now+backoff(c.Tries, why).Milliseconds(), true
			return b.o.Outbox.PutOff(ctx, c)
		}
	}
	if e.Code != engine.Internal {
		b.reached(ctx, c.Place.Surface) // it answered, if only to refuse
	}
	b.o.Log.Warn("a card could not be posted where it belongs", "place", c.Place.String(), "key", c.Key, "err", why)
	return b.refused(ctx, c, out, e)
}

// refused is a copy that the surface does not take. Questions are asked elsewhere, and here again later, because
// somebody may invite the bot meanwhile; the rest goes to the operator.
func (b *Bot) refused(ctx context.Context, c Copy, out *shown, why *engine.Error) error {
	var cards []StoredCard
	if f := out.failed; f.Key != "" {
		f.Ref, f.Hash, f.State, f.Card = "", "", engine.CardSuperseded, nil
		cards = append(cards, f)
	}
	dr, err := c.draft()
	if err != nil {
		return b.o.Outbox.Shown(ctx, c, cards)
	}
	switch {
	case dr.file != "":
		for i := range cards {
			cards[i].State = engine.CardResolved
		}
		b.unpromise(dr.under)
		return b.o.Outbox.Shown(ctx, c, cards)
	case dr.under != "":
		return b.o.Outbox.Shown(ctx, c, cards) // the card above says it too
	case c.Spare.Channel != "" && dr.card.State != engine.CardOpen && out.failed.Ref == "":
		return b.o.Outbox.Shown(ctx, c, cards) // it was answered elsewhere before it could be asked here
	case c.Spare.Channel != "" && c.Tries < giveUpAfter:
		if len(cards) > 0 {
			if err := b.o.Outbox.PutCard(ctx, cards[0], nil); err != nil {
				return err
			}
		}
		if !c.Alone {
			c.Tries = 0
		}
		c.Due = b.now() + min(refusedMax, refusedRetry<<min(c.Tries, 8)).Milliseconds()
		c.Tries, c.Alone = c.Tries+1, true
		if err := b.o.Outbox.PutOff(ctx, c); err != nil {
			return err
		}
		return b.hopeless(ctx, c, why)
	case samePlace(c.Place, b.o.Operator):
		return b.o.Outbox.Shown(ctx, c, cards)
	}
	text := prompts.T(dr.card.Lang, "I could not post this in {place}: {reason}", engine.Args("place", c.Place.String(), "reason", wordsIn(dr.card.Lang, why)))
	moved, err := b.moved(dr, b.o.Operator, text)
	if err != nil {
		return err
	}
	return b.o.Outbox.Shown(ctx, c, cards, moved)
}

// moved is a draft as it goes elsewhere, with a line that says why.
func (b *Bot) moved(dr *draft, to engine.Place, why string) (Copy, error) {
	there := *dr
	there.card.Blocks = append(slices.Clone(dr.card.Blocks), prompts.Note{Line: prompts.Line{{Kind: prompts.Plain, Text: why}}})
	there.card.Text += "\n" + why
	there.card = withTryAgain(there.card)
	there.take = ""
	return there.copy(to, b.now())
}

// hopeless asks a question elsewhere at once when every place has refused it.
func (b *Bot) hopeless(ctx context.Context, c Copy, why *engine.Error) error {
	x, err := b.present(ctx, c.Key)
	if err != nil || len(x.stands) > 0 || slices.ContainsFunc(x.waits, func(o Copy) bool { return !o.Alone }) {
		return err
	}
	if !slices.ContainsFunc(x.waits, func(o Copy) bool { return o.Over > 0 }) {
		return nil // it is asked there already
	}
	return b.elsewhere(ctx, c, x, func(lang string) string {
		return prompts.T(lang, "I could not post this in {place}: {reason}", engine.Args("place", c.Place.String(), "reason", wordsIn(lang, why)))
	})
}

// elsewhere asks a question where it goes when it can be posted nowhere.
func (b *Bot) elsewhere(ctx context.Context, c Copy, x *presence, why func(lang string) string) error {
	dr, err := c.draft()
	if err != nil || x.in(c.Spare) {
		return b.o.Outbox.GoElsewhere(ctx, c.Key)
	}
	moved, err := b.moved(dr, c.Spare, why(dr.card.Lang))
	if err != nil {
		return err
	}
	if err := b.o.Outbox.GoElsewhere(ctx, c.Key, moved); err != nil {
		return err
	}
	b.Wake()
	return nil
}

// spares asks elsewhere what could be posted nowhere for as long as its flow says; next is when the first of the
// others is to be (0: none).
func (b *Bot) spares(ctx context.Context) (next int64, err error) {
	for {
		list, err := b.o.Outbox.Spares(ctx, laneBatch)
		if err != nil {
			return 0, err
		}
		done := map[string]bool{}
		for _, c := range list {
			if c.Over > b.now() {
				return c.Over, nil
			}
			if done[c.Key] {
				continue
			}
			done[c.Key] = true
			x, err := b.present(ctx, c.Key)
			if err != nil {
				return 0, err
			}
			if len(x.stands) > 0 {
				if err := b.o.Outbox.GoElsewhere(ctx, c.Key); err != nil {
					return 0, err
				}
				continue
			}
			err = b.elsewhere(ctx, c, x, func(lang string) string {
				return prompts.T(lang, "I could not ask in {place} since {time}, so I ask here as well",
					engine.Args("place", c.Place.String(), "time", engine.Time(c.At).Format("15:04")+" UTC"))
			})
			if err != nil {
				return 0, err
			}
		}
		if len(list) < laneBatch {
			return 0, nil
		}
	}
}

// unpromise has a card say where its rest is now that its file was refused.
func (b *Bot) unpromise(key string) {
	if fp, ok := alertOf(key); ok {
		b.refreshAlert(fp)
	}
	if run, path, ok := askOf(key); ok {
		b.refresh(func(ctx context.Context, k *book) error { return b.askAnew(ctx, k, run, path) })
	}
}

package control

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// shown is a card as it stands before the person.
type shown struct {
	message bot.Message
	card    prompts.Card
	out     *CardOut
}

// cardsMost is how far back cards are looked for.
const cardsMost = 500

// alone is where the bot speaks to the person alone (bot.Director): what stands there is before them everywhere.
func (t *seat) alone() engine.Place {
	return engine.Place{Surface: engine.ConsoleSurface, Channel: "@" + t.person.ID}
}

// cards lists the cards that the person sees in the place, oldest first, then those that only they see.
func (t *seat) cards(ctx context.Context) ([]*shown, error) {
	list, err := t.s.Messages.LastMessages(ctx, t.place, cardsMost)
	if err != nil {
		return nil, err
	}
	alone, err := t.s.Messages.LastMessages(ctx, t.alone(), cardsMost)
	if err != nil {
		return nil, err
	}
	list = append(list, alone...)
	var out []*shown
	for _, m := range list {
		if len(m.Card) == 0 || m.For != "" && m.For != t.person.ID {
			continue
		}
		c, err := t.shown(ctx, m)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// shown is a message's card.
func (t *seat) shown(ctx context.Context, m bot.Message) (*shown, error) {
	c := &shown{message: m}
	if err := json.Unmarshal(m.Card, &c.card); err != nil {
		return nil, engine.AsError(err).WithOp("control.cards")
	}
	id, err := t.s.cardID(ctx, m.ID, c.card.Key)
	if err != nil {
		return nil, err
	}
	at := engine.Place{Surface: engine.ConsoleSurface, Channel: m.Place.Channel}
	c.out = NewCard(id, at, m.Thread, m.For != "" || at == t.alone(), c.card)
	return c, nil
}

// cardID is the stored card's id; of a card that is only an answer, its message's.
func (s *server) cardID(ctx context.Context, message, key string) (string, error) {
	if key == "" {
		return message, nil
	}
	cards, err := s.Outbox.Cards(ctx, key)
	if err != nil {
		return "", err
	}
	for _, c := range cards {
		if string(c.Ref) == message {
			return c.ID, nil
		}
	}
	return message, nil
}

// chatCards lists the cards of a place, oldest first.
func (s *server) chatCards(ctx context.Context, in ChatIn) ([]*CardOut, error) {
	t, err := s.seat(ctx, in.As, in.In, in.Thread)
	if err != nil {
		return nil, err
	}
	list, err := t.cards(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]*CardOut, 0, len(list))
	for _, c := range list {
		out = append(out, c.out)
	}
	return out, nil
}

// pick finds the card that a press means: the named one, or the only open one that offers the button. Among
// answers, which have no state, the newest counts. A card that is about to be posted is waited for a little, so that
// a script may press right after the event that asks.
func (t *seat) pick(ctx context.Context, card, id string, token func(prompts.Card) string) (*shown, error) {
	changed, stop := t.s.Talk.Changes()
	defer stop()
	patience := time.NewTimer(settle)
	defer patience.Stop()
	for {
		c, err := t.find(ctx, card, id, token)
		if engine.CodeOf(err) != engine.NotFound {
			return c, err
		}
		select {
		case _, open := <-changed:
			if open {
				continue
			}
		case <-patience.C:
		case <-ctx.Done():
		}
		return nil, err
	}
}

func (t *seat) find(ctx context.Context, card, id string, token func(prompts.Card) string) (*shown, error) {
	all, err := t.cards(ctx)
	if err != nil {
		return nil, err
	}
	var open []*shown
	var answer, other *shown // the newest private answer, and the newest card about something that is over
	for _, c := range all {
		if card != "" && (c.out.ID == card || c.message.ID == card || c.card.Key == card) {
			if token(c.card) == "" {
				return nil, engine.E(engine.Invalid, "“{title}” has no {button}; it offers {offers}", "title", c.out.Title, "button", id, "offers", offers(c.card))
			}
			return c, nil
		}
		switch {
		case token(c.card) == "":
		case c.card.State == engine.CardOpen:
			open = append(open, c)
		case c.card.State == "":
			answer = c
		default:
			other = c
		}
	}
	switch {
	case card != "":
		return nil, engine.E(engine.NotFound, "there is no card {card} in {place}", "card", card, "place", t.place.Channel)
	case len(open) == 1:
		return open[0], nil
	case len(open) > 1:
		lines := make([]string, 0, len(open))
		for _, c := range open {
			lines = append(lines, c.out.ID+" ("+c.out.Title+")")
		}
		return nil, engine.E(engine.Conflict, "{n} open cards offer {button}", "n", len(open), "button", id, "cards", strings.Join(lines, "\n  ")).
			WithHint("Say which with --card:\n  {cards}")
	case answer != nil:
		return answer, nil
	case other != nil:
		return other, nil
	case id == "publish":
		if err := unpublished(all); err != nil {
			return nil, err
		}
	}
	var there []string
	for _, c := range all {
		if c.card.State == engine.CardOpen || c.card.State == "" {
			there = append(there, c.out.ID+" ("+c.out.Title+"): "+offers(c.card))
		}
	}
	e := engine.E(engine.NotFound, "no open card in {place} offers {button}", "place", t.place.Channel, "button", id)
	if len(there) > 0 {
		e.Args["cards"] = strings.Join(there, "\n  ")
		return nil, e.WithHint("There is:\n  {cards}")
	}
	return nil, e
}

// unpublished says what keeps the draft before the person from being published; nil when there is none.
func unpublished(all []*shown) error {
	for i := len(all) - 1; i >= 0; i-- {
		c := all[i].card
		if !strings.HasPrefix(c.Key, builderKey) || c.State != engine.CardOpen {
			continue
		}
		todo := strings.TrimPrefix(brief(c), prompts.T(c.Lang, "TO DO", nil)+" ")
		if !strings.HasPrefix(todo, "●") {
			return engine.E(engine.Conflict, "nothing to publish: the draft is what is live")
		}
		todo = strings.TrimSpace(strings.TrimPrefix(todo, "●"))
		if todo == prompts.T(c.Lang, "add a step", nil) {
			todo += " (--press add)"
		}
		return engine.E(engine.Conflict, "nothing to publish yet: {todo}", "todo", todo)
	}
	return nil
}

func offers(c prompts.Card) string {
	var ids []string
	for _, b := range c.Buttons {
		if b.Token != "" {
			ids = append(ids, b.ID)
		}
	}
	for _, m := range c.Menus {
		ids = append(ids, m.ID)
	}
	if len(ids) == 0 {
		return "nothing"
	}
	return strings.Join(ids, ", ")
}

package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// verbTryAgain is the button of a card that could not be posted where it belongs and stands elsewhere instead: once
// somebody has let the bot in, it brings the card there.
const verbTryAgain = "try_again"

// withTryAgain adds that button.
func withTryAgain(card prompts.Card) prompts.Card {
	card.Buttons = append(slices.Clone(card.Buttons), prompts.Button{ID: verbTryAgain, Label: prompts.T(card.Lang, "Try again", nil), Token: verbTryAgain})
	return card
}

// pressTryAgain has a card posted at once wherever it was refused. What it says is what it says here; a question or an
// alert is brought up to date on the way.
func (b *Bot) pressTryAgain(ctx context.Context, p *press) (Reply, error) {
	if err := b.allowed(ctx, p, DeedSee, false); err != nil {
		return nil, err
	}
	cards, err := b.o.Outbox.Cards(ctx, p.it.Key)
	if err != nil {
		return nil, err
	}
	waits, err := b.o.Outbox.CopiesOf(ctx, p.it.Key)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(cards, func(c StoredCard) bool { return c.ID == p.it.Card })
	if i < 0 {
		return nil, stale()
	}
	here := cards[i]
	dr, err := redraft(here, p.it)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, c := range waits {
		if c.Place == here.Place || c.Due <= b.now() {
			continue
		}
		c.Due, c.Tries = b.now(), 0
		if err := b.o.Outbox.PutOff(ctx, c); err != nil {
			return nil, err
		}
		places = append(places, c.Place.String())
	}
	for _, c := range cards {
		if c.Ref != "" || c.State != engine.CardSuperseded || c.Place == here.Place || has(places, c.Place.String()) {
			continue
		}
		if err := b.wantIn(ctx, dr, c.Place); err != nil {
			return nil, err
		}
		places = append(places, c.Place.String())
	}
	if len(places) == 0 {
		return nil, engine.E(engine.Conflict, "It stands where it belongs already")
	}
	if err := b.wantIn(ctx, dr, here.Place); err != nil { // without the button; it comes back when this is refused too
		return nil, err
	}
	b.note(ctx, p, "again")
	if fp, ok := alertOf(p.it.Key); ok {
		b.refreshAlert(fp)
	}
	b.refreshAsks()
	b.Wake()
	return Private{prompts.Say(p.ctx(b), "I try to post it in {place} now", "place", strings.Join(places, ", "))}, nil
}

// redraft is a card that stands somewhere as a draft for elsewhere: without what was added because it was refused, its
// buttons meaning what they mean here.
func redraft(c StoredCard, means Intent) (*draft, error) {
	dr := &draft{means: means}
	dr.means.Token, dr.means.Verb, dr.means.Card, dr.means.Key, dr.means.Expires, dr.means.For, dr.means.On = "", "", "", "", 0, "", ""
	if err := json.Unmarshal(c.Card, &dr.card); err != nil {
		return nil, engine.E(engine.Unreadable, "a card that stands cannot be read").WithOp("bot.redraft").Wrap(err)
	}
	k := &dr.card
	k.Key = c.Key
	if n := len(k.Blocks); n > 0 {
		if note, ok := k.Blocks[n-1].(prompts.Note); ok {
			k.Blocks = k.Blocks[:n-1]
			k.Text = strings.TrimSuffix(k.Text, "\n"+note.Line.String())
		}
	}
	k.Buttons = slices.DeleteFunc(k.Buttons, func(x prompts.Button) bool { return x.ID == verbTryAgain })
	for i := range k.Buttons {
		if k.Buttons[i].Token != "" {
			k.Buttons[i].Token = k.Buttons[i].ID
		}
	}
	for i := range k.Menus {
		k.Menus[i].Token = k.Menus[i].ID
	}
	return dr, nil
}

package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// delivery is one notice on its way.
type delivery struct {
	b       *Bot
	n       engine.Notice
	book    *book
	giveUp  bool
	settled Settled
	muted   int64 // the alert's mute as it was read
	mutedBy string
}

func (d *delivery) reason(r string) {
	if d.settled.Reason == "" {
		d.settled.Reason = r
	}
}

// draft is a card about to stand somewhere. Its tokens are still verbs; means says what each will stand for.
type draft struct {
	card  prompts.Card
	means Intent // Verb, Token and Card are filled in per button
	ref   Ref    // a message to take over when the card stands nowhere yet
}

// verbs lets every button through whose verb we can serve: the token is the verb until the card is stored.
func verbs(verb string) string {
	if _, ok := pressed(verb); ok {
		return verb
	}
	return ""
}

// mint gives each button and menu of the card a random token of its own and says what they mean.
func (b *Bot) mint(d *draft, cardID string) (prompts.Card, []Intent) {
	c, intents := d.card, []Intent(nil)
	token := func(verb string) string {
		in := d.means
		in.Token, in.Verb, in.Card, in.Key = engine.Token(16), verb, cardID, c.Key
		intents = append(intents, in)
		return in.Token
	}
	c.Buttons = append([]prompts.Button(nil), c.Buttons...)
	for i := range c.Buttons {
		if c.Buttons[i].Token != "" {
			c.Buttons[i].Token = token(c.Buttons[i].ID)
		}
	}
	c.Menus = append([]prompts.Menu(nil), c.Menus...)
	for i := range c.Menus {
		if c.Menus[i].Token != "" {
			c.Menus[i].Token = token(c.Menus[i].ID)
		}
	}
	return c, intents
}

// hashOf is the hash of what people would see, tokens aside; d's tokens are verbs, so equal cards hash equally.
// The plan is part of it, because new tokens must mean the new plan.
func hashOf(d *draft) (string, error) {
	text, err := json.Marshal(struct {
		Card prompts.Card
		Plan string
		Data json.RawMessage
		Run  string
	}{d.card, d.means.Plan, d.means.Data, d.means.Run})
	if err != nil {
		return "", engine.AsError(err).WithOp("bot.hash")
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// former is what the buttons of a card meant that is about to be another, with an end: whoever has the old message
// before them still gets an answer from what became of it, for 30 days, but nothing is kept for ever.
func (b *Bot) former(ctx context.Context, old StoredCard) (out []Intent, err error) {
	type button struct{ Token string }
	var card struct{ Buttons, Menus []button }
	if len(old.Card) == 0 || json.Unmarshal(old.Card, &card) != nil {
		return nil, nil
	}
	for _, at := range append(card.Buttons, card.Menus...) {
		if at.Token == "" {
			continue
		}
		it, err := b.o.Outbox.Intent(ctx, at.Token)
		switch {
		case engine.CodeOf(err) == engine.NotFound:
		case err != nil:
			return nil, err
		case it.Card == old.ID && it.Expires == 0:
			it.Expires = b.now() + answerLife.Milliseconds()
			out = append(out, it)
		}
	}
	return out, nil
}

// put makes the card stand in a place: posts it, edits the one that stands there, or finds it unchanged. What its
// buttons mean is stored before anybody can press them; that it was posted, by the caller, in one Settle with the
// rest. So a crash in between posts the same key again and surfaces edit instead of repeating.
func (b *Bot) put(ctx context.Context, dr *draft, p engine.Place) (c StoredCard, reason string, err error) {
	old, err := b.o.Outbox.Card(ctx, dr.card.Key, p)
	if err != nil && engine.CodeOf(err) != engine.NotFound {
		return c, "", err
	}
	hash, err := hashOf(dr)
	if err != nil {
		return c, "", err
	}
	if err == nil && old.Hash == hash && old.Ref != "" {
		return old, "unchanged", nil
	}
	c = StoredCard{ID: old.ID, Key: dr.card.Key, Place: p, Ref: old.Ref, State: dr.card.State, Updated: b.now()}
	if c.ID == "" {
		c.ID = engine.NewID(b.o.Now())
	}
	if c.State == "" {
		c.State = engine.CardResolved
	}
	if c.Ref == "" {
		c.Ref = dr.ref
	}
	s, ok := b.surfaces[p.Surface]
	if !ok {
		return c, "", engine.E(engine.NotFound, "{surface} is not connected", "surface", p.Surface)
	}
	card, intents := b.mint(dr, c.ID)
	if card, err = b.addressed(ctx, card, p.Surface, p.Workspace); err != nil {
		return c, "", err
	}
	if c.Card, err = json.Marshal(card); err != nil {
		return c, "", engine.AsError(err).WithOp("bot.put")
	}
	former, err := b.former(ctx, old)
	if err != nil {
		return c, "", err
	}
	if intents = append(intents, former...); len(intents) > 0 {
		if err := b.o.Outbox.PutCard(ctx, c, intents); err != nil {
			return c, "", err
		}
	}
	reason = "posted"
	if c.Ref != "" {
		reason = "edited"
	}
	c.Ref, err = b.post(ctx, s, p, c.Ref, card)
	c.Hash = hash
	return c, reason, err
}

// post shows a card on its surface. A message that somebody deleted is posted anew.
func (b *Bot) post(ctx context.Context, s Surface, p engine.Place, ref Ref, card prompts.Card) (Ref, error) {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	card = prompts.Fit(card, s.Limits())
	got, err := s.Post(ctx, p, ref, card)
	if ref != "" && engine.CodeOf(err) == engine.NotFound {
		got, err = s.Post(ctx, p, "", card)
	}
	if err == nil && got == "" {
		got = ref
	}
	return got, err
}

// show puts the card in every place where its key stands, or in the given place when it stands nowhere. Where that
// is impossible for good, the operator's channel gets it, with the reason.
func (d *delivery) put(ctx context.Context, dr *draft, p engine.Place) error {
	standing, err := d.b.standing(ctx, dr.card.Key)
	if err != nil {
		return err
	}
	if len(standing) == 0 {
		return d.putIn(ctx, dr, d.b.orOperator(p))
	}
	for _, c := range standing {
		if err := d.putIn(ctx, dr, c.Place); err != nil {
			return err
		}
	}
	return nil
}

func (d *delivery) putIn(ctx context.Context, dr *draft, p engine.Place) error {
	c, reason, err := d.b.put(ctx, dr, p)
	if err == nil {
		d.settled.Cards = append(d.settled.Cards, c)
		d.reason(reason)
		return nil
	}
	switch engine.CodeOf(err) {
	case engine.Throttled, engine.Unavailable, engine.Timeout, engine.Canceled, engine.Internal:
		if !d.giveUp {
			return err
		}
	}
	return d.fallBack(ctx, dr, p, c, err)
}

// fallBack shows the card to the operator, with what was in the way.
func (d *delivery) fallBack(ctx context.Context, dr *draft, p engine.Place, failed StoredCard, why error) error {
	d.b.o.Log.Warn("a card could not be posted where it belongs", "place", p.String(), "key", dr.card.Key, "err", why)
	if failed.Key != "" {
		failed.Ref, failed.Hash, failed.State = "", "", engine.CardSuperseded
		d.settled.Cards = append(d.settled.Cards, failed)
	}
	op := d.b.o.Operator
	if p.Surface == op.Surface && p.Workspace == op.Workspace && p.Channel == op.Channel && p.Thread == "" {
		d.reason("nowhere to post: " + string(engine.CodeOf(why)))
		return nil
	}
	c := d.b.shared(d.book, op, d.n.Place, nil)
	e := engine.AsError(why)
	text := prompts.T(c.Lang, "I could not post this in {place}: {reason}", engine.Args("place", p.String(), "reason", e.Error()))
	moved := *dr
	moved.card.Blocks = append(append([]prompts.Block(nil), dr.card.Blocks...),
		prompts.Note{Line: prompts.Line{{Kind: prompts.Plain, Text: text}}})
	moved.card.Text += "\n" + text
	moved.ref = ""
	stored, _, err := d.b.put(ctx, &moved, op)
	if err != nil {
		if engine.CodeOf(err) == engine.NotFound || engine.CodeOf(err) == engine.Denied || d.giveUp {
			d.reason("nowhere to post: " + string(engine.CodeOf(err)))
			return nil
		}
		return err
	}
	d.settled.Cards = append(d.settled.Cards, stored)
	d.reason("posted to the operator: " + string(e.Code))
	return nil
}

// standing lists the cards of a key that were posted, leaving out places that were given up.
func (b *Bot) standing(ctx context.Context, key string) ([]StoredCard, error) {
	cards, err := b.o.Outbox.Cards(ctx, key)
	if err != nil {
		return nil, err
	}
	var out []StoredCard
	for _, c := range cards {
		if c.Ref != "" {
			out = append(out, c)
		}
	}
	return out, nil
}

func (b *Bot) orOperator(p engine.Place) engine.Place {
	if p.Channel == "" {
		return b.o.Operator
	}
	return p
}

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
	at      map[string][]engine.Place // where cards stand or will, by key
	took    map[engine.Place]bool     // where the alert takes the "trying again" card over
	settled Settled
	muted   int64 // the alert's mute as it was read
	mutedBy string
}

func (d *delivery) reason(r string) {
	if d.settled.Reason == "" {
		d.settled.Reason = r
	}
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

// hash is hashOf with what a surface would say of a card that it cuts.
func (b *Bot) hash(ctx context.Context, dr *draft, p engine.Place) (string, error) {
	hash, err := hashOf(dr)
	if err != nil {
		return "", err
	}
	s, ok := b.surfaces[p.Surface]
	if !ok {
		return hash, nil
	}
	if _, cut := prompts.FitNoted(dr.card, s.Limits(), ""); cut {
		_, note, err := b.rest(ctx, dr, p)
		return hash + "/" + note, err
	}
	return hash, nil
}

// put makes the card stand in a place: posts it, edits the one that stands there, or finds it unchanged (sent stays
// false then). What its buttons mean is stored before anybody can press them; that it was posted, by the caller. So a
// crash in between posts the same key again and surfaces edit instead of repeating. The caller has the channel's turn.
func (b *Bot) put(ctx context.Context, dr *draft, p engine.Place, ref Ref, out *shown) (c StoredCard, err error) {
	old, err := b.o.Outbox.Card(ctx, dr.card.Key, p)
	if err != nil && engine.CodeOf(err) != engine.NotFound {
		return c, err
	}
	missing := err != nil
	if stands, ok := b.loose.get(dr.card.Key, p); ok && old.Ref == "" {
		old, missing = stands, false
	}
	hash, err := b.hash(ctx, dr, p)
	if err != nil {
		return c, err
	}
	if !missing && old.Hash == hash && old.Ref != "" {
		return old, nil
	}
	c = StoredCard{ID: old.ID, Key: dr.card.Key, Place: p, Ref: old.Ref, State: dr.card.State, Updated: b.now()}
	if c.ID == "" {
		c.ID = engine.NewID(b.o.Now())
	}
	if c.State == "" {
		c.State = engine.CardResolved
	}
	if c.Ref == "" {
		c.Ref = ref
	}
	out.failed = c
	s, ok := b.surfaces[p.Surface]
	if !ok {
		out.sent = true // for good, as if it had said so
		return c, unconnected(p.Surface)
	}
	card, intents := b.mint(dr, c.ID)
	for i := range intents {
		intents[i].On = p.Surface
	}
	if card, err = b.addressed(ctx, card, p.Surface, p.Workspace); err != nil {
		return c, err
	}
	if c.Card, err = json.Marshal(card); err != nil {
		return c, engine.AsError(err).WithOp("bot.put")
	}
	former, err := b.former(ctx, old)
	if err != nil {
		return c, err
	}
	if intents = append(intents, former...); len(intents) > 0 {
		if err := b.o.Outbox.PutCard(ctx, c, intents); err != nil {
			return c, err
		}
	}
	upload, note, err := b.rest(ctx, dr, p)
	if err != nil {
		return c, err
	}
	card, cut := prompts.FitNoted(card, s.Limits(), note)
	if out.sent = true; cut && upload {
		if err := b.wantFile(dr, p, out); err != nil {
			return c, err
		}
	}
	c.Ref, err = b.post(ctx, s, p, c.Ref, card)
	c.Hash = hash
	return c, err
}

// post shows a card on its surface. A message that somebody deleted is posted anew.
func (b *Bot) post(ctx context.Context, s Surface, p engine.Place, ref Ref, card prompts.Card) (Ref, error) {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	got, err := s.Post(ctx, p, ref, card)
	if ref != "" && engine.CodeOf(err) == engine.NotFound {
		got, err = s.Post(ctx, p, "", card)
	}
	if err == nil && got == "" {
		got = ref
	}
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		err = engine.E(engine.Timeout, "{surface} did not answer in time", "surface", s.Name()).Wrap(err)
	}
	return got, err
}

// stand shows a copy of a card; one that takes another's message over ends that one.
func (b *Bot) stand(ctx context.Context, dr *draft, p engine.Place, out *shown) error {
	var working StoredCard
	if dr.take != "" {
		var err error
		working, err = b.o.Outbox.Card(ctx, dr.take, p)
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			return err
		}
	}
	c, err := b.put(ctx, dr, p, working.Ref, out)
	if err != nil {
		return err
	}
	if out.cards = append(out.cards, c); working.Ref != "" && c.Ref == working.Ref {
		working.Ref, working.Hash, working.State = "", "", engine.CardSuperseded
		out.cards = append(out.cards, working)
	}
	return nil
}

// putNow makes a card stand in a place at once and remembers it, where neither a notice nor a lane does. It waits for
// the channel's turn as long as ctx allows; Throttled, with After, when that is too short.
func (b *Bot) putNow(ctx context.Context, dr *draft, p engine.Place) (c StoredCard, err error) {
	var out shown
	err = b.inTurn(ctx, p, func(ctx context.Context) (bool, error) {
		c, err = b.put(ctx, dr, p, "", &out)
		return out.sent, err
	})
	if err != nil {
		return c, err
	}
	err = b.keep(ctx, []StoredCard{c}, func(ctx context.Context) error { return b.o.Outbox.PutCard(ctx, c, nil) })
	if err != nil || len(out.then) == 0 {
		return c, err
	}
	return c, b.want(ctx, out.then...)
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

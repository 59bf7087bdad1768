package control

import (
	"context"
	"sort"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// settle is how long a press waits for its card to come, and then to show what came of it: cards are posted and
// changed by delivery, after the answer.
const settle = 2 * time.Second

// seat is a person in a place.
type seat struct {
	s      *server
	person engine.Person
	place  engine.Place
}

func (s *server) seat(ctx context.Context, as, in, thread string) (*seat, error) {
	if as == "" || in == "" {
		return nil, engine.E(engine.Invalid, "say who speaks and where").WithHint("For example: --as ann --in '#general'")
	}
	p, err := s.speaker(ctx, as)
	if err != nil {
		return nil, err
	}
	place, err := engine.ParsePlace(in)
	if err != nil {
		return nil, err
	}
	if place.Surface != engine.ConsoleSurface {
		return nil, engine.E(engine.Invalid, "a terminal speaks in the console's channels, and {place} is not one", "place", in)
	}
	all, err := s.People.Channels(ctx)
	if err != nil {
		return nil, err
	}
	for _, ch := range all {
		if ch.Place.Surface == engine.ConsoleSurface && ch.Place.Channel == place.Channel {
			if p.Role == engine.NoRole && ch.Roles[p.ID] == engine.NoRole {
				return nil, engine.E(engine.Denied, "{name} may not read {place}", "name", p.Name, "place", in)
			}
			t := &seat{s: s, person: p, place: place}
			t.place.Thread, err = t.thread(ctx, thread)
			return t, err
		}
	}
	return nil, engine.E(engine.NotFound, "there is no channel {place} on the console", "place", place.Channel).
		WithHint("Add it with: bretelle channel add '{place}'")
}

// thread is the thread below a message or card of the place; those who read JSON know only the card's id.
func (t *seat) thread(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	list, err := t.cards(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range list {
		if c.out.ID == id {
			return c.message.ID, nil
		}
	}
	return id, nil
}

func (t *seat) in(kind bot.InKind) bot.In {
	return bot.In{Kind: kind, Place: t.place, Actor: bot.Actor{User: t.person.ID, Name: t.person.Name, Lang: t.person.Lang}}
}

// chat does what one call asks, in order, and answers what the person sees in the end.
func (s *server) chat(ctx context.Context, in ChatIn) (ChatOut, error) {
	t, err := s.seat(ctx, in.As, in.In, in.Thread)
	if err != nil {
		return ChatOut{}, err
	}
	open := s.talks.of(talkKey{t.person.ID, t.place.String(), in.Thread})
	open.mu.Lock()
	defer open.mu.Unlock()

	var out ChatOut
	if in.Text != "" {
		d := t.in(bot.InMessage)
		if d.Text = in.Text; strings.HasPrefix(in.Text, "/") {
			d.Kind = bot.InCommand
		}
		if out, err = t.do(ctx, open, d, nil); err != nil {
			return out, err
		}
	}
	if formButton(open.form, in.Press) {
		if out, err = t.fill(ctx, open, in.Submit); err != nil {
			return out, err
		}
		if !formButton(open.form, in.Press) { // what was filled in has changed the dialog
			return ChatOut{}, engine.E(engine.Invalid, "the form has no button {button} now", "button", in.Press)
		}
		return t.act(ctx, open, in.Press)
	}
	if in.Press != "" {
		if out, err = t.press(ctx, open, in.Card, in.Press); err != nil {
			return out, err
		}
	}
	for _, id := range sorted(in.Choose) {
		if out, err = t.choose(ctx, open, in.Card, id, in.Choose[id]); err != nil {
			return out, err
		}
	}
	if len(in.Submit) > 0 {
		return t.submit(ctx, open, in.Submit)
	}
	return out, nil
}

func sorted(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// do hands a deed to the bot. After a press, it waits for the pressed card to change.
func (t *seat) do(ctx context.Context, open *talk, in bot.In, pressed *shown) (ChatOut, error) {
	changed, stop := t.s.Talk.Changes()
	defer stop()
	reply, id, err := t.s.Talk.Do(ctx, in)
	if err != nil {
		return ChatOut{}, err
	}
	switch r := reply.(type) {
	case bot.Dialog:
		open.form = &r.Form
		if in.Kind != bot.InSubmit {
			open.card = pressed
		}
		return ChatOut{Form: NewForm(r.Form)}, nil
	case bot.FieldErrors:
		open.form = &r.Form
		return ChatOut{Form: NewForm(r.Form), Wrong: true}, nil
	case bot.Shared:
		open.form = nil
		return t.cardOut(ctx, id, r.Card, false)
	case bot.Private:
		open.form = nil
		return t.cardOut(ctx, id, r.Card, true)
	}
	open.form = nil
	if n, ok := reply.(bot.Nothing); ok && n.About != "" {
		return t.about(ctx, changed, n.About)
	}
	if pressed == nil {
		return ChatOut{}, nil
	}
	return t.await(ctx, changed, pressed)
}

// about gives the newest card with a key, once it is there; nothing when it does not come.
func (t *seat) about(ctx context.Context, changed <-chan struct{}, key string) (ChatOut, error) {
	patience := time.NewTimer(settle)
	defer patience.Stop()
	for {
		all, err := t.cards(ctx)
		if err != nil {
			return ChatOut{}, err
		}
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].card.Key == key {
				return ChatOut{Card: all[i].out}, nil
			}
		}
		select {
		case _, open := <-changed:
			if open {
				continue
			}
		case <-patience.C:
		case <-ctx.Done():
		}
		return ChatOut{}, nil
	}
}

func (t *seat) cardOut(ctx context.Context, message string, c prompts.Card, private bool) (ChatOut, error) {
	id, err := t.s.cardID(ctx, message, c.Key)
	return ChatOut{Card: NewCard(id, t.base(), t.place.Thread, private, c)}, err
}

func (t *seat) base() engine.Place {
	return engine.Place{Surface: engine.ConsoleSurface, Channel: t.place.Channel}
}

// await gives the pressed card once it has changed, or as it is when it does not. It looks at what has changed since
// and nothing else: in a busy channel others change all the time.
func (t *seat) await(ctx context.Context, changed <-chan struct{}, was *shown) (ChatOut, error) {
	patience := time.NewTimer(settle)
	defer patience.Stop()
	at := engine.Place{Surface: engine.ConsoleSurface, Channel: was.message.Place.Channel}
	for after := was.message.Change; ; {
		list, err := t.s.Messages.ChangedSince(ctx, at, after, cardsMost)
		if err != nil {
			return ChatOut{}, err
		}
		for _, m := range list {
			if after = m.Change; m.ID != was.message.ID {
				continue
			}
			c, err := t.shown(ctx, m)
			if err != nil {
				return ChatOut{}, err
			}
			return ChatOut{Card: c.out}, nil
		}
		if len(list) == cardsMost {
			continue
		}
		select {
		case _, open := <-changed:
			if open {
				continue
			}
		case <-patience.C:
		case <-ctx.Done():
		}
		return ChatOut{Card: was.out}, nil
	}
}

func (t *seat) press(ctx context.Context, open *talk, card, id string) (ChatOut, error) {
	token := func(c prompts.Card) string {
		for _, b := range c.Buttons {
			if b.ID == id {
				return b.Token
			}
		}
		return ""
	}
	c, err := t.pick(ctx, card, id, token)
	if err != nil {
		return ChatOut{}, err
	}
	in := t.in(bot.InPress)
	in.Token, in.Message, in.Place.Thread = token(c.card), bot.Ref(c.message.ID), c.message.Thread
	in.Place.Channel = c.message.Place.Channel
	return t.do(ctx, open, in, c)
}

func (t *seat) choose(ctx context.Context, open *talk, card, id, value string) (ChatOut, error) {
	menu := func(c prompts.Card) *prompts.Menu {
		for i := range c.Menus {
			if c.Menus[i].ID == id {
				return &c.Menus[i]
			}
		}
		return nil
	}
	c, err := t.pick(ctx, card, id, func(c prompts.Card) string {
		if m := menu(c); m != nil {
			return m.Token
		}
		return ""
	})
	if err != nil {
		return ChatOut{}, err
	}
	m := menu(c.card)
	given, ok := option(m.Options, value)
	if !ok {
		return ChatOut{}, engine.E(engine.Invalid, `"{value}" is not a choice of {menu}`, "value", value, "menu", id,
			"choices", values(m.Options)).WithHint("Choose one of: {choices}")
	}
	in := t.in(bot.InChoose)
	in.Token, in.Value, in.Message, in.Place.Thread = m.Token, given, bot.Ref(c.message.ID), c.message.Thread
	in.Place.Channel = c.message.Place.Channel
	return t.do(ctx, open, in, c)
}

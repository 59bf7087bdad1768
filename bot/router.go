package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// call is a command about to be done.
type call struct {
	*caller
	in   In
	args map[string]string
	list []string
	cmd  Command
}

// Handle does what a person asked for. Refusals by the engine are private cards; everything else in the way is an
// *engine.Error, shown privately by the surface. Beside a refusal that an admin can lift there is a private card that
// says it with a button to ask them.
func (b *Bot) Handle(ctx context.Context, in In) (Reply, error) {
	c, err := b.caller(ctx, in.Actor)
	if err != nil {
		return nil, err
	}
	if in.At == 0 {
		in.At = b.now()
	}
	in.Actor = c.actor
	reply, err := b.handle(ctx, c, in)
	if err != nil {
		return b.pleading(ctx, c, in, err), err
	}
	return b.answered(ctx, in, reply)
}

func (b *Bot) handle(ctx context.Context, c *caller, in In) (Reply, error) {
	switch in.Kind {
	case InCommand:
		return b.command(ctx, c, in)
	case InShort:
		return b.short(ctx, c, in)
	case InHome:
		return b.home(ctx, c, in)
	case InMessage:
		if in.ToMe {
			return b.spoken(ctx, c, in)
		}
		if rest, ok := strings.CutPrefix(strings.TrimSpace(in.Text), "/"+b.o.Command); ok && (rest == "" || isSpace(rest[0])) {
			return b.command(ctx, c, in)
		}
		if _, _, ok := b.ownCommand(in.Text); ok {
			return b.command(ctx, c, in)
		}
		return b.hear(ctx, c, in)
	case InReact, InJoin:
		return b.hear(ctx, c, in)
	case InPress, InChoose, InSubmit:
		return b.press(ctx, c, in)
	}
	return nil, engine.E(engine.Invalid, "I do not know what to do with that").WithOp("bot.Handle")
}

func (b *Bot) command(ctx context.Context, c *caller, in In) (Reply, error) {
	p, err := parse(in.Text, b.o.Command)
	var u *unknown
	s, rest, own := b.ownCommand(in.Text)
	own = own && errors.As(err, &u) // our own commands go first
	if p.cmd.Verb != "claim" {      // a stranger may only say who they are
		if denied := b.enter(ctx, c, in, "command.refused"); denied != nil {
			return nil, denied
		}
	}
	if own {
		return b.own(ctx, c, in, s, rest)
	}
	if errors.As(err, &u) {
		return b.unknownCommand(ctx, c, in, u)
	}
	if err != nil {
		return nil, err
	}
	cl := &call{caller: c, in: in, args: p.args, list: p.list, cmd: p.cmd}
	if p.cmd.Deed == DeedPeople {
		if err := b.may(ctx, c, DeedPeople, "", in.Place, false); err != nil {
			b.audit(ctx, c.person.ID, "command.refused", p.cmd.Name(), "verdict=denied source="+source(in))
			return nil, err
		}
	}
	return p.cmd.run(b, ctx, cl)
}

// source names a delivery in the audit.
func source(in In) string { return in.Actor.Surface + "/" + in.ID }

func (b *Bot) unknownCommand(ctx context.Context, c *caller, in In, u *unknown) (Reply, error) {
	pc := b.private(c, in.Place, nil)
	card := prompts.Say(pc, `I know no "{typed}"`, "typed", u.typed)
	if u.meant != "" {
		card = prompts.Say(pc, `I know no "{typed}". Did you mean {command}?`, "typed", u.typed, "command", u.meant)
	}
	card.Tone = prompts.ToneWarn
	card.Buttons = []prompts.Button{{ID: "help", Label: prompts.T(pc.Lang, "Help", nil), Token: "help"}}
	return b.reply(ctx, c, in, "unknown", &draft{card: card})
}

// answerLife is how long the buttons of a private answer, and dialogs opened by commands, can be used: they are not kept
// for ever.
const answerLife = 30 * 24 * time.Hour

// reply answers privately with a card that may have buttons: what they mean is stored first. about keeps one row for
// each person and subject.
func (b *Bot) reply(ctx context.Context, c *caller, in In, about string, dr *draft) (Reply, error) {
	if len(dr.card.Buttons)+len(dr.card.Menus) == 0 {
		return Private{dr.card}, nil
	}
	if dr.card.Key == "" {
		dr.card.Key = "private:" + c.person.ID + ":" + about
	}
	dr.card.State = "" // an answer: the newest one is meant, whatever was asked before
	stored := StoredCard{ID: engine.NewID(b.o.Now()), Key: "private:" + c.person.ID + ":" + about, Place: in.Place,
		State: engine.CardResolved, Updated: b.now()} // never listed among the open cards: it is one person's
	if old, err := b.o.Outbox.Card(ctx, stored.Key, in.Place); err == nil {
		stored.ID = old.ID
	}
	if dr.means.Expires == 0 {
		dr.means.Expires = b.now() + answerLife.Milliseconds()
	}
	dr.means.For, dr.means.On = c.person.ID, c.actor.Surface
	card, intents := b.mint(dr, stored.ID)
	var err error
	if stored.Card, err = json.Marshal(card); err != nil {
		return nil, engine.AsError(err).WithOp("bot.reply")
	}
	if err := b.o.Outbox.PutCard(ctx, stored, intents); err != nil {
		return nil, err
	}
	return Private{card}, nil
}

// form gives a dialog a token whose meaning is stored.
func (b *Bot) form(ctx context.Context, c *caller, in In, means Intent, f prompts.Form) (Reply, error) {
	stored := StoredCard{ID: engine.NewID(b.o.Now()), Key: "form:" + c.person.ID + ":" + means.Verb + ":" + means.Flow, Place: in.Place,
		State: engine.CardResolved, Updated: b.now(), Card: json.RawMessage("{}")}
	if old, err := b.o.Outbox.Card(ctx, stored.Key, in.Place); err == nil {
		stored.ID = old.ID
	}
	means.Token, means.Card, means.Key = engine.Token(16), stored.ID, stored.Key
	means.For, means.On = c.person.ID, c.actor.Surface
	if means.Expires == 0 {
		means.Expires = b.now() + answerLife.Milliseconds()
	}
	if err := b.o.Outbox.PutCard(ctx, stored, []Intent{means}); err != nil {
		return nil, err
	}
	f.Key, f.Token = stored.Key, means.Token
	return Dialog{f}, nil
}

// head finds a flow and asks whether the caller may do something with it.
func (b *Bot) head(ctx context.Context, c *caller, in In, name string, d Deed) (engine.FlowHead, error) {
	h, err := b.o.Flows.Head(ctx, name)
	if engine.CodeOf(err) == engine.NotFound {
		if err := b.may(ctx, c, DeedSee, "", in.Place, false); err != nil {
			return h, err
		}
		return h, b.noFlow(ctx, c, name)
	}
	if err != nil {
		return h, err
	}
	if err := b.may(ctx, c, d, h.Name, h.Place, false); err != nil {
		b.audit(ctx, c.person.ID, "flow."+string(d)+".refused", "flow/"+h.Name, "verdict=denied source="+source(in))
		return h, err
	}
	return h, nil
}

func (b *Bot) noFlow(ctx context.Context, c *caller, name string) error {
	heads, err := b.o.Flows.List(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, h := range heads {
		if b.may(ctx, c, DeedSee, h.Name, h.Place, false) == nil {
			names = append(names, h.Name)
		}
	}
	meant := engine.Suggest(name, names)
	if meant == "" {
		return engine.E(engine.NotFound, `No flow is called "{name}"`, "name", name, "command", "/"+b.o.Command+" home").
			WithHint("{command} lists them.")
	}
	return engine.E(engine.NotFound, `No flow is called "{name}"`, "name", name, "meant", meant).WithHint("Did you mean {meant}?")
}

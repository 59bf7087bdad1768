package console

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Deed is what came of something a person did.
type Deed struct {
	Reply   bot.Reply    // never nil
	Message *bot.Message // what was written for it: the shared or private card; nil for dialogs and Nothing
	Again   bool         // it was done before: the same delivery came twice
}

// Act does what a person asked for on the console or in a terminal and stores what is to be seen of it. in.Actor
// needs User (the person's id) only; in.ID is filled in when empty. An error of a command, a press or a menu
// becomes a private message too; the error is returned so that callers without a page can say it.
func (c *Console) Act(ctx context.Context, in bot.In) (Deed, error) {
	c.mu.RLock()
	h := c.handler
	c.mu.RUnlock()
	if h == nil {
		return Deed{}, starting()
	}
	in.Actor.Surface = engine.ConsoleSurface
	in.Place.Surface, in.Place.Workspace = engine.ConsoleSurface, ""
	if in.ID == "" {
		in.ID = engine.Token(16)
	}
	if in.At == 0 {
		in.At = engine.Millis(c.now())
	}
	if !c.recent.first(in.Actor.User + "/" + in.ID) {
		return Deed{Reply: bot.Nothing{}, Again: true}, nil
	}
	in, reacts, err := c.reaction(ctx, in)
	if err != nil {
		c.recent.forget(in.Actor.User + "/" + in.ID)
		return Deed{}, err
	}
	if !reacts && in.Kind == bot.InMessage && in.Message == "" {
		in.Message = bot.Ref(idFor("said", in)) // as echo writes it: what is said can be answered
	}
	if err := c.echo(ctx, in); err != nil {
		c.recent.forget(in.Actor.User + "/" + in.ID)
		return Deed{}, err
	}
	reply, err := c.handle(ctx, h, in)
	if err != nil {
		c.recent.forget(in.Actor.User + "/" + in.ID)
		return c.complain(ctx, in, reply, err)
	}
	switch r := reply.(type) {
	case bot.Shared:
		return c.say(ctx, in, r, r.Card, "")
	case bot.Private:
		return c.say(ctx, in, r, r.Card, in.Actor.User)
	case bot.FieldErrors:
		c.recent.forget(in.Actor.User + "/" + in.ID) // the same dialog is submitted again
		r.Form = marked(r, in.Fields)
		return Deed{Reply: r}, nil
	case nil:
		return Deed{Reply: bot.Nothing{}}, nil
	}
	return Deed{Reply: reply}, nil
}

// handle asks the bot. A defect there costs this one answer, not the process.
func (c *Console) handle(ctx context.Context, h bot.Handler, in bot.In) (reply bot.Reply, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			c.log.ErrorContext(ctx, "the bot panicked", "kind", in.Kind, "cause", cause, "stack", string(debug.Stack()))
			reply, err = nil, engine.AsError(fmt.Errorf("panic: %v", cause)).WithOp("console.handle")
		}
	}()
	return h.Handle(ctx, in)
}

// echo writes down what was typed: a message for everybody, a command for who typed it.
func (c *Console) echo(ctx context.Context, in bot.In) error {
	m := bot.Message{ID: idFor("said", in), Place: base(in.Place), Thread: in.Place.Thread,
		By: in.Actor.User, Text: in.Text, At: in.At}
	switch in.Kind {
	case bot.InCommand:
		m.For = in.Actor.User
	case bot.InMessage:
	default:
		return nil
	}
	_, err := c.put(ctx, m, nil)
	return err
}

// idFor is the id of a message written for a delivery: the same when the same comes again, and of no other message.
func idFor(what string, in bot.In) string {
	return messageID(what, in.Actor.User, in.ID, string(in.Kind), in.Place.Channel, in.Place.Thread, in.Text, in.Token, in.Value)
}

func (c *Console) say(ctx context.Context, in bot.In, r bot.Reply, card prompts.Card, only string) (Deed, error) {
	m, err := c.put(ctx, bot.Message{ID: idFor("reply", in), Place: base(in.Place),
		Thread: in.Place.Thread, For: only, Text: card.Text}, &card)
	if err != nil {
		return Deed{}, err
	}
	return Deed{Reply: r, Message: &m}, nil
}

// complain shows an error as a private message: by the bot's own card where it came with one, which has a button to go
// on with ([Ask Mia]). A submission's error is shown in its dialog instead, where what was typed still stands.
func (c *Console) complain(ctx context.Context, in bot.In, beside bot.Reply, err error) (Deed, error) {
	card := c.problem(ctx, in.Actor.User, err)
	if p, ok := beside.(bot.Private); ok {
		card = p.Card
	}
	if in.Kind == bot.InSubmit {
		return Deed{Reply: bot.Private{Card: card}}, err
	}
	d, stored := c.say(ctx, in, bot.Private{Card: card}, card, in.Actor.User)
	if stored != nil {
		return Deed{Reply: bot.Private{Card: card}}, err
	}
	return d, err
}

// problem is an error as a card, in the person's language; an internal one is kept under a reference.
func (c *Console) problem(ctx context.Context, person string, err error) prompts.Card {
	ref := ""
	if engine.CodeOf(err) == engine.Internal && c.o.Reference != nil {
		ref = c.o.Reference(err)
	}
	p, _ := c.person(ctx, person)
	return prompts.Problem(prompts.Ctx{Lang: p.Lang, Zone: zone(p), Now: engine.Millis(c.now())}, err, ref)
}

// Complete offers ways to go on with a command line.
func (c *Console) Complete(ctx context.Context, in bot.In) ([]prompts.Option, error) {
	c.mu.RLock()
	h := c.handler
	c.mu.RUnlock()
	if h == nil || !strings.HasPrefix(in.Text, "/") {
		return nil, nil
	}
	in.Actor.Surface = engine.ConsoleSurface
	in.Kind = bot.InCommand
	return h.Options(ctx, in)
}

// Do is Act for a terminal: the reply, and the id of the message that was written, if any.
func (c *Console) Do(ctx context.Context, in bot.In) (reply bot.Reply, message string, err error) {
	d, err := c.Act(ctx, in)
	if d.Message != nil {
		message = d.Message.ID
	}
	return d.Reply, message, err
}

// marked is the form that was submitted with everything that was typed and what is wrong under each field.
func marked(e bot.FieldErrors, typed map[string]string) prompts.Form {
	f := e.Form
	f.Fields = append([]prompts.Field(nil), f.Fields...)
	for i := range f.Fields {
		field := &f.Fields[i]
		if v, ok := typed[field.Name]; ok {
			field.Value = v
		}
		if msg := e.Errors[field.Name]; msg != "" {
			field.Error = msg
		}
	}
	return f
}

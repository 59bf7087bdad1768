package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Listener hears what is said where the bot is. Its error is Unavailable: the delivery is to come again.
type Listener interface {
	Said(ctx context.Context, h Heard) error
	Reacted(ctx context.Context, h Heard) error
	Joined(ctx context.Context, h Heard) error
}

// Shortcuts are flows that people start on a message ("Run a flow on this message").
type Shortcuts interface {
	// Shortcuts lists those that can be chosen on a message in a place, by title; drafts, whose events are kept as
	// samples, come last. Which person may start what is decided by who asks: it needs DeedRun on the flow.
	Shortcuts(at engine.Place, message Ref) []Shortcut
	// Short offers a message: In is the delivery of the choice, its ID what makes it one, with Place, Message, Text and
	// Author of the message it was made on. Errors: NotFound when the flow starts in another way by now, Unavailable.
	Short(ctx context.Context, trigger string, h Heard) (engine.Receipt, error)
}

// Shortcut is a flow that can be run on a message.
type Shortcut struct {
	Trigger string // trigger id
	Flow    string
	Title   string // "" is the flow's
	Draft   bool
}

// Heard is a message, a reaction, somebody who joined or a message that a flow is to run on, with who it came from.
type Heard struct {
	In     In
	Person engine.Person // zero for somebody unknown
	Author engine.Person // who wrote the message that was reacted to or chosen; zero for somebody unknown
	// Member reports whether the speaker is a person, or in a group, that is written "@triage".
	Member func(ctx context.Context, group string) (bool, error)
	// Took is called by a listener when a flow or a waiting run takes it, so that the bot need not answer itself; nil
	// when nobody wants to know.
	Took func()
}

// hear hands what is said to whoever listens. People are not bothered with what comes of it.
func (b *Bot) hear(ctx context.Context, c *caller, in In) (Reply, error) {
	return b.hearing(ctx, c, in, nil)
}

func (b *Bot) hearing(ctx context.Context, c *caller, in In, took func()) (Reply, error) {
	if b.o.Listener == nil || c.actor.Bot { // apps, ourselves among them, start nothing: they would answer one another without end
		return Nothing{}, nil
	}
	if in.Kind == InMessage && !c.known && in.Message != "" { // a platform may not say that a message is our own
		switch _, err := b.mine(ctx, in.Place, in.Message); {
		case err == nil:
			return Nothing{}, nil
		case engine.CodeOf(err) != engine.Denied:
			return nil, err
		}
	}
	h := Heard{In: in, Person: c.person, Took: took, Member: func(ctx context.Context, group string) (bool, error) {
		got, err := b.evidence(ctx, c, []string{group}, in.Place, nil)
		return len(got) > 0, err
	}}
	if !c.known || c.actor.Guest {
		h.Person = engine.Person{}
		h.Member = func(context.Context, string) (bool, error) { return false, nil }
	}
	h.Author = b.authorOf(ctx, in)
	switch in.Kind {
	case InReact:
		return Nothing{}, b.o.Listener.Reacted(ctx, h)
	case InJoin:
		return Nothing{}, b.o.Listener.Joined(ctx, h)
	}
	return Nothing{}, b.o.Listener.Said(ctx, h)
}

// authorOf is the person who wrote the message that something was done to, as far as they are known. Nothing is decided
// by it: a surface may not tell who it was.
func (b *Bot) authorOf(ctx context.Context, in In) engine.Person {
	a := in.Author
	if a.User == "" || a.Bot {
		return engine.Person{}
	}
	if a.Surface == "" {
		a.Surface = in.Actor.Surface
	}
	if a.Workspace == "" {
		a.Workspace = in.Actor.Workspace
	}
	c, err := b.caller(ctx, a)
	if err != nil || !c.known {
		return engine.Person{}
	}
	return c.person
}

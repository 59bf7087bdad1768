package discord

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// answerTimeout is the time that Discord gives for a first answer.
const answerTimeout = 3 * time.Second

// interaction takes what a person did with a command, a component or a dialog. The answer is the acknowledgement, so it
// is kept only to be done once: after a crash nobody waits for it any more. Of a payload only the id is kept, because
// its token is as secret as ours.
func (d *taker) interaction(ctx context.Context, e event) error {
	in, err := decode(e.data, d.me())
	if err != nil {
		return nil
	}
	d.metBy(e, in)
	first := func(ctx context.Context, r *discord.InteractionResponse) error { return d.first(ctx, in, r) }
	if in.Kind == bot.InLookUp {
		if !e.again { // nobody is typing that any more
			d.begin(func() { d.lookUp(d.ctx, in, first) })
		}
		return nil
	}
	came := time.Now() // its three seconds are real ones
	fresh, err := d.keep(ctx, in)
	switch {
	case err != nil: // it does not count, and the person is told so: it need not come again
		d.begin(func() { _ = first(d.ctx, refusal(in, unkept(err))) })
	case fresh:
		d.begin(func() { d.interact(d.ctx, in, e.again, came, first) })
	}
	return nil
}

// keep notes an interaction by its id.
func (d *taker) keep(ctx context.Context, in bot.In) (fresh bool, err error) {
	note, err := json.Marshal(map[string]any{"t": "INTERACTION_CREATE", "d": map[string]any{"id": in.ID}})
	if err != nil {
		return false, err
	}
	return d.reception.Keep(ctx, in.ID, note)
}

// unkept is said when something a person did could not be stored (CONVERSATION, "Approve").
func unkept(err error) error {
	return engine.E(engine.Unavailable, "I could not save your answer, so it does not count").WithOp("discord.take").
		WithHint("Please press again in a minute.").Wrap(err)
}

// outcome is what the handler said.
type outcome struct {
	reply bot.Reply
	err   error
}

// interact has an interaction handled and answered: in time, counted from when it came, or first with an
// acknowledgement when it takes long. One
// that Discord sent again is acknowledged first: when nobody waits for it any more, it is not done.
func (d *taker) interact(ctx context.Context, in bot.In, again bool, came time.Time, first func(context.Context, *discord.InteractionResponse) error) {
	defer d.reception.Done(ctx, in.ID)
	if again && first(ctx, Deferred(in)) != nil {
		return
	}
	over := make(chan outcome, 1)
	d.busy.Go(func() { over <- d.handle(ctx, in) })
	deferred := again
	if !again {
		t := time.NewTimer(d.live.patience - time.Since(came))
		defer t.Stop()
		select {
		case o := <-over:
			d.note(first(ctx, d.response(in, o)))
			return
		case <-t.C:
			if err := first(ctx, Deferred(in)); err != nil {
				d.note(err)
			} else {
				deferred = true
			}
		}
	}
	o := <-over
	if deferred {
		d.note(d.after(ctx, in, o))
	}
}

// handle asks the handler; a defect of its is an error.
func (d *taker) handle(ctx context.Context, in bot.In) (o outcome) {
	defer func() {
		if cause := recover(); cause != nil {
			d.live.Log.Error("an interaction panicked", "id", in.ID, "cause", cause)
			o = outcome{err: engine.E(engine.Internal, "Something went wrong on my side").WithOp("discord.take")}
		}
	}()
	if err := d.complete(ctx, &in); err != nil {
		return outcome{err: err}
	}
	o.reply, o.err = ask(ctx, d.h, in)
	return o
}

func (d *taker) response(in bot.In, o outcome) *discord.InteractionResponse {
	if o.err != nil {
		return refusal(in, o.err)
	}
	return Respond(in, o.reply)
}

// lookUp completes what is being typed. A list that comes too late is nobody's.
func (d *taker) lookUp(ctx context.Context, in bot.In, first func(context.Context, *discord.InteractionResponse) error) {
	limited, stop := context.WithTimeout(ctx, answerTimeout)
	defer stop()
	if err := d.complete(limited, &in); err != nil {
		d.note(first(limited, Complete(in, nil)))
		return
	}
	d.note(first(limited, Complete(in, offered(limited, d.h, in))))
}

// first sends the first answer. One that got lost on the way is sent once more: Discord takes only one.
func (d *taker) first(ctx context.Context, in bot.In, r *discord.InteractionResponse) error {
	limited, stop := context.WithTimeout(ctx, answerTimeout)
	defer stop()
	err := d.Answer(limited, in, r)
	if engine.CodeOf(err) == engine.Unavailable && limited.Err() == nil {
		if err = d.Answer(limited, in, r); codeOf(err) == discord.ErrCodeInteractionHasAlreadyBeenAcknowledged {
			err = nil
		}
	}
	return err
}

// after is the answer of an interaction that was acknowledged before: into the message that is there, or beside it. A
// dialog cannot come any more, so a button that opens it does. When it is too late for that as well, the person is told
// in their direct messages.
func (d *taker) after(ctx context.Context, in bot.In, o outcome) error {
	err := d.afterwards(ctx, in, o)
	if engine.CodeOf(err) != engine.Conflict {
		return err
	}
	return d.alone(ctx, in, prompts.Problem(prompts.Ctx{Lang: in.Actor.Lang}, err, ""))
}

func (d *taker) afterwards(ctx context.Context, in bot.In, o outcome) error {
	beside := Deferred(in).Type == discord.InteractionResponseDeferredMessageUpdate // nothing was shown yet
	if shared, ok := o.reply.(bot.Shared); ok && o.err == nil {
		if _, err := d.Post(ctx, in.Place, "", shared.Card); err != nil {
			o.err = err
		}
		o.reply = bot.Nothing{}
	}
	r := d.response(in, o)
	if form, ok := o.reply.(bot.Dialog); ok && r.Type == discord.InteractionResponseModal && o.err == nil {
		s := sheet{layout: lay(form.Form), late: true}
		s.save = s.mixed() && !s.form.Lacks()
		r = answer(in, s.message())
	}
	switch {
	case r.Type == discord.InteractionResponseDeferredMessageUpdate:
		return nil
	case r.Type == discord.InteractionResponseUpdateMessage, !beside:
		return d.Follow(ctx, in, r)
	}
	return d.Beside(ctx, in, r)
}

// note logs an answer that did not arrive. Too late or twice is not worth more: the person sees that nothing came.
func (d *taker) note(err error) {
	if err != nil {
		d.live.Log.Info("an interaction's answer did not arrive", "code", engine.CodeOf(err), "err", err)
	}
}

// tell says what came of a message, to its author alone where the reply is private. What cannot be said is not tried
// again: the message would be handled twice.
func (d *taker) tell(ctx context.Context, in bot.In, reply bot.Reply, err error) error {
	if err != nil {
		if asked := in.Kind == bot.InMessage && (in.ToMe || strings.HasPrefix(in.Text, "/")); !asked || in.Actor.Bot {
			return err
		}
		reply = bot.Private{Card: prompts.Problem(prompts.Ctx{Lang: in.Actor.Lang}, err, "")}
	}
	var said error
	switch r := reply.(type) {
	case bot.Shared:
		_, said = d.Post(ctx, in.Place, "", r.Card)
	case bot.Private:
		said = d.alone(ctx, in, r.Card)
	case bot.Dialog:
		said = d.aloneForm(ctx, in, sheet{layout: lay(r.Form), late: true})
	case bot.FieldErrors:
		said = d.aloneForm(ctx, in, sheet{layout: lay(r.Form), errs: r.Errors})
	}
	if said != nil {
		d.live.Log.Warn("an answer could not be posted", "kind", in.Kind, "err", said)
	}
	return nil
}

// privately is where the actor is spoken to alone.
func (d *taker) privately(ctx context.Context, in bot.In) (engine.Place, error) {
	if in.Place.Workspace == DirectMessages {
		return in.Place, nil
	}
	return d.Direct(ctx, in.Actor, in.Place)
}

func (d *taker) alone(ctx context.Context, in bot.In, card prompts.Card) error {
	p, err := d.privately(ctx, in)
	if err == nil {
		_, err = d.Post(ctx, p, "", card)
	}
	return err
}

// aloneForm posts a form as a message, whose buttons open its dialogs.
func (d *taker) aloneForm(ctx context.Context, in bot.In, s sheet) error {
	p, err := d.privately(ctx, in)
	if err != nil {
		return err
	}
	s.save = s.mixed() && !s.form.Lacks()
	m := s.message()
	room := p.Channel
	return d.call(ctx, p, "POST", route("channels", room, "messages"),
		map[string]any{"content": m.Content, "embeds": m.Embeds, "components": m.Components, "allowed_mentions": m.AllowedMentions}, nil)
}

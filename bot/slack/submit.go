package slack

import (
	"context"
	"encoding/json"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// outcome is what came of a submission.
type outcome struct {
	in    bot.In
	reply bot.Reply
	err   error
}

// submitted handles a dialog that was sent: the answer is its acknowledgement. Whoever brings it again, over whichever
// socket, gets the same answer. Its time runs from when it came. after makes the calls that follow.
func (n *inbound) submitted(ctx, life context.Context, desk *bot.Reception, in bot.In, payload json.RawMessage, came time.Time) (ack json.RawMessage, after func(), err error) {
	after = func() {}
	g, first := n.expect(in.ID)
	if !first {
		defer n.left(in.ID)
		select {
		case <-g.done:
			return g.ack, after, g.err
		case <-ctx.Done():
			return nil, after, engine.E(engine.Unavailable, "I was stopped").WithOp("slack.receive").Wrap(ctx.Err())
		}
	}
	defer close(g.done)
	fresh, err := desk.Keep(context.WithoutCancel(ctx), in.ID, payload)
	switch {
	case err != nil:
		n.left(in.ID)
		n.forget(in.ID)
		g.err = err
		return nil, after, err
	case !fresh:
		n.left(in.ID)
		why := engine.E(engine.Unavailable, "I was restarted while I worked on this").WithHint("Please look whether it was done. Nothing you entered is lost.")
		g.ack = trouble(in, why).Ack
		return g.ack, after, nil
	}
	over := make(chan outcome, 1)
	n.busy.Go(func() { over <- n.handle(life, in) })
	timer := time.NewTimer(n.most - time.Since(came))
	defer timer.Stop()
	select {
	case o := <-over:
		a, err := o.answer()
		if err != nil {
			a = trouble(o.in, err)
		}
		g.ack = a.Ack
		after = func() { n.conclude(life, desk, o.in, a.Call) }
	case <-timer.C:
		moment := cardView(prompts.Say(prompts.Ctx{Lang: in.Actor.Lang}, "One moment …"), metadata(in.Place, ""))
		if g.ack, err = json.Marshal(slackgo.NewUpdateViewSubmissionResponse(moment)); err != nil {
			g.ack = nil
		}
		after = func() { o := <-over; n.conclude(life, desk, o.in, o.late()...) }
	}
	return g.ack, after, nil
}

// handle asks the handler.
func (n *inbound) handle(ctx context.Context, in bot.In) (o outcome) {
	o.in = in
	defer func() {
		if cause := recover(); cause != nil {
			n.log().Error("a submission panicked", "surface", "slack", "id", in.ID, "cause", cause)
			o = outcome{in: in, err: engine.E(engine.Internal, "Something went wrong on my side").WithOp("slack.submit")}
		}
	}()
	if o.err = n.s.complete(ctx, &o.in); o.err == nil {
		o.reply, o.err = n.handler().Handle(ctx, o.in)
	}
	return o
}

// conclude makes the calls that follow, and marks the delivery done.
func (n *inbound) conclude(ctx context.Context, desk *bot.Reception, in bot.In, calls ...*Call) {
	for _, c := range calls {
		if c != nil {
			n.send(ctx, in, *c)
		}
	}
	desk.Done(ctx, in.ID)
}

// answer is an outcome in time.
func (o outcome) answer() (Answer, error) {
	if o.err != nil {
		return trouble(o.in, o.err), nil
	}
	return Respond(o.in, o.reply)
}

// late is an outcome after the acknowledgement went out: all of it comes by calls, and the window, which shows that it
// takes a moment, shows what came of it. Slack has no call that closes one.
func (o outcome) late() []*Call {
	in := o.in
	window := func(v *slackgo.ModalViewRequest) *Call {
		return &Call{Method: "views.update", ViewID: viewAt(in.Message).id, View: v}
	}
	said := func(c prompts.Card) *Call { return window(cardView(c, metadata(in.Place, ""))) }
	if o.err != nil {
		card := prompts.Problem(prompts.Ctx{Lang: in.Actor.Lang}, o.err, "")
		card.Buttons = append(card.Buttons, again(in.Actor.Lang, in.Token)...)
		return []*Call{said(card)}
	}
	switch r := o.reply.(type) {
	case bot.Private:
		return []*Call{said(r.Card)}
	case bot.Dialog:
		v, _ := pageOf(in, r.Form)
		return []*Call{window(&v)}
	case bot.FieldErrors:
		in.Value = bot.ActTyped // errors in the window's body
		if a, err := fieldErrors(in, r); err == nil && a.Call != nil {
			a.Call.Hash = "" // it is another window than the one that was sent
			return []*Call{a.Call}
		}
		v, _ := pageOf(in, r.Form)
		return []*Call{window(&v)}
	}
	calls := []*Call{said(prompts.Say(prompts.Ctx{Lang: in.Actor.Lang}, "Done."))}
	if a, err := Respond(in, o.reply); err == nil && a.Call != nil {
		calls = append(calls, a.Call)
	}
	return calls
}

// expect is the answer to the submission id; first is for whoever has to find it.
func (n *inbound) expect(id string) (g *given, first bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if g := n.given[id]; g != nil {
		return g, false
	}
	now := n.now()
	for old, g := range n.given {
		if now.Sub(g.at) > givenLife {
			delete(n.given, old)
		}
	}
	g = &given{done: make(chan struct{}), at: now}
	n.given[id] = g
	return g, true
}

func (n *inbound) forget(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.given, id)
}

package bot

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// press is a click, a choice or a submission whose meaning was found.
type press struct {
	*caller
	in   In
	it   Intent
	view engine.RunView // of the intent's run, when it has one
	flow map[string]engine.Role

	undecided bool // it was answered with a question about what was typed, which is kept until somebody answers that
}

// submitted reports whether a dialog came back, rather than a button being pressed.
func (p *press) submitted() bool { return p.in.Kind == InSubmit }

type presser func(b *Bot, ctx context.Context, p *press) (Reply, error)

// pressed says what a verb does; a verb that is not here has no button.
func pressed(verb string) (presser, bool) {
	if isAnswer(verb) {
		return (*Bot).pressChoice, true
	}
	switch verb {
	case "nudge":
		return (*Bot).pressNudge, true
	case "restart":
		return (*Bot).pressRestart, true
	case "choose_who":
		return (*Bot).pressChooseWho, true
	case "fill":
		return (*Bot).pressFill, true
	case "approve":
		return (*Bot).pressApprove, true
	case "deny":
		return (*Bot).pressDeny, true
	case "edit":
		return (*Bot).pressEdit, true
	case "retry":
		return (*Bot).pressRetry, true
	case "fix":
		return (*Bot).pressFix, true
	case "fix_all", "fix_first":
		return (*Bot).pressFixAll, true
	case "undo_run":
		return (*Bot).pressUndoRun, true
	case "move_runs":
		return (*Bot).pressMove, true
	case "rerun":
		return (*Bot).pressRerun, true
	case "again_event":
		return (*Bot).pressAgainEvent, true
	case "adopt":
		return (*Bot).pressAdopt, true
	case "mute":
		return (*Bot).pressMute, true
	case "happened", "again", "stop":
		return (*Bot).pressOutcome, true
	case "details", "open", "refresh":
		return (*Bot).pressOpen, true
	case "pause":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.setState(ctx, p.caller, p.in, p.it.Flow, engine.FlowPaused)
		}, true
	case "resume":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.setState(ctx, p.caller, p.in, p.it.Flow, engine.FlowLive)
		}, true
	case "publish":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.publish(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "help":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) { return b.help(ctx, p.caller, p.in) }, true
	case "run":
		return (*Bot).submitRun, true
	case "shown": // a dialog that only said something
		return func(*Bot, context.Context, *press) (Reply, error) { return Nothing{}, nil }, true
	}
	if do, ok := tableVerb(verb); ok {
		return do, true
	}
	if do, ok := personVerb(verb); ok {
		return do, true
	}
	return starts(verb)
}

// stale answers a token that means nothing (any more).
func stale() error {
	return engine.E(engine.Conflict, "This changed after you opened it").WithHint("The new text is in the card now.")
}

// press looks up what the token means and does it. Every attempt is audited, whatever becomes of it: here when it does
// not get as far as the run, else by the runtime, in the transaction that counts it or with its refusal.
func (b *Bot) press(ctx context.Context, c *caller, in In) (Reply, error) {
	if err := b.enter(ctx, c, in, "press.refused"); err != nil {
		return nil, err
	}
	it, err := b.o.Outbox.Intent(ctx, in.Token)
	if engine.CodeOf(err) == engine.NotFound || err == nil && (in.Token == "" || it.Expires > 0 && it.Expires < b.now()) {
		b.audit(ctx, c.person.ID, "press.refused", "", "verdict=unknown_token source="+source(in))
		if err == nil && it.Verb == verbPage {
			return nil, b.asleep(it.Flow)
		}
		return nil, stale()
	}
	if err != nil {
		return nil, unsaved(err)
	}
	if !meant(it, c) {
		b.audit(ctx, c.person.ID, "press.refused", "", "verdict=foreign_token source="+source(in))
		return nil, foreignToken()
	}
	do, ok := pressed(it.Verb)
	if building, its := built(it); its {
		do, ok = building, true
	}
	if !ok || it.Verb == "mute" && in.Kind != InChoose {
		b.audit(ctx, c.person.ID, "press.refused", "", "verdict=unknown_verb source="+source(in))
		return nil, stale()
	}
	p := &press{caller: c, in: in, it: it}
	if it.Run != "" {
		if p.view, err = b.o.Runs.Run(ctx, it.Run); err != nil {
			if engine.CodeOf(err) == engine.NotFound {
				b.audit(ctx, c.person.ID, "press.refused", "run/"+it.Run, "verdict=no_run source="+source(in))
				return nil, stale()
			}
			return nil, unsaved(err)
		}
		if p.flow, err = b.flowRoles(ctx, p.view.Flow); err != nil {
			return nil, unsaved(err)
		}
	}
	return b.perform(ctx, p, do)
}

// meant reports whether a token was shown to the caller, and where they are: what was shown to one person is for nobody
// else, and what was shown on one platform never comes back from another. The console is this machine's own: who is
// logged in there, or sits at its shell, may press what was posted anywhere.
func meant(it Intent, c *caller) bool {
	here := it.On == "" || it.On == c.actor.Surface || c.actor.Surface == engine.ConsoleSurface
	return here && (it.For == "" || it.For == c.person.ID)
}

// foreignToken answers a token that was shown to somebody else, or elsewhere.
func foreignToken() error {
	return engine.E(engine.Denied, "This was not shown to you here, so it does nothing")
}

// unsaved is what a person is told when an answer could not be made durable.
func unsaved(err error) error {
	if engine.CodeOf(err) != engine.Unavailable {
		return err
	}
	return engine.E(engine.Unavailable, "I could not save your answer, so it does not count").
		WithHint("Please press again in a minute.").WithOp("bot.press").Wrap(err)
}

func (p *press) ctx(b *Bot) prompts.Ctx { return b.private(p.caller, p.view.Place, p.flow) }

func (p *press) object() string {
	if p.it.Run == "" {
		return "flow/" + p.it.Flow
	}
	return "run/" + p.it.Run + "/" + p.it.Path
}

// note writes the attempt into the audit.
func (b *Bot) note(ctx context.Context, p *press, verdict string) {
	detail := "verdict=" + verdict + " source=" + source(p.in)
	if p.it.Plan != "" {
		detail += " plan=" + p.it.Plan
	}
	kind := "press."
	if p.submitted() {
		kind = "submit."
	}
	b.audit(ctx, p.person.ID, kind+p.it.Verb, p.object(), detail)
}

// refuse answers, before anything is sent to the run, what the run would say; nothing else changes.
func (b *Bot) refuse(ctx context.Context, p *press, a engine.Answer, ask *engine.AskView) (Reply, error) {
	b.note(ctx, p, string(a.Verdict))
	return b.told(ctx, p, a, ask)
}

// told is a verdict as a private card, with what the person can do about it: ask those who may, or begin again.
func (b *Bot) told(ctx context.Context, p *press, a engine.Answer, ask *engine.AskView) (Reply, error) {
	c := p.ctx(b)
	c.Surface = p.actor.Surface
	if a.Verdict == engine.Already && a.By != "" {
		a = b.fasterThan(ctx, p, a)
	}
	card := prompts.Refusal(c, a, p.view, ask)
	switch {
	case a.Verdict == engine.NotYou && ask != nil && ask.State == engine.CardOpen:
		card.Buttons = append(card.Buttons, prompts.Button{ID: "nudge", Label: prompts.T(c.Lang, "Ask them", nil), Token: "nudge"})
	case a.Verdict == engine.Expired && p.view.Event != nil && b.may(ctx, p.caller, DeedRun, p.view.Flow, p.view.Place, false) == nil:
		card.Buttons = append(card.Buttons, prompts.Button{ID: "restart", Label: prompts.T(c.Lang, "Start again", nil), Token: "restart"})
	}
	return b.reply(ctx, p.caller, p.in, "refusal:"+p.it.Run+"/"+p.it.Path, &draft{card: card, means: Intent{Run: p.it.Run, Path: p.it.Path, Flow: p.view.Flow}})
}

// fasterThan adds from where a question was decided to the answer for whoever came second: who decided it themselves,
// elsewhere, reads that.
func (b *Bot) fasterThan(ctx context.Context, p *press, a engine.Answer) engine.Answer {
	view, err := b.o.Runs.Run(ctx, p.it.Run)
	if err != nil {
		return a // who and when is true without it
	}
	if ask := askAt(view, p.it.Path); ask != nil && ask.DecidedBy == a.By {
		a.Via = ask.Via
	}
	if a.By == p.person.ID && a.Choice == "approve" {
		a.Verdict = engine.Voted
	}
	return a
}

// allowed asks for a right towards the press's flow and audits a refusal.
func (b *Bot) allowed(ctx context.Context, p *press, d Deed, isAsked bool) error {
	place, flow := p.view.Place, p.it.Flow
	if p.it.Run != "" {
		flow = p.view.Flow
	}
	err := b.may(ctx, p.caller, d, flow, place, isAsked)
	if err != nil {
		b.note(ctx, p, "denied")
	}
	return err
}

// entrusted reports whether the caller is in a group that this run asks or has asked.
func (b *Bot) entrusted(ctx context.Context, c *caller, v engine.RunView) (bool, error) {
	flow, err := b.flowRoles(ctx, v.Flow)
	if err != nil {
		return false, err
	}
	for _, a := range v.Asks {
		in, err := b.evidence(ctx, c, a.Groups, v.Place, flow)
		if err != nil || len(in) > 0 {
			return len(in) > 0, err
		}
	}
	return false, nil
}

// signal sends what the person decided to the run and answers what became of it. A counted one needs no words: the
// card itself changes.
func (b *Bot) signal(ctx context.Context, p *press, kind engine.EntryKind, head, data any, ask *engine.AskView) (Reply, error) {
	a, err := b.signalled(ctx, p, kind, head, data)
	if err != nil {
		return nil, err
	}
	if a.Verdict != engine.Counted {
		return b.told(ctx, p, a, ask)
	}
	b.Wake()
	return Nothing{}, nil
}

// signalled sends what the person decided to the run and gives its answer.
func (b *Bot) signalled(ctx context.Context, p *press, kind engine.EntryKind, head, data any) (a engine.Answer, err error) {
	s := engine.Signal{Run: p.it.Run, Path: p.it.Path, Kind: kind, By: p.person.ID, Source: source(p.in)}
	if head != nil {
		if s.Head, err = json.Marshal(head); err != nil {
			return a, engine.AsError(err).WithOp("bot.signal")
		}
	}
	if data != nil {
		if s.Data, err = engine.EncodeJSON(data); err != nil {
			return a, engine.AsError(err).WithOp("bot.signal")
		}
	}
	if a, err = b.o.Runs.Signal(ctx, s); err != nil {
		b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
		return a, unsaved(err)
	}
	return a, nil
}

// pressOpen is the private card of the run, or of the flow where there is no run.
func (b *Bot) pressOpen(ctx context.Context, p *press) (Reply, error) {
	if p.it.Run == "" {
		return b.showFlow(ctx, p.caller, p.in, p.it.Flow, "", nil)
	}
	return b.openRun(ctx, p.caller, p.in, p.it.Run)
}

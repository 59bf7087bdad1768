package bot

import (
	"context"
	"sort"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// ballot is a question and what the caller may bring as proof that they are asked.
type ballot struct {
	ask    *engine.AskView
	groups []string
	at     int64
}

// ballot finds the question and looks up membership, before anything else is done. The reply is set when the answer
// is no already.
func (b *Bot) ballot(ctx context.Context, p *press) (*ballot, Reply, error) {
	ask := askAt(p.view, p.it.Path)
	if ask == nil {
		r, err := b.refuse(ctx, p, engine.Answer{Verdict: engine.NotNow}, nil)
		return nil, r, err
	}
	groups, err := b.evidence(ctx, p.caller, ask.Groups, p.view.Place, p.flow)
	if err != nil {
		b.note(ctx, p, "groups_unknown")
		return nil, nil, err
	}
	none := p.book.empty(ask.Groups, p.view.Place, p.flow)
	if ask.State == engine.CardOpen && len(none) > 0 && len(none) == len(ask.Groups) {
		b.note(ctx, p, "empty_group")
		return nil, nil, engine.E(engine.Denied, "{group} is empty, so nobody can approve. The run is waiting",
			"group", strings.Join(none, ", "), "command", "/"+b.o.Command+" admin group-set "+trimAt(none[0])+" NAME").
			WithHint("An admin can fill it: {command}")
	}
	if len(groups) == 0 {
		r, err := b.refuse(ctx, p, engine.Answer{Verdict: engine.NotYou}, ask)
		return nil, r, err
	}
	if err := b.allowed(ctx, p, DeedDecide, true); err != nil {
		return nil, nil, err
	}
	return &ballot{ask: ask, groups: groups, at: b.now()}, nil, nil
}

// closed is the engine's answer to a question that is over, for those who only want to open its dialog.
func (v *ballot) closed(shown string) (engine.Answer, bool) {
	a := v.ask
	switch {
	case a.State == engine.CardDecided:
		return engine.Answer{Verdict: engine.Already, By: a.DecidedBy, At: a.DecidedAt, Choice: a.Decision}, true
	case a.State == engine.CardExpired:
		return engine.Answer{Verdict: engine.Expired, At: a.Expires}, true
	case a.State != engine.CardOpen:
		return engine.Answer{Verdict: engine.NotNow}, true
	case a.Plan != nil && a.Plan.Hash != shown:
		return engine.Answer{Verdict: engine.OldPlan}, true
	}
	return engine.Answer{}, false
}

func (b *Bot) vote(ctx context.Context, p *press, v *ballot, choice, reason string) (Reply, error) {
	head := engine.VoteHead{Choice: choice, Plan: p.it.Plan, Groups: v.groups, GroupsAt: v.at, Reason: reason, Via: p.actor.Surface}
	return b.signal(ctx, p, engine.AskVoted, head, nil, v.ask)
}

func (b *Bot) pressApprove(ctx context.Context, p *press) (Reply, error) {
	v, no, err := b.ballot(ctx, p)
	if v == nil {
		return no, err
	}
	return b.vote(ctx, p, v, "approve", "")
}

// pressDeny asks why, then denies.
func (b *Bot) pressDeny(ctx context.Context, p *press) (Reply, error) {
	v, no, err := b.ballot(ctx, p)
	if v == nil {
		return no, err
	}
	if !p.submitted() {
		if a, over := v.closed(p.it.Plan); over {
			return b.refuse(ctx, p, a, v.ask)
		}
		b.note(ctx, p, "dialog")
		return Dialog{prompts.DenyForm(p.ctx(b), p.view, *v.ask, p.in.Token, prompts.Filled{})}, nil
	}
	return b.vote(ctx, p, v, "deny", why(p.in.Fields))
}

// why is the reason given: the dialog's one line, cut to what a line may be.
func why(fields map[string]string) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if s := strings.Join(strings.Fields(fields[name]), " "); s != "" {
			if r := []rune(s); len(r) > 500 {
				s = string(r[:499]) + "…"
			}
			return s
		}
	}
	return ""
}

// pressEdit opens what may be edited, filled; the submission is the editor's vote for the new text.
func (b *Bot) pressEdit(ctx context.Context, p *press) (Reply, error) {
	v, no, err := b.ballot(ctx, p)
	if v == nil {
		return no, err
	}
	if !p.submitted() {
		if a, over := v.closed(p.it.Plan); over {
			return b.refuse(ctx, p, a, v.ask)
		}
		b.note(ctx, p, "dialog")
		return Dialog{prompts.EditForm(p.ctx(b), p.view, *v.ask, p.in.Token, prompts.Filled{})}, nil
	}
	values, errs := prompts.ReadEdit(*v.ask, p.in.Fields)
	if len(errs) > 0 {
		b.note(ctx, p, "wrong_fields")
		f := prompts.Filled{Values: p.in.Fields, Errors: errs}
		return FieldErrors{Errors: errs, Form: prompts.EditForm(p.ctx(b), p.view, *v.ask, p.in.Token, f)}, nil
	}
	head := engine.VoteHead{Choice: "approve", Plan: p.it.Plan, Groups: v.groups, GroupsAt: v.at, Via: p.actor.Surface}
	return b.signal(ctx, p, engine.AskEdited, head, values, v.ask)
}

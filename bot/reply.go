package bot

import (
	"context"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// isAnswer reports whether a verb answers a question with answers to choose from: a button with the answer's number, or
// the menu.
func isAnswer(verb string) bool {
	n, ok := strings.CutPrefix(verb, prompts.ChoicePrefix)
	return ok && strings.Trim(n, "0123456789") == ""
}

// pressChoice answers a question with one of its answers.
func (b *Bot) pressChoice(ctx context.Context, p *press) (Reply, error) {
	v, no, err := b.ballot(ctx, p)
	if v == nil {
		return no, err
	}
	value := p.in.Value
	if n, pressed := strings.CutPrefix(p.it.Verb, prompts.ChoicePrefix); pressed && n != "" {
		i, err := strconv.Atoi(n)
		if err != nil || i >= len(v.ask.Options) {
			return nil, stale()
		}
		value = v.ask.Options[i].Value
	}
	return b.signal(ctx, p, engine.AskAnswered, v.head(p), map[string]any{"choice": value}, v.ask)
}

func (v *ballot) head(p *press) engine.AnswerHead {
	return engine.AnswerHead{Groups: v.groups, GroupsAt: v.at, Via: p.actor.Surface}
}

// formOf is what a flow's form asks for; the error is Invalid when it cannot be read.
func formOf(ask *engine.AskView) (*engine.Schema, error) {
	if ask.Fields != nil {
		return ask.Fields, nil
	}
	v, err := engine.DecodeJSON(ask.Form)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.formOf")
	}
	s, bad := flow.FormSchema(v)
	if bad != nil {
		return nil, bad
	}
	return s, nil
}

// pressFill opens a flow's form, or answers with what was filled in.
func (b *Bot) pressFill(ctx context.Context, p *press) (Reply, error) {
	v, no, err := b.ballot(ctx, p)
	if v == nil {
		return no, err
	}
	schema, err := formOf(v.ask)
	if err != nil {
		return nil, err
	}
	a := fields.Ask{Schema: schema, Lang: p.ctx(b).Lang, Choices: b.choices(p.caller, p.ctx(b).Lang)}
	if !p.submitted() {
		if a, over := v.closed(p.it.Plan); over {
			return b.refuse(ctx, p, a, v.ask)
		}
		b.note(ctx, p, "dialog")
		return Dialog{prompts.FillForm(p.ctx(b), p.view, *v.ask, fields.Form(a), p.in.Token)}, nil
	}
	a.Typed = p.in.Fields
	read, errs := fields.Read(a, p.in.Fields)
	plain, _ := edit.Plain(read).(map[string]any)
	if len(errs) == 0 {
		typed, bad := flow.ReadForm(schema, plain)
		errs, plain = fields.Errors(a, bad), typed
	}
	if len(errs) == 0 {
		reply, bad, err := b.answer(ctx, p, v, plain)
		if err != nil || len(bad) == 0 {
			return reply, err
		}
		errs = fields.Errors(a, bad)
	}
	b.note(ctx, p, "wrong_fields")
	a.Errors = errs
	return FieldErrors{Errors: errs, Form: prompts.FillForm(p.ctx(b), p.view, *v.ask, fields.Form(a), p.in.Token)}, nil
}

// answer sends a filled-in form to the run; bad is what the run finds wrong with it, by field.
func (b *Bot) answer(ctx context.Context, p *press, v *ballot, values map[string]any) (_ Reply, bad map[string]*engine.Error, err error) {
	a, err := b.signalled(ctx, p, engine.AskAnswered, v.head(p), map[string]any{"fields": values})
	switch {
	case err != nil:
		return nil, nil, err
	case a.Verdict == engine.BadAnswer && len(a.Fields) > 0:
		return nil, a.Fields, nil
	case a.Verdict != engine.Counted:
		reply, err := b.told(ctx, p, a, v.ask)
		return reply, nil, err
	}
	b.Wake()
	return Nothing{}, nil, nil
}

package bot

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// pressRetry tries every run of the alert's group again, as it is.
func (b *Bot) pressRetry(ctx context.Context, p *press) (Reply, error) {
	group, err := b.groupOf(ctx, p)
	if err != nil {
		return nil, err
	}
	var failing []AlertRun
	if group != nil {
		failing = group.failing()
	}
	if len(failing) == 0 {
		failing = []AlertRun{{Run: p.it.Run, Path: p.it.Path, Number: p.view.Number}}
	}
	var done []string
	var last Reply
	for _, r := range failing {
		one := *p
		one.it.Run, one.it.Path = r.Run, r.Path
		if r.Run != p.it.Run {
			if one.view, err = b.o.Runs.Run(ctx, r.Run); engine.CodeOf(err) == engine.NotFound {
				continue
			} else if err != nil {
				return nil, unsaved(err)
			}
		}
		entrusted, err := b.entrusted(ctx, p.caller, one.view)
		if err != nil {
			return nil, err
		}
		if err := b.allowed(ctx, &one, DeedRetry, entrusted); err != nil {
			return nil, err
		}
		reply, err := b.signal(ctx, &one, engine.StepRetry, nil, nil, nil)
		if err != nil {
			return nil, err
		}
		if _, counted := reply.(Nothing); counted {
			done = append(done, "#"+itoa(r.Number))
		} else {
			last = reply
		}
	}
	switch {
	case len(done) > 1:
		return Private{prompts.Say(b.private(p.caller, p.in.Place, nil), "Trying {n} runs again: {numbers}", "n", len(done), "numbers", strings.Join(done, " "))}, nil
	case len(done) == 1 || last == nil:
		return Nothing{}, nil
	}
	return last, nil
}

// groupOf is the alert behind a press; nil when the card is none, or of an earlier edition that is over.
func (b *Bot) groupOf(ctx context.Context, p *press) (*Alert, error) {
	var d alertData
	if len(p.it.Data) == 0 || json.Unmarshal(p.it.Data, &d) != nil || d.Fingerprint == "" {
		return nil, nil
	}
	a, err := b.alert(ctx, d.Fingerprint)
	if err != nil {
		return nil, err
	}
	if a.Fingerprint == "" || a.key() != p.it.Key {
		return nil, nil
	}
	return &a, nil
}

// pressFix opens the failed step's input, filled, and tries this one run with what comes back. Where an approval
// covers the step, the engine asks again, because what is sent changes.
func (b *Bot) pressFix(ctx context.Context, p *press) (Reply, error) {
	if err := b.allowed(ctx, p, DeedFix, false); err != nil {
		return nil, err
	}
	step := stepAt(p.view, p.it.Path)
	switch {
	case p.view.State.Final():
		return b.refuse(ctx, p, engine.Answer{Verdict: engine.Ended}, nil)
	case step == nil || step.State != engine.StepStateFailed:
		return b.refuse(ctx, p, engine.Answer{Verdict: engine.NotNow}, nil)
	}
	asked, err := b.withMissing(*step)
	if err != nil {
		return nil, err
	}
	alike, err := b.alike(ctx, p)
	if err != nil {
		return nil, err
	}
	form := func(f prompts.Filled) prompts.Form {
		m := prompts.FixForm(p.ctx(b), p.view, asked, p.in.Token, f)
		return prompts.WithAlike(p.ctx(b), m, p.view.Number, len(alike), f)
	}
	if !p.submitted() {
		b.note(ctx, p, "dialog")
		return Dialog{form(fixTyped(p))}, nil
	}
	input, errs := prompts.ReadFix(asked, p.in.Fields)
	bad := b.misfits(step.Action, input)
	for _, f := range prompts.FixForm(p.ctx(b), p.view, asked, p.in.Token, prompts.Filled{}).Fields {
		if e := bad[f.Name]; e != nil && errs[f.Name] == "" { // what cannot be changed here is for the action to say
			errs[f.Name] = b.words(p.caller, e)
		}
	}
	if len(errs) > 0 {
		b.note(ctx, p, "wrong_fields")
		f := prompts.Filled{Values: p.in.Fields, Errors: errs}
		return FieldErrors{Errors: errs, Form: form(f)}, nil
	}
	change := b.changeOf(p, asked, input)
	if len(alike) > 1 && p.in.Fields[prompts.FixForField] == prompts.FixAlike {
		return b.planFix(ctx, p, asked, change, alike)
	}
	reply, err := b.signal(ctx, p, engine.StepFixed, nil, input, nil)
	if _, counted := reply.(Nothing); counted && err == nil {
		b.keepFix(ctx, p, change)
	}
	return reply, err
}

func (b *Bot) misfits(action string, in map[string]any) map[string]*engine.Error {
	if b.o.Misfits == nil {
		return nil
	}
	return b.o.Misfits(action, in)
}

// withMissing is a step whose input also names the fields that its action misses, so that they can be filled in.
func (b *Bot) withMissing(step engine.StepView) (engine.StepView, error) {
	v, err := engine.DecodeJSON(step.Input)
	in, ok := v.(map[string]any)
	if err != nil || !ok {
		return step, nil
	}
	missing := false
	for field := range b.misfits(step.Action, in) {
		if _, there := in[field]; !there {
			in[field], missing = nil, true
		}
	}
	if missing {
		if step.Input, err = engine.EncodeJSON(in); err != nil {
			return step, engine.AsError(err).WithOp("bot.withMissing")
		}
	}
	return step, nil
}

// pressMute silences a group for a while, or until it is fixed. Its failures are still counted.
func (b *Bot) pressMute(ctx context.Context, p *press) (Reply, error) {
	entrusted, err := b.entrusted(ctx, p.caller, p.view)
	if err != nil {
		return nil, err
	}
	if err := b.allowed(ctx, p, DeedRetry, entrusted); err != nil {
		return nil, err
	}
	until, ok := muteUntil(p.in.Value, b.now())
	if !ok {
		b.note(ctx, p, "wrong_value")
		return nil, engine.E(engine.Invalid, "I do not know for how long to be silent").WithHint("Choose one of the offers.")
	}
	b.alerts.Lock()
	defer b.alerts.Unlock()
	a, err := b.groupOf(ctx, p)
	if err != nil {
		return nil, unsaved(err)
	}
	if a == nil || a.State != alertOpen {
		return b.refuse(ctx, p, engine.Answer{Verdict: engine.NotNow}, nil)
	}
	a.MutedUntil, a.MutedBy = until, p.person.ID
	if err := b.o.Outbox.PutAlert(ctx, *a); err != nil {
		b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
		return nil, unsaved(err)
	}
	b.note(ctx, p, "counted")
	b.muted(a.Fingerprint, until)
	b.refreshAlert(a.Fingerprint)
	return Nothing{}, nil
}

// muteUntil reads "1h", "8h", "1d" or "fixed".
func muteUntil(value string, now int64) (int64, bool) {
	switch value {
	case "fixed":
		return MutedUntilFixed, true
	case "1d":
		value = "24h"
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 || d > 31*24*time.Hour {
		return 0, false
	}
	return now + d.Milliseconds(), true
}

// pressOutcome says whether a call happened. "It happened" asks for what later steps need of its answer.
func (b *Bot) pressOutcome(ctx context.Context, p *press) (Reply, error) {
	if p.it.Run == "" && p.it.Verb == "again" {
		return b.rerun(ctx, p)
	}
	entrusted, err := b.entrusted(ctx, p.caller, p.view)
	if err != nil {
		return nil, err
	}
	if err := b.allowed(ctx, p, DeedOutcome, entrusted); err != nil {
		return nil, err
	}
	head := engine.OutcomeHead{Choice: p.it.Verb, Via: p.actor.Surface}
	step := stepAt(p.view, p.it.Path)
	asked := step != nil && (step.State == engine.StepStateUnknown || step.Lost)
	if p.it.Verb == "stop" && p.it.Key == "view:"+p.it.Run && !asked {
		p.it.Path = "" // pressed on the run's own card: it is the run that is stopped, whatever it is doing
		return b.signal(ctx, p, engine.RunCancel, nil, nil, nil)
	}
	if p.it.Verb != "happened" || !asked {
		return b.signal(ctx, p, engine.OutcomeGiven, head, nil, nil) // the engine says what is wrong, if anything is
	}
	needs, err := b.needs(ctx, p.view, step.Path)
	if err != nil {
		return nil, unsaved(err)
	}
	if len(needs) == 0 {
		return b.signal(ctx, p, engine.OutcomeGiven, head, nil, nil)
	}
	if !p.submitted() {
		b.note(ctx, p, "dialog")
		return Dialog{prompts.HappenedForm(p.ctx(b), p.view, *step, p.in.Token, needs, prompts.Filled{})}, nil
	}
	output, errs := prompts.ReadHappened(needs, p.in.Fields)
	if len(errs) > 0 {
		b.note(ctx, p, "wrong_fields")
		f := prompts.Filled{Values: p.in.Fields, Errors: errs}
		return FieldErrors{Errors: errs, Form: prompts.HappenedForm(p.ctx(b), p.view, *step, p.in.Token, needs, f)}, nil
	}
	return b.signal(ctx, p, engine.OutcomeGiven, head, output, nil)
}

// needs is what the flow's text reads of a step's output, as dotted paths: "body.id".
func (b *Bot) needs(ctx context.Context, v engine.RunView, path string) ([]string, error) {
	source, err := b.o.Flows.Source(ctx, v.Flow, itoa(v.Version))
	if engine.CodeOf(err) == engine.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	id := path[strings.LastIndexByte(path, '/')+1:]
	re, err := regexp.Compile(`\bsteps\??\.` + regexp.QuoteMeta(id) + `((?:\??\.[A-Za-z_][A-Za-z0-9_]*)+)`)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.needs")
	}
	var out []string
	for _, m := range re.FindAllStringSubmatch(string(source), -1) {
		if need := strings.TrimPrefix(strings.ReplaceAll(m[1], "?.", "."), "."); !has(out, need) {
			out = append(out, need)
		}
	}
	return out, nil
}

// rerun offers an event again that could not be judged when it came.
func (b *Bot) rerun(ctx context.Context, p *press) (Reply, error) {
	h, err := b.head(ctx, p.caller, p.in, p.it.Flow, DeedRun)
	if err != nil {
		return nil, err
	}
	var f BrokenFacts
	if err := json.Unmarshal(p.it.Data, &f); err != nil {
		return nil, engine.AsError(err).WithOp("bot.rerun")
	}
	ev, err := b.event(ctx, h.Name, f.Event)
	if err != nil {
		return nil, err
	}
	return b.start(ctx, p.caller, p.in, h, ev.Data)
}

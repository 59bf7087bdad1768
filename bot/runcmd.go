package bot

import (
	"bytes"
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	runField  = "event"
	maxManual = 256 << 10 // bytes of JSON for a run by hand
)

func (b *Bot) cmdRun(ctx context.Context, c *call) (Reply, error) {
	h, err := b.head(ctx, c.caller, c.in, c.args["FLOW"], DeedRun)
	if err != nil {
		return nil, err
	}
	if h.Live == 0 {
		return nil, engine.E(engine.Invalid, "{flow} was never published", "flow", h.Name, "command", "/"+b.o.Command+" publish "+h.Name).
			WithHint("Publish it first: {command}")
	}
	text, given := c.args["JSON"]
	if !given {
		return b.form(ctx, c.caller, c.in, Intent{Verb: "run", Flow: h.Name}, b.runForm(c.caller, h, prompts.Filled{}))
	}
	data, err := eventOf(text)
	if err != nil {
		return nil, err
	}
	return b.start(ctx, c.caller, c.in, h, data)
}

func (b *Bot) runForm(c *caller, h engine.FlowHead, f prompts.Filled) prompts.Form {
	lang := b.private(c, h.Place, nil).Lang
	return prompts.Form{Title: prompts.T(lang, "Run {flow}", engine.Args("flow", h.Name)), Submit: prompts.T(lang, "Run", nil), Lang: lang,
		Fields: []prompts.Field{{Name: runField, Label: prompts.T(lang, "Event", nil), Kind: prompts.FieldText,
			Value: f.Values[runField], Error: f.Errors[runField], Help: prompts.T(lang, "The event's body as JSON; empty for none", nil)}}}
}

// submitRun is the dialog's answer.
func (b *Bot) submitRun(ctx context.Context, p *press) (Reply, error) {
	h, err := b.head(ctx, p.caller, p.in, p.it.Flow, DeedRun)
	if err != nil {
		return nil, err
	}
	if !p.submitted() {
		f := b.runForm(p.caller, h, prompts.Filled{})
		f.Key, f.Token = p.it.Key, p.in.Token
		return Dialog{f}, nil
	}
	data, err := eventOf(p.in.Fields[runField])
	if err != nil {
		errs := map[string]string{runField: b.words(p.caller, err)}
		f := b.runForm(p.caller, h, prompts.Filled{Values: p.in.Fields, Errors: errs})
		f.Key, f.Token = p.it.Key, p.in.Token
		return FieldErrors{Errors: errs, Form: f}, nil
	}
	return b.start(ctx, p.caller, p.in, h, data)
}

// words is an error in the caller's language.
func (b *Bot) words(c *caller, err error) string {
	return wordsIn(b.private(c, engine.Place{}, nil).Lang, err)
}

// wordsIn is what an error says, in a language.
func wordsIn(lang string, err error) string {
	e := engine.AsError(err)
	s := prompts.T(lang, e.Msg, e.Args)
	if e.Hint != "" {
		s += ". " + prompts.T(lang, e.Hint, e.Args)
	}
	return s
}

// eventOf reads the event of a run by hand: its body, or an object that names headers, query and body itself.
func eventOf(text string) (map[string]any, error) {
	raw := bytes.TrimSpace([]byte(text))
	if len(raw) == 0 {
		return map[string]any{"body": map[string]any{}}, nil
	}
	if len(raw) > maxManual {
		return nil, engine.E(engine.TooLarge, "The event is over {size} KiB", "size", maxManual>>10)
	}
	v, err := engine.DecodeJSON(raw)
	if err != nil {
		return nil, engine.E(engine.Invalid, "This is not JSON: {reason}", "reason", err.Error()).WithHint(`Write something like {"title": "Crash on start"}.`)
	}
	if m, ok := v.(map[string]any); ok {
		if _, ok := m["body"]; ok && onlyEvent(m) {
			return m, nil
		}
	}
	return map[string]any{"body": v}, nil
}

func onlyEvent(m map[string]any) bool {
	for k := range m {
		if !has([]string{"body", "headers", "query", "method", "path"}, k) {
			return false
		}
	}
	return true
}

// once names a delivery, so that it starts one run however often it is handled; "" where the surface does not name them.
func once(in In) string {
	if in.ID == "" {
		return ""
	}
	return source(in)
}

// start offers the event at the one door (R6), marked as manual.
func (b *Bot) start(ctx context.Context, c *caller, in In, h engine.FlowHead, data map[string]any) (Reply, error) {
	trigger, err := b.o.Flows.ManualTrigger(ctx, h.Name)
	if err != nil {
		return nil, err
	}
	got, err := b.o.Runs.Accept(ctx, engine.Batch{Trigger: trigger, Items: []engine.Item{{Data: data}}, From: "person:" + c.person.ID, Manual: true, Once: once(in)})
	if err != nil {
		return nil, err
	}
	if len(got) != 1 {
		return nil, engine.E(engine.Internal, "a run by hand gave {n} receipts", "n", len(got)).WithOp("bot.start")
	}
	b.Wake()
	r := got[0]
	b.audit(ctx, c.person.ID, "run.started", "run/"+r.Run, "flow="+h.Name+" result="+string(r.Outcome)+" source="+source(in))
	switch r.Outcome {
	case engine.Collected:
		return Private{prompts.Say(b.private(c, in.Place, nil), "{flow} has it, and waits for others", "flow", h.Name)}, nil
	case engine.Accepted, engine.Duplicate: // the same delivery, handled again after a crash
		return Private{prompts.Say(b.private(c, in.Place, nil), "Run #{number} of {flow} has started", "number", r.Number, "flow", h.Name)}, nil
	case engine.Queued:
		return Private{prompts.Say(b.private(c, in.Place, nil), "Run #{number} of {flow} waits, because the flow is paused", "number", r.Number, "flow", h.Name)}, nil
	case engine.Broken:
		return nil, engine.E(engine.Invalid, "The event could not be checked: {reason}", "reason", r.Reason)
	case engine.Skipped:
		return Private{prompts.Say(b.private(c, in.Place, nil), "Skipped: {reason}", "reason", r.Reason)}, nil
	}
	return Private{prompts.Say(b.private(c, in.Place, nil), "Kept as a sample; nothing runs before {flow} is published", "flow", h.Name)}, nil
}

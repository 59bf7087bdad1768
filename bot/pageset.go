package bot

import (
	"context"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// condition is the dialog of the trigger's condition.
func (b *Bot) condition(s *sitting) (fields.Condition, error) {
	_, _, when, _, err := edit.Trigger(s.w.Source)
	return fields.Condition{Source: bare(when), Sample: s.w.sample(), Lang: s.lang, Extra: s.g.Extra, Typed: s.typed, Errors: s.errs}, err
}

// conditionOf is the dialog of a step's condition.
func (b *Bot) conditionOf(s *sitting, step edit.Map) fields.Condition {
	return fields.Condition{Source: bare(step.Text("if")), Sample: s.w.sample(), Lang: s.lang, Extra: s.g.Extra, Typed: s.typed, Errors: s.errs}
}

// bare is a condition without its braces.
func bare(text string) string {
	t := strings.TrimSpace(text)
	if strings.HasPrefix(t, "{{") && strings.HasSuffix(t, "}}") && strings.Count(t, "{{") == 1 {
		return strings.TrimSpace(t[2 : len(t)-2])
	}
	return t
}

func (b *Bot) formIf(_ context.Context, s *sitting) (prompts.Form, error) {
	c, err := b.condition(s)
	if err != nil {
		return prompts.Form{}, err
	}
	d := prompts.ConditionFacts{Key: "only_if:" + s.it.Flow, Fields: fields.ConditionFields(c), Remove: c.Source != ""}
	d.Rows = true
	for _, f := range d.Fields {
		if f.Name == fields.SourceName {
			d.Rows = false
		}
	}
	if source, bad := fields.ReadCondition(c, s.typed); len(bad) == 0 && source != "" {
		d.Matches, d.Of, d.Skips = b.tried(s.w, source)
	}
	return prompts.ConditionForm(s.ctx, d, s.in.Token), nil
}

// tried is how many of the samples a condition lets in, and one that it does not.
func (b *Bot) tried(w *work, source string) (have, of int, skips string) {
	f := flow.Flow{}
	if w.flow != nil {
		f = *w.flow
	}
	f.Trigger.When = &flow.Cond{Source: source}
	var events []engine.Event
	for _, m := range w.matches {
		events = append(events, m.Event)
	}
	for _, m := range build.Matches(&f, events) {
		of++
		if m.OK {
			have++
		} else if skips == "" {
			skips = build.Label(m.Event)
		}
	}
	return have, of, skips
}

func (b *Bot) actIf(ctx context.Context, s *sitting, name string) (Reply, error) {
	switch name {
	case "another":
		s.g.Extra = 1 // from now on it is among what is typed
		return nil, nil
	case "remove":
		return b.saveOps(ctx, s, edit.SetTriggerPart{Part: "when"})
	case fields.InsertName:
		c, err := b.condition(s)
		if err != nil {
			return nil, err
		}
		s.typed = c.InsertInto(s.typed)
	}
	return nil, nil
}

func (b *Bot) saveIf(ctx context.Context, s *sitting) (Reply, error) {
	c, err := b.condition(s)
	if err != nil {
		return nil, err
	}
	source, bad := fields.ReadCondition(c, merged(s.g.Fields, s.typed))
	for name, words := range bad {
		s.wrong(name, words)
	}
	if len(s.errs) > 0 {
		return nil, nil
	}
	return b.saveOps(ctx, s, edit.SetTriggerPart{Part: "when", Value: braced(source)})
}

// formSettings asks for what concerns the flow as a whole.
func (b *Bot) formSettings(_ context.Context, s *sitting) (prompts.Form, error) {
	d, err := b.settings(s)
	return prompts.SettingsForm(s.ctx, d, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs}), err
}

func (b *Bot) settings(s *sitting) (prompts.SettingsFacts, error) {
	top, err := edit.Top(s.w.Source)
	if err != nil {
		return prompts.SettingsFacts{}, err
	}
	d := prompts.SettingsFacts{Flow: s.it.Flow, Title: top.Text("title"), Channel: top.Text("channel"), Timezone: top.Text("timezone"),
		Channels: b.channels(s.caller, top.Text("channel")), Called: called(top), Output: build.Output(top), Notify: notifyTexts(top)}
	return d, nil
}

func (b *Bot) saveSettings(ctx context.Context, s *sitting) (Reply, error) {
	d, err := b.settings(s)
	if err != nil {
		return nil, err
	}
	top, err := edit.Top(s.w.Source)
	if err != nil {
		return nil, err
	}
	typed := merged(s.g.Fields, s.typed)
	moved := func(name, was string) (string, bool) {
		now, sent := typed[name]
		now = strings.TrimSpace(now)
		return now, sent && now != was
	}
	var ops []edit.Op
	set := func(key, value string) {
		op := edit.SetTop{Key: key}
		if value != "" {
			op.Value = value
		}
		ops = append(ops, op)
	}
	if v, ok := moved("title", d.Title); ok {
		set("title", v)
	}
	if v, ok := moved("channel", d.Channel); ok {
		p, err := b.readChannel(ctx, s.caller, v)
		if err == nil {
			err = b.may(ctx, s.caller, DeedBuild, s.it.Flow, p, false)
		}
		if err != nil {
			s.wrong("channel", b.words(s.caller, err))
		}
		set("channel", p.String())
	}
	if v, ok := moved("timezone", d.Timezone); ok {
		if _, err := time.LoadLocation(v); err != nil || v == "Local" {
			s.wrong("timezone", b.words(s.caller, engine.E(engine.Invalid, `"{zone}" is not a time zone`, "zone", v).WithHint("Write its IANA name, like Europe/Zurich or UTC.")))
		}
		set("timezone", v)
	}
	output, moves, wrong := (build.Words{Lang: s.lang}).ReadOutput(top, typed)
	if wrong != "" {
		s.wrong("output", wrong)
	}
	if moves {
		ops = append(ops, edit.SetTop{Key: "output", Value: output})
	}
	ops = append(ops, b.notifyOps(ctx, s, top, typed)...)
	return b.saveChecked(ctx, s, nil, build.OutputField, ops...)
}

// called reports whether other flows call this one, or it says what it gives them.
func called(top edit.Map) bool {
	trigger, _ := top.Get("trigger").(edit.Map)
	_, gives := top.Look("output")
	return gives || trigger.Text("on") == flow.Called
}

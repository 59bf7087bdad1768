package bot

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// formNew is the first page of a new flow: what it is called, what for, where, and what starts it.
func (b *Bot) formNew(_ context.Context, s *sitting) (prompts.Form, error) {
	d := prompts.NewFlowFacts{Name: s.g.Fields["name"], Channel: s.g.Fields["channel"], Channels: b.channels(s.caller, s.g.Fields["channel"]), Triggers: b.triggers(s)}
	return prompts.NewFlowForm(s.ctx, d, s.in.Token, prompts.Filled{Values: merged(s.g.Fields, s.typed), Errors: s.errs}), nil
}

// channels are the places that flows may live in, now among them.
func (b *Bot) channels(c *caller, now string) []prompts.Option {
	var out []prompts.Option
	known := now == ""
	for _, p := range b.rooms(c) {
		v := p.String()
		known = known || v == now
		out = append(out, prompts.Option{Value: v, Label: b.placeLabel(p)})
	}
	if !known && len(out) > 0 {
		out = append([]prompts.Option{{Value: now, Label: now}}, out...)
	}
	return out
}

// triggers are the kinds of triggers to choose from.
func (b *Bot) triggers(s *sitting) []prompts.Option {
	var out []prompts.Option
	for _, name := range b.o.Catalog.TriggerNames() {
		if t, ok := b.o.Catalog.Trigger(name); ok {
			out = append(out, prompts.Option{Value: name, Label: s.t(t.Title), Help: s.t(t.Doc)})
		}
	}
	return out
}

// triggerNamed finds a kind of trigger by its name or title.
func (b *Bot) triggerNamed(s *sitting, text string) (*engine.TriggerKind, error) {
	text = strings.TrimSpace(text)
	names := b.o.Catalog.TriggerNames()
	for _, name := range names {
		if t, ok := b.o.Catalog.Trigger(name); ok && (name == text || text != "" && strings.EqualFold(s.t(t.Title), text)) {
			return t, nil
		}
	}
	e := engine.E(engine.Invalid, `No trigger is called "{name}"`, "name", text, "field", "trigger")
	if text == "" {
		return nil, engine.E(engine.Invalid, "Say what starts the flow", "field", "trigger")
	}
	if near := engine.Suggest(text, names); near != "" {
		e.Args["near"] = near
		return nil, e.WithHint("Did you mean {near}?")
	}
	return nil, e.WithHint("Choose one of the list.")
}

// readHead checks the first page.
func (b *Bot) readHead(ctx context.Context, s *sitting, answers map[string]string) (edit.Head, error) {
	h := edit.Head{Name: strings.TrimSpace(answers["name"]), Title: strings.TrimSpace(answers["title"]), Channel: strings.TrimSpace(answers["channel"])}
	if err := b.freeName(ctx, s.caller, h.Name); err != nil {
		s.wrong("name", b.words(s.caller, err))
	}
	place, err := b.readChannel(ctx, s.caller, h.Channel)
	if err != nil {
		s.wrong("channel", b.words(s.caller, err))
	} else if h.Channel = place.String(); len(s.errs) == 0 {
		if err := b.may(ctx, s.caller, DeedBuild, h.Name, place, false); err != nil {
			return h, err
		}
	}
	kind, err := b.triggerNamed(s, answers["trigger"])
	if err != nil {
		s.wrong("trigger", b.words(s.caller, err))
		return h, nil
	}
	h.On = kind.Name
	return h, nil
}

// readChannel reads a channel as people write it; none is the operator's.
func (b *Bot) readChannel(ctx context.Context, c *caller, text string) (engine.Place, error) {
	if text == "" {
		return engine.Place{}, nil
	}
	if !strings.ContainsAny(text, "#/@") {
		text = "#" + text
	}
	p, err := engine.ParsePlace(text)
	if err != nil {
		return p, err
	}
	switch known, err := b.adopt(ctx, c, p); {
	case err != nil:
		return p, err
	case !known:
		return p, engine.E(engine.NotFound, "I do not know the channel {place}", "place", p.String(), "command", "/"+b.o.Command+" admin channel-add "+p.String()).
			WithHint("An admin can add it: {command}")
	}
	return p, nil
}

// freeName refuses a name that cannot be, or is taken.
func (b *Bot) freeName(ctx context.Context, c *caller, name string) error {
	if err := flow.CheckName(name); err != nil {
		return err
	}
	h, err := b.o.Flows.Head(ctx, name)
	if engine.CodeOf(err) == engine.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	e := engine.E(engine.Conflict, "{flow} exists already (by {who}, {state})", "flow", name, "who", c.book.name(h.Owner), "state", string(h.State),
		"command", "/"+b.o.Command+" edit "+name)
	if b.may(context.WithoutCancel(ctx), c, DeedSee, h.Name, h.Place, false) != nil {
		return engine.E(engine.Conflict, "{flow} exists already", "flow", name).WithHint("Choose another name.")
	}
	return e.WithHint("Choose another, or close and type {command}.")
}

func (b *Bot) saveNew(ctx context.Context, s *sitting) (Reply, error) {
	answers := merged(s.g.Fields, s.typed)
	h, err := b.readHead(ctx, s, answers)
	if err != nil || len(s.errs) > 0 {
		return nil, err
	}
	return b.openPage(ctx, s.press, "", page{Name: pageTrigger, What: h.On, First: answers})
}

// merged are answers, and those given later over them.
func merged(a, b map[string]string) map[string]string {
	out := make(map[string]string, len(a)+len(b))
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}

// triggerNow is the kind of trigger that the page shows, with its settings as written.
func (b *Bot) triggerNow(s *sitting) (*engine.TriggerKind, edit.Map, error) {
	kind, ok := b.o.Catalog.Trigger(s.g.What)
	if !ok {
		return nil, nil, engine.E(engine.Invalid, `No trigger is called "{name}"`, "name", s.g.What, "field", "trigger").WithHint("Choose one of the list.")
	}
	if s.w == nil {
		return kind, proposed(kind), nil
	}
	on, with, _, _, err := edit.Trigger(s.w.Source)
	if err != nil || on != kind.Name {
		with = nil
	}
	return kind, with, nil
}

// proposed are the settings that a new flow's dialog comes up with.
func proposed(kind *engine.TriggerKind) edit.Map {
	if kind.Name == webhookTrigger { // signed, unless somebody chooses otherwise
		return edit.Map{{Key: "sender", Value: "github"}}
	}
	return nil
}

func (b *Bot) triggerAsk(s *sitting, kind *engine.TriggerKind, with edit.Map) fields.Ask {
	schema := object(kind.With)
	if b.o.Secrets != nil && kind.Name == webhookTrigger { // the bot makes the secret and names it
		schema = without(schema, "secret")
	}
	return fields.Ask{Schema: schema, Values: with, Choices: b.choices(s.caller, s.lang), Lang: s.lang, Typed: s.typed, Errors: s.errs}
}

func object(s *engine.Schema) *engine.Schema {
	if s == nil {
		return &engine.Schema{Type: "object"}
	}
	return s
}

// without is a schema that does not ask for a field.
func without(s *engine.Schema, name string) *engine.Schema {
	out := *s
	out.Fields = nil
	for _, f := range s.Fields {
		if f.Name != name {
			out.Fields = append(out.Fields, f)
		}
	}
	return &out
}

// formTrigger asks for the settings of what starts a flow: the second page of a new one, or When of a draft.
func (b *Bot) formTrigger(_ context.Context, s *sitting) (prompts.Form, error) {
	kind, with, err := b.triggerNow(s)
	if err != nil {
		return prompts.Form{}, err
	}
	d := prompts.TriggerFacts{Flow: s.it.Flow, Kind: kind.Name, Title: kind.Title, Doc: kind.Doc, New: s.w == nil}
	if kind.With != nil && len(kind.With.Fields) > 0 {
		d.Fields = fields.Form(b.triggerAsk(s, kind, with))
	}
	if s.w != nil {
		_, _, _, key, _ := edit.Trigger(s.w.Source)
		text, _ := key.(string)
		f := s.field(prompts.Field{Name: "key", Label: s.t("Same event when"), Kind: prompts.FieldLine, Value: text, Example: "{{ event.body.id }}",
			Help: s.t("What makes it the same event when it comes again; left empty, the sender says it")})
		d.Key = &f
	}
	return prompts.TriggerForm(s.ctx, d, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs}), nil
}

func (b *Bot) actTrigger(ctx context.Context, s *sitting, name string) (Reply, error) {
	switch {
	case name == "back" && s.w == nil:
		return b.openPage(ctx, s.press, "", page{Name: pageNew, Fields: s.g.First})
	case name == "kind" && s.w != nil:
		return b.openPage(ctx, s.press, s.it.Flow, page{Name: pageKind, What: s.g.What, Rev: s.w.Rev, Source: string(s.w.Source)})
	case name == "collect" && s.w != nil:
		return b.onward(ctx, s, page{Name: pageCollect}, (*Bot).saveTrigger)
	}
	return nil, nil
}

// formKind asks for another kind of trigger.
func (b *Bot) formKind(_ context.Context, s *sitting) (prompts.Form, error) {
	return prompts.TriggerKindForm(s.ctx, s.it.Flow, b.triggers(s), s.g.What, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs}), nil
}

func (b *Bot) saveKind(ctx context.Context, s *sitting) (Reply, error) {
	kind, err := b.triggerNamed(s, s.said("trigger", s.g.What))
	if err != nil {
		return nil, err
	}
	return b.openPage(ctx, s.press, s.it.Flow, page{Name: pageTrigger, What: kind.Name, Rev: s.w.Rev, Source: string(s.w.Source)})
}

// readTrigger is what starts the flow as it was typed; what is wrong stands in s.errs.
func (b *Bot) readTrigger(s *sitting) (*engine.TriggerKind, edit.Map, error) {
	kind, old, err := b.triggerNow(s)
	if err != nil {
		return nil, nil, err
	}
	with, bad := old, map[string]string(nil)
	if kind.With != nil && len(kind.With.Fields) > 0 {
		with, bad = fields.Read(b.triggerAsk(s, kind, old), merged(s.g.Fields, s.typed))
	}
	for name, words := range bad {
		s.wrong(name, words)
	}
	return kind, with, nil
}

func (b *Bot) saveTrigger(ctx context.Context, s *sitting) (Reply, error) {
	kind, with, err := b.readTrigger(s)
	if err != nil {
		return nil, err
	}
	name := s.it.Flow
	var head edit.Head
	if s.w == nil {
		if head, err = b.readHead(ctx, s, s.g.First); err != nil {
			return nil, err
		}
		if len(s.errs) > 0 { // somebody took the name meanwhile: page one again, with what was typed and why
			return b.openPage(ctx, s.press, "", page{Name: pageNew, Fields: s.g.First})
		}
		name = head.Name
	}
	made, with := b.withSecret(ctx, name, kind, with)
	if kind.Check != nil && len(s.errs) == 0 {
		plain, _ := edit.Plain(with).(map[string]any)
		for field, e := range kind.Check(plain) {
			s.wrong(field, b.words(s.caller, e))
		}
	}
	if len(s.errs) > 0 {
		return nil, nil
	}
	if err := b.ensureOwn(ctx, s.caller, s.in, name, made); err != nil { // the text names it: it has to be there
		return nil, err
	}
	change := edit.SetTrigger{On: kind.Name, With: with}
	if s.w != nil {
		return b.saveOps(ctx, s, append([]edit.Op{change}, s.keyOp()...)...)
	}
	text, err := edit.Apply(edit.New(head), change)
	if err != nil {
		return nil, err
	}
	if err := b.keepDraft(ctx, s.caller, name, text, 0); err != nil {
		return nil, err
	}
	b.audit(ctx, s.person.ID, "draft.saved", "flow/"+name, "page="+s.g.Name+" source="+source(s.in))
	return b.showSaved(ctx, s.caller, s.in, name)
}

// keyOp is the dedup key as typed, when it is another.
func (s *sitting) keyOp() []edit.Op {
	_, _, _, was, _ := edit.Trigger(s.w.Source)
	text, _ := was.(string)
	now := strings.TrimSpace(merged(s.g.Fields, s.typed)["key"])
	if _, sent := merged(s.g.Fields, s.typed)["key"]; !sent || now == text {
		return nil
	}
	if now == "" {
		return []edit.Op{edit.SetTriggerPart{Part: "key"}}
	}
	return []edit.Op{edit.SetTriggerPart{Part: "key", Value: now}}
}

// withSecret names the secret that a signed webhook's deliveries are checked with, where none is named: one for each
// flow, made by the bot. made is "" when the sender needs none.
func (b *Bot) withSecret(_ context.Context, name string, kind *engine.TriggerKind, with edit.Map) (made string, _ edit.Map) {
	if kind.Name != webhookTrigger || b.o.Secrets == nil {
		return "", with
	}
	sender := with.Text("sender")
	inner, nested := with.Get("sender").(edit.Map)
	if nested {
		sender = inner.Text("kind")
	}
	if sender == "" || sender == "unsigned" {
		return "", with.Without("secret")
	}
	if nested && inner.Text("secret") != "" || with.Text("secret") != "" && with.Text("secret") != hookSecret(name) {
		return "", with
	}
	return hookSecret(name), with.With("secret", hookSecret(name))
}

// hookSecret is the name of the secret that senders of a flow's webhook sign with.
func hookSecret(flow string) string {
	name := strings.ReplaceAll(flow, "-", "_") + "_hook"
	if name[0] < 'a' || name[0] > 'z' {
		name = "flow_" + name
	}
	if len(name) > 60 {
		name = name[:55] + "_hook"
	}
	return name
}

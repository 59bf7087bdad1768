package bot

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/rehearse"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// asPress is a command that opens a dialog, as the press of a button that would.
func asPress(c *call, flow string) *press {
	return &press{caller: c.caller, in: c.in, it: Intent{Flow: flow}}
}

// cmdNew makes a flow: by dialogs, the first of them filled or skipped as far as the line says, or of one line.
func (b *Bot) cmdNew(ctx context.Context, c *call) (Reply, error) {
	if err := b.unbuilt(); err != nil {
		return nil, err
	}
	name, line := c.args["NAME"], c.args["LINE"]
	switch {
	case isLine(line) || name == "when" && line != "":
		return b.newLine(ctx, c, "new "+name+" "+line)
	case line != "":
		if _, ok := b.o.Catalog.Trigger(line); !ok {
			_, err := b.triggerNamed(&sitting{press: asPress(c, ""), lang: b.private(c.caller, c.in.Place, nil).Lang}, line)
			if err == nil {
				err = engine.E(engine.Invalid, `"{what}" is too much`, "what", line, "usage", c.cmd.Usage(b.o.Command)).WithHint("Write it like this: {usage}")
			}
			return nil, err
		}
	}
	if name != "" {
		if err := b.freeName(ctx, c.caller, name); err != nil {
			if h, again := b.o.Flows.Head(ctx, name); again == nil && b.may(ctx, c.caller, DeedSee, h.Name, h.Place, false) == nil || engine.CodeOf(err) == engine.Unavailable {
				return nil, err
			}
		}
	}
	given := map[string]string{}
	if name != "" {
		given["name"] = name
	}
	if line == "" {
		return b.newFlow(ctx, asPress(c, ""), given)
	}
	// The command says all that page one asks: page two at once.
	given["trigger"] = line
	if err := b.may(ctx, c.caller, DeedBuild, "", c.in.Place, false); err != nil {
		return nil, err
	}
	at, _, err := b.here(ctx, c.caller, c.in.Place)
	if err != nil {
		return nil, err
	}
	given["channel"] = at
	return b.openPage(ctx, asPress(c, ""), "", page{Name: pageTrigger, What: line, First: given})
}

// isLine reports whether what stands behind a new flow's name is a flow in one line: it says when, perhaps after a few
// settings.
func isLine(text string) bool {
	for _, w := range words(text) {
		if w.text == "when" {
			return true
		}
		if !strings.Contains(w.text, "=") && !strings.HasSuffix(w.text, `"`) && strings.Count(text[:w.start], `"`)%2 == 0 {
			return false
		}
	}
	return false
}

// newLine makes a draft of a flow in one line.
func (b *Bot) newLine(ctx context.Context, c *call, line string) (Reply, error) {
	if err := b.may(ctx, c.caller, DeedBuild, "", c.in.Place, false); err != nil {
		return nil, err
	}
	text, err := edit.ParseLine(line, b.o.Catalog)
	if err != nil {
		return nil, err
	}
	top, err := edit.Top(text)
	if err != nil {
		return nil, err
	}
	name := top.Text("flow")
	if err := b.freeName(ctx, c.caller, name); err != nil {
		return nil, err
	}
	if top.Text("channel") == "" {
		at, known, err := b.here(ctx, c.caller, c.in.Place)
		if err != nil {
			return nil, err
		}
		if known {
			if text, err = edit.Apply(text, edit.SetTop{Key: "channel", Value: at}); err != nil {
				return nil, err
			}
		}
	}
	if f, _ := b.o.Drafts.Check(text); f != nil {
		if err := b.may(ctx, c.caller, DeedBuild, name, f.Channel, false); err != nil {
			return nil, err
		}
	}
	on, with, _, _, _ := edit.Trigger(text)
	if kind, ok := b.o.Catalog.Trigger(on); ok {
		made, next := b.withSecret(ctx, name, kind, with)
		if err := b.ensureOwn(ctx, c.caller, c.in, name, made); err != nil {
			return nil, err
		}
		if !edit.Equal(with, next) {
			if text, err = edit.Apply(text, edit.SetTrigger{On: on, With: next}); err != nil {
				return nil, err
			}
		}
	}
	if err := b.keepDraft(ctx, c.caller, name, text, 0); err != nil {
		return nil, err
	}
	b.audit(ctx, c.person.ID, "draft.saved", "flow/"+name, "page=line source="+source(c.in))
	return b.showSaved(ctx, c.caller, c.in, name)
}

func (b *Bot) cmdEdit(ctx context.Context, c *call) (Reply, error) {
	return b.editFlow(ctx, c.caller, c.in, c.args["FLOW"])
}

func (b *Bot) editFlow(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	w, err := b.work(ctx, c, in, name, DeedBuild)
	if err != nil {
		return nil, err
	}
	return b.showBuilder(ctx, c, in, w.Head.Name)
}

func (b *Bot) cmdTest(ctx context.Context, c *call) (Reply, error) {
	return b.test(ctx, c.caller, c.in, c.args["FLOW"])
}

// test says what the draft would do with the chosen sample. What its steps read gives sample answers for those that
// have none.
func (b *Bot) test(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	w, err := b.work(ctx, c, in, name, DeedBuild)
	if err != nil {
		return nil, err
	}
	if w.chosen == nil && w.flow != nil && b.awaits(w.flow) == "asked" {
		if err := b.o.Sampler.Sample(ctx, name); err != nil {
			return nil, err
		}
		if w, err = b.open(ctx, c.person.ID, name); err != nil {
			return nil, err
		}
		b.refreshBuilder(name)
	}
	if w.chosen == nil {
		return nil, engine.E(engine.NotFound, "There is no sample to try {flow} with yet", "flow", name).WithHint("Have what starts it happen once: it is kept as a sample.")
	}
	if b.o.Rehearser == nil {
		return nil, engine.E(engine.Invalid, "Dry runs are not possible here")
	}
	report, err := rehearse.Run(ctx, w.Source, *w.chosen, rehearse.Options{Catalog: b.o.Catalog, Rehearser: b.o.Rehearser, Answers: w.answers, Now: b.o.Now, Version: w.Live + 1})
	d := prompts.DryRunFacts{Flow: name, Sample: build.Label(*w.chosen), Skipped: report.Skipped, Cut: report.Cut}
	switch engine.CodeOf(err) {
	case "":
	case engine.Internal, engine.Canceled, engine.Unavailable:
		return nil, err
	default:
		d.Err = engine.AsError(err)
	}
	for _, s := range report.Steps {
		number := itoa(int64(s.Step.Index))
		d.Steps = append(d.Steps, prompts.DryStep{Number: number, Step: s.Step, Ask: s.Ask, Assumed: s.Assumed, Undo: s.Undo})
		id := s.Step.Path
		if !s.Assumed && s.Step.Kind == "do" && len(s.Step.Output) > 0 && len(w.answers[id]) == 0 && !strings.Contains(id, "[") && b.o.Samples != nil {
			if err := b.o.Samples.SetAnswer(ctx, name, id, s.Step.Output, c.person.ID, b.now()); err != nil {
				return nil, err
			}
		}
	}
	b.audit(ctx, c.person.ID, "draft.tried", "flow/"+name, "event="+w.chosen.ID+" source="+source(in))
	dr := &draft{card: prompts.DryRun(b.private(c, w.Head.Place, nil), d, every), means: Intent{Flow: name}}
	return b.reply(ctx, c, in, "test:"+name, dr)
}

func (b *Bot) cmdDiscard(ctx context.Context, c *call) (Reply, error) {
	return b.askDiscard(ctx, c.caller, c.in, c.args["FLOW"])
}

func (b *Bot) askDiscard(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	w, err := b.work(ctx, c, in, name, DeedBuild)
	if err != nil {
		return nil, err
	}
	if w.Rev == 0 {
		return nil, engine.E(engine.Conflict, "{flow} has no draft", "flow", name).WithHint("Its live version has no edits.")
	}
	dr := &draft{card: prompts.DiscardAsk(b.private(c, w.Head.Place, nil), name, w.Live, every), means: Intent{Flow: name}}
	return b.reply(ctx, c, in, "discard:"+name, dr)
}

// discard forgets the draft. Its text is kept for an undo.
func (b *Bot) discard(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	w, err := b.work(ctx, c, in, name, DeedBuild)
	if err != nil {
		return nil, err
	}
	if err := b.keepUndo(ctx, c, name, w.Source); err != nil {
		return nil, err
	}
	if err := b.o.Drafts.Discard(ctx, name, c.person.ID); err != nil {
		return nil, err
	}
	b.audit(ctx, c.person.ID, "draft.discarded", "flow/"+name, "source="+source(in))
	b.closeSoon(ctx, c, name, func(pc prompts.Ctx) prompts.Card { return prompts.Discarded(pc, name, c.person.ID, w.Live) })
	pc := b.private(c, in.Place, nil)
	card := prompts.Say(pc, "The draft of {flow} is gone", "flow", name)
	card.Key = "discarded:" + name
	card.Buttons = []prompts.Button{{ID: "undo", Label: prompts.T(pc.Lang, "Undo", nil), Token: "undo"}}
	return b.reply(ctx, c, in, card.Key, &draft{card: card, means: Intent{Flow: name}})
}

func (b *Bot) cmdSample(ctx context.Context, c *call) (Reply, error) {
	w, err := b.work(ctx, c.caller, c.in, c.args["FLOW"], DeedBuild)
	if err != nil {
		return nil, err
	}
	pc := b.private(c.caller, w.Head.Place, nil)
	card := prompts.Say(pc, "Samples of {flow}", "flow", w.Head.Name)
	card.Key = "samples:" + w.Head.Name
	for _, o := range b.sampleOptions(c.caller, w) {
		line := "· " + o.Label
		if w.chosen != nil && o.Value == w.chosen.ID {
			line = "✔ " + o.Label
		}
		if o.Help != "" {
			line += " (" + o.Help + ")"
		}
		card.Blocks = append(card.Blocks, prompts.Para{Line: prompts.Line{{Text: line}}})
		card.Text += "\n" + line
	}
	if len(w.matches) == 0 {
		none := prompts.T(pc.Lang, "None yet: what arrives is kept as a sample", nil)
		card.Blocks = append(card.Blocks, prompts.Para{Line: prompts.Line{{Text: none}}})
		card.Text += "\n" + none
	}
	if len(w.matches) > 1 {
		card.Menus = []prompts.Menu{{ID: "sample", Label: prompts.T(pc.Lang, "Work with", nil), Token: "sample", Options: b.sampleOptions(c.caller, w)}}
	}
	if w.flow != nil && b.awaits(w.flow) == "asked" {
		card.Buttons = []prompts.Button{{ID: "ask", Label: prompts.T(pc.Lang, "Get a sample", nil), Token: "ask"}}
	}
	return b.reply(ctx, c.caller, c.in, card.Key, &draft{card: card, means: Intent{Flow: w.Head.Name}})
}

// askSample has what starts the flow give a sample now.
func (b *Bot) askSample(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	if _, err := b.work(ctx, c, in, name, DeedBuild); err != nil {
		return nil, err
	}
	if b.o.Sampler == nil {
		return nil, engine.E(engine.Invalid, "Samples of {flow} come by themselves", "flow", name)
	}
	if err := b.o.Sampler.Sample(ctx, name); err != nil {
		return nil, err
	}
	return b.showBuilder(ctx, c, in, name)
}

// copied is the flow as one line and as text.
func (b *Bot) copied(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	h, err := b.head(ctx, c, in, name, DeedSee)
	if err != nil {
		return nil, err
	}
	which := "live"
	if h.Draft || h.Live == 0 {
		which = "draft"
	}
	text, err := b.o.Flows.Source(ctx, h.Name, which)
	if err != nil {
		return nil, err
	}
	line, err := edit.Line(text)
	if err == nil {
		line = "/" + b.o.Command + " " + line
	}
	return Private{prompts.Copied(b.private(c, h.Place, nil), h.Name, line, text)}, nil
}

// allOptions are all options of a field of a page: more than a dialog shows at once.
func (b *Bot) allOptions(ctx context.Context, s *sitting, do pager, name string) ([]prompts.Option, error) {
	switch {
	case name == "what":
		return (build.Words{Lang: s.lang}).NextOptions(b.o.Catalog, ""), nil
	case name == "trigger":
		return b.triggers(s), nil
	case name == "channel":
		return b.channels(s.caller, ""), nil
	case (name == fields.InsertName || strings.HasPrefix(name, fields.FieldName)) && s.w != nil:
		return fields.Insert(s.w.sample(), s.lang), nil
	}
	f, err := do.form(b, ctx, s)
	if err != nil {
		return nil, err
	}
	for _, x := range f.Fields {
		if x.Name == name {
			return x.Options, nil
		}
	}
	return nil, nil
}

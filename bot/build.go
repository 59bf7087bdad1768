package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// builds reports whether flows are built here.
func (b *Bot) builds() bool { return b.o.Drafts != nil && b.o.Catalog != nil }

// unbuilt refuses where flows are not built.
func (b *Bot) unbuilt() error {
	if b.builds() {
		return nil
	}
	return engine.E(engine.Invalid, "Flows are not built here").WithHint("Bring one in from a file: bretelle flow apply -f FLOW.yaml.")
}

// asleep answers a dialog that is too old.
func (b *Bot) asleep(flow string) error {
	command := "/" + b.o.Command + " new"
	if flow != "" {
		command = "/" + b.o.Command + " edit " + flow
	}
	return engine.E(engine.Conflict, "This dialog is asleep", "command", command).WithHint("Your draft is safe: {command}")
}

// every lets each button through: cards of the builder, whose verbs are theirs alone.
func every(verb string) string { return verb }

// built says what a verb of one of the builder's cards does: the same verb means another thing on another card.
func built(it Intent) (presser, bool) {
	if it.Verb == verbPage {
		return (*Bot).pressPage, true
	}
	card, _, _ := strings.Cut(it.Key, ":")
	switch card + " " + it.Verb {
	case "builder add", "builder condition", "builder settings", "builder secret", "unsigned secret":
		return (*Bot).pressPageButton, true
	case "builder edit":
		return (*Bot).chooseEdit, true
	case "builder sample", "samples sample":
		return (*Bot).chooseSampleMenu, true
	case "samples ask":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.askSample(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "builder test", "test again":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.test(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "test answer", "unchecked answer":
		return (*Bot).pressAnswer, true
	case "builder publish", "flow publish":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.publish(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "moved anyway":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.askPublish(ctx, p.caller, p.in, p.it.Flow, true)
		}, true
	case "moved difference":
		return (*Bot).pressDifference, true
	case "publish confirm":
		return (*Bot).pressPublish, true
	case "builder discard":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.askDiscard(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "discard confirm":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.discard(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "discarded undo", "builder undo":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.undo(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "builder text", "flow text":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.copied(ctx, p.caller, p.in, p.it.Flow)
		}, true
	case "conflict mine", "conflict theirs", "conflict theirs_show":
		return (*Bot).pressConflict, true
	case "versions compare":
		return (*Bot).chooseCompare, true
	case "versions rollback":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.askRollback(ctx, p.caller, p.in, p.it.Flow, p.in.Value)
		}, true
	case "flow rollback":
		return (*Bot).pressRollback, true
	case "rollback confirm":
		return (*Bot).confirmRollback, true
	case "publish not_yet", "discard not_yet", "rollback not_yet":
		return func(*Bot, context.Context, *press) (Reply, error) { return Nothing{}, nil }, true
	case "templates template":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.startTemplate(ctx, p, p.in.Value)
		}, true
	}
	switch it.Verb {
	case "new":
		return (*Bot).pressNew, true
	case "failing":
		return (*Bot).pressFailing, true
	case "template":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) { return b.templates(ctx, p.caller, p.in) }, true
	case "build":
		return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
			return b.editFlow(ctx, p.caller, p.in, p.it.Flow)
		}, true
	}
	return nil, false
}

// here is a page about a flow as it is now.
func (w *work) here(name string) page {
	g := page{Name: name, Rev: w.Rev, Source: string(w.Source)}
	if w.flow != nil && name == pageTrigger {
		g.What = w.flow.Trigger.On
	}
	return g
}

// pressPageButton opens the dialog that a button of the builder's card stands for.
func (b *Bot) pressPageButton(ctx context.Context, p *press) (Reply, error) {
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedBuild)
	if err != nil {
		return nil, err
	}
	names := map[string]string{"add": pageNext, "condition": pageIf, "settings": pageSettings, "secret": pageSecret}
	return b.openPage(ctx, p, p.it.Flow, w.here(names[p.it.Verb]))
}

// chooseEdit opens what was chosen in the Edit menu.
func (b *Bot) chooseEdit(ctx context.Context, p *press) (Reply, error) {
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedBuild)
	if err != nil {
		return nil, err
	}
	switch id, step := strings.CutPrefix(p.in.Value, prompts.EditStep); {
	case p.in.Value == prompts.EditWhen:
		return b.openPage(ctx, p, p.it.Flow, w.here(pageTrigger))
	case p.in.Value == prompts.EditOnlyIf:
		return b.openPage(ctx, p, p.it.Flow, w.here(pageIf))
	case step:
		g := w.here(pageStep)
		g.Step = id
		if _, err := edit.Step(w.Source, id); err != nil {
			return nil, stale()
		}
		return b.openPage(ctx, p, p.it.Flow, g)
	}
	return nil, stale()
}

func (b *Bot) chooseSampleMenu(ctx context.Context, p *press) (Reply, error) {
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedBuild)
	if err != nil {
		return nil, err
	}
	for _, m := range w.matches {
		if m.Event.ID == p.in.Value {
			if err := b.chooseSample(ctx, p.caller, p.it.Flow, m.Event.ID); err != nil {
				return nil, err
			}
			return b.showBuilder(ctx, p.caller, p.in, p.it.Flow)
		}
	}
	return nil, stale()
}

// pressAnswer opens the sample answer of a step: the one chosen, or the one that the card is about.
func (b *Bot) pressAnswer(ctx context.Context, p *press) (Reply, error) {
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedBuild)
	if err != nil {
		return nil, err
	}
	g := w.here(pageAnswer)
	var about page
	if p.in.Kind == InChoose {
		g.Step = p.in.Value[strings.LastIndexByte(p.in.Value, '/')+1:]
	} else if json.Unmarshal(p.it.Data, &about) == nil {
		g.Step = about.Step
	}
	if _, err := edit.Step(w.Source, g.Step); err != nil {
		return nil, stale()
	}
	return b.openPage(ctx, p, p.it.Flow, g)
}

// lookUp finds the options of a dialog's field while somebody types into it.
func (b *Bot) lookUp(ctx context.Context, c *caller, in In) ([]prompts.Option, error) {
	if err := c.outside(); err != nil {
		return nil, err
	}
	it, err := b.o.Outbox.Intent(ctx, in.Token)
	if err == nil && !meant(it, c) {
		return nil, foreignToken()
	}
	if err != nil || it.Verb != verbPage || it.Expires > 0 && it.Expires < b.now() {
		return nil, nil //nolint:nilerr // nothing to offer in a dialog that is no more
	}
	if in.Fields == nil {
		in.Fields = map[string]string{}
	}
	p := &press{caller: c, in: in, it: it}
	s, do, err := b.sit(ctx, p)
	if err != nil {
		return nil, err
	}
	options, err := b.allOptions(ctx, s, do, in.Value)
	if err != nil {
		return nil, err
	}
	found := fields.Find(options, in.Text)
	if len(found) > listMost {
		found = found[:listMost]
	}
	return found, nil
}

// listMost is how many options are found at once: what the surfaces' lists hold.
const listMost = 100

// pressNew is [New flow] on the welcome.
func (b *Bot) pressNew(ctx context.Context, p *press) (Reply, error) {
	return b.newFlow(ctx, p, map[string]string{})
}

func (b *Bot) newFlow(ctx context.Context, p *press, given map[string]string) (Reply, error) {
	if err := b.unbuilt(); err != nil {
		return nil, err
	}
	if err := b.may(ctx, p.caller, DeedBuild, "", p.in.Place, false); err != nil {
		b.audit(ctx, p.person.ID, "flow.build.refused", "", "verdict=denied source="+source(p.in))
		return nil, err
	}
	if given["channel"] == "" {
		at, _, err := b.here(ctx, p.caller, p.in.Place)
		if err != nil {
			return nil, err
		}
		given["channel"] = at
	}
	return b.openPage(ctx, p, "", page{Name: pageNew, Fields: given, What: given["name"]})
}

// beginning adds ways to begin a flow to a card.
func (b *Bot) beginning(c prompts.Ctx, card prompts.Card) prompts.Card {
	if !b.builds() {
		return card
	}
	card.Buttons = append(card.Buttons, prompts.Button{ID: "new", Label: prompts.T(c.Lang, "New flow", nil), Style: prompts.Primary, Token: "new"})
	if b.o.Templates != nil {
		card.Buttons = append(card.Buttons, prompts.Button{ID: "template", Label: prompts.T(c.Lang, "Start from a template", nil), Token: "template"},
			prompts.Button{ID: "failing", Label: prompts.T(c.Lang, "Try one that fails", nil), Token: "failing"})
	}
	return card
}

package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	verbShort  = "short" // the verb of the dialog that chooses a flow to run on a message
	shortField = "flow"
	shortMost  = 100      // flows to choose from: what a dialog's menu holds
	shortText  = 32 << 10 // bytes of the message that are kept for the run
)

// chosen is the message that somebody wants to run a flow on, as a dialog remembers it. ID is the delivery of the
// choice: sent twice, the dialog starts one run.
type chosen struct {
	ID      string       `json:"id"`
	Place   engine.Place `json:"place"`
	Thread  string       `json:"thread,omitempty"`
	Message Ref          `json:"message"`
	Text    string       `json:"text,omitempty"`
	Author  Actor        `json:"author"`
	Files   []File       `json:"files,omitempty"`
}

// short does a shortcut: [New flow], or a flow on the message.
func (b *Bot) short(ctx context.Context, c *caller, in In) (Reply, error) {
	if err := b.enter(ctx, c, in, "shortcut.refused"); err != nil {
		return nil, err
	}
	if in.Value == ShortNew {
		return b.newFlow(ctx, &press{caller: c, in: in}, map[string]string{})
	}
	if in.Value != ShortRun {
		return nil, engine.E(engine.Invalid, "I do not know what to do with that").WithOp("bot.short")
	}
	if len(in.Text) > shortText {
		in.Text = strings.ToValidUTF8(in.Text[:shortText], "")
	}
	m := chosen{ID: in.ID, Place: in.Place, Thread: in.Place.Thread, Message: in.Message, Text: in.Text, Author: in.Author, Files: in.Files}
	list, err := b.shortcuts(ctx, c, m)
	if err != nil {
		return nil, err
	}
	switch len(list) {
	case 0:
		return b.noShortcut(ctx, c, in)
	case 1:
		return b.runShort(ctx, c, in, m, list[0])
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.short")
	}
	return b.form(ctx, c, in, Intent{Verb: verbShort, Data: data}, b.shortForm(c, m, list))
}

// shortcuts are the flows that the caller may run on a message.
func (b *Bot) shortcuts(ctx context.Context, c *caller, m chosen) ([]Shortcut, error) {
	if b.o.Shortcuts == nil {
		return nil, nil
	}
	var out []Shortcut
	for _, s := range b.o.Shortcuts.Shortcuts(m.Place, m.Message) {
		h, err := b.o.Flows.Head(ctx, s.Flow)
		switch {
		case engine.CodeOf(err) == engine.NotFound:
			continue
		case err != nil:
			return nil, err
		}
		deed := DeedRun
		if s.Draft {
			deed = DeedBuild // a sample is the builders' business
		}
		switch err := b.may(ctx, c, deed, h.Name, h.Place, false); engine.CodeOf(err) {
		case "":
			s.Title = firstOf(s.Title, h.Title, h.Name)
			out = append(out, s)
		case engine.Denied, engine.Unsigned:
		default:
			return nil, err
		}
		if len(out) == shortMost {
			break
		}
	}
	return out, nil
}

// noShortcut says that nothing runs on a message, and how to change that.
func (b *Bot) noShortcut(ctx context.Context, c *caller, in In) (Reply, error) {
	pc := b.private(c, in.Place, nil)
	card := prompts.Say(pc, "No flow that you may run takes a message here")
	if b.builds() && b.may(ctx, c, DeedBuild, "", in.Place, false) == nil {
		card.Buttons = []prompts.Button{{ID: "new", Label: prompts.T(pc.Lang, "New flow", nil), Token: "new"}}
	}
	return b.reply(ctx, c, in, "short", &draft{card: card})
}

func (b *Bot) shortForm(c *caller, m chosen, list []Shortcut) prompts.Form {
	lang := b.private(c, m.Place, nil).Lang
	f := prompts.Field{Name: shortField, Label: prompts.T(lang, "Flow", nil), Kind: prompts.FieldOne, Required: true}
	for _, s := range list {
		o := prompts.Option{Value: s.Trigger, Label: s.Title}
		if s.Draft {
			o.Help = prompts.T(lang, "draft: the message is kept as a sample", nil)
		}
		f.Options = append(f.Options, o)
	}
	form := prompts.Form{Name: verbShort, Title: prompts.T(lang, "Run a flow on this message", nil), Submit: prompts.T(lang, "Run", nil), Lang: lang, Fields: []prompts.Field{f}}
	if said := brief(m.Text); said != "" {
		form.Intro = []prompts.Block{prompts.Pre{Text: said}}
	}
	return form
}

// brief is the beginning of a message, to recognise it by.
func brief(text string) string {
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return text
}

// pressShort is the dialog's answer.
func (b *Bot) pressShort(ctx context.Context, p *press) (Reply, error) {
	var m chosen
	if err := json.Unmarshal(p.it.Data, &m); err != nil {
		return nil, stale()
	}
	m.Place.Thread = m.Thread
	list, err := b.shortcuts(ctx, p.caller, m)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return b.noShortcut(ctx, p.caller, p.in)
	}
	f := b.shortForm(p.caller, m, list)
	f.Key, f.Token = p.it.Key, p.in.Token
	if !p.submitted() {
		return Dialog{f}, nil
	}
	for _, s := range list {
		if s.Trigger == p.in.Fields[shortField] {
			return b.runShort(ctx, p.caller, p.in, m, s)
		}
	}
	f.Fields[0].Error = prompts.T(f.Lang, "This flow does not run on messages any more. Choose another.", nil)
	return FieldErrors{Errors: map[string]string{shortField: f.Fields[0].Error}, Form: f}, nil
}

// runShort offers the message to the flow.
func (b *Bot) runShort(ctx context.Context, c *caller, in In, m chosen, s Shortcut) (Reply, error) {
	h, err := b.o.Flows.Head(ctx, s.Flow)
	if err != nil {
		return nil, err
	}
	said := In{ID: m.ID, Kind: InShort, Value: ShortRun, Actor: c.actor, Place: m.Place, Message: m.Message, Text: m.Text, Author: m.Author, Files: m.Files, At: in.At}
	r, err := b.o.Shortcuts.Short(ctx, s.Trigger, Heard{In: said, Person: c.person, Author: b.authorOf(ctx, said),
		Member: func(ctx context.Context, group string) (bool, error) {
			got, err := b.evidence(ctx, c, []string{group}, m.Place, nil)
			return len(got) > 0, err
		}})
	if err != nil {
		return nil, err
	}
	b.Wake()
	b.audit(ctx, c.person.ID, "run.started", "run/"+r.Run, "flow="+h.Name+" result="+string(r.Outcome)+" source="+source(in))
	return b.receipt(c, in, h, r)
}

package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// pressRestart begins a run anew with the event of one that expired.
func (b *Bot) pressRestart(ctx context.Context, p *press) (Reply, error) {
	h, err := b.head(ctx, p.caller, p.in, p.view.Flow, DeedRun)
	if err != nil {
		return nil, err
	}
	if p.view.Event == nil {
		return nil, engine.E(engine.NotFound, "The event of this run is gone")
	}
	return b.start(ctx, p.caller, p.in, h, p.view.Event.Data)
}

// whoField is the field of the dialog that fills a group.
const whoField = "who"

// pressChooseWho fills a group that is empty, so that what it is asked can be decided.
func (b *Bot) pressChooseWho(ctx context.Context, p *press) (Reply, error) {
	if err := b.may(ctx, p.caller, DeedPeople, "", p.in.Place, false); err != nil {
		b.note(ctx, p, "denied")
		return nil, err
	}
	var group string
	if err := json.Unmarshal(p.it.Data, &group); err != nil || group == "" {
		return nil, stale()
	}
	c := p.ctx(b)
	f := prompts.Form{Key: p.it.Key, Token: p.in.Token, Lang: c.Lang, Title: prompts.T(c.Lang, "Who is in {group}?", engine.Args("group", "@"+group)),
		Submit: prompts.T(c.Lang, "Save", nil)}
	x := prompts.Field{Name: whoField, Label: prompts.T(c.Lang, "People", nil), Kind: prompts.FieldMany, Required: true}
	for _, q := range p.book.persons {
		x.Options = append(x.Options, prompts.Option{Value: q.Name, Label: q.Name})
	}
	if !p.submitted() {
		f.Fields = []prompts.Field{x}
		return Dialog{f}, nil
	}
	names := strings.FieldsFunc(p.in.Fields[whoField], func(r rune) bool { return r == '\n' || r == ',' })
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	if _, err := b.SetGroup(ctx, p.person.ID, group, names, false); err != nil || len(names) == 0 {
		if err == nil {
			err = engine.E(engine.Invalid, "Choose at least one person")
		}
		x.Value, x.Error = p.in.Fields[whoField], b.words(p.caller, err)
		f.Fields = []prompts.Field{x}
		return FieldErrors{Errors: map[string]string{whoField: x.Error}, Form: f}, nil
	}
	return Private{prompts.Say(c, "@{group}: {names}", "group", group, "names", strings.Join(names, ", "))}, nil
}

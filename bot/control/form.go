package control

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// submit fills the open dialog with what was given and submits it. What is not given stays as it stands there.
func (t *seat) submit(ctx context.Context, open *talk, given map[string]string) (ChatOut, error) {
	if open.form == nil {
		return ChatOut{}, engine.E(engine.NotFound, "no form is open for {name} in {place}", "name", t.person.Name, "place", t.place.Channel).
			WithHint("Open one first, for example with --press edit.")
	}
	f := *open.form
	f.Fields = append([]prompts.Field(nil), f.Fields...)
	names := make([]string, 0, len(f.Fields))
	for i := range f.Fields {
		names = append(names, f.Fields[i].Name)
	}
	for _, name := range sorted(given) {
		i := indexOf(names, name)
		if i < 0 {
			e := engine.E(engine.Invalid, `the form has no field "{field}"`, "field", name, "fields", strings.Join(names, ", "))
			return ChatOut{}, e.WithHint("It has: {fields}")
		}
		field := &f.Fields[i]
		field.Value = given[name]
		if field.Kind == prompts.FieldOne {
			v, ok := option(field.Options, field.Value)
			if !ok {
				return ChatOut{}, engine.E(engine.Invalid, `"{value}" is not a choice of {field}`, "value", field.Value, "field", name,
					"choices", values(field.Options)).WithHint("Choose one of: {choices}")
			}
			field.Value = v
		}
	}
	fields := make(map[string]string, len(f.Fields))
	for i := range f.Fields {
		f.Fields[i].Error = ""
		fields[f.Fields[i].Name] = f.Fields[i].Value
	}
	open.form = &f // kept when the submission fails: nothing typed is lost
	in := t.in(bot.InSubmit)
	in.Token, in.Fields = f.Token, fields
	return t.do(ctx, open, in, t.current(ctx, open.card))
}

// current is a card as it stands now: what comes of a submission shows in what changes after this. Nil stays nil.
func (t *seat) current(ctx context.Context, c *shown) *shown {
	if c == nil {
		return nil
	}
	list, err := t.cards(ctx)
	if err != nil {
		return c
	}
	for _, now := range list {
		if now.message.ID == c.message.ID {
			return now
		}
	}
	return c
}

func indexOf(list []string, word string) int {
	for i, w := range list {
		if w == word {
			return i
		}
	}
	return -1
}

// option finds a choice by its value or its label.
func option(options []prompts.Option, given string) (string, bool) {
	for _, o := range options {
		if o.Value == given || strings.EqualFold(o.Label, given) {
			return o.Value, true
		}
	}
	return "", false
}

func values(options []prompts.Option) string {
	var v []string
	for _, o := range options {
		v = append(v, o.Value)
	}
	return strings.Join(v, ", ")
}

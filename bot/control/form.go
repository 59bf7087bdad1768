package control

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// submit fills the open dialog with what was given and sends it. What is not given stays as it stands there. It is
// not sent yet when filling it in asked for something new that is required, or when all that was given was used up by
// fields that act (a list that inserts).
func (t *seat) submit(ctx context.Context, open *talk, given map[string]string) (ChatOut, error) {
	if open.form == nil {
		return ChatOut{}, engine.E(engine.NotFound, "no form is open for {name} in {place}", "name", t.person.Name, "place", t.place.Channel).
			WithHint("Open one first, for example with --press edit.")
	}
	lacked := lacks(open.form)
	out, err := t.fill(ctx, open, given)
	if err != nil || out.Form != nil && (out.Wrong || t.used(open.form, given) || asksMore(lacked, open.form, given)) {
		return out, err
	}
	in := t.in(bot.InSubmit)
	in.Token, in.Fields = open.form.Token, typed(open.form)
	return t.do(ctx, open, in, t.current(ctx, open.card))
}

// lacks names the fields of a dialog that are required and empty.
func lacks(f *prompts.Form) map[string]bool {
	out := map[string]bool{}
	for _, x := range f.Fields {
		if x.Required && strings.TrimSpace(x.Value) == "" {
			out[x.Name] = true
		}
	}
	return out
}

// asksMore reports whether a dialog lacks something that was neither asked for before nor given, be it as nothing.
func asksMore(before map[string]bool, f *prompts.Form, given map[string]string) bool {
	given = copied(given)
	named(f.Fields, given)
	for name := range lacks(f) {
		if _, said := given[name]; !said && !before[name] {
			return true
		}
	}
	return false
}

// used reports whether nothing that was given still stands in the dialog.
func (t *seat) used(f *prompts.Form, given map[string]string) bool {
	given = copied(given)
	named(f.Fields, given)
	for _, x := range f.Fields {
		if v, ok := given[x.Name]; ok && (!x.Acts || v == "" || x.Value != "") {
			return false
		}
	}
	return true
}

// fill puts what was given into the open dialog. A field that acts is handed over before those that may come of it are
// filled; the answer has the dialog as it is then, or nothing when nothing acted. What is given for a field that never
// comes is an error, and what was filled in is kept.
func (t *seat) fill(ctx context.Context, open *talk, given map[string]string) (ChatOut, error) {
	var out ChatOut
	left := copied(given)
	for {
		f := *open.form
		named(f.Fields, left)
		f.Fields = append([]prompts.Field(nil), f.Fields...)
		acts := ""
		var wrong error
		for i := range f.Fields {
			x := &f.Fields[i]
			v, ok := left[x.Name]
			if !ok || acts != "" && x.Acts {
				continue
			}
			v, err := t.read(ctx, f, *x, v)
			if err != nil {
				if wrong == nil {
					wrong = err
				}
				continue // what acts may bring the choice that is missing now
			}
			delete(left, x.Name)
			if x.Acts && v != x.Value {
				acts = x.Name
			}
			x.Value, x.Error = v, ""
		}
		open.form = &f // kept, whatever is wrong: nothing typed is lost
		if acts == "" {
			if wrong != nil {
				return out, wrong
			}
			break
		}
		var err error
		if out, err = t.act(ctx, open, acts); err != nil || out.Form == nil {
			return out, err
		}
	}
	if len(left) == 0 {
		return out, nil
	}
	var names []string
	for _, x := range open.form.Fields {
		names = append(names, x.Name)
	}
	return ChatOut{}, engine.E(engine.Invalid, `the form has no field "{field}"`, "field", sorted(left)[0], "fields", strings.Join(names, ", ")).
		WithHint("It has: {fields}")
}

func copied(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// named gives what was typed for the end of a field's name, "json", that field's name, "with.json", where no field is
// called so and only one ends so.
func named(fields []prompts.Field, given map[string]string) {
	for _, name := range sorted(given) {
		var ends []string
		for _, x := range fields {
			if x.Name == name {
				ends = nil
				break
			}
			if strings.HasSuffix(x.Name, "."+name) {
				ends = append(ends, x.Name)
			}
		}
		if len(ends) != 1 {
			continue
		}
		if _, twice := given[ends[0]]; !twice {
			given[ends[0]] = given[name]
			delete(given, name)
		}
	}
}

// act uses a button in the body of the open dialog, or a field of it that acts.
func (t *seat) act(ctx context.Context, open *talk, name string) (ChatOut, error) {
	in := t.in(bot.InSubmit)
	in.Token, in.Fields, in.Value = open.form.Token, typed(open.form), bot.ActPrefix+name
	return t.do(ctx, open, in, t.current(ctx, open.card))
}

func typed(f *prompts.Form) map[string]string {
	fields := make(map[string]string, len(f.Fields))
	for _, x := range f.Fields {
		fields[x.Name] = x.Value
	}
	return fields
}

// formButton reports whether the open dialog has a button in its body.
func formButton(f *prompts.Form, id string) bool {
	if f == nil || id == "" {
		return false
	}
	for _, b := range f.Buttons {
		if b.ID == id {
			return true
		}
	}
	return false
}

// read is what was given for a field as the field holds it: of a choice its value, given as that or as its label; of a
// yes or no "true" or "". Anything may be given for the others: the bot says what is wrong with it.
func (t *seat) read(ctx context.Context, f prompts.Form, x prompts.Field, given string) (string, error) {
	switch {
	case x.Kind == prompts.FieldCheck:
		switch strings.ToLower(given) {
		case "true", "yes", "on", "1":
			return "true", nil
		case "", "false", "no", "off", "0":
			return "", nil
		}
		return "", engine.E(engine.Invalid, `"{value}" is not a choice of {field}`, "value", given, "field", x.Name, "choices", "yes, no").
			WithHint("Choose one of: {choices}")
	case given == "" && !x.Required || x.Kind != prompts.FieldOne && x.Kind != prompts.FieldMany || len(x.Options) == 0 && !x.Live:
		return given, nil
	case x.Kind == prompts.FieldOne:
		return t.one(ctx, f, x, given)
	}
	if v, err := t.one(ctx, f, x, given); err == nil {
		return v, nil
	}
	var all []string
	for _, part := range strings.FieldsFunc(given, func(r rune) bool { return r == '\n' || r == ',' }) {
		v, err := t.one(ctx, f, x, strings.TrimSpace(part))
		if err != nil {
			return "", err
		}
		all = append(all, v)
	}
	return strings.Join(all, "\n"), nil
}

// one finds one choice of a field, among more than are shown where those are looked up.
func (t *seat) one(ctx context.Context, f prompts.Form, x prompts.Field, given string) (string, error) {
	if v, ok := option(x.Options, given); ok {
		return v, nil
	}
	shown := x.Options
	if x.Live {
		in := t.in(bot.InLookUp)
		in.Actor.Surface = engine.ConsoleSurface
		in.Token, in.Value, in.Text, in.Fields = f.Token, x.Name, given, typed(&f)
		found, err := t.s.Admin.Options(ctx, in)
		if err != nil {
			return "", err
		}
		if v, ok := option(found, given); ok {
			return v, nil
		}
		if shown = found; len(found) == 1 {
			return found[0].Value, nil
		}
	}
	if v, ok := ending(shown, given); ok {
		return v, nil
	}
	e := engine.E(engine.Invalid, `"{value}" is not a choice of {field}`, "value", given, "field", brevity(f.Fields, x.Name), "choices", values(shown))
	if near := meant(given, append(shown, x.Options...)); near != "" {
		e.Args["near"] = near
		return "", e.WithHint("Did you mean {near}?")
	}
	return "", e.WithHint("Choose one of: {choices}")
}

// meant is the choice that was probably meant; "" when none is near.
func meant(given string, options []prompts.Option) string {
	var names []string
	for _, o := range options {
		names = append(names, o.Value)
	}
	return engine.Suggest(given, names)
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

// ending finds a choice by what its value ends with, "issue.title" of "event.body.issue.title", where one alone does.
func ending(options []prompts.Option, given string) (value string, ok bool) {
	for _, o := range options {
		bare := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(o.Value, "{{"), "}}"))
		if bare != given && !strings.HasSuffix(bare, "."+given) {
			continue
		}
		if ok {
			return "", false
		}
		value, ok = o.Value, true
	}
	return value, ok
}

// option finds a choice by its value or its label.
func option(options []prompts.Option, given string) (string, bool) {
	for _, o := range options {
		if o.Value == given {
			return o.Value, true
		}
	}
	for _, o := range options {
		if strings.EqualFold(o.Label, given) {
			return o.Value, true
		}
	}
	return "", false
}

// values lists choices for people: the first thirty.
func values(options []prompts.Option) string {
	var v []string
	for i, o := range options {
		if i == 30 {
			v = append(v, "…")
			break
		}
		v = append(v, o.Value)
	}
	return strings.Join(v, ", ")
}

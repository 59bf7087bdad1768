package build

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// AskFacts is a step that asks people, as its dialog shows it. places are the draft's steps; what an approval can
// cover is listed in their order.
func (w Words) AskFacts(step edit.Map, places []edit.Place, c engine.Catalog, groups []prompts.Option) prompts.AskFacts {
	in := sub(step, "with")
	by := sub(in, "by")
	d := prompts.AskFacts{Kind: step.Text("ask"), Title: in.Text("title"), Covers: list(step.Get("covers")), Who: strings.Join(who(by), ", "), Groups: groups,
		Edit: list(in.Get("edit")), After: sub(step, "expire").Text("after"), Then: sub(step, "expire").Text("then"), Need: 1, Lax: true,
		Options: optionLines(in.Get("options")), Form: formLines(in.Get("fields"))}
	if n, ok := by.Get("need").(int); ok {
		d.Need = n
	}
	if d.Then == "" {
		d.Then = "stop"
	}
	if d.Who != "" && !slices.ContainsFunc(groups, func(o prompts.Option) bool { return o.Value == d.Who }) && len(groups) > 0 {
		d.Groups = append([]prompts.Option{{Value: d.Who, Label: d.Who}}, groups...)
	}
	for i, p := range places {
		if p.Kind != "do" {
			continue
		}
		number := strconv.Itoa(i + 1)
		d.Steps = append(d.Steps, prompts.Option{Value: p.ID, Label: number + " " + p.ID + " (" + p.Step.Text("do") + ")"})
		if slices.Contains(d.Covers, p.ID) && risk(p.Step, c) > engine.Write {
			d.Lax = false
		}
		for _, m := range sub(p.Step, "with") {
			d.Can = append(d.Can, prompts.Option{Value: p.ID + "." + m.Key, Label: w.t("step {n}: {field}", "n", number, "field", m.Key)})
		}
	}
	for _, e := range d.Edit {
		if !slices.ContainsFunc(d.Can, func(o prompts.Option) bool { return o.Value == e }) {
			d.Can = append(d.Can, prompts.Option{Value: e, Label: e})
		}
	}
	for _, e := range d.Covers {
		if e != Next && !slices.ContainsFunc(d.Steps, func(o prompts.Option) bool { return o.Value == e }) {
			d.Steps = append(d.Steps, prompts.Option{Value: e, Label: e})
		}
	}
	return d
}

func risk(step edit.Map, c engine.Catalog) engine.Risk {
	a, ok := c.Action(step.Text("do"))
	if !ok {
		return engine.Destroy
	}
	known := map[string]any{}
	for _, p := range sub(step, "with") {
		if s, ok := p.Value.(string); !ok || !strings.Contains(s, "{{") {
			known[p.Key] = edit.Plain(p.Value)
		}
	}
	return a.TraitsOf(known).Risk
}

func who(by edit.Map) []string {
	if l := list(by.Get("any")); len(l) > 0 {
		return l
	}
	return list(by.Get("all"))
}

// reading is what was typed into a step's dialog, with what is wrong so far.
type reading struct {
	w     Words
	typed map[string]string
	bad   map[string]string
}

// got is what was typed into a field, when it is not what stood there.
func (r *reading) got(name, stood string) (string, bool) {
	v, sent := r.typed[name]
	v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n"))
	return v, sent && v != strings.TrimSpace(stood)
}

func (r *reading) wrong(name, words string) {
	if r.bad[name] == "" {
		r.bad[name] = words
	}
}

func (r *reading) need(name, value string) {
	if value == "" {
		r.wrong(name, r.w.t("This is needed."))
	}
}

// duration is what was typed as flows write it: "3 days" is "3d".
func (r *reading) duration(name, value string) string {
	if value == "" || strings.Contains(value, "{{") {
		return value
	}
	value = flow.Shortened(value)
	if _, err := flow.Duration(value); err != nil {
		r.wrong(name, r.w.say(err))
	}
	return value
}

func (w Words) say(err error) string {
	e := engine.AsError(err)
	s := w.t(e.Msg)
	s = engine.Fill(s, e.Args)
	if e.Hint != "" {
		s += ". " + prompts.T(w.Lang, e.Hint, e.Args)
	}
	return s
}

// ReadAsk puts what was typed into the dialog of [Words.AskFacts] into the step; what was left as it stood stays to
// the byte. bad says by field what is wrong, in the reader's language.
func (w Words) ReadAsk(step edit.Map, d prompts.AskFacts, typed map[string]string) (_ edit.Map, bad map[string]string) {
	r := &reading{w: w, typed: typed, bad: map[string]string{}}
	in := sub(step, "with")
	if v, ok := r.got("title", d.Title); ok {
		in = in.With("title", v)
	}
	r.need("title", in.Text("title"))
	in = r.own(in, d)
	in = r.by(in, d)
	if v, ok := r.got("edit", strings.Join(d.Edit, "\n")); ok {
		in = withList(in, "edit", chosen(v, d.Can))
	}
	if v, ok := r.got("covers", strings.Join(d.Covers, "\n")); ok {
		step = withList(step, "covers", chosen(v, append([]prompts.Option{{Value: Next, Label: w.t("the next step")}}, d.Steps...)))
	}
	step = with(step, "with", in)
	after, moved := r.got("after", d.After)
	then, moved2 := r.got("then", d.Then)
	if moved || moved2 {
		if !moved {
			after = d.After
		}
		after = r.duration("after", after)
		then = choice(then, "stop", "deny", "approve", "skip")
		switch {
		case after == "":
			step = step.Without("expire")
		default:
			e := sub(step, "expire").With("after", after)
			if then != "" {
				e = e.With("then", then)
			} else if e.Text("then") == "" {
				e = e.With("then", d.Then)
			}
			step = step.With("expire", e)
		}
	}
	return step, r.bad
}

// own reads what only a choice or a form asks.
func (r *reading) own(in edit.Map, d prompts.AskFacts) edit.Map {
	switch d.Kind {
	case "choice":
		if v, ok := r.got("options", d.Options); ok {
			in = withAny(in, "options", readOptions(v))
		}
		r.need("options", strings.TrimSpace(or(r.typed["options"], d.Options)))
	case "form":
		if v, ok := r.got("fields", d.Form); ok {
			fields, wrong := r.w.readFields(v)
			if wrong != "" {
				r.wrong("fields", wrong)
			}
			in = withAny(in, "fields", fields)
		}
		r.need("fields", strings.TrimSpace(or(r.typed["fields"], d.Form)))
	}
	return in
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// by reads who is asked, and how many of them have to answer.
func (r *reading) by(in edit.Map, d prompts.AskFacts) edit.Map {
	by := sub(in, "by")
	key := "any"
	if _, all := by.Look("all"); all {
		key = "all"
	}
	if v, ok := r.got("who", d.Who); ok {
		var names []any
		for _, name := range named(v, d.Groups) {
			if !strings.Contains(name, "@") {
				name = "@" + name
			}
			names = append(names, name)
		}
		by = withAny(by, key, names)
	}
	r.need("who", strings.Join(who(by), ","))
	if v, ok := r.got("need", strconv.Itoa(max(d.Need, 1))); ok && d.Kind == "approval" {
		n, err := strconv.Atoi(or(v, "1"))
		if err != nil || n < 1 || n > 100 {
			r.wrong("need", r.w.t("Write how many people, from 1 to 100."))
		} else {
			by = by.With("need", n)
		}
	}
	return with(in, "by", by)
}

// split takes names apart: one a line, or with commas.
func split(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == ',' || c == ' ' })
}

// named takes names apart, each by its option's value or label.
func named(text string, options []prompts.Option) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == ',' }) {
		part = strings.TrimSpace(part)
		if v := label(part, options); v != part {
			out = append(out, v)
			continue
		}
		out = append(out, split(part)...)
	}
	return out
}

// label is the value of an option that was named by its label.
func label(text string, options []prompts.Option) string {
	for _, o := range options {
		if o.Value == text || strings.EqualFold(o.Label, text) {
			return o.Value
		}
	}
	return text
}

// chosen are the values of a field of several choices, in the order of its options: the same choices give the same
// text on every surface.
func chosen(text string, options []prompts.Option) []string {
	var typed, out []string
	sep := "\n"
	if !strings.Contains(text, "\n") {
		sep = ","
	}
	for s := range strings.SplitSeq(text, sep) {
		if s = strings.TrimSpace(s); s != "" {
			typed = append(typed, label(s, options))
		}
	}
	for _, o := range options {
		if slices.Contains(typed, o.Value) {
			out = append(out, o.Value)
		}
	}
	for _, s := range typed {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func withList(m edit.Map, key string, l []string) edit.Map { return withAny(m, key, anyList(l)) }

func withAny(m edit.Map, key string, l []any) edit.Map {
	if len(l) == 0 {
		return m.Without(key)
	}
	return m.With(key, l)
}

func choice(text string, words ...string) string {
	for _, w := range words {
		if strings.EqualFold(w, text) {
			return w
		}
	}
	return ""
}

package build

import (
	"slices"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Next is the placeholder in covers and edit for the step that is yet to come.
const Next = "next"

func object(fields ...engine.Field) *engine.Schema {
	return &engine.Schema{Type: "object", Fields: fields}
}

func field(name string, s engine.Schema) engine.Field { return engine.Field{Name: name, Schema: &s} }

// Schema is what the dialog of a step asks for, as an object whose members are the step's keys. places are the
// draft's steps. It is nil for a step that says nothing a dialog could ask about.
func (w Words) Schema(c engine.Catalog, step edit.Map, places []edit.Place) *engine.Schema {
	s := object()
	switch {
	case step.Text("do") != "":
		s = w.doSchema(c, step)
	case step.Text("ask") == "approval":
		s = w.approval(step, places)
	case step.Text("ask") == "choice":
		s = w.choice(step)
	case step.Text("ask") == "form":
		s = w.form(step)
	default:
		s = w.logic(step)
	}
	s.Fields = append(s.Fields,
		field("id", engine.Schema{Type: "string", Title: w.t("Name"), Doc: w.t("Small letters, digits and _: other steps read what this one gives as steps.NAME."), Required: true, Advanced: true}),
		field("when", engine.Schema{Type: "string", Title: w.t("Only when"), Doc: w.t("A condition; where it is false, the step is skipped."), Example: `{{ event.body.urgent }}`, Advanced: true}))
	return s
}

// Fails are the values of on_error that a dialog offers.
var fails = []string{"retry", "continue", "stop", "ask"}

func (w Words) onError() engine.Field {
	return field("on_error", engine.Schema{Type: "string", Title: w.t("If it fails"), Default: "retry", Enum: fails, Titles: []string{
		w.t("Try 5 times, then alert"), w.t("Go on without it"), w.t("Stop the run"), w.t("Ask what to do")}})
}

func (w Words) doSchema(c engine.Catalog, step edit.Map) *engine.Schema {
	s := object()
	a, known := c.Action(step.Text("do"))
	if known {
		in := *orObject(a.In)
		in.Title = ""
		s.Fields = append(s.Fields, engine.Field{Name: "with", Schema: &in})
		if a.Account != "" {
			s.Fields = append(s.Fields, field("account", engine.Schema{Type: "string", Format: "account", Title: w.t("Account"), Required: true}))
		}
	} else {
		s.Fields = append(s.Fields, field("with", engine.Schema{Type: "object", Open: true, Title: w.t("Values")}))
	}
	s.Fields = append(s.Fields, w.onError())
	return s
}

func orObject(s *engine.Schema) *engine.Schema {
	if s == nil || s.Type == "" {
		return &engine.Schema{Type: "object", Open: true}
	}
	return s
}

func (w Words) approval(step edit.Map, places []edit.Place) *engine.Schema {
	covers, titles := []string{Next}, []string{w.t("the next step")}
	fields, fieldTitles := []string{}, []string{}
	self := step.Text("id")
	for i, p := range places {
		if p.Kind != "do" || p.ID == self {
			continue
		}
		covers, titles = append(covers, p.ID), append(titles, itoa(i+1)+" "+p.ID+" ("+p.Step.Text("do")+")")
		with, _ := p.Step.Get("with").(edit.Map)
		for _, m := range with {
			fields, fieldTitles = append(fields, p.ID+"."+m.Key), append(fieldTitles, w.t("step {n}: {field}", "n", i+1, "field", m.Key))
		}
	}
	for _, have := range list(step.Get("covers")) {
		if !slices.Contains(covers, have) {
			covers, titles = append(covers, have), append(titles, have)
		}
	}
	with, _ := step.Get("with").(edit.Map)
	for _, have := range list(with.Get("edit")) {
		if !slices.Contains(fields, have) {
			fields, fieldTitles = append(fields, have), append(fieldTitles, have)
		}
	}
	edits := engine.Schema{Type: "array", Title: w.t("May edit"), Doc: w.t("What those who approve may change, as step.field, one a line."), Items: &engine.Schema{Type: "string"}}
	if len(fields) > 0 {
		edits.Items = &engine.Schema{Type: "string", Enum: fields, Titles: fieldTitles}
	}
	return object(
		field("with", *object(
			field("title", engine.Schema{Type: "string", Title: w.t("Question"), Required: true, Example: `Ticket for "{{ event.body.title }}"?`}),
			field("by", *w.by(step)),
			field("edit", edits),
			field("not", engine.Schema{Type: "array", Title: w.t("May not decide"), Advanced: true, Items: &engine.Schema{Type: "string", Enum: []string{"requester", "editor"},
				Titles: []string{w.t("who started the run"), w.t("who edited last")}}}),
		)),
		field("covers", engine.Schema{Type: "array", Title: w.t("Covers"), Doc: w.t("These steps wait for the answer."), Items: &engine.Schema{Type: "string", Enum: covers, Titles: titles}}),
		field("expire", *object(
			field("after", engine.Schema{Type: "string", Format: "duration", Title: w.t("No answer after"), Example: "3d"}),
			field("then", engine.Schema{Type: "string", Title: w.t("then"), Enum: []string{"stop", "deny", "approve"},
				Titles: []string{w.t("stop"), w.t("count it as no"), w.t("count it as yes")}}),
		)),
		field("remind", engine.Schema{Type: "string", Format: "duration", Title: w.t("Remind after"), Example: "4h", Advanced: true}),
	)
}

// by is who is asked: of all groups together, unless the step says of each.
func (w Words) by(step edit.Map) *engine.Schema {
	with, _ := step.Get("with").(edit.Map)
	by, _ := with.Get("by").(edit.Map)
	who, title := "any", w.t("Who")
	if _, all := by.Look("all"); all {
		who, title = "all", w.t("Who (each group)")
	}
	return object(
		field(who, engine.Schema{Type: "array", Title: title, Required: true, Doc: w.t("Groups or people, one a line, like @triage."), Items: &engine.Schema{Type: "string", Format: "person-or-group"}}),
		field("need", engine.Schema{Type: "integer", Title: w.t("How many"), Default: 1}),
	)
}

func list(v any) []string {
	l, _ := v.([]any)
	var out []string
	for _, x := range l {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (w Words) choice(step edit.Map) *engine.Schema {
	return object(
		field("with", *object(
			field("title", engine.Schema{Type: "string", Title: w.t("Question"), Required: true}),
			field("options", engine.Schema{Type: "array", Title: w.t("Answers"), Required: true, Doc: w.t("One a line."), Example: "yes, no", Items: &engine.Schema{Type: "string"}}),
			field("by", *w.anybody(step)),
		)),
		w.lapse(),
		field("remind", engine.Schema{Type: "string", Format: "duration", Title: w.t("Remind after"), Example: "4h", Advanced: true}),
	)
}

func (w Words) form(step edit.Map) *engine.Schema {
	return object(
		field("with", *object(
			field("title", engine.Schema{Type: "string", Title: w.t("Question"), Required: true}),
			field("fields", engine.Schema{Type: "array", Title: w.t("Fields"), Required: true, Format: "json", Doc: w.t("A list: each has a name, and may have title, type, options, required."),
				Example: `[{"name": "reason", "title": "Why?"}]`, Items: &engine.Schema{Type: "object", Open: true}}),
			field("by", *w.anybody(step)),
		)),
		w.lapse(),
		field("remind", engine.Schema{Type: "string", Format: "duration", Title: w.t("Remind after"), Example: "4h", Advanced: true}),
	)
}

// anybody is who is asked where the first answer counts.
func (w Words) anybody(step edit.Map) *engine.Schema {
	by := w.by(step)
	by.Fields = by.Fields[:1]
	return by
}

func (w Words) lapse() engine.Field {
	return field("expire", *object(
		field("after", engine.Schema{Type: "string", Format: "duration", Title: w.t("No answer after"), Example: "3d"}),
		field("then", engine.Schema{Type: "string", Title: w.t("then"), Enum: []string{"stop", "skip"}, Titles: []string{w.t("stop"), w.t("go on without an answer")}}),
	))
}

func (w Words) logic(step edit.Map) *engine.Schema {
	kind, _ := w.KindOf(step)
	switch kind.Name {
	case "if":
		return object(field("if", engine.Schema{Type: "string", Title: w.t("Condition"), Required: true, Example: "{{ event.body.total > 100 }}"}))
	case "switch":
		return object(
			field("switch", engine.Schema{Title: w.t("Look at"), Required: true, Example: "{{ event.body.size }}"}),
			field("is", engine.Schema{Type: "array", Title: w.t("Cases"), Required: true, Doc: w.t("The values that have steps of their own, one a line."), Items: &engine.Schema{Type: "string"}}))
	case "each":
		return object(field("each", *object(
			field("list", engine.Schema{Type: "array", Title: w.t("List"), Required: true, Example: "{{ event.body.items }}"}),
			field("as", engine.Schema{Type: "string", Title: w.t("Call each"), Default: "item"}))))
	case "wait":
		return object(field("wait", *object(
			field("for", engine.Schema{Type: "string", Format: "duration", Title: w.t("For"), Example: "10m"}),
			field("until", engine.Schema{Type: "string", Format: "date-time", Title: w.t("Until"), Example: "2026-03-01T09:00:00+01:00"}),
			field("reply", *object(
				field("to", engine.Schema{Type: "string", Title: w.t("Reply to"), Doc: w.t("What a step that posts gave: the wait ends with the first answer to it."), Example: "{{ steps.post.ref }}", Advanced: true}),
				field("from", engine.Schema{Type: "array", Title: w.t("Reply from"), Items: &engine.Schema{Type: "string", Format: "person-or-group"}, Advanced: true}))))))
	case "set":
		return object(field("set", engine.Schema{Type: "object", Open: true, Title: w.t("Values"), Required: true, Doc: w.t("One a line, name: value. Others read them as vars.NAME.")}))
	case "stop":
		return object(field("stop", engine.Schema{Type: "string", Title: w.t("Reason")}))
	}
	return object()
}

// Shown is a step as its dialog asks for it: what the text may say in several ways is said in one.
func Shown(step edit.Map) edit.Map {
	out := step
	if m, ok := step.Get("on_error").(edit.Map); ok && len(m) == 1 {
		if then := m.Text("then"); then != "" {
			out = out.With("on_error", then)
		}
	}
	if step.Get("stop") == true {
		out = out.With("stop", nil)
	}
	if _, ok := step.Look("switch"); ok {
		var is []any
		for _, c := range cases(step) {
			is = append(is, caseName(c))
		}
		if len(is) > 0 {
			out = out.With("is", is)
		}
	}
	return out
}

func cases(step edit.Map) []edit.Map {
	l, _ := step.Get("cases").([]any)
	var out []edit.Map
	for _, c := range l {
		if m, ok := c.(edit.Map); ok {
			out = append(out, m)
		}
	}
	return out
}

func caseName(c edit.Map) string {
	switch v := c.Get("is").(type) {
	case string:
		return v
	case int:
		return itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return string(mustJSON(edit.Plain(c.Get("is"))))
}

func mustJSON(v any) []byte {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return nil
	}
	return b
}

// Written is Shown undone: next is the step that a dialog gave, was the one as written. What says the same stays as
// it was.
func Written(next, was edit.Map) edit.Map {
	out := next
	if edit.Equal(Shown(was).Get("on_error"), next.Get("on_error")) {
		if v, ok := was.Look("on_error"); ok {
			out = out.With("on_error", v)
		}
	}
	if _, ok := was.Look("stop"); ok && out.Text("stop") == "" {
		out = out.With("stop", true)
	}
	if _, ok := was.Look("switch"); !ok {
		return out
	}
	old := cases(was)
	var all []any
	for _, name := range list(next.Get("is")) {
		c := edit.Map{{Key: "is", Value: name}, {Key: "steps", Value: []any{}}}
		if i := slices.IndexFunc(old, func(m edit.Map) bool { return caseName(m) == name }); i >= 0 {
			c = old[i]
		}
		all = append(all, c)
	}
	return out.Without("is").With("cases", all)
}

package prompts

import (
	"fmt"
	"sort"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

func (c Ctx) form(key, token, title, submit string, f Filled) Form {
	name, _, _ := strings.Cut(key, ":")
	return Form{Key: key, Name: name, Token: token, Title: title, Submit: submit, Lang: Lang(c.Lang)}
}

// runForm is a form about a run that waits for somebody.
func (c Ctx) runForm(key, token, title, submit string, f Filled) Form {
	m := c.form(key, token, title, submit, f)
	m.Read = true
	return m
}

// field adds a field, with what was typed before and what is wrong with it.
func (m *Form) field(x Field, f Filled) {
	if v, ok := f.Values[x.Name]; ok {
		x.Value = v
	}
	x.Error = T(m.Lang, f.Errors[x.Name], nil)
	m.Fields = append(m.Fields, x)
}

// DenyForm asks why; field "reason".
func DenyForm(c Ctx, run engine.RunView, ask engine.AskView, token string, f Filled) Form {
	m := c.runForm("deny:"+run.ID+"/"+ask.Path, token, c.t("Deny {flow} #{number}", "flow", run.Flow, "number", run.Number), c.t("Deny"), f)
	m.Intro = []Block{Para{text(c.askTitle(ask))}}
	m.field(Field{Name: "reason", Label: c.t("Why?"), Help: c.t("One line, for everybody to read"), Kind: FieldLine}, f)
	return m
}

// EditForm asks for the fields that may be edited, filled with the plan's values; submitting it approves the new
// text.
func EditForm(c Ctx, run engine.RunView, ask engine.AskView, token string, f Filled) Form {
	m := c.runForm("edit:"+run.ID+"/"+ask.Path, token, c.t("Edit {flow} #{number}", "flow", run.Flow, "number", run.Number), c.t("Approve this"), f)
	m.Intro = []Block{Para{text(c.askTitle(ask))}, Note{c.line("What you change becomes a new plan, and you approve it by sending this.")}}
	for _, path := range ask.Edit {
		v, ok := planned(ask.Plan, path)
		x := Field{Name: path, Label: fieldLabel(path), Kind: FieldText}
		if ok {
			x.Value, x.Kind = show(v)
		}
		if computed(v) {
			x.Help = c.t("Known only later; leave it as it is, or write a value")
			x.Value = ""
		}
		m.field(x, f)
	}
	return m
}

// planned finds the value of "step.field" in a plan; the field may be a path into objects.
func planned(p *engine.Plan, path string) (any, bool) {
	if p == nil {
		return nil, false
	}
	for _, s := range p.Steps {
		if rest, ok := strings.CutPrefix(path, s.ID+"."); ok {
			return member(s.Input, rest)
		}
	}
	return nil, false
}

func member(in map[string]any, path string) (any, bool) {
	if v, ok := in[path]; ok {
		return v, true
	}
	head, rest, more := strings.Cut(path, ".")
	m, ok := in[head].(map[string]any)
	if !more || !ok {
		return nil, false
	}
	return member(m, rest)
}

// computed reports whether a value is not known yet, or secret, or holds such a part: no text could stand for it.
func computed(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["$from"]; ok {
			return true
		}
		if _, ok := v["$secret"]; ok {
			return true
		}
		for _, x := range v {
			if computed(x) {
				return true
			}
		}
	case []any:
		for _, x := range v {
			if computed(x) {
				return true
			}
		}
	}
	return false
}

// show is a value as a field holds it, and which kind of field.
func show(v any) (string, FieldKind) {
	switch v := v.(type) {
	case nil:
		return "", FieldLine
	case string:
		if len(v) > 60 || strings.Contains(v, "\n") {
			return v, FieldText
		}
		return v, FieldLine
	case bool:
		if v {
			return "true", FieldCheck
		}
		return "", FieldCheck
	case int, float64:
		return jsonText(v), FieldNumber
	}
	return jsonText(v), FieldText
}

// FixForm is the failed step's input, the service's words on top. When an approval covered the step, it says that
// people are asked again.
func FixForm(c Ctx, run engine.RunView, step engine.StepView, token string, f Filled) Form {
	m := c.runForm("fix:"+run.ID+"/"+step.Path, token, c.t("Fix #{number}, step {index}", "number", run.Number, "index", step.Index), c.t("Run again with this"), f)
	if l := c.failure(step.Failure); len(l) > 0 {
		m.Intro = append(m.Intro, Para{l})
	}
	if ask := covering(run, step.Path); ask != nil {
		m.Intro = append(m.Intro, Para{append(text("⚠ "), c.line("Approved as plan {hash}: {group} is asked again, because what is sent changes.",
			"hash", ask.Plan.Short(), "group", c.groups(ask.Groups, false))...)})
	}
	for _, x := range inputFields(step) {
		m.field(x, f)
	}
	return m
}

// covering is the decided approval that covers a step.
func covering(run engine.RunView, path string) *engine.AskView {
	id := path[strings.LastIndexByte(path, '/')+1:]
	for i := len(run.Asks) - 1; i >= 0; i-- {
		a := &run.Asks[i]
		if a.State != engine.CardDecided || a.Decision != "approve" || a.Plan == nil {
			continue
		}
		for _, s := range a.Plan.Steps {
			if s.ID == path || s.ID == id {
				return a
			}
		}
	}
	return nil
}

// inputFields are the members of a step's stored input, in the order that people expect. A secret is not shown and
// cannot be changed here (R17).
func inputFields(step engine.StepView) []Field {
	v, err := engine.DecodeJSON(step.Input)
	in, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil
	}
	names := make([]string, 0, len(in))
	for k := range in {
		names = append(names, k)
	}
	sort.Slice(names, func(i, j int) bool {
		if a, b := rank(names[i]), rank(names[j]); a != b {
			return a < b
		}
		return names[i] < names[j]
	})
	var out []Field
	for _, k := range names {
		if computed(in[k]) {
			continue
		}
		s, kind := show(in[k])
		out = append(out, Field{Name: k, Label: fieldLabel(k), Kind: kind, Value: s})
	}
	return out
}

// rank puts what usually needs mending first, and what describes a table last.
func rank(name string) int {
	if name == "table" || name == "columns" {
		return 200
	}
	for i, n := range []string{"json", "body", "form", "row", "text", "title", "url", "method", "query", "headers"} {
		if n == name {
			return i
		}
	}
	return 100
}

// HappenedForm asks for what later steps need of the answer that was lost, one field for each of needs.
func HappenedForm(c Ctx, run engine.RunView, step engine.StepView, token string, needs []string, f Filled) Form {
	m := c.runForm("happened:"+run.ID+"/"+step.Path, token, c.t("It happened: #{number}, step {index}", "number", run.Number, "index", step.Index), c.t("Go on"), f)
	line, _ := c.stepLine(step)
	m.Intro = []Block{Para{line}, Note{c.line("Later steps need this of the answer. Look it up at {peer}.", "peer", c.peer(step))}}
	for _, n := range needs {
		m.field(Field{Name: n, Label: needLabel(n), Kind: FieldLine, Required: true}, f)
	}
	return m
}

func needLabel(path string) string {
	if path == "" {
		return "?"
	}
	return fmt.Sprintf("%s (%s)", fieldLabel(path), path)
}

// Covering are the groups that are asked again when what a step of the run sends changes; nil: nobody approved it.
func Covering(run engine.RunView, path string) []string {
	if a := covering(run, path); a != nil {
		return a.Groups
	}
	return nil
}

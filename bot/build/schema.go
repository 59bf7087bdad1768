package build

import (
	"slices"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Next is the placeholder in covers and edit for the step that is yet to come.
const Next = "next"

// Schema is what the dialog of a step that does something asks for besides what every step has: the action's input
// as "with", and its account.
func (w Words) Schema(c engine.Catalog, step edit.Map) *engine.Schema {
	s := &engine.Schema{Type: "object"}
	with := &engine.Schema{Type: "object", Open: true, Title: w.t("Values")}
	a, known := c.Action(step.Text("do"))
	if known && a.In != nil && a.In.Type != "" {
		in := *a.In
		in.Title, with = "", &in
	}
	s.Fields = append(s.Fields, engine.Field{Name: "with", Schema: with})
	if known && a.Account != "" {
		s.Fields = append(s.Fields, engine.Field{Name: "account", Schema: &engine.Schema{Type: "string", Format: "account", Title: w.t("Account"), Required: true}})
	}
	return s
}

// sub is a member that is a map.
func sub(m edit.Map, key string) edit.Map {
	v, _ := m.Get(key).(edit.Map)
	return v
}

// with is m with a map as a member; an empty one goes.
func with(m edit.Map, key string, v edit.Map) edit.Map {
	if len(v) == 0 {
		return m.Without(key)
	}
	return m.With(key, v)
}

func list(v any) []string {
	if s, ok := v.(string); ok && s != "" {
		return []string{s}
	}
	l, _ := v.([]any)
	var out []string
	for _, x := range l {
		if s, ok := scalar(x); ok {
			out = append(out, s)
		}
	}
	return out
}

// scalar is a single value as people type it.
func scalar(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case int:
		return itoa(x), true
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64), true
	case bool:
		return strconv.FormatBool(x), true
	}
	return "", false
}

func anyList(l []string) []any {
	out := make([]any, len(l))
	for i, s := range l {
		out[i] = s
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

// caseName is a case as a line of a dialog: its values with commas between.
func caseName(c edit.Map) string {
	l := list(c.Get("is"))
	if s, ok := scalar(c.Get("is")); ok {
		l = []string{s}
	}
	out := ""
	for i, s := range l {
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}

// OnError is what a step's dialog says of its failure: "retry" where the step says nothing.
func OnError(step edit.Map) string {
	s := step.Text("on_error")
	if rescues(step) {
		return "steps"
	}
	if s == "" {
		s = sub(step, "on_error").Text("then")
	}
	if !slices.Contains([]string{"retry", "ask", "continue", "stop"}, s) {
		return "retry"
	}
	return s
}

// rescues reports whether a step says steps of its own for its failure, even if there are none yet.
func rescues(step edit.Map) bool {
	_, is := sub(step, flow.RescueBlock).Look("steps")
	return is
}

// Timeout is how long a step may take as its dialog shows it; asked is false for kinds that take no time.
func Timeout(step edit.Map) (text string, asked bool) {
	for _, kind := range []string{"if", "switch", "set", "stop", "dedupe"} {
		if _, is := step.Look(kind); is {
			return "", false
		}
	}
	return single(step, "timeout"), true
}

// Tries is how often a step is tried before it has failed for good.
func Tries(step edit.Map) int {
	if n, ok := sub(step, "retry").Get("max").(int); ok && n > 0 {
		return n
	}
	return 5
}

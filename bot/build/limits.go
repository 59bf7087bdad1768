package build

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// budgets are the risks that a budget can name.
var budgets = [4]string{"send", "destroy", "write", "read"}

// LimitFacts are a flow's limits as its dialog shows them.
func LimitFacts(top edit.Map) prompts.LimitFacts {
	m := sub(top, "limits")
	d := prompts.LimitFacts{Concurrency: single(m, "concurrency"), Per: single(m, "per"), Full: single(m, "when_full"), Order: single(m, "order"),
		Time: single(m, "time"), Budget: map[string]string{}}
	for _, risk := range budgets {
		d.Budget[risk] = single(sub(m, "budget"), risk)
	}
	return d
}

// single is a member as people type it; "" for what is no single value.
func single(m edit.Map, key string) string {
	s, _ := scalar(m.Get(key))
	return s
}

// ReadLimits puts what was typed into the dialog of [LimitFacts] into the flow's limits; what was left as it stood stays,
// and so does what the dialog does not know. Whether it makes sense is for the parser to say: LimitField has the fields.
func (w Words) ReadLimits(limits edit.Map, d prompts.LimitFacts, typed map[string]string) (_ edit.Map, bad map[string]string) {
	r := &reading{w: w, typed: typed, bad: map[string]string{}}
	limits = r.put(limits, "concurrency", "concurrency", d.Concurrency, counted)
	limits = r.put(limits, "per", "per", d.Per, r.keyed("per"))
	full := d.Full
	if full == "" {
		full = "queue"
	}
	limits = r.put(limits, "when_full", "when_full", full, same)
	limits = r.put(limits, "order", "order", d.Order, r.keyed("order"))
	limits = r.put(limits, "time", "time", d.Time, shortened)
	budget := sub(limits, "budget")
	for _, risk := range budgets {
		budget = r.put(budget, risk, "budget."+risk, d.Budget[risk], counted)
	}
	return with(limits, "budget", budget), r.bad
}

// put sets a member to what was typed into a field; an emptied one goes.
func (r *reading) put(m edit.Map, key, field, stood string, as func(string) any) edit.Map {
	switch v, ok := r.got(field, stood); {
	case !ok:
		return m
	case v == "":
		return m.Without(key)
	default:
		return m.With(key, as(v))
	}
}

func same(text string) any      { return text }
func shortened(text string) any { return flow.Shortened(text) }

// counted is a number where it is one; what else it is the parser refuses.
func counted(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return text
}

func (r *reading) keyed(field string) func(string) any {
	return func(text string) any { return r.expression(field, text) }
}

// LimitField is the field that a problem of limits stands under; "" for none.
func LimitField(where string) string {
	name, ok := strings.CutPrefix(where, "limits.")
	if !ok || strings.HasPrefix(name, "account") {
		return ""
	}
	return name
}

// CollectFacts is what a trigger collects and expects, as its dialog shows it.
func CollectFacts(top edit.Map) prompts.CollectFacts {
	t := sub(top, "trigger")
	d := prompts.CollectFacts{Mode: "each"}
	for _, mode := range []string{"debounce", "batch"} {
		if _, there := t.Look(mode); !there {
			continue
		}
		m := sub(t, mode)
		d.Mode, d.For, d.Per = mode, single(m, "for"), single(m, "per")
		if mode == "batch" {
			d.Most = single(m, "most")
		} else {
			d.Until = single(m, "most")
		}
	}
	e := sub(t, "expect")
	d.AtLeast, d.Every = single(e, "at_least"), single(e, "every")
	return d
}

// ReadCollect says how the trigger's text changes by what was typed into the dialog of [CollectFacts]. Whether it makes
// sense is for the parser to say: CollectField has the fields.
func (w Words) ReadCollect(top edit.Map, d prompts.CollectFacts, typed map[string]string) (_ []edit.Op, bad map[string]string) {
	r := &reading{w: w, typed: typed, bad: map[string]string{}}
	t := sub(top, "trigger")
	mode := choice(or(typed["mode"], d.Mode), "each", "debounce", "batch")
	var ops []edit.Op
	for _, part := range []string{"debounce", "batch"} {
		if part != mode {
			ops = append(ops, edit.SetTriggerPart{Part: part})
			continue
		}
		m, stood := sub(t, part), d
		if d.Mode != mode { // what is taken over from the other way is as good as typed
			stood = prompts.CollectFacts{}
			r.typed = over(map[string]string{"for": d.For, "per": d.Per}, typed)
		}
		m = r.put(m, "for", "for", stood.For, shortened)
		if mode == "batch" {
			m = r.put(m, "most", "most", stood.Most, counted)
		} else {
			m = r.put(m, "most", "until", stood.Until, shortened)
		}
		if m = r.put(m, "per", "per", stood.Per, r.keyed("per")); m == nil {
			m = edit.Map{}
		}
		ops = append(ops, edit.SetTriggerPart{Part: part, Value: m})
	}
	e := r.put(sub(t, "expect"), "at_least", "at_least", d.AtLeast, counted)
	if e = r.put(e, "every", "every", d.Every, shortened); len(e) > 0 {
		return append(ops, edit.SetTriggerPart{Part: "expect", Value: e}), r.bad
	}
	return append(ops, edit.SetTriggerPart{Part: "expect"}), r.bad
}

// over are values with others over them.
func over(a, b map[string]string) map[string]string {
	for k, v := range b {
		a[k] = v
	}
	return a
}

// CollectField is the field that a problem of what a trigger collects or expects stands under; "" for none.
func CollectField(where string) string {
	rest, ok := strings.CutPrefix(where, "trigger.")
	part, name, _ := strings.Cut(rest, ".")
	switch {
	case !ok:
		return ""
	case part == "debounce" && name == "most":
		return "until"
	case (part == "debounce" || part == "batch" || part == "gather") && name != "", part == "expect" && name != "":
		return name
	case part == "debounce" || part == "batch":
		return "for"
	case part == "expect":
		return "every"
	}
	return ""
}

// Output is what a run gives whoever called it, "name: value" lines.
func Output(top edit.Map) string { return setLines(sub(top, "output")) }

// ReadOutput reads what was typed into the field of [Output]: a nil value takes it away, moved is false for what stood
// there, wrong says what cannot be read.
func (w Words) ReadOutput(top edit.Map, typed map[string]string) (value any, moved bool, wrong string) {
	r := &reading{w: w, typed: typed, bad: map[string]string{}}
	text, moved := r.got("output", Output(top))
	if !moved || text == "" {
		return nil, moved, ""
	}
	m, wrong := w.readSet(text)
	return m, true, wrong
}

// OutputField is the field that a problem of a flow's output stands under; "" for none.
func OutputField(where string) string {
	if name, _, _ := strings.Cut(where, "."); name == "output" {
		return name
	}
	return ""
}

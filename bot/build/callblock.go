package build

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// callFacts fills in what the dialogs of call, emit and the waits for an event or working hours show.
func callFacts(d *prompts.BlockFacts, step edit.Map) {
	switch d.Kind {
	case "call":
		m := sub(step, "call")
		d.Flow, d.Given = m.Text("flow"), setLines(sub(m, "with"))
		if n, ok := m.Get("version").(int); ok {
			d.Version = strconv.Itoa(n)
		}
		if wait, ok := m.Get("wait").(bool); ok && !wait {
			d.Mode = "forget"
		} else {
			d.Mode = "wait"
		}
	case "emit":
		m := sub(step, "emit")
		d.Event, d.Key, d.Given = m.Text("event"), m.Text("key"), setLines(sub(m, "data"))
	case "throttle":
		m := sub(step, "throttle")
		d.Rate, d.Key = m.Text("rate"), m.Text("per")
	case "dedupe":
		m := sub(step, "dedupe")
		d.Key, d.For, d.Mode = m.Text("key"), m.Text("for"), m.Text("then")
	case "digest":
		digestFacts(d, sub(step, "digest"))
	case "wait":
		m := sub(step, "wait")
		e := sub(m, "event")
		d.Event, d.Key, d.Hours = e.Text("name"), e.Text("key"), m.Text("hours")
		d.Holidays = strings.Join(list(m.Get("holidays")), ", ")
		switch {
		case d.Event != "" || d.Key != "":
			d.Mode = "event"
		case d.Until == flow.WorkingHours:
			d.Mode, d.Until = "hours", ""
		}
	}
}

// call reads the dialog of a call.
func (r *reading) call(step edit.Map, d prompts.BlockFacts) edit.Map {
	m := sub(step, "call")
	if v, ok := r.got("flow", d.Flow); ok {
		m = m.With("flow", v)
	}
	r.need("flow", m.Text("flow"))
	if v, ok := r.got("version", d.Version); ok {
		switch n, err := strconv.Atoi(v); {
		case v == "":
			m = m.Without("version")
		case err != nil || n < 1:
			r.wrong("version", r.w.t("A number is needed here."))
		default:
			m = m.With("version", n)
		}
	}
	m = r.given(m, "with", d.Given)
	if mode := or(r.typed["mode"], d.Mode); mode == "forget" {
		m = m.With("wait", false)
	} else if m.Get("wait") == false {
		m = m.Without("wait")
	}
	return step.With("call", m)
}

// emit reads the dialog of an emission.
func (r *reading) emit(step edit.Map, d prompts.BlockFacts) edit.Map {
	m := sub(step, "emit")
	if v, ok := r.got("event", d.Event); ok {
		m = m.With("event", v)
	}
	r.event(m.Text("event"))
	if v, ok := r.got("key", d.Key); ok && v == "" {
		m = m.Without("key")
	} else if ok {
		m = m.With("key", r.expression("key", v))
	}
	return step.With("emit", r.given(m, "data", d.Given))
}

func (r *reading) event(name string) {
	r.need("event", name)
	if name == "" {
		return
	}
	if err := flow.CheckEvent(name); err != nil {
		r.wrong("event", r.w.say(err))
	}
}

// given reads values under names, one a line, into a member of m.
func (r *reading) given(m edit.Map, key, stood string) edit.Map {
	v, ok := r.got("given", stood)
	if !ok {
		return m
	}
	values, wrong := r.w.readSet(v)
	switch {
	case wrong != "":
		r.wrong("given", wrong)
	case len(values) == 0:
		return m.Without(key)
	}
	return m.With(key, values)
}

// waitEvent and waitHours are the waits for an event and for working hours, of what the dialog says.
func (r *reading) waitEvent(take func(name, stood string) string, d prompts.BlockFacts) edit.Map {
	name, key := take("event", d.Event), r.expression("key", take("key", d.Key))
	r.event(name)
	r.need("key", key)
	after := r.duration("for", take("for", d.For))
	return edit.Map{{Key: "event", Value: edit.Map{{Key: "name", Value: name}, {Key: "key", Value: key}}}, {Key: "for", Value: or(after, "7d")}}
}

func (r *reading) waitHours(take func(name, stood string) string, d prompts.BlockFacts) edit.Map {
	hours, days := take("hours", d.Hours), split(take("holidays", d.Holidays))
	r.need("hours", hours)
	if hours != "" {
		if _, err := flow.ParseHours(hours, days); err != nil {
			r.wrong("hours", r.w.say(err))
		}
	}
	m := edit.Map{{Key: "until", Value: flow.WorkingHours}, {Key: "hours", Value: hours}}
	if len(days) > 0 {
		off := make([]any, len(days))
		for i, day := range days {
			off[i] = day
		}
		m = append(m, edit.Pair{Key: "holidays", Value: off})
	}
	return m
}

package build

import (
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// gate reads the dialogs of throttle and dedupe.
func (r *reading) gate(step edit.Map, d prompts.BlockFacts) edit.Map {
	kind, key := d.Kind, "per"
	if kind == "dedupe" {
		key = "key"
	}
	m := sub(step, kind)
	take := func(field, member, stood string) {
		if v, ok := r.got(field, stood); ok {
			m = m.With(member, v)
		}
	}
	take("rate", "rate", d.Rate)
	if v, ok := r.got("key", d.Key); ok && v == "" {
		m = m.Without(key)
	} else if ok {
		m = m.With(key, r.expression("key", v))
	}
	if kind == "throttle" {
		r.need("rate", m.Text("rate"))
		return step.With(kind, m)
	}
	take("for", "for", d.For)
	if v, ok := r.got("mode", d.Mode); ok {
		m = m.With("then", v)
	}
	r.need("key", m.Text("key"))
	r.need("for", m.Text("for"))
	return step.With(kind, m)
}

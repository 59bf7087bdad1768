package describe

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Places are the channels that a flow names besides its own, each once, as written: where it asks and tells, listens and
// posts. Whoever publishes it needs the right there. A channel that an expression gives is known to nobody before it
// runs; Powers says of it that it may be any.
func Places(f *flow.Flow, c engine.Catalog) (out []engine.Place) {
	add := func(places ...engine.Place) {
		for _, p := range places {
			person := strings.HasPrefix(p.Channel, "@")
			if p.Channel != "" && !person && p != f.Channel && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	add(Hears(f, c)...)
	add(f.Notify.Approvals...)
	add(f.Notify.Alerts...)
	add(f.Notify.Results...)
	add(f.Notify.Fallback)
	f.Walk(func(s *flow.Step) {
		if s.Ask != nil {
			add(s.Ask.In...)
		}
		if a, ok := c.Action(s.Action); ok && s.Kind == flow.KindDo {
			add(named(a.In, s.With)...)
		}
	})
	return out
}

// Hears are the channels that a flow's trigger names: what happens there starts it, and is kept for those who build it.
func Hears(f *flow.Flow, c engine.Catalog) []engine.Place {
	t, ok := c.Trigger(f.Trigger.On)
	if !ok {
		return nil
	}
	return named(t.With, f.Trigger.With)
}

// named are the places among settings, as far as they are written out.
func named(s *engine.Schema, with *flow.Value) (out []engine.Place) {
	known := with.Known()
	for _, field := range fields(s) {
		text, _ := known[field.Name].(string)
		if field.Schema == nil || field.Format != "place" || text == "" {
			continue
		}
		if p, err := engine.ParsePlace(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}

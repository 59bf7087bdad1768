package describe

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Power is something that a flow may do once it is published.
type Power struct {
	Risk engine.Risk
	Text engine.Text // "write to tracker.example.org"
	Gate engine.Text // "after 1 of @triage"; zero: nobody is asked
	Here bool        // it stays in chats and tables of this installation
}

// Powers is what a flow may do to the world, worst first, each thing once, then where it speaks besides its channel. What
// only reads is left out.
func Powers(f *flow.Flow, c engine.Catalog) []Power {
	gates := map[string]engine.Text{}
	f.Walk(func(s *flow.Step) {
		if s.Ask == nil {
			return
		}
		for _, id := range s.Ask.Covers {
			gates[id] = engine.Say("after {who}", "who", Who(s.Ask))
		}
	})
	var out []Power
	seen := map[string]bool{}
	f.Walk(func(s *flow.Step) {
		if s.Call != nil {
			p := Power{Risk: engine.Write, Text: engine.Say("start the flow {flow}", "flow", s.Call.Flow), Here: true}
			if key := p.Text.String(); !seen[key] {
				seen[key] = true
				out = append(out, p)
			}
		}
		if s.Kind != flow.KindDo {
			return
		}
		risk := Risk(s, c)
		if risk == engine.Read {
			return
		}
		p := Power{Risk: risk, Text: power(f, s, c, risk), Gate: gates[s.ID]}
		p.Here = strings.HasPrefix(s.Action, "chat.") || strings.HasPrefix(s.Action, "table.")
		if p.Gate.Msg == "" {
			p.Gate = automatic(risk)
		}
		key := risk.String() + "\n" + p.Text.String() + "\n" + p.Gate.String()
		if !seen[key] {
			seen[key] = true
			out = append(out, p)
		}
		if s.Undo != nil && Risk(undoing(s), c) > engine.Read {
			out = append(out, undone(f, s, c))
		}
	})
	for _, p := range tells(f) {
		if key := p.Text.String(); !seen[key] {
			seen[key] = true
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Power) int {
		if a.Here != b.Here && a.Risk == b.Risk {
			if a.Here {
				return 1
			}
			return -1
		}
		return int(b.Risk) - int(a.Risk)
	})
	return out
}

// undone is what the undo of a step may do, when somebody undoes a run.
func undone(f *flow.Flow, s *flow.Step, c engine.Catalog) Power {
	u := undoing(s)
	risk := Risk(u, c)
	p := Power{Risk: risk, Text: engine.Say("{what}, to undo {step}", "what", power(f, u, c, risk), "step", s.ID)}
	p.Here = strings.HasPrefix(u.Action, "chat.") || strings.HasPrefix(u.Action, "table.")
	if p.Gate = engine.Say("when somebody undoes a run"); risk >= engine.Send {
		p.Gate = engine.Say("asked before, each time")
	}
	return p
}

// tells is where the flow itself speaks besides its channel: whoever reads there learns what its messages say.
func tells(f *flow.Flow) (out []Power) {
	say := func(places []engine.Place, text func(place string) engine.Text) {
		for _, p := range places {
			if p != f.Channel {
				out = append(out, Power{Risk: engine.Read, Text: text(p.String()), Here: true})
			}
		}
	}
	asks := func(place string) engine.Text { return engine.Say("ask in {place}", "place", place) }
	say(f.Notify.Approvals, asks)
	f.Walk(func(s *flow.Step) {
		if s.Ask != nil {
			say(s.Ask.In, asks)
		}
	})
	say(f.Notify.Alerts, func(place string) engine.Text { return engine.Say("tell in {place} what fails", "place", place) })
	say(f.Notify.Results, func(place string) engine.Text { return engine.Say("tell in {place} how runs end", "place", place) })
	if p := f.Notify.Fallback; p.Channel != "" {
		say([]engine.Place{p}, func(place string) engine.Text {
			return engine.Say("ask in {place} when it can ask nowhere else", "place", place)
		})
	}
	return out
}

// Risk is the risk of a step's action for what is written of its input; what is not known counts as the worst.
func Risk(s *flow.Step, c engine.Catalog) engine.Risk {
	a, ok := c.Action(s.Action)
	if !ok {
		return engine.Destroy
	}
	in := s.With.Known()
	if in == nil {
		in = map[string]any{}
	}
	return a.TraitsOf(in).Risk.Least(engine.Read).Least(s.Risk)
}

// automatic is the gate that the engine puts before a step that no approval covers.
func automatic(r engine.Risk) engine.Text {
	switch r {
	case engine.Destroy:
		return engine.Say("asked before, each time")
	case engine.Send:
		return engine.Say("asked before, the first time")
	}
	return engine.Text{}
}

func power(f *flow.Flow, s *flow.Step, c engine.Catalog, risk engine.Risk) engine.Text {
	a, ok := c.Action(s.Action)
	if !ok {
		return engine.Say("do {action}", "action", s.Action)
	}
	for _, p := range fields(a.In) {
		if p.Schema == nil {
			continue
		}
		v := s.With.Get(p.Name)
		switch p.Format {
		case "uri":
			return address(v, risk)
		case "place":
			if risk == engine.Destroy {
				where := f.Channel.String()
				if v != nil {
					where = source(v)
				}
				return engine.Text{Msg: "{action}: {target}", Args: engine.Args("action", engine.Text{Msg: a.Title}, "target", where)}
			}
			return posts(f, v)
		case "email", "person-or-group", "table":
			if v != nil {
				return engine.Text{Msg: "{action}: {target}", Args: engine.Args("action", engine.Text{Msg: a.Title}, "target", source(v))}
			}
		}
	}
	if s.Account != "" {
		return engine.Say("{action} with the account {account}", "action", engine.Text{Msg: a.Title}, "account", s.Account)
	}
	return engine.Text{Msg: a.Title}
}

func address(v *flow.Value, risk engine.Risk) engine.Text {
	h := host(v)
	switch {
	case risk == engine.Destroy && h == "":
		return engine.Say("delete at any address")
	case risk == engine.Destroy:
		return engine.Say("delete at {host}", "host", h)
	case risk == engine.Send && h == "":
		return engine.Say("send to any address")
	case risk == engine.Send:
		return engine.Say("send to {host}", "host", h)
	case h == "":
		return engine.Say("write to any address")
	}
	return engine.Say("write to {host}", "host", h)
}

func posts(f *flow.Flow, v *flow.Value) engine.Text {
	switch {
	case v == nil && f.Channel.Channel != "":
		return engine.Say("post in {place}", "place", f.Channel.String())
	case v == nil:
		return engine.Say("post in the flow's channel")
	case v.Segments != nil:
		return engine.Say("post in any channel")
	}
	return engine.Say("post in {place}", "place", asWritten(v, longValue))
}

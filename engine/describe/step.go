package describe

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

// Trigger says what starts a flow, without its condition: "a webhook arrives at /hooks/github-bugs".
func Trigger(f *flow.Flow, c engine.Catalog) engine.Text {
	kind, ok := c.Trigger(f.Trigger.On)
	switch {
	case !ok && f.Trigger.On == "":
		return engine.Say("nothing yet")
	case !ok:
		return verbatim(f.Trigger.On)
	case kind.Describe == nil:
		return engine.Text{Msg: kind.Title}
	}
	with := f.Trigger.With.Known()
	if with == nil {
		with = map[string]any{}
	}
	return kind.Describe(with)
}

// Step is what a step does in one line, without its number, its kind and its risk: "http.request POST
// tracker.example.org", "Ticket for …?".
func Step(s *flow.Step, c engine.Catalog) engine.Text {
	t := inLine(s, c)
	if s.Undo != nil {
		t = engine.Say("{what}, undone by {undo}", "what", t, "undo", action(undoing(s), c))
	}
	if s.When != nil {
		return engine.Say("{what} (only if {condition})", "what", t, "condition", Condition(s.When.Source))
	}
	return t
}

func inLine(s *flow.Step, c engine.Catalog) engine.Text {
	switch {
	case s.Kind == flow.KindDo && s.Action != "":
		return action(s, c)
	case s.Ask != nil:
		return ask(s.Ask)
	case s.If != nil && s.If.Cond != nil:
		return Condition(s.If.Cond.Source)
	case s.Switch != nil:
		return engine.Say("by {value}", "value", source(s.Switch.On))
	case s.Each != nil:
		return each(s.Each)
	case s.While != nil && s.While.Cond != nil:
		return engine.Say("as long as {condition}, {most} times at most", "condition", Condition(s.While.Cond.Source), "most", s.While.Most)
	case s.Parallel != nil:
		return parallel(s.Parallel)
	case s.Try != nil:
		return engine.Say("the steps below, with another way if they fail")
	case s.Wait != nil:
		return pause(s.Wait)
	case s.Call != nil:
		return call(s.Call)
	case s.Emit != nil:
		return emit(s.Emit)
	case s.Throttle != nil:
		return throttle(s.Throttle)
	case s.Dedupe != nil:
		return dedupe(s.Dedupe)
	case s.Digest != nil:
		return digest(s.Digest)
	case len(s.Set) > 0:
		parts := make([]string, len(s.Set))
		for i, a := range s.Set {
			parts[i] = a.Name + " = " + shown(a.Value)
		}
		return verbatim(brief(strings.Join(parts, ", "), longSource))
	case s.Stop != nil:
		return engine.Say("the run ends: {reason}", "reason", asWritten(s.Stop, longValue))
	case s.Kind == flow.KindStop:
		return engine.Say("the run ends")
	}
	return engine.Say("a step that is not finished")
}

func ask(a *flow.Ask) engine.Text {
	title := asWritten(a.Title, longValue)
	switch {
	case a.Options != nil && title != "":
		return verbatim(title + " (" + optionList(a.Options) + ")")
	case a.Options != nil:
		return engine.Say("which of {options}?", "options", optionList(a.Options))
	case title == "" && len(a.Covers) > 0:
		return engine.Say("may it go on?")
	case title == "":
		return engine.Say("a question")
	}
	return verbatim(title)
}

func optionList(v *flow.Value) string {
	values, titles, _ := flow.FormOptions(v)
	for i, t := range titles {
		if t != "" && i < len(values) {
			values[i] = t
		}
	}
	if len(values) == 0 {
		return source(v)
	}
	return brief(strings.Join(values, ", "), longValue)
}

// Note is who decides about a question and what it lets through: "1 of @triage, covers step 2". number names a step
// by its id as the reader knows it; nil names it by its id. It is zero for steps that ask nobody.
func Note(s *flow.Step, number func(id string) string) engine.Text {
	if s.Ask == nil {
		return engine.Text{}
	}
	who := Who(s.Ask)
	if len(s.Ask.Covers) == 0 {
		return who
	}
	names := make([]string, len(s.Ask.Covers))
	for i, id := range s.Ask.Covers {
		names[i] = id
		if number != nil {
			names[i] = number(id)
		}
	}
	if len(names) == 1 {
		return engine.Say("{who}, covers step {step}", "who", who, "step", names[0])
	}
	return engine.Say("{who}, covers steps {steps}", "who", who, "steps", strings.Join(names, ", "))
}

// Who is who decides: "1 of @triage", "2 of each of @sales, @legal".
func Who(a *flow.Ask) engine.Text {
	need := strconv.Itoa(max(a.Need, 1))
	switch {
	case len(a.All) > 1:
		return engine.Say("{need} of each of {groups}", "need", need, "groups", strings.Join(a.All, ", "))
	case len(a.All) == 1:
		return engine.Say("{need} of {groups}", "need", need, "groups", a.All[0])
	case len(a.Any) > 0:
		return engine.Say("{need} of {groups}", "need", need, "groups", strings.Join(a.Any, ", "))
	}
	return engine.Say("nobody yet")
}

func pause(w *flow.Wait) engine.Text {
	var t engine.Text
	switch {
	case w.For != nil:
		t = engine.Say("for {duration}", "duration", asWritten(w.For, longValue))
	case w.Until != nil:
		t = engine.Say("until {time}", "time", asWritten(w.Until, longValue))
	case w.Hours != nil:
		t = engine.Say("until working hours ({hours})", "hours", w.Hours.String())
	}
	if w.Event != nil {
		return engine.Say("the event {event} of {key}, {most} at most", "event", w.Event.Name, "key", source(w.Event.Key), "most", t)
	}
	if w.Reply == nil {
		return t
	}
	if len(w.Reply.From) > 0 {
		return engine.Say("a reply of {people}, {most} at most", "people", strings.Join(w.Reply.From, ", "), "most", t)
	}
	return engine.Say("a reply, {most} at most", "most", t)
}

func call(c *flow.Call) engine.Text {
	name := c.Flow
	if c.Version > 0 {
		name += "@" + strconv.FormatInt(c.Version, 10)
	}
	if !c.Wait {
		return engine.Say("the flow {flow}, without waiting for its end", "flow", name)
	}
	return engine.Say("the flow {flow}", "flow", name)
}

func emit(e *flow.Emit) engine.Text {
	if e.Key == nil {
		return engine.Say("the event {event}", "event", e.Event)
	}
	return engine.Say("the event {event} of {key}", "event", e.Event, "key", source(e.Key))
}

// action is the action's name with what matters most of its input: where it goes, to whom, what is said.
func action(s *flow.Step, c engine.Catalog) engine.Text {
	a, ok := c.Action(s.Action)
	if !ok {
		return verbatim(s.Action)
	}
	var parts []string
	said := false
	for _, p := range fields(a.In) {
		v := s.With.Get(p.Name)
		if v == nil || p.Schema == nil || len(parts) > 2 {
			continue
		}
		switch {
		case len(p.Enum) > 0 && p.Required:
			parts = append(parts, asWritten(v, 20))
		case p.Format == "uri":
			parts = append(parts, hostOr(v, "…"))
		case p.Format == "place" || p.Format == "person-or-group" || p.Format == "email" || p.Format == "table":
			parts = append(parts, "→ "+asWritten(v, 40))
		case p.Type == "string" && p.Format != engine.SecretFormat && (p.Format == "text" || p.Required) && !said:
			parts = append(parts, "“"+asWritten(v, longValue)+"”")
			said = true
		}
	}
	return verbatim(strings.TrimSpace(s.Action + " " + strings.Join(parts, " ")))
}

// undoing is the undo of a step as if it were one.
func undoing(s *flow.Step) *flow.Step {
	return &flow.Step{ID: s.ID, Kind: flow.KindDo, Action: s.Undo.Action, Account: s.Undo.Account, With: s.Undo.With}
}

// verbatim is a text that is the same in every language.
func verbatim(text string) engine.Text {
	return engine.Text{Msg: "{text}", Args: engine.Args("text", text)}
}

func fields(s *engine.Schema) []engine.Field {
	if s == nil {
		return nil
	}
	return s.Fields
}

// host is the host of an address as far as it is written out; "" when it is computed.
func host(v *flow.Value) string {
	text, ok := "", false
	switch {
	case v == nil:
		return ""
	case len(v.Segments) > 0 && !v.Segments[0].Expr:
		// The host is known when the text before the first expression goes beyond it.
		text = v.Segments[0].Text
		_, rest, found := strings.Cut(text, "://")
		if !found || !strings.ContainsAny(rest, "/?#") {
			return ""
		}
	default:
		if text, ok = v.Const.(string); !ok {
			return ""
		}
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return ""
	}
	return u.Host
}

func hostOr(v *flow.Value, otherwise string) string {
	if h := host(v); h != "" {
		return h
	}
	return otherwise
}

// source is what an expression reads, in a word or two; of another value its text.
func source(v *flow.Value) string {
	if v == nil {
		return "…"
	}
	if v.Whole {
		for _, s := range v.Segments {
			if tree, err := expr.Tree(s.Text); s.Expr && err == nil {
				return spoken(tree)
			}
		}
	}
	return asWritten(v, longValue)
}

// asWritten is a value as the flow's text has it, on one line.
func asWritten(v *flow.Value, most int) string {
	switch {
	case v == nil:
		return ""
	case v.Segments != nil:
		var b strings.Builder
		for _, s := range v.Segments {
			if s.Expr {
				b.WriteString("{{" + s.Text + "}}")
			} else {
				b.WriteString(s.Text)
			}
		}
		return brief(b.String(), most)
	}
	if s, ok := v.Const.(string); ok {
		return brief(s, most)
	}
	return shown(v)
}

// shown is a value as JSON, with expressions as their text.
func shown(v *flow.Value) string {
	x := plainValue(v)
	b, err := engine.EncodeJSON(x)
	if err != nil {
		return "…"
	}
	return brief(string(b), longValue)
}

func plainValue(v *flow.Value) any {
	switch {
	case v == nil:
		return nil
	case v.Segments != nil:
		return asWritten(v, longSource)
	case v.Map != nil:
		m := make(map[string]any, len(v.Map))
		for _, p := range v.Map {
			m[p.Key] = plainValue(p.Value)
		}
		return m
	case v.List != nil:
		list := make([]any, len(v.List))
		for i, e := range v.List {
			list[i] = plainValue(e)
		}
		return list
	}
	return v.Const
}

package build

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts/fields"
)

// EventRoot is an event as expressions see it (CONTRACTS, "Events").
func EventRoot(e engine.Event) map[string]any {
	out := make(map[string]any, len(e.Data)+4)
	for k, v := range e.Data {
		out[k] = v
	}
	out["id"], out["key"], out["trigger"] = e.ID, e.Key, e.Trigger
	out["at"] = engine.Time(e.At).Format("2006-01-02T15:04:05.000Z")
	return out
}

// Zone is a flow's time zone; UTC when f is nil or names none that there is.
func Zone(f *flow.Flow) *time.Location {
	if f == nil {
		return time.UTC
	}
	loc, err := time.LoadLocation(f.Timezone)
	if err != nil || f.Timezone == "Local" {
		return time.UTC
	}
	return loc
}

// Sample is what dialogs preview with: an event, what steps are taken to give, and the other events, which say what
// else there may be. e may be nil: only the answers are known then. It is nil when nothing at all is known.
func Sample(f *flow.Flow, e *engine.Event, others []engine.Event, answers map[string]json.RawMessage) *fields.Sample {
	if e == nil && len(answers) == 0 {
		return nil
	}
	s := &fields.Sample{Roots: map[string]any{}, Zone: Zone(f)}
	if e != nil {
		s.Label = Label(*e)
		s.Roots["event"] = EventRoot(*e)
	}
	steps := map[string]any{}
	for id, raw := range answers {
		if v, err := engine.DecodeJSON(raw); err == nil {
			steps[id] = v
		}
	}
	s.Roots["steps"] = steps
	if f != nil {
		s.Roots["flow"] = map[string]any{"name": f.Name, "title": f.Title, "channel": f.Channel.String(), "timezone": s.Zone.String()}
	}
	for _, o := range others {
		s.More = append(s.More, map[string]any{"event": EventRoot(o), "steps": steps})
	}
	return s
}

// Match is whether a flow's condition lets an event in. Why is why not, as the engine's skip says it, or why it cannot
// be worked out.
type Match struct {
	Event engine.Event
	OK    bool
	Why   string
}

// Matches judges events by the condition of f's trigger; without one, or with one that does not compile, all match.
func Matches(f *flow.Flow, events []engine.Event) []Match {
	out := make([]Match, len(events))
	var x *expr.Expr
	if f != nil && f.Trigger.When != nil {
		x, _ = expr.Compile(f.Trigger.When.Source, expr.Env{Roots: map[string]*engine.Schema{"event": nil, "flow": nil}}) // a bad one is among the problems
	}
	for i, e := range events {
		out[i] = Match{Event: e, OK: true}
		if x == nil {
			continue
		}
		in := expr.Input{Roots: map[string]any{"event": EventRoot(e)}, Zone: Zone(f)}
		v, err := x.Eval(in)
		switch {
		case err != nil:
			out[i].OK, out[i].Why = false, engine.AsError(err).Error()
		case v != true:
			out[i].OK, out[i].Why = false, x.Why(in)
		}
	}
	return out
}

// Label is what an event is about, in a few words: what the sender calls it, and its title.
func Label(e engine.Event) string {
	headers, _ := e.Data["headers"].(map[string]any)
	body, _ := e.Data["body"].(map[string]any)
	var parts []string
	for _, h := range []string{"x-github-event", "x-event-type", "x-event", "ce-type"} {
		if s, ok := headers[h].(string); ok && s != "" {
			parts = append(parts, cut(s, 30))
			break
		}
	}
	for _, k := range []string{"type", "action"} {
		if s, ok := body[k].(string); ok && s != "" {
			parts = append(parts, cut(s, 30))
		}
	}
	if t := title(body, 2); t != "" {
		parts = append(parts, `"`+cut(t, 50)+`"`)
	} else if t := title(e.Data, 1); t != "" {
		parts = append(parts, `"`+cut(t, 50)+`"`)
	}
	if len(parts) == 0 && e.Key != "" {
		parts = append(parts, cut(e.Key, 40))
	}
	if len(parts) == 0 {
		parts = append(parts, e.Trigger)
	}
	return strings.Join(parts, ", ")
}

// title is the first text under a name that titles have, looked for near the top first.
func title(m map[string]any, depth int) string {
	for _, k := range []string{"title", "subject", "name", "text", "zen"} {
		if s, ok := m[k].(string); ok && s != "" {
			return s
		}
	}
	if depth <= 1 {
		return ""
	}
	for _, k := range []string{"issue", "pull_request", "item", "message", "data", "object"} {
		if inner, ok := m[k].(map[string]any); ok {
			if s := title(inner, depth-1); s != "" {
				return s
			}
		}
	}
	return ""
}

func cut(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// Unknown finds the first thing that a step reads of another step's answer of which there is no sample: its path, and
// the other step's id. Both are "" when everything can be tried.
func Unknown(step edit.Map, places []edit.Place, answers map[string]json.RawMessage) (path, of string) {
	kinds := map[string]string{}
	for _, p := range places {
		kinds[p.ID] = p.Kind
	}
	walkTexts(step, func(text string) bool {
		segments, err := expr.Split(text)
		if err != nil {
			return false
		}
		for _, s := range segments {
			if !s.Expr {
				continue
			}
			x, err := expr.Compile(s.Text, expr.Env{Roots: map[string]*engine.Schema{"event": nil, "steps": nil, "vars": nil, "flow": nil, "run": nil, "item": nil}})
			if err != nil {
				continue
			}
			for _, r := range x.Refs() {
				if r.Root != "steps" || len(r.Path) == 0 || kinds[r.Path[0]] != "do" || len(answers[r.Path[0]]) > 0 {
					continue
				}
				path, of = "steps."+strings.Join(r.Path, "."), r.Path[0]
				return true
			}
		}
		return false
	})
	return path, of
}

// walkTexts calls f for the texts in a value until it says to stop.
func walkTexts(v any, f func(string) bool) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, "{{") && f(v)
	case edit.Map:
		for _, p := range v {
			if walkTexts(p.Value, f) {
				return true
			}
		}
	case []any:
		for _, x := range v {
			if walkTexts(x, f) {
				return true
			}
		}
	}
	return false
}

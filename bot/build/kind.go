package build

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// Words makes what people read in one language.
type Words struct{ Lang string }

func (w Words) t(msg string, pairs ...any) string {
	return prompts.T(w.Lang, msg, engine.Args(pairs...))
}

// Kind is a kind of step that is no action: what "What next?" offers besides actions.
type Kind struct {
	Name  string // "approval", "if"
	Key   string // of the step: "ask", "if"
	Label string
	Group string // as people read it
	Step  edit.Map
}

// Kinds lists the kinds of steps in the order they are offered, each with the least that its step says.
func (w Words) Kinds() []Kind {
	people, logic := w.t("People"), w.t("Logic")
	return []Kind{
		{"approval", "ask", w.t("Ask for approval"), people, edit.Map{{Key: "ask", Value: "approval"}}},
		{"choice", "ask", w.t("Ask a question with answers to choose from"), people, edit.Map{{Key: "ask", Value: "choice"}}},
		{"form", "ask", w.t("Ask somebody to fill in a form"), people, edit.Map{{Key: "ask", Value: "form"}}},
		{"if", "if", w.t("If: one way or another"), logic, edit.Map{{Key: "if", Value: ""}, {Key: "then", Value: []any{}}}},
		{"switch", "switch", w.t("Choose one of several ways"), logic, edit.Map{{Key: "switch", Value: ""}, {Key: "cases", Value: []any{}}}},
		{"each", "each", w.t("For each element of a list"), logic, edit.Map{{Key: "each", Value: edit.Map{}}, {Key: "steps", Value: []any{}}}},
		{"while", "while", w.t("As long as something holds"), logic, edit.Map{{Key: "while", Value: edit.Map{}}, {Key: "steps", Value: []any{}}}},
		{"parallel", "parallel", w.t("Several things at once"), logic, edit.Map{{Key: "parallel", Value: edit.Map{}}}},
		{"try", "try", w.t("Try, and if it fails do something else"), logic, edit.Map{{Key: "try", Value: []any{}}, {Key: "catch", Value: []any{}}}},
		{"wait", "wait", w.t("Wait for a time, a reply or an event"), logic, edit.Map{{Key: "wait", Value: edit.Map{}}}},
		{"call", "call", w.t("Call another flow"), logic, edit.Map{{Key: "call", Value: edit.Map{}}}},
		{"emit", "emit", w.t("Tell other flows"), logic, edit.Map{{Key: "emit", Value: edit.Map{}}}},
		{"throttle", "throttle", w.t("Not too many in a time"), logic, edit.Map{{Key: "throttle", Value: edit.Map{}}}},
		{"dedupe", "dedupe", w.t("Only the first of each"), logic, edit.Map{{Key: "dedupe", Value: edit.Map{}}}},
		{"digest", "digest", w.t("Collect, and go on with all of it together"), logic, edit.Map{{Key: "digest", Value: edit.Map{}}}},
		{"set", "set", w.t("Remember values under names"), logic, edit.Map{{Key: "set", Value: edit.Map{}}}},
		{"stop", "stop", w.t("Stop here"), logic, edit.Map{{Key: "stop", Value: true}}},
	}
}

// KindOf finds the kind of a step as written; ok is false for actions and steps that say nothing.
func (w Words) KindOf(step edit.Map) (Kind, bool) {
	for _, k := range w.Kinds() {
		v, there := step.Look(k.Key)
		if there && (k.Key != "ask" || v == k.Name) {
			return k, true
		}
	}
	return Kind{}, false
}

// NextOptions are the answers to "What next?": kinds of steps, then actions, each found by any part of its name or
// title. An empty search finds all.
func (w Words) NextOptions(c engine.Catalog, search string) []prompts.Option {
	search = strings.ToLower(strings.TrimSpace(search))
	found := func(words ...string) bool {
		return search == "" || strings.Contains(strings.ToLower(strings.Join(words, " ")), search)
	}
	var out []prompts.Option
	for _, k := range w.Kinds() {
		if found(k.Name, k.Label) {
			out = append(out, prompts.Option{Value: k.Name, Label: k.Label, Help: k.Group})
		}
	}
	for _, name := range c.Names() {
		a, ok := c.Action(name)
		if !ok {
			continue
		}
		title := prompts.T(w.Lang, a.Title, nil)
		if found(name, title, a.Title) {
			out = append(out, prompts.Option{Value: name, Label: title + " (" + name + ")", Help: prompts.T(w.Lang, a.Doc, nil)})
		}
	}
	return out
}

// Next reads an answer to "What next?": a kind's or an action's name or label, a step begun with it. The error is
// Invalid and proposes the nearest name.
func (w Words) Next(c engine.Catalog, answer string) (edit.Map, error) {
	answer = strings.TrimSpace(answer)
	for _, k := range w.Kinds() {
		if strings.EqualFold(k.Name, answer) || strings.EqualFold(k.Label, answer) {
			return k.Step, nil
		}
	}
	names := c.Names()
	for _, o := range w.NextOptions(c, "") {
		if strings.EqualFold(o.Label, answer) || o.Value == answer {
			return edit.Map{{Key: "do", Value: o.Value}}, nil
		}
	}
	e := engine.E(engine.Invalid, `No action "{name}"`, "name", answer)
	if near := engine.Suggest(answer, names); near != "" {
		e.Args["near"] = near
		return nil, e.WithHint("Did you mean {near}?")
	}
	return nil, e.WithHint("Choose one of the list, or type a part of its name.")
}

// NewID is a name for a step that no other has: of an action its last words ("http.request" is "request"), else its
// kind.
func NewID(step edit.Map, places []edit.Place) string {
	base := "step"
	switch {
	case step.Text("do") != "":
		base = step.Text("do")
		base = base[strings.LastIndexByte(base, '.')+1:]
	case step.Text("ask") != "":
		base = step.Text("ask")
	default:
		for _, p := range step {
			if p.Key != "id" && p.Key != "when" {
				base = p.Key
				break
			}
		}
	}
	id := base
	for n := 2; slices.ContainsFunc(places, func(p edit.Place) bool { return p.ID == id }); n++ {
		id = base + "_" + itoa(n)
	}
	return id
}

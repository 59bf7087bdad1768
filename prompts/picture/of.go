package picture

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// Of is a flow as a drawing in a language. states are those of a run's steps by path; nil draws the flow itself. Of a
// step that ran several times, in a loop, the worst state is shown. An action that the catalog lacks is drawn by its
// name, with the greatest risk.
func Of(f *flow.Flow, c engine.Catalog, lang string, states map[string]engine.StepState) prompts.Drawing {
	d := drawer{c: c, lang: prompts.Lang(lang), states: worst(states)}
	title := f.Title
	if title == "" {
		title = f.Name
	}
	trigger := prompts.DrawNode{ID: "trigger", Kind: "trigger", Label: d.text(describe.Trigger(f, c))}
	if f.Trigger.When != nil {
		trigger.Detail = d.only(f.Trigger.When)
	}
	return prompts.Drawing{Title: title, Lang: d.lang, Nodes: append([]prompts.DrawNode{trigger}, d.steps(f.Steps)...)}
}

type drawer struct {
	c      engine.Catalog
	lang   string
	states map[string]engine.StepState // by step id
}

func (d drawer) t(english string, pairs ...any) string {
	return prompts.T(d.lang, english, engine.Args(pairs...))
}

func (d drawer) text(t engine.Text) string { return prompts.T(d.lang, t.Msg, t.Args) }

func (d drawer) only(when *flow.Cond) string {
	return d.t("only if {condition}", "condition", describe.Condition(when.Source))
}

// worst is the state of each step by its id: paths of rounds and branches end in it.
func worst(states map[string]engine.StepState) map[string]engine.StepState {
	order := map[engine.StepState]int{engine.StepPending: 1, engine.StepStateSkipped: 2, engine.StepStateDone: 3, engine.StepStateCanceled: 4,
		engine.StepRunning: 5, engine.StepWaiting: 6, engine.StepStateUnknown: 7, engine.StepStateFailed: 8}
	out := map[string]engine.StepState{}
	for path, s := range states {
		id := path[strings.LastIndexByte(path, '/')+1:]
		if order[s] > order[out[id]] {
			out[id] = s
		}
	}
	return out
}

func (d drawer) steps(steps []*flow.Step) []prompts.DrawNode {
	nodes := make([]prompts.DrawNode, 0, len(steps))
	for _, s := range steps {
		nodes = append(nodes, d.step(s))
	}
	return nodes
}

func (d drawer) step(s *flow.Step) prompts.DrawNode {
	bare := *s
	bare.When = nil // stands in a line of its own
	n := prompts.DrawNode{ID: s.ID, Kind: string(s.Kind), State: string(d.states[s.ID]), Label: d.text(describe.Step(&bare, d.c)), Branches: d.branches(s)}
	if s.Kind == flow.KindDo {
		n.Risk = describe.Risk(s, d.c)
	}
	if s.Ask != nil {
		n.Gates = s.Ask.Covers
		n.Detail = d.text(describe.Who(s.Ask))
	}
	if s.When != nil {
		n.Detail = strings.TrimPrefix(n.Detail+" · "+d.only(s.When), " · ")
	}
	return n
}

// branches are the lists of steps within a step, with the way past it where there is one.
func (d drawer) branches(s *flow.Step) []prompts.DrawBranch {
	switch {
	case s.If != nil:
		return []prompts.DrawBranch{{Label: d.t("yes"), Nodes: d.steps(s.If.Then)}, {Label: d.t("no"), Nodes: d.steps(s.If.Else)}}
	case s.Switch != nil:
		var out []prompts.DrawBranch
		for _, c := range s.Switch.Cases {
			out = append(out, prompts.DrawBranch{Label: d.t("is {value}", "value", values(c.Is)), Nodes: d.steps(c.Steps)})
		}
		return append(out, prompts.DrawBranch{Label: d.t("otherwise"), Nodes: d.steps(s.Switch.Else)})
	case s.While != nil:
		return []prompts.DrawBranch{{Label: d.t("each time"), Nodes: d.steps(s.While.Steps)}}
	case s.Parallel != nil:
		var out []prompts.DrawBranch
		for _, b := range s.Parallel.Branches {
			out = append(out, prompts.DrawBranch{Label: b.Name, Nodes: d.steps(b.Steps)})
		}
		return out
	case s.Each != nil:
		return []prompts.DrawBranch{{Label: d.t("for each one"), Nodes: d.steps(s.Each.Steps)}}
	case s.Try != nil:
		out := []prompts.DrawBranch{{Label: d.t("try"), Nodes: d.steps(s.Try.Body)}}
		if s.Try.Catch != nil {
			out = append(out, prompts.DrawBranch{Label: d.t("if it fails"), Nodes: d.steps(s.Try.Catch)})
		}
		if s.Try.Finally != nil {
			out = append(out, prompts.DrawBranch{Label: d.t("in any case"), Nodes: d.steps(s.Try.Finally)})
		}
		return out
	}
	return nil
}

// values is what a case of a switch is for.
func values(v *flow.Value) string {
	switch {
	case v == nil:
		return ""
	case v.List != nil:
		var all []string
		for _, e := range v.List {
			all = append(all, values(e))
		}
		return strings.Join(all, ", ")
	case v.Segments != nil:
		return "…"
	}
	if s, ok := v.Const.(string); ok {
		return `"` + s + `"`
	}
	b, err := engine.EncodeJSON(v.Const)
	if err != nil {
		return "…"
	}
	return string(b)
}

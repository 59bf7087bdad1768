package picture

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// Of is a flow as a drawing in a language. states are those of a run's steps by path; nil draws the flow itself. An
// action that the catalog lacks is drawn by its name with the greatest risk.
func Of(f *flow.Flow, c engine.Catalog, lang string, states map[string]engine.StepState) prompts.Drawing {
	d := drawer{c: c, lang: prompts.Lang(lang), states: states}
	title := f.Title
	if title == "" {
		title = f.Name
	}
	nodes := append([]prompts.DrawNode{d.trigger(f)}, d.steps(f.Steps)...)
	return prompts.Drawing{Title: title, Lang: d.lang, Nodes: nodes}
}

type drawer struct {
	c      engine.Catalog
	lang   string
	states map[string]engine.StepState
}

func (d drawer) t(english string, pairs ...any) string {
	return prompts.T(d.lang, english, engine.Args(pairs...))
}

func (d drawer) text(t engine.Text) string { return prompts.T(d.lang, t.Msg, t.Args) }

func (d drawer) trigger(f *flow.Flow) prompts.DrawNode {
	n := prompts.DrawNode{ID: "trigger", Kind: "trigger", Label: f.Trigger.On}
	if k, ok := d.c.Trigger(f.Trigger.On); ok {
		n.Label = d.t(k.Title)
		if k.Describe != nil {
			n.Label = d.text(k.Describe(f.Trigger.With.Known()))
		}
	}
	if f.Trigger.When != nil {
		n.Detail = d.t("only if {condition}", "condition", f.Trigger.When.Source)
	}
	return n
}

func (d drawer) steps(steps []*flow.Step) []prompts.DrawNode {
	nodes := make([]prompts.DrawNode, 0, len(steps))
	for _, s := range steps {
		nodes = append(nodes, d.step(s))
	}
	return nodes
}

func (d drawer) step(s *flow.Step) prompts.DrawNode {
	n := prompts.DrawNode{ID: s.ID, Kind: string(s.Kind), State: string(d.states[s.ID])}
	d.say(s, &n)
	if s.When != nil {
		n.Detail = d.t("only if {condition}", "condition", s.When.Source)
	}
	n.Branches = d.branches(s)
	return n
}

// say labels a step.
func (d drawer) say(s *flow.Step, n *prompts.DrawNode) {
	switch s.Kind {
	case flow.KindDo:
		n.Label, n.Risk = s.Action, engine.Destroy
		if a, ok := d.c.Action(s.Action); ok {
			with := s.With.Known()
			n.Label = d.t(a.Title)
			if a.Describe != nil {
				if line, _ := a.Line(with); line != "" {
					n.Label = line
				}
			}
			n.Risk = a.TraitsOf(with).Risk.Least(s.Risk)
		}
	case flow.KindAsk:
		n.Label = written(s.Ask.Title)
		if n.Label == "" {
			n.Label = d.t("Approval")
		}
		n.Gates = s.Ask.Covers
	case flow.KindIf:
		n.Label = s.If.Cond.Source
	case flow.KindWait:
		switch {
		case s.Wait.For != nil:
			n.Label = d.t("for {time}", "time", written(s.Wait.For))
		case s.Wait.Until != nil:
			n.Label = d.t("until {time}", "time", written(s.Wait.Until))
		}
	case flow.KindSet:
		for i, a := range s.Set {
			if i > 0 {
				n.Label += ", "
			}
			n.Label += a.Name
		}
	case flow.KindStop:
		n.Label = written(s.Stop)
	}
}

func (d drawer) branches(s *flow.Step) []prompts.DrawBranch {
	if s.If == nil {
		return nil
	}
	return []prompts.DrawBranch{
		{Label: d.t("yes"), Nodes: d.steps(s.If.Then)},
		{Label: d.t("no"), Nodes: d.steps(s.If.Else)},
	}
}

// written is a value as it stands in the text, for a label; "" for maps and lists.
func written(v *flow.Value) string {
	switch {
	case v == nil:
		return ""
	case len(v.Segments) > 0:
		out := ""
		for _, s := range v.Segments {
			if s.Expr {
				out += "{{ " + s.Text + " }}"
			} else {
				out += s.Text
			}
		}
		return out
	case v.Const != nil:
		if s, ok := v.Const.(string); ok {
			return s
		}
	}
	return ""
}

package build

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// Steps lists a flow's steps as the builder's card does, those in blocks below the step that holds them.
func (w Words) Steps(f *flow.Flow, c engine.Catalog) []prompts.BuilderStep {
	var out []prompts.BuilderStep
	w.steps(&out, f.Steps, "", 0, engine.Text{}, c)
	numbers := map[string]string{}
	for _, s := range out {
		numbers[s.ID] = s.Number
	}
	asks := map[string]*flow.Ask{}
	f.Walk(func(s *flow.Step) { asks[s.ID] = s.Ask })
	for i := range out {
		if a := asks[out[i].ID]; a != nil {
			out[i].Note = w.asked(a, numbers)
		}
	}
	return out
}

// asked is who answers a question, and what waits for it.
func (w Words) asked(a *flow.Ask, numbers map[string]string) engine.Text {
	who := append(append([]string(nil), a.Any...), a.All...)
	if len(who) == 0 {
		return engine.Text{}
	}
	note := w.t("{n} of {group}", "n", max(a.Need, 1), "group", strings.Join(who, ", "))
	if len(a.All) > 1 {
		note = w.t("{n} of each of {group}", "n", max(a.Need, 1), "group", strings.Join(who, ", "))
	}
	var covers []string
	for _, c := range a.Covers {
		switch {
		case c == Next:
			covers = append(covers, w.t("the next step"))
		case numbers[c] != "":
			covers = append(covers, w.t("step {n}", "n", numbers[c]))
		}
	}
	if len(covers) > 0 {
		note += ", " + w.t("covers {steps}", "steps", strings.Join(covers, ", "))
	}
	return engine.Text{Msg: "{note}", Args: engine.Args("note", note)}
}

func (w Words) steps(out *[]prompts.BuilderStep, list []*flow.Step, prefix string, depth int, branch engine.Text, c engine.Catalog) {
	for i, s := range list {
		number := prefix + strconv.Itoa(i+1)
		line := prompts.BuilderStep{ID: s.ID, Number: number, Depth: depth, Kind: string(s.Kind), Name: string(s.Kind), Text: describe.Step(s, c)}
		if i == 0 {
			line.Branch = branch
		}
		if s.Kind == flow.KindDo {
			line.Name, line.Risk = s.Action, Risk(s, c)
		}
		*out = append(*out, line)
		blocks := s.Blocks()
		for n, b := range blocks {
			w.steps(out, b.Steps, within(number, n, len(blocks)), depth+1, w.branch(s, b.Name), c)
		}
	}
}

// within begins the numbers of the steps in the n-th block of a step.
func within(number string, n, blocks int) string {
	if blocks > 1 {
		number += string(rune('a' + n%26))
	}
	return number + "."
}

// number gives steps the numbers that the card shows.
func number(into map[string]string, list []*flow.Step, prefix string) {
	for i, s := range list {
		into[s.ID] = prefix + strconv.Itoa(i+1)
		blocks := s.Blocks()
		for n, b := range blocks {
			number(into, b.Steps, within(into[s.ID], n, len(blocks)))
		}
	}
}

func (w Words) branch(s *flow.Step, name string) engine.Text {
	if n, ok := strings.CutPrefix(name, "case"); ok && s.Switch != nil {
		if i, err := strconv.Atoi(n); err == nil && 1 <= i && i <= len(s.Switch.Cases) {
			if text, ok := s.Switch.Cases[i-1].Is.Const.(string); ok {
				return engine.Text{Msg: "{value}", Args: engine.Args("value", text)}
			}
		}
	}
	if s.Parallel != nil && name != flow.RescueBlock {
		return engine.Text{Msg: "{value}", Args: engine.Args("value", name)}
	}
	msg := ""
	switch name {
	case "then":
		msg = w.t("yes")
	case "else":
		msg = w.t("no")
	case "catch", flow.RescueBlock:
		msg = w.t("if it fails")
	case "finally":
		msg = w.t("in any case")
	}
	return engine.Text{Msg: msg}
}

// Risk is the risk of a step's action with the input that is written, as far as it is known; what is not known counts
// as the worst it could be.
func Risk(s *flow.Step, c engine.Catalog) engine.Risk {
	a, ok := c.Action(s.Action)
	if !ok {
		return s.Risk
	}
	return max(s.Risk, a.TraitsOf(s.With.Known()).Risk)
}

// Todo is what is between a draft and its publication, in words: its problems, and what is still missing.
func (w Words) Todo(f *flow.Flow, problems engine.Problems, places []edit.Place) []prompts.BuilderTodo {
	var out []prompts.BuilderTodo
	if f != nil && len(f.Steps) == 0 {
		out = append(out, prompts.BuilderTodo{Text: engine.Text{Msg: w.t("add a step")}})
	}
	numbers := map[string]string{}
	waiting := map[string]bool{} // approvals that cover a step yet to come
	for i, p := range places {
		numbers[p.ID] = strconv.Itoa(i + 1)
	}
	if f != nil {
		number(numbers, f.Steps, "")
	}
	for _, p := range places {
		for _, c := range list(p.Step.Get("covers")) {
			if c == Next {
				waiting[p.ID] = true
				out = append(out, prompts.BuilderTodo{Text: engine.Text{Msg: w.t("add the step that {step} covers", "step", numbers[p.ID]+" "+p.ID)}})
			}
		}
	}
	for _, p := range problems {
		step, part, _ := strings.Cut(p.Where, ".")
		if waiting[step] && (strings.HasPrefix(part, "covers") || strings.HasPrefix(part, "with.edit")) || noSteps(f, p) {
			continue
		}
		t := engine.Text{Msg: p.Msg, Args: p.Args}
		if n := numbers[step]; n != "" {
			t = engine.Text{Msg: "{n}: {problem}", Args: engine.Args("n", w.t("step {n} {step}", "n", n, "step", step), "problem", t)}
		}
		todo := prompts.BuilderTodo{Text: t, Warn: p.Severity == engine.SevWarning}
		if p.Hint != "" {
			todo.Hint = engine.Text{Msg: p.Hint, Args: p.Args}
		}
		out = append(out, todo)
	}
	return out
}

// noSteps reports a problem that says only that there are no steps yet, which is said already.
func noSteps(f *flow.Flow, p engine.Problem) bool {
	return f != nil && len(f.Steps) == 0 && p.Where == "steps"
}

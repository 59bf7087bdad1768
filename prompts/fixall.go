package prompts

import (
	"fmt"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/patch"
)

// FixForField is the field of a FixForm that says for which runs the change is meant: FixOne or FixAlike.
const FixForField = "fix.for"

// The values of FixForField.
const (
	FixOne   = "one"
	FixAlike = "all"
)

// WithAlike adds to a FixForm the choice between one run and all n that fail alike; with none alike the form stays as it is.
func WithAlike(c Ctx, m Form, number int64, n int, f Filled) Form {
	if n < 2 {
		return m
	}
	m.Submit = c.t("Next")
	m.field(Field{Name: FixForField, Label: c.t("For"), Kind: FieldOne, Value: FixOne, Fixed: true, Required: true,
		Help: c.t("All: each run keeps its own data, and you see the change first"),
		Options: []Option{
			{Value: FixOne, Label: c.t("only #{number}", "number", number)},
			{Value: FixAlike, Label: c.t("all {n} alike", "n", n)},
		}}, f)
	return m
}

// FixedRun is what a change would do to one run.
type FixedRun struct {
	Number  int64
	Before  any           // the step's input as it was sent
	Ops     []patch.Op    // what is different afterwards
	Asks    []string      // groups that are asked again, because what is sent changes; nil: nobody
	Problem *engine.Error // why the change cannot be made there; nil: it can
}

// fixedShown is how many runs are shown one by one.
const fixedShown = 10

// FixPlan is the change for several runs before it is made: [Run all], [Run the first one first], [Back].
func FixPlan(c Ctx, flow string, step engine.StepView, runs []FixedRun, tok Tokens) Card {
	fit := 0
	same := true
	for _, r := range runs {
		if r.Problem == nil {
			fit++
		}
		same = same && r.Problem == nil && c.changes(r).String() == c.changes(runs[0]).String()
	}
	title := join(" · ", Line{flowName(flow)}, c.line("Change for {n} runs", "n", fit))
	b := c.card("fixplan:"+flow+"/"+step.Path, ToneWarn, tok, title)
	for i, r := range runs {
		if i == fixedShown {
			b.note(c.line("And {n} more", "n", len(runs)-i))
			break
		}
		if same && i == 0 {
			b.para(c.changes(r))
		}
		switch {
		case r.Problem != nil:
			b.para(c.line("#{number} stays as it is: {reason}", "number", r.Number, "reason", T(c.Lang, r.Problem.Msg, r.Problem.Args)))
		case !same:
			b.para(c.line("#{number}: {change}", "number", r.Number, "change", c.changes(r)))
		}
	}
	if len(runs) > 0 && same {
		b.note(c.line("For {numbers}; each keeps its own data.", "numbers", fixedNumbers(runs)))
	}
	for _, r := range runs {
		if r.Problem == nil && len(r.Asks) > 0 {
			b.para(append(text("⚠ "), c.line("{group} is asked again for each run that was approved, because what is sent changes.", "group", c.groups(r.Asks, false))...))
			break
		}
	}
	if fit > 0 {
		b.button("fix_all", c.t("Run all {n}", "n", fit), Primary)
	}
	for _, r := range runs {
		if fit > 1 && r.Problem == nil {
			b.button("fix_first", c.t("Run #{number} first", "number", r.Number), Normal)
			break
		}
	}
	return b.button("fix", "Back", Normal).done("")
}

func fixedNumbers(runs []FixedRun) string {
	list := make([]AlertRun, 0, len(runs))
	for _, r := range runs {
		list = append(list, AlertRun{Number: r.Number})
	}
	return numbers(list)
}

// changes is a change in words: `Body + "project": "WEB"`.
func (c Ctx) changes(r FixedRun) Line {
	var parts []Line
	for _, op := range r.Ops {
		parts = append(parts, c.change(r.Before, op))
	}
	if len(parts) == 0 {
		return c.line("nothing changes")
	}
	return join(" · ", parts...)
}

func (c Ctx) change(before any, op patch.Op) Line {
	if len(op.Path) == 0 {
		return text(jsonText(op.Set))
	}
	path := op.Path
	where := fieldLabel(path[0].Key)
	rest := patch.Name(path[1:])
	was, there := patch.At(before, path)
	name := where
	if rest != "" {
		name = where + " " + rest
	}
	switch {
	case op.Unset:
		return text(fmt.Sprintf("%s − %q", where, rest))
	case !there && rest != "":
		return text(fmt.Sprintf("%s + %q: %s", where, rest, clipped(op.Set)))
	case !there:
		return text(fmt.Sprintf("+ %s: %s", where, clipped(op.Set)))
	}
	return text(fmt.Sprintf("%s: %s → %s", name, clipped(was), clipped(op.Set)))
}

// clippedMost bounds a value in the words of a change, in characters.
const clippedMost = 120

func clipped(v any) string {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return ""
	}
	r := []rune(string(b))
	if len(r) > clippedMost {
		return string(r[:clippedMost-1]) + "…"
	}
	return string(r)
}

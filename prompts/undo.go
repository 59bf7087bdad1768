package prompts

import (
	"github.com/bretelle/bretelle/engine"
)

// UndoPlan is how a run can be taken back, before it is done: what would be done, the last thing first, and what stays and
// why.
func UndoPlan(c Ctx, p engine.UndoPlan, tok Tokens) Card {
	what := c.line("Undo #{number}", "number", p.Old.Number)
	if p.Step != "" {
		what = c.line("Undo {step} of #{number}", "step", p.Step, "number", p.Old.Number)
	}
	b := c.card("undo:"+p.Old.ID, ToneWarn, tok, join(" · ", Line{flowName(p.Old.Flow)}, what))
	var will, stays Facts
	for i, s := range p.Steps {
		if i == againShown {
			b.note(c.line("And {n} more", "n", len(p.Steps)-i))
			break
		}
		will.Facts = append(will.Facts, Fact{Label: s.Path, Value: text(c.risk(s.Risk) + " " + s.Line), Risky: s.Risk > engine.Read})
	}
	for i, s := range p.Cannot {
		if i == againShown {
			break
		}
		stays.Facts = append(stays.Facts, Fact{Label: s.Path, Value: c.line("stays: {reason}", "reason", T(c.Lang, s.Why.Msg, s.Why.Args))})
	}
	if len(will.Facts) > 0 {
		b.block(will)
	}
	if len(stays.Facts) > 0 {
		b.block(stays)
	}
	if len(p.Steps) == 0 {
		b.note(c.line("There is nothing that can be undone."))
		return b.done("")
	}
	b.note(c.line("It is a run of its own: what needs an approval asks for it."))
	return b.button("undo_run", "Undo", Danger).done("")
}

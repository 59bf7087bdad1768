package prompts

import (
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

// MoveFacts is what bringing runs to another version would do.
type MoveFacts struct {
	Flow    string
	Version int64
	Changes []engine.Text // between the version of the first of them and this one
	Runs    []MoveRun
	More    int // that wait and are not among Runs
}

// MoveRun is one of them: its plan, or why it stays.
type MoveRun struct {
	Old     engine.RunHead
	Plan    engine.AgainPlan
	Problem *engine.Error
}

// MovePlan shows which runs that wait can go on with another version, and what changes, before it is done.
func MovePlan(c Ctx, m MoveFacts, tok Tokens) Card {
	fit := 0
	for _, r := range m.Runs {
		if r.Problem == nil {
			fit++
		}
	}
	b := c.card("move:"+m.Flow, ToneWarn, tok, join(" · ", Line{flowName(m.Flow)}, c.line("Bring {n} runs that wait to version {version}", "n", fit, "version", m.Version)))
	if len(m.Runs) == 0 {
		b.note(c.line("No run waits on an older version."))
		return b.done("")
	}
	for i, t := range m.Changes {
		if i == againShown {
			break
		}
		b.para(c.words(t))
	}
	var list Facts
	for i, r := range m.Runs {
		if i == againShown {
			b.note(c.line("And {n} more", "n", len(m.Runs)-i))
			break
		}
		label := "#" + strconv.FormatInt(r.Old.Number, 10)
		if r.Problem != nil {
			list.Facts = append(list.Facts, Fact{Label: label, Value: c.line("stays: {reason}", "reason", T(c.Lang, r.Problem.Msg, r.Problem.Args))})
			continue
		}
		list.Facts = append(list.Facts, Fact{Label: label, Value: c.line("goes on at {step}", "step", r.Plan.From)})
	}
	b.block(list)
	if fit == 1 && len(m.Runs) == 1 {
		c.againSteps(b, m.Runs[0].Plan)
	}
	if m.More > 0 {
		b.note(c.line("And {n} more", "n", m.More))
	}
	if fit == 0 {
		return b.done("")
	}
	b.note(c.line("Each goes on as a new run that takes over all that was done. Open questions are asked anew; a wait that is the same ends when it would have, another one begins again."))
	return b.button("move_runs", c.t("Move {n}", "n", fit), Primary).done("")
}

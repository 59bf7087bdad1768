package prompts

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// againShown is how many steps of a plan to run again are shown one by one.
const againShown = 15

// AgainPlan is what running a run again would do, before it is done: which results are kept, which steps run, and what they
// would do. changed says that its event is another one.
func AgainPlan(c Ctx, p engine.AgainPlan, changed bool, tok Tokens) Card {
	what := c.line("Run #{number} again, with version {version}", "number", p.Old.Number, "version", p.Version)
	if p.From != "" {
		what = c.line("Run #{number} again from {step}, with version {version}", "number", p.Old.Number, "step", p.From, "version", p.Version)
	}
	b := c.card("again:"+p.Old.ID, ToneWarn, tok, join(" · ", Line{flowName(p.Old.Flow)}, what))
	c.againSteps(b, p)
	if p.Version != p.Old.Version {
		b.note(c.line("#{number} ran with version {version}.", "number", p.Old.Number, "version", p.Old.Version))
	}
	if changed {
		b.note(c.line("It begins with the event as you changed it."))
	}
	if !p.Old.State.Final() {
		b.note(c.line("#{number} has not ended: it is stopped when the new run begins.", "number", p.Old.Number))
	}
	b.note(c.line("Nothing that is kept is done again. Approvals are asked anew for what is sent."))
	return b.button("rerun", "Run again", Primary).button("again_event", "Change the event", Normal).done("")
}

// againSteps are what is kept and what runs.
func (c Ctx) againSteps(b *builder, p engine.AgainPlan) {
	var kept, differ []string
	for _, k := range p.Kept {
		if k.Index == 0 {
			continue // within a step that is kept
		}
		kept = append(kept, k.ID)
		if k.Differs {
			differ = append(differ, k.ID)
		}
	}
	if len(kept) > 0 {
		b.block(Facts{[]Fact{{Label: c.t("Kept"), Value: text(strings.Join(kept, ", "))}}})
	}
	if len(differ) > 0 {
		b.note(c.line("Kept although it would be given something else now: {steps}", "steps", strings.Join(differ, ", ")))
	}
	var runs Facts
	for i, s := range p.Steps {
		if i == againShown {
			break
		}
		label := s.ID
		if s.Index > 0 {
			label = strconv.Itoa(s.Index) + " " + s.ID
		}
		line := Line{}
		if r := c.risk(s.Risk); s.Risk > engine.Read && r != "" {
			line = append(line, text(r+" ")...)
		}
		what := s.Line
		if what == "" {
			what = c.kindName(s.Kind)
		}
		line = append(line, text(what)...)
		if s.Why != "" {
			line = join(" · ", line, c.line("done before, and once more: {reason}", "reason", c.t(s.Why)))
		} else if s.Repeat {
			line = join(" · ", line, c.line("done before, and once more"))
		}
		runs.Facts = append(runs.Facts, Fact{Label: label, Value: line, Risky: s.Risk > engine.Read})
	}
	if len(runs.Facts) > 0 {
		b.block(runs)
	}
	if n := len(p.Steps) - againShown; n > 0 {
		b.note(c.line("And {n} more", "n", n))
	}
}

// AgainForm asks for the event that a run begins with when it runs again; field "event".
func AgainForm(c Ctx, run engine.RunView, event map[string]any, token string, f Filled) (Form, error) {
	raw, err := engine.EncodeJSON(event)
	if err != nil {
		return Form{}, engine.AsError(err).WithOp("prompts.againForm")
	}
	m := c.runForm("again:"+run.ID, token, c.t("Run #{number} again", "number", run.Number), c.t("Next"), f)
	m.field(Field{Name: "event", Label: c.t("Event"), Kind: FieldText, Value: string(raw), Required: true}, f)
	return m, nil
}
